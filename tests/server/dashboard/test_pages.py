"""Every page in a real browser: what it shows, that it complains of nothing, that everybody can use it."""

import gc
import time
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from regrade.store import Store
from tests.fakes.calling import call
from tests.fakes.filling import run
from tests.fakes.live_server import live_server
from tests.fakes.pages import TRACE, paths

from .conftest import Site, visiting

AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text()
LOOKED_AT = ("overview", "run", "case", "searched live", "queue")
"""Pages that are looked at closely each time; all of them, in every width and theme, in the long tests."""
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
SAYS = {
    "overview": ["help-centre", "criterion right fell from", "Answers to label"],
    "suite": ["task success", "criterion grounded", "latency p95", "cases that regressed"],
    "suite by slice": ["pass rate where topic is access"],
    "run": ["Criteria by slices", "How it fails", "Attempts", "24 attempts"],
    "case": ["asked", "answered", "What graders say of it", "Steps", "This case over runs"],
    "compare": ["Did quality improve?", "Which cases regressed?", "Is the change worth shipping?"],
    "live": ["Live traffic", "fails a grader"],
    "trace": ["Why was this graded, or not?", "no shouting", "PARCEL LOST"],
    "monitors": ["one false alarm in", "help", "1 open alert"],
    "monitor": ["The running estimate", "an alert is raised at evidence", "criterion:right"],
    "monitor without alerts": ["no shouting"],
    "alerts": ["criterion right fell from"],
    "alert": ["Evidence", "It began at", "Acknowledge", "Mute"],
    "review": ["polite", "disagreements"],
    "queue": ["The tone is that of our support.", "Pass", "Fail", "Unsure"],
    "live queue": ["Promote"],
    "judges": ["Agreement with people", "Confusion", "In the newest run"],
    "settings": ["What is kept", "monitors.yaml", "REGRADE_DB", "Make a key"],
    "nothing": ["There is no such thing"],
}


def fits(page: Page) -> bool:
    """Whether nothing is wider than the window."""
    return bool(page.evaluate("document.documentElement.scrollWidth <= innerWidth"))


def faults(page: Page) -> list[Any]:
    """What axe finds."""
    page.evaluate(AXE)
    found = page.evaluate("options => axe.run(document, options)", RULES)
    return [
        (each["id"], [node["html"][:200] for node in each["nodes"][:3]])
        for each in found["violations"]
    ]


def test_every_page_shows_what_it_is_for_and_axe_finds_nothing(page: Page, site: Site) -> None:
    for name, path in paths(*site.runs[:2]).items():
        reply = page.goto(path)
        assert reply is not None
        assert reply.status == (404 if name == "nothing" else 200), name
        text = page.inner_text("body")
        for said in SAYS.get(name, ()):
            assert said.lower() in text.lower(), (name, said)
        assert page.locator("h1").count() == 1, name
        assert fits(page), name
        if name in LOOKED_AT:
            assert faults(page) == [], name
    site.said = [each for each in site.said if "404" not in each]  # of the page that is not there


def test_what_a_page_showed_goes_with_it(site: Site) -> None:
    """Nothing of it waits for the collector of cycles, which would hold up a later page."""

    def left_by(path: str) -> int:
        gc.collect()
        gc.disable()
        try:
            call(f"{site.address}{path}")
            time.sleep(0.05)
            return gc.collect()
        finally:
            gc.enable()

    pages = paths(*site.runs[:2])
    for name in LOOKED_AT:
        call(f"{site.address}{pages[name]}")  # what is remembered is made at the first
        assert min(left_by(pages[name]) for _ in range(3)) < 100, name


def test_every_page_can_be_read_on_a_phone_in_the_dark(browser: Browser, site: Site) -> None:
    with visiting(
        browser, site, viewport={"width": 360, "height": 740}, color_scheme="dark"
    ) as page:
        for name in (*LOOKED_AT, "suite", "compare", "monitor", "settings"):
            page.goto(paths(*site.runs[:2])[name])
            assert fits(page), name
        page.goto("/")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 22, 25)"
        assert faults(page) == []


def test_every_page_can_be_read_without_scripts(browser: Browser, site: Site) -> None:
    with visiting(browser, site, java_script_enabled=False) as page:
        for name in ("overview", "suite", "run", "case", "trace", "monitor", "alert", "judges"):
            page.goto(paths(*site.runs[:2])[name])
            text = page.locator("body").inner_text().lower()
            for said in SAYS[name]:
                assert said.lower() in text, (name, said)
        page.goto("/suites/help-centre")
        assert page.locator(".panel svg .line-of").count() > 10
        page.goto(f"/runs/{site.runs[0]}")
        page.select_option("select[name=outcome]", "failed")
        page.get_by_role("button", name="Show").click()
        assert "outcome=failed" in page.url


def test_two_clicks_lead_from_a_number_to_the_traces_behind_it(page: Page, site: Site) -> None:
    page.goto(f"/runs/{site.runs[0]}")
    page.locator(".heat td a").first.click()
    expect(page.locator("#attempts-list")).to_contain_text("attempt")
    page.locator(".rows a").first.click()
    expect(page.locator("h1")).to_contain_text("q0")


def test_attempts_are_filtered_and_searched_while_one_writes(page: Page, site: Site) -> None:
    page.goto(f"/runs/{site.runs[0]}")
    whole = page.locator(".rows li").count()
    page.fill("#search", "q0003")
    expect(page.locator(".rows li")).to_have_count(1)
    assert page.url.endswith("?text=q0003"), "the address says what is shown"
    page.reload()
    expect(page.locator(".rows li")).to_have_count(1)
    page.fill("#search", "")
    expect(page.locator(".rows li")).to_have_count(whole)
    page.select_option("select[name=outcome]", "failed")
    expect(page.locator(".rows li.passed")).to_have_count(0)
    page.fill("#search", "nothing is like this")
    expect(page.locator("#attempts-list")).to_contain_text("nothing is like that")


def test_keys_lead_everywhere(page: Page, site: Site) -> None:
    page.goto("/")
    page.keyboard.press("?")
    expect(page.locator("dialog#keys")).to_contain_text("these keys")
    page.keyboard.press("Escape")
    for key, place in (("l", "/live"), ("m", "/monitors"), ("r", "/review"), ("o", "/")):
        page.keyboard.press("g")
        with page.expect_navigation():
            page.keyboard.press(key)
        assert page.url == site.address + place
    page.goto(f"/runs/{site.runs[0]}")
    page.keyboard.press("/")
    page.keyboard.type("q00")
    expect(page.locator("#attempts-list")).to_contain_text("24 attempts")
    assert page.input_value("#search") == "q00"
    page.wait_for_url("**/*?text=q00")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("[data-row].selected")).to_have_count(1)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert "/cases/" in page.url
    before = page.url
    with page.expect_navigation():
        page.keyboard.press("j")
    assert page.url != before
    with page.expect_navigation():
        page.keyboard.press("u")
    assert "/cases/" not in page.url


def test_times_are_those_of_the_reader_and_utc_when_hovered(browser: Browser, site: Site) -> None:
    with visiting(browser, site, timezone_id="Asia/Tokyo") as page:
        page.goto(f"/runs/{site.newest.run_id}")
        at = page.locator("time").first
        assert at.inner_text() == "02/05/2026, 12:00"
        assert at.get_attribute("title") == "2026-05-02 03:00:00 UTC"


def test_series_are_drawn_larger_by_the_script(page: Page) -> None:
    page.goto("/suites/help-centre")
    expect(page.locator(".panel .uplot").first).to_be_visible()
    page.locator(".panel .u-over").first.hover(position={"x": 200, "y": 40})
    expect(page.locator(".panel .tip").first).to_contain_text("%")
    page.goto("/monitors/help")
    expect(page.locator(".panel .uplot")).to_be_visible()


def test_light_and_dark_are_chosen_and_stay(page: Page) -> None:
    page.goto("/monitors")
    for theme, colour in (("dark", "rgb(19, 22, 25)"), ("light", "rgb(255, 255, 255)")):
        page.locator("footer").get_by_role("button", name=theme).click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
        page.goto("/alerts")
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == colour
    page.locator("footer").get_by_role("button", name="auto").click()
    assert page.locator("html").get_attribute("data-theme") is None


def test_views_are_saved_and_taken_away(page: Page) -> None:
    page.goto("/live?text=parcel")
    page.locator(".save summary").click()
    page.fill(".save input[name=name]", "parcels")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".choices [aria-current]")).to_have_text("parcels")
    page.goto("/live")
    page.locator(".choices").get_by_text("parcels").click()
    assert page.input_value("#search") == "parcel"
    page.locator(".save summary").click()
    page.fill(".save input[name=name]", "parcels")
    page.get_by_role("button", name="Take it away").click()
    expect(page.locator(".choices")).not_to_contain_text("parcels")


def test_a_newcomer_is_told_what_to_do(browser: Browser, tmp_path: Path) -> None:
    with live_server(tmp_path / "empty.db", works=False) as address:
        site = Site(address, tmp_path / "empty.db", None)  # type: ignore[arg-type]  # it has none
        with visiting(browser, site) as page:
            for path, said in (
                ("/", "regrade run evals/suite.yaml"),
                ("/live", "OTEL_EXPORTER_OTLP_ENDPOINT"),
                ("/monitors", "regrade monitor keep"),
                ("/alerts", "No alert was ever raised"),
                ("/review", "nothing to label yet"),
                ("/judges", "No language model judges"),
                ("/compare", "There are not two runs"),
            ):
                page.goto(path)
                assert said in page.inner_text("main"), path
            assert faults(page) == []


def test_new_traces_show_by_themselves(browser: Browser, own_site: Site, tmp_path: Path) -> None:
    from tests.fakes.living import graded, live_trace

    with visiting(browser, own_site) as page:
        page.goto("/live")
        expect(page.locator("#traces")).not_to_contain_text("a quite new question")
        with Store(own_site.place) as store:
            new = live_trace(0xFFF, question="a quite new question", at_s=3e7)
            graded(store, [new], {}, tmp_path)
        expect(page.locator("#traces")).to_contain_text("a quite new question", timeout=30_000)
    assert own_site.said == []


def test_a_run_that_is_going_on_is_followed_until_it_ends(browser: Browser, own_site: Site) -> None:
    with Store(own_site.place) as store:
        header = run(store, 9, 24, ends=False)
        with visiting(browser, own_site) as page:
            page.goto(f"/runs/{header.run_id}")
            expect(page.locator("#going")).to_contain_text("12 of 24")
            expect(page.locator(".rows li")).to_have_count(12)
            run(store, 9, 24, goes_on=header)
            expect(page.locator("h2").first).to_contain_text("Criteria by slices", timeout=30_000)
            expect(page.locator("#attempts-list")).to_contain_text("24 attempts")
    assert own_site.said == []


def test_a_trace_says_why_it_was_graded_and_becomes_a_case(
    browser: Browser, own_site: Site
) -> None:
    with visiting(browser, own_site) as page:
        page.goto(f"/live/{TRACE}")
        expect(page.locator(".decisions")).to_contain_text("graded")
        page.keyboard.press("d")
        expect(page.locator("[role=status].note")).to_contain_text("is a case of regressions now")
    with Store(own_site.place) as store:
        assert store.promotions.names(store.live.projects.key()) == ["server:regressions"]


def test_an_alert_is_acknowledged_muted_and_resolved(browser: Browser, own_site: Site) -> None:
    with visiting(browser, own_site) as page:
        page.goto("/alerts/1")
        page.keyboard.press("a")
        expect(page.locator("h1 + p")).to_contain_text("acknowledged")
        page.keyboard.press("m")
        expect(page.locator("h1 + p")).to_contain_text("muted")
        page.keyboard.press("x")
        expect(page.locator("h1 + p")).to_contain_text("resolved")
        assert page.get_by_role("button", name="Resolve").count() == 0
    said = call(f"{own_site.address}/api/v1/audit").json
    assert [each["what"] for each in said[:3]] == [
        "resolved an alert",
        "muted an alert",
        "acknowledged an alert",
    ]


@pytest.mark.parametrize(
    "name", ["htmx-2.0.11.min.js", "uplot-1.6.32.iife.min.js", "uplot-1.6.32.min.css"]
)
def test_scripts_of_others_are_as_they_were_published(name: str) -> None:
    import hashlib

    from regrade.server.dashboard.rendering import STATIC

    sources = (STATIC / "vendor" / "SOURCES.md").read_text()
    found = hashlib.sha256((STATIC / "vendor" / name).read_bytes()).hexdigest()
    [line] = [each for each in sources.splitlines() if name in each]
    assert found in line
