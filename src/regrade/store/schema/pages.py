"""The tables of the pages: what was worked out once, who is signed in, saved views, who labels what, and the words
of live traces.
"""

PAGES: tuple[str, ...] = (
    """
    CREATE TABLE kept (
        what TEXT NOT NULL,
        of_what TEXT NOT NULL,
        version TEXT NOT NULL,
        document BLOB NOT NULL,
        PRIMARY KEY (what, of_what)
    )
    """,
    "CREATE INDEX cases_by_id ON cases (case_id, dataset_version)",
    "CREATE INDEX runs_by_start ON runs (started_at)",
    """
    CREATE TABLE sessions (
        hash TEXT PRIMARY KEY,
        key INTEGER NOT NULL REFERENCES keys,
        expires_at INTEGER NOT NULL
    )
    """,
    """
    CREATE TABLE saved_views (
        project INTEGER NOT NULL REFERENCES projects,
        page TEXT NOT NULL,
        name TEXT NOT NULL,
        query TEXT NOT NULL,
        who TEXT NOT NULL,
        PRIMARY KEY (project, page, name)
    )
    """,
    """
    CREATE TABLE assignments (
        suite TEXT NOT NULL,
        criterion TEXT NOT NULL,
        pairing_key TEXT NOT NULL,
        answer TEXT NOT NULL,
        who TEXT NOT NULL,
        until INTEGER,
        PRIMARY KEY (suite, criterion, pairing_key, answer)
    )
    """,
    """
    CREATE TABLE live_texts (
        trace INTEGER PRIMARY KEY REFERENCES live_traces ON DELETE CASCADE,
        question TEXT NOT NULL,
        answer TEXT NOT NULL
    )
    """,
    "DROP INDEX live_traces_by_user",
    "DROP INDEX live_traces_by_conversation",
    "CREATE INDEX live_traces_by_user ON live_traces (project, user_id, started_ms)",
    "CREATE INDEX live_traces_by_conversation ON live_traces (project, conversation_id, started_ms)",
    "CREATE INDEX live_traces_by_version ON live_traces (project, version, started_ms)",
    "CREATE INDEX live_traces_failed ON live_traces (project, started_ms) WHERE error IS NOT NULL",
    "CREATE INDEX feedback_by_time ON feedback (project, given_at)",
    "CREATE INDEX live_grades_failing ON live_grades (trace) WHERE passed = 0 AND is_current = 1",
    "UPDATE keys SET role = 'viewer' WHERE role = 'read'",
)
"""The statements that make them, in both databases."""

SEARCH_SQLITE: tuple[str, ...] = (
    """
    CREATE VIRTUAL TABLE live_search USING fts5(
        question, answer, content='live_texts', content_rowid='trace', tokenize='unicode61 remove_diacritics 2'
    )
    """,
    """
    CREATE TRIGGER live_texts_added AFTER INSERT ON live_texts BEGIN
        INSERT INTO live_search(rowid, question, answer) VALUES (new.trace, new.question, new.answer);
    END
    """,
    """
    CREATE TRIGGER live_texts_gone AFTER DELETE ON live_texts BEGIN
        INSERT INTO live_search(live_search, rowid, question, answer)
        VALUES ('delete', old.trace, old.question, old.answer);
    END
    """,
    """
    CREATE TRIGGER live_texts_changed AFTER UPDATE ON live_texts BEGIN
        INSERT INTO live_search(live_search, rowid, question, answer)
        VALUES ('delete', old.trace, old.question, old.answer);
        INSERT INTO live_search(rowid, question, answer) VALUES (new.trace, new.question, new.answer);
    END
    """,
)
"""An index of words, as SQLite has it (FTS5 beside its table)."""

SEARCH_POSTGRES: tuple[str, ...] = (
    "ALTER TABLE live_texts ADD COLUMN words tsvector "
    "GENERATED ALWAYS AS (to_tsvector('simple', question || ' ' || answer)) STORED",
    "CREATE INDEX live_texts_by_word ON live_texts USING gin (words)",
)
"""The same, as Postgres has it: words are kept, so that the newest traces with common ones are found from the end."""
