"""What could not be read: kept where it can be seen, and tried again."""

import hashlib
from datetime import UTC, datetime

from regrade.domain.live import DeadLetter
from regrade.store.codec import plain
from regrade.store.databases import Connection

_COLUMNS = "letter, received_at, kind, reason, size, digest, body"


class LetterRows:
    """Keeps bodies that could not be read."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(
        self, project: int, kind: str, reason: str, body: bytes, now_ms: int, *, keeps_body: bool
    ) -> None:
        """Keep a body once, or only its size and hash."""
        digest = hashlib.sha256(body).hexdigest()
        self._connection.execute(
            "INSERT INTO dead_letters (project, received_at, kind, reason, size, digest, body) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (project, kind, digest) DO NOTHING",
            (
                *(project, now_ms, kind, plain(reason), len(body), digest),
                body if keeps_body else None,
            ),
        )

    def of(self, project: int, limit: int = 100) -> list[DeadLetter]:
        """Give the newest ones, the newest first."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM dead_letters WHERE project = ? ORDER BY received_at DESC, letter DESC LIMIT ?",
            (project, limit),
        )
        return [
            DeadLetter(
                letter=letter,
                received_at=datetime.fromtimestamp(at / 1000, UTC),
                kind=kind,
                reason=reason,
                size=size,
                digest=digest,
                body=body,
            )
            for letter, at, kind, reason, size, digest, body in rows
        ]

    def remove(self, letter: int) -> None:
        """Take one away: it could be read after all."""
        self._connection.execute("DELETE FROM dead_letters WHERE letter = ?", (letter,))

    def count(self) -> int:
        """Give how many there are."""
        return int(self._connection.execute("SELECT count(*) FROM dead_letters")[0][0])
