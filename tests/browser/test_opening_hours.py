"""Opening hours and holidays: set in Settings, and kept by the dates that a caller is offered."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Route, expect

from backend.core import times
from backend.core.calling import rules
from backend.schemas.calling_rules import CallingRulesChange, NewHoliday
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    lead_of,
    opened,
    save,
    until,
)
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER
ZONE = ZoneInfo("Asia/Kolkata")


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
def test_a_team_lead_sets_them(visit: Open, world: World, width: int, dark: bool) -> None:
    page = visit("settings", email=LEAD, width=width, dark=dark)
    panel = page.locator(".panel", has=page.get_by_role("heading", name="Opening hours"))
    expect(panel).to_contain_text("Mon–Sun 10:00–20:00")
    panel.get_by_role("button", name="Tellapur").click()
    opened(page)
    page.get_by_label("This center has its own opening hours").check()
    page.get_by_label("Mon").fill("9:00-12:30, 15:00–18:00")
    page.get_by_role("button", name="Use Monday's hours every day").click()
    page.get_by_label("Sat").fill("in the morning")
    page.get_by_label("Sun").fill("")
    check_accessibility(page)
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_contain_text("Sat: enter hours such as 10:00–20:00")
    page.get_by_label("Sat").fill("12:00-09:00")
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(page.get_by_role("alert")).to_have_text(
        "Sat: make each time later than the one before it"
    )
    page.get_by_label("Sat").fill("09:00-12:00")
    page.get_by_label("Next tries").fill("2h 1d")
    save(page)
    row = panel.get_by_role("row", name="Tellapur")
    expect(row).to_contain_text("Mon–Fri 09:00–12:30, 15:00–18:00; Sat 09:00–12:00; Sun closed")
    expect(row).to_contain_text("2h, 1d")
    expect(panel.get_by_role("row", name="Gachibowli")).to_contain_text("Same as all centers")
    # A holiday is added, and removed by mistake.
    page.get_by_role("button", name="Add holiday").click()
    opened(page)
    page.get_by_label("Name").fill("Summer camp")
    page.get_by_label("First day").fill("2099-05-01")
    page.get_by_label("Last day").fill("2099-05-03")
    save(page)
    holidays = page.locator(".panel", has=page.get_by_role("heading", name="Holidays"))
    expect(holidays).to_contain_text("1 May 2099 – 3 May 2099")
    holidays.get_by_role("button", name="Remove: Summer camp").click()
    expect(holidays).to_contain_text("No upcoming holidays.")
    page.get_by_role("button", name="Undo").click()
    expect(holidays).to_contain_text("Summer camp")
    check_accessibility(page)
    page.goto(page.url.replace("#/settings", "#/audit"))
    expect(page.get_by_text("Summer camp · 1 May 2099").first).to_be_visible()


def test_a_caller_is_offered_open_hours(visit: Open, world: World) -> None:
    today = times.now().astimezone(ZONE).date()
    week = [[{"opens": "06:00", "closes": "06:30"}]] * 7
    with world.db.write() as session:
        rules.change(session, 1, CallingRulesChange.model_validate({"week": week}))
        closed = {
            "label": "Floor repair",
            "first_day": today,
            "last_day": today + timedelta(days=4),
        }
        rules.add_holiday(session, NewHoliday.model_validate({**closed, "center_id": 1}))
    page = visit("", email=MEMBER)
    held: list[Route] = []
    page.route("**/opening-hours/?center_id=1", lambda route: held.append(route))
    page.reload()
    until(page, lambda: bool(held))
    opens = datetime.combine(today + timedelta(days=5), time(6), ZONE)
    page.get_by_role("button", name="Tomorrow").click()
    shown = page.get_by_role("group", name="Next follow-up").locator("legend b")
    expect(shown).to_contain_text("10:00")
    # What is shown is what will be saved, also where the hours come later.
    held[0].continue_()
    expect(shown).to_contain_text(f"{opens:%Y}, 06:00")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("Saved: Zoë Khan")).to_be_visible()
    assert lead_of(world, "Zoë Khan").next_followup_date == opens
