"""Signing in, signing out, and a session or a connection that ends."""

import pytest
from playwright.sync_api import Page, expect

from backend.core import auth
from backend.core.accounts import sessions
from backend.core.errors import Unauthenticated
from tests.browser.conftest import (
    BOTH_SERVERS,
    Open,
    choose,
    opened,
    settled,
    sign_in,
    take_clock,
    turn,
)
from tests.world import LEAD, MEMBER, OTHER_MEMBER, PASSWORD, World

pytestmark = BOTH_SERVERS


def test_signing_in_and_out(visit: Open, world: World) -> None:
    page = visit("leads", email=None)
    sign_in(page, LEAD, "wrong password")
    expect(page.get_by_role("alert")).to_have_text("Incorrect email or password")
    sign_in(page, LEAD)
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    token = page.evaluate("localStorage['tofa.token']")
    with page.expect_response("**/users/me/sign-out") as ended:
        choose(page, "Your account", "Sign out")
    assert ended.value.status == 200
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    with world.db.read() as session, pytest.raises(Unauthenticated):
        auth.identify(session, auth.read_token(world.settings, f"Bearer {token}"))


def test_where_one_is_signed_in(visit: Open, world: World) -> None:
    other, page = visit("lead/1", email=MEMBER), visit("security", email=MEMBER)
    lines = page.locator(".sessions li")
    expect(lines).to_have_count(2)
    expect(lines.filter(has_text="This device")).to_have_count(1)
    expect(lines.first).to_contain_text("Chrome on Linux")
    lines.get_by_role("button", name="Sign out").click()
    expect(lines).to_have_count(1)
    # The page where the session has ended shows nothing any more.
    expect(other.get_by_label("Comment")).to_be_visible()
    other.get_by_label("Comment").fill("Wants the morning batch")
    other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(other.get_by_text("Your session has expired")).to_be_visible()
    expect(other.get_by_label("Comment")).to_be_hidden()
    opened(other)
    sign_in(other, MEMBER)
    expect(other.get_by_label("Comment")).to_have_value("Wants the morning batch")
    expect(lines).to_have_count(1)


def test_another_person_signs_in_over_the_page(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Of the member")
    # What the page still reads would notice the end before the save does.
    settled(page)
    with world.db.write() as session:
        sessions.end_all(session, 2)
    page.get_by_role("button", name="Save", exact=True).click()
    opened(page)
    sign_in(page, OTHER_MEMBER)
    expect(page.get_by_text("Not found, or you don't have access")).to_be_visible()
    expect(page.get_by_text("Of the member")).to_have_count(0)


def save_as_the_session_ends(page: Page) -> None:
    """Press Save with a token that has just ended.

    In one step: whatever else the page reads in between would ask for the password first.
    """
    page.get_by_role("button", name="Save", exact=True).evaluate("""(button) => {
        localStorage.setItem("tofa.token", "x");
        dispatchEvent(new StorageEvent("storage", {key: "tofa.token", newValue: "x"}));
        button.click();
    }""")


def test_nothing_typed_is_lost_when_a_session_ends(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Wants the morning batch")
    save_as_the_session_ends(page)
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    opened(page)
    sign_in(page, MEMBER)
    expect(page.locator(".history .comment")).to_have_text("Wants the morning batch")


def test_no_message_names_a_lead_when_a_session_has_ended(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_role("button", name="No answer").click()
    expect(page.locator(".toast")).to_be_visible()
    settled(page)
    page.evaluate("localStorage.setItem('tofa.token', 'x')")
    page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'tofa.token', newValue: 'x'}))")
    turn(page, "leads")
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    expect(page.locator(".toast")).to_have_count(0)


def test_being_offline_is_shown(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Not lost")
    page.context.set_offline(True)
    expect(page.get_by_text("You're offline")).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Not lost")
    # What is saved now is sent as soon as there is a network.
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 change waiting for a connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".history .comment")).to_have_text("Not lost")
    expect(page.get_by_text("waiting for a connection")).to_have_count(0)


def test_change_ones_own_password(visit: Open, world: World) -> None:
    page = visit("", email=MEMBER)
    choose(page, "Your account", "Change password")
    opened(page)
    page.get_by_label("Current password").fill("not mine")
    page.get_by_label("New password").fill("another seven hills")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Enter the correct password")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Password changed")).to_be_visible()


def test_the_sign_in_dialog_cannot_be_closed(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Wants the morning batch")
    save_as_the_session_ends(page)
    # The email is remembered, so only the password is missing.
    expect(page.locator("[name=username]")).to_have_value(MEMBER)
    expect(page.locator("[name=password]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    expect(page.locator("dialog").get_by_role("button", name="Close")).to_have_count(0)


def test_the_servers_message_is_shown(visit: Open) -> None:
    """Of an answer without any, such as a proxy's, the page says itself that it failed."""
    page = visit("leads", errors=("status of 500", "status of 503"))
    busy = "The server is busy: try again in a moment"
    page.route("**/users/", lambda route: route.fulfill(status=503, json={"detail": busy}))
    page.goto(page.url.replace("#/leads", "#/settings"))
    expect(page.get_by_text(busy)).to_be_visible()
    page.route("**/users/", lambda route: route.fulfill(status=500, body="<h1>Sorry</h1>"))
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("Something went wrong. Nothing was lost. Try again.")).to_be_visible()


def test_a_page_that_is_left_alone_does_not_use_the_session(visit: Open) -> None:
    page = visit("leads", email=MEMBER, zone="Asia/Kolkata")
    take_clock(page)
    # The timer of a page begins with it, so it has to begin after the clock was taken.
    turn(page, "next")
    expect(page.get_by_role("article")).to_be_visible()
    settled(page)
    with page.expect_request("**/leads/next*") as asked:
        page.clock.fast_forward(61_000)
    assert asked.value.header_value("x-unattended") == "1"
    with page.expect_request(lambda one: "/leads/?" in one.url) as asked:
        page.get_by_role("link", name="Leads", exact=True).click()
    assert asked.value.header_value("x-unattended") is None


def test_a_link_that_is_followed_while_the_page_begins_again(visit: Open) -> None:
    """Someone else signs in, which loads the page again; what they do then may cancel that."""
    page = visit("leads", email=MEMBER)
    choose(page, "Your account", "Sign out")
    # As a browser ends a load that another one replaces.
    page.route(f"{page.url.partition('#')[0]}", lambda route: route.abort("aborted"), times=1)
    with page.expect_request(lambda request: request.is_navigation_request()):
        sign_in(page, OTHER_MEMBER)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    turn(page, "board")
    expect(page.get_by_role("navigation")).to_be_visible()
    expect(page.get_by_role("heading", name="Board")).to_be_visible()
