"""A monitor on the terminal: what it decided, and what its graders say of all traffic."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from rich.console import Console
from rich.text import Text

from regrade.domain.live import Monitor
from regrade.report.plain import printable
from regrade.report.words import of


class Rate(Protocol):
    """The pass rate of one grader over all traces that a monitor looks at."""

    @property
    def grader(self) -> str:
        """The grader."""

    @property
    def value(self) -> float | None:
        """The rate, weighted back."""

    @property
    def low(self) -> float:
        """The lower end of its interval."""

    @property
    def high(self) -> float:
        """The upper end."""

    @property
    def n(self) -> int:
        """Traces that it judged."""

    @property
    def missing(self) -> int:
        """Traces that it could not judge, or abstained from."""


def print_monitor(
    monitor: Monitor, decisions: Mapping[str, int], rates: Sequence[Rate], console: Console
) -> None:
    """Print a monitor."""
    where = ", ".join(f"{name} {value}" for name, value in monitor.where.items()) or "all traces"
    about = f"{where}, {monitor.sample:.3g} of them"
    if monitor.always:
        about += f", always: {', '.join(monitor.always)}"
    console.print(Text.assemble((printable(monitor.name), "bold"), f"  {printable(about)}"))
    counted = ", ".join(
        f"{n:,} {outcome.replace('_', ' ')}" for outcome, n in sorted(decisions.items())
    )
    console.print(Text(f"  {counted or 'nothing decided yet'}"))
    for rate in rates:
        if rate.value is None:
            words = "nothing judged"
        else:
            words = (
                f"{rate.value:.1%} [{rate.low:.1%}, {rate.high:.1%}] of all traffic, by {rate.n:,}"
            )
        missing = f", {rate.missing:,} without a verdict" if rate.missing else ""
        console.print(Text(f"  {printable(rate.grader)}  {words}{missing}"))


def backfill_words(graded: int, traces: int, cost_usd: float | None, *, done: bool) -> str:
    """Say what a backfill would do, or did."""
    cost = "at an unknown cost" if cost_usd is None else f"for about ${cost_usd:.2f} of judges"
    chosen = f"{of(graded, 'trace')} of {traces:,}"
    if done:
        return f"{chosen} wait to be graded, {cost}"
    return f"{chosen} would be graded, {cost}; --yes has it done"
