"""Who may do what: with a key, without one, from elsewhere."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from regrade.server.app import Serving, application
from regrade.server.guard import MACHINES, OPEN, STATIC, role_for
from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.live_server import live_server
from tests.fakes.spans import as_json, span


@pytest.fixture
def guarded(database: Path) -> Iterator[str]:
    with live_server(database, needs_keys=True, works=False) as address:
        yield address


def key(database: Path, role: str, **more: Any) -> dict[str, str]:
    with Store(database) as store:
        secret = store.live.keys.make(store.live.projects.key("shop"), role, role, 0, **more)
    return {"authorization": f"Bearer {secret}"}


def test_every_route_needs_a_key_but_those_of_health(guarded: str, database: Path) -> None:
    app = application(Serving(place=database))._app  # type: ignore[attr-defined]  # a guard
    routes = {r.path: {*r.methods} for r in app.routes if hasattr(r, "methods")}
    for path, methods in app.openapi()["paths"].items():
        routes.setdefault(path, set()).update(method.upper() for method in methods)
    assert len(routes) > 12
    for route, methods in routes.items():
        path = route.replace("{", "").replace("}", "")
        for method in methods - {"HEAD", "OPTIONS"}:
            said = call(f"{guarded}{path}", b"" if method != "GET" else None, method)
            if path in OPEN or path.startswith(STATIC):
                assert said.status in (200, 403, 404), (
                    path
                )  # a form without its token; no such file
            elif method == "GET" and not path.startswith(MACHINES):
                assert b"<h1>Sign in</h1>" in said.body, path
            else:
                assert said.status == 401, (method, path)
                assert said.headers["www-authenticate"] == "Bearer"
                assert role_for(method, path) in ("ingest", "viewer", "reviewer", "admin")
    assert call(f"{guarded}/api/nowhere").status == 401, "denied where nothing is said"
    assert b"<h1>Sign in</h1>" in call(f"{guarded}/nowhere").body


def test_a_key_allows_what_its_role_does_in_its_own_project(guarded: str, database: Path) -> None:
    sends, reads, _, all_ = (
        key(database, role) for role in ("ingest", "viewer", "reviewer", "admin")
    )
    traces = f"{guarded}/v1/traces"
    assert call(traces, as_json([span()]), **sends).status == 200
    one = f"{guarded}/api/v1/traces/{1:032x}"
    refused = call(one, **sends)
    assert (refused.status, "may ingest, and this needs viewer" in refused.json["error"]) == (
        403,
        True,
    )
    assert call(one, **reads).status == 200
    assert call(f"{guarded}/api/v1/monitors/m", {}, "PUT", **reads).status == 403
    assert call(f"{guarded}/api/v1/monitors/m", {"checks": ["pii"]}, "PUT", **all_).status == 200
    assert call(one, x_api_key=reads["authorization"].split()[1]).status == 200
    with Store(database) as store:
        other = store.live.keys.make(store.live.projects.key("other"), "o", "admin", 0)
    assert call(one, authorization=f"Bearer {other}").status == 404, "another project's"


def test_keys_that_have_ended_open_nothing(guarded: str, database: Path) -> None:
    old = key(database, "viewer", expires_ms=1)
    assert call(f"{guarded}/metrics", **old).status == 401
    assert call(f"{guarded}/metrics", authorization="Bearer rg_none").status == 401
    for _ in range(2):
        assert call(f"{guarded}/metrics", authorization="Basic x").status == 401


def test_a_key_sends_no_more_than_its_quota(guarded: str, database: Path) -> None:
    few = key(database, "viewer", per_minute=3)
    said = [call(f"{guarded}/metrics", **few) for _ in range(5)]
    assert [each.status for each in said] == [200, 200, 200, 429, 429]
    assert said[-1].headers["retry-after"] == "5"
    assert "may send 3 requests a minute" in said[-1].json["error"]
    assert call(f"{guarded}/api/v1/audit", **key(database, "viewer")).status == 403


def test_without_keys_only_this_machine_is_served(address: str) -> None:
    port = address.rpartition(":")[2]
    for host in ("localhost", f"localhost:{port}", "127.0.0.1", "[::1]:1"):
        assert call(f"{address}/metrics", host=host).status == 200, host
    said = call(f"{address}/metrics", host="rebound.example")
    assert (said.status, "none of this server's" in said.json["error"]) == (403, True)
    assert call(f"{address}/metrics", origin="http://localhost:3000").status == 200
    said = call(f"{address}/metrics", origin="https://evil.example")
    assert (said.status, said.json["error"]) == (
        403,
        "a page of https://evil.example may not call this server",
    )
    assert (
        call(f"{address}/metrics", host="rebound.example", authorization="Bearer rg_x").status
        == 401
    )


def test_projects_are_kept_apart(address: str) -> None:
    call(f"{address}/v1/traces", as_json([span()]), x_regrade_project="shop")
    one = f"{address}/api/v1/traces/{1:032x}"
    assert call(one).status == 404
    assert call(one, x_regrade_project="shop").status == 200
