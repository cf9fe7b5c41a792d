"""Reports, whose figures link to their leads."""

import re

from playwright.sync_api import expect
from sqlmodel import col, select

from backend.core import times
from backend.models import Attempt, Center, Lead
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility
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


def test_calls_link_to_their_leads(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        for name, user_id, outcome in (
            ("Player 000", 1, "spoke"), ("Player 001", 2, "no_answer"), ("Player 001", 2, "spoke"),
        ):  # fmt: skip
            lead = session.scalars(select(Lead).where(col(Lead.player_name) == name)).one()
            session.add(
                Attempt(
                    lead_id=lead.id or 0, user_id=user_id, at=times.now(), outcome=outcome,
                    changes={},
                )
            )  # fmt: skip
    page = visit("reports")
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Calls in this period"))
    rows = page.locator(".row")
    # Each lead once, however often it was called.
    for row, many, listed in (("All", "3", 2), ("Admin", "1", 1), ("Tellapur", "2", 1)):
        panel.get_by_role("row", name=re.compile(f"^{row}")).first.get_by_role("link").first.click()
        expect(rows).to_have_count(listed)
        expect(page.locator(".choice.on", has_text="Attempts")).to_be_visible()
        page.go_back()
        link = panel.get_by_role("row", name=re.compile(f"^{row}")).first.get_by_role("link").first
        expect(link).to_have_text(many)
    check_accessibility(page)


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
