"""The series of a suite over its runs: each with its interval, never folded into one number."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from regrade import __version__
from regrade.analysis.rates import rate_estimate
from regrade.api.stored import load_run
from regrade.domain import Estimate, Json, Rate, RunHeader, Summary
from regrade.domain.errors import UnknownRunError
from regrade.online.monitors.tallying import TRACKED
from regrade.store import Store

TYPES = {
    kind: name
    for kind, name in TRACKED.items()
    if name in ("retrieval recall", "tool-call correctness")
}
"""Types of graders with a series of their own, besides the dimensions of a run."""
KEPT = "tracked"
"""What a run says for the series of its suite, as it is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRun:
    """One run as a point of every series of its suite."""

    run_id: str
    """The run."""
    label: str | None
    """Its label."""
    started_at: datetime
    """When it began."""
    target_version: str
    """The version of the system."""
    commit: str | None
    """The commit that it was made at."""
    subject: str | None
    """The first line of that commit's message."""
    dataset_version: str
    """The cases: between two versions rates are of different cases."""
    judges: str
    """The graders, by hash: between two of them rates are of different judges."""
    series: Mapping[str, Estimate]
    """By series, such as `pass_rate`, `criterion:grounded`, `latency_p95_s`."""
    slices: Mapping[str, Mapping[str, Estimate]]
    """The pass rate by tag and value."""
    regressed: int | None
    """Cases that passed in the finished run before and fail in this one; None for the first."""


def track(store: Store, suite: str, limit: int) -> list[TrackedRun]:
    """Give the newest finished runs of a suite as points of its series, the oldest first."""
    headers = [each for each in store.headers(limit + 1, suite) if each.status == "finished"]
    known = store.kept.all(KEPT, [each.run_id for each in headers])
    found = []
    for at, header in enumerate(headers[:limit]):
        before = headers[at + 1] if at + 1 < len(headers) else None
        version = version_of(header, before)
        kept, document = known.get(header.run_id, ("", None))
        if kept != version:
            document = _content(store, header, before)
            store.kept.put(KEPT, header.run_id, version, document)
        found.append(_restored(header, document))
    return found[::-1]


def version_of(header: RunHeader, before: RunHeader | None) -> str:
    """Name the state of everything that a point follows from."""
    return f"{__version__} {header.finished_at} {None if before is None else before.run_id}"


def finished(store: Store, suite: str) -> list[RunHeader]:
    """Give the newest finished run of a suite, and the one before it, as far as there are.

    Raises: UnknownRunError for a suite that never ran.
    """
    headers = store.headers(20, suite)
    if not headers:
        raise UnknownRunError(f"no suite {suite!r} has run; `regrade runs` lists all runs")
    return [each for each in headers if each.status == "finished"][:2]


def _content(store: Store, header: RunHeader, before: RunHeader | None) -> Json:
    summary = load_run(header.run_id, store=store).summary
    regressed = None
    if before is not None:
        earlier, now = (store.outcomes.of_run(each.run_id) for each in (before, header))
        regressed = sum(passed and now.get(key) is False for key, passed in earlier.items())
    return {
        "series": {
            name: _short(each) for name, each in (*_series(summary), *_by_type(store, header))
        },
        "slices": {
            tag: {value: _short(each) for value, each in values.items()}
            for tag, values in summary.slices.items()
        },
        "regressed": regressed,
    }


def _by_type(store: Store, header: RunHeader) -> Iterator[tuple[str, Estimate]]:
    """Estimate how often attempts pass all graders of a kind that has a series of its own, as summaries of live
    traffic do.
    """
    found: dict[str, dict[int, tuple[bool, int]]] = {}
    for kind, attempt, at, passed in store.outcomes.by_type(header.run_id, [*TYPES]):
        known = found.setdefault(TYPES[kind], {})
        known[attempt] = (passed and known.get(attempt, (True, at))[0], at)
    cases = store.dataset(header.dataset_version).cases if found else ()
    for name, judged in found.items():
        clusters = [cases[at].cluster or f"\0{cases[at].id}" for _, at in judged.values()]
        yield name, rate_estimate([passed for passed, _ in judged.values()], clusters)


def _short(each: Estimate) -> Json:
    return [each.value, each.low, each.high, each.n]


def _series(summary: Summary) -> Iterator[tuple[str, Estimate]]:
    operations = summary.operations
    yield "pass_rate", summary.pass_rate
    for name, rates in (
        ("criterion:", summary.criteria),
        ("", summary.dimensions),
        ("component:", summary.components),
    ):
        yield from _rates(name, rates)
    yield "latency_p50_s", operations.latency_p50
    yield "latency_p95_s", operations.latency_p95
    if operations.cost_usd is not None and summary.made:
        each = operations.cost_usd / summary.made
        yield "cost_usd", Estimate(each, None, None, summary.made)


def _rates(prefix: str, rates: Mapping[str, Rate]) -> Iterator[tuple[str, Estimate]]:
    for name, rate in rates.items():
        if rate.estimate.n:
            yield f"{prefix}{name}", rate.estimate


def _restored(header: RunHeader, content: Mapping[str, Json]) -> TrackedRun:
    revision = header.revision
    return TrackedRun(
        run_id=header.run_id,
        label=header.label,
        started_at=header.started_at,
        target_version=header.target_version,
        commit=None if revision is None else revision.commit,
        subject=None if revision is None else revision.subject,
        dataset_version=header.dataset_version,
        judges=header.suite_version,
        series={name: Estimate(*each) for name, each in content["series"].items()},
        slices={
            tag: {value: Estimate(*each) for value, each in values.items()}
            for tag, values in content["slices"].items()
        },
        regressed=content["regressed"],
    )


def names_of(runs: Sequence[TrackedRun]) -> list[str]:
    """Give the names of all series, in the order in which they first appear."""
    return list(dict.fromkeys(name for run in runs for name in run.series))
