"""The cache of answers and grades, in the same database as the runs."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime

from regrade.domain import CacheEntry, Json

from .codec import pack, unpack
from .databases import Connection


class StoredCache:
    """Keeps values by key; what is kept is written with the next batch of attempts."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection
        self._waiting: dict[str, CacheEntry] = {}

    def find(self, keys: Sequence[str]) -> Mapping[str, Json]:
        """Give the values of those keys that it has."""
        found: dict[str, Json] = {}
        for key in keys:
            if key in self._waiting:
                found[key] = self._waiting[key].value
            elif rows := self._connection.execute(
                "SELECT document FROM cache WHERE key = ?", (key,)
            ):
                found[key] = unpack(rows[0][0])
        return found

    def nearest(self, subject: str) -> Mapping[str, str] | None:
        """Give the parts of the newest key for the same subject."""
        rows = self._connection.execute(
            "SELECT parts FROM cache WHERE subject = ? ORDER BY kept_at DESC LIMIT 1", (subject,)
        )
        return unpack(rows[0][0]) if rows else None

    def keep(self, entries: Iterable[CacheEntry]) -> None:
        """Keep values for later."""
        self._waiting.update((entry.key, entry) for entry in entries)

    def write(self) -> None:
        """Write what waits; inside a transaction of the caller's."""
        if not self._waiting:
            return
        waiting, self._waiting = self._waiting, {}
        now = datetime.now(UTC).isoformat()
        rows = [
            (e.key, e.subject, pack(dict(e.parts)), pack(e.value), now) for e in waiting.values()
        ]
        self._connection.execute_many(
            "INSERT INTO cache (key, subject, parts, document, kept_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            rows,
        )
