"""What every report of a comparison says, said once."""

from collections.abc import Iterator

from regrade.domain import SMALLEST_CHANGE, CaseChange, Comparison, Delta, Ratio
from regrade.report.plain import one_line
from regrade.report.words import of, percent

VERDICTS = {
    "better": "better",
    "worse": "worse",
    "equivalent": "equivalent within the margin",
    "not_enough_evidence": "not enough evidence",
    "not_comparable": "not comparable",
}
"""A verdict in words."""
MARKS = {
    "better": "✅",
    "worse": "❌",
    "equivalent": "🟰",
    "not_enough_evidence": "❔",
    "not_comparable": "🚫",
}
"""A verdict as a sign."""
MOST_CELLS = 8
"""Criteria in slices that are told."""
SHIP = {"yes": "yes", "no": "no", "undecided": "undecided"}
"""Whether to ship, in words."""


def points(value: float | None) -> str:
    """Write a difference of rates in percentage points."""
    return "–" if value is None else f"{value * 100:+.1f} pp"


def interval(delta: Delta) -> str:
    """Write the interval of a difference."""
    if delta.low is None or delta.high is None:
        return "too few to tell"
    return f"{points(delta.low)} … {points(delta.high)}"


def headline(found: Comparison) -> str:
    """Say in one line what the comparison shows."""
    delta = found.pass_rate
    said = VERDICTS[found.verdict]
    if delta.delta is None:
        return f"{said}: no case was judged by both"
    rates = f"{percent(delta.baseline)} → {percent(delta.candidate)}"
    return f"{said}: {rates} ({points(delta.delta)}, {interval(delta)}) on {of(delta.n, 'case')}"


def evidence(found: Comparison) -> str:
    """Say what the comparison could have seen, and what would tell more."""
    drop = found.minimum_detectable_drop
    seen = "no drop of any size" if drop is None else f"drops from {drop * 100:.1f} points on"
    parts = [f"with {of(found.pass_rate.n, 'case')} of this kind, {seen} can be shown (power 80 %)"]
    if found.pass_rate.more:
        change = f"{(found.pass_rate.margin or SMALLEST_CHANGE) * 100:.0f} points"
        parts.append(f"about {found.pass_rate.more:,} cases more would show a change of {change}")
    return "; ".join(parts)


def verdict_of(delta: Delta) -> str:
    """Write a verdict, and whether it is worth a look without being one."""
    said = VERDICTS[delta.verdict]
    margin = delta.margin
    if delta.verdict == "worse" and margin and delta.low is not None and delta.low > -margin:
        return f"worse, within your margin of {margin * 100:.1f} points"
    if delta.worth_a_look and delta.verdict == "not_enough_evidence":
        return "worth a look, not proven"
    return said


def cells_that_stand_out(found: Comparison) -> Iterator[tuple[str, Delta]]:
    """Give the criteria that stand out in slices, by name, the surest first."""
    cells = [
        (f"{one_line(name, 60)} in {one_line(tag, 40)} {one_line(value, 40)}", each)
        for name, tags in found.cells.items()
        for tag, values in tags.items()
        for value, each in values.items()
        if each.worth_a_look and each.verdict != "not_comparable"
    ]
    yield from sorted(cells, key=lambda cell: (cell[1].p or 0.0, cell[0]))


def standing_out(found: Comparison) -> Iterator[str]:
    """Say which criteria stand out in which slices, the surest first."""
    cells = [*cells_that_stand_out(found)]
    for where, each in cells[:MOST_CELLS]:
        seen = f"{points(each.delta)} ({interval(each)}) on {of(each.n, 'case')}"
        yield f"{where}: {seen}, {verdict_of(each)}"
    if len(cells) > MOST_CELLS:
        yield f"and {len(cells) - MOST_CELLS} more"


def change(found: CaseChange) -> str:
    """Write how a case moved."""
    if found.before[1] == found.after[1] == 1:
        return "pass → fail" if found.before[0] else "fail → pass"
    return f"{found.before[0]}/{found.before[1]} → {found.after[0]}/{found.after[1]}"


def latency(found: Comparison) -> str:
    """Say what became of the latency."""
    ratio = found.operations.latency
    if ratio.value is None:
        return "latency unknown in one of the runs"
    words = f"latency × {_ratio(ratio)} per case (geometric mean of {of(ratio.n, 'case')})"
    p95 = found.operations.latency_p95
    if p95.value is not None:
        words += f", p95 × {_ratio(p95)}"
    if not found.operations.interleaved:
        words += "; the runs were not made at the same time, so that this may be the provider's"
    return words


def cost(found: Comparison) -> str:
    """Say what became of the cost."""
    ratio = found.operations.cost
    if ratio.value is None:
        return "cost unknown in one of the runs"
    return (
        f"cost × {_ratio(ratio)} (${ratio.baseline or 0:.4f} → ${ratio.candidate or 0:.4f} a case)"
    )


def _ratio(ratio: Ratio) -> str:
    high = "…" if ratio.high is None else f"{ratio.high:.2f}"
    return f"{ratio.value:.2f} [{ratio.low:.2f}, {high}]"


def categories(found: Comparison) -> Iterator[str]:
    """Say which kinds of failures became more, or else which moved."""
    for name, each in found.failure_categories.items():
        if each.increased:
            yield f"{one_line(name, 80)}: {each.before} → {each.after} cases"


def concentrated(found: Comparison) -> Iterator[str]:
    """Say where regressions concentrate."""
    for each in found.concentrations:
        where = f"{one_line(each.tag, 40)} {one_line(each.value, 40)}"
        yield f"{each.regressed} of {each.of} regressions are {where}"


def unmatched(found: Comparison) -> str:
    """Say which cases were not compared, and what they do to the runs' own rates."""
    parts = [
        f"{len(ids)} {what}"
        for what, ids in (
            ("changed", found.changed),
            ("added", found.added),
            ("removed", found.removed),
        )
        if ids
    ]
    if found.unjudged:
        parts.append(f"{found.unjudged} not judged by both")
    if not parts:
        return ""
    said = f"Not compared: {', '.join(parts)}."
    if found.split is None:
        return said
    split = found.split
    return (
        f"{said} The runs' own rates differ by {points(split.total)} = {points(split.matched)} matched "
        f"{points(split.added)} added {points(split.removed)} removed."
    )


def attribution(found: Comparison) -> Iterator[str]:
    """Say of each component what it has to do with the change."""
    for name, each in found.attribution.items():
        if each.first_before or each.first_after:
            own = each.own_delta
            ends = "" if own.low is None else f" [{points(own.low)}, {points(own.high)}]"
            yield (
                f"{one_line(name, 60)}: first failures {each.first_before} → {each.first_after} "
                f"({points(each.first_delta.value)}); by itself {points(own.value)}{ends}"
            )
