"""What a monitor's graders say of all traffic: what was drawn, weighted back."""

from dataclasses import dataclass

from regrade.stats.sampled import weighted_rate
from regrade.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRate:
    """The pass rate of one grader over all traces that a monitor looks at."""

    grader: str
    """The grader."""
    value: float | None
    """The rate, weighted back; None where nothing was judged."""
    low: float
    """The lower end of its 95 % interval, which holds at every look."""
    high: float
    """The upper end."""
    n: int
    """Traces that it judged."""
    missing: int
    """Traces that it abstained from, or could not judge: they are no failures."""


def live_rates(store: Store, project: int, monitor: str) -> list[LiveRate]:
    """Give the rate of every grader of a monitor."""
    found: dict[str, tuple[list[bool], list[float], int]] = {}
    for name, passed, probability, number in store.live.decisions.rates(project, monitor):
        passes, chances, missing = found.get(name, ([], [], 0))
        if passed is None:
            missing += number
        elif probability:
            passes += [bool(passed)] * number
            chances += [probability] * number
        found[name] = (passes, chances, missing)
    rates = []
    for name, (passes, chances, missing) in sorted(found.items()):
        rate = weighted_rate(passes, chances, at_every_look=True)
        rates.append(
            LiveRate(
                grader=name,
                value=rate.value if rate.n else None,
                low=rate.interval.low,
                high=rate.interval.high,
                n=rate.n,
                missing=missing,
            )
        )
    return rates
