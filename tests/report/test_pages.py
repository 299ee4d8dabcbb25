"""The report for the browser, in a real one."""

import base64
import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from regrade.analysis import summarize
from regrade.analysis.comparison import compare
from regrade.domain import Run
from regrade.report.html import comparison_html, run_html, summary_html
from tests.browser import chromium
from tests.fakes.runs import hostile_run, make_run


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


def opened(browser: Browser, run: Run, folder: Path, **options: object) -> tuple[Page, list[str]]:
    path = folder / "report.html"
    path.write_text(run_html(run, ["a <b>note</b>"]), encoding="utf-8")
    page = browser.new_page(**options)  # type: ignore[arg-type]  # the options of a page
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request",
        lambda request: said.append(request.url) if not request.url.startswith("file:") else None,
    )
    page.goto(path.as_uri())
    page.wait_for_selector(".attempt")
    return page, said


def test_it_is_one_file_that_asks_for_nothing_and_runs_one_script_alone() -> None:
    text = run_html(make_run())
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', text)
    assert policy is not None
    script = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(script) == 1
    digest = base64.b64encode(hashlib.sha256(script[0].encode()).digest()).decode()
    assert f"script-src &#39;sha256-{digest}&#39;" in policy[1]
    assert "default-src &#39;none&#39;" in policy[1]
    assert not re.search(r'(?:src|href)="', text)


def test_filters_search_and_order_work(browser: Browser, tmp_path: Path) -> None:
    page, said = opened(browser, make_run(), tmp_path)
    names = page.locator(".attempt summary b")
    assert page.inner_text("#shown") == "7 of 7"
    assert names.all_inner_texts()[0] == "case-0 · critical"
    page.select_option("#outcome", "1")
    assert names.count() == 3
    page.select_option("#outcome", "")
    page.fill("#search", "answer 3")
    page.wait_for_timeout(300)
    assert names.all_inner_texts() == ["case-3"]
    page.fill("#search", "")
    page.select_option("#tag", label="topic: b")
    assert names.count() == 3
    page.select_option("#tag", "")
    page.select_option("#grader", label="failed: alive · no_error")
    assert names.all_inner_texts() == ["case-6"]
    page.select_option("#grader", "")
    page.select_option("#sort", "latency")
    assert names.all_inner_texts()[0] == "case-5"
    page.locator(".attempt summary").first.click()
    assert "answer 5" in page.inner_text(".attempt[open] .detail")
    assert "could not judge" in page.inner_text(".attempt[open] .detail")
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_hostile_texts_stay_texts_at_any_width(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    size = {"width": width, "height": 800}
    page, said = opened(browser, hostile_run(), tmp_path, viewport=size, color_scheme=scheme)
    for attempt in page.locator(".attempt summary").all():
        attempt.click()
    assert page.evaluate("window.hacked") is None
    assert page.locator("#list img, header img, .tables img").count() == 0
    assert "<script>window.hacked=1</script>" in page.inner_text(".attempt[open] .detail >> nth=0")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(255, 255, 255)") is (scheme == "light")
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_a_comparison_stays_text_at_any_width(
    browser: Browser, tmp_path: Path, width: int, scheme: str
) -> None:
    run = hostile_run(40)
    failed = [
        replace(each, grades=(replace(each.grades[0], passed=True),)) for each in run.attempts
    ]
    before = replace(run, attempts=failed, summary=summarize(run.header, failed))
    path = tmp_path / "comparison.html"
    path.write_text(comparison_html(compare(before, run)), encoding="utf-8")
    page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]  # light or dark
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(path.as_uri())
    page.locator(".case summary").first.click()
    assert "<script>window.hacked=1</script>" in page.inner_text(".case[open] dl")
    assert page.evaluate("window.hacked") is None
    assert page.locator("main img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator(".plot svg").first.bounding_box()
    assert box is not None
    assert box["width"] > 150
    assert said == []


def test_without_scripts_and_on_paper_the_summary_and_the_worst_are_there(
    browser: Browser, tmp_path: Path
) -> None:
    path = tmp_path / "report.html"
    path.write_text(run_html(make_run()))
    page = browser.new_page(java_script_enabled=False)
    page.goto(path.as_uri())
    assert page.locator("#attempts").is_hidden()
    assert "Because [red]so[/red]." in page.inner_text("#worst")
    page, _ = opened(browser, make_run(), tmp_path)
    page.emulate_media(media="print")
    assert page.locator("#attempts").is_hidden()
    assert page.locator("#worst").is_visible()
    assert "50.0%" in page.inner_text(".verdict")


@pytest.mark.no_cover
@pytest.mark.parametrize("attempts", [2_500, pytest.param(10_000, marks=pytest.mark.long)])
def test_many_attempts_stay_small_and_answer_at_once(
    browser: Browser, tmp_path: Path, attempts: int
) -> None:
    run = hostile_run(attempts, words=6)
    assert len(run_html(run).encode()) < 15_000_000
    page, said = opened(browser, run, tmp_path)
    assert page.inner_text("#shown") == f"{attempts:,} of {attempts:,}"
    assert page.locator(".attempt").count() == 60
    page.click("#more")
    assert page.locator(".attempt").count() == 120
    page.fill("#search", f"{attempts - 1}")
    page.wait_for_timeout(2000)
    assert page.inner_text("#shown") == f"1 of {attempts:,}"
    assert "shortened" in page.inner_text("#attempts")
    assert said == []


def test_a_notebook_gets_the_summary_without_a_script() -> None:
    text = summary_html(make_run())
    assert "<script" not in text
    assert "50.0%" in text
    assert "case-0" in text
    assert ":root" not in text
