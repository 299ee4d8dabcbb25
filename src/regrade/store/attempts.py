"""Attempts as rows: an attempt points at its trace, its grades and its graders' failures point at
it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from ..domain import (
    Attempt,
    Case,
    Grade,
    GraderFailure,
    GraderIdentity,
    GraderSpec,
    restored_trace,
    trace_content,
)
from .codec import pack, plain, unpack
from .connection import Connection, Row

_GRADER = "identity_key, name, criterion, component, required, costly, reads_errors, type, version, options, code"


class AttemptRows:
    """Writes and reads attempts."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection
        self._graders: dict[Row, int] = {}

    def write(self, run_id: str, attempts: Sequence[Attempt], source: str | None) -> None:
        """Write attempts that are not there yet; inside a transaction of the caller's."""
        grades: list[Row] = []
        failures: list[Row] = []
        for attempt in attempts:
            key = self._write_attempt(run_id, attempt, source)
            if key is None:
                continue
            for position, grade in enumerate(attempt.grades):
                grades.append(self._grade_row(key, position, grade))
            for position, failure in enumerate(attempt.failures):
                grader = self._grader_key(failure.spec)
                texts = (
                    plain(failure.error_type),
                    plain(failure.message),
                    plain(failure.traceback),
                )
                failures.append((key, position, grader, *texts))
        self._connection.execute_many("INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?)", grades)
        self._connection.execute_many(
            "INSERT INTO grader_failures VALUES (?, ?, ?, ?, ?, ?)", failures
        )

    def _write_attempt(self, run_id: str, attempt: Attempt, source: str | None) -> int | None:
        case_id, trace = plain(attempt.case.id), attempt.trace
        where = (case_id, attempt.trial)
        if self._connection.execute(
            "SELECT 1 FROM attempts WHERE run_id = ? AND case_id = ? AND trial = ?",
            (run_id, *where),
        ):
            return None
        shared = (
            self._connection.execute(
                "SELECT trace FROM attempts WHERE run_id = ? AND case_id = ? AND trial = ?",
                (source, *where),
            )
            if source
            else []
        )
        trace_key = (
            shared[0][0]
            if shared
            else self._connection.insert(
                "INSERT INTO traces (document) VALUES (?)", (pack(trace_content(trace)),)
            )
        )
        error = None if trace.error is None else plain(trace.error.kind)
        return self._connection.insert(
            "INSERT INTO attempts (run_id, case_id, trial, outcome, error, latency_s, trace) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (run_id, *where, attempt.outcome, error, trace.latency_s, trace_key),
        )

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

    def read(
        self, run_id: str, cases: Mapping[str, Case], *, only: str | None = None
    ) -> Iterator[Attempt]:
        """Give the attempts of a run, or only those at one case."""
        where = "run_id = ? AND (? IS NULL OR case_id = ?)"
        chosen = (run_id, only, only)
        graders = self._read_graders()
        grades, failures = (
            self._read_grades(where, chosen, graders),
            self._read_failures(where, chosen, graders),
        )
        by_plain_id = {plain(case.id): case for case in cases.values()}
        rows = self._connection.execute(
            "SELECT attempt, case_id, trial, document FROM attempts JOIN traces USING (trace) "
            f"WHERE {where} ORDER BY attempt",
            chosen,
        )
        for key, case_id, trial, document in rows:
            yield Attempt(
                case=by_plain_id[case_id],
                trial=trial,
                trace=restored_trace(unpack(document)),
                grades=tuple(grades.get(key, ())),
                failures=tuple(failures.get(key, ())),
            )

    def _read_graders(self) -> dict[int, GraderSpec]:
        rows = self._connection.execute(f"SELECT grader, {_GRADER} FROM graders")
        return {row[0]: _spec(row[1:]) for row in rows}

    def _read_grades(
        self, where: str, chosen: Row, graders: Mapping[int, GraderSpec]
    ) -> dict[int, list[Grade]]:
        found: defaultdict[int, list[Grade]] = defaultdict(list)
        rows = self._connection.execute(
            "SELECT attempt, grader, passed, score, label, reason, issues FROM grades JOIN attempts USING (attempt) "
            f"WHERE {where} ORDER BY attempt, position",
            chosen,
        )
        for attempt, grader, passed, score, label, reason, issues in rows:
            judgement = None if passed is None else bool(passed)
            faults = tuple(unpack(issues)) if issues else ()
            found[attempt].append(Grade(judgement, reason, score, label, faults, graders[grader]))
        return found

    def _read_failures(
        self, where: str, chosen: Row, graders: Mapping[int, GraderSpec]
    ) -> dict[int, list[GraderFailure]]:
        found: defaultdict[int, list[GraderFailure]] = defaultdict(list)
        rows = self._connection.execute(
            "SELECT attempt, grader, error_type, message, traceback FROM grader_failures JOIN attempts USING (attempt) "
            f"WHERE {where} ORDER BY attempt, position",
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
