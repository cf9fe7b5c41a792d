"""What is sent to people: messages that failed, alerts on a device, and summaries by email."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from backend.core import times
from backend.core.reasons import ReasonCode
from backend.models import AlertPreference, MessageState, OutboxMessage, PushSubscription, User
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility
from tests.core.alerts.test_web_push import AUTH, PUBLIC
from tests.servers import Client
from tests.world import LEAD, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER
LEAD_ID, MEMBER_ID = 1, 2
ENDPOINT = "https://fcm.googleapis.com/fcm/send/tellapur"
# A browser with a push service, which answers as `allowed` says. Tests have no service workers.
BROWSER = """
{
  let subscription = null;
  const made = (given) => ({
    toJSON: () => given,
    endpoint: given.endpoint,
    unsubscribe: async () => { subscription = null; },
  });
  const pushManager = {
    getSubscription: async () => subscription,
    subscribe: async ({ applicationServerKey }) => {
      window.key = applicationServerKey;
      return (subscription = made(GIVEN));
    },
  };
  const value = {
    addEventListener() {},
    register: async () => ({ pushManager, addEventListener() {} }),
    getRegistration: async () => ({ pushManager }),
  };
  Object.defineProperty(navigator, "serviceWorker", { value });
  Notification.requestPermission = async () => window.allowed ?? "denied";
}
"""


@pytest.mark.parametrize(("width", "dark"), [(360, True), (1280, False)])
def test_messages_that_were_not_sent(visit: Open, world: World, width: int, dark: bool) -> None:
    now = times.now()
    with world.db.write() as session:
        for kind, channel in (("morning_summary", "email"), ("new_lead", "web_push")):
            session.add(
                OutboxMessage(
                    channel=channel,
                    kind=kind,
                    created_at=now,
                    due_at=now,
                    state=MessageState.FAILED,
                    attempts=14,
                    reason=ReasonCode.RECEIVER_UNREACHABLE,
                    user_id=LEAD_ID,
                )
            )
    with world.db.read() as session:
        name = session.get_one(User, LEAD_ID).full_name
    page = visit("intake", email=LEAD, width=width, dark=dark)
    panel = page.locator("section", has=page.get_by_role("heading", name="Messages not sent"))
    rows = panel.get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("New lead")
    expect(rows.last).to_contain_text("Morning summary")
    expect(rows.last).to_contain_text(name)
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    rows.last.get_by_role("button", name="Retry").click()
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Dismiss").click()
    expect(panel).to_have_count(0)
    with world.db.read() as session:
        kept = session.scalars(select(OutboxMessage).order_by(col(OutboxMessage.id))).all()
    assert [one.state for one in kept] == [MessageState.WAITING, MessageState.DISMISSED]
    assert [one.closed_by for one in kept] == [None, LEAD_ID]


def test_alerts_on_this_device(visit: Open, world: World) -> None:
    page = visit("security", email=MEMBER, width=360)
    expect(page.get_by_text("This browser can't show alerts")).to_be_visible()
    keys = {"p256dh": PUBLIC, "auth": AUTH}
    given = json.dumps({"endpoint": ENDPOINT, "expirationTime": None, "keys": keys})
    page.add_init_script(BROWSER.replace("GIVEN", given))
    page.reload()
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_text("Allow notifications for this site")).to_be_visible()
    page.evaluate("window.allowed = 'granted'")
    page.get_by_role("button", name="Turn on").click()
    expect(page.get_by_role("button", name="Turn off")).to_be_visible()
    check_accessibility(page)
    with world.db.read() as session:
        kept = session.scalars(select(PushSubscription)).one()
    assert (kept.user_id, kept.endpoint, kept.auth) == (MEMBER_ID, ENDPOINT, AUTH)
    assert len(page.evaluate("window.key")) == 87
    page.get_by_role("button", name="Turn off").click()
    expect(page.get_by_role("button", name="Turn on")).to_be_visible()
    with world.db.read() as session:
        assert session.scalars(select(PushSubscription)).all() == []


def test_summaries_by_email(visit: Open, world: World, serve: Callable[..., Client]) -> None:
    page = visit("security", email=MEMBER)
    expect(page.get_by_role("heading", name="Alerts on this device")).to_be_visible()
    expect(page.get_by_text("Summaries by email")).to_have_count(0)
    serve(
        smtp_url="smtp://127.0.0.1:1", public_url="http://localhost", mail_from="crm@tofa.example"
    )
    page.reload()
    wanted = page.get_by_label("Send me a summary in the morning and in the evening")
    expect(wanted).not_to_be_checked()
    check_accessibility(page)
    wanted.check()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    with world.db.read() as session:
        assert session.get_one(AlertPreference, MEMBER_ID).summaries is True
    page.reload()
    expect(wanted).to_be_checked()
    observer = visit("security", email=OBSERVER)
    expect(observer.get_by_role("heading", name="Where you're signed in")).to_be_visible()
    expect(observer.get_by_text("Summaries by email")).to_have_count(0)
