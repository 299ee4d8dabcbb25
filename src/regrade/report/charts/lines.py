"""A rate, a time or a cost over runs or ticks: a line with its interval as a band."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from regrade.domain import Estimate

WIDTH, HEIGHT = 300.0, 72.0
"""The size of a chart, in its own units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChart:
    """A line, ready to be drawn in a box of `WIDTH` by `HEIGHT`."""

    lines: Sequence[str]
    """The line as SVG paths: one for each stretch without a gap."""
    bands: Sequence[str]
    """The interval around it as SVG paths."""
    breaks: Sequence[float]
    """Where something changed so that points before and after do not compare."""
    bar: float | None
    """Where the line is that is not to be crossed."""
    low: str
    """The lower end of the scale, in words."""
    high: str
    """The upper end, in words."""


def line_chart(
    points: Sequence[Estimate | None],
    show: Callable[[float], str],
    *,
    breaks: Sequence[int] = (),
    bar: float | None = None,
    is_share: bool = True,
) -> LineChart:
    """Draw estimates at equal distances; None is a gap. `breaks` are the places of points before which something
    changed, `bar` is a value that is not to be crossed.
    """
    scale = _Scale.of(points, bar, is_share=is_share)
    at = [WIDTH * (i + 0.5) / max(1, len(points)) for i in range(len(points))]
    stretches = _stretches(points)
    values = [_value(each) for each in points]
    return LineChart(
        lines=[_path([(at[i], scale.y(values[i] or 0.0)) for i in each]) for each in stretches],
        bands=[band for each in stretches if (band := _band(points, at, each, scale))],
        breaks=[round(WIDTH * i / max(1, len(points)), 1) for i in breaks],
        bar=None if bar is None else scale.y(bar),
        low=show(scale.low),
        high=show(scale.high),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Scale:
    low: float
    high: float

    @classmethod
    def of(
        cls, points: Sequence[Estimate | None], bar: float | None, *, is_share: bool
    ) -> "_Scale":
        ends = [
            end
            for each in points
            if each is not None
            for end in (each.value, each.low, each.high)
            if end is not None and math.isfinite(end)
        ]
        ends += [] if bar is None else [bar]
        if not ends:
            return cls(0.0, 1.0)
        if not is_share:
            return cls(0.0, max(ends) * 1.05 or 1.0)
        low = max(0.0, math.floor(min(ends) * 10 - 0.5) / 10)
        return cls(low, min(1.0, max(low + 0.1, math.ceil(max(ends) * 10 + 0.5) / 10)))

    def y(self, value: float) -> float:
        part = (min(self.high, max(self.low, value)) - self.low) / (self.high - self.low)
        return round(HEIGHT - 3 - part * (HEIGHT - 6), 1)


def _value(point: Estimate | None) -> float | None:
    return None if point is None else point.value


def _stretches(points: Sequence[Estimate | None]) -> list[list[int]]:
    found: list[list[int]] = [[]]
    for at, point in enumerate(points):
        if _value(point) is None:
            found.append([])
        else:
            found[-1].append(at)
    return [each for each in found if each]


def _path(places: Sequence[tuple[float, float]]) -> str:
    if len(places) == 1:  # a point alone is drawn as a short line
        x, y = places[0]
        places = [(x - 2, y), (x + 2, y)]
    return "M" + "L".join(f"{x:.1f} {y:g}" for x, y in places)


def _band(
    points: Sequence[Estimate | None], at: Sequence[float], stretch: Sequence[int], scale: _Scale
) -> str:
    lows: list[tuple[float, float]] = []
    highs: list[tuple[float, float]] = []
    for i in stretch:
        point = points[i]
        if point is not None and point.low is not None and point.high is not None:
            lows.append((at[i], scale.y(point.low)))
            highs.append((at[i], scale.y(point.high)))
    if len(lows) == 1:
        (x, low), (_, high) = lows[0], highs[0]
        lows, highs = [(x - 2, low), (x + 2, low)], [(x - 2, high), (x + 2, high)]
    return f"{_path([*lows, *reversed(highs)])}Z" if len(lows) > 1 else ""
