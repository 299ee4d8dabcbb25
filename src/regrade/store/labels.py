"""What people said: rows that are only ever added."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from regrade.domain import Label
from regrade.domain.grade import Rejudgement

from .codec import pack, plain, plain_id, unpack
from .databases import Connection

_COLUMNS = (
    "suite, criterion, case_id, pairing_key, answer, verdict, note, who, labelled_at, run_id, probability, "
    "scores"
)
_AGAIN = "suite, criterion, judge, pairing_key, answer, passed, served, judged_at"


class LabelRows:
    """Adds and reads labels."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, labels: Iterable[Label]) -> int:
        """Keep labels; gives how many were new. One that is there already is not kept twice."""
        labels = [*labels]
        known = {row for suite in {label.suite for label in labels} for row in self._rows(suite)}
        rows = [row for label in labels if (row := _row(label)) not in known]
        with self._connection.transaction():
            self._connection.execute_many(
                f"INSERT INTO labels ({_COLUMNS}) VALUES ({', '.join('?' * 12)})",
                list(dict.fromkeys(rows)),
            )
        return len(dict.fromkeys(rows))

    def of(self, suite: str) -> list[Label]:
        """Give the labels of a suite, in the order in which they were kept."""
        return [_label(row) for row in self._rows(suite)]

    def newest(self, suite: str) -> int:
        """Give the number of the newest label of a suite: what follows from labels is good until it changes."""
        [(number,)] = self._connection.execute(
            "SELECT coalesce(max(label), 0) FROM labels WHERE suite = ?", (plain(suite),)
        )
        return int(number)

    def of_answer(self, suite: str, pairing_key: str, answer: str) -> list[Label]:
        """Give the labels of one answer, in the order in which they were kept."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM labels WHERE suite = ? AND pairing_key = ? AND answer = ? ORDER BY label",
            (plain(suite), pairing_key, answer),
        )
        return [_label(tuple(row)) for row in rows]

    def _rows(self, suite: str | None = None) -> list[tuple[object, ...]]:
        where, values = ("", ()) if suite is None else ("WHERE suite = ? ", (plain(suite),))
        return [
            tuple(row)
            for row in self._connection.execute(
                f"SELECT {_COLUMNS} FROM labels {where}ORDER BY label", values
            )
        ]

    def passed(self) -> list[Label]:
        """Give the labels of every suite that say that an answer is good, and that nobody gainsaid."""
        every = [_label(row) for row in self._rows()]
        bad = {(each.pairing_key, each.answer) for each in every if each.verdict == "fail"}
        return [
            each
            for each in every
            if each.verdict == "pass" and (each.pairing_key, each.answer) not in bad
        ]

    def add_again(self, again: Iterable[Rejudgement]) -> None:
        """Keep what judges said of stored answers when they judged them again."""
        rows = [
            (
                plain(each.suite),
                plain(each.criterion),
                each.judge,
                each.pairing_key,
                each.answer,
                None if each.passed is None else int(each.passed),
                None if each.served is None else plain(each.served),
                each.judged_at.isoformat(),
            )
            for each in again
        ]
        with self._connection.transaction():
            self._connection.execute_many(
                f"INSERT INTO rejudgements ({_AGAIN}) VALUES ({', '.join('?' * 8)})", rows
            )

    def again(self, suite: str, criterion: str) -> list[Rejudgement]:
        """Give what judges of a criterion said again, in the order in which it was kept."""
        return [
            Rejudgement(
                suite=suite,
                criterion=criterion,
                judge=judge,
                pairing_key=key,
                answer=answer,
                passed=None if passed is None else bool(passed),
                served=served,
                judged_at=datetime.fromisoformat(at),
            )
            for judge, key, answer, passed, served, at in self._connection.execute(
                "SELECT judge, pairing_key, answer, passed, served, judged_at FROM rejudgements "
                "WHERE suite = ? AND criterion = ? ORDER BY rejudgement",
                (plain(suite), plain(criterion)),
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
        pack(dict(label.scores)) if label.scores else None,
    )


def _label(row: tuple[object, ...]) -> Label:
    suite, criterion, case, key, answer, verdict, note, who, at, run_id, probability, scores = row
    given: Any = scores
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
        scores={} if given is None else unpack(given),
    )
