"""Dialogs: when they open and close, and where the focus goes."""

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import ONE_SERVER, Open, drawn, sign_in
from tests.world import LEAD

pytestmark = ONE_SERVER


def test_escape_closes_a_dialog_before_it_opens(visit: Open) -> None:
    page = visit("leads")
    page.get_by_role("heading", name="Leads").wait_for()
    for _ in range(3):
        # Escape comes as soon as it is drawn, and before it opens.
        page.evaluate(
            """() => new Promise((done) => {
              const press = (key) => document.body.dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true }));
              const seen = new MutationObserver(() => {
                if (!document.querySelector("wa-dialog")) return;
                seen.disconnect();
                press("Escape");
                setTimeout(done, 300);
              });
              seen.observe(document.body, { childList: true, subtree: true });
              press("?");
            })"""
        )
        assert page.locator("wa-dialog").count() == 0
    page.keyboard.press("?")
    expect(page.locator("wa-dialog")).to_contain_text("Search")
    page.keyboard.press("Escape")
    expect(page.locator("wa-dialog")).to_have_count(0)


def test_a_dialog_keeps_the_focus_and_gives_it_back(visit: Open) -> None:
    page = visit("settings")
    opener = page.get_by_role("button", name="Add person")
    opener.click()
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    # A click beside it does not throw away what was typed.
    name.fill("Kavya")
    page.mouse.click(5, 5)
    expect(name).to_have_value("Kavya")
    page.locator("wa-dialog").get_by_role("button", name="Close").click()
    expect(page.locator("wa-dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_dialog_opens_once_its_library_arrives(visit: Open) -> None:
    held: list[Route] = []
    asked: list[bool] = []

    def hold(route: Route) -> None:
        if asked:
            route.continue_()
        else:
            held.append(route)

    page = visit("leads", email=None)
    page.route(re.compile("/webawesome/"), hold)
    page.reload()
    sign_in(page, LEAD)
    page.get_by_role("button", name="Add lead").first.click()
    drawn(page)
    asked.append(True)
    for route in held:
        route.continue_()
    expect(page.get_by_label("Player", exact=True)).to_be_visible()


def test_a_dialog_whose_library_fails_says_so(visit: Open) -> None:
    page = visit("leads", email=None)
    page.route(re.compile("/webawesome/"), lambda route: route.fulfill(status=404))
    page.reload()
    sign_in(page, LEAD)
    page.get_by_role("button", name="Add lead").first.click()
    expect(page.get_by_text("Can't reach the server")).to_be_visible()
    page.unroute(re.compile("/webawesome/"))
    page.get_by_role("button", name="Add lead").first.click()
    expect(page.get_by_label("Player", exact=True)).to_be_visible()
