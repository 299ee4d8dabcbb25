"""What is told of monitors and alerts, from findings to words."""

from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from regrade.domain.live import Alert, Series
from regrade.domain.live.findings import (
    Backtest,
    Canary,
    CanaryRow,
    ClosedLoop,
    Delay,
    LaterRun,
    LiveFailures,
    MonitorEstimates,
    Said,
    SeriesEstimate,
    SeriesTest,
    TraceGroup,
)
from regrade.report.live.alert import alert_lines, alert_text, alert_title
from regrade.report.live.watching import (
    print_alert,
    print_alerts,
    print_backtest,
    print_canary,
    print_estimates,
    print_failures,
    print_loops,
    span,
)

AT = datetime(2026, 11, 26, 12, tzinfo=UTC)
RIGHT = Series(kind="criterion", name="right")


def rate(value: float, n: int = 100) -> dict[str, Any]:
    return {"value": value, "low": value - 0.1, "high": value + 0.1, "n": n}


def alert(series: str = "criterion:right", state: Any = "open", **evidence: Any) -> Alert:
    facts = {
        "evidence": 1e7,
        "threshold": 1e6,
        "results": 40,
        "tolerated": 0.9,
        "baseline": [95, 100],
    }
    return Alert(
        alert=3, project=1, monitor="shop", series=series, state=state, opened_at=AT, since=AT,
        ended_at=AT if state in ("recovered", "resolved") else None,
        evidence={"slices": {"": facts}, "before": rate(0.95), "after": rate(0.7), **evidence},
    )  # fmt: skip


WHERE = [
    {
        "tag": "topic", "change": -0.25, "mix": -0.05, "worst": "topic=a", "worst_part": -0.2,
        "parts": {
            "topic=a": {"before": rate(0.95), "after": rate(0.4), "quality": -0.2, "mix": 0.0},
            "topic=b": {"before": rate(0.95), "after": rate(0.9), "quality": -0.0, "mix": -0.05},
        },
    }
]  # fmt: skip


@pytest.mark.parametrize(
    ("series", "title"),
    [
        ("criterion:right", "shop: criterion right fell from 95.0% to 70.0%"),
        ("latency", "shop: the share of traces that end in time fell from 95.0% to 70.0%"),
        ("category:pii: email", "shop: traces without “pii: email” fell from 95.0% to 70.0%"),
        ("judge:kind", "shop: what kind says again of labelled answers fell from 95.0% to 70.0%"),
        ("lag", "shop: work waits too long"),
        ("no_traffic", "shop: no traffic comes"),
        ("volume", "shop: traffic is not as usual"),
    ],
)
def test_a_title_says_what_fell(series: str, title: str) -> None:
    assert alert_title(alert(series)) == title


def test_a_title_says_where_and_at_what() -> None:
    told = alert(
        where=WHERE,
        explained_by={"slice": "topic=a", "part": 0.8},
        component={"name": "parser", "before": 0.0, "after": 0.5},
    )
    assert (
        alert_title(told)
        == "shop: criterion right fell from 95.0% to 40.0% where topic is a, at parser"
    )
    assert alert_title(alert(state="recovered")).startswith("shop: over: criterion right")
    bare = alert(explained_by={"slice": "topic=z", "part": None}, before=None, after=None)
    assert alert_title(bare) == "shop: criterion right fell where topic is z"


def test_everything_that_is_known_is_told() -> None:
    told = alert(
        where=WHERE, explained_by={"slice": "topic=a", "part": 0.8}, also=["component:parser", "latency"],
        component={"name": "parser", "before": 0.01, "after": 0.5},
        categories=[
            {"name": "pii: email", "before": 0.0, "after": 0.3, "is_new": True},
            {"name": "json", "before": 0.1, "after": 0.2, "is_new": False},
            {"name": "gone", "before": 0.1, "after": 0.0, "is_new": False},
        ],
        releases=[{"at_ms": 1_764_000_000_000, "service": "", "version": "2"}],
        judge=["judge:kind"], worst=["t1"], typical=["t2"],
    )  # fmt: skip
    text = alert_text(told, years=5, address="https://r")
    for words in (
        "Where topic is a: 95.0% [85.0%, 105.0%] of 100 before, 40.0%", "which explains 80% of it",
        "Of the change by topic, -5.0% comes of other traffic", "Fell at the same time: component parser, the share of",
        "Failures begin at the component parser: in 1.0% of the traces before, in 50.0% since.",
        "pii: email (new → 30.0%); json (10.0% → 20.0%).", "Releases near: 2 of the application at 2025-11-24 16:00 UTC",
        "What kind says of labelled answers changed, too: it may be the judge",
        "tolerated 90.0%, the lower bound of 95 of 100 less the tolerance", "one false alarm in 5 years",
        "Worst traces: https://r/api/v1/traces/t1", "Typical traces: https://r/api/v1/traces/t2",
    ):  # fmt: skip
        assert words in text, (words, text)
    assert "gone" not in text
    assert "It is the component parser itself." in alert_text(
        alert("component:parser", component={"name": "parser", "before": None, "after": None})
    )
    assert "It is over since 2026-11-26 12:00 UTC" in next(alert_lines(alert(state="recovered")))
    lag = alert("lag", slices={"": {"seconds": 900, "most": 600}})
    assert "The oldest work waits for 900 s; 600 s are allowed." in alert_text(lag)
    silent = alert("no_traffic", slices={"": {"seconds": 9000, "most": 7200}})
    assert "The last trace came 9,000 s ago; 7,200 s are allowed." in alert_text(silent)
    assert "nothing before" in alert_text(alert(before=None))


def printed(show: Any, *args: Any) -> str:
    out = StringIO()
    show(*args, Console(file=out, width=140))
    return out.getvalue()


def estimate(series: Series, **more: Any) -> SeriesEstimate:
    known: dict[str, Any] = {
        "tolerated": 0.9,
        "is_learning": False,
        "evidence": 500.0,
        "alert": None,
        **more,
    }
    return SeriesEstimate(series=series, passed=95, n=100, low=0.85, high=0.99, **known)


def test_rates_are_listed_with_what_they_are_held_against() -> None:
    rates = [
        estimate(RIGHT), estimate(RIGHT, alert=3, is_low=True),
        estimate(Series(kind="judged"), tolerated=None, evidence=None),
        estimate(Series(kind="component", name="p"), is_learning=True, tolerated=None, evidence=None),
        *(estimate(Series(kind="criterion", name="right", slice=f"topic={n}")) for n in range(50)),
    ]  # fmt: skip
    found = MonitorEstimates(
        since_ms=0, next_ms=3_600_000, threshold=1000, years=10, detectors=9, late=4, rates=rates
    )
    text = printed(print_estimates, found)
    for words in (
        "9 detectors share one false alarm in 10 years", "50.0%", "alert 3", "learning", "and 14 more",
        "graders could not judge 5.0% of the traces", "4 results came after their tick was closed",
    ):  # fmt: skip
        assert words in text, (words, text)


def test_before_anything_was_counted_there_is_no_table() -> None:
    found = MonitorEstimates(
        since_ms=0, next_ms=1, threshold=1, years=10, detectors=1, late=0, rates=[]
    )
    assert "tolerated" not in printed(print_estimates, found)
    assert alert_title(alert(before=None)) == "shop: criterion right is at 70.0%"


def test_alerts_are_a_line_each_and_shown_whole() -> None:
    text = printed(print_alerts, [alert(), alert(state="acknowledged"), alert(state="resolved")])
    assert [line.split()[:2] for line in text.splitlines()] == [
        ["3", "open"],
        ["3", "acknowledged"],
        ["3", "resolved"],
    ]
    out = StringIO()
    print_alert(alert(), 10, Console(file=out, width=100))
    assert out.getvalue().startswith("shop: criterion right fell")


def test_a_backtest_a_canary_failures_and_loops_are_told() -> None:
    delays = [
        Delay(drop=0.03, median_s=None, p90_s=None),
        Delay(drop=0.05, median_s=7200, p90_s=None),
        Delay(drop=0.1, median_s=90, p90_s=180),
    ]
    tests = [
        SeriesTest(series=RIGHT, rate=0.95, tolerated=0.93, per_tick=40, delays=delays),
        SeriesTest(
            series=Series(kind="latency"), rate=0.95, tolerated=None, per_tick=40, delays=[]
        ),
    ]
    said = [Said(series=RIGHT, began_ms=0, at_ms=1, tolerated=0.9, passed=0, n=0)]
    found = Backtest(
        since_ms=0, until_ms=86_400_000, ticks=24, said=said, pages_a_year=0.1, series=tests
    )
    text = printed(print_backtest, found)
    for words in (
        "24 ticks, 1 alert; at most 0.1 false ones a year",
        "not seen",
        "2 h (later)",
        "90 s (3 m)",
        "too short",
    ):
        assert words in text, (words, text)
    assert [span(seconds) for seconds in (30, 86_400 * 3)] == ["30 s", "3 d"]
    rows = [
        CanaryRow(series=RIGHT, base=(9, 10), candidate=(5, 10), worse=30, not_worse=0.1),
        CanaryRow(series=RIGHT, base=(0, 0), candidate=(0, 0), worse=1, not_worse=1),
    ]
    text = printed(print_canary, Canary(verdict="stop", margin=0.02, rows=rows), "1", "2")
    assert "stop: 2 beside 1" in text
    assert (
        "criterion right: 90.0% of 10, now 50.0% of 10; evidence for worse 30, for not worse by 2.0% 0.1"
        in text
    )
    assert "criterion right: nothing, now nothing" in text
    groups = (
        TraceGroup(("json", "expecting"), 0.75, ("a", "b", "c")),
        TraceGroup(("pii",), 0.25, ("d",)),
    )
    text = printed(print_failures, LiveFailures(groups, 4, 0.25))
    assert "4 failing or disliked traces in 2 groups" in text
    assert "75.0%      3  json, expecting  such as a" in text
    assert "of a new kind with a chance of 25.0%" in text
    assert "no trace failed" in printed(print_failures, LiveFailures((), 0, None))
    run = LaterRun(run_id="r1", label="2.1", target_version="v", started_at=AT, passed=5, judged=5)
    loops = [
        ClosedLoop(alert=alert(), cases=["c1", "c2", "c3", "c4", "c5"], runs=[run]),
        ClosedLoop(alert=alert(), cases=["c1"], runs=[]),
        ClosedLoop(alert=alert(), cases=[], runs=[]),
        ClosedLoop(alert=alert(told_with=1), cases=[], runs=[]),
        ClosedLoop(alert=None, cases=["c"], runs=[]),
    ]
    text = printed(print_loops, loops)
    for words in (
        "✓ alert 3, open", "5 cases: c1, c2, c3, c4 …", "2.1: 5 of 5 pass", "no run has judged them yet",
        "no case came of it yet", "told with alert 1", "○ promoted without an alert",
    ):  # fmt: skip
        assert words in text, (words, text)
    assert "no alert yet" in printed(print_loops, [])
