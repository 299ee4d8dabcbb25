"""The answer is close enough to a reference."""

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Literal

from regrade.domain import Case, Embedder, Grade, GraderIdentity, Json, Trace, as_text
from regrade.graders.check import Check, Probe, filled_list, probe
from regrade.graders.text.comparison import ANSWER
from regrade.graders.wording import normalised, quoted

from .measures import MEASURES

Metric = Literal[
    "levenshtein", "token_f1", "rouge1", "rouge2", "rougeL", "bleu", "chrf", "meteor", "cosine"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Similarity(Check):
    """The answer is at least as close to a reference as asked for.

    Reads the output as text. Of several references the closest counts. Measures go from 0 to 1 and
    are shares of the texts' length, never absolute distances; each is defined on this page. Close
    is not correct: a “not” more or less hardly moves any of them, so use this where no exact
    grader fits. `cosine` compares embeddings and needs an `embedder`. Abstains without a
    reference. Score: the measure.
    """

    type: ClassVar[str] = "similarity"
    probes: ClassVar[tuple[Probe, ...]] = (
        probe(
            "The cat sat.",
            "pass",
            expected={"answer": "the cat sat"},
            metric="token_f1",
            min=1.0,
        ),
        probe("kitten", "pass", expected={"answer": "sitting"}, metric="levenshtein", min=0.57),
        probe("kitten", "fail", expected={"answer": "sitting"}, metric="levenshtein", min=0.58),
        probe(
            "police killed the gunman",
            "pass",
            expected={"answer": ["the gunman was shot", "police kill the gunman"]},
            metric="rougeL",
            min=0.75,
        ),
        probe("x", "fail", expected={"answer": "cats run"}, metric="bleu", min=0.1),
        probe("the dog ran", "pass", expected={"answer": "the dogs ran"}, metric="meteor", min=0.9),
        probe("colour", "fail", expected={"answer": "color"}, metric="chrf", min=0.9),
        probe("x", "abstain", metric="rouge1", min=0.5),
    )

    expected: Json = ANSWER
    """The reference: a text, a list of texts, or a template."""
    metric: Metric
    """The measure."""
    min: float
    """The least similarity that passes, from 0 to 1."""
    ignore_case: bool = False
    """Whether capitals and small letters are the same, for measures that tell them apart."""
    normalize: bool = True
    """Whether quotes, dashes, spaces and Unicode forms are brought to one spelling first."""
    embedder: Embedder | None = field(default=None, metadata={"embedder": True})
    """For `cosine`: the folder of a static embedding model (`tokenizer.json` and
    `model.safetensors`), or `provider:model` of an OpenAI-compatible endpoint."""

    def __post_init__(self) -> None:
        if not 0 <= self.min <= 1:
            raise ValueError(f"`min` is {self.min}; similarities go from 0 to 1")
        if (self.metric == "cosine") is not (self.embedder is not None):
            raise ValueError(
                "the metric cosine needs an `embedder`, and no other metric has use for one"
            )

    @property
    def is_costly(self) -> bool:
        """Whether judging again costs more than looking the grade up."""
        return self.embedder is not None

    def identity(self) -> GraderIdentity:
        """Hash the options, and the embedder's name for itself."""
        if self.embedder is None:
            return Check.identity(self)
        plain = Check.identity(dataclasses.replace(self, metric="rouge1", embedder=None))
        options = {**plain.options, "metric": self.metric, "embedder": self.embedder.version}
        return dataclasses.replace(plain, options=options)

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Measure against each reference."""
        references = [as_text(each) for each in filled_list(self.expected, case, trace)]
        answer = self._spelt(trace.output_text)
        spelt = [self._spelt(each) for each in references]
        if self.embedder is None:
            title = MEASURES[self.metric].title
            values = [MEASURES[self.metric].of(answer, each) for each in spelt]
        else:
            title = "cosine similarity"
            mine, *theirs = await self.embedder.embed([answer, *spelt])
            values = [cosine(mine, each) for each in theirs]
        best = max(range(len(values)), key=values.__getitem__)
        score = values[best]
        against = quoted(references[best])
        if score >= self.min - 1e-12:
            return Grade(
                True, f"The {title} with {against} is {score:.3g}, at least {self.min:g}.", score
            )
        return Grade(
            False, f"The {title} with {against} is {score:.3g}, below {self.min:g}.", score
        )

    def _spelt(self, text: str) -> str:
        if self.normalize:
            return normalised(text, ignore_case=self.ignore_case)
        return text.casefold() if self.ignore_case else text


def cosine(a: Sequence[float], b: Sequence[float]) -> float:
    """Give the cosine of the angle between two vectors; 0 where one of them is nothing."""
    if len(a) != len(b):
        raise ValueError(f"the embedder gave vectors of {len(a)} and {len(b)} numbers")
    lengths = math.hypot(*a) * math.hypot(*b)
    return math.fsum(x * y for x, y in zip(a, b, strict=True)) / lengths if lengths else 0.0
