import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, strategies as st

from regrade.analysis.mutation import BREAKS, broken_traces, mutation_of, sampled
from regrade.analysis.mutation.breaks import INVENTED
from regrade.analysis.mutation.mirroring import mirrored
from regrade.domain import (
    NOT_CAPTURED,
    Attempt,
    Document,
    Grade,
    Json,
    Span,
    ToolCall,
    Trace,
)
from regrade.graders import contains, latency
from tests.analysis.comparing import case

SAYS = contains(name="says", expected="x").spec
HEEDS = contains(name="heeds", component="generation", expected="x").spec
QUICK = latency(name="quick", max=1).spec
OTHERS = (
    Trace(output="Nobody knows.", retrieved=(Document(id="other"),)),
    Trace(output="Ask Ada or Grace.", retrieved=(Document(id="plans"),)),
)


def broken(
    name: str, output: Json, *, others: Sequence[Trace] = OTHERS, **parts: object
) -> Trace | None:
    trace = Trace(output=output, **parts)  # type: ignore[arg-type]  # fields of a trace
    return BREAKS[name].apply(trace, others, random.Random(1))


def output_of(name: str, output: Json, retrieved: tuple[Document, ...] | None = None) -> Json:
    found = broken(name, output, retrieved=retrieved)
    return None if found is None else found.output


@pytest.mark.parametrize(
    ("name", "output", "gives"),
    [
        ("empty", "Yes.", ""),
        ("empty", {"answer": "Yes.", "n": 1}, {"answer": "", "n": 1}),
        ("empty", "", None),
        ("drop", "One. Two.", "Two."),
        ("drop", "One.", None),
        ("drop", {"a": 1, "b": 2}, {"b": 2}),
        ("drop", [1, 2], [2]),
        ("drop", [], None),
        ("truncate", "one two three four", "one two"),
        ("truncate", "abcd", "ab"),
        ("truncate", "a", None),
        ("negate", "It is open.", "It is not open."),
        ("negate", "It isn't open.", "It is open."),
        ("negate", "You cannot.", "You can."),
        ("negate", "Yes, of course.", "No of course."),
        ("negate", "spam", "not spam"),
        ("negate", " ", None),
        ("negate", {"label": "spam", "sure": True}, {"label": "spam", "sure": False}),
        ("negate", {"label": "spam"}, {"label": "not spam"}),
        ("negate", 3, None),
        ("numbers", "from 5 to 7, 5 times", "from 7 to 5, 7 times"),
        ("numbers", "9 euros", "1 euros"),
        ("numbers", "none", None),
        ("numbers", {"total": -12.5, "n": 0, "of": "all"}, {"total": -22.5, "n": 1, "of": "all"}),
        ("numbers", 41, 51),
        ("names", "Then Ada called Grace.", "Then Grace called Ada."),
        ("names", "Then Ada called.", None),
        ("language", "It is open.", "ご質問ありがとうございます。担当者が内容を確認し、後ほど折り返しご連絡いたします。"),
        (
            "language",
            "営業中です。",
            "Thank you for your question. Somebody will look at it and get back to you later.",
        ),
        ("language", "42", None),
        ("invalid JSON", {"a": 1}, '{"a": 1,'),
        ("invalid JSON", '[1, 2]', "[1, 2,"),
        ("invalid JSON", "plain", None),
        ("names", NOT_CAPTURED, None),
        ("citation", NOT_CAPTURED, None),
    ],
)  # fmt: skip
def test_each_break_breaks_what_it_says(name: str, output: Json, gives: Json) -> None:
    assert output_of(name, output) == gives


def test_a_text_in_json_that_is_text_stays_json_in_text() -> None:
    assert (
        output_of("truncate", '{"answer": "one two", "id": "a"}') == '{"answer": "one", "id": "a"}'
    )


def test_sources_are_invented_where_documents_were_found() -> None:
    found = (Document(id="plans"),)
    assert output_of("citation", "It is so [plans].", found) == f"It is so [{INVENTED}]."
    assert output_of("citation", "It is so.", found) == f"It is so. [{INVENTED}]"
    as_field = {"answer": "So.", "source": "plans"}
    assert output_of("citation", as_field, found) == {"answer": "So.", "source": INVENTED}
    assert output_of("citation", {"answer": "So."}, found) == {"answer": f"So. [{INVENTED}]"}
    assert output_of("citation", "It is so.") is None
    assert output_of("citation", 3, found) is None


def test_secrets_answers_documents_and_calls() -> None:
    secret = output_of("secret", "Hello.")
    assert secret.startswith("Hello. The key is sk-proj-")
    assert output_of("secret", "Hello.") == secret, "seeded"
    assert output_of("other answer", "Nobody knows.") == "Ask Ada or Grace."
    assert broken("other answer", "Hello.", others=()) is None
    mine = (Document(id="plans"),)
    swapped = broken("documents", "x", retrieved=mine)
    assert swapped is not None
    assert swapped.retrieved == (Document(id="other"),)
    lost = broken("documents", "x", retrieved=mine, others=OTHERS[1:])
    assert lost is not None
    assert lost.retrieved == ()
    assert broken("documents", "x") is None
    calls = (ToolCall(name="a"), ToolCall(name="b"))
    less = broken("tool call", "x", tool_calls=calls)
    assert less is not None
    assert less.tool_calls == (ToolCall(name="b"),)
    assert broken("tool call", "x") is None


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@given(output=JSON)
def test_no_output_is_too_strange_and_none_comes_back_whole(output: Json) -> None:
    for each in BREAKS:
        found = broken(each, output, retrieved=(Document(id="plans"),))
        assert found is None or (found.output, found.retrieved) != (output, (Document(id="plans"),))


@pytest.mark.parametrize(
    ("step", "before", "after", "gives"),
    [
        ("It is so.", "It is so.", "No.", "No."),
        ("He said: It is so.", "It is so.", "No.", "He said: No."),
        ({"n": "1", "text": "It is so."}, "It is so.", "No.", {"n": "1", "text": "No."}),
        ("It is so.", "It is so. Yes.", "No.", "It is so."),
        (7, "It is so.", "No.", 7),
        (
            '{"answer": "So."}',
            {"answer": "So.", "n": 1},
            {"answer": "No.", "n": 1},
            '{"answer": "No."}',
        ),
        ({"answer": "So.", "n": 1}, {"answer": "So.", "n": 1, "m": 2}, {"n": 1, "m": 2}, {"n": 1}),
        (
            '```{"answer": "So."}```',
            {"answer": "So."},
            {"answer": "No."},
            '```{"answer": "No."}```',
        ),
        ('{"a": 1}', {"a": 1, "b": 2}, '{"a": 1, "b": 2,', '{"a": 1,'),
        ({"a": 1}, {"a": 1, "b": 2}, '{"a": 1, "b": 2,', {"a": 1}),
        ("text", "", "No.", "text"),
        ("a b", {"x": 1, "y": "a"}, {"x": 2, "y": "c"}, "c b"),
        ({"a": {"n": 5}}, {"b": [{"n": 5}]}, {"b": [{"n": 6}]}, {"a": {"n": 6}}),
        ({"a": {"n": 5, "m": 1}}, {"n": 5, "m": 2}, {"m": 2}, {"a": {"m": 1}}),
    ],
)
def test_steps_are_broken_alike(step: Json, before: Json, after: Json, gives: Json) -> None:
    assert mirrored(step, before, after) == gives


def good(n: int, output: Json = "It is five. Always.") -> Attempt:
    spans = (
        Span(span_id="1", name="retrieve", retrieved=(Document(id=f"d{n}"),), output="found"),
        Span(span_id="2", name="generate", kind="llm", output=output),
        Span(span_id="3", name="tool", kind="tool", tool_call=ToolCall(name="note")),
        Span(span_id="4", name="quiet"),
    )
    trace = Trace(
        output=output,
        retrieved=(Document(id=f"d{n}"),),
        tool_calls=(ToolCall(name="note"),),
        spans=spans,
    )
    grades = (Grade(True, spec=SAYS), Grade(True, spec=HEEDS), Grade(True, spec=QUICK))
    return Attempt(case=case(n), trace=trace, grades=grades)


def test_a_trace_is_broken_in_its_steps_as_well() -> None:
    made = {each.name: each.attempt.trace for each in broken_traces([good(1), good(2)])}
    assert made["empty"].spans[1].output == ""
    assert made["empty"].spans[0].output == "found", "documents stay as they are"
    assert made["documents"].spans[0].retrieved == (Document(id="d1"),)
    assert [span.name for span in made["tool call"].spans] == ["retrieve", "generate", "quiet"]
    assert [*broken_traces([good(1), good(2)])] == [*broken_traces([good(1), good(2)])]
    assert "other answer" not in made, "both answer the same"


def judged(each: Attempt, *, says: bool, heeds: bool | None) -> Attempt:
    return replace(
        each,
        grades=(Grade(says, spec=SAYS), Grade(heeds, spec=HEEDS), Grade(True, spec=QUICK)),
    )


def test_what_is_noticed_is_counted_by_break_and_by_grader() -> None:
    attempts = [good(n) for n in range(10)]
    made = [*broken_traces(attempts)]
    found = mutation_of(
        made,
        [judged(b.attempt, says=b.name not in ("empty", "drop") or b.good.case.id == "c0", heeds=None)
         for b in made],
        len(attempts),
    )  # fmt: skip
    by_name = {each.name: each for each in found.breaks}
    assert by_name["negate"].noticed.value == 0
    assert by_name["negate"].unnoticed == ("c0", "c1", "c2", "c3", "c4")
    assert by_name["empty"].noticed.value == 0.9
    assert by_name["empty"].graders == {"says": 9}
    assert by_name["empty"].unnoticed == ("c0",)
    assert found.breaks[0].noticed.value == 0, "the least noticed first"
    assert "invalid JSON" in found.not_tried
    graders = {each.name: each for each in found.graders}
    assert not graders["says"].never_fires
    assert not graders["generation: heeds"].never_fires, "it judged nothing"
    assert not graders["quick"].is_touched
    assert not graders["quick"].never_fires
    loud = mutation_of(
        made, [judged(b.attempt, says=True, heeds=True) for b in made], len(attempts)
    )
    assert [each.name for each in loud.graders if each.never_fires] == ["generation: heeds", "says"]


def test_many_good_traces_are_sampled_in_their_order() -> None:
    attempts = [good(n) for n in range(30)]
    some = sampled(attempts, 1, 10)
    places = [int(each.case.id[1:]) for each in some]
    assert len(places) == 10
    assert places == sorted(places)
    assert sampled(attempts, 1, 30) == attempts
