"""Whether a change is worth shipping: quality against its margins, then what it costs."""

from collections.abc import Iterator

from regrade.domain import Comparison, Delta, Ship


def worth_shipping(found: Comparison) -> tuple[Ship, tuple[str, ...]]:
    """Weigh quality against its margins, critical cases, latency and cost; quality decides.

    `no` for a drop that is shown and not within its margin, or a critical case that went from pass
    to fail; `yes` where the pass rate is better, or equivalent within its margin, and nothing fell;
    `undecided` otherwise.
    """
    reasons: list[str] = []
    against = [*_against(found)]
    reasons += against
    overall = found.pass_rate
    if overall.verdict == "better":
        reasons.append(f"the pass rate is better by {_points(overall.delta)}")
    elif overall.verdict == "equivalent":
        reasons.append(f"the pass rate is the same within {_points(overall.margin)}")
    elif overall.verdict == "not_comparable":
        reasons.append("the runs cannot be compared")
    elif overall.verdict == "not_enough_evidence":
        more = f"; about {overall.more} cases more would tell" if overall.more else ""
        reasons.append(f"there is not enough evidence of the pass rate{more}")
    tolerated = overall.verdict == "worse" and not _is_intolerable(overall)
    if tolerated:
        reasons.append(
            f"the pass rate is worse by {_points(overall.delta)}, within your margin of {_points(overall.margin)}"
        )
    reasons += _trade(found)
    if against:
        return "no", tuple(reasons)
    is_fine = tolerated or overall.verdict in ("better", "equivalent")
    return ("yes" if is_fine else "undecided"), tuple(reasons)


def _against(found: Comparison) -> Iterator[str]:
    if _is_intolerable(found.pass_rate):
        yield f"the pass rate is worse by {_points(found.pass_rate.delta)}"
    critical = [c for c in found.regressed if c.critical and c.before[0] and not c.after[0]]
    if critical and found.pass_rate.verdict != "not_comparable":
        names = ", ".join(each.case for each in critical[:3])
        yield f"critical cases went from pass to fail: {names}"
    groups = {"criterion": found.criteria, "component": found.components, **found.slices}
    for kind, each in groups.items():
        for name, delta in each.items():
            if _is_intolerable(delta):
                yield f"{kind} {name} is worse by {_points(delta.delta)}"


def _is_intolerable(delta: Delta) -> bool:
    """Whether a drop is shown that its margin does not allow."""
    if delta.verdict != "worse" or delta.low is None:
        return False
    return delta.margin is None or delta.low <= -delta.margin


def _trade(found: Comparison) -> Iterator[str]:
    cost, latency = found.operations.cost, found.operations.latency
    for name, ratio in (("cost", cost), ("latency", latency)):
        if ratio.value is None or ratio.low is None or ratio.high is None:
            continue
        if not ratio.low <= 1 <= ratio.high:
            word = "rose" if ratio.value > 1 else "fell"
            apart = (
                ""
                if name == "cost" or found.operations.interleaved
                else ", though the runs were not made at the same time"
            )
            yield f"{name} {word} to {ratio.value:.2f} times{apart}"


def _points(value: float | None) -> str:
    return "nothing" if value is None else f"{abs(value) * 100:.1f} points"
