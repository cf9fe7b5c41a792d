"""The system's own Chromium, or the program that CHROMIUM names, driven by Playwright."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, Request, sync_playwright

PROGRAM = os.environ.get("CHROMIUM") or shutil.which("chromium")

# What each browser has asked for and not been answered yet.
_unanswered: dict[BrowserContext, set[Request]] = {}


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


def watched(visitor: BrowserContext) -> BrowserContext:
    """Note what a browser asks for until it is answered: see `is_answered`."""
    waiting = _unanswered[visitor] = set[Request]()

    def asked(request: Request) -> None:
        # Nobody says how the requests of the page before have ended.
        if request.is_navigation_request():
            waiting.clear()
        waiting.add(request)

    visitor.on("request", asked)
    # Playwright can't call built-in functions.
    visitor.on("requestfinished", lambda request: waiting.discard(request))
    visitor.on("requestfailed", lambda request: waiting.discard(request))
    return visitor


def is_answered(page: Page) -> bool:
    """Return whether nothing that a page of a `watched` browser has asked for is on its way."""
    return not _unanswered[page.context]
