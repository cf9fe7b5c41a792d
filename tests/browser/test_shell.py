"""The frame of every page: the palette, menus, keyboard shortcuts."""

from playwright.sync_api import Route, expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, choose, drawn, until
from tests.world import LEAD, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


def test_the_palette_finds_leads_and_pages(visit: Open, world: World, leads: None) -> None:
    page = visit("reports")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Name, phone")
    expect(field).to_be_focused()
    field.fill("player 123")
    # The other one, which is there first, opens the list of all that are found.
    option = page.get_by_role("option", name="Player 123").filter(has_text="98481")
    expect(option).to_have_attribute("aria-selected", "true")
    check_accessibility(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Player 123", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    field.fill("boa")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()


def test_secondary_pages_are_behind_more_on_a_phone(visit: Open, world: World) -> None:
    page = visit("", width=360)
    link = page.get_by_role("link", name="Reports").bounding_box()
    more = page.get_by_role("button", name="More").bounding_box()
    assert link is not None
    assert more is not None
    assert (link["y"], link["height"]) == (more["y"], more["height"])
    choose(page, "More", "Settings")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()


def test_a_wrong_address_and_the_pages_of_others(visit: Open, world: World) -> None:
    for email, address in [(MEMBER, "audit"), (OBSERVER, "duplicates"), (LEAD, "nothing")]:
        page = visit(address, email=email)
        expect(page.get_by_role("heading", name="Not found, or you don't")).to_be_visible()
        page.get_by_role("main").get_by_role("link", name="Call next").click()
        expect(page.get_by_role("heading", name="Call next", level=1)).to_be_visible()


def test_keyboard_shortcuts_are_shown(visit: Open) -> None:
    page = visit("leads")
    page.get_by_role("heading", name="Leads").wait_for()
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("Search")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)


def test_a_menu_by_keys(visit: Open) -> None:
    page = visit("leads")
    account = page.get_by_role("button", name="Your account")
    account.focus()
    page.keyboard.press("Enter")
    expect(account).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    expect(account).to_be_focused()
    account.click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    # A letter goes to what it begins, and is no key of the page meanwhile.
    page.keyboard.type("k")
    page.keyboard.press("Enter")
    expect(page.locator("dialog")).to_contain_text("Search")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(account).to_be_focused()
    account.click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    page.get_by_role("heading", name="Leads").click()
    expect(page.get_by_role("menuitem")).to_have_count(0)


def test_an_open_menu_keeps_its_items(visit: Open) -> None:
    """What arrives while it is open would move another item to where the pointer is."""
    page = visit("leads", email=MEMBER)
    choose(page, "Your account", "Away until I'm back")
    expect(page.get_by_text("You're away.")).to_be_visible()
    held: list[Route] = []
    page.route("**/presence/me", lambda route: held.append(route))
    page.reload()
    page.get_by_role("button", name="Your account").click()
    items = page.get_by_role("menuitem")
    expect(items.first).to_be_focused()
    shown = items.all_inner_texts()
    until(page, lambda: bool(held))
    held.pop().continue_()
    expect(page.get_by_text("You're away.")).to_be_visible()
    drawn(page)
    assert items.all_inner_texts() == shown
    items.last.click()
    expect(page.get_by_role("button", name="Sign in", exact=True)).to_be_visible()


def test_a_browser_that_is_too_old_is_told(visit: Open) -> None:
    page = visit()
    page.add_init_script("delete HTMLElement.prototype.popover")
    page.reload()
    expect(page.get_by_text("update the browser")).to_be_visible()
    expect(page.get_by_role("navigation")).to_have_count(0)


def test_a_web_app_that_does_not_start_says_so_after_a_while(visit: Open) -> None:
    page = visit(errors=("ERR_FAILED",))
    page.route("**/app.js", lambda route: route.abort())
    page.reload()
    told = page.get_by_text("update the browser")
    expect(told).to_be_hidden()
    page.evaluate("document.getAnimations().forEach((one) => one.finish())")
    expect(told).to_be_visible()
    page.unroute("**/app.js")
    page.reload()
    page.get_by_role("navigation").wait_for()
    expect(told).to_have_count(0)
