"""How a call went: one tap or key, the time it took, and the way back."""

from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, lead_of
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER

# Taps Call, and comes back to the web app.
AWAY = """() => {
  const link = document.querySelector("article a[href^='tel:']");
  link.addEventListener("click", (event) => event.preventDefault());
  link.click();
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_an_unanswered_call_takes_one_key(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER, width=360)
    card = page.get_by_role("article")
    name = card.get_by_role("heading", level=2)
    first = name.inner_text()
    expect(card.get_by_text("If nobody answers: next try")).to_be_visible()
    page.evaluate(AWAY)
    expect(card.get_by_text("back after")).to_be_visible()
    page.keyboard.press("n")
    expect(name).not_to_have_text(first)
    lead = lead_of(world, first)
    assert (lead.attempts, lead.last_outcome, lead.status) == (1, "no_answer", "Called")
    assert lead.next_followup_date is not None
    # Undone, it is in hand again.
    page.get_by_role("button", name="Undo").click()
    expect(name).to_have_text(first)
    expect(card.get_by_text("If nobody answers: next try")).to_be_visible()
    assert lead_of(world, first).attempts == 0
    # A conversation: the outcome, the status, save.
    card.get_by_role("button", name="Spoke").click()
    card.get_by_role("button", name="Called", exact=False).first.click()
    page.get_by_role("button", name="Save and next").click()
    expect(name).not_to_have_text(first)
    assert lead_of(world, first).last_outcome == "spoke"


def test_an_unreachable_lead_has_a_list(visit: Open, world: World) -> None:
    page = visit("lead/1", email=LEAD)
    for count in range(1, 5):
        page.get_by_role("button", name="Busy").click()
        expect(page.get_by_text(f"{count} attempt").first).to_be_visible()
    expect(page.get_by_text("Unreachable: no more tries planned").first).to_be_visible()
    expect(page.locator(".history")).to_contain_text("Busy")
    page.goto(page.url.partition("#")[0] + "#/next")
    page.get_by_role("link", name="1 Unreachable").click()
    row = page.get_by_role("row").filter(has_text="Zoë Khan")
    expect(row).to_contain_text("4 attempts")
    page.goto(page.url.partition("#")[0] + "#/reports")
    calls = page.locator("section").filter(has_text="Calls in this period")
    if calls.count():
        expect(calls).to_contain_text("Conversations")
