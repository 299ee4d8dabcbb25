from pathlib import Path

import pytest

from regrade.domain import Case, Document
from regrade.domain.errors import TargetError, TargetSetupError
from regrade.targets import RecordedTarget

pytestmark = pytest.mark.anyio


async def test_rows_and_whole_traces_are_answered(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_bytes(
        b'\xef\xbb\xbf{"id": 1, "output": "text", "model": "m"}\r\n\n'
        b'{"id": "b", "output": {"a": 1}, "retrieved": ["d"], "latency_s": 0.5, "usage": {"input_tokens": 2}}\n'
    )
    target = RecordedTarget(file)
    plain = await target.answer(Case(id="1", input="q"), timeout_s=1)
    assert (plain.output, plain.metadata, plain.latency_s) == ("text", {"model": "m"}, None)
    whole = await target.answer(Case(id="b", input="q"), timeout_s=1)
    assert (whole.output, whole.retrieved, whole.latency_s) == (
        {"a": 1},
        (Document(text="d"),),
        0.5,
    )
    assert not target.is_live


async def test_a_case_without_a_row_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    file.write_text('{"id": "a", "output": ""}\n')
    with pytest.raises(TargetError, match="no row with the id 'z'") as caught:
        await RecordedTarget(file).answer(Case(id="z", input="q"), timeout_s=1)
    assert caught.value.kind == "not_recorded"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "no row"),
        ('{"id": 1}\n', "out.jsonl:1: a row is an object with"),
        ('{"id": 1, "output": 1}\n{bad\n', "out.jsonl:2: Expecting"),
        (
            '{"id": 1, "output": 1}\n{"id": "1", "output": 1}\n',
            "out.jsonl:2: the id '1' stands on line 1 already",
        ),
        ('{"id": 1, "output": 1, "latency_s": "fast"}\n', "latency_s is 'fast'"),
        ('{"id": 1, "output": 1, "usage": {"words": 3}}\n', "usage is an object"),
    ],
)
def test_every_wrong_row_is_named(tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "out.jsonl").write_text(content)
    with pytest.raises(TargetSetupError, match=said):
        RecordedTarget(tmp_path / "out.jsonl")


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(TargetSetupError, match="No such file"):
        RecordedTarget(tmp_path / "none.jsonl")


def test_what_a_target_says_of_itself_has_a_shape() -> None:
    from regrade.targets.answers import (
        as_document,
        as_response,
        as_tool_call,
        read_response,
        response_content,
    )

    for wrong in (
        {"output": 1, "retrieved": "d"},
        {"output": 1, "retrieved": [7]},
        {"output": 1, "tool_calls": [{"n": 1}]},
    ):
        with pytest.raises(ValueError, match="it is a|is an object"):
            read_response(wrong)
    response = as_response({"a": 1})
    assert read_response(response_content(response)) == response
    assert as_tool_call(as_tool_call({"name": "f"})).name == "f"
    assert as_document(as_document("t")).text == "t"
