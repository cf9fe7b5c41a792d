"""The list of leads: filters, sorting, scrolling, bulk edits, export."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Route, expect
from sqlmodel import col, select

from backend.core import times
from backend.core.leads import list_change_steps
from backend.models import Comment, Lead, LeadEvent, SavedView
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    choose,
    lead_of,
    opened,
    turn,
)
from tests.world import MEMBER, World

pytestmark = ONE_SERVER


def test_leads_are_filtered_and_searched(visit: Open, world: World, leads: None) -> None:
    page = visit("leads")
    rows = page.locator(".row")
    expect(rows.first).to_contain_text("Player 000")
    # Counted beyond what's loaded, and read out.
    total = page.locator(".head [role=status]")
    expect(total).to_have_text("302 leads")
    page.get_by_label("Any status").select_option("Joined")
    expect(rows.first).to_contain_text("Player 002")
    expect(total).to_have_text("100 leads")
    assert "status=Joined" in page.url
    page.keyboard.press("/")
    page.keyboard.type("player 299")
    expect(rows).to_have_count(1)
    expect(total).to_have_text("1 lead")
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_label("Search name").fill("nobody like this")
    expect(page.get_by_text("No leads match these filters")).to_be_visible()
    page.get_by_role("button", name="Clear filters").click()
    expect(rows.first).to_contain_text("Player 000")


def test_leads_are_sorted_by_a_column(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?status=New")
    rows = page.locator(".row")
    expect(rows.first).to_contain_text("Player 000")
    page.get_by_role("button", name="Received").click()
    expect(page.get_by_role("columnheader", name="Received")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(rows.first).to_contain_text("Zoë Khan")
    assert "sort=created" in page.url
    with world.db.write() as session:
        for days, name in enumerate(("Player 003", "Player 006"), start=1):
            called = session.get_one(Lead, lead_of(world, name).id)
            called.last_attempt_at = times.now() - timedelta(days=days)
            called.attempts, called.last_outcome = 1, "no_answer"
    header = page.get_by_role("columnheader", name="Last call")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    expect(rows.first).to_contain_text("Player 003")
    expect(rows.nth(1)).to_contain_text("Player 006")
    # Sorting hides nobody: who was never called comes after that.
    expect(rows.nth(2)).to_contain_text("Player 000")
    expect(page.get_by_role("status").filter(has_text="leads")).to_have_text("102 leads")
    header.get_by_role("button").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    expect(rows.first).to_contain_text("Player 006")
    assert "sort=last_call" in page.url


def test_filters_on_a_phone(visit: Open, leads: None) -> None:
    page = visit("leads", width=360)
    filters = page.get_by_role("button", name=re.compile("^Filters"))
    filters.click()
    page.get_by_label("Any status").select_option("Joined")
    expect(page.locator(".row").first).to_contain_text("Player 002")
    expect(filters).to_have_text("Filters 1")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    check_accessibility(page)


def test_scrolling_to_the_end(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?sort=-created")
    box = page.locator(".rows")
    expect(page.locator(".row").first).to_be_visible()
    oldest = re.compile("Zoë Khan|Arjun Rao")
    for _ in range(100):
        height = box.evaluate("box => box.scrollTop = box.scrollHeight")
        # Until there is more of the list, or it ends there.
        page.wait_for_function(
            "([height, oldest]) => document.querySelector('.rows').scrollHeight > height"
            " || RegExp(oldest).test(document.querySelector('.rows').textContent)",
            arg=[height, oldest.pattern],
        )
        if page.locator(".row", has_text=oldest).count():
            break
    expect(page.locator(".row").last).to_contain_text(oldest)
    # What is out of sight is not in the page.
    assert page.locator(".row").count() < 60


def test_a_bulk_edit_and_its_undo(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    for name in ("Player 000", "Player 001"):
        page.get_by_label(f"Select {name}").check()
    page.get_by_label("Status", exact=True).select_option("Joined")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 leads changed")).to_be_visible()
    assert lead_of(world, "Player 001").status == "Joined"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 leads")).to_be_visible()
    assert (lead_of(world, "Player 000").status, lead_of(world, "Player 001").status) == (
        "New", "Called",
    )  # fmt: skip


def test_a_change_of_the_whole_list_and_its_undo(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?status=New", width=360)
    expect(page.get_by_role("row").nth(5)).to_be_visible()
    page.get_by_label("Select all loaded").click()
    page.get_by_role("button", name="Select the whole list").click()
    with world.db.read() as session:
        count = len(session.scalars(select(Lead).where(col(Lead.status) == "New")).all())
    expect(page.get_by_text(f"All {count} selected")).to_be_visible()
    page.get_by_label("Status", exact=True).select_option("Called")
    page.get_by_label("Add a comment").fill("Spring camp")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    check_accessibility(page)
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    # It goes on without the page, which shows it again.
    page.reload()
    expect(page.get_by_role("button", name="Stop and undo")).to_be_visible()
    check_accessibility(page)
    while list_change_steps.run(world.db, world.settings):
        pass
    expect(page.get_by_text(f"{count} leads changed")).to_be_visible()
    expect(page.get_by_text("No leads match these filters")).to_be_visible()
    turn(page, "actions")
    undo = page.get_by_role("button", name=f"Undo Whole list changed: {count} leads")
    expect(undo).to_be_visible()
    expect(page.locator(".actions li")).to_have_count(1)
    turn(page, "leads?status=New")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    while list_change_steps.run(world.db, world.settings):
        pass
    expect(page.get_by_text(f"Undone for {count} leads")).to_be_visible()
    expect(page.locator(".row").first).to_contain_text("Player 000")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_text("Undone")).to_be_hidden()
    page.reload()
    expect(page.locator(".row").first).to_contain_text("Player 000")
    expect(page.get_by_text("Undone")).to_be_hidden()


def test_add_a_lead_and_export_the_list(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    page.get_by_role("button", name="Add lead").first.click()
    opened(page)
    page.get_by_label("Player", exact=True).fill("Tara Bose")
    page.get_by_label("Phone", exact=True).fill("+91 98485 00000")
    page.locator("dialog").get_by_role("button", name="Add lead").click()
    expect(page.get_by_role("heading", name="Tara Bose")).to_be_visible()
    page.get_by_role("link", name="Leads", exact=True).click()
    page.get_by_label("Search name").fill("bose")
    expect(page.locator(".row")).to_have_count(1)
    with page.expect_download() as download:
        choose(page, "Export", "Export as CSV")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename == "leads.csv"
    assert "Tara Bose" in text
    assert len(text.splitlines()) == 2


@pytest.mark.parametrize("width", [360, 1280])
def test_selected_leads_are_exported(visit: Open, world: World, leads: None, width: int) -> None:
    page = visit("leads", email=MEMBER, width=width)
    for name in ("Player 000", "Player 004"):
        page.get_by_label(f"Select {name}").check()
    bar = page.locator(".bulk")
    with page.expect_download() as download:
        choose(bar, "Export", "Export as CSV")
    assert download.value.suggested_filename == "leads.csv"
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 3
    assert "Player 000" in text
    assert "Player 004" in text
    # They are still selected.
    expect(bar).to_contain_text("2 selected")
    check_accessibility(page)
    # The whole list is what the list's own export has.
    page.get_by_label("Select all loaded").check()
    page.get_by_role("button", name="Select the whole list").click()
    expect(bar).to_contain_text("All ")
    with page.expect_download() as download:
        choose(bar, "Export", "Export as CSV")
    assert len(download.value.path().read_text(encoding="utf-8-sig").splitlines()) > 101


def test_only_your_own_centers_are_offered(visit: Open) -> None:
    member, lead = visit("leads", email=MEMBER), visit("leads")
    for page, offered in ((member, ["Tellapur"]), (lead, ["Tellapur", "Gachibowli"])):
        page.get_by_role("button", name="Add lead").first.click()
        options = page.locator("dialog").get_by_label("Center").get_by_role("option")
        expect(options).to_have_text(offered)
        page.keyboard.press("Escape")
        expect(page.get_by_label("All centers")).to_have_count(len(offered) - 1)
        turn(page, "lead/1")
        expect(page.get_by_label("Center").get_by_role("option")).to_have_text(offered)


def test_another_list_begins_without_a_selection(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.add(SavedView(user_id=1, name="Joined", query="status=Joined"))
    page = visit("leads")
    rows, bulk = page.locator(".row"), page.locator(".bulk")
    expect(rows.first).to_contain_text("Player 000")
    page.get_by_label("Select all loaded").check()
    page.get_by_role("button", name="Select the whole list").click()
    expect(bulk).to_contain_text("All 302 selected")
    choose(page, "Views", "Joined")
    expect(rows.first).to_contain_text("Player 002")
    # It would be the other list that is changed.
    expect(bulk).to_have_count(0)
    page.get_by_label("Select Player 002").check()
    expect(bulk).to_contain_text("1 selected")
    page.go_back()
    expect(rows.first).to_contain_text("Player 000")
    expect(bulk).to_have_count(0)
    # In another order it's still the same list, but what was selected may be far down.
    page.get_by_label("Select Player 000").check()
    page.get_by_role("button", name="Received").click()
    expect(bulk).to_have_count(0)


def test_what_is_pressed_again_without_an_answer_is_done_once(
    visit: Open, world: World, leads: None
) -> None:
    page = visit("leads?status=New", errors=("ERR_FAILED",))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and route.request.url not in lost:
            lost.append(route.request.url)
            # The server has done it, and nobody hears of that.
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route(re.compile("/leads/(bulk)?$"), lose)
    page.get_by_label("Select Player 000").check()
    page.get_by_label("Add a comment").fill("Rings on Saturday")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("Can't reach the server")).to_be_visible()
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("1 lead changed")).to_be_visible()
    page.get_by_role("button", name="Add lead").first.click()
    dialog = page.locator("dialog")
    dialog.get_by_label("Player").fill("Mira")
    dialog.get_by_label("Phone").fill("9848055555")
    dialog.get_by_role("button", name="Add lead").click()
    expect(dialog.get_by_text("Can't reach the server")).to_be_visible()
    dialog.get_by_role("button", name="Add lead").click()
    expect(page.get_by_text("Mira added")).to_be_visible()
    assert len(lost) == 2
    with world.db.read() as session:
        (said,) = session.scalars(select(Comment)).all()
        kinds = session.scalars(
            select(LeadEvent.kind).where(col(LeadEvent.lead_id) == lead_of(world, "Mira").id)
        ).all()
    assert said.text == "Rings on Saturday"
    assert "repeat_enquiry" not in kinds
