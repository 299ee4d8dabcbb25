import json

import pytest
from hypothesis import given, strategies as st

from regrade import Case as TestCase
from regrade.domain import Case, Dataset, RelevantDocument, ToolCall, case_content, restored_case

TEXT = st.text(max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
CASES = st.builds(
    Case,
    input=JSON,
    id=TEXT,
    context=JSON,
    expected=st.dictionaries(TEXT, JSON, max_size=3),
    expected_topics=st.lists(TEXT, max_size=2).map(tuple),
    requires_context=st.none() | st.booleans(),
    tags=st.dictionaries(TEXT, TEXT, max_size=2),
    expected_tool_calls=st.lists(st.builds(ToolCall, name=TEXT, arguments=JSON), max_size=2).map(
        tuple
    ),
    relevant_documents=st.lists(st.builds(RelevantDocument, id=TEXT), max_size=2).map(tuple),
    should_refuse=st.none() | st.booleans(),
    critical=st.booleans(),
    metadata=st.dictionaries(TEXT, JSON, max_size=2),
)


def test_the_published_python_form_is_a_case() -> None:
    case = TestCase(
        input="How do I cancel my subscription?",
        expected_topics=["cancellation", "refund-policy"],  # type: ignore[arg-type]  # lists are accepted
        disallowed_topics=["billing-history", "plan-upgrade"],  # type: ignore[arg-type]  # lists are accepted
        requires_context=False,
        difficulty="easy",
        known_failure_modes=["mixes up cancelling and pausing"],  # type: ignore[arg-type]  # lists are accepted
    )
    assert case.expected_topics == ("cancellation", "refund-policy")
    assert case.disallowed_topics == ("billing-history", "plan-upgrade")
    assert case.requires_context is False
    assert case.difficulty == "easy"
    assert case.known_failure_modes == ("mixes up cancelling and pausing",)


@given(CASES)
def test_a_case_survives_being_written_and_read(case: Case) -> None:
    assert restored_case(json.loads(json.dumps(case_content(case)))) == case


def test_a_case_without_an_id_is_called_by_its_pairing_key() -> None:
    case = Case(input="a", expected={"answer": 1})
    assert case.id == case.pairing_key
    assert len(case.id) == 16


def test_the_pairing_key_is_about_what_is_asked_and_expected() -> None:
    base = Case(id="a", input="q", expected={"answer": 1})
    assert (
        Case(
            id="b", input="q", expected={"answer": 1}, tags={"t": "x"}, difficulty="hard"
        ).pairing_key
        == base.pairing_key
    )
    assert Case(id="a", input="q", expected={"answer": 2}).pairing_key != base.pairing_key
    assert (
        Case(id="a", input="q", expected={"answer": 1}, should_refuse=False).pairing_key
        != base.pairing_key
    )


@pytest.mark.no_cover
@given(st.lists(CASES, max_size=5, unique_by=lambda case: case.id))
def test_the_dataset_version_does_not_depend_on_the_order(cases: list[Case]) -> None:
    assert Dataset.of(cases).version == Dataset.of(reversed(cases)).version


def test_the_dataset_version_depends_on_every_field() -> None:
    plain = Dataset.of([Case(id="a", input="q")]).version
    assert Dataset.of([Case(id="a", input="q", critical=True)]).version != plain
    assert Dataset.of([Case(id="a", input="q", metadata={"owner": "me"})]).version != plain


@pytest.mark.parametrize("empty", ["", 0, False, [], {}])
def test_an_empty_input_is_an_input(empty: object) -> None:
    assert case_content(Case(id="a", input=empty))["input"] == empty
