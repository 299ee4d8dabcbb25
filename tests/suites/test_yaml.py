from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from regrade.domain import Json
from regrade.domain.errors import SuiteError
from regrade.suites.yaml import read_yaml


def read(text: str) -> Json:
    return read_yaml(Path("s.yaml"), text)[0]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("true", True),
        ("False", False),
        ("010", 10),
        ("0o10", 8),
        ("0xff", 255),
        ("12:30", "12:30"),
        ("1e3", 1000.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("2026-11-25", "2026-11-25"),
        ("~", None),
        ("null", None),
        ("1_000", "1_000"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("+1", 1),
        ("=", "="),
    ],
)
def test_scalars_are_those_of_yaml_1_2(written: str, meant: Json) -> None:
    found = read(f"a: {written}\nb: [{written}]")
    assert found == {"a": meant, "b": [meant]}
    assert type(found["a"]) is type(meant)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_json_is_yaml(value: Json) -> None:
    import json

    assert read(json.dumps(value)) == value


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: 1\nb: 2\na: 3", r"s.yaml:3:1: the key 'a' stands on line 1 already"),
        (
            "a: !!python/object:os.system x",
            "the tag 'tag:yaml.org,2002:python/object:os.system' is not allowed",
        ),
        ("a: [1, 2", "s.yaml:2:1: this is not YAML"),
        ("a: .nan", "not a number that JSON can hold"),
        ("a: 1e999", "larger than any number"),
        ("? [a]\n: 1", "a key must be a text"),
        ("a: &x [*x]", "this anchor contains itself"),
        ("a:\n\t- b", "s.yaml:2:1: this is not YAML"),
        ("a: \0", "this is not YAML"),
        ("[" * 5000, "this is not YAML"),
        (f"a: {'9' * 5000}", "5000 digits"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(SuiteError, match=said.replace("[", r"\[")):
        read(text)


@pytest.mark.no_cover
def test_an_alias_bomb_is_refused_quickly() -> None:
    bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    with pytest.raises(SuiteError, match="aliases unfold to more than"):
        read(bomb)


def test_aliases_in_reason_are_fine() -> None:
    assert read("a: &x {k: [1]}\nb: *x") == {"a": {"k": [1]}, "b": {"k": [1]}}


def test_every_value_has_its_place() -> None:
    _, positions = read_yaml(Path("s.yaml"), "a:\n  b:\n    - 1\n    - c: 2\n")
    assert positions.where(("a", "b", 1, "c")) == "s.yaml:4:7"
    assert positions.where(("a", "b", 1, "nothing")) == "s.yaml:4:7"
    assert positions.where(("elsewhere",)) == "s.yaml:1:1"
    assert positions.line(("a", "b", 0)) == 3
