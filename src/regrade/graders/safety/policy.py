"""A content policy: named categories of what must not be said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from regrade.domain import NOT_CAPTURED, Case, Grade, Json, Trace
from regrade.graders.check import Check, Probe, ProbeOutcome
from regrade.graders.text.patterns import find
from regrade.graders.wording import normalised, quoted, speaks_of

_CATEGORIES: Json = {
    "legal-advice": ["you should sue", "lawsuit*"],
    "promises": {"phrases": ["guaranteed"], "patterns": [r"\b100 ?% (?:safe|risk.free)"]},
}


def _probe(output: Json, gives: ProbeOutcome) -> Probe:
    options = {"categories": _CATEGORIES}
    return Probe(case=Case(input="probe"), trace=Trace(output=output), gives=gives, options=options)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(Check):
    """The answer holds nothing that the policy names, in any of its categories.

    Reads the output as text. A category is a list of words and phrases, found as wholes whatever
    their capitals (`lawsuit*` stands for every word that begins so), or an object with `phrases` and
    with `patterns`, regular expressions of the kind that `matches` takes, whose capitals do not
    count either. Reports give the rate of each category. Abstains only when no output was captured.
    Score: none. Label: the categories found, joined by commas. Issues: each category with what it
    was found by.
    """

    type: ClassVar[str] = "policy"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("It depends on your contract.", "pass"),
        _probe("You should SUE them.", "fail"),
        _probe("Lawsuits take years.", "fail"),
        _probe("It is 100 % risk-free.", "fail"),
        _probe("Guaranteed: no lawsuit.", "fail"),
        _probe(NOT_CAPTURED, "abstain"),
    )

    categories: Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]
    """Category to its phrases, or to an object with `phrases` and `patterns`."""

    def __post_init__(self) -> None:
        if not self.categories:
            raise ValueError("policy needs `categories`: what must not be said, by name")
        for name, content in self.categories.items():
            if "," in name:
                raise ValueError(f"the category {name!r} has a comma in its name")
            if isinstance(content, Mapping) and (odd := {*content} - {"phrases", "patterns"}):
                raise ValueError(
                    f"the category {name!r} has {', '.join(sorted(odd))}; it may have phrases and patterns"
                )
            if not _phrases(content) and not _patterns(content):
                raise ValueError(f"the category {name!r} names nothing")
            for pattern in _patterns(content):
                find(pattern, "", full=False, ignore_case=True)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Look for every category."""
        spaced = normalised(trace.output_text, keep_spaces=True)
        text = normalised(spaced, ignore_case=True)
        found = {
            name: hit
            for name, content in self.categories.items()
            if (hit := _found(content, text, spaced)) is not None
        }
        if not found:
            return Grade(True, "The answer holds nothing that the policy names.")
        issues = tuple(f"{name}: {quoted(hit, 60)}" for name, hit in found.items())
        return Grade(
            False,
            f"The answer holds what the policy disallows: {', '.join(issues[:3])}.",
            label=", ".join(found),
            issues=issues,
        )


def _found(
    content: Sequence[str] | Mapping[str, Sequence[str]], text: str, spaced: str
) -> str | None:
    for phrase in _phrases(content):
        if speaks_of(text, phrase):
            return phrase
    for pattern in _patterns(content):
        if (hit := find(pattern, spaced, full=False, ignore_case=True)) is not None:
            return hit
    return None


def _phrases(content: Sequence[str] | Mapping[str, Sequence[str]]) -> Sequence[str]:
    return content.get("phrases", ()) if isinstance(content, Mapping) else content


def _patterns(content: Sequence[str] | Mapping[str, Sequence[str]]) -> Sequence[str]:
    return content.get("patterns", ()) if isinstance(content, Mapping) else ()
