import pytest

from regrade.domain import Case, Grade, Json, Message, Span, Trace, Usage
from regrade.graders import Check, request, trajectory
from regrade.graders.steps.query import read_query

pytestmark = pytest.mark.anyio
SPANS = (
    Span(span_id="1", name="agent", kind="agent"),
    Span(span_id="2", parent_id="1", name="search web", kind="tool", attributes={"k": 3}),
    Span(span_id="3", parent_id="2", name="fetch", kind="span", error="404"),
    Span(span_id="4", name="fetch", kind="span"),
)


async def judged(grader: Check, spans: tuple[Span, ...] = SPANS, context: Json = None) -> Grade:
    return await grader.grade(Case(input="q", context=context), Trace(output="x", spans=spans))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("fetch", ["3", "4"]),
        ({"kind": "tool"}, ["2"]),
        ({"name_contains": "SEARCH"}, ["2"]),
        ({"attributes": {"k": "3"}}, ["2"]),
        ({"name": "fetch", "within": {"kind": "agent"}}, ["3"]),
        ({"name": "fetch", "has_error": False}, ["4"]),
        ({"name": "fetch", "within": {"kind": "tool", "within": "agent"}}, ["3"]),
        ({"name": "nothing"}, []),
    ],
)
def test_steps_are_found_by_all_that_a_query_says(query: Json, found: list[str]) -> None:
    from regrade.graders.steps.query import find

    assert [span.span_id for span in find(read_query(query), SPANS)] == found
    assert read_query(query).words()


@pytest.mark.parametrize("query", [{}, 5, {"nmae": "x"}, {"kind": "nonsense"}, {"within": {}}])
def test_a_query_without_sense_is_refused(query: Json) -> None:
    with pytest.raises(ValueError, match="a step is|no kind of step"):
        trajectory(has=[query])
    with pytest.raises(ValueError, match="trajectory needs"):
        trajectory()


async def test_no_matching_step_is_never_a_pass_by_itself() -> None:
    assert (await judged(trajectory(order=["nowhere"]))).passed is False
    assert (await judged(trajectory(at_least={"nowhere": 1}))).passed is False
    assert (await judged(trajectory(has_not=["nowhere"]), spans=())).passed is None


async def test_every_demand_is_told_and_counted() -> None:
    grade = await judged(
        trajectory(
            has=["agent", "gone"], has_not=["fetch"], at_most={"fetch": 1}, order=["fetch", "agent"]
        )
    )
    assert grade.issues == (
        "there was no step “gone”",
        "there was a step “fetch” (fetch)",
        "fetch was there 2 times, at most 1 are allowed",
        "“agent” did not come in its turn",
    )
    assert grade.score == pytest.approx(0.2)


def chat(*texts: str, tokens: int | None = None) -> Span:
    messages = tuple(Message(role="user", content=text) for text in texts)
    return Span(
        span_id=texts[0],
        name="chat",
        kind="llm",
        messages=messages,
        usage=Usage(input_tokens=tokens),
    )


async def test_the_prompt_must_hold_the_context_that_was_found() -> None:
    grader = request(must_contain=["{{ context.text }}"])
    assert (await judged(grader, (chat("Use: the  page\nsays"),), {"text": "the page says"})).passed
    grade = await judged(grader, (chat("Use: nothing"),), {"text": "the page says"})
    assert grade.issues == ("chat does not hold “the page says”",)


async def test_one_call_may_be_enough() -> None:
    calls = (chat("a rule"), chat("b"))
    assert (await judged(request(must_contain=["rule"]), calls)).passed is False
    assert (await judged(request(must_contain=["rule"], somewhere=True), calls)).passed
    assert (await judged(request(must_contain=["x"], somewhere=True), calls)).issues == (
        "no call holds “x”",
    )


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Hi {{ user }}", "{{ user }}"),
        ("Hi {customer_name}", "{customer_name}"),
        ("Hi ${NAME}", "${NAME}"),
        ("Hi <CUSTOMER_NAME>", "<CUSTOMER_NAME>"),
        ('Write {"a": 1} and <b>', None),
    ],
)
async def test_placeholders_that_were_left_are_found(text: str, left: str | None) -> None:
    grade = await judged(request(), (chat(text),))
    assert grade.passed is (left is None)
    assert left is None or f"unfilled {left}" in grade.reason


async def test_tokens_are_bounded_where_they_are_known() -> None:
    assert (await judged(request(max_tokens=10), (chat("a", tokens=11),))).passed is False
    assert (await judged(request(max_tokens=10), (chat("a"),))).passed
