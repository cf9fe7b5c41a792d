"""The system's own Chromium, or the program that CHROMIUM names, driven by Playwright.

Where Debian's chromium-headless-shell is installed, the tests use it: it is the same browser
without what only a person at a screen needs, and takes a quarter less of the processor's time.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    BrowserType,
    Page,
    Request,
    sync_playwright,
)

# For tests of what pages do and not of how fast they are. A test has gone before a faster form of
# a function pays, and each process of pages reads and compiles the same files again.
QUICK_TO_START = (
    "--js-flags=--no-opt --no-maglev --max-lazy --single-threaded-gc",
    "--renderer-process-limit=1",
)

WHOLE = os.environ.get("CHROMIUM") or shutil.which("chromium")
_SHELL = None if os.environ.get("CHROMIUM") else shutil.which("chromium-headless-shell")
PROGRAM = WHOLE and (_SHELL or WHOLE)

# What each browser has asked for and not been answered yet.
_unanswered: dict[BrowserContext, set[Request]] = {}


def launch(kind: BrowserType, program: str | None = PROGRAM, *more: str) -> Browser:
    """A browser without a window, with `more` options. There must be such a program."""
    return kind.launch(
        executable_path=program, args=["--no-sandbox", "--disable-gpu", "--lang=en-GB", *more]
    )


def running(what: str) -> Iterator[Browser]:
    """Yield a browser, for a fixture; without one, skip what is to be tested, but never in CI."""
    if PROGRAM is None:
        if os.environ.get("CI"):
            raise RuntimeError("no Chromium: .ci/run installs it")
        pytest.skip(f"no Chromium: {what} is NOT TESTED. See docs/web-app.md")
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, PROGRAM, *QUICK_TO_START)
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
