"""A server with some of everything, and a browser that says what goes wrong in it."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from regrade.domain import RunHeader
from regrade.store import Store
from tests.browser import chromium
from tests.fakes.live_server import live_server


@dataclass
class Site:
    """A server, and what is in its database."""

    address: str
    place: Path
    newest: RunHeader
    said: list[str] = field(default_factory=list)
    """What browsers complained of."""

    @property
    def runs(self) -> list[str]:
        with Store(self.place) as store:
            return [each.run_id for each in store.headers()]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser; not for longer than a module, since its loop is in the way of tests that have one of their own."""
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        yield opened
        opened.close()


@contextmanager
def served(some: tuple[Path, RunHeader], folder: Path, **more: Any) -> Iterator[Site]:
    place, newest = folder / "pages.db", some[1]
    shutil.copy(some[0], place)
    with live_server(place, works=False, **more) as address:
        yield Site(address, place, newest)


@pytest.fixture(scope="session")
def site(
    some_of_everything: tuple[Path, RunHeader], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """One server for all tests that change nothing that others look at."""
    with served(some_of_everything, tmp_path_factory.mktemp("pages")) as site:
        yield site


@pytest.fixture
def own_site(some_of_everything: tuple[Path, RunHeader], tmp_path: Path) -> Iterator[Site]:
    """A server for one test alone."""
    with served(some_of_everything, tmp_path) as site:
        yield site


def _note(site: Site, said: ConsoleMessage) -> None:
    is_broken_off = said.text.startswith(
        ("htmx:afterRequest", "htmx:sendAbort")
    )  # who left the page
    if said.type in ("error", "warning") and not is_broken_off:
        site.said.append(said.text)


@contextmanager
def visiting(browser: Browser, site: Site, **options: Any) -> Iterator[Page]:
    """A page of a person of their own; whatever their browser complains of is noted."""
    options.setdefault("locale", "en-GB")
    context = browser.new_context(base_url=site.address, **options)
    page = context.new_page()
    page.on("console", lambda said: _note(site, said))
    page.on("pageerror", lambda error: site.said.append(str(error)))
    try:
        yield page
    finally:
        context.close()


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    site.said.clear()
    with visiting(browser, site) as page:
        yield page
    assert site.said == [], "the browser complains of nothing, its policy of nothing either"
