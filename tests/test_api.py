from pathlib import Path

import pytest

import regrade
from regrade import Case, Grade, Response, Trace, graders as g
from regrade.api import load_run, open_store
from regrade.domain.errors import SuiteError, UsageError


def answer(input: str) -> str:
    return f"It is {int(input) * 6}."


DATASET = [
    Case(input="7", expected={"answer": "42"}),
    Case(input="8", expected={"answer": "48"}, tags={"hard": "yes"}),
]


def test_the_python_form_of_the_contract() -> None:
    run = regrade.evaluate(
        target=answer,
        dataset=DATASET,
        objective="Multiply by six.",
        criteria={"correct": "The product is right."},
        graders=[g.number(expected="{{ expected.answer }}", criterion="correct")],
    )
    estimate = run.summary.pass_rate
    assert (estimate.value, estimate.n) == (1.0, 2)
    assert estimate.low is not None
    with open_store() as store:
        assert load_run("last", store=store).summary.pass_rate == estimate


def test_functions_judge_and_nothing_is_kept_when_asked(tmp_path: Path) -> None:
    def short(case: Case, trace: Trace) -> Grade:
        return Grade(len(trace.output_text) < 10, "It is short or it is not.")

    run = regrade.evaluate(
        answer,
        DATASET,
        objective="o",
        criteria=["It is short."],
        graders=[short],
        store=None,
        trials=2,
        concurrency=2,
    )
    assert run.summary.passed == 4
    assert run.header.suite.criteria == {"it-is-short": "It is short."}
    assert list(tmp_path.iterdir()) == []


def test_a_stored_run_is_judged_again() -> None:
    first = regrade.evaluate(
        answer, DATASET, objective="o", criteria={"c": "d"}, graders=[g.contains(expected="42")]
    )
    assert first.summary.passed == 1
    with pytest.raises(UsageError, match="was not made with a suite file"):
        regrade.regrade(first)


@pytest.mark.anyio
async def test_async_code_evaluates_too() -> None:
    async def respond(question: str) -> Response:
        return Response({"answer": question}, retrieved=("doc",))  # type: ignore[arg-type]  # texts are read

    run = await regrade.evaluate_async(
        respond,
        [{"input": "hi", "expected": {"answer": "hi"}}],
        objective="o",
        criteria={"c": "d"},
        store=None,
    )
    assert run.summary.passed == 1
    assert run.attempts[0].trace.retrieved is not None


def test_mistakes_in_python_are_told_like_those_in_files() -> None:
    with pytest.raises(SuiteError, match="not ready to evaluate"):
        regrade.evaluate(answer, DATASET, objective="o", criteria={})
    with pytest.raises(SuiteError, match="unknown key 'trails'. Did you mean 'trials'"):
        regrade.evaluate(answer, DATASET, objective="o", criteria={"c": "d"}, trails=3)


def test_large_and_odd_outputs_are_kept_whole() -> None:
    outputs = {"a": "x" * 20_000_000, "b": "\ud800\0", "c": [[[]]] * 1000}
    run = regrade.evaluate(
        lambda case: outputs[case.id],
        [Case(id=name, input=name) for name in outputs],
        objective="o",
        criteria={"c": "d"},
        graders=[lambda case, trace: trace.output == outputs[case.id]],
    )
    assert run.summary.passed == 3
    with open_store() as store:
        kept = {a.case.id: a.trace.output for a in load_run("last", store=store).attempts}
    assert kept == outputs
