"""Judges measured against what people said."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from regrade.domain import Grader, Label, Run, Suite, as_text
from regrade.store import Store

from .solving import solver_of

if TYPE_CHECKING:
    from regrade.analysis.calibration import Calibration, PeopleAgreement


@dataclass(frozen=True, slots=True)
class Measured:
    """A judge and the people it was measured against."""

    calibration: "Calibration"
    """What people say of the judge."""
    people: "PeopleAgreement"
    """How far they agree with each other."""
    newest_age_s: float | None
    """Seconds since the newest label; None without one."""


def measure_judges(run: Run, *, store: Store, suite: Suite | None = None) -> "list[Measured]":
    """Measure the judges of a run against the labels of its suite, one for each criterion that they
    speak for. With the suite, answers that stand in a judge's own prompt are left out.
    """
    if not run.summary.judges:  # such runs read no attempt, no label, and load no numpy
        return []
    from regrade.analysis.calibration import people_agreement  # noqa: PLC0415  numpy and scipy
    from regrade.analysis.calibration.items import judge_keys  # noqa: PLC0415  the same

    labels = store.labels.of(run.header.suite.name)
    shown = frozenset(_shown(suite.graders)) if suite else frozenset()
    now = run.header.finished_at or run.header.started_at
    found = []
    for criterion, judge in judge_keys(run).items():
        own = [label for label in labels if label.criterion == criterion]
        newest = max((label.labelled_at for label in own), default=None)
        found.append(
            Measured(
                _calibration(run, criterion, judge, own, shown, store),
                people_agreement(labels, criterion),
                None if newest is None else max(0.0, (now - newest).total_seconds()),
            )
        )
    return found


def _calibration(
    run: Run,
    criterion: str,
    judge: str,
    labels: Sequence[Label],
    shown: frozenset[str],
    store: Store,
) -> "Calibration":
    from regrade.analysis.calibration import (  # noqa: PLC0415  numpy and scipy
        Evidence,
        calibrate,
        consensus,
        human_scores,
        items_of,
        judged_again,
    )
    from regrade.graders.judge.judge import is_own_family  # noqa: PLC0415  showing a run loads no grader

    items = items_of(run, criterion)
    human = consensus(labels, criterion)
    again = [
        each for each in store.labels.again(run.header.suite.name, criterion) if each.judge == judge
    ]
    models = dict.fromkeys(model for item in items for model in item.judges)
    return calibrate(
        criterion,
        items,
        human,
        Evidence(
            shown=shown,
            scores=human_scores(labels, criterion),
            is_own=is_own_family,
            again=judged_again(items, human, again) if again else None,
            solver=solver_of(run, models, store=store),
        ),
    )


def judge_notes(run: Run, *, store: Store, suite: Suite | None = None) -> list[str]:
    """Say of every judge's rate what people would say: corrected, or uncalibrated."""
    measured = measure_judges(run, store=store, suite=suite)
    if not measured:
        return []
    from regrade.analysis.calibration import calibration_words  # noqa: PLC0415  numpy and scipy

    return [words for each in measured for words in calibration_words(each.calibration)]


def _shown(graders: Iterable[Grader]) -> Iterator[str]:
    """Give the answers that judges are shown as examples."""
    from regrade.graders.judge.judge import JudgeCheck  # noqa: PLC0415  showing a run loads no grader

    for grader in graders:
        if isinstance(grader, JudgeCheck):
            for example in grader.read().examples:
                yield from (as_text(value) for value in example.sees.values())
        yield from _shown(getattr(grader, "graders", ()))
