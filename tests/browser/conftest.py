"""The web app in a real browser: Debian's Chromium (or CHROMIUM's), driven by Playwright.

A test also fails if the web app itself does something wrong: an error on the console, a breach of
its Content-Security-Policy, a request to another host.
"""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)
from sqlmodel import col, select

from backend.core import phones, times
from backend.core.leads import match_keys
from backend.models import Lead
from tests.chromium import is_answered, running, watched
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, PASSWORD, World

# The servers answer with the same bytes, so most of the web app is tested on one of them.
ONE_SERVER = pytest.mark.parametrize(
    ("adapter", "database"), [("fastapi", "sqlite")], indirect=["database"], ids=["fastapi"]
)
BOTH_SERVERS = pytest.mark.parametrize(
    ("adapter", "database"),
    [("fastapi", "sqlite"), ("flask", "sqlite")],
    indirect=["database"],
    ids=["fastapi", "flask"],
)
AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core" / "axe.min.js"
# What the browser logs about errors that a test provokes.
EXPECTED = ("status of 4", "ERR_INTERNET_DISCONNECTED")

# Milliseconds, enough for a busy machine: the benchmarks tell how fast the web app is.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)

Open = Callable[..., Page]


# Of all visitors; a page has its own width and colours.
VISITOR: Any = {
    "viewport": {"width": 1280, "height": 800},
    "timezone_id": "Asia/Kolkata",
    "locale": "en-GB",
    # It would keep the requests from a test that wants to see or change them.
    "service_workers": "block",
}
# A page of no content asks with what `signIn` in api.js sends, and keeps the token in its place.
BEGIN = """async ([path, given]) => {
    localStorage.clear();
    sessionStorage.clear();
    if (!given) return;
    const headers = { "Content-Type": "application/json" };
    const body = JSON.stringify(given);
    const { access_token } = await (await fetch("token", { method: "POST", headers, body })).json();
    localStorage.setItem(path === "/" ? "tofa.token" : `tofa.token ${path}`, access_token);
}"""


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Start one browser for this folder: its event loop would disturb other tests of its thread."""
    yield from running("the web app")


@pytest.fixture(scope="package")
def visitors(browser: Browser) -> list[BrowserContext]:
    """Keep the visitors of earlier tests: they have read and compiled the web app's files."""
    return []


@pytest.fixture
def visit(
    browser: Browser, visitors: list[BrowserContext], client: Client, world: World
) -> Iterator[Open]:
    """Open a page, signed in: `visit("leads", email=…, width=360, dark=True)`.

    `errors` are allowed on its console in addition to the usual ones; `home` is another address
    of the web app, `zone` another one than the academy's. Each visit of a test is in a browser of
    its own.
    """
    numbers = itertools.count()
    travellers: list[BrowserContext] = []
    wrong: list[str] = []
    expected = set(EXPECTED)
    hosts = {f"http://127.0.0.1:{client.port}/"}

    def logged(message: ConsoleMessage) -> None:
        if message.type == "error" and not any(one in message.text for one in expected):
            wrong.append(message.text)

    def requested(request: Request) -> None:
        if not request.url.startswith((*hosts, "data:", "blob:")):
            wrong.append(f"requests another host: {request.url}")

    def open_(
        path: str = "",
        email: str | None = LEAD,
        width: int = 1280,
        dark: bool = False,
        errors: tuple[str, ...] = (),
        home: str = f"http://127.0.0.1:{client.port}/",
        zone: str | None = None,
    ) -> Page:
        expected.update(errors)
        hosts.add(home)
        if zone is None:
            number = next(numbers)
            if number == len(visitors):
                visitors.append(watched(browser.new_context(**VISITOR)))
                # Its window stays open with this page: a window costs more than most tests.
                visitors[number].new_page()
            visitor = visitors[number]
        else:
            visitor = watched(browser.new_context(**{**VISITOR, "timezone_id": zone}))
            travellers.append(visitor)
        visitor.set_default_timeout(PATIENCE)
        page = visitor.new_page()
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme="dark" if dark else "light")
        begin(page, home, email)
        # Not every breach of the policy is an error on the console.
        page.add_init_script(
            "addEventListener('securitypolicyviolation', one => console.error("
            "`policy: ${one.violatedDirective} ${one.blockedURI} ${one.sample}`))"
        )
        page.on("console", logged)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", requested)
        page.goto(f"{home}#/{path}")
        if email is not None:
            page.get_by_role("navigation").wait_for()
        return page

    yield open_
    for context in visitors:
        for page in context.pages[1:]:
            page.close()
        context.set_offline(False)
    for context in travellers:
        context.close()
    assert wrong == []


def begin(page: Page, home: str, email: str | None) -> None:
    """Leave nothing of earlier visits but files, and sign in as the web app's form does."""
    empty = f"{home}nothing.html"
    page.route(empty, lambda route: route.fulfill(content_type="text/html", body=""))
    page.goto(empty)
    given = {"username": email, "password": PASSWORD, "device": "0" * 32}
    page.evaluate(BEGIN, [urlsplit(home).path, email and given])
    page.unroute(empty)


@pytest.fixture
def leads(world: World) -> None:
    """Add three hundred leads of Tellapur, so that a list has several pages."""
    now = times.now()
    with world.db.write() as session:
        for number in range(300):
            name, phone = f"Player {number:03}", f"98481{number:05}"
            session.add(
                Lead(
                    created_time=now - timedelta(hours=2 + number),
                    player_name=name,
                    name_key=match_keys.name_key(name),
                    phone=phone,
                    phone_key=phones.read(phone, "IN").e164,
                    status=("New", "Called", "Joined")[number % 3],
                    center_id=1,
                    source="meta",
                    campaign="Summer camp",
                )
            )


def lead_of(world: World, name: str) -> Lead:
    with world.db.read() as session:
        return session.scalars(select(Lead).where(col(Lead.player_name) == name)).one()


def sign_in(page: Page, email: str, password: str = PASSWORD) -> None:
    page.locator("[name=username]").fill(email)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()


def turn(page: Page, path: str) -> None:
    """Go to another page of the web app, as a link does."""
    page.goto(f"{page.url.partition('#')[0]}#/{path}")


def drawn(page: Page) -> None:
    """Wait until everything that is due is on the screen."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def settled(page: Page) -> None:
    """Wait until a page has asked for all it needs and has drawn the answers.

    The browser's own "networkidle" is of the document: it says nothing of what a click or another
    page of the web app asks for.
    """

    def is_settled() -> bool:
        drawn(page)
        return is_answered(page)

    # What is drawn may ask for more.
    wait_until(lambda: is_settled() and is_settled())


def take_clock(page: Page, **given: Any) -> None:
    """Let a test move the clock of a page, and of its browser: `visit(…, zone=…)` has its own.

    While it is put in, a page can see a time of long ago: at once, its person has been idle since.
    """
    settled(page)
    page.clock.install(**given)
    page.mouse.move(5, 5)


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait for something that happens in a test's own handlers of requests."""

    def is_true() -> bool:
        drawn(page)
        return holds()

    wait_until(is_true)


def opened(page: Page) -> None:
    """Wait for a dialog and until it has faded in: it takes the focus before that."""
    dialog = page.locator("dialog").last
    expect(dialog).to_have_js_property("open", True)
    drawn(page)
    dialog.evaluate("one => Promise.allSettled(one.getAnimations().map((move) => move.finished))")


def save(page: Page) -> None:
    """Save what a dialog has, and wait until it is gone."""
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.locator("dialog")).to_have_count(0)


def choose(page: Page | Locator, menu: str, item: str) -> None:
    """Choose an item of a menu, once the menu has stopped moving."""
    page.get_by_role("button", name=menu).click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.get_by_role("menuitem", name=item).click()


def error_of(page: Page, field: str) -> Locator:
    """Return what a field says is wrong with it."""
    return page.locator(f".field:has([name={field}]) small")


def check_accessibility(page: Page) -> None:
    """Check WCAG 2.2, levels A and AA, as far as a program can, and that ids are unique."""
    if not page.evaluate("'axe' in window"):
        # By the browser's protocol: the policy refuses a script of the page.
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # What has scrolled halfway below the header of a phone is no fault.
    at = page.evaluate("[scrollY, scrollTo(0, 0)][0]")
    drawn(page)
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    # What is right would be sent as well, which takes longer than to check it.
    wrong = page.evaluate(
        "tags => axe.run({ runOnly: tags, resultTypes: ['violations'], selectors: false })"
        ".then((found) => found.violations)",
        tags,
    )
    page.evaluate("at => scrollTo(0, at)", at)
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in wrong] == []
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map((one) => one.id)")
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
