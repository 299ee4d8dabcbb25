"""What people said: rows that are only ever added."""

from collections.abc import Iterable
from datetime import datetime

from regrade.domain import Label

from .codec import plain, plain_id
from .connection import Connection

_COLUMNS = "suite, criterion, case_id, pairing_key, answer, verdict, note, who, labelled_at, run_id, probability"


class LabelRows:
    """Adds and reads labels."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, labels: Iterable[Label]) -> int:
        """Keep labels; gives how many were new. One that is there already is not kept twice."""
        known = set(self._rows())
        rows = [row for label in labels if (row := _row(label)) not in known]
        with self._connection.transaction():
            self._connection.execute_many(
                f"INSERT INTO labels ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                list(dict.fromkeys(rows)),
            )
        return len(dict.fromkeys(rows))

    def of(self, suite: str) -> list[Label]:
        """Give the labels of a suite, in the order in which they were kept."""
        return [_label(row) for row in self._rows(suite)]

    def _rows(self, suite: str | None = None) -> list[tuple[object, ...]]:
        return [
            tuple(row)
            for row in self._connection.execute(
                f"SELECT {_COLUMNS} FROM labels WHERE (? IS NULL OR suite = ?) ORDER BY label",
                (suite, suite),
            )
        ]


def _row(label: Label) -> tuple[object, ...]:
    return (
        plain(label.suite),
        plain(label.criterion),
        plain_id(label.case),
        label.pairing_key,
        label.answer,
        label.verdict,
        plain(label.note),
        plain(label.who),
        label.labelled_at.isoformat(),
        label.run_id,
        label.probability,
    )


def _label(row: tuple[object, ...]) -> Label:
    suite, criterion, case, key, answer, verdict, note, who, at, run_id, probability = row
    return Label(
        suite=str(suite),
        criterion=str(criterion),
        case=str(case),
        pairing_key=str(key),
        answer=str(answer),
        verdict=verdict,  # type: ignore[arg-type]  # written by `_row`
        note=str(note),
        who=str(who),
        labelled_at=datetime.fromisoformat(str(at)),
        run_id=None if run_id is None else str(run_id),
        probability=None if probability is None else float(str(probability)),
    )
