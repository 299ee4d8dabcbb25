"""Traces of which nothing more is waited for: put together, listed, and decided on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain.live import Decision, LiveTrace
from regrade.ingest import Assembled
from regrade.store import Due, Store

from .live_traces import Recent, listed_of, put_together, unread
from .monitors.clock import EventClock
from .monitors.tallying import Tallier
from .sampling import NOVEL, Seen, decide
from .watching import Monitors, Watched

AT_ONCE = 200
"""Traces that are looked for at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How long a trace is waited for."""

    quiet_s: float = 30.0
    """Seconds after its root ended."""
    longest_s: float = 3600.0
    """Seconds after its first span came, whatever is missing."""


class Closer:
    """Closes traces; several may do so at once."""

    def __init__(
        self,
        store: Store,
        timing: Timing | None = None,
        recent: Recent | None = None,
        clock: EventClock | None = None,
    ) -> None:
        """Take the database, how long traces are waited for, where to leave them for a worker of this process, and
        the clock of the traffic.
        """
        self._tallier = Tallier(clock or EventClock())
        self._recent = recent
        self._store, self._timing = store, timing or Timing()
        self._monitors = Monitors(store)
        self._releases: dict[int, dict[tuple[str, str], int]] = {}
        self.closed = 0

    def close_due(self, now: datetime | None = None) -> int:
        """Close every trace that is due; gives how many there were."""
        moment = now or datetime.now(UTC)
        now_ms = round(moment.timestamp() * 1000)
        closed = 0
        while due := self._store.live.traces.due(
            now_ms,
            quiet_ms=round(self._timing.quiet_s * 1000),
            longest_ms=round(self._timing.longest_s * 1000),
            limit=AT_ONCE,
        ):
            done = self._close(due, moment)
            closed += done
            if not done or len(due) < AT_ONCE:
                break
        self.closed += closed
        return closed

    def _close(self, due: Sequence[Due], now: datetime) -> int:
        """Close several in one transaction; gives how many were."""
        wholes = put_together(self._store, {each.trace: each.trace_id for each in due})
        ready: list[tuple[Due, LiveTrace, Sequence[Decision]]] = []
        for each in due:
            whole = wholes[each.trace]
            if whole is None:
                ready.append((each, unread(each.trace_id, each.revision + 1, now), ()))
                continue
            seen = listed_of(whole, each.trace_id, each.revision + 1)
            ready.append((each, seen, self._decisions(each, seen, now)))
        now_ms, done = round(now.timestamp() * 1000), 0
        live = self._store.live
        self._tallier.forget()
        releases: dict[int, dict[tuple[str, str], int]] = {}
        texts: dict[int, tuple[str, str]] = {}
        with self._store.transaction():
            for each, seen, decisions in ready:
                if live.traces.close(each, seen):
                    done += 1
                    texts[each.trace] = (seen.question or "", seen.answer or "")
                    whole = wholes[each.trace]
                    if whole is not None:
                        self._note(each, whole, seen, decisions)
                        if whole.version:
                            known = releases.setdefault(each.project, {})
                            key, began = (whole.service, whole.version), whole.began_ns // 1_000_000
                            known[key] = min(known.get(key, began), began)
                    live.decisions.decide(each.trace, decisions)
                    for decision in decisions:
                        if decision.outcome == "queued":
                            live.jobs.add(each.trace, decision.monitor, decision.revision, now_ms)
            live.traces.keep_texts(texts)
            self._tallier.keep(self._store)
            for project, first in releases.items():
                self._add_releases(project, first)
        return done

    def _note(
        self, due: Due, whole: Assembled, seen: LiveTrace, decisions: Sequence[Decision]
    ) -> None:
        """Remember a trace that was closed, and count it where that is for the first time."""
        if self._recent is not None:
            self._recent.keep(due.trace, seen.revision, whole)
        if due.revision == 0:
            monitors = {each.monitor.name: each.monitor for each in self._monitors.of(due.project)}
            for decision in decisions:
                if decision.monitor in monitors:
                    monitor = monitors[decision.monitor]
                    self._tallier.closed(due.project, monitor, whole, seen, decision)

    def _add_releases(self, project: int, first: Mapping[tuple[str, str], int]) -> None:
        """Note when versions came first, as far as that is news."""
        known = self._releases.setdefault(project, {})
        news = {key: at for key, at in first.items() if at < known.get(key, at + 1)}
        if news:
            self._store.live.alerts.add_releases(project, news)
            known.update(news)

    def _decisions(self, due: Due, seen: LiveTrace, now: datetime) -> Sequence[Decision]:
        live = self._store.live
        monitors = self._monitors.of(due.project)
        if not monitors:
            return ()
        feedback = live.feedback.of(due.project, due.trace_id)
        is_asked = any("novel" in each.monitor.always for each in monitors)
        alike = live.traces.alike(due.project, seen, NOVEL) if is_asked else NOVEL
        return [
            decide(
                each.monitor,
                Seen(
                    listed=seen,
                    feedback=feedback,
                    alike=alike,
                    spent_share=spent_share(self._store, due.project, each, now),
                ),
                now,
            )
            for each in monitors
        ]


def spent_share(store: Store, project: int, each: Watched, now: datetime) -> float:
    """Give the largest part of a monitor's budgets that is spent already."""
    shares = [0.0]
    for most, since in (
        (each.monitor.daily_usd, f"{now:%Y-%m-%d}"),
        (each.monitor.monthly_usd, f"{now:%Y-%m}-01"),
    ):
        if most is not None:
            spent = store.live.decisions.spent(project, each.monitor.name, since)
            shares.append(spent / most if most else 1.0)
    return max(shares)
