"""The means of a judge's scores, corrected by the scores of people."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from regrade.stats import Interval
from regrade.stats.people.judges import Corrected, ppi_mean

from .items import Item, Place

FEWEST = 10
"""Answers that people scored below which no mean is corrected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreCalibration:
    """One dimension of a judge, beside people."""

    dimension: str
    """Its name."""
    scale: tuple[float, float]
    """The lowest and the highest score."""
    judged: float
    """The mean of what the judge says."""
    corrected: Corrected | None
    """The mean that people would give; None with too few of their scores."""
    labelled: int
    """Answers that people scored too."""


def score_calibrations(
    items: Sequence[Item], human: Mapping[Place, Mapping[str, float]]
) -> tuple[ScoreCalibration, ...]:
    """Correct the mean of every dimension that people scored too."""
    names = dict.fromkeys(name for item in items for name in item.scores)
    found = [_calibrated(name, items, human) for name in names]
    return tuple(each for each in found if each.labelled)


def _calibrated(
    name: str, items: Sequence[Item], human: Mapping[Place, Mapping[str, float]]
) -> ScoreCalibration:
    known = [item for item in items if name in item.scores]
    used = [item for item in known if name in human.get(item.place, {})]
    places = {item.place for item in used}
    scale = next((item.scales[name] for item in known if name in item.scales), (0.0, 1.0))
    corrected = None
    if len(used) >= FEWEST:
        corrected = _within(
            ppi_mean(
                [human[item.place][name] for item in used],
                [item.scores[name] for item in used],
                [item.scores[name] for item in known if item.place not in places],
            ),
            scale,
        )
    return ScoreCalibration(
        dimension=name,
        scale=scale,
        judged=fmean(item.scores[name] for item in known),
        corrected=corrected,
        labelled=len(used),
    )


def _within(found: Corrected, scale: tuple[float, float]) -> Corrected:
    """Keep an estimate on its scale."""
    low, high = scale
    value, start, end = (
        min(high, max(low, each)) for each in (found.value, found.interval.low, found.interval.high)
    )
    return Corrected(value, Interval(start, end))
