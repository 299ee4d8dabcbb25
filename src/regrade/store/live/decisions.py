"""Monitors, and what they decided of each trace; grades of live traces."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain import Grade, GraderFailure, Json
from regrade.domain.live import Decision
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection, in_chunks


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveGrade:
    """A grade of a live trace, or why there is none."""

    monitor: str
    """The monitor that asked."""
    revision: int
    """How often the trace had been closed."""
    is_current: bool
    """Whether nothing newer takes its place."""
    document: Json
    """What the grader says."""
    graded_at: datetime
    """When."""


class DecisionRows:
    """Keeps monitors, decisions and grades."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    # monitors

    def keep_monitor(
        self, project: int, name: str, version: str, document: Json, now_ms: int
    ) -> None:
        """Keep a monitor; one of the same name is changed."""
        self._connection.execute(
            "INSERT INTO monitors (project, name, version, document, changed_at) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (project, name) DO UPDATE SET version = excluded.version, document = excluded.document, "
            "changed_at = CASE WHEN monitors.version = excluded.version THEN monitors.changed_at "
            "ELSE excluded.changed_at END",
            (project, plain(name), version, pack(document), now_ms),
        )

    def monitors(self, project: int) -> dict[str, Json]:
        """Give the monitors of a project by their names, as they were kept."""
        return {
            name: unpack(document)
            for name, document in self._connection.execute(
                "SELECT name, document FROM monitors WHERE project = ? ORDER BY name", (project,)
            )
        }

    def drop_monitor(self, project: int, name: str) -> bool:
        """Take a monitor away; what it decided stays."""
        return (
            self._connection.execute_many(
                "DELETE FROM monitors WHERE project = ? AND name = ?", [(project, plain(name))]
            )
            == 1
        )

    # decisions

    def decide(self, trace: int, decisions: Sequence[Decision]) -> None:
        """Keep decisions; inside a transaction of the caller's."""
        self._connection.execute_many(
            "INSERT INTO decisions (trace, revision, monitor, version, outcome, why, probability, decided_at, drawn) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (trace, monitor, revision) DO NOTHING",
            [
                (
                    trace,
                    each.revision,
                    plain(each.monitor),
                    each.version,
                    each.outcome,
                    plain(each.why),
                    each.probability,
                    round(each.decided_at.timestamp() * 1000),
                    int(each.is_drawn),
                )
                for each in decisions
            ],
        )

    def settle(self, trace: int, monitor: str, revision: int, outcome: str, why: str) -> None:
        """Note what became of a trace that waited to be graded."""
        self._connection.execute(
            "UPDATE decisions SET outcome = ?, why = ? WHERE trace = ? AND monitor = ? AND revision = ?",
            (outcome, plain(why), trace, plain(monitor), revision),
        )

    def of(self, trace: int) -> list[Decision]:
        """Give every decision on a trace, the newest first."""
        return [
            Decision(
                monitor=monitor,
                version=version,
                revision=revision,
                outcome=outcome,
                why=why,
                probability=probability,
                decided_at=datetime.fromtimestamp(at / 1000, UTC),
                is_drawn=bool(drawn),
            )
            for monitor, version, revision, outcome, why, probability, at, drawn in self._connection.execute(
                "SELECT monitor, version, revision, outcome, why, probability, decided_at, drawn FROM decisions "
                "WHERE trace = ? ORDER BY revision DESC, monitor",
                (trace,),
            )
        ]

    def counts(self, project: int) -> dict[tuple[str, str], int]:
        """Give how many decisions there are by monitor and outcome."""
        rows = self._connection.execute(
            "SELECT monitor, outcome, count(*) FROM decisions JOIN live_traces USING (trace) "
            "WHERE project = ? GROUP BY monitor, outcome",
            (project,),
        )
        return {(monitor, outcome): number for monitor, outcome, number in rows}

    def recent(self, project: int, most: int) -> dict[tuple[str, str], int]:
        """Give how many decisions there are on the newest traces, by monitor and outcome: soon answered, however
        many there are in all.
        """
        rows = self._connection.execute(
            "SELECT monitor, outcome, count(*) FROM decisions JOIN (SELECT trace, revision FROM live_traces "
            "WHERE project = ? AND started_ms IS NOT NULL ORDER BY started_ms DESC LIMIT ?) AS newest "
            "USING (trace, revision) GROUP BY monitor, outcome",
            (project, most),
        )
        return {(monitor, outcome): number for monitor, outcome, number in rows}

    def verdicts(self, project: int, trace_ids: Sequence[str]) -> dict[str, tuple[int, int, int]]:
        """Give what graders say of traces by now: how many pass each, fail it, and could not judge it; without those
        that nobody graded.
        """
        return {
            trace_id: (int(passed), int(failed), int(number - passed - failed))
            for chunk in in_chunks(trace_ids)
            for trace_id, passed, failed, number in self._connection.execute(
                "SELECT trace_id, sum(CASE WHEN passed = 1 THEN 1 ELSE 0 END), "
                "sum(CASE WHEN passed = 0 THEN 1 ELSE 0 END), count(*) FROM live_traces "
                "JOIN live_grades USING (trace) WHERE project = ? AND is_current = 1 "
                f"AND trace_id IN ({chunk.marks}) GROUP BY trace_id",
                (project, *chunk.values),
            )
        }

    def newest_graded(
        self, project: int, monitor: str, criterion: str, limit: int
    ) -> list[tuple[str, Json]]:
        """Give the newest current grades of a criterion: the trace's id, and what the grader says."""
        return [
            (trace_id, unpack(document))
            for trace_id, document in self._connection.execute(
                "SELECT trace_id, live_grades.document FROM live_grades JOIN live_traces USING (trace) "
                "WHERE monitor = ? AND project = ? AND criterion = ? AND is_current = 1 "
                "ORDER BY graded_at DESC, live_grades.trace DESC LIMIT ?",
                (plain(monitor), project, plain(criterion), limit),
            )
        ]

    def drawn(self, traces: Sequence[int]) -> set[tuple[int, str, int]]:
        """Give which decisions on traces followed from their numbers: trace, monitor and revision."""
        return {
            (trace, monitor, revision)
            for chunk in in_chunks(traces)
            for trace, monitor, revision in self._connection.execute(
                f"SELECT trace, monitor, revision FROM decisions WHERE drawn = 1 AND trace IN ({chunk.marks})",
                chunk.values,
            )
        }

    # grades

    def keep_grades(
        self,
        trace: int,
        monitor: str,
        revision: int,
        grades: Sequence[Grade],
        failures: Sequence[GraderFailure],
        now_ms: int,
    ) -> bool:
        """Keep what graders say of a trace; what they said of it before is superseded, not overwritten.
        Inside a transaction of the caller's. Gives whether they said nothing of it before.
        """
        monitor = plain(monitor)
        before = self._connection.execute_many(
            "UPDATE live_grades SET is_current = 0 WHERE trace = ? AND monitor = ? AND revision < ?",
            [(trace, monitor, revision)],
        )
        rows = [
            (each.spec.name, each.spec.criterion, each.passed, _grade(each))
            for each in grades
            if each.spec is not None
        ]
        rows += [(each.spec.name, each.spec.criterion, None, _failure(each)) for each in failures]
        self._connection.execute_many(
            "INSERT INTO live_grades (trace, monitor, revision, position, name, criterion, passed, graded_at, "
            "is_current, document) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO NOTHING",
            [
                (
                    *(trace, monitor, revision, at, plain(name)),
                    None if criterion is None else plain(criterion),
                    None if passed is None else int(passed),
                    now_ms,
                    pack(document),
                )
                for at, (name, criterion, passed, document) in enumerate(rows)
            ],
        )
        return not before

    def grades_of(self, trace: int) -> list[LiveGrade]:
        """Give every grade of a trace, superseded ones too, the newest first."""
        return [
            LiveGrade(
                monitor=monitor,
                revision=revision,
                is_current=bool(current),
                document=unpack(document),
                graded_at=datetime.fromtimestamp(at / 1000, UTC),
            )
            for monitor, revision, current, document, at in self._connection.execute(
                "SELECT monitor, revision, is_current, document, graded_at FROM live_grades WHERE trace = ? "
                "ORDER BY revision DESC, monitor, position",
                (trace,),
            )
        ]

    def rates(self, project: int, monitor: str) -> list[tuple[str, int | None, float, int]]:
        """Give the current grades of a monitor: the grader's name, whether it passed, and how likely the
        trace was to be graded, with how many there are of each.
        """
        return [
            (name, passed, probability, number)
            for name, passed, probability, number in self._connection.execute(
                "SELECT live_grades.name, passed, probability, count(*) FROM live_grades "
                "JOIN decisions USING (trace, monitor, revision) JOIN live_traces USING (trace) "
                "WHERE project = ? AND monitor = ? AND is_current = 1 "
                "GROUP BY live_grades.name, passed, probability",
                (project, plain(monitor)),
            )
        ]

    def failing(
        self, project: int, monitor: str, *, since_ms: int = 0, limit: int
    ) -> list[tuple[int, str, Json]]:
        """Give current grades that failed, of traces that began at a moment or later, the newest first: the
        trace's number, its id, and what the grader says.
        """
        return [
            (trace, trace_id, unpack(document))
            for trace, trace_id, document in self._connection.execute(
                "SELECT live_grades.trace, trace_id, live_grades.document FROM live_grades "
                "JOIN live_traces USING (trace) WHERE project = ? AND monitor = ? AND is_current = 1 "
                "AND passed = 0 AND started_ms >= ? ORDER BY started_ms DESC, live_grades.trace, position LIMIT ?",
                (project, plain(monitor), since_ms, limit),
            )
        ]

    def graded(
        self, project: int, monitor: str, *, since_ms: int = 0
    ) -> list[tuple[int, str, int, Json]]:
        """Give the current grades of traces that their numbers chose, the oldest trace first: its number, its id, when
        it began, and what the grader says.
        """
        return [
            (trace, trace_id, at, unpack(document))
            for trace, trace_id, at, document in self._connection.execute(
                "SELECT live_grades.trace, trace_id, started_ms, live_grades.document FROM live_grades "
                "JOIN decisions USING (trace, monitor, revision) JOIN live_traces USING (trace) "
                "WHERE project = ? AND monitor = ? AND is_current = 1 AND drawn = 1 AND started_ms >= ? "
                "ORDER BY started_ms, live_grades.trace, position",
                (project, plain(monitor), since_ms),
            )
        ]

    def by_version(
        self, project: int, monitor: str, versions: Sequence[str], *, since_ms: int = 0
    ) -> list[tuple[int, str, Json]]:
        """Give the same of traces of some versions: the trace's number, its version, what the grader says."""
        marks = ", ".join("?" * len(versions))
        return [
            (trace, version, unpack(document))
            for trace, version, document in self._connection.execute(
                "SELECT live_grades.trace, live_traces.version, live_grades.document FROM live_grades "
                "JOIN decisions USING (trace, monitor, revision) JOIN live_traces USING (trace) "
                "WHERE project = ? AND monitor = ? AND is_current = 1 AND drawn = 1 AND started_ms >= ? "
                f"AND live_traces.version IN ({marks}) ORDER BY started_ms, live_grades.trace, position",
                (project, plain(monitor), since_ms, *map(plain, versions)),
            )
        ]

    # what judges cost

    def spend(self, project: int, monitor: str, day: str, usd: float) -> None:
        """Add to what a monitor's judges cost on a day; inside a transaction of the caller's."""
        self._connection.execute(
            "INSERT INTO spending (project, monitor, day, usd) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (project, monitor, day) DO UPDATE SET usd = spending.usd + excluded.usd",
            (project, plain(monitor), day, usd),
        )

    def spent(self, project: int, monitor: str, since: str) -> float:
        """Give what a monitor's judges cost from a day on, in US dollars."""
        [(usd,)] = self._connection.execute(
            "SELECT coalesce(sum(usd), 0) FROM spending WHERE project = ? AND monitor = ? AND day >= ?",
            (project, plain(monitor), since),
        )
        return float(usd)


def _grade(grade: Grade) -> dict[str, Json]:
    names = ("passed", "reason", "score", "label", "issues", "expected", "details")
    assert grade.spec is not None
    found: dict[str, Json] = {name: getattr(grade, name) for name in names}
    return {
        **found,
        "name": grade.spec.name,
        "type": grade.spec.identity.type,
        "criterion": grade.spec.criterion,
        "component": grade.spec.component,
    }


def _failure(failure: GraderFailure) -> dict[str, Json]:
    return {
        "name": failure.spec.name,
        "type": failure.spec.identity.type,
        "criterion": failure.spec.criterion,
        "component": failure.spec.component,
        "failure": f"{failure.error_type}: {failure.message}",
    }
