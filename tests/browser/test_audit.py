"""The audit trail in the web app: who did what, filtered, for team leads."""

from typing import Any

from playwright.sync_api import expect
from sqlmodel import Session

from backend.core import audit
from backend.core.audit import Event, Subject
from tests.browser.conftest import ONE_SERVER, Open
from tests.world import World

pytestmark = ONE_SERVER


def fill(session: Session) -> None:
    """An event of each kind that the page shows in a way of its own."""
    changed: dict[str, Any] = {"fields": ["role"], "role": ["observer", "team_member"]}
    user, lead, center = Subject.USER, Subject.LEAD, Subject.CENTER
    audit.record(session, Event.SIGN_IN_FAILED, by=None, address="203.0.113.7")
    audit.record(session, Event.USER_CHANGED, by=1, subject=user, subject_id=4, **changed)
    audit.record(session, Event.LEAD_OPENED, by=2, subject=lead, subject_id=1)
    audit.record(session, Event.CENTER_MERGED, by=1, subject=center, subject_id=2, into_id=1)
    audit.record(session, Event.LEADS_EXPORTED, by=4, leads=2, filter={"q": True})


def test_the_trail_is_shown_and_filtered(visit: Open, world: World) -> None:
    with world.db.write() as session:
        fill(session)
    page = visit("settings")
    page.get_by_role("link", name="Audit trail").click()
    expect(page.get_by_text("old ones are removed")).to_be_visible()
    rows = page.locator(".history li")
    expect(rows).to_have_count(7)
    for number, texts in enumerate(
        (
            ("Signed in", "Admin", "127.0.0.1"),
            ("Leads exported", "Observer", "2 leads · Filtered by search"),
            ("Center merged", "Admin", "Gachibowli · → Tellapur"),
            ("Lead opened", "Tellapur", "Lead #1"),
            ("Person changed", "Admin", "Observer · Observer → Team member"),
            ("Sign-in failed", "Not signed in", "203.0.113.7"),
            ("Person added", "The system", "Admin · Team lead"),
        )
    ):
        for text in texts:
            expect(rows.nth(number)).to_contain_text(text)
    page.get_by_label("Any event").select_option("Lead opened")
    expect(rows).to_have_count(1)
    page.get_by_label("Anyone").select_option("Observer")
    expect(page.get_by_text("No events match these filters")).to_be_visible()
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(7)
    page.get_by_role("link", name="Lead #1").click()
    page.get_by_role("heading", name="Zoë Khan").wait_for()
