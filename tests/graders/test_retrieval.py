import random

import pytest
import pytrec_eval
from hypothesis import given, strategies as st

from regrade.domain import Case, Document, Grade, Json, RelevantDocument, ToolCall, Trace
from regrade.graders import (
    Check,
    citations,
    context_utilization,
    grounded_numbers,
    hit_at_k,
    map,
    mrr,
    ndcg,
    precision_at_k,
    recall_at_k,
)
from regrade.graders.retrieval.context import Source, content_words, shared_spans
from regrade.graders.retrieval.relevance import plain_url

pytestmark = pytest.mark.anyio
GRADERS = {
    "recall": recall_at_k,
    "P": precision_at_k,
    "success": hit_at_k,
    "ndcg_cut": ndcg,
    "map_cut": map,
}


async def judged(grader: Check, found: list[Document], relevant: list[RelevantDocument]) -> Grade:
    case = Case(input="q", relevant_documents=tuple(relevant))
    return await grader.grade(case, Trace(output="x", retrieved=tuple(found)))


@pytest.mark.parametrize("seed", range(5))
async def test_the_measures_are_those_of_trec_eval_number_by_number(seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(40):
        names = [f"d{n}" for n in range(12)]
        found = chance.sample(names, chance.randint(1, 10))
        grades = {name: chance.randint(0, 3) for name in chance.sample(names, 6)}
        if not any(grades.values()):
            continue
        k = chance.choice([1, 3, 5, 10])
        ranked = {name: float(len(found) - at) for at, name in enumerate(found)}
        wanted = {f"{name}.{k}" for name in GRADERS}
        oracle = pytrec_eval.RelevanceEvaluator({"q": grades}, wanted).evaluate({"q": ranked})["q"]
        documents = [Document(id=name) for name in found]
        relevant = [RelevantDocument(id=name, relevance=grade) for name, grade in grades.items()]
        for name, grader in GRADERS.items():
            grade = await judged(grader(k=k, min=0), documents, relevant)
            assert grade.score == pytest.approx(oracle[f"{name}_{k}"], abs=1e-12), (
                name,
                k,
                found,
                grades,
            )
        every = pytrec_eval.RelevanceEvaluator({"q": grades}, {"recip_rank"}).evaluate(
            {"q": ranked}
        )["q"]
        whole = await judged(mrr(k=len(found), min=0), documents, relevant)
        assert whole.score == pytest.approx(every["recip_rank"])


@given(
    st.lists(st.sampled_from("abcdef"), max_size=8),
    st.sets(st.sampled_from("abcdef"), min_size=1),
    st.integers(1, 8),
)
async def test_scores_are_shares_and_duplicates_count_once(
    found: list[str], relevant: set[str], k: int
) -> None:
    documents = [Document(id=each) for each in found]
    wanted = [RelevantDocument(id=each) for each in relevant]
    for grader in (*GRADERS.values(), mrr):
        score = (await judged(grader(k=k, min=0), documents, wanted)).score
        assert score is not None
        assert 0 <= score <= 1 + 1e-12
    recall = (await judged(recall_at_k(k=k), documents, wanted)).score
    assert recall == len(relevant & {*found[:k]}) / len(relevant)


async def test_documents_are_known_by_address_or_text_when_ids_differ() -> None:
    text = "A first payment is refunded in full within 14 days."
    found = [
        Document(
            id="7",
            text=f"Refunds. {text} Renewals are not.",
            metadata={"url": "https://www.X.example/refunds/#top"},
        )
    ]
    by_url = [RelevantDocument(id="http://x.example/refunds")]
    by_text = [RelevantDocument(id="refunds", text=f"“{text}”".strip("“”"))]
    assert (await judged(recall_at_k(match="url"), found, by_url)).passed
    assert (await judged(recall_at_k(match="text"), found, by_text)).passed
    assert (await judged(recall_at_k(), found, by_text)).passed is False
    assert (
        await judged(recall_at_k(match="text"), [Document(id="8", text="A first")], by_text)
    ).passed is False
    with pytest.raises(ValueError, match="has no text"):
        await judged(recall_at_k(match="text"), found, by_url)


def test_addresses_have_one_spelling() -> None:
    assert (
        plain_url("HTTPS://www.Example.com/a/?q=1#x")
        == plain_url("example.com/a?q=1")
        == "example.com/a?q=1"
    )


async def test_the_missed_documents_are_named() -> None:
    grade = await judged(
        recall_at_k(), [Document(id="a")], [RelevantDocument(id="a"), RelevantDocument(id="b")]
    )
    assert grade.issues == ("missed b",)
    assert "not retrieved: “b”" in grade.reason


@pytest.mark.parametrize("options", [{"k": 0}, {"min": 2}])
def test_options_without_sense_are_refused(options: dict[str, Json]) -> None:
    with pytest.raises(ValueError, match="`k`|`min`"):
        recall_at_k(**options)


async def test_a_failure_of_use_is_put_down_to_the_stage_that_caused_it() -> None:
    text = "Refunds reach the original payment method."
    relevant = (RelevantDocument(id="right"),)
    case = Case(input="q", relevant_documents=relevant)
    trace = Trace(
        output="Nobody knows anything certain here", retrieved=(Document(id="wrong", text=text),)
    )
    assert (await context_utilization().grade(case, trace)).label == "retrieval"
    trace = Trace(
        output="Nobody knows anything certain here", retrieved=(Document(id="right", text=text),)
    )
    assert (await context_utilization().grade(case, trace)).label == "generation"


async def test_words_of_the_question_do_not_count_as_use() -> None:
    case = Case(input="Is a payment refunded in full?")
    document = Document(id="d", text="A payment is refunded in full within 14 days of purchase.")
    copied = Trace(
        output="A payment is refunded in full, perhaps sometimes.", retrieved=(document,)
    )
    assert (await context_utilization().grade(case, copied)).passed is False
    used = await context_utilization().grade(
        case, Trace(output="Within 14 days of purchase.", retrieved=(document,))
    )
    assert used.passed
    assert "taken over: within 14 days of purchase" in used.issues
    assert used.issues[-1] == "1 of 1 documents were used"


def test_content_words_and_shared_runs() -> None:
    assert content_words("The cat sat in 2026 on 猫") == ["2026", "猫"]
    assert list(
        shared_spans("one two three four x five", Source("s", "zero one two three four five"))
    ) == ["one two three four"]


@pytest.mark.parametrize(
    ("output", "label"),
    [
        ("Payments are refunded within 14 days [1]. The plan costs 9 euros [2].", None),
        ("Payments are refunded within 14 days [1, 2].", None),
        ("Payments are refunded within 14 days [9] and [nowhere].", "invented"),
        ("The Team plan costs 9 euros per month and member [1].", "unsupported"),
        ("Payments are refunded within 14 days.", "missing"),
        ("See [the plans](https://x.example/plans?x=1).", "invented"),
    ],
)
async def test_citations_that_are_missing_invented_and_unsupported_are_told_apart(
    output: str, label: str | None
) -> None:
    documents = (
        Document(id="refunds", text="A first payment is refunded within 14 days."),
        Document(
            id="plans",
            text="The Team plan costs 9 euros.",
            metadata={"url": "https://x.example/plans"},
        ),
    )
    grade = await citations().grade(Case(input="q"), Trace(output=output, retrieved=documents))
    assert grade.label == label, grade.reason
    assert grade.passed is (label is None)


async def test_what_tools_and_the_question_say_is_grounded_too() -> None:
    trace = Trace(
        output="Order 4711 has 3 items and ships on 5 June 2026.",
        tool_calls=(ToolCall(name="order", result={"items": 3, "ships": "2026-06-05"}),),
    )
    assert (await grounded_numbers().grade(Case(input="Where is order 4711?"), trace)).passed
    assert (await grounded_numbers().grade(Case(input="Where is it?"), trace)).issues == (
        "number 4711",
    )


async def test_numbers_of_a_list_are_no_claims() -> None:
    trace = Trace(
        output="1. Open it.\n2. Close it.", retrieved=(Document(text="Open it, close it."),)
    )
    assert (await grounded_numbers().grade(Case(input="q"), trace)).passed is None
