import json
from pathlib import Path

import apsw
import pytest

from regrade.domain import Case, Grade, Json, Trace
from regrade.graders import sql

pytestmark = pytest.mark.anyio
SETUP = "CREATE TABLE orders (id INTEGER, store TEXT, total REAL); INSERT INTO orders VALUES (1, 'A', 2.5), (2, 'B', 4)"
SCHEMA = {"orders": ["id", "store", "total"]}


async def judged(query: str, **options: Json) -> Grade:
    return await sql(**options).grade(
        Case(input="q", expected={"sql": "SELECT 2"}), Trace(output=query)
    )


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("SELEC 1", "syntax"),
        ("", "syntax"),
        ("SELECT 1; SELECT 2", "syntax"),
        ("DELETE FROM orders", "not read-only"),
        ("WITH x AS (SELECT 1) INSERT INTO orders SELECT * FROM x", "not read-only"),
        ("PRAGMA writable_schema = 1", "not read-only"),
        ("ATTACH 'x' AS y", "not read-only"),
        ("SELECT * FROM users", "unknown name"),
        ("SELECT id FROM orders WHERE id IN (SELECT id FROM secret)", "unknown name"),
        ("SELECT orders.price FROM orders", "unknown name"),
        ("SELECT count(*) FROM sqlite_master", "unknown name"),
        ("SELECT load_extension('x') FROM orders", "not executable"),
        ("SELECT nope(id) FROM orders", "not executable"),
    ],
)
async def test_what_is_wrong_is_named(query: str, label: str) -> None:
    grade = await judged(query, schema=SCHEMA)
    assert grade.passed is False
    assert grade.label == label, grade.reason


@pytest.mark.parametrize(
    "query",
    [
        "SELECT o.store FROM orders o JOIN (SELECT store FROM orders) p ON o.store = p.store",
        "WITH t AS (SELECT store FROM orders) SELECT t.store FROM t UNION SELECT 'x'",
        "SELECT STORE, count(*) AS n FROM Orders GROUP BY store HAVING n > 1 ORDER BY n",
        "SELECT * FROM orders",
    ],
)
async def test_what_stays_within_the_schema_passes(query: str) -> None:
    assert (await judged(query, schema=SCHEMA)).passed, query


async def test_rows_are_compared_as_a_bag_unless_their_order_counts() -> None:
    query = "SELECT store FROM orders ORDER BY store DESC"
    assert (await judged(query, setup=SETUP, expected=[["A"], ["B"]])).passed
    grade = await judged(query, setup=SETUP, expected=[["A"], ["B"]], ordered=True)
    assert grade.passed is False
    assert "another order" in grade.reason
    twice = await judged("SELECT 'A' UNION ALL SELECT 'A'", setup=SETUP, expected=[["A"], ["B"]])
    assert twice.passed is False


async def test_a_template_names_the_expected_query() -> None:
    assert (await judged("SELECT 1 + 1.0", setup=SETUP, expected="{{ expected.sql }}")).passed
    assert (await judged("SELECT 3", setup=SETUP, expected="{{ expected.sql }}")).passed is False
    with pytest.raises(ValueError, match="expected query cannot be used"):
        await judged("SELECT 3", setup=SETUP, expected="SELECT nope")


async def test_a_query_that_does_not_end_is_ended() -> None:
    endless = (
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c"
    )
    grade = await judged(endless, setup=SETUP, expected=[[1]])
    assert "takes too long" in grade.reason


async def test_a_database_file_is_read_and_never_written(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with apsw.Connection(str(path)) as connection:
        connection.execute(SETUP)
    connection.close()
    before = path.read_bytes()
    assert (
        await judged("SELECT max(total) FROM orders", database=str(path), expected=[[4]])
    ).passed
    assert (await judged("SELECT nope FROM orders", database=str(path))).passed is False
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["shop.db"]


async def test_other_dialects_are_translated() -> None:
    query = "SELECT store FROM orders WHERE store ILIKE 'a' LIMIT 5"
    options: Json = {"dialect": "postgres", "setup": SETUP}
    assert (await judged(query, **options, expected=[["A"]])).passed


async def test_a_schema_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.sql").write_text("CREATE TABLE orders (id INT, store TEXT);")
    (tmp_path / "s.json").write_text(json.dumps(SCHEMA))
    assert (await judged("SELECT store FROM orders", schema=str(tmp_path / "s.sql"))).passed
    assert (
        await judged("SELECT total FROM orders", schema=str(tmp_path / "s.sql"))
    ).passed is False
    assert (await judged("SELECT total FROM orders", schema=str(tmp_path / "s.json"))).passed


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"expected": [[1]]}, "needs a `database`"),
        ({"database": "x", "setup": "y"}, "not both"),
        ({"database": "nowhere.db"}, "is not there"),
        ({"setup": "CREATE nonsense"}, "statements fail"),
        ({"schema": "nowhere.json"}, "cannot be read"),
        ({"dialect": "klingon"}, "klingon"),
    ],
)
def test_options_without_sense_are_refused(options: Json, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        sql(**options)
