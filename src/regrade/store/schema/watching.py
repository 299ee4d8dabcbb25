"""The tables of what is watched: results by tick, detectors, alerts, and messages to be sent.

`incoming` is a list to which results are added, a tick takes them off and counts them in `tallies`: what comes
while a tick is closed counts in the next one, whoever closes it.
"""

WATCHING: tuple[str, ...] = (
    "ALTER TABLE decisions ADD COLUMN drawn INTEGER NOT NULL DEFAULT 0",
    """
    CREATE TABLE incoming (
        incoming INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        series TEXT NOT NULL,
        slice TEXT NOT NULL,
        at INTEGER NOT NULL,
        passed INTEGER NOT NULL,
        total INTEGER NOT NULL
    )
    """,
    "CREATE INDEX incoming_by_monitor ON incoming (project, monitor, at)",
    """
    CREATE TABLE tallies (
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        series TEXT NOT NULL,
        slice TEXT NOT NULL,
        at INTEGER NOT NULL,
        passed INTEGER NOT NULL,
        total INTEGER NOT NULL,
        late INTEGER NOT NULL,
        PRIMARY KEY (project, monitor, series, slice, at)
    )
    """,
    """
    CREATE TABLE watches (
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        version TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        next_at INTEGER NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (project, monitor)
    )
    """,
    """
    CREATE TABLE detectors (
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        series TEXT NOT NULL,
        slice TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (project, monitor, series, slice)
    )
    """,
    """
    CREATE TABLE alerts (
        alert INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        series TEXT NOT NULL,
        state TEXT NOT NULL,
        opened_at INTEGER NOT NULL,
        since INTEGER NOT NULL,
        ended_at INTEGER,
        document BLOB NOT NULL
    )
    """,
    "CREATE INDEX alerts_by_time ON alerts (project, opened_at)",
    """
    CREATE UNIQUE INDEX alerts_open ON alerts (project, monitor, series)
    WHERE state IN ('open', 'acknowledged')
    """,
    """
    CREATE TABLE mutes (
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        series TEXT NOT NULL,
        until INTEGER NOT NULL,
        PRIMARY KEY (project, monitor, series)
    )
    """,
    """
    CREATE TABLE deliveries (
        delivery INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        channel TEXT NOT NULL,
        key TEXT NOT NULL,
        subject TEXT NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        leased_by TEXT,
        error TEXT,
        made_at INTEGER NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (project, channel, key)
    )
    """,
    "CREATE INDEX deliveries_to_do ON deliveries (not_before) WHERE state IN ('waiting', 'leased')",
    "CREATE INDEX deliveries_by_subject ON deliveries (project, channel, subject)",
    """
    CREATE TABLE releases (
        project INTEGER NOT NULL REFERENCES projects,
        service TEXT NOT NULL,
        version TEXT NOT NULL,
        first_at INTEGER NOT NULL,
        PRIMARY KEY (project, service, version)
    )
    """,
    """
    CREATE TABLE alerting (
        project INTEGER PRIMARY KEY REFERENCES projects,
        document BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE promotions (
        promotion INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        trace_id TEXT NOT NULL,
        alert INTEGER,
        case_id TEXT NOT NULL,
        pairing_key TEXT NOT NULL,
        dataset TEXT NOT NULL,
        promoted_at INTEGER NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (project, trace_id, dataset)
    )
    """,
)
"""The statements that make them."""
