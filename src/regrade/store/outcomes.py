"""How cases came out, without reading what was answered: counted, by case, and over the runs of a suite."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from .codec import plain, plain_id
from .databases import Connection, in_chunks

_JUDGED = (
    "FROM attempts JOIN runs USING (run) JOIN cases ON cases.dataset_version = runs.dataset_version "
    "AND cases.position = attempts.position "
)
_PASSED = "min(CASE WHEN outcome = 'passed' THEN 1 ELSE 0 END)"


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteRuns:
    """The runs of a suite, counted."""

    suite: str
    """Its name."""
    runs: int
    """How many there are."""
    newest: str
    """The id of the newest one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseInRun:
    """How one case came out in one run."""

    run_id: str
    """The run."""
    label: str | None
    """Its label."""
    started_at: datetime
    """When it began."""
    target_version: str
    """The version of the system."""
    passed: int
    """Trials that passed."""
    failed: int
    """Trials that failed."""
    ungraded: int
    """Trials that nobody could judge."""
    is_same: bool
    """Whether it asked and expected the same as the case that was looked for."""


class OutcomeRows:
    """Counts outcomes."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def of_run(self, run_id: str) -> dict[str, bool]:
        """Give the cases of a run that were judged, by pairing key: whether every judged trial
        passed.
        """
        rows = self._connection.execute(
            f"SELECT pairing_key, {_PASSED} {_JUDGED}"
            "WHERE run_id = ? AND outcome <> 'ungraded' GROUP BY pairing_key",
            (run_id,),
        )
        return {str(key): bool(passed) for key, passed in rows}

    def of_cases(self, run_id: str, cases: Sequence[str]) -> dict[str, bool]:
        """Give some cases of a run that were judged, by id: whether every judged trial passed."""
        return {
            str(case): bool(passed)
            for chunk in in_chunks([plain_id(case) for case in cases])
            for case, passed in self._connection.execute(
                f"SELECT case_id, {_PASSED} {_JUDGED}"
                f"WHERE run_id = ? AND outcome <> 'ungraded' AND case_id IN ({chunk.marks}) GROUP BY case_id",
                (run_id, *chunk.values),
            )
        }

    def by_type(self, run_id: str, types: Sequence[str]) -> list[tuple[str, int, int, bool]]:
        """Give what graders of some types say of the attempts of a run: the type, the number of the attempt, the
        position of its case, and whether it passes all of them.
        """
        marks = ", ".join("?" * len(types))
        rows = self._connection.execute(
            "SELECT type, attempts.attempt, attempts.position, min(passed) FROM grades "
            "JOIN graders USING (grader) JOIN attempts USING (attempt) JOIN runs USING (run) "
            f"WHERE run_id = ? AND type IN ({marks}) AND passed IS NOT NULL "
            "GROUP BY type, attempts.attempt, attempts.position",
            (run_id, *types),
        )
        return [(kind, int(attempt), int(at), bool(passed)) for kind, attempt, at, passed in rows]

    def counts(self, run_id: str) -> dict[str, int]:
        """Give the number of attempts of a run by outcome."""
        rows = self._connection.execute(
            "SELECT outcome, count(*) FROM attempts JOIN runs USING (run) WHERE run_id = ? GROUP BY outcome",
            (run_id,),
        )
        return {str(outcome): int(number) for outcome, number in rows}

    def suites(self) -> list[SuiteRuns]:
        """Give every suite with its newest run, the suite that ran last first."""
        rows = self._connection.execute(
            "SELECT runs.suite, number, run_id FROM runs JOIN (SELECT suite, max(started_at) AS newest, "
            "count(*) AS number FROM runs GROUP BY suite) AS each ON each.suite = runs.suite "
            "AND each.newest = runs.started_at ORDER BY started_at DESC, run_id DESC"
        )
        found: dict[str, SuiteRuns] = {}
        for suite, number, run_id in rows:
            found.setdefault(suite, SuiteRuns(suite=suite, runs=int(number), newest=run_id))
        return [*found.values()]

    def of_case(self, suite: str, case_id: str, pairing_key: str, limit: int) -> list[CaseInRun]:
        """Give how a case came out in the newest runs of its suite, the newest first."""
        rows = self._connection.execute(
            "SELECT run_id, newest.label, started_at, target_version, "
            "sum(CASE WHEN outcome = 'passed' THEN 1 ELSE 0 END), "
            "sum(CASE WHEN outcome = 'failed' THEN 1 ELSE 0 END), "
            "sum(CASE WHEN outcome = 'ungraded' THEN 1 ELSE 0 END), pairing_key "
            "FROM (SELECT run, run_id, label, started_at, target_version, dataset_version FROM runs WHERE suite = ? "
            "ORDER BY started_at DESC LIMIT ?) AS newest "
            "JOIN cases ON cases.dataset_version = newest.dataset_version AND case_id = ? "
            "JOIN attempts ON attempts.run = newest.run AND attempts.position = cases.position "
            "GROUP BY run_id, newest.label, started_at, target_version, pairing_key "
            "ORDER BY started_at DESC, run_id DESC",
            (plain(suite), limit, plain_id(case_id)),
        )
        return [
            CaseInRun(
                run_id=run_id,
                label=label,
                started_at=datetime.fromisoformat(at),
                target_version=version,
                passed=int(passed),
                failed=int(failed),
                ungraded=int(ungraded),
                is_same=key == pairing_key,
            )
            for run_id, label, at, version, passed, failed, ungraded, key in rows
        ]
