"""Reports, whose figures link to their leads."""

import re

from playwright.sync_api import expect

from backend.models import Center
from tests.browser.conftest import ONE_SERVER, Open
from tests.world import World

pytestmark = ONE_SERVER


def test_figures_link_to_their_leads(visit: Open, world: World, leads: None) -> None:
    page = visit("reports")
    expect(page.locator(".chart canvas")).to_be_visible()
    called = page.get_by_role("link", name=re.compile("^Not called yet"))
    expect(called).to_be_visible()
    counted = int(re.findall(r"\d+", called.inner_text())[0])
    called.click()
    expect(page.locator(".row").first).to_be_visible()
    query = page.url.partition("?")[2]
    listed = page.evaluate(
        """async (query) => (await (await fetch(`/leads/?${query}&limit=200`, {
            headers: { authorization: `Bearer ${localStorage.getItem("tofa.token")}` },
        })).json())""",
        query,
    )
    assert listed["next"] is not None or len(listed["leads"]) == counted
    assert counted > 200


def test_no_table_is_cut_off(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.get_one(Center, 1).display_name = "Tellapur and Nallagandla Football Academy"
    page = visit("reports")
    tables = page.locator(".reports .scroll")
    expect(tables.first).to_be_attached()
    # As wide as with tens of thousands of leads.
    page.evaluate(
        "document.querySelectorAll('.reports td a').forEach(one => one.textContent = '12,480')"
    )
    fits = "one => one.scrollWidth <= one.clientWidth"
    assert all(one.evaluate(fits) for one in tables.all() if one.is_visible())
