"""The tables of live traffic.

Times are milliseconds since 1970. What users sent is a document; what is looked up has columns.
"""

LIVE: tuple[str, ...] = (
    """
    CREATE TABLE projects (
        project INTEGER PRIMARY KEY,
        name TEXT NOT NULL UNIQUE,
        document BLOB NOT NULL
    )
    """,
    """
    CREATE TABLE live_traces (
        trace INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        trace_id TEXT NOT NULL,
        state TEXT NOT NULL,
        revision INTEGER NOT NULL,
        opened_at INTEGER NOT NULL,
        changed_at INTEGER NOT NULL,
        changes INTEGER NOT NULL,
        ended_at INTEGER,
        started_ms INTEGER,
        duration_ms REAL,
        name TEXT,
        service TEXT,
        version TEXT,
        environment TEXT,
        user_id TEXT,
        conversation_id TEXT,
        model TEXT,
        error TEXT,
        spans INTEGER,
        tokens INTEGER,
        cost_usd REAL,
        UNIQUE (project, trace_id)
    )
    """,
    "CREATE INDEX live_traces_by_start ON live_traces (project, started_ms)",
    "CREATE INDEX live_traces_by_name ON live_traces (project, name, started_ms)",
    "CREATE INDEX live_traces_by_user ON live_traces (project, user_id)",
    "CREATE INDEX live_traces_by_conversation ON live_traces (project, conversation_id)",
    "CREATE INDEX live_traces_to_close ON live_traces (opened_at) WHERE state = 'open'",
    """
    CREATE TABLE live_spans (
        trace INTEGER NOT NULL REFERENCES live_traces ON DELETE CASCADE,
        span_id TEXT NOT NULL,
        end_ns INTEGER NOT NULL,
        digest TEXT NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (trace, span_id)
    )
    """,
    """
    CREATE TABLE live_events (
        trace INTEGER NOT NULL REFERENCES live_traces ON DELETE CASCADE,
        span_id TEXT NOT NULL,
        digest TEXT NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (trace, span_id, digest)
    )
    """,
    """
    CREATE TABLE feedback (
        feedback INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        trace_id TEXT NOT NULL,
        key TEXT NOT NULL,
        given_at INTEGER NOT NULL,
        document BLOB NOT NULL,
        UNIQUE (project, key)
    )
    """,
    "CREATE INDEX feedback_by_trace ON feedback (project, trace_id)",
    """
    CREATE TABLE monitors (
        project INTEGER NOT NULL REFERENCES projects,
        name TEXT NOT NULL,
        version TEXT NOT NULL,
        document BLOB NOT NULL,
        changed_at INTEGER NOT NULL,
        PRIMARY KEY (project, name)
    )
    """,
    """
    CREATE TABLE decisions (
        trace INTEGER NOT NULL REFERENCES live_traces ON DELETE CASCADE,
        revision INTEGER NOT NULL,
        monitor TEXT NOT NULL,
        version TEXT NOT NULL,
        outcome TEXT NOT NULL,
        why TEXT NOT NULL,
        probability REAL,
        decided_at INTEGER NOT NULL,
        PRIMARY KEY (trace, monitor, revision)
    )
    """,
    """
    CREATE TABLE jobs (
        job INTEGER PRIMARY KEY,
        trace INTEGER NOT NULL REFERENCES live_traces ON DELETE CASCADE,
        monitor TEXT NOT NULL,
        revision INTEGER NOT NULL,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL,
        not_before INTEGER NOT NULL,
        leased_by TEXT,
        error TEXT,
        UNIQUE (trace, monitor, revision)
    )
    """,
    "CREATE INDEX jobs_to_do ON jobs (not_before) WHERE state IN ('waiting', 'leased')",
    """
    CREATE TABLE live_grades (
        trace INTEGER NOT NULL REFERENCES live_traces ON DELETE CASCADE,
        monitor TEXT NOT NULL,
        revision INTEGER NOT NULL,
        position INTEGER NOT NULL,
        name TEXT NOT NULL,
        criterion TEXT,
        passed INTEGER,
        graded_at INTEGER NOT NULL,
        is_current INTEGER NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (trace, monitor, revision, position)
    )
    """,
    "CREATE INDEX live_grades_by_monitor ON live_grades (monitor, graded_at)",
    """
    CREATE TABLE spending (
        project INTEGER NOT NULL REFERENCES projects,
        monitor TEXT NOT NULL,
        day TEXT NOT NULL,
        usd REAL NOT NULL,
        PRIMARY KEY (project, monitor, day)
    )
    """,
    """
    CREATE TABLE dead_letters (
        letter INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        received_at INTEGER NOT NULL,
        kind TEXT NOT NULL,
        reason TEXT NOT NULL,
        size INTEGER NOT NULL,
        digest TEXT NOT NULL,
        body BLOB,
        UNIQUE (project, kind, digest)
    )
    """,
    """
    CREATE TABLE keys (
        key INTEGER PRIMARY KEY,
        project INTEGER NOT NULL REFERENCES projects,
        name TEXT NOT NULL,
        role TEXT NOT NULL,
        hash TEXT NOT NULL UNIQUE,
        made_at INTEGER NOT NULL,
        expires_at INTEGER,
        ended_at INTEGER,
        per_minute INTEGER
    )
    """,
    """
    CREATE TABLE audit (
        entry INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        who TEXT NOT NULL,
        what TEXT NOT NULL,
        document BLOB NOT NULL
    )
    """,
)
"""The statements that make them."""
