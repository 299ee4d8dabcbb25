"""Messages that wait to be sent: written with what they tell of, sent once, tried again, given up."""

from dataclasses import dataclass

from regrade.domain import Json
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection

_CLAIM = (
    "UPDATE deliveries SET state = 'leased', leased_by = ?, not_before = ?, attempts = attempts + 1 "
    "WHERE delivery IN (SELECT delivery FROM deliveries WHERE state IN ('waiting', 'leased') AND not_before <= ? "
    "AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE earlier.project = deliveries.project "
    "AND earlier.channel = deliveries.channel AND earlier.subject = deliveries.subject "
    "AND earlier.delivery < deliveries.delivery AND earlier.state IN ('waiting', 'leased')) "
    "ORDER BY not_before LIMIT ?{locked}) RETURNING delivery, project, channel, key, attempts, document"
)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message for one channel."""

    delivery: int
    """Its number."""
    project: int
    """The project."""
    channel: str
    """The channel."""
    key: str
    """What makes it one: the same is not sent twice."""
    attempts: int
    """How often it was begun, this time included."""
    document: Json
    """What it says."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a message."""

    channel: str
    """The channel."""
    key: str
    """Which message."""
    state: str
    """waiting, leased, sent or dead."""
    attempts: int
    """How often it was tried."""
    error: str | None
    """Why it is not sent yet, or was given up."""


class DeliveryRows:
    """Hands out messages. A lease is the time until which nobody else gets one."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def add(self, project: int, channel: str, key: str, document: Json, now_ms: int) -> None:
        """Add a message, once; inside a transaction of the caller's. Messages of one alert are sent in their order: one
        waits for those before it.
        """
        subject = f"alert {document['alert']}" if "alert" in document else key
        self._connection.execute(
            "INSERT INTO deliveries (project, channel, key, subject, state, attempts, not_before, made_at, document) "
            "VALUES (?, ?, ?, ?, 'waiting', 0, ?, ?, ?) ON CONFLICT (project, channel, key) DO NOTHING",
            (project, plain(channel), plain(key), plain(subject), now_ms, now_ms, pack(document)),
        )

    def claim(self, who: str, now_ms: int, *, lease_ms: int, limit: int) -> list[Delivery]:
        """Lease messages that wait, or whose lease has run out."""
        locked = " FOR UPDATE SKIP LOCKED" if self._connection.is_shared else ""
        with self._connection.transaction(alone=False):
            rows = self._connection.execute(
                _CLAIM.format(locked=locked), (who, now_ms + lease_ms, now_ms, limit)
            )
        return [
            Delivery(delivery, project, channel, key, attempts, unpack(document))
            for delivery, project, channel, key, attempts, document in rows
        ]

    def settle(
        self, each: Delivery, state: str, *, not_before_ms: int = 0, error: str | None = None
    ) -> None:
        """Note that it was sent, waits for another try, or was given up."""
        self._connection.execute(
            "UPDATE deliveries SET state = ?, not_before = ?, error = ?, leased_by = NULL "
            "WHERE delivery = ? AND attempts = ?",
            (
                *(state, not_before_ms, None if error is None else plain(error)),
                *(each.delivery, each.attempts),
            ),
        )

    def of(self, project: int, limit: int = 100) -> list[Sent]:
        """Give the newest messages, the newest first."""
        return [
            Sent(*row)
            for row in self._connection.execute(
                "SELECT channel, key, state, attempts, error FROM deliveries WHERE project = ? "
                "ORDER BY delivery DESC LIMIT ?",
                (project, limit),
            )
        ]

    def delete_before(self, moment_ms: int) -> int:
        """Forget messages that were sent or given up before a moment; gives how many."""
        return self._connection.execute_many(
            "DELETE FROM deliveries WHERE state IN ('sent', 'dead') AND made_at < ?", [(moment_ms,)]
        )

    def counts(self) -> dict[str, int]:
        """Give how many messages there are by state."""
        return dict(
            self._connection.execute("SELECT state, count(*) FROM deliveries GROUP BY state")
        )
