"""What a judge said of each answer, and what people said of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from regrade.domain import (
    Attempt,
    Grade,
    GraderSpec,
    Label,
    Run,
    answer_key,
    as_text,
    content_hash,
)

JUDGES = frozenset({"judge", "pairwise", "panel", "cascade"})
"""Types of graders that ask language models."""
Place = tuple[str, str]
"""A pairing key, and the hash of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An answer that a judge judged."""

    case: str
    """The case's id."""
    place: Place
    """What was asked, and what was answered."""
    passed: bool
    """What the judges say of the criterion."""
    score: float | None
    """The judge's score, where it has one."""
    slices: Mapping[str, str]
    """The case's tags."""
    length: int
    """Characters of the answer."""
    text: str
    """The answer."""
    model: str | None = None
    """The language model that answered, where the trace says so."""
    judges: tuple[str, ...] = ()
    """The language models that judged."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What they say of each dimension."""
    scales: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The lowest and the highest of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An answer that both a judge and people judged."""

    item: Item
    """What the judge says."""
    human: bool
    """What people say."""


def judged_criteria(run: Run) -> list[str]:
    """Name the criteria for which language models speak in a run."""
    return [*judge_keys(run)]


def judge_of(specs: Iterable[GraderSpec]) -> str:
    """Give the key of all judges that speak for one criterion together."""
    return content_hash(sorted({spec.identity_key for spec in specs}))


def judge_keys(run: Run) -> dict[str, str]:
    """Give the key of the judges of every criterion for which language models speak in a run."""
    found: dict[str, dict[str, GraderSpec]] = {}
    for attempt in run.attempts:
        for grade in attempt.grades:
            spec = grade.spec
            if spec and spec.criterion and spec.identity.type in JUDGES:
                found.setdefault(spec.criterion, {})[spec.identity_key] = spec
    return {criterion: judge_of(specs.values()) for criterion, specs in found.items()}


def items_of(run: Run, criterion: str, *, any_grader: bool = False) -> list[Item]:
    """Give every answer of a run once, with what the judges of a criterion say of it, or all of its
    graders.
    """
    found: dict[Place, Item] = {}
    for attempt in run.attempts:
        item = _item(attempt, criterion, any_grader=any_grader)
        if item is not None:
            found.setdefault(item.place, item)
    return [*found.values()]


def _item(attempt: Attempt, criterion: str, *, any_grader: bool) -> Item | None:
    grades = [
        grade
        for grade in attempt.grades
        if grade.spec
        and grade.spec.criterion == criterion
        and (any_grader or grade.spec.identity.type in JUDGES)
        and grade.passed is not None
    ]
    if not grades:
        return None
    scores = [grade.score for grade in grades if grade.score is not None]
    text = as_text(attempt.trace.output) if attempt.trace.is_captured else ""
    return Item(
        case=attempt.case.id,
        place=(attempt.case.pairing_key, answer_key(attempt.trace)),
        passed=all(grade.passed for grade in grades),
        score=scores[0] if len(scores) == 1 else None,
        slices=attempt.case.dimensions,
        length=len(text),
        text=text,
        model=_model(attempt),
        **_details(grades),
    )


def _model(attempt: Attempt) -> str | None:
    """Name the model that answered: as the target says, else the last one that was called."""
    said = attempt.trace.metadata.get("model")
    if isinstance(said, str):
        return said
    called = [span.model for span in attempt.trace.llm_calls if span.model]
    return called[-1] if called else None


def _details(grades: Sequence[Grade]) -> dict[str, Any]:
    """Give what judges say beside their verdict."""
    found: list[Mapping[str, Any]] = [grade.details for grade in grades if grade.details]
    return {
        "judges": tuple(dict.fromkeys(name for each in found for name in each.get("asked", ()))),
        "scores": {n: float(s) for each in found for n, s in each.get("scores", {}).items()},
        "scales": {
            name: (float(low), float(high))
            for each in found
            for name, (low, high) in each.get("scales", {}).items()
        },
    }


def latest(labels: Iterable[Label], criterion: str) -> dict[Place, dict[str, Label]]:
    """Give what each person says of each answer, as last said."""
    found: dict[Place, dict[str, Label]] = {}
    for label in sorted(labels, key=lambda each: each.labelled_at):
        if label.criterion == criterion:
            found.setdefault((label.pairing_key, label.answer), {})[label.who] = label
    return found


def consensus(labels: Iterable[Label], criterion: str) -> dict[Place, bool]:
    """Give what most people say of each answer; a tie, and unsure alone, say nothing."""
    found: dict[Place, bool] = {}
    for place, said in latest(labels, criterion).items():
        votes = Counter(label.verdict for label in said.values())
        if votes["pass"] != votes["fail"]:
            found[place] = votes["pass"] > votes["fail"]
    return found


def human_scores(labels: Iterable[Label], criterion: str) -> dict[Place, dict[str, float]]:
    """Give the mean of what people say of each dimension of each answer."""
    found: dict[Place, dict[str, float]] = {}
    for place, said in latest(labels, criterion).items():
        values: dict[str, list[float]] = {}
        for label in said.values():
            for name, score in label.scores.items():
                values.setdefault(name, []).append(score)
        if values:
            found[place] = {name: fmean(some) for name, some in values.items()}
    return found


def labelled(items: Sequence[Item], human: Mapping[Place, bool]) -> list[Labelled]:
    """Bring both together."""
    return [Labelled(item=item, human=human[item.place]) for item in items if item.place in human]
