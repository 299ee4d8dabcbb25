"""The browser of the tests: a Chromium that is there already, or one that is fetched."""

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@cache
def chromium() -> str:
    """Give the path of a Chromium: CHROMIUM, one on the PATH, the system's package, or Playwright's own."""
    if found := os.environ.get("CHROMIUM") or _on_path():
        return found
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for step in (
            ["apt-get", "update"],
            ["apt-get", "install", "-y", "--no-install-recommends", "chromium"],
        ):
            subprocess.run(step, capture_output=True, check=False)
        if found := _on_path():
            return found
    subprocess.run(
        [sys.executable, "-m", "playwright", "install", "chromium"],
        capture_output=True,
        check=False,
    )
    kept = sorted(Path.home().glob(".cache/ms-playwright/chromium-*/chrome-linux*/chrome"))
    if not kept:
        raise RuntimeError(
            "the tests of pages need Chromium: install it, or set CHROMIUM to its path"
        )
    return str(kept[-1])


def _on_path() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)
