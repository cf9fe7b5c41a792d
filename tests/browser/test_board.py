"""The board, by keys and by hand."""

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import ONE_SERVER, Open, drawn, lead_of, opened
from tests.world import MEMBER, World

pytestmark = ONE_SERVER


def test_cards_are_moved_by_keys_and_by_mouse(visit: Open, world: World, leads: None) -> None:
    page = visit("board", email=MEMBER)
    new, called = page.get_by_label("New", exact=True), page.get_by_label("Called", exact=True)
    expect(new.get_by_role("heading")).to_have_text("New 101")
    card = new.locator(".mini", has_text="Player 000")
    card.focus()
    page.keyboard.press("]")
    expect(called.locator(".mini").first).to_contain_text("Player 000")
    expect(new.get_by_role("heading")).to_have_text("New 100")
    new.locator(".mini").first.drag_to(called)
    expect(called.get_by_role("heading")).to_have_text("Called 102")
    card = called.locator(".mini", has_text="Player 000")
    card.focus()
    page.keyboard.press("]")
    opened(page)
    page.get_by_label("Trial", exact=True).fill("2026-12-05T16:30")
    page.get_by_role("button", name="Move").click()
    expect(page.locator("dialog")).to_have_count(0)
    assert lead_of(world, "Player 000").trial_at is not None
    trials = page.get_by_label("Trial scheduled", exact=True)
    expect(trials.locator(".mini", has_text="Player 000")).to_be_focused()


def test_the_focus_follows_a_card_unless_it_moved_on(visit: Open, leads: None) -> None:
    page = visit("board", email=MEMBER)
    held: list[Route] = []
    page.route(re.compile(r"/leads/\d+$"), lambda route: held.append(route))
    called = page.get_by_label("Called", exact=True)
    for name, goes_on in (("Player 000", False), ("Player 003", True)):
        card = page.locator(".mini", has_text=name)
        card.focus()
        with page.expect_request(lambda request: request.method == "PATCH"):
            page.keyboard.press("]")
        if goes_on:
            page.keyboard.press("j")
        here = page.locator(":focus").inner_text()
        held.pop().continue_()
        expect(called.locator(".mini").first).to_contain_text(name)
        drawn(page)
        assert page.locator(":focus").inner_text() == here
        assert (name in here) is not goes_on


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
    expect(column.locator(".mini")).to_have_count(50)
    more = re.compile(r"/leads/\?.*after=")
    page.route(more, lambda route: route.fulfill(status=500, json={"detail": "Out of order"}))
    column.get_by_role("button", name="Show more").click()
    expect(column.get_by_role("alert")).to_contain_text("Out of order")
    page.unroute(more)
    column.get_by_role("button", name="Try again").click()
    expect(column.locator(".mini")).to_have_count(100)
    expect(column.get_by_role("alert")).to_have_count(0)
