"""Passkeys in the web app, with the browser's virtual authenticator: from adding to removing."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, turn
from tests.servers import Client
from tests.world import MEMBER, PASSWORD, World

pytestmark = ONE_SERVER


def plug_in(page: Page) -> None:
    """Give a page's browser an authenticator that always says yes."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def sign_out(page: Page) -> None:
    page.evaluate("localStorage.clear()")
    page.reload()


def test_a_passkey(visit: Open, client: Client, world: World) -> None:
    # An address has no passkeys, a name has.
    home = f"http://localhost:{client.port}/"
    page = visit("security", email=None, width=360, home=home)
    plug_in(page)
    page.locator("[name=username]").fill(MEMBER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    panel = page.locator("section.panel", has=page.get_by_role("heading", name="Passkeys"))
    panel.locator("[name=label]").fill("Phone")
    panel.locator("[name=current_password]").fill(PASSWORD)
    panel.get_by_role("button", name="Add a passkey").click()
    codes = panel.locator(".copy code").inner_text().split()
    assert len(codes) == 10
    panel.get_by_role("button", name="I've saved them").click()
    expect(panel.get_by_text("Not used yet")).to_be_visible()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # Without a password.
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(panel.get_by_text("Last used")).to_be_visible()
    sessions = page.locator("section.panel", has=page.get_by_role("heading", name="Where"))
    expect(sessions.get_by_text("Passkey", exact=True)).to_be_visible()
    # After the password, which isn't enough.
    sign_out(page)
    page.locator("[name=username]").fill(MEMBER)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_label("Code")).to_be_focused()
    expect(page.get_by_text("Use your passkey, or enter a recovery code")).to_be_visible()
    check_accessibility(page)
    page.get_by_role("button", name="Use a passkey").click()
    panel.get_by_role("button", name="Rename Phone").click()
    panel.locator("[name=label]").first.fill("Blue phone")
    panel.get_by_role("button", name="Save").click()
    panel.get_by_role("button", name="Remove Blue phone").click()
    panel.locator("[name=current_password]").first.fill(PASSWORD)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    panel.get_by_role("button", name="Remove", exact=True).click()
    expect(page.get_by_text("Passkey removed")).to_be_visible()
    expect(panel.get_by_text("Blue phone")).to_have_count(0)
    sign_out(page)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("This passkey can't be used here")).to_be_visible()


def test_no_passkeys_at_an_address(visit: Open, world: World) -> None:
    page = visit("security", email=MEMBER)
    expect(page.get_by_text("Passkeys work only at localhost")).to_be_visible()
    turn(page, "leads")
