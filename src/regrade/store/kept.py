"""What was worked out once and is shown often: a document by what it is and of what, until its version changes."""

from collections.abc import Sequence

from regrade.domain import Json

from .codec import pack, plain, unpack
from .databases import Connection, in_chunks


class KeptRows:
    """Keeps and gives documents that could be worked out again."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def get(self, what: str, of_what: str, version: str) -> Json:
        """Give a document; None where there is none, or one of another version."""
        rows = self._connection.execute(
            "SELECT document FROM kept WHERE what = ? AND of_what = ? AND version = ?",
            (what, plain(of_what), version),
        )
        return unpack(rows[0][0]) if rows else None

    def all(self, what: str, of_what: Sequence[str]) -> dict[str, tuple[str, Json]]:
        """Give the version and the document of several, of those that are there."""
        return {
            name: (version, unpack(document))
            for chunk in in_chunks([plain(each) for each in of_what])
            for name, version, document in self._connection.execute(
                f"SELECT of_what, version, document FROM kept WHERE what = ? AND of_what IN ({chunk.marks})",
                (what, *chunk.values),
            )
        }

    def put(self, what: str, of_what: str, version: str, document: Json) -> None:
        """Keep a document in place of an older one."""
        with self._connection.transaction(alone=False):
            self._connection.execute(
                "INSERT INTO kept (what, of_what, version, document) VALUES (?, ?, ?, ?) "
                "ON CONFLICT (what, of_what) DO UPDATE SET version = excluded.version, document = excluded.document",
                (what, plain(of_what), version, pack(document)),
            )
