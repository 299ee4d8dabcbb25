import pytest

from regrade.analysis import summarize
from regrade.domain import Estimate, Operations, Run
from regrade.report import words
from tests.fakes.runs import make_run

NONE = Estimate(None, None, None, 0)


def operations(**more: object) -> Operations:
    base = {
        "latency_p50": NONE,
        "latency_p95": NONE,
        "ttft_p50": NONE,
        "cost_usd": None,
        "tokens": None,
    }
    return Operations(**{**base, **more})  # type: ignore[arg-type]  # a table of values


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (operations(), ["latency unknown"]),
        (operations(tokens=5), ["latency unknown", "5 tokens", "cost unknown"]),
        (operations(cost_usd=0.5), ["latency unknown", "$0.5000"]),
        (
            operations(cost_usd=0.5, priced_by=("reported",)),
            ["latency unknown", "$0.5000 (reported)"],
        ),
        (
            operations(cost_usd=0.5, unpriced=2),
            ["latency unknown", "$0.5000 and 2 attempts of unknown cost"],
        ),
        (
            operations(ttft_p50=Estimate(0.5, None, None, 1)),
            ["latency unknown", "first token p50 500 ms"],
        ),
        (
            operations(latency_p50=Estimate(1, None, 2, 1), latency_p95=NONE),
            ["latency p50 1 s [… , 2 s], p95 unknown".replace("… ,", "…,")],
        ),
    ],
)
def test_what_a_run_took_is_said_and_unknown_is_not_zero(
    found: Operations, said: list[str]
) -> None:
    assert words.operations(found) == said


def test_names_of_dimensions_are_words() -> None:
    assert words.dimension("disallowed_content:legal-advice") == "disallowed content: legal-advice"
    assert words.dimension("something_new") == "something new"
    assert words.is_unwanted("leaks")
    assert not words.is_unwanted("parse_success")


def test_without_a_judged_attempt_there_is_no_rate() -> None:
    run = make_run()
    empty = Run(
        header=run.header, dataset=run.dataset, attempts=[], summary=summarize(run.header, [])
    )
    assert words.verdict(empty).startswith("nothing was judged: 0 passed, 0 failed")
    assert words.percent(None) == "–"
