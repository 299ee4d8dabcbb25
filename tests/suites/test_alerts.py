"""What raises alerts, as it is written: every mistake with its place, and what is meant by what is left out."""

from pathlib import Path
from typing import Any

import pytest

from regrade.domain.errors import SuiteError
from regrade.domain.live import Bar, Channel, Series, Watch
from regrade.suites import build_monitor, read_monitors
from regrade.suites.live.alerts import alerting_of


def watch(**alert: Any) -> Watch:
    built = build_monitor("m", {"checks": ["answered"], "alert": alert}, folder=Path())
    assert built.monitor.watch is not None
    return built.monitor.watch


def test_what_is_left_out_has_a_meaning() -> None:
    plain = watch()
    assert (plain.tick_s, plain.watermark_s, plain.over_s, plain.least_n) == (
        3600,
        600,
        7 * 86_400,
        30,
    )
    assert watch(tick="10s").watermark_s == 10
    assert watch(tick="10s", watermark="3m").watermark_s == 180
    assert build_monitor("m", {"checks": ["answered"]}, folder=Path()).monitor.watch is None


def test_bars_are_found_by_name_and_else_by_kind() -> None:
    found = watch(
        criteria={"right": {"min": 0.9}, "*": {"baseline": "last_week", "tolerance": 0.01}},
        components={"parser": {"min": 0.99}}, categories={"baseline": "main"}, latency={"max": "2s", "share": 0.9},
        cost={"max_usd": 0.01}, grader_failures={"max": 0.05}, ungraded={"max": 0.1}, judge={"run": "r"},
        volume={"drop": 0.5, "rise": 3}, lag={"max": "5m"}, no_traffic={"after": "1h"}, send=["team"],
    )  # fmt: skip
    for series, bar in (
        (Series(kind="criterion", name="right"), Bar(least=0.9)),
        (
            Series(kind="grader", name="pii", slice="topic=a"),
            Bar(baseline="last_week", tolerance=0.01),
        ),
        (Series(kind="component", name="parser"), Bar(least=0.99)),
        (Series(kind="component", name="other"), None),
        (Series(kind="category", name="x"), Bar(baseline="main")),
        (Series(kind="latency"), Bar(least=0.9)),
        (Series(kind="cost"), Bar(least=0.95)),
        (Series(kind="judged"), Bar(least=0.95)),
        (Series(kind="coverage"), Bar(least=0.9)),
        (Series(kind="judge", name="j"), Bar(baseline="anchors")),
        (Series(kind="volume"), None),
    ):
        assert found.bar(series) == bar, series
    assert (found.latency_ms, found.cost_usd, found.lag_s, found.silent_s) == (
        2000,
        0.01,
        300,
        3600,
    )
    assert found.volume is not None
    assert found.anchors is not None
    assert (found.volume.drop, found.anchors.per_tick, found.send) == (0.5, 3, ("team",))
    assert Series(kind="criterion", name="right", slice="a=b").words == "criterion right (a=b)"
    assert Series(kind="latency").words == "latency"


FILE = """
monitors:
  shop:
    checks: [answered]
    alert:
      criteria: {right: {min: 0.9, baseline: last_week}}
      send: [team, nobody]
      colour: red
alerts:
  years_between_false_alarms: 0
  channels:
    team: {type: slack}
    pager: {type: pagerduty}
    mail: {type: email}
    hook: {type: webhook, url: "ftp://x"}
"""


def test_every_mistake_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "monitors.yaml"
    path.write_text(FILE)
    with pytest.raises(SuiteError) as caught:
        read_monitors(path)
    said = str(caught.value)
    for place, words in (
        ("monitors.yaml:6", "give `min` or `baseline`"),
        ("monitors.yaml:8", "colour"),
        ("monitors.yaml:10", "years_between_false_alarms"),
        ("monitors.yaml:12", "needs `url` or `url_env`"),
        ("monitors.yaml:13", "secret_env"),
        ("monitors.yaml:14", "needs `to`"),
        ("monitors.yaml:15", "begins with https:// or http://"),
    ):
        assert any(place in line and words in line for line in said.splitlines()), (
            place,
            words,
            said,
        )


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        ({"tick": "100ms"}, "at least a second"),
        ({"criteria": {"a": {}}}, "give `min` or `baseline`"),
        ({"criteria": {"a": {"min": 1.0}}}, "between 0 and 1"),
        ({"categories": {"min": 0.5}}, "held against a `baseline`"),
    ],
)
def test_what_cannot_be_is_refused(alert: Any, words: str) -> None:
    with pytest.raises(SuiteError, match=words):
        watch(**alert)


def test_channels_are_named_and_known(tmp_path: Path) -> None:
    path = tmp_path / "monitors.yaml"
    good = FILE.replace("{min: 0.9, baseline: last_week}", "{min: 0.9}").replace(
        "      colour: red\n", ""
    )
    head = good.partition("alerts:")[0]
    path.write_text(
        f"{head}alerts: {{channels: {{team: {{type: slack, url_env: S}}}}, summary: {{every: day, send: [x]}}}}"
    )
    with pytest.raises(SuiteError) as caught:
        read_monitors(path)
    assert "the channel 'nobody'; there are: team" in str(caught.value)
    assert "the channel 'x', which is not there" in str(caught.value)
    path.write_text(head)
    assert read_monitors(path).alerting is None, "channels may come from another file"
    found = alerting_of(
        {
            "channels": {"a": {"type": "email", "to": ["b@c"]}},
            "address": "https://r/",
            "summary": {"every": "week"},
        }
    )
    assert found.channels == [Channel(name="a", type="email", to=("b@c",))]
    assert (found.address, found.summary, found.years) == ("https://r", "week", 10)
