"""A lead's personal data in the web app: contact, consents, a copy, and the erasure."""

from playwright.sync_api import expect

from backend.core import times
from backend.core.leads import consents
from backend.core.leads.consents import Box
from tests.browser.conftest import ONE_SERVER, Open
from tests.world import LEAD_OF_TELLAPUR, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


def give_consent(world: World) -> None:
    with world.db.write() as session:
        box = Box("whatsapp", granted=True, source="meta", at=times.now(), text="Write to me")
        consents.add_missing(session, LEAD_OF_TELLAPUR, [box])


def test_a_member_records_and_withdraws(visit: Open, world: World) -> None:
    give_consent(world)
    page = visit("lead/1", email=MEMBER)
    panel = page.get_by_role("region", name="Personal data")
    expect(panel.get_by_role("button", name="Erase…")).to_have_count(0)
    panel.get_by_role("button", name="Record a consent").click()
    page.get_by_label("Purpose").fill("photos")
    page.get_by_label("Text they agreed to").fill("You may take photos")
    page.get_by_label("How it was given").fill("paper")
    page.get_by_label("Version of the text").fill("2026-06")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(panel.locator(".consents li")).to_have_count(2)
    expect(panel).to_contain_text("(paper) · version 2026-06")
    panel.get_by_role("button", name="Withdraw whatsapp").click()
    expect(panel).to_contain_text("withdrawn on")
    page.get_by_role("link", name="Call Zoë Khan").wait_for()
    panel.get_by_role("button", name="Withdraw all").click()
    # The box, and the mark in the place of the links.
    expect(panel.get_by_label("Do not contact")).to_be_checked()
    expect(page.locator(".head .badge", has_text="Do not contact")).to_be_visible()
    expect(page.get_by_role("link", name="Call Zoë Khan")).to_have_count(0)
    page.get_by_role("link", name="Leads").first.click()
    row = page.get_by_role("row", name="Zoë Khan")
    expect(row).to_contain_text("Do not contact")
    expect(row.get_by_role("link", name="Call Zoë Khan")).to_have_count(0)


def test_an_observer_sees_consents_alone(visit: Open, world: World) -> None:
    give_consent(world)
    panel = visit("lead/1", email=OBSERVER).get_by_role("region", name="Personal data")
    expect(panel.locator(".consents li")).to_have_count(1)
    expect(panel.locator("button, input")).to_have_count(0)


def test_a_team_lead_copies_and_erases(visit: Open) -> None:
    page = visit("lead/1", width=360)
    panel = page.get_by_role("region", name="Personal data")
    with page.expect_download() as download:
        panel.get_by_role("button", name="Export JSON").click()
    assert download.value.suggested_filename == "lead-1.json"
    panel.get_by_role("button", name="Erase…").click()
    page.get_by_role("button", name="Erase the lead").click()
    page.get_by_role("heading", name="Leads").wait_for()
    expect(page.get_by_text("Zoë Khan")).to_have_count(0)
    page.goto(page.url.split("#")[0] + "#/settings")
    erasures = page.get_by_role("region", name="Erasures")
    expect(erasures).to_contain_text("Lead #1")
    erasures.get_by_role("button", name="Destroy now").click()
    expect(page.get_by_text("ERASURE_AT_ONCE isn't set")).to_be_visible()
