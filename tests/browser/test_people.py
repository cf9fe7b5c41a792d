"""The report on people, and its numbers as links."""

import re

from playwright.sync_api import Page, expect

from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.leads import attempts
from backend.models import Lead, Outcome, Status
from backend.schemas.attempts import NewAttempt
from tests.browser.conftest import ONE_SERVER, Open
from tests.world import MEMBER, World

pytestmark = ONE_SERVER

MEMBER_OF_TELLAPUR = Person(2, MEMBER, "team_member", (1,))


def work(world: World) -> None:
    """Have the member of Tellapur call and book a trial, today."""
    standard = Standard.of(world.settings)
    with world.db.write() as session:
        call = NewAttempt(outcome=Outcome.SPOKE, status=Status.TRIAL_SCHEDULED)
        attempts.record(session, MEMBER_OF_TELLAPUR, 1, call, standard)
        session.get_one(Lead, 1).owner_id = 2


def listed(page: Page) -> None:
    """Wait for a list of the one lead, and go back."""
    expect(page.locator(".row")).to_have_count(1)
    expect(page.locator(".row")).to_contain_text("Zoë Khan")
    page.go_back()


def test_numbers_open_their_leads(visit: Open, world: World) -> None:
    work(world)
    page = visit("reports")
    table = page.get_by_role("table", name="People")
    member = table.get_by_role("row", name=re.compile("^Tellapur"))
    expect(member).to_be_visible()
    # What nobody did stays, as a zero.
    expect(table.get_by_role("row", name=re.compile("^Gachibowli"))).to_be_visible()
    for at in (0, 2, 7, 10):
        member.get_by_role("cell").nth(at).get_by_role("link").click()
        listed(page)
    member.get_by_role("cell").nth(2).get_by_role("link").click()
    chosen = page.get_by_role("button", name=re.compile("^Trials booked: Tellapur"))
    expect(chosen).to_be_visible()
    chosen.click()
    expect(page.locator(".row")).to_have_count(2)
    page.go_back()
    table.get_by_role("button", name="Trials booked").click()
    expect(table.get_by_role("rowheader").first).to_have_text("Tellapur")


def test_members_see_themselves(visit: Open, world: World) -> None:
    work(world)
    page = visit("reports", email=MEMBER)
    people = page.get_by_role("table", name="People", exact=True)
    expect(people.get_by_role("rowheader", name="Tellapur")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Gachibowli")).to_have_count(0)


def test_cards_on_a_phone(visit: Open, world: World) -> None:
    work(world)
    page = visit("reports", width=360)
    booked = page.locator(".as-cards td[data-of='Trials booked']").first
    expect(booked).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    # The panels have the same space between them, but for the parts of a pixel.
    tops = page.locator(".panel").evaluate_all("(all) => all.map((one) => one.offsetTop)")
    ends = page.locator(".panel").evaluate_all(
        "(all) => all.map((one) => one.offsetTop + one.offsetHeight)"
    )
    gaps = {top - end for top, end in zip(tops[1:], ends, strict=False)}
    assert gaps <= {13, 14, 15}
