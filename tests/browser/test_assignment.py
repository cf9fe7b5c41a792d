"""Assignment rules in Settings, and saying that one is away."""

import pytest
from playwright.sync_api import expect
from sqlmodel import select

from backend.models import AssignmentRule, AssignmentShare, Leave, Presence
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, opened, save, settled
from tests.world import LEAD, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
def test_a_team_lead_sets_rules(visit: Open, world: World, width: int, dark: bool) -> None:
    page = visit("settings", email=LEAD, width=width, dark=dark)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Assignment"))
    expect(panel).to_contain_text("No rules yet")
    panel.get_by_role("button", name="Add rule").click()
    opened(page)
    page.get_by_label("Instagram").check()
    page.get_by_text("Age category", exact=True).click()
    heights = "all => all.map((one) => one.getBoundingClientRect().height)"
    assert min(page.locator("dialog summary").evaluate_all(heights)) >= 24
    page.get_by_label("U9", exact=True).check()
    page.get_by_label("Question in your forms").fill("Preferred language")
    page.get_by_label("Matching answers").fill("Telugu, Hindi")
    page.get_by_label("Tellapur", exact=True).check()
    page.get_by_label("Weight of Tellapur").select_option("2")
    page.get_by_label("Maximum leads a day for Tellapur").fill("20")
    page.get_by_label("Admin", exact=True).check()
    check_accessibility(page)
    save(page)
    rule = panel.get_by_role("listitem")
    expect(rule).to_contain_text("Leads from Instagram aged U9")
    expect(rule).to_contain_text("→ Admin (1), Tellapur (2, at most 20 a day)")
    # All of it can be read.
    right = "(one) => one.getBoundingClientRect().right"
    assert rule.get_by_role("button").first.evaluate(right) <= panel.evaluate(right)
    # A second one is asked first, and is switched off.
    panel.get_by_role("button", name="Add rule").click()
    opened(page)
    page.get_by_label("Tellapur", exact=True).check()
    save(page)
    panel.get_by_role("button", name="Move up: All leads").click()
    expect(panel.get_by_role("listitem").first).to_contain_text("All leads → Tellapur")
    panel.get_by_role("button", name="Edit rule: All leads").click()
    opened(page)
    page.get_by_label("Use this rule").uncheck()
    save(page)
    expect(panel.get_by_role("listitem").first).to_contain_text("Not used")
    check_accessibility(page)
    panel.get_by_role("button", name="Remove rule: All leads").click()
    expect(panel.get_by_role("listitem")).to_have_count(1)
    with world.db.read() as session:
        (kept,) = session.scalars(select(AssignmentRule)).all()
        shares = session.scalars(select(AssignmentShare)).all()
    assert kept.conditions["age_categories"] == ["U9"]
    assert {(one.user_id, one.weight, one.cap) for one in shares} == {(1, 1, None), (2, 2, 20)}


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_one_is_away_and_back(visit: Open, world: World, width: int, dark: bool) -> None:
    page = visit("next", email=MEMBER, width=width, dark=dark)
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Away for an hour").click()
    expect(page.get_by_role("status").filter(has_text="You're away until")).to_be_visible()
    check_accessibility(page)
    page.reload()
    page.get_by_role("button", name="I'm back").click()
    expect(page.get_by_text("You're away")).to_have_count(0)
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("menuitem", name="Away until I'm back").click()
    expect(page.get_by_text("You're away. You won't get new leads.")).to_be_visible()
    with world.db.read() as session:
        (kept,) = session.scalars(select(Presence)).all()
    assert (kept.user_id, kept.away_until, kept.away_since is None) == (2, None, False)


def test_other_tabs_follow(visit: Open) -> None:
    page = visit("next", email=MEMBER)
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Your account").click()
    other.get_by_role("menuitem", name="Away until I'm back").click()
    expect(page.get_by_text("You're away. You won't get new leads.")).to_be_visible()
    page.get_by_role("button", name="I'm back").click()
    expect(page.get_by_text("You're away")).to_have_count(0)
    expect(other.get_by_text("You're away")).to_have_count(0)
    # The other tab belongs to the test's browser, which is used again.
    other.close()


def test_nobody_asks_whether_an_observer_is_away(visit: Open) -> None:
    page = visit("leads", email=OBSERVER)
    asked: list[str] = []
    page.on("request", lambda one: asked.append(one.url))
    page.reload()
    settled(page)
    assert any("/alerts/unseen" in one for one in asked)
    assert not any("/presence" in one for one in asked)


def test_working_hours_and_leave(visit: Open, world: World) -> None:
    page = visit("security", email=MEMBER, width=360)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Working hours and leave"))
    expect(panel).to_contain_text("Whenever the center is open")
    panel.get_by_label("Own working hours").check()
    panel.get_by_label("Sun").fill("")
    panel.get_by_role("button", name="Save").click()
    expect(panel).to_contain_text("Mon–Sat 10:00–20:00; Sun closed")
    panel.get_by_label("First day").fill("2099-05-01")
    panel.get_by_label("Reason").fill("Wedding")
    panel.get_by_role("button", name="Add leave").click()
    expect(panel).to_contain_text("1 May 2099 Wedding")
    # Everything is where it was.
    parts = (
        panel.get_by_text("Mon–Sat 10:00"),
        panel.get_by_label("Own working hours"),
        panel.get_by_role("heading", name="Leave", exact=True),
        panel.get_by_text("Wedding"),
        panel.get_by_label("First day"),
    )
    tops = [part.evaluate("(one) => one.getBoundingClientRect().top") for part in parts]
    assert tops == sorted(tops)
    check_accessibility(page)
    panel.get_by_role("button", name="Remove leave: 1 May 2099").click()
    expect(panel).to_contain_text("No upcoming leave.")
    with world.db.read() as session:
        assert session.scalars(select(Leave)).all() == []


def test_an_observer_is_never_away(visit: Open) -> None:
    page = visit("leads", email=OBSERVER)
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menuitem", name="Sign-in and security")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Away")).to_have_count(0)
