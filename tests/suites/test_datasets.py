import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from regrade.domain import Case, RelevantDocument, ToolCall
from regrade.domain.errors import DatasetError, UsageError
from regrade.suites import load_dataset

PUBLISHED_ANALYTICS = """{"input": "Which store had the biggest revenue drop last week?", "context": {"queryResult": [{"store": "A", "revenue_delta": -0.12}, {"store": "B", "revenue_delta": -0.31}]}, "expected": {"store": "B", "mustMention": ["biggest revenue drop", "-31%"], "mustNotMention": ["profit", "customer churn"]}}"""
PUBLISHED_TOOLS = """{"input": "Create a refund note for order 123, but do not issue the refund yet.", "expectedToolCalls": [{"name": "create_internal_note", "arguments": {"orderId": "123"}}], "forbiddenToolCalls": ["issue_refund"]}"""


def load(tmp_path: Path, content: str | bytes, name: str = "cases.jsonl") -> Sequence[Case]:
    path = tmp_path / name
    path.write_bytes(
        content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    )
    return load_dataset([path]).cases


def test_the_published_cases_load_as_they_stand(tmp_path: Path) -> None:
    analytics, tools = load(tmp_path, f"{PUBLISHED_ANALYTICS}\n{PUBLISHED_TOOLS}\n")
    assert analytics.input == "Which store had the biggest revenue drop last week?"
    assert analytics.context["queryResult"][1] == {"store": "B", "revenue_delta": -0.31}
    assert analytics.expected == {
        "store": "B",
        "must_mention": ["biggest revenue drop", "-31%"],
        "must_not_mention": ["profit", "customer churn"],
    }
    assert tools.expected_tool_calls == (
        ToolCall(name="create_internal_note", arguments={"orderId": "123"}),
    )
    assert tools.forbidden_tool_calls == ("issue_refund",)


def test_every_field_is_read_in_both_spellings(tmp_path: Path) -> None:
    snake = {
        "id": "x",
        "input": {"q": 1},
        "context": "c",
        "config": {"t": 0},
        "expected": {"answer": 1},
        "expected_topics": ["a"],
        "disallowed_topics": ["b"],
        "requires_context": True,
        "kind": "edge",
        "difficulty": "hard",
        "tags": {"n": 1, "flag": True, "s": "t"},
        "known_failure_modes": ["m"],
        "expected_tool_calls": ["f", {"name": "g"}],
        "forbidden_tool_calls": ["h"],
        "relevant_documents": ["d1", 2, {"id": "d3", "relevance": 2, "text": "t"}],
        "should_refuse": False,
        "critical": True,
        "cluster": "k",
        "source": "s",
        "notes": "n",
        "owner": "me",
    }

    def camel(name: str) -> str:
        first, *rest = name.split("_")
        return first + "".join(word.title() for word in rest)

    [case] = load(tmp_path, json.dumps(snake))
    [same] = load(
        tmp_path, json.dumps({camel(key): value for key, value in snake.items()}), "b.jsonl"
    )
    assert case == same
    assert case.tags == {"n": "1", "flag": "true", "s": "t"}
    assert case.relevant_documents[1:] == (
        RelevantDocument(id="2"),
        RelevantDocument(id="d3", relevance=2.0, text="t"),
    )
    assert case.metadata == {"owner": "me"}


CASES = [
    {
        "id": "a",
        "input": "one",
        "expected": {"answer": "1"},
        "tags": {"t": "x"},
        "expected_topics": ["p", "q"],
        "critical": False,
    },
    {
        "id": "b",
        "input": 'two, with "quotes"\nand lines',
        "expected": {"answer": "2"},
        "critical": True,
    },
]


def test_the_version_is_that_of_the_content_whatever_the_format(tmp_path: Path) -> None:
    import yaml

    csv = 'id,input,expected.answer,tags.t,expected_topics,critical\na,one,1,x,p;q,\nb,"two, with ""quotes""\nand lines",2,,,true\n'
    files = {
        "a.jsonl": "\n".join(map(json.dumps, CASES)),
        "b.jsonl": "\n\n".join(map(json.dumps, reversed(CASES))) + "\r\n",
        "c.json": json.dumps(CASES, indent=2),
        "d.json": json.dumps({"cases": CASES}),
        "e.yaml": yaml.safe_dump(CASES),
        "f.yml": yaml.safe_dump({"cases": CASES}),
        "g.csv": csv,
        "h.csv": "\ufeff" + csv.replace("\n", "\r\n").replace('quotes""\r\n', 'quotes""\n'),
    }
    versions = set()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode())
        versions.add(load_dataset([tmp_path / name]).version)
    import pyarrow
    import pyarrow.parquet

    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(CASES), tmp_path / "i.parquet")
    versions.add(load_dataset([tmp_path / "i.parquet"]).version)
    assert len(versions) == 1


def test_several_files_are_one_dataset(tmp_path: Path) -> None:
    for name, case in zip(("a.jsonl", "b.jsonl"), CASES, strict=True):
        (tmp_path / name).write_text(json.dumps(case))
    assert len(load_dataset([tmp_path / "a.jsonl", tmp_path / "b.jsonl"]).cases) == 2
    with pytest.raises(
        DatasetError, match=r"a.jsonl:1: the id 'a' is that of the case at .*a.jsonl:1 already"
    ):
        load_dataset([tmp_path / "a.jsonl", tmp_path / "a.jsonl"])


def test_bytes_of_every_kind_are_survived(tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"id": "a", "input": "\\u0000 \\ud800 NUL and half a pair"}\r\n{"id": "b", "input": "ok"}'
    first, second = load(tmp_path, content)
    assert first.input == "\0 \ud800 NUL and half a pair"
    assert second.id == "b"


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ('{"input": 1', "is not JSON: Expecting ',' delimiter at column 12"),
        ('{"input": "a\0b"}', "is not JSON: Invalid control character"),
        ('{"input": NaN}', "NaN is not JSON"),
        ("[1]", "a case is an object, this is a list"),
        ('{"question": 1}', "`input` is missing; this row has 'question'"),
        ('{"input": 1, "kind": "weird"}', "'kind' is 'weird'; it is one of: typical, edge"),
        ('{"input": 1, "expected": "B"}', "'expected' is a text; it is an object"),
        ('{"input": 1, "critical": "maybe"}', "'critical' is a text; it is true or false"),
        ('{"input": 1, "tags": ["a"]}', "'tags' is a list; it is an object"),
        ('{"input": 1, "tags": {"a": [1]}}', "'tags.a' is a list; it is a text"),
        (
            '{"input": 1, "expectedToolCalls": [{"tool": "x"}]}',
            "it is a tool's name, or an object with name",
        ),
        (
            '{"input": 1, "relevant_documents": [{"id": "d", "relevance": "high"}]}',
            "relevance of 'd' is a text",
        ),
        ('{"input": 1, "id": ""}', "'id' is empty"),
        (
            '{"input": 1, "should_refuse": true, "shouldRefuse": true}',
            "says the same as 'should_refuse'",
        ),
    ],
)
def test_a_wrong_row_is_named_with_its_line(tmp_path: Path, row: str, said: str) -> None:
    with pytest.raises(DatasetError) as caught:
        load(tmp_path, f'{{"input": "fine"}}\n{row}\n')
    assert "cases.jsonl:2: " in str(caught.value)
    assert said in str(caught.value)


def test_not_utf_8_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="byte 12 is 0xff"):
        load(tmp_path, b'{"input": "\xff"}')


def test_deep_nesting_is_an_error_of_its_row(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"cases.jsonl:1: .*nested too deeply"):
        load(tmp_path, '{"input": ' + "[" * 100_000 + "]" * 100_000 + "}")


@pytest.mark.no_cover
def test_a_broken_line_far_into_a_file_is_named(tmp_path: Path) -> None:
    lines = [f'{{"id": "c{n}", "input": {n}}}' for n in range(1, 80_001)]
    lines[70_000] = '{"id": "broken", "input": '
    with pytest.raises(DatasetError, match=r"cases.jsonl:70001: this is not JSON") as caught:
        load(tmp_path, "\n".join(lines))
    assert len(caught.value.problems) == 1


def test_all_problems_come_at_once_up_to_a_limit(tmp_path: Path) -> None:
    with pytest.raises(DatasetError) as caught:
        load(tmp_path, "\n".join(["{}"] * 500))
    assert len(caught.value.problems) == 51
    assert "the rest was not read" in str(caught.value)


def test_duplicates_name_both_lines(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError,
        match=r"cases.jsonl:3: the id 'a' is that of the case at .*cases.jsonl:1 already",
    ):
        load(tmp_path, '{"id": "a", "input": 1}\n{"input": 2}\n{"id": "a", "input": 3}')
    with pytest.raises(
        DatasetError, match=r":2: this case has the same content as the one at .*:1; remove one"
    ):
        load(tmp_path, '{"input": 1}\n{"input": 1}')


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_dataset_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(DatasetError, match="the dataset is empty"):
        load(tmp_path, content)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("c.json", '[\n{"input": 1},\n{"input": 2,},\n]', "c.json:3: this is not JSON"),
        ("c.json", '[{"input": 1},\n\n {"inptu": 2}]', "c.json:3: `input` is missing"),
        ("c.json", '{"rows": []}', "an object with the list under `cases`"),
        ("c.json", '{"cases": [1]}', r"c.json (case 1): a case is an object"),
        ("c.yaml", "- input: 1\n- inptu: 2\n", "c.yaml:2: `input` is missing"),
        ("c.yaml", "a: [", "c.yaml:2:1: this is not YAML"),
        ("c.csv", "id,id\n1,2\n", "each needs a name of its own"),
        ("c.csv", "id,input\n1\n", "c.csv:2: this row has 1 cells, the header names 2"),
        ("c.csv", "input,input.x\n1,2\n", "nests in 'input', which is a column of its own"),
        ("c.csv", 'input\n"open\n', "this is not CSV"),
        ("c.parquet", "PAR", "this is not Parquet"),
    ],
)
def test_other_formats_say_where_as_well(
    tmp_path: Path, name: str, content: str, said: str
) -> None:
    with pytest.raises(DatasetError) as caught:
        load(tmp_path, content, name)
    assert said in str(caught.value)


def test_cells_that_look_like_json_are(tmp_path: Path) -> None:
    [case] = load(
        tmp_path,
        'input,expected_tool_calls,context\n"{""q"": 1}","[{""name"": ""f""}]",[not json\n',
        "c.csv",
    )
    assert case.input == {"q": 1}
    assert case.expected_tool_calls == (ToolCall(name="f"),)
    assert case.context == "[not json"


def test_unknown_formats_and_missing_files_are_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"'.xlsx' is unknown; a dataset is .jsonl"):
        load_dataset([tmp_path / "c.xlsx"])
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        load_dataset([tmp_path / "none.jsonl"])
