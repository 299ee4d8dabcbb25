"""Texts that speak to their judge: marked, and never followed."""

from functools import cache
from typing import Any

_SHAPES = (
    r"\b(?:ignore|disregard|forget|override|skip)\b.{0,40}\b(?:instruction|rubric|criteria|prompt|rule|guideline|above|previous|prior|earlier)",
    r"\b(?:evaluator|grader|judge|reviewer|assessor|rater|examiner)s?\b.{0,60}\b(?:must|should|please|pass|give|rate|score|mark|approve|award|note|accept|kindly|return|output|answer|reply)\b",
    r"\b(?:give|award|assign|rate|score|mark|grade|return|output|set)\b.{0,40}\b(?:full (?:marks|score|credit)|top (?:marks|score)|maximum|highest|perfect|five out of five|5/5|10/10|pass(?:ed|ing)?\b|true\b|a 5\b)",
    r"[\"']?(?:pass|passed|verdict|score|scores)[\"']?\s*[:=]\s*[\"']?(?:true|pass|5|10|yes)\b",
    r"\b(?:as an ai|as a language model)\b.{0,40}\b(?:evaluat|grad|judg|assess)",
    r"</?(?:system|instructions?|rubric|answer|data|output|judge|verdict|assistant|user)\b[^>]{0,40}>|\[/?(?:INST|SYSTEM)\]|<\|(?:im_start|im_end|system|end)\|>",
    r"^\s*(?:system|assistant|developer|judge)\s*:",
    r"\b(?:new|updated|revised|real|actual|secret) (?:instructions?|task|rubric|criteria|system prompt)\b",
    r"\bthis (?:answer|response|reply|output|submission)\b.{0,40}\b(?:is|was|has been|deserves|should be|must be)\b.{0,30}\b(?:verified|approved|correct by definition|pre-approved|certified|perfect|full marks|a pass|passed|accepted)",
    r"\bend of (?:data|answer|output|input|submission|text)\b|\bbegin (?:new )?(?:instructions|system)\b",
    r"\b(?:bewerte|bewerten sie|gib)\b.{0,40}\b(?:volle|beste|maximal|bestanden|5)\b|\b(?:ignoriere|ignora|ignorez|ignoriert)\b|忽略.{0,10}(?:指示|说明|规则)|给.{0,6}(?:满分|通过)|(?:指示|ルール).{0,10}無視",
)
"""What such texts look like, in patterns for linear time."""


@cache
def _pattern() -> Any:
    """Compile all shapes as one pattern, where a judge first wants it."""
    import re2  # noqa: PLC0415  where judges are

    return re2.compile("(?ims)" + "|".join(f"(?:{shape})" for shape in _SHAPES))


def addresses_the_judge(text: str) -> str | None:
    """Give what in a text speaks to whoever judges it; None where nothing does."""
    found = _pattern().search(text)
    return None if found is None else str(found[0])[:120]
