"""What a person sees while a run goes on: how far it is, how fast, and what it waits for."""

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import Any, Protocol

from rich.console import Console

from regrade.domain.duration import show_duration
from regrade.report.plain import one_line
from regrade.runner import InFlight, Progress as RunProgress

PLAIN_EVERY_S = 10.0
"""Seconds between two lines where there is no terminal."""


class _Bar(Protocol):
    """What is needed of `rich.progress.Progress`."""

    def add_task(self, description: str, *, total: float | None) -> int: ...
    def update(self, task_id: Any, *, completed: float, total: float, description: str) -> None: ...


class Watcher:
    """Shows the progress of one run on standard error."""

    def __init__(self, console: Console, bar: _Bar | None) -> None:
        """Take the screen, and the bar that is shown where it is a terminal."""
        self._console, self._bar = console, bar
        self.run_id: str | None = None
        self._task: int | None = None
        self._last_line = time.monotonic()
        self._named: set[tuple[str, int]] = set()

    def __call__(self, progress: RunProgress) -> None:
        """Show how far the run is."""
        self.run_id = progress.run_id
        words = _words(progress)
        if self._bar is not None:
            if self._task is None:
                self._task = self._bar.add_task("", total=progress.planned)
            self._bar.update(
                self._task, completed=progress.done, total=progress.planned, description=words
            )
        elif time.monotonic() - self._last_line >= PLAIN_EVERY_S:
            self._last_line = time.monotonic()
            self._console.print(f"{progress.done}/{progress.planned} {words}", markup=False)
        for stuck in progress.stuck:
            self._name(stuck)

    def _name(self, stuck: InFlight) -> None:
        which = (stuck.work.case.id, stuck.work.trial)
        if which not in self._named and len(self._named) < 20:
            self._named.add(which)
            waited = show_duration(time.monotonic() - stuck.since)
            case = one_line(stuck.work.case.id, 60)
            self._console.print(
                f"waiting for the {stuck.stage} since {waited}: case {case}",
                markup=False,
                style="yellow",
            )


def _words(progress: RunProgress) -> str:
    left = (
        ""
        if progress.eta_s is None or progress.done >= progress.planned
        else f", {show_duration(progress.eta_s)} left"
    )
    ungraded = f" {progress.ungraded} ungraded" if progress.ungraded else ""
    return f"{progress.passed} passed {progress.failed} failed{ungraded} · {progress.per_s:.3g}/s{left}"


@contextlib.contextmanager
def watching(console: Console) -> Iterator[Watcher]:
    """Show progress for the time of a run; what the target prints goes to standard error, out of
    the report's way.
    """
    with contextlib.redirect_stdout(sys.stderr):
        if not console.is_terminal:
            yield Watcher(console, None)
            return
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415  on a terminal alone

        columns = (
            BarColumn(bar_width=24),
            TextColumn("{task.completed}/{task.total}"),
            TextColumn("{task.description}", markup=False),
        )
        with Progress(*columns, console=console, transient=True, redirect_stdout=False) as bar:
            yield Watcher(console, bar)
