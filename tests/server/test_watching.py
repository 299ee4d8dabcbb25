"""The routes of what is watched, over a real socket."""

from pathlib import Path
from typing import Any

from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.living import graded, live_trace
from tests.fakes.traffic import Traffic


def test_rates_alerts_and_messages_are_given(address: str, store: Store, tmp_path: Path) -> None:
    traffic = Traffic(store, tmp_path, slices=["topic"], criteria={"*": {"min": 0.9}})
    traffic.hours(3, {"topic=a": 0.98, "topic=b": 0.98})
    traffic.hours(6, {"topic=a": 0.98, "topic=b": 0.3})
    api = f"{address}/api/v1"
    rates = call(f"{api}/monitors/m/rates").json
    assert (rates["years"], rates["detectors"]) == (10, 3)
    bad = next(each for each in rates["rates"] if each["slice"] == "topic=b" and each["tolerated"])
    assert (bad["series"], bad["alert"], bad["is_low"]) == ("criterion:right", 1, True)
    ticks = call(f"{api}/monitors/m/ticks?series=criterion:right&slice=topic%3Db&limit=2").json
    assert [each["total"] for each in ticks] == [40, 40]
    assert call(f"{api}/monitors/none/rates").status == 404
    call(f"{api}/monitors/plain", {"checks": ["answered"]}, method="PUT")
    assert "raises no alerts" in call(f"{api}/monitors/plain/rates").json["error"]
    [alert] = call(f"{api}/alerts?is_open=true").json
    assert alert["title"].startswith("m: criterion right fell from 9")
    assert call(f"{api}/alerts/1").json == alert
    assert call(f"{api}/alerts/9").status == call(f"{api}/alerts/{2**63}").status == 404
    assert call(f"{api}/alerts/1/acknowledge", method="POST").json["state"] == "acknowledged"
    assert call(f"{api}/alerts/1/resolve", method="POST").json["state"] == "resolved"
    assert "is over" in call(f"{api}/alerts/1/resolve", method="POST").json["error"]
    assert call(f"{api}/alerts").json[0]["ended_at"] is not None
    assert call(f"{api}/alerts?is_open=true").json == []
    assert call(f"{api}/monitors/m/mute", {"seconds": 60}).json == {"kept": 1}
    assert call(f"{api}/monitors/none/mute", {"seconds": 60}).status == 404
    assert call(f"{api}/messages").json == []
    done = [each["what"] for each in call(f"{api}/audit").json]
    assert done[:3] == ["muted a monitor", "resolved an alert", "acknowledged an alert"]
    metrics = call(f"{address}/metrics").body.decode()
    assert 'regrade_alerts_open{project="default"} 0' in metrics


def test_summaries_failures_and_datasets_are_given(
    address: str, store: Store, tmp_path: Path
) -> None:
    traces = [
        live_trace(n, output="no JSON", question=f"Question of {word}?")
        for n, word in ((1, "apples"), (2, "pears"))
    ]
    graded(store, traces, {"m": {"sample": 1.0, "checks": ["valid_json"]}}, tmp_path)
    api = f"{address}/api/v1"
    summary = call(f"{api}/summary?period=week")
    assert summary.headers["content-type"].startswith("text/markdown")
    page = call(f"{api}/summary?format=html")
    assert page.body.startswith(b"<!doctype html>")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    failures: Any = call(f"{api}/failures?monitor=m").json
    assert (failures["traces"], len(failures["groups"])) == (2, 1)
    made = call(f"{api}/datasets/regressions", {"traces": [f"{1:032x}", f"{2:032x}"]}).json
    assert [each["kind"] for each in made["cases"]] == ["historical_failure"] * 2
    assert call(f"{api}/datasets/regressions", {"traces": [f"{9:032x}"]}).status == 404
    found = call(f"{api}/datasets/regressions").json
    assert [each["id"] for each in found["cases"]] == [each["id"] for each in made["cases"]]
    assert call(f"{api}/datasets/none").status == 404
    [loop] = call(f"{api}/closed-loop").json
    assert (loop["alert"], len(loop["cases"]), loop["is_closed"]) == (None, 2, False)
