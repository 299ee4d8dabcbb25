"""Who may see and change what: signed in, from elsewhere, with forms of somebody else's."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, expect

from regrade.domain import RunHeader
from regrade.store import Store
from tests.fakes.calling import call

from .conftest import Site, served, visiting


@pytest.fixture(scope="module")
def guarded(
    some_of_everything: tuple[Path, RunHeader], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    with served(some_of_everything, tmp_path_factory.mktemp("guarded"), needs_keys=True) as site:
        yield site


def key(site: Site, role: str, **more: int) -> str:
    with Store(site.place) as store:
        project = store.live.projects.key()
        return store.live.keys.make(project, f"{role} Ada", role, 0, **more)


def sign_in(page: Page, secret: str, place: str = "/") -> None:
    page.goto(place)
    page.fill("#key", secret)
    page.get_by_role("button", name="Sign in").click()


def test_who_is_not_signed_in_comes_back_to_what_was_asked_for(
    browser: Browser, guarded: Site
) -> None:
    with visiting(browser, guarded) as page:
        page.goto("/alerts?state=open")
        assert "/login?next=/alerts%3Fstate%3Dopen" in page.url
        page.fill("#key", "rg_wrong")
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("[role=alert]")).to_contain_text("not known")
        page.fill("#key", key(guarded, "ingest"))
        page.get_by_role("button", name="Sign in").click()
        expect(page.locator("[role=alert]")).to_contain_text("may only send traces")
        page.fill("#key", key(guarded, "viewer"))
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url("**/alerts?state=open")
        expect(page.locator("footer")).to_contain_text("signed in as viewer Ada (viewer)")
        [cookie] = [c for c in page.context.cookies() if c["name"] == "regrade_session"]
        assert cookie["httpOnly"] is True
        assert cookie["sameSite"] == "Lax"
        page.get_by_role("button", name="Sign out").click()
        page.goto("/alerts")
        assert "/login" in page.url


def test_a_place_of_somebody_elses_is_never_gone_to(browser: Browser, guarded: Site) -> None:
    secret = key(guarded, "viewer")
    for place in (
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
    ):
        with visiting(browser, guarded) as page:
            sign_in(page, secret, f"/login?{urlencode({'next': place})}")
            page.wait_for_url(f"{guarded.address}/")


def test_a_viewer_sees_and_changes_nothing(browser: Browser, guarded: Site) -> None:
    with visiting(browser, guarded) as page:
        sign_in(page, key(guarded, "viewer"))
        page.goto("/alerts/1")
        assert page.get_by_role("button", name="Acknowledge").count() == 0
        page.goto(f"/review/{guarded.newest.run_id}?criterion=polite")
        assert page.get_by_role("button", name="Pass").count() == 0
        assert page.get_by_role("link", name="Settings").count() == 0
        reply = page.goto("/settings")
        assert reply is not None
        assert reply.status == 403
        token = _token(page, "/alerts")
        reply_ = page.request.post("/alerts/1", form={"token": token, "state": "resolved"})
        assert reply_.status == 403
        assert "may viewer, and this needs reviewer" in reply_.text()


def test_a_reviewer_labels_and_an_admin_sets(browser: Browser, guarded: Site) -> None:
    with visiting(browser, guarded) as page:
        sign_in(page, key(guarded, "reviewer"))
        page.goto(f"/review/{guarded.newest.run_id}?criterion=right")
        page.keyboard.press("p")
        expect(page.locator(".told")).to_contain_text("you say pass")
        page.goto("/settings")
        assert "this needs admin" in page.inner_text("body")
    with visiting(browser, guarded) as page:
        sign_in(page, key(guarded, "admin"), "/settings")
        page.fill("[name=retention_days]", "30")
        page.get_by_role("button", name="Keep it so").click()
        expect(page.locator("#kept")).to_contain_text("this page, by admin Ada")
        page.fill("#keys-of input[name=name]", "Grace")
        page.select_option("#keys-of select[name=role]", "reviewer")
        page.get_by_role("button", name="Make a key").click()
        secret = page.locator("[role=status] code").inner_text()
        assert secret.startswith("rg_")
        page.get_by_role("button", name="end the key Grace").click()
        expect(page.locator("#keys-of")).to_contain_text("ended")
    with visiting(browser, guarded) as page:
        sign_in(page, secret)
        expect(page.locator("[role=alert]")).to_contain_text("has ended")
    with Store(guarded.place) as store:
        labels = store.labels.of("help-centre")
        said = [each["what"] for each in store.live.keys.written(20)]
    assert any(each.who == "reviewer Ada" for each in labels)
    assert {"signed in", "made a key", "ended a key", "changed what is kept"} <= {*said}


def test_a_session_ends_with_its_key(browser: Browser, guarded: Site) -> None:
    secret = key(guarded, "viewer")
    with visiting(browser, guarded) as page:
        sign_in(page, secret)
        expect(page.locator("h1")).to_have_text("Overview")
        with Store(guarded.place) as store:
            found = store.live.keys.find(secret)
            assert found is not None
            store.live.keys.end(found.key, 1)
        page.goto("/alerts")
        assert "/login" in page.url


def test_the_session_of_another_server_of_this_machine_is_in_nobodys_way(site: Site) -> None:
    """Browsers send the cookies of one port to every other."""
    said = call(f"{site.address}/alerts", cookie="regrade_session=of-another-port")
    assert b"<h1>Alerts</h1>" in said.body


def test_a_session_opens_pages_and_not_the_interface_of_programs(
    browser: Browser, guarded: Site
) -> None:
    with visiting(browser, guarded) as page:
        sign_in(page, key(guarded, "admin"))
        assert page.request.get("/api/v1/runs").status == 401
        assert page.request.get("/metrics").status == 401


def test_forms_of_other_pages_change_nothing(page: Page, site: Site) -> None:
    token = _token(page, "/alerts/1")
    place = f"{site.address}/alerts/1"
    form: dict[str, str | float | bool] = {"state": "resolved"}

    def post(form: dict[str, str | float | bool], **headers: str) -> int:
        return page.request.post(place, form=form, headers=headers).status

    assert post(form) == 403, "without a token"
    assert post({**form, "token": "0" * 64}) == 403, "with another's"
    assert post({**form, "token": token}, origin="https://evil.example") == 403
    assert post({**form, "token": token}, **{"sec-fetch-site": "cross-site"}) == 403
    with Store(site.place) as store:
        alert = store.live.alerts.get(store.live.projects.key(), 1)
    assert alert is not None
    assert alert.state == "open"


def test_a_rebound_name_reads_nothing(site: Site) -> None:
    said = call(f"{site.address}/", host="rebound.example")
    assert said.status == 403
    assert b"help-centre" not in said.body


def test_every_answer_has_a_policy_that_allows_nothing_inline(site: Site) -> None:
    for path in ("/", "/nowhere", "/login", f"/runs/{site.newest.run_id}"):
        headers = call(f"{site.address}{path}").headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"


def test_names_that_people_give_themselves_are_remembered(page: Page) -> None:
    page.goto("/review")
    page.fill("input[name=who]", "Zoë; Path=/x")
    page.get_by_role("button", name="Call me that").click()
    assert page.input_value("input[name=who]") == "Zoë; Path=/x"


def test_another_project_is_looked_at(page: Page, site: Site, tmp_path: Path) -> None:
    del tmp_path
    with Store(site.place) as store:
        store.live.projects.key("other shop")
    page.goto("/settings")
    page.select_option("select[name=project]", "other shop")
    page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("main")).to_contain_text("You look at other shop")
    page.goto("/alerts")
    expect(page.locator("main")).to_contain_text("No alert was ever raised")


def _token(page: Page, path: str) -> str:
    page.goto(path)
    headers: dict[str, str] = json.loads(page.get_attribute("body", "hx-headers") or "{}")
    return headers["X-Token"]
