"""Every page in every width and theme: nothing overflows, axe finds nothing, pictures are made."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser
from scripts.gallery import draw, shots

from tests.fakes.pages import paths

from .conftest import Site, visiting
from .test_pages import faults, fits

WIDTHS = (320, 390, 768, 1024, 1280, 1920, 2560)


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
def test_every_page_in_every_width_and_theme(
    browser: Browser, site: Site, width: int, scheme: str
) -> None:
    site.said.clear()
    size = {"width": width, "height": 900}
    with visiting(browser, site, viewport=size, color_scheme=scheme) as page:
        for name, path in paths(*site.runs[:2]).items():
            page.goto(path)
            assert fits(page), (name, width)
            assert faults(page) == [], (name, width, scheme)
    assert [each for each in site.said if "404" not in each] == []


@pytest.mark.long
def test_pages_are_printed_without_what_is_only_for_the_screen(
    browser: Browser, site: Site
) -> None:
    with visiting(browser, site) as page:
        for name, path in paths(*site.runs[:2]).items():
            page.goto(path)
            page.emulate_media(media="print")
            assert not page.locator("header.top").is_visible(), name
            assert not page.locator(".controls").first.is_visible(), name
            assert len(page.pdf()) > 5000, name


@pytest.mark.long
def test_pictures_of_every_page_are_made(browser: Browser, site: Site, tmp_path: Path) -> None:
    made = [*draw(browser, site.address, shots(*site.runs[:2]), tmp_path)]
    assert len(made) == 4 * 17
    assert all(each.stat().st_size > 8000 for each in made)
