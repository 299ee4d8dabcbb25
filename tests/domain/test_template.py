import pytest

from regrade.domain import Case, Document, ToolCall, Trace, Usage
from regrade.domain.errors import MissingPathError
from regrade.domain.template import fault_in, is_of_case, paths_in, read_path, render

CASE = Case(
    input={"q": "hi"},
    context={"rows": [{"store": "A"}, {"store": "B"}]},
    expected={"answer": 42},
    tags={"t": "x"},
)
TRACE = Trace(
    output='{"store": "B"}',
    retrieved=(Document(id="d1", text="t"),),
    tool_calls=(ToolCall(name="f", arguments={"a": 1}),),
    usage=Usage(input_tokens=3),
)


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ expected.answer }}", 42),
        ("{{expected}}", {"answer": 42}),
        ("the answer is {{ expected.answer }}!", "the answer is 42!"),
        ("{{ context.rows[1].store }}", "B"),
        ("{{ context.rows.0.store }}", "A"),
        ("{{ output_json.store }}", "B"),
        ("{{ retrieved[0].id }}", "d1"),
        ("{{ tool_calls[0].arguments.a }}", 1),
        ("{{ usage.input_tokens }}", 3),
        ("{{ tags.t }}/{{ input.q }}", "x/hi"),
        (["{{ expected.answer }}", {"k": "{{ tags.t }}"}], [42, {"k": "x"}]),
        ("no template", "no template"),
    ],
)
def test_templates_are_filled_in(template: object, value: object) -> None:
    assert render(template, CASE, TRACE) == value


@pytest.mark.parametrize(
    "path",
    [
        "expected.other",
        "context.rows[2]",
        "config",
        "input.q.x",
        "nothing.at.all",
        "",
        "expected..answer",
    ],
)
def test_a_missing_path_is_said(path: str) -> None:
    with pytest.raises(MissingPathError):
        read_path(path, CASE, TRACE)


def test_an_output_that_is_not_json_is_a_missing_path() -> None:
    with pytest.raises(MissingPathError, match="not JSON"):
        read_path("output_json.a", CASE, Trace(output="words"))


def test_nothing_but_paths_is_read() -> None:
    for hostile in ("expected.__class__()", "input | upper", "1 + 1", "expected['answer']"):
        assert fault_in(hostile)
    with pytest.raises(MissingPathError):
        render("{{ expected.__class__ }}", CASE)


def test_paths_are_found_and_told_apart() -> None:
    assert list(paths_in({"a": ["{{ input }} {{ output }}"]})) == ["input", "output"]
    assert is_of_case("input.q")
    assert not is_of_case("output")
    assert not is_of_case("")


@pytest.mark.parametrize(
    "path", ["retrieved", "tool_calls[0].name", "usage.input_tokens", "output"]
)
def test_what_is_not_known_of_a_trace_is_missing(path: str) -> None:
    with pytest.raises(MissingPathError):
        read_path(path, CASE, Trace() if path == "output" else Trace(output="x"))
    with pytest.raises(MissingPathError, match="no output was captured"):
        read_path(path, CASE)


def test_values_that_are_no_text_come_back_as_they_are() -> None:
    assert render(7, CASE) == 7
