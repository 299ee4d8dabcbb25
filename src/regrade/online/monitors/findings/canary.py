"""Two live versions compared while both run: stop the new one, promote it, or go on."""

from collections.abc import Sequence
from itertools import groupby

from regrade.domain.errors import UsageError
from regrade.domain.live import Series
from regrade.domain.live.findings import Canary, CanaryRow, CanaryVerdict
from regrade.stats.sequential.comparing import STOP, compare_streams
from regrade.store import Store

from .history import verdicts


def canary(
    store: Store,
    project: int,
    monitor: str,
    base: str,
    candidate: str,
    *,
    margin: float = 0.02,
    since_ms: int = 0,
) -> Canary:
    """Compare the traces of two versions, in the order in which they began; it may be asked at any time.

    The new version is stopped when it is shown to be worse in any criterion, which happens to one that is as good in
    at most one case of twenty, however often one looks; it is promoted when it is shown not to be worse by the margin
    in all.
    Raises: UsageError where one of the versions was not graded.
    """
    graded = store.live.decisions.by_version(project, monitor, (base, candidate), since_ms=since_ms)
    found: dict[Series, dict[str, list[bool]]] = {}
    seen = set()
    for (_, version), some in groupby(graded, key=lambda row: row[:2]):
        seen.add(version)
        for series, passed in verdicts([document for *_, document in some]).items():
            if series.kind in ("criterion", "grader"):
                found.setdefault(series, {base: [], candidate: []})[version].append(bool(passed))
    for version in (base, candidate):
        if version not in seen:
            raise UsageError(f"the monitor {monitor} graded no trace of the version {version!r}")
    rows = [
        CanaryRow(
            series=series,
            base=(sum(each[base]), len(each[base])),
            candidate=(sum(each[candidate]), len(each[candidate])),
            worse=streams.worse,
            not_worse=streams.not_worse,
        )
        for series, each in sorted(found.items(), key=lambda each: each[0].key)
        for streams in [compare_streams(each[base], each[candidate], margin)]
    ]
    return Canary(verdict=_verdict(rows), margin=margin, rows=rows)


def _verdict(rows: Sequence[CanaryRow]) -> CanaryVerdict:
    if any(row.worse >= STOP * len(rows) for row in rows):
        return "stop"
    if rows and all(row.not_worse >= STOP for row in rows):
        return "promote"
    return "go on"
