"""The lead in hand stays, what was typed is offered again, and nobody else gets to see it."""

from datetime import timedelta

from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from backend.core import times
from backend.core.accounts import sessions
from backend.models import Comment, Lead
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    choose,
    lead_of,
    opened,
    settled,
    sign_in,
    take_clock,
    turn,
)
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, MEMBER, OTHER_MEMBER, World

pytestmark = ONE_SERVER

_AGAIN = "This is what you typed before"


def comments(world: World) -> dict[str, int | None]:
    with world.db.read() as session:
        return {one.text: one.lead_id for one in session.scalars(select(Comment))}


def pass_a_minute(page: Page) -> None:
    """Let the page read its queue again, as it does each minute."""
    with page.expect_response("**/leads/next?**"):
        page.clock.fast_forward(61_000)


def test_the_lead_in_hand_stays(visit: Open, world: World, client: Client, leads: None) -> None:
    page = visit("leads", email=MEMBER, zone="Asia/Kolkata")
    take_clock(page)
    turn(page, "next")
    card = page.get_by_role("article")
    name = card.get_by_role("heading", level=2)
    queue = page.get_by_role("region", name="Call queue").get_by_role("button")
    first = name.inner_text()
    page.get_by_label("Comment").fill("Wants the morning batch")
    # A parent who was promised a call comes to the top, and a colleague works on the same lead.
    urgent = lead_of(world, queue.nth(5).locator("b").inner_text())
    with world.db.write() as session:
        due = session.get_one(Lead, urgent.id)
        due.next_followup_date = times.now() - timedelta(minutes=5)
    mine = lead_of(world, first).id
    theirs = {"status": "Called", "comment": "Rang twice"}
    assert client.patch(f"/leads/{mine}", json=theirs, token=world.token(LEAD)).status == 200
    pass_a_minute(page)
    expect(queue.first).to_contain_text(urgent.player_name or "")
    expect(name).to_have_text(first)
    expect(page.get_by_label("Comment")).to_have_value("Wants the morning batch")
    expect(card.locator(".meanwhile")).to_contain_text("Rang twice")
    expect(card.locator("header")).to_contain_text("Kept open until you save or skip it")
    # It survives the page, and so does what was typed.
    page.reload()
    expect(name).to_have_text(first)
    expect(page.get_by_label("Comment")).to_have_value("Wants the morning batch")
    expect(card.get_by_text(_AGAIN)).to_be_visible()
    expect(card.locator(".meanwhile")).to_contain_text("Rang twice")
    # Another one is selected: the first is offered again, here and on other pages.
    queue.nth(1).click()
    second = name.inner_text()
    offered = page.locator(".unsaved")
    expect(offered).to_contain_text(first)
    page.get_by_label("Comment").fill("To be discarded")
    turn(page, "board")
    offered.get_by_role("button", name=second).click()
    expect(offered).not_to_contain_text(second)
    offered.get_by_role("link", name=first).click()
    expect(page.get_by_label("Comment")).to_have_value("Wants the morning batch")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history")).to_contain_text("Wants the morning batch")
    expect(offered).to_have_count(0)
    assert comments(world) == {"Rang twice": mine, "Wants the morning batch": mine}
    # What is skipped keeps its text; saving goes on with the most urgent lead, by Enter after a
    # click in the queue.
    turn(page, "next")
    queue.nth(3).click()
    third = name.inner_text()
    page.keyboard.press("2")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Saved: {third}")).to_be_visible()
    expect(name).not_to_have_text(third)
    assert lead_of(world, third).status == "Called"
    # Dialling takes it in hand, too.
    dialled = name.inner_text()
    card.get_by_role("link", name=f"Call {dialled}", exact=True).evaluate(
        "it => { it.removeAttribute('href'); it.click(); }"
    )
    page.reload()
    expect(name).to_have_text(dialled)


def test_nothing_typed_is_shown_to_anyone_else(visit: Open, world: World, client: Client) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Of the member")
    page.get_by_label("Address").fill("7 Hill Road")
    turn(page, "leads")
    page.get_by_role("button", name="Add lead").click()
    page.get_by_label("Player", exact=True).fill("Mira")
    page.keyboard.press("Escape")
    expect(page.locator(".unsaved")).to_contain_text("Add lead")
    # The tab is closed, and another one opened.
    page.close()
    page = page.context.new_page()
    page.goto(f"http://127.0.0.1:{client.port}/#/board")
    page.locator(".unsaved").get_by_role("link", name="Add lead").click()
    opened(page)
    expect(page.get_by_label("Player", exact=True)).to_have_value("Mira")
    page.keyboard.press("Escape")
    turn(page, "lead/1")
    expect(page.get_by_label("Comment")).to_have_value("Of the member")
    expect(page.get_by_label("Address")).to_have_value("7 Hill Road")
    # The session ends while it saves; someone else signs in over the page.
    # What the page still reads would notice the end before the save does.
    settled(page)
    with world.db.write() as session:
        sessions.end_all(session, 2)
    page.get_by_role("button", name="Save", exact=True).click()
    opened(page)
    expect(page.locator("[name=username]")).to_have_value(MEMBER)
    sign_in(page, OTHER_MEMBER)
    expect(page.get_by_text("Not found, or you don't have access")).to_be_visible()
    expect(page.locator(".unsaved")).to_have_count(0)
    turn(page, "next")
    expect(page.get_by_role("article")).to_contain_text("Arjun Rao")
    expect(page.get_by_label("Comment")).to_have_value("")
    choose(page, "Your account", "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    # The first person finds it again, saves one half of it, and deletes the rest.
    sign_in(page, MEMBER)
    turn(page, "lead/1")
    expect(page.get_by_label("Comment")).to_have_value("Of the member")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history .comment")).to_have_text("Of the member")
    expect(page.get_by_label("Address")).to_have_value("7 Hill Road")
    # What was typed in the other form isn't in conflict with the person's own call.
    page.get_by_role("button", name="Save details").click()
    expect(page.locator(".history")).to_contain_text("7 Hill Road")
    expect(page.locator("dialog")).to_have_count(0)
    choose(page, "Your account", "Sign out")
    opened(page)
    page.get_by_role("button", name="Delete and sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.evaluate("Object.keys(localStorage).filter(one => /draft/.test(one))") == []
    with world.db.read() as session:
        lines = session.scalars(select(Comment).where(col(Comment.text) == "Of the member"))
        assert [(one.user_id, one.lead_id) for one in lines] == [(2, 1)]


def test_an_answer_that_was_lost(visit: Open, world: World) -> None:
    """The save arrives, its answer doesn't: it is sent again by itself, and saved once."""
    page = visit("", email=MEMBER, errors=("ERR_FAILED",))
    page.get_by_label("Comment").fill("Once")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    is_lost = True

    def answer(route: Route) -> None:
        nonlocal is_lost
        if is_lost and route.request.method == "PATCH":
            route.fetch()
            is_lost = False
            route.abort()
        else:
            route.continue_()

    page.route("**/leads/1", answer)
    page.keyboard.press("Enter")
    expect(page.get_by_text("Saved on this device: Zoë Khan")).to_be_visible()
    expect(page.get_by_text("waiting for a connection")).to_have_count(0)
    wait_until(lambda: not is_lost)
    with world.db.read() as session:
        assert [one.text for one in session.scalars(select(Comment))] == ["Once"]
