"""Reports, whose figures link to their leads."""

import re

from playwright.sync_api import expect

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
