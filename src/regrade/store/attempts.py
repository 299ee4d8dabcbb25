"""Attempts as rows: an attempt points at its trace, its grades and its graders' failures point at
it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from regrade.domain import (
    Attempt,
    Case,
    Grade,
    GraderFailure,
    GraderIdentity,
    GraderSpec,
    restored_trace,
    trace_content,
)

from .codec import pack, plain, plain_id, unpack
from .databases import Connection, Row, in_chunks

_GRADER = "identity_key, name, criterion, component, required, costly, reads_errors, type, version, options, code"


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the attempts of a run belong."""

    run: int
    positions: Mapping[str, int]


class AttemptRows:
    """Writes and reads attempts."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection
        self._graders: dict[Row, int] = {}
        self._places: dict[str, _Place] = {}

    def write(self, run_id: str, attempts: Sequence[Attempt], source: str | None) -> None:
        """Write attempts that are not there yet; inside a transaction of the caller's."""
        place = self._place(run_id)
        new = self._new(place, attempts)
        shared = self._select("trace", self._place(source), new) if source else {}
        attempt_key, trace_key = (
            self._newest("attempt", "attempts"),
            self._newest("trace", "traces"),
        )
        traces: list[Row] = []
        rows: list[Row] = []
        grades: list[Row] = []
        failures: list[Row] = []
        for (position, trial), attempt in new.items():
            attempt_key += 1
            trace = shared.get((position, trial))
            if trace is None:
                trace_key += 1
                trace = trace_key
                traces.append((trace, pack(trace_content(attempt.trace))))
            rows.append((attempt_key, place.run, position, trial, *_counted(attempt), trace))
            grades += [
                self._grade_row(attempt_key, at, each) for at, each in enumerate(attempt.grades)
            ]
            failures += [
                self._failure_row(attempt_key, at, each) for at, each in enumerate(attempt.failures)
            ]
        self._connection.execute_many("INSERT INTO traces VALUES (?, ?)", traces)
        self._connection.execute_many("INSERT INTO attempts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._connection.execute_many(
            "INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", grades
        )
        self._connection.execute_many(
            "INSERT INTO grader_failures VALUES (?, ?, ?, ?, ?, ?)", failures
        )

    def places(self, run_id: str, attempts: Iterable[Attempt]) -> list[tuple[int, int]]:
        """Give the positions of the cases of attempts, with the trials."""
        positions = self._place(run_id).positions
        return [(positions[plain_id(attempt.case.id)], attempt.trial) for attempt in attempts]

    def _place(self, run_id: str) -> _Place:
        if run_id not in self._places:
            [(run, version)] = self._connection.execute(
                "SELECT run, dataset_version FROM runs WHERE run_id = ?", (run_id,)
            )
            cases = self._connection.execute(
                "SELECT case_id, position FROM cases WHERE dataset_version = ?", (version,)
            )
            self._places[run_id] = _Place(run, dict(cases))
        return self._places[run_id]

    def _new(self, place: _Place, attempts: Sequence[Attempt]) -> dict[tuple[int, int], Attempt]:
        """Give the attempts that are not there yet, by position and trial."""
        found = {(place.positions[plain_id(a.case.id)], a.trial): a for a in attempts}
        for key in self._select("trial", place, found):
            found.pop(key, None)
        return found

    def _select(
        self, column: str, place: _Place, wanted: Iterable[tuple[int, int]]
    ) -> dict[tuple[int, int], int]:
        """Give a column of a run's attempts at the wanted positions, by position and trial."""
        found: dict[tuple[int, int], int] = {}
        for chunk in in_chunks(sorted({position for position, _ in wanted})):
            rows = self._connection.execute(
                f"SELECT position, trial, {column} FROM attempts WHERE run = ? AND position IN ({chunk.marks})",
                (place.run, *chunk.values),
            )
            found.update(((position, trial), value) for position, trial, value in rows)
        return found

    def _newest(self, key: str, table: str) -> int:
        """Give the largest key of a table; the transaction keeps others from making new ones."""
        return int(self._connection.execute(f"SELECT coalesce(max({key}), 0) FROM {table}")[0][0])

    def _failure_row(self, attempt: int, position: int, failure: GraderFailure) -> Row:
        texts = (plain(failure.error_type), plain(failure.message), plain(failure.traceback))
        return (attempt, position, self._grader_key(failure.spec), *texts)

    def _grade_row(self, attempt: int, position: int, grade: Grade) -> Row:
        assert grade.spec is not None, "the runner says who gave a grade"
        return (
            attempt,
            position,
            self._grader_key(grade.spec),
            None if grade.passed is None else int(grade.passed),
            grade.score,
            None if grade.label is None else plain(grade.label),
            plain(grade.reason),
            pack(list(grade.issues)) if grade.issues else None,
            None if grade.expected is None else plain(grade.expected),
            None if grade.details is None else pack(dict(grade.details)),
        )

    def _grader_key(self, spec: GraderSpec) -> int:
        place = (spec.identity_key, spec.name, spec.criterion, spec.component, spec.required)
        if place not in self._graders:
            self._graders[place] = self._find_grader(place) or self._write_grader(spec)
        return self._graders[place]

    def _find_grader(self, place: Row) -> int | None:
        rows = self._connection.execute(
            "SELECT grader FROM graders WHERE identity_key = ? AND name = ? AND criterion IS NOT DISTINCT FROM ? "
            "AND component IS NOT DISTINCT FROM ? AND required = ?",
            (*place[:4], int(place[4])),
        )
        return int(rows[0][0]) if rows else None

    def _write_grader(self, spec: GraderSpec) -> int:
        identity = spec.identity
        flags = (int(spec.required), int(spec.costly), int(spec.reads_errors))
        return self._connection.insert(
            f"INSERT INTO graders ({_GRADER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(spec.identity_key, plain(spec.name), spec.criterion, spec.component, *flags),
                *(identity.type, identity.version, pack(identity.options), identity.code),
            ),
        )

    def read(self, run: int, cases: Mapping[int, Case], *, only: bool = False) -> Iterator[Attempt]:
        """Give the attempts of a run at cases by position: at all of them, or at these only."""
        if not only:
            yield from self._read(cases, "run = ?", (run,))
            return
        for chunk in in_chunks(sorted(cases)):
            where = f"run = ? AND attempts.position IN ({chunk.marks})"
            yield from self._read(cases, where, (run, *chunk.values))

    def after(self, run: int, after: int, cases: Mapping[int, Case]) -> list[tuple[int, Attempt]]:
        """Give the attempts of a run that came after one, each with its number."""
        return [*self._numbered(cases, "run = ? AND attempt > ?", (run, after))]

    def _read(self, cases: Mapping[int, Case], where: str, chosen: Row) -> Iterator[Attempt]:
        return (attempt for _, attempt in self._numbered(cases, where, chosen))

    def _numbered(
        self, cases: Mapping[int, Case], where: str, chosen: Row
    ) -> Iterator[tuple[int, Attempt]]:
        graders = self._read_graders()
        grades = self._read_grades(where, chosen, graders)
        failures = self._read_failures(where, chosen, graders)
        rows = self._connection.execute(
            "SELECT attempt, position, trial, document FROM attempts JOIN traces USING (trace) "
            f"WHERE {where} ORDER BY attempt",
            chosen,
        )
        for key, at, trial, document in rows:
            attempt = Attempt(
                case=cases[at],
                trial=trial,
                trace=restored_trace(unpack(document)),
                grades=tuple(grades.get(key, ())),
                failures=tuple(failures.get(key, ())),
            )
            yield key, attempt

    def _read_graders(self) -> dict[int, GraderSpec]:
        rows = self._connection.execute(f"SELECT grader, {_GRADER} FROM graders")
        return {row[0]: _spec(row[1:]) for row in rows}

    def _read_grades(
        self, where: str, chosen: Row, graders: Mapping[int, GraderSpec]
    ) -> dict[int, list[Grade]]:
        found: defaultdict[int, list[Grade]] = defaultdict(list)
        rows = self._connection.execute(
            "SELECT attempt, grader, passed, score, label, reason, issues, expected, details "
            f"FROM grades JOIN attempts USING (attempt) WHERE {where} ORDER BY attempt, grades.position",
            chosen,
        )
        for attempt, grader, passed, score, label, reason, issues, expected, details in rows:
            judgement = None if passed is None else bool(passed)
            faults = tuple(unpack(issues)) if issues else ()
            more = None if details is None else unpack(details)
            found[attempt].append(
                Grade(judgement, reason, score, label, faults, graders[grader], expected, more)
            )
        return found

    def _read_failures(
        self, where: str, chosen: Row, graders: Mapping[int, GraderSpec]
    ) -> dict[int, list[GraderFailure]]:
        found: defaultdict[int, list[GraderFailure]] = defaultdict(list)
        rows = self._connection.execute(
            "SELECT attempt, grader, error_type, message, traceback FROM grader_failures JOIN attempts USING (attempt) "
            f"WHERE {where} ORDER BY attempt, grader_failures.position",
            chosen,
        )
        for attempt, grader, error_type, message, traceback in rows:
            found[attempt].append(
                GraderFailure(
                    spec=graders[grader],
                    error_type=error_type,
                    message=message,
                    traceback=traceback,
                )
            )
        return found


def _spec(row: Row) -> GraderSpec:
    (
        key,
        name,
        criterion,
        component,
        required,
        costly,
        reads_errors,
        kind,
        version,
        options,
        code,
    ) = row
    return GraderSpec(
        name=name,
        criterion=criterion,
        component=component,
        required=bool(required),
        costly=bool(costly),
        reads_errors=bool(reads_errors),
        identity=GraderIdentity(type=kind, version=version, options=unpack(options), code=code),
        identity_key=key,
    )


def _counted(attempt: Attempt) -> Row:
    """What of an attempt has columns of its own."""
    error = attempt.trace.error
    return (attempt.outcome, None if error is None else plain(error.kind), attempt.trace.latency_s)
