"""Deleting leads: selected ones, a whole list, and one from its page; each with undo."""

import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from backend.core.leads import list_change_steps
from backend.models import Lead, ListChange
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    choose,
    opened,
    settled,
    turn,
)
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


def names(world: World) -> set[str | None]:
    with world.db.read() as session:
        return {*session.scalars(select(col(Lead.player_name)))}


def work(world: World) -> None:
    while list_change_steps.run(world.db, world.settings):
        pass


def delete(page: Page, count: str) -> None:
    page.get_by_role("button", name="Delete…").click()
    opened(page)
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("heading")).to_have_text(f"Delete {count}?")
    check_accessibility(page)
    dialog.get_by_role("button", name=f"Delete {count}").click()
    expect(dialog).to_have_count(0)


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_selected_leads_are_deleted_and_restored(
    visit: Open, world: World, leads: None, width: int, dark: bool
) -> None:
    page = visit("leads", email=LEAD, width=width, dark=dark)
    total = page.locator(".head [role=status]")
    expect(total).to_have_text("302 leads")
    for name in ("Player 000", "Player 001"):
        page.get_by_label(f"Select {name}").check()
    # Nothing happens before the question is answered.
    page.get_by_role("button", name="Delete…").click()
    page.locator("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator(".bulk")).to_contain_text("2 selected")
    delete(page, "2 leads")
    expect(page.get_by_text("2 leads deleted")).to_be_visible()
    expect(page.locator(".row").filter(has_text="Player 000")).to_have_count(0)
    expect(page.locator(".bulk")).to_have_count(0)
    expect(total).to_have_text("300 leads")
    assert not {"Player 000", "Player 001"} & names(world)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("2 leads restored")).to_be_visible()
    expect(total).to_have_text("302 leads")
    expect(page.locator(".row").filter(has_text="Player 000")).to_have_count(1)
    assert {"Player 000", "Player 001"} <= names(world)


def test_a_whole_list_is_deleted_and_restored(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?status=New", email=LEAD)
    before = names(world)
    expect(page.get_by_role("row").nth(5)).to_be_visible()
    page.get_by_label("Select all loaded").click()
    page.get_by_role("button", name="Select the whole list").click()
    said = page.locator(".bulk").get_by_text(re.compile(r"All \d+ selected"))
    count = said.inner_text().split()[1]
    delete(page, f"{count} leads")
    change = page.locator(".list-change")
    expect(change).to_contain_text("Deleting all leads in the list")
    work(world)
    expect(change).to_contain_text(f"{count} leads deleted")
    expect(page.get_by_text("No leads match")).to_be_visible()
    assert len(names(world)) < len(before)
    change.get_by_role("button", name="Undo").click()
    expect(change).to_contain_text("Restoring the deleted leads")
    work(world)
    expect(change).to_contain_text(f"{count} leads restored")
    assert names(world) == before


def test_a_lead_is_deleted_from_its_page_and_is_back_later(visit: Open, world: World) -> None:
    page = visit("lead/1", email=LEAD, width=360)
    delete(page, "1 lead")
    expect(page.get_by_text("1 lead deleted")).to_be_visible()
    expect(page).to_have_url(re.compile("#/leads$"))
    assert "Zoë Khan" not in names(world)
    turn(page, "lead/1")
    expect(page.get_by_text("Not found, or you don't have access")).to_be_visible()
    choose(page, "Your account", "Recent actions")
    row = page.locator(".actions li").first
    expect(row).to_contain_text("Deleted")
    row.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("1 lead restored")).to_be_visible()
    turn(page, "lead/1")
    activity = page.get_by_label("Activity")
    expect(activity).to_contain_text("Deleted")
    expect(activity).to_contain_text("Change undone")
    assert "Zoë Khan" in names(world)


def test_undo_opens_the_lead_that_was_deleted_from_its_page(visit: Open, world: World) -> None:
    page = visit("leads", email=LEAD)
    page.locator(".who", has_text="Zoë Khan").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_contain_text("Zoë Khan")
    delete(page, "1 lead")
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(page.get_by_text("1 lead restored")).to_be_visible()
    expect(heading).to_contain_text("Zoë Khan")
    expect(page).to_have_url(re.compile("#/lead/1$"))
    expect(page.get_by_label("Activity")).to_contain_text("Change undone")
    expect(page.get_by_role("button", name="Open the lead")).to_have_count(0)
    # Back leads to the list that it was opened from, and to no lead that isn't there.
    delete(page, "1 lead")
    expect(heading).to_have_text("Leads")
    page.go_back()
    expect(heading).to_have_text("Leads")
    # What someone has begun meanwhile isn't taken away from them.
    turn(page, "board")
    page.keyboard.press("z")
    expect(page.get_by_text("1 lead restored")).to_be_visible()
    expect(heading).to_have_text("Board")
    page.get_by_role("button", name="Open the lead").click()
    expect(heading).to_contain_text("Zoë Khan")
    expect(page.get_by_text("1 lead restored")).to_have_count(0)


def test_only_team_leads_can_delete(visit: Open, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    page.get_by_label("Select Player 000").check()
    expect(page.get_by_role("button", name="Apply")).to_be_visible()
    expect(page.get_by_role("button", name="Delete…")).to_have_count(0)
    turn(page, "lead/1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Zoë Khan")
    expect(page.get_by_role("button", name="Delete…")).to_have_count(0)


def test_the_answer_to_a_change_of_a_whole_list_is_lost(
    visit: Open, world: World, leads: None
) -> None:
    page = visit("leads?status=New", email=LEAD, errors=("ERR_CONNECTION_RESET",))
    settled(page)
    page.get_by_label("Select all loaded").click()
    page.get_by_role("button", name="Select the whole list").click()
    expect(page.locator(".bulk")).to_contain_text(re.compile(r"All \d+ selected"))

    keys = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        keys.append(route.request.header_value("idempotency-key"))
        route.fetch()
        route.abort("connectionreset")

    page.route("**/list-changes/", lose)
    page.get_by_role("button", name="Delete…").click()
    page.locator("dialog").get_by_role("button", name=re.compile(r"Delete \d+ leads")).click()
    # It has begun, once, and is shown as if the answer had come.
    expect(page.locator(".list-change")).to_contain_text("Deleting all leads in the list")
    expect(page.locator("dialog")).to_have_count(0)
    with world.db.read() as session:
        assert len(session.scalars(select(ListChange)).all()) == 1
    assert all(keys)
