"""Alerts: raised once, looked at, over; what is muted, and which releases there were."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from regrade.domain import Json
from regrade.domain.live import Alert, Alerting, AlertState, Channel
from regrade.store.codec import pack, plain, unpack
from regrade.store.databases import Connection, Row

_COLUMNS = "alert, project, monitor, series, state, opened_at, since, ended_at, document"


class AlertRows:
    """Keeps alerts and what belongs to them."""

    def __init__(self, connection: Connection) -> None:
        """Take the database."""
        self._connection = connection

    def open(
        self,
        project: int,
        monitor: str,
        series: str,
        *,
        at_ms: int,
        since_ms: int,
        evidence: Mapping[str, Json],
    ) -> int | None:
        """Raise an alert; None where one of the same monitor and series is not over yet."""
        rows = self._connection.execute(
            "INSERT INTO alerts (project, monitor, series, state, opened_at, since, document) "
            "VALUES (?, ?, ?, 'open', ?, ?, ?) ON CONFLICT DO NOTHING RETURNING alert",
            (project, plain(monitor), plain(series), at_ms, since_ms, pack(dict(evidence))),
        )
        return int(rows[0][0]) if rows else None

    def get(self, project: int, alert: int) -> Alert | None:
        """Give an alert."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE project = ? AND alert = ?", (project, alert)
        )
        return _alert(rows[0]) if rows else None

    def standing(self, project: int, monitor: str) -> dict[str, Alert]:
        """Give the alerts of a monitor that are not over, by series."""
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE project = ? AND monitor = ? "
            "AND state IN ('open', 'acknowledged')",
            (project, plain(monitor)),
        )
        return {each.series: each for each in map(_alert, rows)}

    def listed(
        self, project: int, *, is_open: bool | None = None, since_ms: int = 0, limit: int = 100
    ) -> list[Alert]:
        """List alerts, the newest first."""
        which = {
            None: "",
            True: "AND state IN ('open', 'acknowledged') ",
            False: "AND state IN ('recovered', 'resolved') ",
        }[is_open]
        rows = self._connection.execute(
            f"SELECT {_COLUMNS} FROM alerts WHERE project = ? AND opened_at >= ? {which}"
            "ORDER BY opened_at DESC, alert DESC LIMIT ?",
            (project, since_ms, limit),
        )
        return [_alert(row) for row in rows]

    def change(
        self,
        project: int,
        alert: int,
        state: AlertState,
        *,
        at_ms: int,
        evidence: Mapping[str, Json] | None = None,
    ) -> bool:
        """Note what became of an alert that is not over; False where there is none."""
        is_over = state in ("recovered", "resolved")
        changed = self._connection.execute_many(
            "UPDATE alerts SET state = ?, ended_at = ? WHERE project = ? AND alert = ? "
            "AND state IN ('open', 'acknowledged')",
            [(state, at_ms if is_over else None, project, alert)],
        )
        if changed and evidence is not None:
            self.add_evidence(project, alert, evidence)
        return changed == 1

    def add_evidence(self, project: int, alert: int, evidence: Mapping[str, Json]) -> None:
        """Write what is known by now."""
        self._connection.execute(
            "UPDATE alerts SET document = ? WHERE project = ? AND alert = ?",
            (pack(dict(evidence)), project, alert),
        )

    # muted

    def mute(self, project: int, monitor: str, series: str, until_ms: int) -> None:
        """Send nothing of a monitor and a series until a moment; an empty series is all of them."""
        self._connection.execute(
            "INSERT INTO mutes (project, monitor, series, until) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (project, monitor, series) DO UPDATE SET until = excluded.until",
            (project, plain(monitor), plain(series), until_ms),
        )

    def is_muted(self, project: int, monitor: str, series: str, at_ms: int) -> bool:
        """Say whether nothing of it is sent now."""
        return bool(
            self._connection.execute(
                "SELECT 1 FROM mutes WHERE project = ? AND monitor = ? AND series IN ('', ?) AND until > ? LIMIT 1",
                (project, plain(monitor), plain(series), at_ms),
            )
        )

    # releases

    def add_releases(self, project: int, first: Mapping[tuple[str, str], int]) -> None:
        """Note when versions of services came first; inside a transaction of the caller's."""
        self._connection.execute_many(
            "INSERT INTO releases (project, service, version, first_at) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (project, service, version) DO UPDATE SET first_at = excluded.first_at "
            "WHERE excluded.first_at < releases.first_at",
            [(project, plain(s), plain(v), at) for (s, v), at in first.items()],
        )

    def releases(self, project: int, service: str | None = None) -> list[tuple[int, str, str]]:
        """Give when which version of which service came first, the newest first."""
        return [
            (at, name, version)
            for at, name, version in self._connection.execute(
                "SELECT first_at, service, version FROM releases WHERE project = ? "
                "AND (CAST(? AS TEXT) IS NULL OR service = ?) ORDER BY first_at DESC LIMIT 200",
                (project, service, service),
            )
        ]

    # who is told

    def keep_alerting(self, project: int, alerting: Alerting, origin: str = "") -> None:
        """Keep who is told, and how seldom of false alarms, and where that was said."""
        self._connection.execute(
            "INSERT INTO alerting (project, document) VALUES (?, ?) "
            "ON CONFLICT (project) DO UPDATE SET document = excluded.document",
            (project, pack({**asdict(alerting), "origin": origin})),
        )

    def alerting_origin(self, project: int) -> str | None:
        """Say where it was said who is told; None where nobody did."""
        rows = self._connection.execute(
            "SELECT document FROM alerting WHERE project = ?", (project,)
        )
        found: str | None = unpack(rows[0][0]).get("origin") if rows else None
        return found

    def alerting(self, project: int) -> Alerting:
        """Give who is told."""
        rows = self._connection.execute(
            "SELECT document FROM alerting WHERE project = ?", (project,)
        )
        if not rows:
            return Alerting()
        given = unpack(rows[0][0])
        given.pop("origin", None)
        channels: Sequence[Channel] = [
            Channel(**{**each, "to": tuple(each["to"])}) for each in given.pop("channels")
        ]
        return Alerting(**{**given, "summary_to": tuple(given["summary_to"])}, channels=channels)


def _alert(row: Row) -> Alert:
    alert, project, monitor, series, state, opened, since, ended, document = row
    return Alert(
        alert=alert,
        project=project,
        monitor=monitor,
        series=series,
        state=state,
        opened_at=_moment(opened),
        since=_moment(since),
        ended_at=None if ended is None else _moment(ended),
        evidence=unpack(document),
    )


def _moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
