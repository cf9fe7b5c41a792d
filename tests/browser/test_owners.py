"""Owners in the browser: the views of the call queue, a claim, and assigning leads."""

from collections.abc import Sequence

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from backend.core.access import Person
from backend.core.leads import lead_claims
from backend.models import Attempt, Lead, LeadClaim, Role
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    lead_of,
    settled,
    turn,
    until,
)
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, LEAD_OF_TELLAPUR, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER
LEADER, MEMBER_ID = Person(1, LEAD, Role.TEAM_LEAD), 2


def claims(world: World) -> Sequence[tuple[int, int]]:
    with world.db.read() as session:
        return [(one.lead_id, one.user_id) for one in session.scalars(select(LeadClaim))]


def name_of_card(page: Page) -> str:
    return page.get_by_role("article").get_by_role("heading", level=2).inner_text()


def test_a_lead_is_claimed_while_it_is_shown(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    with page.expect_response("**/claim"):
        turn(page, "")
    first = lead_of(world, name_of_card(page)).id
    assert claims(world) == [(first, MEMBER_ID)]
    # A colleague isn't offered it.
    other = visit("")
    other.get_by_role("article").wait_for()
    assert lead_of(world, name_of_card(other)).id != first
    with page.expect_response(lambda answer: answer.request.method == "DELETE"):
        page.keyboard.press("x")
    assert (first, MEMBER_ID) not in claims(world)


# Chromium knows no program for such a link.
DIAL = """link => {
    link.addEventListener("click", (event) => event.preventDefault());
    link.click();
}"""


def test_a_lead_that_is_dialled_elsewhere_is_claimed(visit: Open, world: World) -> None:
    """From its page or from a list: colleagues aren't offered it while it is on the phone."""
    page = visit("lead/1", email=MEMBER)
    settled(page)
    # To read it keeps it from nobody.
    assert claims(world) == []
    call = page.get_by_role("link", name="Call Zoë Khan", exact=True)
    with page.expect_response("**/claim"):
        call.evaluate(DIAL)
    assert claims(world) == [(LEAD_OF_TELLAPUR, MEMBER_ID)]
    other = visit("lead/1")
    settled(other)
    other.get_by_role("link", name="Call Zoë Khan", exact=True).evaluate(DIAL)
    taken = other.get_by_text("is working on this lead")
    expect(taken).to_be_visible()
    turn(other, "leads")
    with other.expect_response("**/claim"):
        other.get_by_role("link", name="Call Zoë Khan", exact=True).evaluate(DIAL)
    expect(taken).to_be_visible()
    page.get_by_role("button", name="No answer").click()
    wait_until(lambda: claims(world) == [])
    # An observer asks for nothing.
    seen = visit("lead/1", email=OBSERVER)
    asked: list[str] = []
    seen.on("request", lambda one: asked.append(one.url))
    seen.get_by_role("link", name="Call Zoë Khan", exact=True).evaluate(DIAL)
    turn(seen, "leads")
    seen.get_by_role("link", name="Call Zoë Khan", exact=True).evaluate(DIAL)
    settled(seen)
    assert [one for one in asked if "claim" in one] == []


def test_another_tab_keeps_a_lead_that_a_closed_one_has_shown(visit: Open, world: World) -> None:
    page = visit("leads", email=MEMBER)
    with page.expect_response("**/claim"):
        turn(page, "")
    other = page.context.new_page()
    with other.expect_response("**/claim"):
        other.goto(page.url)
    expect(other.get_by_role("article")).to_be_visible()
    with page.expect_response(lambda answer: answer.url.endswith("/claim")) as again:
        other.close()
    assert again.value.request.method == "POST"
    assert claims(world) == [(LEAD_OF_TELLAPUR, MEMBER_ID)]


def test_what_was_typed_about_a_lead_that_someone_else_has_stays(
    visit: Open, world: World, client: Client
) -> None:
    with world.db.write() as session:
        session.add(Lead(created_time=lead_of(world, "Zoë Khan").created_time, center_id=1))
    page = visit("", email=MEMBER)
    page.get_by_label("Comment").fill("Rang twice")
    assert name_of_card(page) == "Zoë Khan"
    wait_until(lambda: claims(world) == [(LEAD_OF_TELLAPUR, MEMBER_ID)])
    # It expired while the person was away, and a colleague took it.
    with world.db.write() as session:
        lead_claims.release(session, Person(MEMBER_ID, MEMBER, Role.TEAM_MEMBER), LEAD_OF_TELLAPUR)
        lead_claims.claim(session, LEADER, LEAD_OF_TELLAPUR, 10)
    page.reload()
    expect(page.get_by_text("Admin is working on this lead. Continue with")).to_be_visible()
    expect(page.get_by_role("article").get_by_role("heading", level=2)).not_to_have_text("Zoë Khan")
    turn(page, "lead/1")
    expect(page.get_by_label("Comment")).to_have_value("Rang twice")


PRESSED_AT_ONCE = """() => {
    const shown = () => document.querySelector("article h2 a")?.hash;
    const first = shown();
    const seen = new MutationObserver(() => {
        if (!shown() || shown() === first) return;
        seen.disconnect();
        const key = new KeyboardEvent("keydown", { key: "n", bubbles: true });
        document.body.dispatchEvent(key);
        const name = document.querySelector("article h2 a").getBoundingClientRect();
        window.touched = document.elementFromPoint(name.x + 5, name.y + 5).localName;
    });
    seen.observe(document.querySelector("main"), { childList: true, subtree: true });
}"""


def test_what_is_pressed_as_another_lead_comes_up_is_not_recorded(
    visit: Open, world: World, leads: None
) -> None:
    page = visit("leads", email=MEMBER)
    held: list[Route] = []
    page.route("**/claim", lambda route: route.continue_() if held else held.append(route))
    turn(page, "")
    until(page, lambda: bool(held))
    first = name_of_card(page)
    page.evaluate(PRESSED_AT_ONCE)
    # A colleague was faster.
    held[0].fulfill(status=409, json={"detail": "Admin is working on this lead."})
    expect(page.get_by_text("Another lead has just come up. Nothing was recorded")).to_be_visible()
    expect(page.get_by_role("article").get_by_role("heading", level=2)).not_to_have_text(first)
    # Nor by a finger: what lies behind the card takes no taps for it.
    assert page.evaluate("touched") != "a"
    second = name_of_card(page)
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_text(f"Saved: {second}")).to_be_visible()
    with world.db.read() as session:
        (attempt,) = session.scalars(select(Attempt))
    assert attempt.lead_id == lead_of(world, second).id


@pytest.mark.parametrize("width", [1280, 360])
def test_a_lead_is_assigned(visit: Open, world: World, width: int) -> None:
    page = visit("lead/1", width=width)
    choice = page.get_by_label("Assign to")
    expect(choice.get_by_role("option")).to_have_text(["Center's queue", "Admin", "Tellapur"])
    choice.select_option("Tellapur")
    expect(page.locator(".history")).to_contain_text("Assigned")
    expect(page.locator(".history")).to_contain_text("Center's queue → Tellapur")
    check_accessibility(page)
    turn(page, "leads?owner=2")
    row = page.locator(".row")
    expect(row).to_have_count(1)
    # On a phone, the center and the owner are below the name.
    shown = row.locator("small", has_text="Tellapur").locator("visible=true")
    expect(shown).to_have_text("Tellapur · Tellapur" if width == 360 else "Tellapur")
    turn(page, "")
    expect(page.get_by_role("article")).to_contain_text("Gachibowli")
    # The card of the other choice doesn't stay, even though its lead is in this one as well.
    page.get_by_label("Whose leads").select_option("Everyone's")
    expect(page.get_by_role("article")).to_contain_text("Tellapur")
    page.get_by_label("Whose leads").select_option("Mine")
    expect(page.get_by_text("No one to call right now")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    check_accessibility(page)


def test_several_leads_are_assigned(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    for name in ("Player 000", "Player 001"):
        page.get_by_label(f"Select {name}").check()
    page.get_by_label("Assign to").select_option("Tellapur")
    page.get_by_role("button", name="Apply").click()
    expect(page.get_by_text("2 leads changed")).to_be_visible()
    with world.db.read() as session:
        owned = select(col(Lead.player_name)).where(col(Lead.owner_id) == MEMBER_ID)
        assert set(session.scalars(owned)) == {"Player 000", "Player 001"}
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 leads")).to_be_visible()
    assert lead_of(world, "Player 000").owner_id is None
