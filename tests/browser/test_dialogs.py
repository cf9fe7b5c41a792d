"""Dialogs and menus: when they open and close, and where the focus goes."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, opened

pytestmark = ONE_SERVER


def test_escape_closes_a_dialog_as_soon_as_it_is_there(visit: Open) -> None:
    page = visit("leads")
    page.get_by_role("heading", name="Leads").wait_for()
    for _ in range(3):
        page.keyboard.press("?")
        page.locator("dialog").wait_for(state="attached")
        page.keyboard.press("Escape")
        expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("Search")


def test_escape_closes_a_dialog_from_its_search_field(visit: Open) -> None:
    page = visit("leads")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Name, phone").fill("asha")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


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
    # Nor does the focus leave it for the page behind.
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.matches('dialog *, body')")
    page.locator("dialog").get_by_role("button", name="Close").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(opener).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_a_menu_by_keys_and_by_hand(visit: Open, width: int) -> None:
    page = visit("settings", width=width)
    button = page.get_by_role("button", name="Your account")
    items = page.get_by_role("menuitem")
    button.focus()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    box = page.get_by_role("menu").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= width - box["width"]
    assert 0 <= box["y"] <= page.evaluate("innerHeight") - box["height"]
    page.keyboard.press("ArrowUp")
    expect(items.last).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(items.first).to_be_focused()
    page.keyboard.press("End")
    expect(items.last).to_be_focused()
    page.keyboard.press("Home")
    page.keyboard.press("c")
    expect(page.get_by_role("menuitem", name="Change password")).to_be_focused()
    # Shortcuts of the page are off meanwhile.
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(items).to_have_count(0)
    expect(button).to_be_focused()
    for is_beside in (True, False):
        button.click()
        expect(items.first).to_be_focused()
        if is_beside:
            page.mouse.click(width / 2, 400)
        else:
            button.click()
        expect(items).to_have_count(0)
    page.keyboard.press("Enter")
    expect(items.first).to_be_focused()
    page.keyboard.type("c")
    page.keyboard.press("Enter")
    opened(page)
    page.keyboard.press("Escape")
    expect(button).to_be_focused()
