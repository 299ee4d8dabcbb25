"""Draw every page at a desk and on a phone, light and dark: `python -m scripts.gallery [FOLDER]`, docs/gallery where
none is named.
"""

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright
from tests.browser import chromium
from tests.fakes.filling import arrived, labels, run, traffic, watched
from tests.fakes.live_server import live_server
from tests.fakes.pages import TRACE

from regrade.online import keep_monitors
from regrade.store import Store

GALLERY = Path(__file__).parent.parent / "docs" / "gallery"
SIZES = {"desk": (1280, 860), "phone": (390, 844)}
THEMES = ("light", "dark")
WRITTEN_IN = "/srv/help-centre/monitors.yaml"


@dataclass(frozen=True)
class Shot:
    """A page of the gallery."""

    name: str
    """The name of its files."""
    path: str
    """Its address."""
    about: str
    """What it shows."""
    at: str = ""
    """What is scrolled to."""


def shots(new: str, old: str) -> Sequence[Shot]:
    """Give the pages, of a run and the one before it."""
    return (
        Shot("overview", "/", "Every suite and monitor at a glance, open alerts, what waits for a person."),
        Shot("suite", "/suites/help-centre", "A suite over time: every series by itself, with its interval."),
        Shot("suite-slices", "/suites/help-centre?tag=topic", "The same by slice."),
        Shot("run", f"/runs/{new}", "A run: criteria by slices, components, how it fails."),
        Shot("attempts", f"/runs/{new}", "Its attempts, filtered and searched while one writes.", "#attempts"),
        Shot("case", f"/runs/{new}/cases/q0008", "A case: texts beside what graders say, steps, other runs."),
        Shot("compare", f"/compare/{old}/{new}", "Two runs: the verdict first, then the five questions."),
        Shot("live", "/live", "Live traffic as it arrives."),
        Shot("trace", f"/live/{TRACE}", "A live trace, and why it was graded."),
        Shot("monitors", "/monitors", "Monitors: sampled, graded, how far behind."),
        Shot("monitor", "/monitors/help", "The running estimate with its band, the threshold, the budget."),
        Shot("alerts", "/alerts", "Alerts."),
        Shot("alert", "/alerts/1", "An alert with its evidence."),
        Shot("review", "/review", "What waits to be labelled, and why."),
        Shot("label", f"/review/{new}?criterion=polite", "An answer to label: one key, blind to the judge."),
        Shot("judges", "/judges", "Judges beside people."),
        Shot("settings", "/settings", "What is set, and where that was said."),
    )  # fmt: skip


def fill(place: Path, folder: Path) -> tuple[str, str]:
    """Fill a store; gives the newest run and the one before."""
    with Store(place) as store:
        for at in range(34):
            newest = run(store, at, 160, label="with the new index" if at == 33 else None)
        labels(store, newest, 90)
        traffic(store, 4000)
        watched(store, folder)
        arrived(store, folder)
        _named(store, folder)
        new, old = (each.run_id for each in store.headers(2))
    return new, old


def _named(store: Store, folder: Path) -> None:
    """Have settings come from a file with a name that says something."""
    project, live = store.live.projects.key(), store.live
    for name, each in live.decisions.monitors(project).items():
        keep_monitors(store, project, {name: each["monitor"]}, folder, WRITTEN_IN)
    live.alerts.keep_alerting(project, live.alerts.alerting(project), WRITTEN_IN)


def draw(browser: Browser, address: str, some: Sequence[Shot], folder: Path) -> Iterator[Path]:
    """Draw pages in every size and theme."""
    for theme in THEMES:
        for size, (width, height) in SIZES.items():
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": height},
                color_scheme=theme,  # type: ignore[arg-type]  # of two
                locale="en-GB",
            )
            context.add_cookies([{"name": "regrade_who", "value": "Ada", "url": address}])
            page = context.new_page()
            for shot in some:
                yield _drawn(page, shot, folder / f"{shot.name}-{size}-{theme}.jpg")
            context.close()


def _drawn(page: Page, shot: Shot, path: Path) -> Path:
    page.goto(shot.path)
    page.wait_for_timeout(400)
    if shot.at:
        page.locator(shot.at).scroll_into_view_if_needed()
        page.evaluate("at => document.querySelector(at).scrollIntoView()", shot.at)
        page.wait_for_timeout(200)
    page.screenshot(path=path, type="jpeg", quality=72)
    return path


def main(folder: Path) -> None:
    """Draw the gallery."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "pages.db"
        some = shots(*fill(place, Path(name)))
        with live_server(place, works=False) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium(), args=["--no-sandbox", "--force-color-profile=srgb"]
            )
            page = browser.new_page()
            page.goto(
                f"{address}/compare/{some[0].name}/x"
            )  # a first request, and the newest runs compared meanwhile
            page.wait_for_timeout(8000)
            drawn = [*draw(browser, address, some, folder)]
            browser.close()
    lines = [
        "# Gallery",
        "",
        "Every page, drawn by `python -m scripts.gallery` from made-up data.",
        "",
    ]
    for shot in some:
        pictures = " ".join(
            f"![{shot.name}, {size}, {theme}]({shot.name}-{size}-{theme}.jpg)"
            for size in SIZES
            for theme in THEMES
        )
        lines += [f"## {shot.about}", "", pictures, ""]
    (folder / "README.md").write_text("\n".join(lines), encoding="utf-8")
    print(f"{len(drawn)} pictures in {folder}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else GALLERY)
