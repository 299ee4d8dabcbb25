"""Datasets: cases out of JSONL, JSON, YAML, CSV and Parquet files, every error at once and with its
line.

A file is read once from front to back; what it means does not depend on its format: text in CSV
stays text, as it would in JSON quotes.
"""

import csv
import gc
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from regrade.domain import Case, Dataset, Json, read_json
from regrade.domain.errors import DatasetError, NotJsonError, Problem, SuiteError, UsageError

from .rows import LIST_FIELDS, RowError, read_case
from .yaml import read_yaml

MOST_PROBLEMS = 50
"""Problems after which a file is not read further."""
Placed = tuple[Path | None, str | int, Json | RowError | NotJsonError]
"""A row, or what is wrong with it, and its place: a file, and a line or words that name the
place."""


def load_dataset(paths: Sequence[Path]) -> Dataset:
    """Read the cases of one or several files.

    Raises: DatasetError with the place of everything that is wrong.
    """
    with _no_collections():
        return collect(row for path in paths for row in read_rows(path))


@contextmanager
def _no_collections() -> Iterator[None]:
    """Hold off the garbage collector, which would look through every case again and again and find
    nothing.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def collect(rows: Iterable[Placed]) -> Dataset:
    """Make a dataset of placed rows.

    Raises: DatasetError: rows that are no cases, ids that stand twice, no case at all.
    """
    cases: list[Case] = []
    places: dict[str, tuple[Path | None, str | int]] = {}
    problems: list[Problem] = []
    for path, place, row in rows:
        case = row if isinstance(row, Exception) else _read(row)
        if isinstance(case, Exception):
            problems.append(Problem(str(case), _where(path, place)))
        elif case.id in places:
            problems.append(Problem(_twice(case, _where(*places[case.id])), _where(path, place)))
        else:
            places[case.id] = (path, place)
            cases.append(case)
        if len(problems) >= MOST_PROBLEMS:
            problems.append(
                Problem(f"there are {MOST_PROBLEMS} problems so far; the rest was not read")
            )
            break
    if problems:
        raise DatasetError(problems)
    if not cases:
        raise DatasetError([Problem("the dataset is empty; a suite needs at least one case")])
    return Dataset.of(cases)


def _where(path: Path | None, place: str | int) -> str:
    return f"{path}:{place}" if isinstance(place, int) else f"{path or ''}{place}"


def _read(row: Json) -> Case | RowError:
    try:
        return read_case(row)
    except RowError as error:
        return error
    except RecursionError:
        return RowError("the case is nested too deeply")


def _twice(case: Case, first: str) -> str:
    if case.id == case.pairing_key:
        return f"this case has the same content as the one at {first}; remove one, or give them ids"
    return f"the id {case.id!r} is that of the case at {first} already"


def read_rows(path: Path) -> Iterator[Placed]:
    """Read the rows of one file.

    Raises: UsageError when the file cannot be read or its format is unknown.
    """
    reader = _FORMATS.get(path.suffix.lower())
    if reader is None:
        raise UsageError(
            f"{path}: the format {path.suffix!r} is unknown; a dataset is {', '.join(_FORMATS)}"
        )
    try:
        yield from reader(path)
    except OSError as error:
        raise UsageError(f"the dataset {path} cannot be read: {error.strerror or error}") from None


def _jsonl(path: Path) -> Iterator[Placed]:
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if content.strip():
                yield path, number, _json_row(content)


def _json_row(content: bytes) -> Json | NotJsonError:
    try:
        return read_json(content.decode())
    except UnicodeDecodeError as error:
        return NotJsonError(
            f"this is not UTF-8: byte {error.start + 1} is 0x{content[error.start]:02x}"
        )
    except NotJsonError as error:
        return NotJsonError(f"this is not JSON: {str(error).replace('line 1, ', '')}")


def _json(path: Path) -> Iterator[Placed]:
    """Read a list of cases, or an object with the list under `cases`; every case with its line."""
    text = _text(path)
    start = _list_start(text)
    if start is None:
        yield from _whole_json(path, text)
        return
    decoder, place, line = (
        json.JSONDecoder(parse_constant=_no_constant),
        start + 1,
        text.count("\n", 0, start) + 1,
    )
    while True:
        skipped = place
        while place < len(text) and text[place] in " \t\r\n,":
            place += 1
        line += text.count("\n", skipped, place)
        if place >= len(text) or text[place] == "]":
            return
        try:
            row, end = decoder.raw_decode(text, place)
        except (json.JSONDecodeError, RecursionError, NotJsonError) as error:
            said = (
                f"{error.msg} at column {error.colno}"
                if isinstance(error, json.JSONDecodeError)
                else str(error)
            )
            where = error.lineno if isinstance(error, json.JSONDecodeError) else line
            yield path, where, NotJsonError(f"this is not JSON: {said}")
            return
        yield path, line, row
        line += text.count("\n", place, end)
        place = end


def _list_start(text: str) -> int | None:
    """Where the list of a file that is one list begins; None for a file that is an object."""
    stripped = text.lstrip()
    return len(text) - len(stripped) if stripped.startswith("[") else None


def _whole_json(path: Path, text: str) -> Iterator[Placed]:
    try:
        content = read_json(text)
    except NotJsonError as error:
        yield path, "", NotJsonError(f"this is not JSON: {error}")
        return
    yield from _items(path, content, lambda index: f" (case {index + 1})")


def _items(path: Path, content: Json, where: Callable[[int], str | int]) -> Iterator[Placed]:
    rows = content.get("cases") if isinstance(content, dict) and "input" not in content else content
    if isinstance(rows, dict):
        rows = [rows]
    if not isinstance(rows, list):
        raise DatasetError(
            [
                Problem(
                    "a dataset is a list of cases, or an object with the list under `cases`",
                    str(path),
                )
            ]
        )
    for index, row in enumerate(rows):
        yield path, where(index), row


def _no_constant(name: str) -> Json:
    raise NotJsonError(f"{name} is not JSON")


def _yaml(path: Path) -> Iterator[Placed]:
    try:
        content, positions = read_yaml(path, _text(path))
    except SuiteError as error:
        raise DatasetError(error.problems) from None
    under = ("cases",) if isinstance(content, dict) and "input" not in content else ()
    yield from _items(path, content, lambda index: positions.line((*under, index)))


def _csv(path: Path) -> Iterator[Placed]:
    """Read rows by the names of the columns; `expected.answer` nests, lists are JSON or separated
    by semicolons.
    """
    reader = csv.reader(io.StringIO(_text(path).replace("\0", "\ufffd"), newline=""), strict=True)
    try:
        columns = next(reader, None)
        if not columns or len(set(columns)) < len(columns):
            raise DatasetError(
                [
                    Problem(
                        f"the columns are {columns or 'missing'}; each needs a name of its own",
                        f"{path}:1",
                    )
                ]
            )
        line = reader.line_num + 1
        for cells in reader:
            if any(cells):
                yield path, line, _csv_row(columns, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        yield path, reader.line_num, RowError(f"this is not CSV: {error}")


def _csv_row(columns: Sequence[str], cells: Sequence[str]) -> Json | RowError:
    if len(cells) != len(columns):
        return RowError(f"this row has {len(cells)} cells, the header names {len(columns)}")
    row: dict[str, Json] = {}
    for column, cell in zip(columns, cells, strict=True):
        if cell == "":
            continue
        *parents, last = column.strip().split(".")
        place = row
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                return RowError(
                    f"the column {column!r} nests in {parent!r}, which is a column of its own"
                )
        place[last] = _cell(cell, is_list=not parents and _snake(last) in LIST_FIELDS)
    return row


def _cell(cell: str, *, is_list: bool) -> Json:
    text = cell.strip()
    if text[:1] in ("[", "{"):
        try:
            return read_json(text)
        except NotJsonError:
            return cell
    return [item.strip() for item in text.split(";") if item.strip()] if is_list else cell


def _snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _parquet(path: Path) -> Iterator[Placed]:
    try:
        import pyarrow.parquet  # noqa: PLC0415  an extra
    except ImportError:
        raise UsageError(
            f"{path}: Parquet needs an extra; install it with: pip install 'regrade[parquet]'"
        ) from None
    try:
        rows = pyarrow.parquet.read_table(path).to_pylist()
    except pyarrow.ArrowException as error:
        raise DatasetError([Problem(f"this is not Parquet: {error}", str(path))]) from None
    for number, row in enumerate(rows, start=1):
        yield path, f" (row {number})", _without_nulls(row)


def _without_nulls(value: Json) -> Json:
    """Leave out the nulls that columns put where a row has nothing."""
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DatasetError(
            [Problem(f"this is not UTF-8: byte {error.start + 1} cannot be read", str(path))]
        ) from None


_FORMATS: Mapping[str, Callable[[Path], Iterator[Placed]]] = {
    ".jsonl": _jsonl,
    ".ndjson": _jsonl,
    ".json": _json,
    ".yaml": _yaml,
    ".yml": _yaml,
    ".csv": _csv,
    ".parquet": _parquet,
}
