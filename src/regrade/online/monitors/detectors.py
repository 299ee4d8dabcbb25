"""One detector of one series, as it is kept: learning what is tolerated, watching, alarmed."""

import base64
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from regrade.domain import Json
from regrade.stats.sequential.detecting import BETS, Detector, Tally, mirrored, restarted, step

from .baselines import Tolerated

RECOVERED = 100.0
"""Evidence for a rate above what is tolerated at which an alert is over: ticks until it is said by mistake."""
FRESH = Detector()
"""One that has seen nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """A detector, what it holds its series against, and the alert that it raised."""

    tolerated: Tolerated
    """What is tolerated."""
    detector: Detector
    """The evidence for a drop below it."""
    alert: int | None = None
    """The alert that it is a part of, as long as that is not over."""
    recovery: Detector = FRESH
    """The evidence that the rate is back, since the alarm."""
    alarmed_at: int = 0
    """The tick of the alarm."""
    release: int = 0
    """When the release came whose predecessor is the baseline; 0 where that is another one."""


def taken(watching: Watching, tick: int, rows: Sequence[tuple[int, int, str]]) -> Watching:
    """Take what a tick brought: passes, observations and the cell of each row."""
    tallies = [
        Tally(passed=min(passed, total), total=total, tolerated=watching.tolerated.rate(cell))
        for passed, total, cell in rows
        if total > 0
    ]
    if watching.alert is None:
        floor = watching.tolerated.floor
        return Watching(
            tolerated=watching.tolerated,
            detector=step(watching.detector, tick, tallies, floor),
            release=watching.release,
        )
    floor = 1 - max(watching.tolerated.rates.values())
    recovery = step(watching.recovery, tick, mirrored(tallies), max(floor, 1e-6))
    return replace(watching, recovery=recovery, detector=replace(watching.detector, tick=tick))


def alarmed(watching: Watching, alert: int, tick: int) -> Watching:
    """Begin to look for the recovery."""
    return replace(
        watching,
        alert=alert,
        alarmed_at=tick,
        recovery=Detector(tick=tick),
        detector=restarted(watching.detector),
    )


def watching_again(watching: Watching) -> Watching:
    """Begin anew: its alert is over."""
    return replace(watching, alert=None, recovery=FRESH, detector=restarted(watching.detector))


def as_document(watching: Watching) -> Json:
    """Write one; `restored` reads it back."""
    return {
        "rates": dict(watching.tolerated.rates),
        "base": [watching.tolerated.passed, watching.tolerated.total],
        "release": watching.release,
        "detector": _detector(watching.detector),
        **(
            {}
            if watching.alert is None
            else {
                "alert": watching.alert,
                "alarmed": watching.alarmed_at,
                "recovery": _detector(watching.recovery),
            }
        ),
    }


def restored(document: Any) -> Watching:
    """Read one."""
    passed, total = document["base"]
    return Watching(
        tolerated=Tolerated(rates=document["rates"], passed=passed, total=total),
        detector=_restored(document["detector"]),
        alert=document.get("alert"),
        alarmed_at=document.get("alarmed", 0),
        release=document.get("release", 0),
        recovery=_restored(document["recovery"]) if "recovery" in document else FRESH,
    )


_LAYOUT = struct.Struct(f"<{2 * len(BETS)}d{len(BETS) + 2}q")
"""Evidence and best terms of every bet, their beginnings, observations and the last tick: exact, and short."""


def _detector(detector: Detector) -> str:
    content = _LAYOUT.pack(
        *detector.evidence, *detector.best, *detector.since, detector.seen, detector.tick
    )
    return base64.b64encode(content).decode()


def _restored(content: str) -> Detector:
    found = _LAYOUT.unpack(base64.b64decode(content))
    n = len(BETS)
    return Detector(
        evidence=found[:n],
        best=found[n : 2 * n],
        since=found[2 * n : 3 * n],
        seen=found[3 * n],
        tick=found[3 * n + 1],
    )
