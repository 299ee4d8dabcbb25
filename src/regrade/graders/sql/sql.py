"""SQL that a system writes: it parses, touches only what it may, and gives the right rows."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from regrade.domain import Case, Grade, Json, Trace, as_text
from regrade.graders.check import Check, Probe, ProbeOutcome, filled
from regrade.graders.wording import listed, quoted

from .database import Database, QueryError, Row, tables_of
from .reading import Query, SqlError, read_query, read_schema

_SETUP = (
    "CREATE TABLE orders (id INTEGER, store TEXT, total REAL);"
    "INSERT INTO orders VALUES (1, 'A', 2.5), (2, 'B', 4.0)"
)
_SCHEMA: Json = {"orders": ["id", "store", "total"]}
_FENCE = re.compile(r"\A\s*```(?:sql)?\s*\n(.*?)\n?```\s*\Z", re.DOTALL | re.IGNORECASE)


def _probe(query: str, gives: ProbeOutcome, *, expects: Json = None, **options: Json) -> Probe:
    asked = {} if expects is None else {"expected": expects}
    return Probe(
        case=Case(input="probe"),
        trace=Trace(output=query),
        gives=gives,
        options={**options, **asked},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sql(Check):
    """The answer is one query that may be run, and gives the right rows.

    Reads the output as text; a fence of ``` around it does not count. The query must be one
    statement that only reads and parses in its dialect (sqlglot, the extra `regrade[sql]`). With a
    `schema` it may name the given tables and columns alone. With a `database`, a `setup` script or
    a schema of SQLite's it is prepared in SQLite; with `expected` as well it is executed there,
    read-only and bounded, and its rows are compared with the expected ones: as a bag (in order if
    `ordered`), by position of column, 1 equal to 1.0, and floats to nine digits. Queries in other
    dialects are translated for that. Abstains when what `expected` names is missing. Score: none. Label: what
    is wrong: syntax, not read-only, unknown name, not executable, wrong rows.
    """

    type: ClassVar[str] = "sql"
    probes: ClassVar[tuple[Probe, ...]] = (
        _probe("SELECT store FROM orders", "pass", schema=_SCHEMA),
        _probe("SELECT store FRM orders", "fail", schema=_SCHEMA),
        _probe("SELECT price FROM orders", "fail", schema=_SCHEMA),
        _probe("SELECT name FROM users", "fail", schema=_SCHEMA),
        _probe("DROP TABLE orders", "fail", schema=_SCHEMA),
        _probe("SELECT 1; DELETE FROM orders", "fail", schema=_SCHEMA),
        _probe(
            "```sql\nSELECT store, sum(total) FROM orders GROUP BY 1\n```",
            "pass",
            setup=_SETUP,
            expects=[["B", 4], ["A", 2.5]],
        ),
        _probe(
            "SELECT max(total) FROM orders",
            "pass",
            setup=_SETUP,
            expects="SELECT total FROM orders WHERE store = 'B'",
        ),
        _probe("SELECT min(total) FROM orders", "fail", setup=_SETUP, expects=[[4]]),
        _probe("SELECT 1", "abstain", setup=_SETUP, expects="{{ expected.sql }}"),
    )

    dialect: str = "sqlite"
    """The dialect of the answer, such as `postgres`, `mysql`, `bigquery`, `snowflake`."""
    schema: Mapping[str, Sequence[str]] | str | None = field(default=None, metadata={"path": True})
    """Table to columns, or the path of a JSON file that holds them, or of a `.sql` file of CREATE
    TABLE statements."""
    database: str | None = field(default=None, metadata={"path": True})
    """The path of a SQLite database to prepare and execute in; it is never written to."""
    setup: str | None = None
    """Statements that make a small database, instead of `database`."""
    expected: Json = None
    """The right query, or the right rows as lists (or objects); a value or a template."""
    ordered: bool = False
    """Whether the order of the rows counts."""
    _parts: list[tuple[Mapping[str, Sequence[str]] | None, Database | None]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        if self.database and self.setup:
            raise ValueError("sql takes a `database` or a `setup`, not both")
        if self.expected is not None and not (self.database or self.setup):
            raise ValueError("`expected` needs a `database` or a `setup` to execute in")
        read_query("SELECT 1", self.dialect)
        schema = read_schema(self.schema, self.dialect)
        self._parts.append((schema, self._database(schema)))

    def _database(self, schema: Mapping[str, Sequence[str]] | None) -> Database | None:
        """Give what to prepare in: the user's database, or empty tables of the schema."""
        if self.database or self.setup:
            return Database(self.database, self.setup)
        if schema is None or self.dialect != "sqlite":
            return None
        return Database(None, tables_of(schema))

    async def judge(self, case: Case, trace: Trace) -> Grade:
        """Parse, look at names, prepare, execute."""
        schema, database = self._parts[0]
        wanted = None if self.expected is None else filled(self.expected, case, trace)
        text = trace.output_text
        if fenced := _FENCE.match(text):
            text = fenced[1]
        try:
            query = read_query(text, self.dialect)
            query.only_reads()
            if schema is not None:
                query.stays_within(schema)
            if database is None:
                return Grade(True, "The query is valid and only reads.")
            if wanted is None:
                database.prepare(query.in_sqlite())
                return Grade(True, "The query is valid, only reads and can be executed.")
            rows = database.execute(query.in_sqlite())
        except (SqlError, QueryError) as error:
            return Grade(False, f"{error}: {quoted(text)}.", label=error.label)
        return self._compared(rows, self._rows(wanted, database))

    def _rows(self, wanted: Json, database: Database) -> list[Row]:
        """Give the expected rows.

        Raises: ValueError when the expectation itself is wrong.
        """
        if isinstance(wanted, str):
            try:
                expected: Query = read_query(wanted, self.dialect)
                return database.execute(expected.in_sqlite())
            except (SqlError, QueryError) as error:
                raise ValueError(f"the expected query cannot be used: {error}") from None
        if not isinstance(wanted, list):
            raise TypeError(f"`expected` is {wanted!r}; it is a query or a list of rows")
        return [_as_row(each) for each in wanted]

    def _compared(self, rows: list[Row], wanted: list[Row]) -> Grade:
        found, right = [*map(_comparable, rows)], [*map(_comparable, wanted)]
        if found == right or (not self.ordered and Counter(found) == Counter(right)):
            return Grade(True, f"The query gives the expected rows ({len(right)}).")
        missing, extra = Counter(right) - Counter(found), Counter(found) - Counter(right)
        if not missing and not extra:
            reason = "The query gives the expected rows in another order."
        else:
            said = [f"lacks {_shown(missing)}"] if missing else []
            said += [f"has {_shown(extra)} too many"] if extra else []
            counts = f"{len(rows)} rows where {len(right)} were expected"
            reason = f"The query gives {counts}; it {' and '.join(said)}."
        return Grade(False, reason, label="wrong rows")


def _as_row(value: Json) -> Row:
    if isinstance(value, Mapping):
        return tuple(value.values())
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _comparable(row: Row) -> Row:
    return tuple(_number(value) for value in row)


def _number(value: Json) -> Json:
    if isinstance(value, bool):
        return int(value)
    return float(f"{value:.9g}") if isinstance(value, int | float) else value


def _shown(rows: "Counter[Row]") -> str:
    return listed([as_text(list(row)) for row in rows.elements()], 2)
