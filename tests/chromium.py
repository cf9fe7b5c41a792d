"""The system's own Chromium, or the program that CHROMIUM names, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium")


def launch(playwright: Playwright) -> Browser:
    """A browser without a window. There must be a `PROGRAM`."""
    return playwright.chromium.launch(
        executable_path=PROGRAM, args=["--no-sandbox", "--disable-gpu", "--lang=en-GB"]
    )


def running(what: str) -> Iterator[Browser]:
    """Yield a browser, for a fixture; without one, skip what is to be tested, but never in CI."""
    if PROGRAM is None:
        if os.environ.get("CI"):
            raise RuntimeError("no Chromium: .ci/run installs it")
        pytest.skip(f"no Chromium: {what} is NOT TESTED. See docs/web-app.md")
    with sync_playwright() as playwright:
        browser = launch(playwright)
        yield browser
        browser.close()
