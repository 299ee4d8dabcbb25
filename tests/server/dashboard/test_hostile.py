"""What models and users write is text, whatever it looks like."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from regrade.analysis import summarize
from regrade.domain import Attempt, Case, Dataset, Grade, RunHeader, Span, Trace
from regrade.store import Store
from tests.fakes.filling import RIGHT, SUITE
from tests.fakes.live_server import live_server
from tests.fakes.living import graded, live_trace

from .conftest import Site, visiting
from .test_pages import faults, fits

TEXTS = (
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 2">',
    "<svg onload='window.hacked = 3'><a href='javascript:window.hacked=4'>x</a></svg>",
    "[click](javascript:window.hacked=5) ![x](http://evil.example/x.png) <http://evil.example>",
    "\u202egnp.exe\u202c \u2066hidden\u2069",
    "\x1b[31mred\x1b[0m \x1b]8;;http://evil.example\x07link\x1b]8;;\x07",
    "{{ 7 * 7 }} {% raw %} ${7*7} </textarea></script><!--",
    "' onmouseover='window.hacked=6",
    "\ud800 lone \x00 nul \ufffe",
    "x" * 60_000,
    "line\n" * 9_000,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    folder: Path = tmp_path_factory.mktemp("hostile")
    place = folder / "hostile.db"
    cases = [
        Case(id=f"case {n} {text[:60]}", input=text, tags={"topic": text[:30]}, expected={"answer": text[:500]})
        for n, text in enumerate(TEXTS)
    ]  # fmt: skip
    dataset = Dataset.of(cases)
    now = datetime(2026, 5, 1, tzinfo=UTC)
    header = RunHeader(
        run_id="20260501-000000-aaaa", suite=SUITE, suite_version="s", dataset_version=dataset.version,
        target_version=TEXTS[1], trials=1, planned=len(cases), started_at=now, finished_at=now, status="finished",
        label="<b>label</b>",
    )  # fmt: skip
    attempts = [
        Attempt(
            case=case,
            trace=Trace(
                output=case.input,
                latency_s=0.1,
                spans=(Span(span_id="1", name=str(case.input)[:200], input=case.input, output=case.input, error=str(case.input)[:90]),),
            ),
            grades=(Grade(n % 2 == 0, str(case.input)[:2000], spec=RIGHT, issues=(str(case.input)[:90],)),),
        )
        for n, case in enumerate(cases)
    ]  # fmt: skip
    with Store(place) as store:
        store.begin(header, dataset)
        store.save(header.run_id, attempts)
        store.finish(header)
        store.keep_summary(summarize(header, attempts))
        graders = [
            {"type": "contains", "expected": "y", "criterion": "<i>why</i>", "name": TEXTS[1]}
        ]
        traces = [
            live_trace(n + 1, output=text, question=text, at_s=n, user__id=text[:40])
            for n, text in enumerate(TEXTS)
        ]
        graded(
            store,
            traces,
            {"<b>m</b>": {"sample": 1, "graders": graders}},
            folder,
            service__name=TEXTS[0],
        )
    with live_server(place, works=False) as address:
        yield Site(address, place, header)


def test_nothing_that_models_write_runs_leads_away_or_breaks_a_page(
    browser: Browser, hostile: Site
) -> None:
    asked: list[str] = []
    with visiting(browser, hostile, viewport={"width": 390, "height": 800}) as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("dialog", lambda dialog: pytest.fail(dialog.message))
        run = f"/runs/{hostile.newest.run_id}"
        page.goto(run)
        cases = [each.get_attribute("href") or "" for each in page.locator(".rows li a").all()]
        assert len(cases) >= len(TEXTS) - 1
        live = [f"/live/{n + 1:032x}" for n in range(0, len(TEXTS), 2)]
        formatted = [f"{each}?markdown=true" for each in cases[:8:4]]
        places = [
            "/",
            "/suites/help-centre",
            run,
            "/live",
            "/monitors",
            "/monitors/%3Cb%3Em%3C%2Fb%3E",
            "/review",
        ]
        for place in [*places, *cases, *formatted, *live, "/review/monitor%3A%3Cb%3Em%3C%2Fb%3E"]:
            reply = page.goto(place)
            assert reply is not None
            assert reply.status == 200, place
            assert fits(page), place
            assert page.evaluate("window.hacked") is None, place
            strange = "[...document.querySelectorAll('main img, main script:not([type]), main svg a, main a')].filter(e => e.tagName !== 'A' || !e.href.startsWith(location.origin)).length"
            assert page.evaluate(strange) == 0, place
            shown = page.evaluate("document.querySelector('main').textContent")
            assert not {"\u202e", "\x1b"} & {*shown}, place
        page.goto(run)
        assert faults(page) == []
    assert {each.split("/")[2] for each in asked} == {hostile.address.split("/")[2]}
    assert hostile.said == []


def test_hostile_searches_are_only_searched_for(browser: Browser, hostile: Site) -> None:
    with visiting(browser, hostile) as page:
        page.goto("/live")
        for text in (*TEXTS[:8], "' OR 1=1 --", '" OR "', "AND NOT (", "*", "%", "a" * 5000):
            with page.expect_response("**/live?text=*"):
                page.fill("#search", text)
            assert page.evaluate("window.hacked") is None
            assert page.locator("#traces .rows").count() == 1
    assert hostile.said == []


def test_five_megabytes_in_one_line_are_shown_shortened(browser: Browser, tmp_path: Path) -> None:
    place = tmp_path / "long.db"
    with Store(place) as store:
        graded(
            store,
            [live_trace(1, output="y" * 5_000_000)],
            {"m": {"checks": ["answered"], "sample": 1}},
            tmp_path,
        )
    with live_server(place, works=False) as address:
        site = Site(address, place, None)  # type: ignore[arg-type]  # it has no run
        with visiting(browser, site) as page:
            page.goto(f"/live/{1:032x}")
            expect(page.locator("main")).to_contain_text("characters more")
            assert len(page.content()) < 300_000
            assert fits(page)
        assert site.said == []
