"""Every page: accessible, at any width, light and dark, and loaded once."""

import re

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, settled, turn
from tests.world import MEMBER, World

pytestmark = ONE_SERVER


# Each page, and what is there once it has read what it shows.
PAGES = {
    "next": ".queue button",
    "leads": ".row",
    "lead/1": ".panel",
    "duplicates": ":is(.empty, .panel)",
    "board": ".mini",
    "reports": ".chart canvas",
    "live": "tbody tr",
    "imports": ".empty",
    "intake": ".totals",
    "settings": "tbody tr",
    "audit": ".history li",
    "onboarding": ".step",
    "security": "li",
    "actions": ".empty",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_is_accessible(
    visit: Open, world: World, leads: None, width: int, dark: bool
) -> None:
    page = visit(width=width, dark=dark)
    for name, shown in PAGES.items():
        turn(page, name)
        page.locator("main h1").wait_for()
        page.locator(f"main {shown}").first.wait_for()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        check_accessibility(page)


def test_a_loading_page_is_accessible(visit: Open, leads: None) -> None:
    page = visit()
    asked = re.compile(r":\d+/(leads|imports|deliveries|users)/")
    held: list[Route] = []
    is_slow = False
    page.route(asked, lambda route: held.append(route) if is_slow else route.continue_())
    for name, shown in PAGES.items():
        is_slow = True
        turn(page, name)
        page.locator("main :is(h1, [aria-busy=true])").first.wait_for()
        check_accessibility(page)
        is_slow = False
        while held:
            held.pop().continue_()
        page.locator(f"main {shown}").first.wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_menus_and_dialogs_are_accessible(
    visit: Open, world: World, width: int, dark: bool
) -> None:
    page = visit("settings", width=width, dark=dark)
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menuitem", name="Recent actions")).to_be_focused()
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add person").click()
    expect(page.get_by_label("Name")).to_be_focused()
    dialog = page.get_by_role("dialog")
    # What still fades in has too little contrast.
    dialog.evaluate(
        "it => Promise.all(it.getAnimations({ subtree: true }).map(one => one.finished))"
        ".then(() => true)"
    )
    box = dialog.bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= width - box["width"]
    check_accessibility(page)


def test_the_first_page_requests_nothing_twice(visit: Open) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("article").wait_for()
    address = page.url
    # What the page still asks for after it is drawn is not asked for by the page that comes next.
    page.goto("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("//")[2]))
    page.goto(address)
    page.get_by_role("article").wait_for()
    settled(page)
    for path in ("/users/me", "/centers/", "/choices/", "/leads/next"):
        assert sum(path in url for url in asked) == 1, path
    # The browser also requests the icon by itself.
    twice = {url for url in asked if asked.count(url) > 1 and not url.endswith("/icon.svg")}
    assert twice == set()
