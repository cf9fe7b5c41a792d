"""Undo after each action, by key, and from the list of what one has done."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, choose, lead_of, turn
from tests.world import MEMBER, World

pytestmark = ONE_SERVER


def test_an_edit_and_an_assignment_are_undone(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    address = page.get_by_label("Address", exact=True)
    address.fill("2 Hill Road")
    page.get_by_role("button", name="Save details").click()
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(address).to_have_value("1 Lake Road, 502020")
    expect(page.get_by_text("Undone (Saved)")).to_be_visible()
    assert lead_of(world, "Zoë Khan").address == "1 Lake Road, 502020"
    # In a field the key is a letter, and Ctrl Z the browser's own.
    page.get_by_label("Assign to").select_option("Tellapur")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_be_visible()
    address.press_sequentially("z")
    expect(address).to_have_value(re.compile("z$"))
    page.get_by_role("button", name="Discard changes").click()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("Control+z")
    expect(page.get_by_label("Assign to")).to_have_value("")
    assert lead_of(world, "Zoë Khan").owner_id is None
    page.keyboard.press("z")
    expect(page.get_by_text("Nothing to undo")).to_be_visible()


def test_every_page_follows_an_undo(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    status = page.locator(".head .status")
    page.get_by_label("Assign to").select_option("Tellapur")
    expect(page.get_by_text("Saved").last).to_be_visible()
    page.keyboard.press("2")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(status).to_have_text("Called")
    # What one has done, where the last of it is taken back by key.
    page.keyboard.press("a")
    rows = page.locator(".actions li")
    expect(rows).to_have_count(2)
    page.keyboard.press("z")
    expect(rows.first).to_contain_text("Undone")
    # A lead that was changed on another page.
    turn(page, "board")
    card = page.locator("[data-lead='1']")
    card.get_by_role("link").focus()
    page.keyboard.press("]")
    expect(page.get_by_text("Zoë Khan moved to Called")).to_be_visible()
    card.get_by_role("link").click()
    expect(status).to_have_text("Called")
    page.keyboard.press("z")
    expect(status).to_have_text("New")
    expect(page.get_by_label("Activity")).to_contain_text("Change undone")


def test_a_reason_is_named_once(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER, width=360)
    page.get_by_role("button", name="Not interested").click()
    page.get_by_label("Reason", exact=True).select_option("Other")
    page.get_by_label("What was the reason?").fill("They move to Pune")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved").last).to_be_visible()
    choose(page, "Your account", "Recent actions")
    row = page.locator(".actions li").first
    expect(row).to_contain_text("Reason: Other")
    expect(row).not_to_contain_text("What was the reason?")
    # What is personal isn't in the list.
    expect(row).not_to_contain_text("Pune")


def test_a_skip_is_undone(visit: Open, leads: None) -> None:
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    page.keyboard.press("z")
    expect(name).to_have_text(first)
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    # It's the one in hand as well if it is undone on another page.
    page.keyboard.press("a")
    page.get_by_role("button", name=f"Undo Skip: {first}").click()
    expect(name).to_have_text(first)


def test_recent_actions(visit: Open, world: World, leads: None) -> None:
    page = visit("lead/1", email=MEMBER, width=360)
    page.get_by_role("button", name="Busy").click()
    expect(page.get_by_text("1 attempt").first).to_be_visible()
    page.get_by_label("Assign to").select_option("Tellapur")
    expect(page.get_by_text("Saved").last).to_be_visible()
    choose(page, "Your account", "Recent actions")
    rows = page.locator(".actions li")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Owner: Tellapur")
    expect(rows.last).to_contain_text("Busy")
    check_accessibility(page)
    rows.last.get_by_role("button").click()
    expect(rows.last).to_contain_text("Undone")
    # Its button is gone, and who uses keys goes on from here.
    expect(rows.last).to_be_focused()
    assert lead_of(world, "Zoë Khan").attempts == 0
    # Someone else changes what the other one has changed.
    with world.db.write() as session:
        session.merge(lead_of(world, "Zoë Khan")).owner_id = 1
    rows.first.get_by_role("button").click()
    expect(page.get_by_text("changed the owner since then")).to_be_visible()
    expect(rows.first).to_contain_text("Changed since")
    turn(page, "next")
    page.go_back()
    expect(rows.first.get_by_role("link", name="Zoë Khan")).to_be_visible()
