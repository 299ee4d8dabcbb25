"""The store: runs with their cases, attempts, traces and grades."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from regrade import __version__
from regrade.domain import (
    Attempt,
    Case,
    Component,
    Dataset,
    Revision,
    RunHeader,
    SuiteOutline,
    Summary,
    case_content,
    restored_case,
)
from regrade.domain.errors import StoreError, UnknownRunError

from .attempts import AttemptRows
from .cache import StoredCache
from .codec import pack, plain, plain_id, unpack
from .databases import Row, in_chunks, open_connection
from .kept import KeptRows
from .labels import LabelRows
from .live import LiveRows
from .outcomes import OutcomeRows
from .people import PeopleRows
from .promotions import PromotionRows
from .summaries import Place, ReadLater, restored_summary, summary_content

_HEADER = (
    "run_id, outline, suite_version, suite_path, label, dataset_version, target_version, trials, planned, started_at, "
    "finished_at, status, regraded_from, suite, version"
)


class Store:
    """One database of runs; several processes may use it at once."""

    def __init__(self, place: Path | str) -> None:
        """Open the database, or make it: a file, or `postgresql://…`.

        Raises: StoreError.
        """
        self._connection = open_connection(place)
        self._attempts = AttemptRows(self._connection)
        self.cache = StoredCache(self._connection)
        self.promotions = PromotionRows(self._connection)
        self.labels = LabelRows(self._connection)
        self.outcomes = OutcomeRows(self._connection)
        self.kept = KeptRows(self._connection)
        self.people = PeopleRows(self._connection)
        self.live = LiveRows(self._connection)

    def __enter__(self) -> Self:
        """Use it in a `with`."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    @property
    def place(self) -> Path | str:
        """Where it is."""
        return self._connection.place

    @property
    def shown(self) -> str:
        """The same for people: without a password."""
        return self._connection.shown

    @property
    def is_broken(self) -> bool:
        """Whether its database broke off, and has to be opened anew."""
        return self._connection.is_broken

    def back_up(self, path: Path) -> None:
        """Write a consistent copy into a file that is not there yet.

        Raises: UsageError where that is done by other tools, or the file is there; StoreError.
        """
        self._connection.back_up(path)

    @property
    def facts(self) -> dict[str, str]:
        """What settings its database runs with."""
        return self._connection.facts()

    def transaction(self) -> AbstractContextManager[None]:
        """Do several things or none of them; others may write meanwhile where the database lets them.

        Raises: StoreError.
        """
        return self._connection.transaction(alone=False)

    def begin(self, header: RunHeader, dataset: Dataset) -> None:
        """Note that a run begins, with its cases."""
        with self._connection.transaction():
            self._write_dataset(dataset)
            self._connection.execute(
                f"INSERT INTO runs ({_HEADER}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                _header_row(header),
            )

    def _write_dataset(self, dataset: Dataset) -> None:
        if self._connection.execute(
            "SELECT 1 FROM datasets WHERE dataset_version = ?", (dataset.version,)
        ):
            return
        self._connection.execute(
            "INSERT INTO datasets VALUES (?, ?)", (dataset.version, len(dataset.cases))
        )
        rows = (
            (
                dataset.version,
                position,
                plain_id(case.id),
                case.pairing_key,
                pack(case_content(case)),
            )
            for position, case in enumerate(dataset.cases)
        )
        self._connection.execute_many(
            "INSERT INTO cases (dataset_version, position, case_id, pairing_key, document) VALUES (?, ?, ?, ?, ?)",
            rows,
        )

    def save(self, run_id: str, attempts: Sequence[Attempt], *, source: str | None = None) -> None:
        """Keep finished attempts, all or none of them; keeping one twice changes nothing.

        `source` is the run whose traces these attempts share, when stored ones were judged again.
        """
        with self._connection.transaction():
            self._attempts.write(run_id, attempts, source)
            self.cache.write()

    def finish(self, header: RunHeader) -> None:
        """Note how a run ended."""
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE runs SET finished_at = ?, status = ?, version = ? WHERE run_id = ?",
                (_when(header.finished_at), header.status, _version(header), header.run_id),
            )

    def headers(
        self, limit: int | None = None, suite: str | None = None, before: RunHeader | None = None
    ) -> list[RunHeader]:
        """Give the newest runs, the newest first; with `before`, those that began earlier than another."""
        wheres, values = ["started_at IS NOT NULL"], []
        if suite is not None:
            wheres, values = ["suite = ?"], [plain(suite)]
        if before is not None:
            wheres.append("(started_at, run_id) < (?, ?)")
            values += [before.started_at.isoformat(), before.run_id]
        rows = self._connection.execute(
            f"SELECT {_HEADER} FROM runs WHERE {' AND '.join(wheres)} "
            "ORDER BY started_at DESC, run_id DESC LIMIT ?",
            (*values, 1_000_000_000 if limit is None else limit),
        )
        return [_header(row) for row in rows]

    def find(self, reference: str) -> RunHeader:
        """Find a run by its id, the beginning of its id, its label (the newest with it), or `last`.

        Raises: UnknownRunError.
        """
        reference = plain(reference)
        rows = self._connection.execute(
            f"SELECT {_HEADER} FROM runs WHERE run_id = ? OR label = ? OR ? = 'last' "
            "ORDER BY started_at DESC, run_id DESC LIMIT 1",
            (reference, reference, reference),
        ) or self._connection.execute(
            f"SELECT {_HEADER} FROM runs WHERE substr(run_id, 1, ?) = ? LIMIT 2",
            (len(reference), reference),
        )
        if len(rows) != 1:
            raise UnknownRunError(self._unknown(reference, len(rows)))
        return _header(rows[0])

    def _unknown(self, reference: str, found: int) -> str:
        if found:
            return f"several runs begin with {reference!r}; write more of the id"
        newest = ", ".join(header.run_id for header in self.headers(limit=3))
        known = (
            f"the newest are {newest}" if newest else "there is none yet; `regrade run` makes one"
        )
        return f"{self._connection.shown} has no run with the id or label {reference!r}; {known}"

    def dataset(self, version: str) -> Dataset:
        """Give the cases of a dataset version."""
        rows = self._connection.execute(
            "SELECT document FROM cases WHERE dataset_version = ? ORDER BY position", (version,)
        )
        if not rows:
            raise StoreError(
                f"{self._connection.shown} has no cases of the dataset version {version}"
            )
        return Dataset(tuple(restored_case(unpack(row[0])) for row in rows), version)

    def attempts(self, run_id: str, dataset: Dataset) -> list[Attempt]:
        """Give the attempts of a run, in the order in which they were kept."""
        cases = dict(enumerate(dataset.cases))
        return list(self._attempts.read(self._run(run_id), cases))

    def attempts_of(self, header: RunHeader, case_id: str) -> list[Attempt]:
        """Give the attempts of a run at one case; none where it has no such case."""
        rows = self._connection.execute(
            "SELECT position FROM cases WHERE dataset_version = ? AND case_id = ?",
            (header.dataset_version, plain_id(case_id)),
        )
        cases = self._cases(header.dataset_version, {position for (position,) in rows})
        return list(self._attempts.read(self._run(header.run_id), cases, only=True))

    def keep_summary(self, summary: Summary) -> None:
        """Keep what a run says, so that it need not be worked out again."""
        run_id = summary.header.run_id
        content = summary_content(summary, self._attempts.places(run_id, summary.failures))
        content["regrade"] = __version__
        with self._connection.transaction():
            self._connection.execute(
                "UPDATE runs SET summary = ? WHERE run_id = ?", (pack(content), run_id)
            )

    def summary(self, header: RunHeader) -> Summary | None:
        """Give what a run says; None when nobody kept it, another version of regrade did, or
        attempts came since. Its failures are read when they are looked at.
        """
        rows = self._connection.execute(
            "SELECT summary FROM runs WHERE run_id = ? AND summary IS NOT NULL", (header.run_id,)
        )
        if not rows:
            return None
        content = unpack(rows[0][0])
        made = sum(content.get(outcome, 0) for outcome in ("passed", "failed", "ungraded"))
        if content.pop("regrade") != __version__ or made != sum(
            self.outcomes.counts(header.run_id).values()
        ):
            return None
        read = partial(_read_anew, self.place, header)
        return restored_summary(content, header, lambda places: ReadLater(places, read))

    def attempts_at(self, header: RunHeader, places: Sequence[Place]) -> dict[Place, Attempt]:
        """Give the attempts of a run at some places, by place."""
        positions = {position for position, _ in places}
        cases = self._cases(header.dataset_version, positions)
        attempts = self._attempts.read(self._run(header.run_id), cases, only=True)
        ids = {case.id: position for position, case in cases.items()}
        found = {(ids[attempt.case.id], attempt.trial): attempt for attempt in attempts}
        return {place: found[place] for place in places}

    def _cases(self, version: str, positions: set[int]) -> dict[int, Case]:
        """Give the cases at some positions."""
        found: dict[int, Case] = {}
        for chunk in in_chunks(sorted(positions)):
            rows = self._connection.execute(
                f"SELECT position, document FROM cases WHERE dataset_version = ? AND position IN ({chunk.marks})",
                (version, *chunk.values),
            )
            found |= {at: restored_case(unpack(document)) for at, document in rows}
        return found

    def _run(self, run_id: str) -> int:
        return int(
            self._connection.execute("SELECT run FROM runs WHERE run_id = ?", (run_id,))[0][0]
        )

    def attempts_after(
        self, header: RunHeader, after: int, dataset: Dataset
    ) -> tuple[list[Attempt], int]:
        """Give the attempts of a run that came after one, and the number of the last one."""
        run = self._run(header.run_id)
        found = self._attempts.after(run, after, dict(enumerate(dataset.cases)))
        return [attempt for _, attempt in found], max((key for key, _ in found), default=after)


def _read_anew(
    place: Path | str, header: RunHeader, places: Sequence[Place]
) -> dict[Place, Attempt]:
    """Read attempts when whoever opened the database before may have closed it."""
    with Store(place) as store:
        return store.attempts_at(header, places)


def _header_row(header: RunHeader) -> Row:
    return (
        header.run_id,
        pack(asdict(header.suite)),
        header.suite_version,
        header.suite_path,
        header.label,
        header.dataset_version,
        header.target_version,
        header.trials,
        header.planned,
        _when(header.started_at),
        _when(header.finished_at),
        header.status,
        header.regraded_from,
        header.suite.name,
        _version(header),
    )


def _version(header: RunHeader) -> bytes:
    """Pack what is known of the version, and of how the run ended."""
    return pack(
        {
            "fingerprint": dict(header.fingerprint),
            "revision": None if header.revision is None else asdict(header.revision),
            "stopped_by": header.stopped_by,
        }
    )


def _header(row: Row) -> RunHeader:
    outline = unpack(row[1])
    outline["components"] = tuple(Component(**component) for component in outline["components"])
    version = {} if row[14] is None else unpack(row[14])
    revision = version.get("revision")
    outline["slices"] = None if outline["slices"] is None else tuple(outline["slices"])
    return RunHeader(
        run_id=row[0],
        suite=SuiteOutline(**outline),
        suite_version=row[2],
        suite_path=row[3],
        label=row[4],
        dataset_version=row[5],
        target_version=row[6],
        trials=row[7],
        planned=row[8],
        started_at=datetime.fromisoformat(row[9]),
        finished_at=None if row[10] is None else datetime.fromisoformat(row[10]),
        status=row[11],
        regraded_from=row[12],
        stopped_by=version.get("stopped_by"),
        fingerprint=version.get("fingerprint", {}),
        revision=None if revision is None else Revision(**revision),
    )


def _when(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
