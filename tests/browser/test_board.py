"""The board, by keys and by hand."""

import re
from datetime import UTC, datetime

from playwright.sync_api import Locator, Page, Route, expect
from sqlmodel import col, select

from backend.models import Lead, Status
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    drawn,
    lead_of,
    opened,
    until,
)
from tests.world import MEMBER, World

pytestmark = ONE_SERVER


def card_of(page: Page, name: str) -> Locator:
    return page.locator(".mini", has_text=name).get_by_role("link")


def test_cards_are_moved_by_keys_mouse_and_menu(visit: Open, world: World, leads: None) -> None:
    page = visit("board", email=MEMBER)
    new, called = page.get_by_label("New", exact=True), page.get_by_label("Called", exact=True)
    expect(new.get_by_role("heading")).to_have_text("New 101")
    card_of(page, "Player 000").focus()
    page.keyboard.press("]")
    expect(called.locator(".mini").first).to_contain_text("Player 000")
    expect(new.get_by_role("heading")).to_have_text("New 100")
    new.locator(".mini").first.drag_to(called.get_by_role("heading"))
    expect(called.get_by_role("heading")).to_have_text("Called 102")
    card_of(page, "Player 000").focus()
    page.keyboard.press("]")
    opened(page)
    page.get_by_label("Trial", exact=True).fill("2026-12-05T16:30")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator("dialog")).to_have_count(0)
    trials = page.get_by_label("Trial scheduled", exact=True)
    expect(trials.locator(".mini", has_text="Player 000").get_by_role("link")).to_be_focused()
    expect(page.get_by_text("Player 000 moved to Trial scheduled")).to_be_visible()
    assert lead_of(world, "Player 000").trial_at is not None
    page.get_by_role("button", name="Move Player 000").click()
    page.get_by_role("menuitem", name="Joined").click()
    joined = page.get_by_label("Joined", exact=True)
    expect(joined.locator(".mini", has_text="Player 000")).to_be_visible()
    expect(page.get_by_text("Player 000 moved to Joined")).to_be_visible()
    assert lead_of(world, "Player 000").status == "Joined"


def test_a_move_is_undone(visit: Open, world: World, leads: None) -> None:
    due = datetime(2026, 12, 1, 4, 30, tzinfo=UTC)
    with world.db.write() as session:
        lead = session.scalars(select(Lead).where(col(Lead.player_name) == "Player 000")).one()
        lead.next_followup_date = due
    page = visit("board", email=MEMBER)
    new = page.get_by_label("New", exact=True)
    card_of(page, "Player 000").focus()
    page.keyboard.press("[")  # there is nothing before the first column
    page.get_by_role("button", name="Move Player 000").click()
    page.get_by_role("menuitem", name="Not interested").click()
    opened(page)
    page.get_by_label("Reason").select_option("Timing mismatch")
    page.get_by_role("button", name="Move", exact=True).click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone (Player 000 moved to Not interested)")).to_be_visible()
    expect(new.locator(".mini").first).to_contain_text("Player 000")
    lead = lead_of(world, "Player 000")
    assert (lead.status, lead.lost_reason, lead.next_followup_date) == ("New", None, due)
    # Nothing is left of it in the reports either.
    assert (lead.called_at, lead.lost_at) == (None, None)
    page.keyboard.press("]")
    expect(page.get_by_text("Player 000 moved to Called")).to_be_visible()
    page.keyboard.press("z")
    expect(new.locator(".mini").first).to_contain_text("Player 000")
    assert lead_of(world, "Player 000").status == "New"


def test_a_card_that_someone_else_has_moved(visit: Open, world: World, leads: None) -> None:
    page = visit("board", email=MEMBER)
    card_of(page, "Player 000").wait_for()
    with world.db.write() as session:
        lead = session.scalars(select(Lead).where(col(Lead.player_name) == "Player 000")).one()
        lead.status = Status.JOINED
    card_of(page, "Player 000").focus()
    page.keyboard.press("]")
    opened(page)
    dialog = page.get_by_role("dialog", name="Player 000 has changed in the meantime")
    expect(dialog).to_contain_text("New → Joined")
    check_accessibility(page)
    dialog.get_by_role("button", name="Leave it there").click()
    joined = page.get_by_label("Joined", exact=True)
    expect(joined.locator(".mini", has_text="Player 000")).to_be_visible()
    assert lead_of(world, "Player 000").status == "Joined"
    # Also if they changed something else that the card shows: it is moved if that's still right.
    with world.db.write() as session:
        session.merge(lead_of(world, "Player 000")).owner_id = 2
    page.get_by_role("button", name="Move Player 000").click()
    page.get_by_role("menuitem", name="Called").click()
    opened(page)
    expect(dialog).to_contain_text("Center's queue → Tellapur")
    dialog.get_by_role("button", name="Move to Called").click()
    expect(page.get_by_text("Player 000 moved to Called")).to_be_visible()
    called = page.get_by_label("Called", exact=True)
    expect(called.locator(".mini", has_text="Player 000")).to_contain_text("Tellapur")


def test_the_board_refreshes_itself_and_has_filters(visit: Open, world: World, leads: None) -> None:
    page = visit("board")
    tellapur = page.get_by_label("New", exact=True).locator(".mini", has_text="Player 000")
    expect(tellapur).to_contain_text("Tellapur")
    with world.db.write() as session:
        lead = session.scalars(select(Lead).where(col(Lead.player_name) == "Player 000")).one()
        lead.status = Status.CALLED
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    called = page.get_by_label("Called", exact=True)
    expect(called.locator(".mini", has_text="Player 000")).to_be_visible()
    page.get_by_role("searchbox").fill("Arjun")
    expect(page.locator(".mini")).to_have_count(1)
    expect(page.get_by_label("New", exact=True).get_by_role("heading")).to_have_text("New 1")
    expect(called.get_by_role("heading")).to_have_text("Called 0")
    assert "q=Arjun" in page.url


def test_the_focus_follows_a_card_unless_it_moved_on(visit: Open, leads: None) -> None:
    page = visit("board", email=MEMBER)
    held: list[Route] = []
    page.route(re.compile(r"/leads/\d+$"), lambda route: held.append(route))
    called = page.get_by_label("Called", exact=True)
    for name, goes_on in (("Player 000", False), ("Player 003", True)):
        card_of(page, name).focus()
        page.keyboard.press("]")
        # It moves before the server answers.
        expect(called.locator(".mini").first).to_contain_text(name)
        drawn(page)
        if goes_on:
            page.keyboard.press("j")
        here = page.locator(":focus").inner_text()
        assert (name in here) is not goes_on
        for _ in range(2):  # the lead is read, and then changed
            until(page, lambda: bool(held))
            held.pop().continue_()
        expect(page.get_by_text(f"{name} moved to Called")).to_be_visible()
        drawn(page)
        assert page.locator(":focus").inner_text() == here


def test_late_answers_of_another_center_are_dropped(visit: Open, leads: None) -> None:
    page = visit("board")
    held: list[Route] = []
    page.route(
        re.compile(r"/leads/\?.*center_id=1&"),
        lambda route: held.append(route),
    )
    board = page.get_by_role("group", name="Board")
    expect(board.locator(".mini", has_text="Player 000")).to_be_visible()
    center = page.get_by_label("All centers")
    with page.expect_request(re.compile("center_id=1&")):
        center.select_option("Tellapur")
    center.select_option("Gachibowli")
    expect(board.locator(".mini")).to_have_text([re.compile("Arjun Rao")])
    # The answers for Tellapur arrive only now.
    assert len(held) == 5
    for route in held:
        with page.expect_response(route.request.url):
            route.continue_()
    drawn(page)
    expect(board.locator(".mini")).to_have_text([re.compile("Arjun Rao")])


def test_a_column_that_fails_to_load_more_says_so(visit: Open, leads: None) -> None:
    page = visit("board", errors=("status of 500",))
    column = page.get_by_label("New", exact=True)
    expect(column.locator(".mini")).to_have_count(30)
    more = re.compile(r"/leads/\?.*after=")
    page.route(more, lambda route: route.fulfill(status=500, json={"detail": "Out of order"}))
    column.get_by_role("button", name="Show more").click()
    expect(column.get_by_role("alert")).to_contain_text("Out of order")
    page.unroute(more)
    column.get_by_role("button", name="Try again").click()
    expect(column.locator(".mini")).to_have_count(60)
    expect(column.get_by_role("alert")).to_have_count(0)
