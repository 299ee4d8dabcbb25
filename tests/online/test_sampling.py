"""Which traces are graded, and why."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from regrade.domain.live import Feedback, LiveTrace, Monitor
from regrade.online.sampling import Seen, chance_of, decide, rate_of

NOW = datetime(2027, 1, 1, tzinfo=UTC)
LISTED = LiveTrace(
    trace_id="t", state="closed", revision=1, started_at=NOW, duration_ms=50.0, name="answer", service="shop",
    version="1", environment="prod", user_id=None, conversation_id=None, model=None, error=None, spans=1,
    tokens=None, cost_usd=None,
)  # fmt: skip
MONITOR = Monitor(name="m", version="v", sample=0.1)
DOWN = Feedback(trace_id="t", kind="thumbs", value=False, given_at=NOW, key="k")


def seen(**more: Any) -> Seen:
    known: dict[str, Any] = {
        "listed": LISTED,
        "feedback": (),
        "alike": 99,
        "spent_share": 0.0,
        **more,
    }
    return Seen(**known)


def test_the_share_of_the_traces_is_what_was_asked_for() -> None:
    chances = [chance_of(f"{n:032x}") for n in range(20_000)]
    assert abs(sum(chance < 0.05 for chance in chances) / 20_000 - 0.05) < 0.005
    assert chance_of("t") == chance_of("t")


def test_a_decision_says_why() -> None:
    inside = next(f"{n:032x}" for n in range(999) if chance_of(f"{n:032x}") < 0.1)
    outside = next(f"{n:032x}" for n in range(999) if chance_of(f"{n:032x}") >= 0.1)
    yes = decide(MONITOR, seen(listed=replace(LISTED, trace_id=inside)), NOW)
    no = decide(MONITOR, seen(listed=replace(LISTED, trace_id=outside)), NOW)
    assert (yes.outcome, yes.probability, no.outcome, no.probability) == (
        "queued",
        0.1,
        "not_sampled",
        0.1,
    )
    assert "below the rate of 0.1" in yes.why
    assert "not below the rate of 0.1" in no.why


@pytest.mark.parametrize(
    ("always", "known", "rule"),
    [
        ("error", {"listed": replace(LISTED, error="E")}, "error"),
        ("thumbs_down", {"feedback": (DOWN,)}, "thumbs_down"),
        ("slow", {}, "slow"),
        ("novel", {"alike": 3}, "novel"),
    ],
)
def test_some_are_graded_in_any_case(always: Any, known: dict[str, Any], rule: str) -> None:
    monitor = replace(MONITOR, sample=0.0, always=(always,), slow_ms=20.0)
    spent = decide(monitor, seen(**known, spent_share=1.0), NOW)
    assert (spent.outcome, spent.probability) == ("budget", 0.0)
    found = decide(monitor, seen(**known), NOW)
    assert (found.outcome, found.probability, found.why) == (
        "queued",
        1.0,
        f"always graded: {rule}",
    )


def test_what_is_not_asked_for_is_not_matched() -> None:
    found = decide(replace(MONITOR, where={"service": "mail"}), seen(), NOW)
    assert (found.outcome, found.probability) == ("not_matched", None)
    assert found.why == "its service is shop, and mail is asked for"
    unknown = decide(replace(MONITOR, where={"model": "m"}), seen(), NOW)
    assert unknown.why == "its model is not known, and m is asked for"


def test_a_budget_lowers_the_rate_evenly_from_its_half_on() -> None:
    rates = [rate_of(MONITOR, share) for share in (0, 0.5, 0.75, 0.999, 1.0, 2.0)]
    assert rates == [0.1, 0.1, 0.05, 0.002, 0.0, 0.0]
    lowered = decide(MONITOR, seen(spent_share=0.75), NOW)
    assert "lowered from 0.1 by the budget" in lowered.why
    assert decide(MONITOR, seen(spent_share=1.0), NOW).outcome == "budget"
