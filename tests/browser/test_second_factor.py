"""Two-step sign-in in the web app: setting it up, signing in with it, turning it off."""

import pyotp
from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, sign_in
from tests.world import MEMBER, PASSWORD, World

pytestmark = ONE_SERVER


def test_two_steps(visit: Open, world: World) -> None:
    page = visit("security", email=MEMBER, width=360)
    page.get_by_label("Your own password").fill(PASSWORD)
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("img", name="QR code")).to_be_visible()
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    phone = pyotp.TOTP(page.locator(".copy code").inner_text())
    page.get_by_role("textbox", name="Code").fill(phone.now())
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="I've saved them")).to_be_visible()
    codes = page.locator(".copy code").inner_text().split()
    assert len(codes) == 10
    page.get_by_role("button", name="I've saved them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    other = visit("leads", email=None, width=360)
    sign_in(other, MEMBER)
    expect(other.get_by_label("Code")).to_be_focused()
    check_accessibility(other)
    other.get_by_label("Code").fill("000000")
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("alert")).to_contain_text("This code is wrong")
    other.get_by_label("Code").fill(codes[0])
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="Leads")).to_be_visible()
    renewal = page.locator("form", has=page.get_by_role("button", name="New recovery codes"))
    renewal.get_by_label("Your own password").fill(PASSWORD)
    renewal.get_by_role("button").click()
    renewed = page.locator(".copy code").inner_text().split()
    assert len(renewed) == 10
    assert not set(codes) & set(renewed)
    check_accessibility(page)
    page.get_by_role("button", name="I've saved them").click()
    expect(page.get_by_text("10 recovery codes left")).to_be_visible()
    app = page.locator("form", has=page.get_by_role("button", name="Turn off"))
    app.get_by_label("Your own password").fill(PASSWORD)
    app.get_by_role("button").click()
    expect(page.get_by_text("Two-step sign-in is off")).to_be_visible()
