"""What a judge said of each answer, and what people said of it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import Attempt, Label, Run, answer_key, as_text

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """An answer that both a judge and people judged."""

    item: Item
    """What the judge says."""
    human: bool
    """What people say."""


def judged_criteria(run: Run) -> list[str]:
    """Name the criteria for which language models speak in a run."""
    found: dict[str, None] = {}
    for attempt in run.attempts:
        for grade in attempt.grades:
            spec = grade.spec
            if spec and spec.criterion and spec.identity.type in JUDGES:
                found[spec.criterion] = None
    return [*found]


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
    )


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


def labelled(items: Sequence[Item], human: Mapping[Place, bool]) -> list[Labelled]:
    """Bring both together."""
    return [Labelled(item=item, human=human[item.place]) for item in items if item.place in human]
