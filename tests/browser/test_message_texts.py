"""WhatsApp texts: written in Settings, chosen on the lead in hand, shown in its history."""

import re
from datetime import timedelta
from urllib.parse import unquote

import pytest
from playwright.sync_api import Page, expect

from backend.core import times
from backend.core.leads import message_texts
from backend.models import Lead, Status
from backend.schemas.message_texts import NewMessageText
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, drawn, error_of, opened
from tests.world import LEAD, LEAD_OF_TELLAPUR, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER
# Says what would be opened: another host answers no test.
OPENED = """() => {
  window.opened = [];
  window.open = (address) => void window.opened.push(address);
}"""


@pytest.fixture
def texts(world: World) -> None:
    """Add a greeting for any lead, and a reminder that needs a trial."""
    with world.db.write() as session:
        for label, message in (
            ("Greeting", "Hello {name}, it's {caller} & co."),
            ("Trial reminder", "See you {trial}"),
        ):
            message_texts.create(session, NewMessageText(label=label, message=message))


def opened_chats(page: Page) -> list[str]:
    found: list[str] = page.evaluate("window.opened")
    return found


def offer(page: Page) -> list[str]:
    page.get_by_role("button", name="WhatsApp Zoë Khan").click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    return page.get_by_role("menuitem").all_inner_texts()


@pytest.mark.parametrize("dark", [False, True])
def test_a_text_is_chosen_by_touch(visit: Open, world: World, texts: None, dark: bool) -> None:
    page = visit("", email=MEMBER, width=360, dark=dark)
    page.evaluate(OPENED)
    card = page.get_by_role("article")
    card.get_by_label("Comment").fill("Asks for the address")
    assert offer(page) == ["Greeting", "Chat without a text"]
    check_accessibility(page)
    page.get_by_role("menuitem", name="Greeting").click()
    expect(page.get_by_text("WhatsApp to Zoë Khan recorded: Greeting")).to_be_visible()
    text = "Hello%20Zo%C3%AB%20Khan%2C%20it's%20Tellapur%20%26%20co."
    assert opened_chats(page) == [f"https://wa.me/919848000001?text={text}"]
    # It stays in hand with what was typed, which is saved over the message.
    expect(card.locator(".history")).to_contain_text("WhatsApp sent: Greeting")
    expect(card.get_by_label("Comment")).to_have_value("Asks for the address")
    assert attempts(world) == 1
    page.get_by_role("button", name="Undo").click()
    expect(card.locator(".history")).to_contain_text("Change undone")
    assert attempts(world) == 0
    card.get_by_role("button", name="Save and next").click()
    expect(card.locator(".history .comment")).to_have_text("Asks for the address")
    expect(card.get_by_label("Comment")).to_have_value("")


def attempts(world: World) -> int:
    with world.db.read() as session:
        return session.get_one(Lead, LEAD_OF_TELLAPUR).attempts


def test_by_keyboard_on_the_lead_page(visit: Open, world: World, texts: None) -> None:
    with world.db.write() as session:
        lead = session.get_one(Lead, LEAD_OF_TELLAPUR)
        lead.status, lead.trial_at = Status.TRIAL_SCHEDULED, times.now() + timedelta(days=1)
    page = visit("lead/1")
    page.evaluate(OPENED)
    page.get_by_role("button", name="WhatsApp Zoë Khan").press("Enter")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("t")
    expect(page.get_by_role("menuitem", name="Trial reminder")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".history")).to_contain_text("WhatsApp sent: Trial reminder")
    (chat,) = opened_chats(page)
    assert re.fullmatch(r"See you \w+, \d+ \w+ at [\d:]+ [ap]m", unquote(chat.partition("=")[2]))
    offer(page)
    page.get_by_role("menuitem", name="Chat without a text").click()
    assert opened_chats(page)[1:] == ["https://wa.me/919848000001"]
    assert attempts(world) == 1


def test_without_a_text_it_is_a_link(visit: Open, world: World, texts: None) -> None:
    observer = visit("lead/1", email=OBSERVER)
    expect(observer.get_by_role("link", name="WhatsApp Zoë Khan")).to_be_visible()
    with world.db.write() as session:
        for id in (1, 2):
            message_texts.archive(session, id)
    page = visit("lead/1", email=MEMBER)
    with page.expect_response("**/message-texts/"):
        page.reload()
    drawn(page)
    expect(page.get_by_role("link", name="WhatsApp Zoë Khan")).to_be_visible()
    with world.db.write() as session:
        session.get_one(Lead, LEAD_OF_TELLAPUR).do_not_contact = True
        message_texts.restore(session, 1)
    page.reload()
    expect(page.get_by_text("Do not contact").first).to_be_visible()
    expect(page.get_by_label("WhatsApp Zoë Khan")).to_have_count(0)


@pytest.mark.parametrize("width", [360, 1280])
def test_a_team_lead_writes_one(visit: Open, width: int) -> None:
    page = visit("settings", email=LEAD, width=width)
    page.get_by_role("button", name="Add text").click()
    opened(page)
    dialog = page.locator("dialog")
    dialog.get_by_label("Name", exact=True).fill("Trial reminder")
    dialog.get_by_label("For leads with status").select_option("Trial scheduled")
    field = dialog.get_by_label("Text")
    field.fill("Hi {parent} of ")
    dialog.get_by_role("button", name="Player's name").click()
    expect(field).to_have_value("Hi {parent} of {name}")
    expect(dialog.locator("pre")).to_have_text("Hi {parent} of Aarav Reddy")
    check_accessibility(page)
    dialog.get_by_role("button", name="Save").click()
    expect(error_of(page, "message")).to_contain_text("{parent} isn't a placeholder")
    field.fill("Hi")
    dialog.get_by_role("button", name="Save").click()
    row = page.get_by_role("row").filter(has_text="Trial reminder")
    expect(row).to_contain_text("Trial scheduled")
    expect(row).to_contain_text("All centers")
    row.get_by_role("button").click()
    opened(page)
    dialog.get_by_role("button", name="Archive").click()
    expect(row).to_contain_text("Archived")
    page.get_by_role("button", name="Undo").click()
    expect(row).not_to_contain_text("Archived")
