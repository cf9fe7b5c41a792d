"""The page in a real browser: Debian's Chromium (or CHROMIUM's), driven by Playwright.

What goes wrong in the page itself fails the test that met it: an error on its console, a breach of
its Content-Security-Policy, a request to another host.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from tests.chromium import running
from tests.servers import Client
from tests.world import LEAD, PASSWORD, World

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
# What a browser says of an answer that a test has asked for.
EXPECTED = ("status of 4", "ERR_INTERNET_DISCONNECTED")

# Milliseconds, as a machine that does much else may need them: how fast the page is, the benchmarks
# tell.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for a module: while it is open, its loop is in the way of others in this thread."""
    yield from running("the page")


@pytest.fixture
def visit(browser: Browser, client: Client, world: World) -> Iterator[Open]:
    """Opens the page, signed in: `visit("leads", email=…, width=360, dark=True)`.

    `errors` are those that its console may have besides.
    """
    contexts = []
    wrong: list[str] = []
    expected = set(EXPECTED)
    home = f"http://127.0.0.1:{client.port}/"

    def said(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in expected):
            wrong.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith((home, "data:", "blob:")):
            wrong.append(f"asks another host: {request.url}")

    def open_(
        path: str = "",
        email: str | None = LEAD,
        width: int = 1280,
        dark: bool = False,
        errors: tuple[str, ...] = (),
    ) -> Page:
        expected.update(errors)
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            timezone_id="Asia/Kolkata",
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        # A breach of the policy is no error on the console in each case.
        page.add_init_script(
            "addEventListener('securitypolicyviolation', one => console.error("
            "`policy: ${one.violatedDirective} ${one.blockedURI} ${one.sample}`))"
        )
        page.on("console", said)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", asked)
        page.goto(f"{home}#/{path}")
        if email is not None:
            sign_in(page, email)
            page.get_by_role("navigation").wait_for()
        return page

    yield open_
    for context in contexts:
        context.close()
    assert wrong == []


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.locator("#field-username").fill(email)
    page.locator("#field-password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def check_accessibility(page: Page) -> None:
    """WCAG 2.2, levels A and AA, as far as a program can tell."""
    # By the protocol, and not by a script of the page, which its policy would refuse.
    page.evaluate(AXE.read_text(encoding="utf-8"))
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    found = page.evaluate("tags => axe.run({ runOnly: tags })", tags)
    assert [
        (one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found["violations"]
    ] == []
