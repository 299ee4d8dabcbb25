"""Read a query: its statement, its tables and its columns, by sqlglot."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from regrade.domain import read_json
from regrade.domain.errors import NotJsonError
from regrade.graders.wording import listed

_EXTRA = "sql needs an extra: pip install 'regrade[sql]'"


class SqlError(Exception):
    """What is wrong with a query, as the beginning of a sentence."""

    def __init__(self, message: str, label: str) -> None:
        super().__init__(message)
        self.label = label


class Query:
    """One statement."""

    def __init__(self, text: str, tree: Any, dialect: str) -> None:
        """Take a statement as it was written, and parsed."""
        self._text, self._tree, self._dialect = text, tree, dialect

    def only_reads(self) -> None:
        """Refuse everything but a query, and queries that write on the way.

        Raises: SqlError.
        """
        from sqlglot import exp  # noqa: PLC0415  an extra

        writing = (
            exp.Insert,
            exp.Update,
            exp.Delete,
            exp.Merge,
            exp.Create,
            exp.Drop,
            exp.Alter,
            exp.Into,
        )
        if not isinstance(self._tree, exp.Query) or self._tree.find(*writing):
            kind = self._tree.key.upper()
            raise SqlError(f"The statement is no query that only reads ({kind})", "not read-only")

    def stays_within(self, schema: Mapping[str, Sequence[str]]) -> None:
        """Refuse tables and columns that the schema does not have.

        Raises: SqlError.
        """
        from sqlglot import exp  # noqa: PLC0415  an extra
        from sqlglot.errors import SqlglotError  # noqa: PLC0415  an extra
        from sqlglot.optimizer.qualify import qualify  # noqa: PLC0415  an extra
        from sqlglot.optimizer.scope import traverse_scope  # noqa: PLC0415  an extra

        known = {name.lower() for name in schema}
        named = {
            source.name
            for scope in traverse_scope(self._tree)
            for source in scope.sources.values()
            if isinstance(source, exp.Table)
        }
        if strangers := sorted(name for name in named if name.lower() not in known):
            raise SqlError(
                f"The query reads tables that it may not: {listed(strangers)}", "unknown name"
            )
        tables: dict[str, object] = {
            table: dict.fromkeys(columns, "TEXT") for table, columns in schema.items()
        }
        try:
            qualify(
                self._tree.copy(), schema=tables, dialect=self._dialect, quote_identifiers=False
            )
        except SqlglotError as error:
            said = str(error).splitlines()[0].rstrip(".")
            raise SqlError(
                f"The query names what the schema does not have ({said})", "unknown name"
            ) from None

    def in_sqlite(self) -> str:
        """Give the query as SQLite reads it."""
        return self._text if self._dialect == "sqlite" else str(self._tree.sql(dialect="sqlite"))


def read_query(text: str, dialect: str) -> Query:
    """Parse one statement.

    Raises: SqlError; ValueError for a dialect that there is not, or without the extra.
    """
    try:
        import sqlglot  # noqa: PLC0415  an extra
        from sqlglot.errors import SqlglotError  # noqa: PLC0415  an extra
    except ImportError:
        raise ValueError(_EXTRA) from None
    try:
        trees = [tree for tree in sqlglot.parse(text, dialect=dialect) if tree is not None]
    except SqlglotError as error:
        said = str(error).splitlines()[0].replace("\x1b[4m", "").replace("\x1b[0m", "").rstrip(".")
        raise SqlError(f"The answer is not SQL ({said})", "syntax") from None
    if len(trees) != 1:
        raise SqlError(f"The answer holds {len(trees)} statements and not one", "syntax")
    return Query(text, trees[0], dialect)


def read_schema(
    given: Mapping[str, Sequence[str]] | str | None, dialect: str
) -> Mapping[str, Sequence[str]] | None:
    """Give the tables and their columns.

    Raises: ValueError.
    """
    if not isinstance(given, str):
        return given
    path = Path(given)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise ValueError(f"the schema file {path} cannot be read: {error.strerror}") from None
    if path.suffix == ".sql":
        return _created(text, dialect, path)
    try:
        value = read_json(text)
    except NotJsonError as error:
        raise ValueError(f"the schema file {path} is not JSON: {error}") from None
    if not isinstance(value, dict) or not all(isinstance(each, list) for each in value.values()):
        raise ValueError(f"the schema file {path} holds no object of table to list of columns")
    return value


def _created(text: str, dialect: str, path: Path) -> Mapping[str, Sequence[str]]:
    import sqlglot  # noqa: PLC0415  an extra
    from sqlglot import exp  # noqa: PLC0415  an extra

    found: dict[str, list[str]] = {}
    for tree in sqlglot.parse(text, dialect=dialect):
        if isinstance(tree, exp.Create) and isinstance(tree.this, exp.Schema):
            columns = [
                each.name for each in tree.this.expressions if isinstance(each, exp.ColumnDef)
            ]
            found[tree.this.this.name] = columns
    if not found:
        raise ValueError(f"the schema file {path} holds no CREATE TABLE statement")
    return found
