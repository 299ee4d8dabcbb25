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


SUITE = """
name: six
objective: Multiply by six.
criteria: {right: The product is right.}
dataset:
  - {id: a, input: "7", expected: {answer: "42"}}
  - {id: b, input: "8", expected: {answer: "49"}}
target: six_app:answer
graders: [{type: contains}]
"""


@pytest.fixture
def suite_file(tmp_path: Path) -> Path:
    (tmp_path / "six_app.py").write_text("def answer(input): return str(int(input) * 6)\n")
    (tmp_path / "suite.yaml").write_text(SUITE)
    return tmp_path / "suite.yaml"


@pytest.mark.anyio
async def test_a_run_is_gone_on_with_and_judged_again(suite_file: Path) -> None:
    from dataclasses import replace

    from regrade.api import check_suite, load_suite, regrade_stored, run_suite
    from regrade.runner import Progress

    suite = load_suite(suite_file)
    assert {finding.level for finding in await check_suite(suite)} == {"warning", "note"}
    seen: list[Progress] = []
    with open_store() as store:
        bounded = replace(suite, settings=replace(suite.settings, max_cost_usd=1e-9, concurrency=1))
        first = await run_suite(bounded, store=store, suite_path=suite_file, watch=seen.append)
        assert first.run.summary.passed == 1
        assert seen[-1].done == 2
        again = await run_suite(suite, store=store, resume=first.run.header.run_id)
        assert again.run.header.run_id == first.run.header.run_id
        assert len(again.run.attempts) == 2
        for given in (None, suite_file, suite):
            judged = await regrade_stored(first.run.header.run_id, given, store=store)
            assert judged.run.header.regraded_from == first.run.header.run_id
            assert (judged.run.summary.passed, judged.run.summary.failed) == (1, 1)
        suite_file.rename(suite_file.with_name("moved.yaml"))
        with pytest.raises(UsageError, match="is gone; name one with --suite"):
            await regrade_stored(first.run.header.run_id, None, store=store)
        changed = replace(suite, graders=(g.equals(criterion="right"),))
        with pytest.raises(UsageError, match="the suite has changed since"):
            await run_suite(changed, store=store, resume=first.run.header.run_id)
        with pytest.raises(UsageError, match="where runs are kept"):
            await run_suite(suite, store=None, resume="last")


def test_judging_again_from_python(suite_file: Path) -> None:
    from regrade.api import blocking, load_suite, run_suite

    with open_store() as store:
        done = blocking(lambda: run_suite(load_suite(suite_file), store=store))
    assert regrade.regrade(done.run, suite_file).summary.passed == 1
    assert (
        regrade.regrade(done.run.header.run_id, suite_file).header.regraded_from
        == done.run.header.run_id
    )


@pytest.mark.anyio
async def test_a_run_that_is_cancelled_keeps_what_was_finished(suite_file: Path) -> None:
    import anyio

    from regrade.api import load_suite, run_suite

    (suite_file.parent / "slow_six.py").write_text(
        "import time\ndef answer(input):\n    time.sleep(0.01 if input == '7' else 5)\n    return '42'\n"
    )
    suite = load_suite(suite_file, {"target": "slow_six:answer"})
    with open_store() as store:
        with anyio.move_on_after(1):
            await run_suite(suite, store=store)
        header = store.find("last")
        assert header.status == "interrupted"
        assert store.outcomes.counts(header.run_id) == {"passed": 1}


def test_attempts_at_one_case_are_loaded() -> None:
    from regrade.api import load_attempts
    from regrade.domain.errors import UnknownRunError

    cases = [Case(id=name, input="7", expected={"answer": "42"}) for name in ("first", "second")]
    regrade.evaluate(answer, cases, objective="o", criteria={"c": "d"}, trials=2)
    with open_store() as store:
        assert [a.trial for a in load_attempts("last", "second", store=store)] == [0, 1]
        with pytest.raises(UnknownRunError, match="did you mean 'first'"):
            load_attempts("last", "frist", store=store)
        with pytest.raises(UnknownRunError, match="it has first, second"):
            load_attempts("last", "zzz", store=store)
    hurried = {"objective": "o", "criteria": {"c": "d"}, "budget": 1e-9}
    regrade.evaluate(answer, cases, **hurried)  # type: ignore[arg-type]  # keys of a suite file
    with (
        open_store() as store,
        pytest.raises(UnknownRunError, match="did not get to the case 'first'"),
    ):
        load_attempts("last", "first", store=store)


def test_how_a_run_went_is_told() -> None:
    from regrade import TransientError

    refused = [3]

    def limited(input: str) -> str:
        if refused[0]:
            refused[0] -= 1
            raise TransientError("slow down", limited=True, retry_after_s=0.01)
        return input

    run = regrade.evaluate(
        limited,
        [{"input": "a", "expected": {"answer": "a"}}],
        objective="o",
        criteria={"c": "d"},
        store=None,
    )
    assert run.summary.passed == 1
    assert run.attempts[0].trace.tries == 4


def test_names_that_are_not_there_are_said() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'evalute'"):
        getattr(regrade, "evalute")  # noqa: B009  a name that type checkers refuse
    assert "evaluate" in dir(regrade)


@pytest.mark.anyio
async def test_a_notebook_evaluates_although_its_loop_runs() -> None:
    run = regrade.evaluate(answer, DATASET, objective="o", criteria={"c": "d"}, store=None)
    assert run.summary.passed == 2
