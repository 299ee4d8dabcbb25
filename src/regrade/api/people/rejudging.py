"""Stored answers judged again, to see whether a judge changes its mind, or has moved away from people."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from regrade.domain import Attempt, Grade, Grader, Run, Suite, answer_key
from regrade.domain.errors import UsageError
from regrade.domain.grade import Rejudgement
from regrade.runner import regrading
from regrade.store import Store


async def judge_again(
    suite: Suite,
    run: Run,
    *,
    store: Store,
    answers: int = 50,
    times: int = 3,
    max_cost_usd: float | None = None,
) -> int:
    """Have the judges of a suite judge stored answers again, without the cache, and keep what they say;
    gives how many answers there were.

    Answers that people labelled come first, always the same ones; a limit of cost ends it early.
    Raises: UsageError where nothing judges, or other judges than those of the run.
    """
    from regrade.analysis.calibration.items import judge_keys, judge_of  # noqa: PLC0415  numpy, scipy

    found = 0
    now = datetime.now(UTC)
    keys = judge_keys(run)
    if not keys:
        raise UsageError(f"no language model judges in the run {run.header.run_id}")
    for criterion, judge in keys.items():
        graders = [g for g in suite.graders if _speaks_for(g, criterion)]
        key = judge_of([grader.spec for grader in graders])
        if key != judge:
            raise UsageError(
                f"the judge of {criterion} is another one than in the run {run.header.run_id}: judge that run anew "
                f"first, with `regrade grade {run.header.run_id}`"
            )
        chosen = _chosen(run, criterion, answers, store)
        again: list[Rejudgement] = []
        async with regrading(
            [attempt for attempt in chosen for _ in range(times)],
            graders,
            concurrency=suite.settings.concurrency,
            cache=None,
            components=suite.outline.components,
            max_cost_usd=max_cost_usd,
        ) as judged:
            async for batch in judged.batches:
                again += [_rejudgement(a, criterion, key, suite.outline.name, now) for a in batch]
        store.labels.add_again(again)
        found += len({(each.pairing_key, each.answer) for each in again})
    return found


def _speaks_for(grader: Grader, criterion: str) -> bool:
    from regrade.analysis.calibration import JUDGES  # noqa: PLC0415  numpy and scipy

    return grader.spec.criterion == criterion and grader.spec.identity.type in JUDGES


def _chosen(run: Run, criterion: str, answers: int, store: Store) -> list[Attempt]:
    """Choose answers that judges judged: labelled ones first, at random, and always alike."""
    from regrade.analysis.calibration import items_of  # noqa: PLC0415  numpy and scipy

    labels = store.labels.of(run.header.suite.name)
    known = {(each.pairing_key, each.answer) for each in labels if each.criterion == criterion}
    judged = {item.place for item in items_of(run, criterion)}
    attempts: dict[tuple[str, str], Attempt] = {}
    for attempt in run.attempts:
        place = (attempt.case.pairing_key, answer_key(attempt.trace))
        if place in judged:
            attempts.setdefault(place, attempt)
    places = sorted(attempts)
    random.Random(0).shuffle(places)  # noqa: S311  which ones, not a secret
    places.sort(key=lambda place: place not in known)
    return [attempts[place] for place in places[:answers]]


def _rejudgement(
    attempt: Attempt, criterion: str, judge: str, suite: str, now: datetime
) -> Rejudgement:
    return Rejudgement(
        suite=suite,
        criterion=criterion,
        judge=judge,
        pairing_key=attempt.case.pairing_key,
        answer=answer_key(attempt.trace),
        passed=_passed(attempt),
        served=_served(attempt.grades),
        judged_at=now,
    )


def _passed(attempt: Attempt) -> bool | None:
    """Give what all judges of an answer say; None where one of them said nothing."""
    said = [grade.passed for grade in attempt.grades]
    return None if attempt.failures or None in said or not said else all(said)


def _served(grades: Sequence[Grade]) -> str | None:
    names = {str(name) for grade in grades for name in (grade.details or {}).get("served", ())}
    return ", ".join(sorted(names)) or None
