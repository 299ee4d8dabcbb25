"""Judges beside people: how far they agree, since when, and what they cost."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from regrade import __version__
from regrade.api.people.calibrating import measure_judges
from regrade.api.stored import load_run
from regrade.domain import Estimate, Json, JudgeSummary, Label, RunHeader
from regrade.online import watched
from regrade.stats import wilson
from regrade.store import Store

from .listing import listing
from .reviewing import MONITOR, queue, source_of
from .tracked import finished

KEPT = "judges"


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekOfLabels:
    """The labels of one week beside a judge."""

    monday: datetime
    """When it began."""
    agree: Estimate
    """The share of the labels that say what the judge said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeNow:
    """A judge beside people."""

    source: str
    """The run, or `monitor:NAME`."""
    suite: str
    """What its labels are kept under."""
    criterion: str
    """What it speaks for."""
    measured: Mapping[str, Any]
    """As `regrade calibrate --json` gives it; empty for live traffic, where only agreement is told."""
    words: Sequence[str]
    """The same in sentences."""
    weeks: Sequence[WeekOfLabels]
    """Its agreement with people over time, by when they labelled."""
    agree: Estimate
    """Its agreement with people in all."""
    summary: JudgeSummary | None
    """What it did in the run: who answered, what it cost."""


def judges_now(store: Store, project: int) -> list[JudgeNow]:
    """Give every judge of the newest runs, and of live traffic, beside people."""
    found: list[JudgeNow] = []
    for each in store.outcomes.suites():
        headers = finished(store, each.suite)
        if headers:
            found += _of_run(store, headers[0])
    for monitor in watched(store, project):
        found += _of_monitor(store, project, f"{MONITOR}{monitor.monitor.name}")
    return found


def _of_run(store: Store, header: RunHeader) -> Iterator[JudgeNow]:
    run = load_run(header.run_id, store=store)
    if not run.summary.judges:
        return
    labels = store.labels.of(header.suite.name)
    version = f"{__version__} {header.finished_at} {store.labels.newest(header.suite.name)}"
    known = store.kept.get(KEPT, header.run_id, version)
    if known is None:
        known = _measured(store, header)
        store.kept.put(KEPT, header.run_id, version, known)
    rows = listing(store, header)
    by_criterion = {each.criterion: each for each in run.summary.judges.values()}
    for criterion, (words, measured) in known.items():
        verdicts = {
            (r.key, r.answer_key): r.criteria[criterion] for r in rows if criterion in r.criteria
        }
        own = [each for each in labels if each.criterion == criterion]
        yield JudgeNow(
            source=header.run_id,
            suite=header.suite.name,
            criterion=criterion,
            measured=measured,
            words=words,
            weeks=[*_weeks(own, verdicts)],
            agree=_agreement(own, verdicts),
            summary=by_criterion.get(criterion),
        )


def _measured(store: Store, header: RunHeader) -> Json:
    from regrade.analysis.calibration import calibration_words  # noqa: PLC0415  numpy and scipy
    from regrade.report.calibration import calibration_document  # noqa: PLC0415  the same

    found = measure_judges(load_run(header.run_id, store=store), store=store)
    document: Any = calibration_document(header, found)
    return {
        each.calibration.criterion: [
            [*calibration_words(each.calibration)],
            document["criteria"][each.calibration.criterion],
        ]
        for each in found
    }


def _of_monitor(store: Store, project: int, name: str) -> Iterator[JudgeNow]:
    """Give what people said of live traffic; a monitor of which nobody labelled anything is left out."""
    labels = store.labels.of(name)
    if not labels:
        return
    source = source_of(store, project, name)
    for criterion in source.criteria:
        own = [each for each in labels if each.criterion == criterion]
        if own:
            found = queue(store, project, source, criterion, who="", n=0)
            verdicts = found.verdicts
            yield JudgeNow(
                source=name,
                suite=name,
                criterion=criterion,
                measured={},
                words=(),
                weeks=[*_weeks(own, verdicts)],
                agree=_agreement(own, verdicts),
                summary=None,
            )


def _weeks(
    labels: Sequence[Label], verdicts: Mapping[tuple[str, str], bool]
) -> Iterator[WeekOfLabels]:
    weeks: dict[datetime, list[Label]] = {}
    for label in labels:
        day = label.labelled_at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        weeks.setdefault(day - timedelta(days=day.weekday()), []).append(label)
    for monday, some in sorted(weeks.items()):
        agree = _agreement(some, verdicts)
        if agree.n:
            yield WeekOfLabels(monday=monday, agree=agree)


def _agreement(labels: Sequence[Label], verdicts: Mapping[tuple[str, str], bool]) -> Estimate:
    """Estimate how often what people say is what the judge says; unsure ones are left out."""
    newest = {(e.pairing_key, e.answer, e.who): e for e in labels}
    same = [
        (label.verdict == "pass") is verdicts[label.pairing_key, label.answer]
        for label in newest.values()
        if label.verdict != "unsure" and (label.pairing_key, label.answer) in verdicts
    ]
    n = len(same)
    value = sum(same) / n if n else None
    return Estimate(value, *wilson(sum(same), n), n, method="wilson")
