"""The history of the schema, top to bottom: each step is applied once, in order, in one
transaction.

The SQL keeps to what SQLite and Postgres share. Values of users (cases, traces, options) are
documents: JSON packed by `codec`, kept whole whatever their size. What is counted or looked up has
columns of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from .live import LIVE
from .pages import PAGES, SEARCH_POSTGRES, SEARCH_SQLITE
from .watching import WATCHING


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema."""

    version: int
    """The version that the schema has after it."""
    statements: Sequence[str]
    """What to do."""
    sqlite: Sequence[str] = ()
    """What to do after it in SQLite alone."""
    postgres: Sequence[str] = ()
    """What to do after it in Postgres alone."""


MIGRATIONS: tuple[Migration, ...] = (
    Migration(
        1,
        (
            """
            CREATE TABLE datasets (
                dataset_version TEXT PRIMARY KEY,
                cases INTEGER NOT NULL
            )
            """,
            """
            CREATE TABLE cases (
                dataset_version TEXT NOT NULL REFERENCES datasets,
                position INTEGER NOT NULL,
                case_id TEXT NOT NULL,
                pairing_key TEXT NOT NULL,
                document BLOB NOT NULL,
                PRIMARY KEY (dataset_version, position)
            )
            """,
            """
            CREATE TABLE runs (
                run INTEGER PRIMARY KEY,
                run_id TEXT NOT NULL UNIQUE,
                suite TEXT NOT NULL,
                suite_version TEXT NOT NULL,
                suite_path TEXT,
                label TEXT,
                dataset_version TEXT NOT NULL REFERENCES datasets,
                target_version TEXT NOT NULL,
                trials INTEGER NOT NULL,
                planned INTEGER NOT NULL,
                started_at TEXT NOT NULL,
                finished_at TEXT,
                status TEXT NOT NULL,
                regraded_from TEXT,
                outline BLOB NOT NULL
            )
            """,
            "CREATE INDEX runs_by_label ON runs (label)",
            "CREATE INDEX runs_by_suite ON runs (suite, started_at)",
            """
            CREATE TABLE graders (
                grader INTEGER PRIMARY KEY,
                identity_key TEXT NOT NULL,
                name TEXT NOT NULL,
                criterion TEXT,
                component TEXT,
                required INTEGER NOT NULL,
                costly INTEGER NOT NULL,
                reads_errors INTEGER NOT NULL,
                type TEXT NOT NULL,
                version TEXT NOT NULL,
                options BLOB NOT NULL,
                code TEXT NOT NULL
            )
            """,
            """
            CREATE TABLE traces (
                trace INTEGER PRIMARY KEY,
                document BLOB NOT NULL
            )
            """,
            """
            CREATE TABLE attempts (
                attempt INTEGER PRIMARY KEY,
                run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
                position INTEGER NOT NULL,
                trial INTEGER NOT NULL,
                outcome TEXT NOT NULL,
                error TEXT,
                latency_s REAL,
                trace INTEGER NOT NULL REFERENCES traces,
                UNIQUE (run, position, trial)
            )
            """,
            """
            CREATE TABLE grades (
                attempt INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
                position INTEGER NOT NULL,
                grader INTEGER NOT NULL REFERENCES graders,
                passed INTEGER,
                score REAL,
                label TEXT,
                reason TEXT NOT NULL,
                issues BLOB,
                PRIMARY KEY (attempt, position)
            )
            """,
            """
            CREATE TABLE grader_failures (
                attempt INTEGER NOT NULL REFERENCES attempts ON DELETE CASCADE,
                position INTEGER NOT NULL,
                grader INTEGER NOT NULL REFERENCES graders,
                error_type TEXT NOT NULL,
                message TEXT NOT NULL,
                traceback TEXT NOT NULL,
                PRIMARY KEY (attempt, position)
            )
            """,
            """
            CREATE TABLE cache (
                key TEXT PRIMARY KEY,
                subject TEXT NOT NULL,
                parts BLOB NOT NULL,
                document BLOB NOT NULL,
                kept_at TEXT NOT NULL
            )
            """,
            "CREATE INDEX cache_by_subject ON cache (subject, kept_at)",
        ),
    ),
    Migration(2, ("ALTER TABLE grades ADD COLUMN expected TEXT",)),
    Migration(3, ("ALTER TABLE runs ADD COLUMN summary BLOB",)),
    Migration(4, ("ALTER TABLE runs ADD COLUMN version BLOB",)),
    Migration(5, ("ALTER TABLE grades ADD COLUMN details BLOB",)),
    Migration(
        6,
        (
            """
            CREATE TABLE labels (
                label INTEGER PRIMARY KEY,
                suite TEXT NOT NULL,
                criterion TEXT NOT NULL,
                case_id TEXT NOT NULL,
                pairing_key TEXT NOT NULL,
                answer TEXT NOT NULL,
                verdict TEXT NOT NULL,
                note TEXT NOT NULL,
                who TEXT NOT NULL,
                labelled_at TEXT NOT NULL,
                run_id TEXT,
                probability REAL
            )
            """,
            "CREATE INDEX labels_by_suite ON labels (suite, criterion)",
        ),
    ),
    Migration(
        7,
        (
            "ALTER TABLE labels ADD COLUMN scores BLOB",
            """
            CREATE TABLE rejudgements (
                rejudgement INTEGER PRIMARY KEY,
                suite TEXT NOT NULL,
                criterion TEXT NOT NULL,
                judge TEXT NOT NULL,
                pairing_key TEXT NOT NULL,
                answer TEXT NOT NULL,
                passed INTEGER,
                served TEXT,
                judged_at TEXT NOT NULL
            )
            """,
            "CREATE INDEX rejudgements_by_suite ON rejudgements (suite, criterion)",
        ),
    ),
    Migration(8, LIVE),
    Migration(9, WATCHING),
    Migration(10, PAGES, sqlite=SEARCH_SQLITE, postgres=SEARCH_POSTGRES),
    Migration(
        11,
        (
            "CREATE INDEX live_grades_newest ON live_grades (monitor, criterion, graded_at, trace) "
            "WHERE is_current = 1",
        ),
    ),
)
NEWEST = MIGRATIONS[-1].version
