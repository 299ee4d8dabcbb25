from dataclasses import dataclass

import pytest

from regrade.domain import as_json, canonical, content_hash, read_json
from regrade.domain.errors import NotJsonError


@dataclass
class Point:
    x: int
    y: tuple[int, ...]


def test_equal_values_have_one_spelling() -> None:
    assert canonical({"b": 1, "a": [True, None]}) == canonical({"a": [True, None], "b": 1})
    assert content_hash({"a": 1}) != content_hash({"a": 1.5})


def test_text_of_any_kind_can_be_hashed() -> None:
    assert content_hash("\ud800\0") != content_hash("\ud801\0")


class Model:
    def model_dump(self, *, mode: str) -> dict[str, str]:
        return {"mode": mode}


def test_models_of_other_libraries_are_asked_for_their_json() -> None:
    assert as_json([Model()]) == [{"mode": "json"}]
    assert as_json(1.5) == 1.5


def test_python_values_become_the_json_that_they_stand_for() -> None:
    assert as_json({"p": Point(1, (2, 3))}) == {"p": {"x": 1, "y": [2, 3]}}


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), b"x", {1, 2}, object(), {1: 2}, [object()]]
)
def test_what_json_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(NotJsonError):
        as_json(value)


def test_a_value_that_contains_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(NotJsonError, match="contains itself"):
        as_json(value)


def test_where_the_fault_is_is_said() -> None:
    with pytest.raises(NotJsonError, match=r"\.a\[1\]"):
        as_json({"a": [1, b"x"]})


@pytest.mark.parametrize(
    "text", ["", "{", "NaN", "[1,]", "1 2", "{'a': 1}", "[" * 100_000, "1" * 5000]
)
def test_what_is_not_json_is_said_to_be_none(text: str) -> None:
    with pytest.raises(NotJsonError):
        read_json(text)


def test_lone_surrogates_and_spaces_around_are_read() -> None:
    assert read_json(' \n"\\ud800"\t') == "\ud800"
