"""The live view: it follows what happens, and its numbers are links."""

import re

from playwright.sync_api import expect

from backend.core.leads import lead_claims
from tests.browser.conftest import ONE_SERVER, Open
from tests.browser.test_people import MEMBER_OF_TELLAPUR, work
from tests.world import MEMBER, World

pytestmark = ONE_SERVER

LOOK = "document.dispatchEvent(new Event('visibilitychange'))"


def test_it_follows_what_happens(visit: Open, world: World) -> None:
    page = visit("live")
    centers = page.get_by_role("table", name="Waiting leads")
    people = page.get_by_role("table", name="People now")
    tellapur = centers.get_by_role("row", name=re.compile("^Tellapur"))
    member = people.get_by_role("row", name=re.compile("^Tellapur"))
    expect(tellapur.get_by_role("cell").first).to_have_text("1")
    expect(tellapur.get_by_role("link", name="Zoë Khan")).to_be_visible()
    with world.db.write() as session:
        lead_claims.claim(session, MEMBER_OF_TELLAPUR, 1, 5)
    # As after ten seconds.
    page.evaluate(LOOK)
    expect(member.get_by_role("link", name="Zoë Khan")).to_be_visible()
    work(world)
    page.evaluate(LOOK)
    expect(member.get_by_role("link", name="Zoë Khan")).to_have_count(0)
    expect(tellapur.get_by_role("cell").first).to_have_text("0")
    today = member.get_by_role("cell").nth(2)
    expect(today).to_have_text("1")
    today.get_by_role("link").click()
    expect(page.locator(".row")).to_contain_text("Zoë Khan")
    page.go_back()
    gachibowli = centers.get_by_role("row", name=re.compile("^Gachibowli"))
    gachibowli.get_by_role("link", name="Arjun Rao").click()
    expect(page.get_by_role("heading", name="Arjun Rao")).to_be_visible()


def test_it_is_for_team_leads(visit: Open, world: World) -> None:
    page = visit("reports")
    page.get_by_role("link", name="Live").click()
    expect(page.get_by_role("heading", name="Live")).to_be_visible()
    page = visit("reports", email=MEMBER)
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    expect(page.get_by_role("link", name="Live")).to_have_count(0)


def test_cards_on_a_phone(visit: Open, world: World) -> None:
    page = visit("live", width=360)
    expect(page.locator(".as-cards td[data-of='Waiting longest']").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
