"""What users said of traces, also before these came."""

from dataclasses import replace
from datetime import UTC, datetime

from regrade.domain.live import Feedback
from regrade.store.codec import pack, plain, plain_id, unpack
from regrade.store.databases import Connection


class FeedbackRows:
    """Keeps and gives feedback."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, project: int, feedback: Feedback) -> bool:
        """Keep feedback, once; False where it is there already."""
        document = {
            "kind": feedback.kind,
            "value": feedback.value,
            "comment": feedback.comment,
            "user_id": feedback.user_id,
        }
        return (
            self._connection.execute_many(
                "INSERT INTO feedback (project, trace_id, key, given_at, document) VALUES (?, ?, ?, ?, ?) "
                "ON CONFLICT (project, key) DO NOTHING",
                [
                    (
                        project,
                        plain(feedback.trace_id),
                        plain_id(feedback.key),
                        round(feedback.given_at.timestamp() * 1000),
                        pack(document),
                    )
                ],
            )
            == 1
        )

    def of(self, project: int, trace_id: str) -> list[Feedback]:
        """Give what was said of a trace, in its order."""
        rows = self._connection.execute(
            "SELECT key, given_at, document FROM feedback WHERE project = ? AND trace_id = ? ORDER BY given_at, key",
            (project, plain(trace_id)),
        )
        return [
            replace(
                Feedback(
                    trace_id=trace_id,
                    key=key,
                    given_at=datetime.fromtimestamp(at / 1000, UTC),
                    **unpack(document),
                )
            )
            for key, at, document in rows
        ]

    def thumbs(self, project: int, since_ms: int, until_ms: int) -> tuple[int, int]:
        """Give how many thumbs up there were between two moments, and how many thumbs in all."""
        given = [
            unpack(document)
            for (document,) in self._connection.execute(
                "SELECT document FROM feedback WHERE project = ? AND given_at >= ? AND given_at < ?",
                (project, since_ms, until_ms),
            )
        ]
        thumbs = [each["value"] for each in given if each["kind"] == "thumbs"]
        return sum(each is True for each in thumbs), len(thumbs)

    def thumbs_since(
        self, project: int, since_ms: int, most: int = 20_000
    ) -> list[tuple[int, bool]]:
        """Give the newest thumbs since a moment: when each was given, and whether it was up."""
        given = [
            (at, unpack(document))
            for at, document in self._connection.execute(
                "SELECT given_at, document FROM feedback WHERE project = ? AND given_at >= ? "
                "ORDER BY given_at DESC LIMIT ?",
                (project, since_ms, most),
            )
        ]
        return [(at, each["value"] is True) for at, each in given if each["kind"] == "thumbs"]

    def disliked(self, project: int, since_ms: int, limit: int) -> list[str]:
        """Give the ids of traces that users disliked or corrected, the newest first."""
        return list(
            dict.fromkeys(
                trace_id
                for trace_id, document in self._connection.execute(
                    "SELECT trace_id, document FROM feedback WHERE project = ? AND given_at >= ? "
                    "ORDER BY given_at DESC LIMIT ?",
                    (project, since_ms, limit * 20),
                )
                if (said := unpack(document))["kind"] == "correction"
                or (said["kind"] == "thumbs" and said["value"] is False)
            )
        )[:limit]

    def corrected(self, project: int) -> set[str]:
        """Give the ids of traces that users corrected."""
        return {
            trace_id
            for trace_id, document in self._connection.execute(
                "SELECT trace_id, document FROM feedback WHERE project = ?", (project,)
            )
            if unpack(document)["kind"] == "correction"
        }
