"""Targets: set in Settings, counted down, and shown where a lead was handed over."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import update
from sqlmodel import col

from backend.core import times
from backend.core.leads import missed
from backend.core.leads.history import event
from backend.models import EventKind, Lead, MissedTarget, Target
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, opened, save, turn
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_a_team_lead_sets_targets(visit: Open, world: World, width: int, dark: bool) -> None:
    page = visit("settings", email=LEAD, width=width, dark=dark)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Opening hours"))
    row = panel.get_by_role("row", name=re.compile("^All centers"))
    expect(row).to_contain_text("none")
    panel.get_by_role("button", name="All centers").click()
    opened(page)
    page.get_by_label("First call within (minutes)").fill("30")
    page.get_by_label("Follow-up within (minutes)").fill("240")
    check_accessibility(page)
    save(page)
    expect(row).to_contain_text("New leads: 30 mins, follow-ups: 4 hrs")
    panel.get_by_role("button", name="Tellapur").click()
    opened(page)
    page.get_by_label("First call within (minutes)").fill("0")
    save(page)
    expect(panel.get_by_role("row", name="Tellapur")).to_contain_text("New leads: none")
    expect(panel.get_by_role("row", name="Gachibowli")).to_contain_text("Same as all centers")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    check_accessibility(page)


def set_lead(world: World, **values: object) -> None:
    with world.db.write() as session:
        session.connection().execute(update(Lead).where(col(Lead.id) == 1).values(**values))


@pytest.mark.parametrize("width", [1280, 360])
def test_a_lead_says_how_long_there_is(visit: Open, world: World, width: int) -> None:
    now = times.now()
    set_lead(world, call_by=now + timedelta(minutes=12), created_time=now)
    # Its clock goes on alone, so it has a browser of its own.
    page = visit("", email=MEMBER, width=width, zone="Asia/Kolkata")
    page.clock.install(time=now)
    page.reload()
    card = page.get_by_role("article")
    expect(card).to_contain_text("Call within 12 min")
    # It's counted down in the page.
    page.clock.fast_forward("05:00")
    expect(card).to_contain_text("Call within 7 min")
    page.clock.fast_forward("10:30")
    expect(card).to_contain_text("Late by 4 min")
    check_accessibility(page)


@pytest.mark.parametrize(("width", "dark"), [(1280, True), (360, False)])
def test_a_lead_that_was_handed_over(visit: Open, world: World, width: int, dark: bool) -> None:
    now = times.now()
    set_lead(
        world, owner_id=1, handed_over_at=now, created_time=now, call_by=now + timedelta(minutes=30)
    )
    with world.db.write() as session:
        lead = session.get_one(Lead, 1)
        missed.record(session, lead, Target.FIRST_CALL, now, now)
        session.connection().execute(update(MissedTarget).values(owner_id=2, handed_to=1))
        said = {"from": "Tellapur", "to": "Admin", "owner_id": 1, "missed": now}
        session.add(event(1, now, EventKind.ASSIGNED, None, **said))
    page = visit("", email=LEAD, width=width, dark=dark)
    expect(page.get_by_role("article")).to_contain_text("Handed over from Tellapur")
    # The name is there in full, also in the queue beside it.
    queued = page.get_by_role("region", name="Call queue").locator("b", has_text="Zoë Khan")
    assert queued.evaluate("one => one.scrollWidth <= one.clientWidth && one.clientWidth > 60")
    check_accessibility(page)
    turn(page, "leads?missed=first_call")
    row = page.locator(".row")
    expect(row).to_have_count(1)
    expect(row).to_contain_text(re.compile(r"Call within \d+ mins? · Handed over from Tellapur"))
    # It leaves room for the name, and for the buttons to call.
    name, call = (
        row.locator(one).first.bounding_box() for one in (".who b", "[aria-label^='Call ']")
    )
    assert name is not None
    assert call is not None
    assert name["width"] > 60
    assert call["x"] + call["width"] <= width
    check_accessibility(page)
    turn(page, "lead/1")
    expect(page.locator(".head")).to_contain_text(
        re.compile(r"\d · Call within \d+ mins? · Handed over from Tellapur")
    )
    history = page.locator(".history")
    expect(history).to_contain_text("Handed over")
    expect(history).to_contain_text("Tellapur → Admin")
    expect(history).to_contain_text("not called by")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    check_accessibility(page)
    turn(page, "reports")
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Missed targets"))
    expect(panel.get_by_role("row", name="All 1")).to_be_visible()
    # Each number opens the leads behind it.
    panel.get_by_role("row", name="All 1").get_by_role("link", name="1").click()
    expect(page.locator(".row")).to_have_count(1)
    assert "did=missed_first_call" in page.url
    expect(page.locator(".row")).to_contain_text("Zoë Khan")
