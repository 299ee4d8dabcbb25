"""The pages, at the server and in the browser: `python -m benchmarks.pages [RUNS CASES TRACES [postgresql://…]]`.

Prints one JSON line: server time and weight of every page, first contentful paint, how long a filter and a label take
until they are painted, and the longest task while a run of 10,000 attempts is scrolled for five seconds.
"""

import json
import statistics
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright
from tests.browser import chromium
from tests.fakes.filling import arrived, labels, run, traffic, watched
from tests.fakes.pages import paths

from benchmarks.ingest import start
from regrade.store import Store

RUNS, CASES, TRACES = 200, 1000, 500_000
AGAIN, LARGE = 20, 10_000
"""Requests of each page; attempts of the run that is scrolled."""


def fill(place: str | Path, folder: Path, runs: int, cases: int, traces: int) -> list[str]:
    """Fill a store; gives its runs, the newest first."""
    with Store(place) as store:
        large = run(store, 0, LARGE, label="large")
        for at in range(1, runs):
            newest = run(store, at, cases)
        labels(store, newest, 120)
        traffic(store, traces)
        watched(store, folder)
        arrived(store, folder, 200)
        found = [each.run_id for each in store.headers(2)]
    return [*found, large.run_id]


def places(runs: list[str]) -> dict[str, str]:
    """Name the pages that are asked for."""
    new, old, large = runs
    found = {
        name: path for name, path in paths(new, old).items() if name not in ("nothing", "login")
    }
    return found | {
        "run of 10,000": f"/runs/{large}",
        "run of 10,000 searched": f"/runs/{large}?text=parcel+refund&sort=latency",
        "live by user": "/live?user_id=user-77",
        "live errors": "/live?has_error=yes&version=2.3",
        "live failing": "/live?fails=yes",
    }


def server_times(address: str, pages: dict[str, str]) -> dict[str, dict[str, float]]:
    """Ask for all pages in turn, again and again, so that some of what they remember is out of date:
    95th percentile in ms, the first time, and KB.
    """
    times: dict[str, list[float]] = {name: [] for name in pages}
    sizes: dict[str, int] = {}
    for _ in range(AGAIN):
        for name, path in pages.items():
            began = time.perf_counter()
            with urllib.request.urlopen(f"{address}{path}") as reply:
                sizes[name] = len(reply.read())
            times[name].append((time.perf_counter() - began) * 1000)
        time.sleep(1)
    return {
        name: {
            "p95_ms": round(statistics.quantiles(each[1:], n=20)[-1], 1),
            "first_ms": round(each[0], 1),
            "kb": round(sizes[name] / 1024, 1),
        }
        for name, each in times.items()
    }


def painted(page: Page, path: str) -> dict[str, float]:
    """Load a page: first contentful paint in ms, and KB of everything but the library of charts."""
    sizes: list[int] = []
    page.on("response", lambda r: sizes.append(0 if "uplot" in r.url else len(r.body())))
    page.goto(path)
    page.wait_for_timeout(300)
    paint = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
    )
    return {"fcp_ms": round(paint, 1), "kb": round(sum(sizes) / 1024, 1)}


PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? -1"
LONGEST = """() => { window.longest = 0;
new PerformanceObserver(list => {
for (const e of list.getEntries())
if (!window.ended) window.longest = Math.max(window.longest, e.duration); })
.observe({type: 'longtask', buffered: false}); }"""
SCROLL = """() => new Promise(done => { const end = performance.now() + 5000;
const step = () => { scrollBy(0, 400); performance.now() < end ? requestAnimationFrame(step)
: setTimeout(() => { window.ended = true; done(document.querySelectorAll('.rows li').length); }, 200); };
step(); })"""
UNTIL_PAINTED = """([act, holds]) => new Promise(done => {
const began = performance.now(); const changed = new Function(`return ${holds}`); const before = changed();
const look = () => changed() !== before
? requestAnimationFrame(() => done(performance.now() - began)) : requestAnimationFrame(look);
new Function(act)(); look(); })"""
CHOOSE = """const s = document.querySelector('select[name=outcome]'); s.value = '%s';
s.dispatchEvent(new Event('change', {bubbles: true}))"""
PRESS = "document.body.dispatchEvent(new KeyboardEvent('keydown', {key: 'p', bubbles: true}))"
FOUND = "document.querySelector('#attempts-list [role=status]').textContent"
SHOWN = "document.querySelector('#item h2').textContent"


def in_browser(address: str, pages: dict[str, str], runs: list[str]) -> dict[str, Any]:
    """Measure what people feel."""
    found: dict[str, Any] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        for name, path in pages.items():
            context = browser.new_context(base_url=address)
            found[name] = painted(context.new_page(), path)
            context.close()
        # the policy of our pages allows no function out of a text: it is bypassed for the measurement alone
        context = browser.new_context(base_url=address, bypass_csp=True)
        page = context.new_page()
        page.goto(f"/runs/{runs[2]}")
        page.evaluate(LONGEST)
        rows = page.evaluate(SCROLL)
        found["scrolling"] = {"longest_task_ms": page.evaluate("window.longest"), "rows": rows}
        page.goto(f"/runs/{runs[0]}")
        times = [
            page.evaluate(UNTIL_PAINTED, [CHOOSE % value, FOUND])
            for value in ("failed", "passed", "failed", "")
        ]
        found["filter"] = {"slowest_ms": round(max(times), 1)}
        page.goto(f"/review/{runs[0]}?criterion=polite")
        times = [page.evaluate(UNTIL_PAINTED, [PRESS, SHOWN]) for _ in range(12)]
        found["label"] = {
            "median_ms": round(statistics.median(times), 1),
            "slowest_ms": round(max(times), 1),
        }
        browser.close()
    return found


def main(runs: int, cases: int, traces: int, database: str | None) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = database or str(folder / "pages.db")
        ids = fill(place, folder, runs, cases, traces)
        server, address = start(folder, place, "--no-worker")
        try:
            time.sleep(15)  # what is worked out beforehand
            pages = places(ids)
            return {
                "server": server_times(address, pages),
                "browser": in_browser(address, pages, ids),
            }
        finally:
            server.terminate()
            server.wait()


def paging(folder: Path) -> list[str]:
    """Measure the pages on SQLite."""
    del folder  # it makes its own
    return told(main(RUNS, CASES, TRACES, None), "SQLite")


def told(found: dict[str, Any], database: str) -> list[str]:
    """Tell what was measured."""
    server, browser = found["server"], found["browser"]
    pages = {name: browser[name] for name in server}
    slowest = max(server, key=lambda name: float(server[name]["p95_ms"]))
    last = max(pages, key=lambda name: float(pages[name]["fcp_ms"]))
    heaviest = max(pages, key=lambda name: float(pages[name]["kb"]))
    filtered, label, scrolled = browser["filter"], browser["label"], browser["scrolling"]
    return [
        f"## Pages, {database}, {RUNS} runs of {CASES:,} cases and {TRACES:,} live traces",
        "",
        f"Of {len(server)} pages, each asked for {AGAIN} times in turn, the slowest at the server ({slowest}): 95th "
        f"percentile {server[slowest]['p95_ms']:.0f} ms (goal 150). First contentful paint at the latest "
        f"{pages[last]['fcp_ms']:.0f} ms ({last}; goal 500). The heaviest page, with styles and scripts but not the "
        f"library of charts: {pages[heaviest]['kb']:.0f} KB ({heaviest}; goal 300).",
        "",
        f"A filter is painted in {filtered['slowest_ms']:.0f} ms at most, the next answer after a label in "
        f"{label['median_ms']:.0f} ms, {label['slowest_ms']:.0f} at most (goals 100). Five seconds of scrolling "
        f"through {LARGE:,} attempts ({scrolled['rows']:,} rows): longest task {scrolled['longest_task_ms']:.0f} ms, "
        "0 for none above 50 (goal 50).",
    ]


if __name__ == "__main__":
    given = sys.argv[1:]
    numbers = [int(each) for each in given[:3]] or [RUNS, CASES, TRACES]
    runs, cases, traces = numbers
    print(json.dumps(main(runs, cases, traces, given[3] if len(given) > 3 else None)))
