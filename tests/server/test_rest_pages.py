"""What pages show, over the interface: the same numbers, page by page, with the rights of keys."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrade.domain import RunHeader
from regrade.report.document import run_document
from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.filling import run
from tests.fakes.live_server import live_server


@pytest.fixture
def newest(some_of_everything: tuple[Path, RunHeader], database: Path) -> RunHeader:
    shutil.copy(some_of_everything[0], database)
    return some_of_everything[1]


@pytest.fixture
def api(database: Path, newest: RunHeader) -> Iterator[str]:
    del newest
    with live_server(database, works=False) as address:
        yield f"{address}/api/v1"


def everything(api: str, path: str, name: str, after: str, step: int) -> list[Any]:
    """Read all pages of a list."""
    found: list[Any] = []
    next_: Any = None
    while True:
        more = "" if next_ is None else f"&{after}={next_}"
        page = call(f"{api}{path}{'&' if '?' in path else '?'}limit={step}{more}").json
        assert len(page[name]) <= step
        found += page[name]
        next_ = page["next"]
        if next_ is None:
            return found


def test_runs_and_attempts_are_given_page_by_page(api: str, newest: RunHeader) -> None:
    runs = everything(api, "/runs?suite=help-centre", "runs", "after", 2)
    assert [each["run_id"] for each in runs] == sorted((e["run_id"] for e in runs), reverse=True)
    assert len(runs) == 3
    whole = call(f"{api}/runs/{newest.run_id}/attempts?limit=500").json
    assert whole["found"] == len(whole["attempts"]) == 24
    by_page = everything(api, f"/runs/{newest.run_id}/attempts", "attempts", "at", 7)
    assert by_page == whole["attempts"]
    failed = call(f"{api}/runs/{newest.run_id}/attempts?outcome=failed").json
    assert failed["found"] == sum(each["outcome"] == "failed" for each in by_page)
    groups = call(f"{api}/runs/{newest.run_id}/failures").json
    assert all(each["number"] <= failed["found"] for each in groups)
    one = call(f"{api}/runs/{newest.run_id}/cases/q0003").json
    assert len(one["attempts"]) == 1
    assert len(one["history"]) == 3


def test_a_run_and_a_comparison_are_the_documents_of_the_command_line(
    api: str, newest: RunHeader, database: Path
) -> None:
    from regrade.api.stored import load_run

    with Store(database) as store:
        known = run_document(load_run(newest.run_id, store=store))
        old = store.headers(2)[1].run_id
    assert call(f"{api}/runs/{newest.run_id}").json == known
    found = call(f"{api}/comparisons/{old}/{newest.run_id}").json
    assert found["document"]["candidate"] == newest.run_id
    assert (
        found["headline"]
        .partition(":")[0]
        .replace(" ", "_")
        .startswith(found["document"]["verdict"][:6])
    )
    [suite] = call(f"{api}/suites").json
    assert suite["newest"]["run_id"] == newest.run_id
    history = call(f"{api}/history?suite=help-centre&limit=2").json
    assert [each["run_id"] for each in history] == [old, newest.run_id]
    assert history[-1]["series"]["pass_rate"]["value"] == known["pass_rate"]["value"]


def test_labels_are_added_and_nobody_is_told_what_graders_say_first(
    api: str, newest: RunHeader
) -> None:
    place = f"{api}/review?source={newest.run_id}&criterion=right&who=Lin"
    before = call(place).json
    assert {*before["items"][0]} == {"case", "trial", "assigned"}
    case = before["items"][0]["case"]
    label = {
        "source": newest.run_id,
        "criterion": "right",
        "case": case,
        "verdict": "pass",
        "note": "so",
        "who": "Lin",
    }
    said = call(f"{api}/labels", label, "POST")
    assert (said.status, said.json["who"], said.json["verdict"]) == (200, "Lin", "pass")
    after = call(place).json
    assert case not in {each["case"] for each in after["items"]}
    assert call(f"{api}/labels?suite=help-centre&limit=500").json[-1] == said.json
    assert call(f"{api}/labels", {**label, "case": "none"}, "POST").status == 404
    assert call(f"{api}/labels", {**label, "verdict": "maybe"}, "POST").status == 422
    assert call(f"{api}/labels", {**label, "source": "none"}, "POST").status == 404
    other = after["items"][0]["case"]
    given = {"source": newest.run_id, "criterion": "right", "case": other, "who": "Ben"}
    assert call(f"{api}/assignments", given, "POST").status == 200
    for_ben = call(place.replace("Lin", "Ben")).json["items"]
    assert for_ben[0] == {"case": other, "trial": 0, "assigned": "Ben"}


def test_monitors_judges_and_settings_are_told(api: str) -> None:
    points = call(f"{api}/monitors/help/estimate?series=criterion:right").json
    assert all(each["low"] <= each["value"] <= each["high"] for each in points)
    assert call(f"{api}/monitors/help/estimate?series=criterion:none").status == 404
    assert call(f"{api}/monitors/none/estimate").status == 404
    judges = call(f"{api}/judges").json
    assert judges[0]["criterion"] == "polite"
    found = call(f"{api}/settings").json
    assert found["alerting_origin"].endswith("monitors.yaml")
    changed = call(f"{api}/settings/kept", {"retention_days": 9}, "PUT")
    assert changed.json["retention_days"] == 9
    found = call(f"{api}/settings").json
    assert (found["kept"]["retention_days"], found["kept_origin"]) == (
        9,
        "the interface, by this machine",
    )
    made = call(f"{api}/settings/keys", {"name": "Ada", "role": "viewer", "expires": "30d"}, "POST")
    assert made.json["secret"].startswith("rg_")
    [key] = call(f"{api}/settings/keys").json
    assert (key["name"], key["is_good"]) == ("Ada", True)
    ended = call(f"{api}/settings/keys/{key['key']}", None, "DELETE")
    assert ended.json["is_good"] is False
    assert call(f"{api}/settings/keys/99", None, "DELETE").status == 404
    assert call(f"{api}/settings/keys", {"name": "x", "expires": "soon"}, "POST").status == 422


def test_views_are_saved_over_the_interface_too(api: str) -> None:
    view = {"name": "errors", "query": "?has_error=yes"}
    assert call(f"{api}/views/live", view, "PUT").status == 200
    [known] = call(f"{api}/views/live").json
    assert (known["name"], known["query"]) == ("errors", "?has_error=yes")
    assert call(f"{api}/views/live?name=errors", None, "DELETE").status == 200
    assert call(f"{api}/views/live?name=errors", None, "DELETE").status == 404


def test_a_run_that_goes_on_says_so(api: str, database: Path, newest: RunHeader) -> None:
    with Store(database) as store:
        going = run(store, 30, 24, ends=False)
    assert call(f"{api}/runs/{going.run_id}").status == 409
    assert call(f"{api}/comparisons/{newest.run_id}/{going.run_id}").status == 409
    assert call(f"{api}/runs/{going.run_id}/attempts").json["found"] == 12
    assert call(f"{api}/runs/none").status == 404


def test_traces_are_searched(api: str) -> None:
    found = call(f"{api}/traces?text=parcel%20lost").json["traces"]
    assert {each["answer"] for each in found} == {"PARCEL LOST"}
    failing = call(f"{api}/traces?fails=true&name=answer&version=2.0").json["traces"]
    assert {each["answer"] for each in failing} == {"PARCEL LOST"}
    assert call(f"{api}/traces?after=nonsense").status == 422


def test_reviewers_label_and_viewers_do_not(database: Path, newest: RunHeader) -> None:
    def key(role: str) -> dict[str, str]:
        with Store(database) as store:
            secret = store.live.keys.make(store.live.projects.key(), f"{role} key", role, 0)
        return {"authorization": f"Bearer {secret}"}

    label = {
        "source": newest.run_id,
        "criterion": "right",
        "case": "q0003",
        "verdict": "pass",
        "who": "somebody else",
    }
    with live_server(database, needs_keys=True, works=False) as address:
        api = f"{address}/api/v1"
        assert call(f"{api}/labels", label, "POST", **key("viewer")).status == 403
        said = call(f"{api}/labels", label, "POST", **key("reviewer")).json
        assert said["who"] == "reviewer key", "whoever has the key, whatever is sent"
        assert call(f"{api}/alerts/1/acknowledge", None, "POST", **key("reviewer")).status == 200
        assert call(f"{api}/settings", **key("reviewer")).status == 403
        assert call(f"{api}/settings/kept", {}, "PUT", **key("reviewer")).status == 403
        assert call(f"{api}/settings", **key("admin")).status == 200
