"""Signing in, signing out, and a session or a connection that ends."""

from playwright.sync_api import expect

from tests.browser.conftest import BOTH_SERVERS, Open, choose, opened, sign_in
from tests.world import LEAD, MEMBER, PASSWORD, World

pytestmark = BOTH_SERVERS


def test_signing_in_and_out(visit: Open, world: World) -> None:
    page = visit("leads", email=None)
    sign_in(page, LEAD, "wrong password")
    expect(page.get_by_role("alert")).to_have_text("Incorrect email or password")
    sign_in(page, LEAD)
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    choose(page, "Your account", "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_nothing_typed_is_lost_when_a_session_ends(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Wants the morning batch")
    page.evaluate("localStorage.setItem('tofa.token', 'x')")
    page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'tofa.token', newValue: 'x'}))")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    opened(page)
    sign_in(page, MEMBER)
    expect(page.locator(".history .comment")).to_have_text("Wants the morning batch")


def test_being_offline_is_shown(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Not lost")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Can't reach the server").first).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Not lost")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history .comment")).to_have_text("Not lost")


def test_change_ones_own_password(visit: Open, world: World) -> None:
    page = visit("", email=MEMBER)
    choose(page, "Your account", "Change password")
    opened(page)
    page.get_by_label("Current password").fill("not mine")
    page.get_by_label("New password").fill("another seven hills")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Enter the password that you use now")).to_be_visible()
    page.get_by_label("Current password").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Password changed")).to_be_visible()


def test_the_sign_in_dialog_cannot_be_closed(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").wait_for()
    page.evaluate("localStorage.setItem('tofa.token', 'x')")
    page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'tofa.token', newValue: 'x'}))")
    page.get_by_label("Comment").fill("Wants the morning batch")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("[name=username]")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    expect(page.locator("wa-dialog").get_by_role("button", name="Close")).to_have_count(0)


def test_the_servers_message_is_shown(visit: Open) -> None:
    """Of an answer without any, such as a proxy's, the page says itself that it failed."""
    page = visit("leads", errors=("status of 502", "status of 503"))
    busy = "The server is busy: try again in a moment"
    page.route("**/users/", lambda route: route.fulfill(status=503, json={"detail": busy}))
    page.goto(page.url.replace("#/leads", "#/settings"))
    expect(page.get_by_text(busy)).to_be_visible()
    page.route("**/users/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("Something went wrong. Nothing was lost. Try again.")).to_be_visible()
