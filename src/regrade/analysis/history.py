"""The tracked series of a suite: one row a run, never one number for it all."""

from collections.abc import Iterator, Mapping, Sequence

from regrade.domain import Rate, Summary

Row = Mapping[str, str | float | int | None]
"""One run: its name, version, rates, times and cost."""
_DIMENSIONS = (
    "refusal_correctness",
    "schema_success",
    "parse_success",
    "context_utilization",
    "disallowed_content",
)


def history(summaries: Sequence[Summary], regressions: Mapping[str, int]) -> list[Row]:
    """Give the series of runs, the oldest first.

    `regressions` are the cases that passed in the run before and fail in this one, by run id. What a
    run does not say is None.
    """
    return [dict(_row(each, regressions.get(each.header.run_id))) for each in summaries]


def _row(summary: Summary, regressed: int | None) -> Iterator[tuple[str, str | float | int | None]]:
    header, operations = summary.header, summary.operations
    yield "run_id", header.run_id
    yield "label", header.label
    yield "started_at", header.started_at.isoformat(timespec="seconds")
    yield "commit", None if header.revision is None else header.revision.commit[:9]
    yield "target_version", header.target_version
    yield "dataset_version", header.dataset_version
    yield "pass_rate", summary.pass_rate.value
    yield "pass_rate_low", summary.pass_rate.low
    yield "pass_rate_high", summary.pass_rate.high
    yield "n", summary.pass_rate.n
    for name in _DIMENSIONS:
        yield name, _value(summary.dimensions.get(name))
    for name, rate in summary.components.items():
        yield f"component:{name}", _value(rate)
    for name, rate in summary.criteria.items():
        yield f"criterion:{name}", _value(rate)
    yield "latency_p50_s", operations.latency_p50.value
    yield "latency_p95_s", operations.latency_p95.value
    yield "cost_usd", operations.cost_usd
    yield "regressed", regressed


def _value(rate: Rate | None) -> float | None:
    return None if rate is None else rate.estimate.value


def columns(rows: Sequence[Row]) -> list[str]:
    """Give the names of all columns, in the order in which they first appear."""
    return list(dict.fromkeys(name for row in rows for name in row))
