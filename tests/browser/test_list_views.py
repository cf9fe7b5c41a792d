"""Lists that are saved, returned to, and shown as each person wants."""

import re

from playwright.sync_api import Page, Route, expect

from backend.models import Lead, SavedView, User
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    choose,
    lead_of,
    opened,
    turn,
    until,
)
from tests.world import MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


def at_row(page: Page, name: str) -> None:
    expect(page.locator(".row[data-at]")).to_contain_text(name)


def test_a_view_is_saved_shared_and_removed(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?status=Joined&sort=name&q=player")
    choose(page, "Views", "Save this list")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("search")
    dialog.get_by_label("Name").fill("Joined by name")
    dialog.get_by_label("Who can see it").select_option("Tellapur")
    check_accessibility(page)
    dialog.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Joined by name")).to_be_visible()

    other = visit("leads", email=MEMBER)
    other.get_by_role("button", name="Views").click()
    other.get_by_role("menuitem", name=re.compile(r"Joined by name \(100\)")).click()
    expect(other.locator(".row").first).to_contain_text("Player 002")
    assert "status=Joined" in other.url
    assert "sort=name" in other.url
    assert "q=" not in other.url

    choose(page, "Views", "Rename or remove views")
    page.get_by_role("button", name="Remove Joined by name").click()
    other.reload()
    other.get_by_role("button", name="Views").click()
    expect(other.get_by_role("menuitem", name="Joined by name")).to_have_count(0)


def test_a_long_name_of_a_view_is_read_with_its_number(visit: Open, world: World) -> None:
    name = "Leads of the summer camp in Tellapur that we call on Saturday"[:60]
    with world.db.write() as session:
        session.add(SavedView(user_id=1, name=name, query="status=New"))
    page = visit("settings", width=360)
    held: list[Route] = []
    page.route(re.compile("/saved-views/$"), lambda route: held.append(route))
    turn(page, "leads")
    # Before they are known, the menu would open without them, and stay so.
    expect(page.get_by_role("button", name="Views")).to_be_disabled()
    until(page, lambda: bool(held))
    held[0].continue_()
    page.get_by_role("button", name="Views").click()
    item = page.get_by_role("menuitem", name=re.compile(rf"{name} \(\d+\)"))
    expect(item).to_be_visible()
    menu = page.get_by_role("menu").filter(has=item)
    wide, scrolled = menu.evaluate("it => [it.clientWidth, it.scrollWidth]")
    assert scrolled <= wide
    check_accessibility(page)


def test_an_observers_list_on_a_phone_names_its_column(visit: Open, leads: None) -> None:
    page = visit("leads", email=OBSERVER, width=360)
    names = page.get_by_role("columnheader")
    expect(page.locator(".row").first).to_be_visible()
    # The last one is that of the buttons to call.
    assert names.all_inner_texts()[0] == "Player"
    expect(names.filter(has_text="Center")).to_be_hidden()


def test_back_returns_to_the_row_and_its_neighbours(visit: Open, leads: None) -> None:
    page = visit("leads?status=New")
    # Further down than the first page of the list.
    box = page.locator(".rows")
    row = page.locator(".row", has_text="Player 297")
    expect(page.locator(".row").first).to_contain_text("Player 000")
    page.wait_for_function(
        """() => {
          const rows = document.querySelector(".rows");
          rows.scrollTop = rows.scrollHeight;
          return rows.textContent.includes("Player 297");
        }"""
    )
    row.locator(".who").click()
    expect(page.get_by_role("heading", name="Player 297")).to_be_visible()
    page.get_by_role("button", name="Previous lead").click()
    expect(page.get_by_role("heading", name="Player 294")).to_be_visible()
    page.keyboard.press("k")
    expect(page.get_by_role("heading", name="Player 291")).to_be_visible()
    page.keyboard.press("j")
    expect(page.get_by_role("heading", name="Player 294")).to_be_visible()
    page.go_back()
    at_row(page, "Player 294")
    expect(page.locator(".row[data-at]")).to_be_in_viewport()
    expect(page.locator(".row[data-at] .who")).to_be_focused()
    assert box.evaluate("box => box.scrollTop") > 3000


def test_a_lead_that_no_list_led_to_has_no_neighbours(visit: Open, world: World) -> None:
    page = visit(f"lead/{lead_of(world, 'Zoë Khan').id}")
    expect(page.get_by_role("heading", name="Zoë Khan")).to_be_visible()
    expect(page.get_by_role("button", name="Previous lead")).to_have_count(0)


def test_the_columns_are_chosen_and_sort(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.get_one(Lead, lead_of(world, "Player 005").id).owner_id = 2
    page = visit("leads")
    names = page.get_by_role("columnheader")
    expect(names.filter(has_text="Owner")).to_have_count(0)
    page.get_by_role("button", name="Columns").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("checkbox", name="Owner").check()
    dialog.get_by_role("checkbox", name="Last call").uncheck()
    check_accessibility(page)
    dialog.get_by_role("button", name="Save").click()
    expect(names.filter(has_text="Last call")).to_have_count(0)
    names.filter(has_text="Owner").get_by_role("button").click()
    expect(page.locator(".row").first).to_contain_text("Player 005")
    page.get_by_role("button", name="Player", exact=True).click()
    expect(page.locator(".row").first).to_contain_text("Arjun Rao")
    page.get_by_role("button", name="Player", exact=True).click()
    expect(page.locator(".row").first).to_contain_text("Zoë Khan")
    assert "sort=-name" in page.url
    page.reload()
    expect(names.filter(has_text="Owner")).to_have_count(1)
    check_accessibility(page)


def test_more_filters(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.get_one(Lead, lead_of(world, "Player 005").id).attempts = 4
    for width in (1280, 360):
        page = visit("leads", width=width)
        if width == 360:
            page.get_by_role("button", name="Filters", exact=True).click()
        expect(page.get_by_label("Any trial")).to_have_count(0)
        page.get_by_role("button", name="More filters").click()
        expect(page.get_by_label("Any trial")).to_be_visible()
        check_accessibility(page)
        page.get_by_label("Attempts from").fill("3")
        page.get_by_label("Attempts from").press("Tab")
        expect(page.locator(".row")).to_have_count(1)
        expect(page.locator(".row")).to_contain_text("Player 005")
        page.get_by_role("button", name="Fewer filters").click()
        # What filters stays in sight.
        expect(page.get_by_label("Attempts from")).to_have_value("3")
        expect(page.get_by_label("Any trial")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") == width


def test_filters_of_a_report_are_read(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.get_one(User, 2).full_name = "Asha Bhattacharya-Venkataraman"
    query = "did=attempt&did_by=2&did_from=2026-11-01&did_to=2026-11-30&test=no&reached=joined"
    for width in (1280, 360):
        page = visit(f"leads?{query}", width=width)
        if width == 360:
            filters = page.get_by_role("button", name=re.compile("^Filters"))
            expect(filters).to_have_text("Filters 2")
            filters.click()
        chip = page.get_by_role("button", name=re.compile("^Attempts: Asha"))
        expect(chip).to_contain_text("1 Nov – 30 Nov")
        inside, whole, right = chip.evaluate(
            "one => [one.clientWidth, one.scrollWidth, one.getBoundingClientRect().right]"
        )
        assert whole <= inside
        assert right <= width
        check_accessibility(page)
        chip.click()
        expect(chip).to_have_count(0)


def test_the_board_takes_several_values(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        for id, name in enumerate(("Player 000", "Player 003"), start=1):
            session.get_one(Lead, lead_of(world, name).id).owner_id = id
    page = visit("board")
    page.get_by_label("Any owner").select_option(label="Several…")
    opened(page)
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Mine").check()
    dialog.get_by_label("Tellapur").check()
    dialog.get_by_role("button", name="Show leads").click()
    expect(page.locator(".mini")).to_have_count(2)
    column = page.get_by_label("New", exact=True)
    expect(column).to_contain_text("Player 000")
    expect(column).to_contain_text("Player 003")
    expect(page).to_have_url(re.compile("owner=me(%2C|,)2"))
    check_accessibility(page)
