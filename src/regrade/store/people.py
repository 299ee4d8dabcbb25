"""What belongs to people at the pages: who is signed in, the views that they saved, the answers that they label."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from .codec import plain
from .databases import Connection

Answer = tuple[str, str]
"""What was asked, and what was answered: the keys by which labels hold."""


@dataclass(frozen=True, slots=True)
class SavedView:
    """A state of a page that somebody gave a name."""

    page: str
    """The page."""
    name: str
    """Its name."""
    query: str
    """The query of its address."""
    who: str
    """Who saved it."""


class PeopleRows:
    """Keeps sessions, saved views and assignments."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    # sessions

    def sign_in(self, key: int, *, now_ms: int, lasts_ms: int) -> str:
        """Begin a session of whoever has a key; gives its secret, of which only the hash is kept."""
        secret = secrets.token_urlsafe(32)
        with self._connection.transaction(alone=False):
            self._connection.execute("DELETE FROM sessions WHERE expires_at < ?", (now_ms,))
            self._connection.execute(
                "INSERT INTO sessions (hash, key, expires_at) VALUES (?, ?, ?)",
                (_hash(secret), key, now_ms + lasts_ms),
            )
        return secret

    def key_of(self, secret: str, now_ms: int) -> int | None:
        """Give the key with which a session was begun; None where it is over."""
        rows = self._connection.execute(
            "SELECT key FROM sessions WHERE hash = ? AND expires_at > ?", (_hash(secret), now_ms)
        )
        return int(rows[0][0]) if rows else None

    def sign_out(self, secret: str) -> None:
        """End a session."""
        self._connection.execute("DELETE FROM sessions WHERE hash = ?", (_hash(secret),))

    # saved views

    def save_view(self, project: int, view: SavedView) -> None:
        """Save a view; one of the same name is changed."""
        self._connection.execute(
            "INSERT INTO saved_views (project, page, name, query, who) VALUES (?, ?, ?, ?, ?) "
            "ON CONFLICT (project, page, name) DO UPDATE SET query = excluded.query, who = excluded.who",
            (project, *(plain(part) for part in (view.page, view.name, view.query, view.who))),
        )

    def views(self, project: int, page: str) -> list[SavedView]:
        """Give the saved views of a page."""
        return [
            SavedView(*row)
            for row in self._connection.execute(
                "SELECT page, name, query, who FROM saved_views WHERE project = ? AND page = ? ORDER BY name",
                (project, page),
            )
        ]

    def drop_view(self, project: int, page: str, name: str) -> bool:
        """Take a saved view away; False where there is none."""
        return (
            self._connection.execute_many(
                "DELETE FROM saved_views WHERE project = ? AND page = ? AND name = ?",
                [(project, page, plain(name))],
            )
            == 1
        )

    # who labels what

    def assign(
        self, suite: str, criterion: str, answer: Answer, who: str, *, until_ms: int | None = None
    ) -> None:
        """Have a person label an answer: until a moment, or for good."""
        self._connection.execute(
            "INSERT INTO assignments (suite, criterion, pairing_key, answer, who, until) VALUES (?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (suite, criterion, pairing_key, answer) DO UPDATE SET who = excluded.who, "
            "until = excluded.until",
            (plain(suite), plain(criterion), *answer, plain(who), until_ms),
        )

    def claim(
        self, suite: str, criterion: str, answer: Answer, who: str, *, now_ms: int, until_ms: int
    ) -> bool:
        """Take an answer for a while, so that nobody else is shown it; False where another has it."""
        return (
            self._connection.execute_many(
                "INSERT INTO assignments (suite, criterion, pairing_key, answer, who, until) "
                "VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (suite, criterion, pairing_key, answer) DO UPDATE SET "
                "who = excluded.who, until = CASE WHEN assignments.until IS NULL THEN NULL ELSE excluded.until END "
                "WHERE assignments.who = excluded.who OR assignments.until < ?",
                [(plain(suite), plain(criterion), *answer, plain(who), until_ms, now_ms)],
            )
            == 1
        )

    def assigned(
        self, suite: str, criterion: str, now_ms: int
    ) -> Mapping[Answer, tuple[str, bool]]:
        """Give who labels which answers now, and whether for good."""
        return {
            (key, answer): (who, until is None)
            for key, answer, who, until in self._connection.execute(
                "SELECT pairing_key, answer, who, until FROM assignments WHERE suite = ? AND criterion = ? "
                "AND (until IS NULL OR until > ?)",
                (plain(suite), plain(criterion), now_ms),
            )
        }


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
