"""Keys of whoever may send, read or change: only their hashes are kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from regrade.domain import Json
from regrade.domain.live import LATEST_MS
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection

PREFIX = "rg_"
"""How a key begins, so that scanners for secrets know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key, without its secret."""

    key: int
    """Its number."""
    project: int
    """The project that it is good for."""
    name: str
    """What people call it."""
    role: str
    """What it allows."""
    made_at: datetime
    """When it was made."""
    expires_at: datetime | None
    """When it ends by itself."""
    ended_at: datetime | None
    """When somebody ended it."""
    per_minute: int | None
    """Requests that it may send a minute; None for any number."""

    def is_good(self, now: datetime) -> bool:
        """Whether it is still good."""
        return self.ended_at is None and (self.expires_at is None or now < self.expires_at)


class KeyRows:
    """Makes, finds and ends keys; writes down who changed what."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def make(
        self,
        project: int,
        name: str,
        role: str,
        now_ms: int,
        *,
        expires_ms: int | None = None,
        per_minute: int | None = None,
    ) -> str:
        """Make a key and give its secret, which is shown nowhere again; one that would last longer than any calendar
        lasts as long as that.
        """
        ends = None if expires_ms is None else min(expires_ms, LATEST_MS)
        secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
        self._connection.execute(
            "INSERT INTO keys (project, name, role, hash, made_at, expires_at, per_minute) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (project, plain(name), role, _hash(secret), now_ms, ends, per_minute),
        )
        return secret

    def find(self, secret: str) -> Key | None:
        """Give the key of a secret; None where there is none."""
        found = self._select("WHERE hash = ?", (_hash(secret),))
        return found[0] if found else None

    def get(self, key: int) -> Key | None:
        """Give a key by its number."""
        found = self._select("WHERE key = ?", (key,))
        return found[0] if found else None

    def all(self) -> list[Key]:
        """Give every key, the newest first."""
        return self._select("ORDER BY key DESC", ())

    def end(self, key: int, now_ms: int) -> bool:
        """End a key; False where there is none that is good."""
        return (
            self._connection.execute_many(
                "UPDATE keys SET ended_at = ? WHERE key = ? AND ended_at IS NULL", [(now_ms, key)]
            )
            == 1
        )

    def _select(self, where: str, values: tuple[object, ...]) -> list[Key]:
        rows = self._connection.execute(
            f"SELECT key, project, name, role, made_at, expires_at, ended_at, per_minute FROM keys {where}",
            values,
        )
        return [
            Key(
                key=key,
                project=project,
                name=name,
                role=role,
                made_at=datetime.fromtimestamp(made / 1000, UTC),
                expires_at=None if expires is None else datetime.fromtimestamp(expires / 1000, UTC),
                ended_at=None if ended is None else datetime.fromtimestamp(ended / 1000, UTC),
                per_minute=per_minute,
            )
            for key, project, name, role, made, expires, ended, per_minute in rows
        ]

    def write_down(self, who: str, what: str, document: Json, now_ms: int) -> None:
        """Write down who changed what."""
        self._connection.execute(
            "INSERT INTO audit (at, who, what, document) VALUES (?, ?, ?, ?)",
            (now_ms, plain(who), plain(what), pack(document)),
        )

    def written(self, limit: int = 100) -> list[dict[str, Json]]:
        """Give what was written down, the newest first."""
        rows = self._connection.execute(
            "SELECT at, who, what, document FROM audit ORDER BY entry DESC LIMIT ?", (limit,)
        )
        return [
            {
                "at": datetime.fromtimestamp(at / 1000, UTC).isoformat(),
                "who": who,
                "what": what,
                "details": unpack(document),
            }
            for at, who, what, document in rows
        ]


def _hash(secret: str) -> str:
    """Hash a secret of 256 random bits, for which a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
