"""Days and times are the academy's, wherever the browser is."""

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from backend.models import Lead
from tests.browser.conftest import ONE_SERVER, Open, lead_of
from tests.world import MEMBER, World

pytestmark = ONE_SERVER

# 5 December, 16:30 in Kolkata.
AT = datetime(2026, 12, 5, 11, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("elsewhere", "is_named"),
    [("America/New_York", True), ("Pacific/Auckland", True), ("Asia/Colombo", False)],
)
def test_a_browser_in_another_zone(
    visit: Open, world: World, elsewhere: str, is_named: bool
) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).trial_at = AT
    page = visit("lead/1", email=MEMBER, zone=elsewhere)
    named = page.get_by_text("Times are in the academy's time zone: Asia/Kolkata, GMT+5:30")
    trial = page.get_by_label("Trial", exact=True)
    expect(trial).to_have_value("2026-12-05T16:30")
    expect(named).to_have_count(int(is_named))
    trial.fill("2027-01-31T10:15")
    page.get_by_role("button", name="Save details").click()
    expect(page.locator(".history")).to_contain_text("31 Jan 2027, 10:15")
    assert lead_of(world, "Zoë Khan").trial_at == datetime(2027, 1, 31, 4, 45, tzinfo=UTC)
