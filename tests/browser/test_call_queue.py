"""The call queue, used with keys."""

import itertools
import re
from datetime import timedelta

from playwright.sync_api import Route, expect

from backend.core import times
from backend.models import Lead
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    drawn,
    lead_of,
    settled,
    take_clock,
    turn,
    until,
)
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


def test_a_call_is_recorded_with_two_keys(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    card = page.get_by_role("article")
    first = card.get_by_role("heading", level=2).inner_text()
    assert card.get_by_role("link", name=f"Call {first}", exact=True).get_attribute("href") in (
        f"tel:{lead_of(world, first).phone}",
    )
    whatsapp = card.get_by_role("link", name=f"WhatsApp {first}").get_attribute("href") or ""
    assert re.fullmatch(r"https://wa\.me/91\d{10}", whatsapp)
    page.keyboard.press("2")
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    expect(card.get_by_role("heading", level=2)).not_to_have_text(first)
    expect(page.get_by_text(f"Saved: {first}")).to_be_visible()
    noted = lead_of(world, first)
    assert noted.status == "Called"
    assert noted.next_followup_date is not None
    assert times.now() < noted.next_followup_date < times.now() + timedelta(days=2)


# As the page keeps them, after those that are there.
SKIP_MORE = """(ids) => {
    const key = Object.keys(localStorage).find((one) => one.endsWith(" skipped"));
    const draft = JSON.parse(localStorage[key]);
    const at = new Date().toISOString();
    draft.values.leads.push(...ids.map((id) => ({ id, name: `Player ${id}`, at })));
    localStorage[key] = JSON.stringify(draft);
}"""


def test_skipped_leads_come_back(visit: Open, world: World, leads: None) -> None:
    """They stay away for some hours, on a page that is loaded again as well."""
    page = visit("leads", email=MEMBER, zone="Asia/Kolkata")
    take_clock(page)
    turn(page, "next")
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    page.keyboard.press("j")
    expect(name).not_to_have_text(second)
    page.keyboard.press("k")
    expect(name).to_have_text(second)
    page.reload()
    expect(name).to_have_text(second)
    page.clock.fast_forward(timedelta(hours=3, minutes=50) // timedelta(milliseconds=1))
    settled(page)
    expect(name).to_have_text(second)
    # Nobody is at work on the card, so that the most urgent lead takes its place.
    page.clock.fast_forward(timedelta(minutes=11) // timedelta(milliseconds=1))
    expect(name).to_have_text(first)


def test_what_is_skipped_first_comes_back_first(visit: Open, leads: None) -> None:
    """When more are skipped than a request takes, the others stay away."""
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    page.evaluate(SKIP_MORE, [*range(1001, 1100)])
    page.reload()
    queue = page.get_by_role("region", name="Call queue")
    expect(name).to_have_text(second)
    expect(queue).not_to_contain_text(first)
    page.keyboard.press("x")
    expect(queue).to_contain_text(first)
    expect(queue).not_to_contain_text(second)


def test_a_skip_by_a_clock_that_was_wrong(visit: Open, leads: None) -> None:
    page = visit("leads", email=MEMBER, zone="Asia/Kolkata")
    now = times.now()
    take_clock(page, time=now + timedelta(days=30))
    turn(page, "next")
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    page.clock.set_system_time(now)
    page.reload()
    expect(name).to_have_text(first)


def test_a_key_pressed_as_a_card_appears(visit: Open, leads: None) -> None:
    page = visit("", email=MEMBER)
    queue = page.get_by_role("region", name="Call queue").get_by_role("button")
    expect(queue.nth(2)).to_be_visible()
    names = queue.locator("b").all_inner_texts()
    # The next key comes before the card is painted, and must mean the card that stands there.
    page.evaluate(
        """() => {
          const press = () => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "x", bubbles: true }));
          const seen = new MutationObserver(() => { seen.disconnect(); press(); });
          seen.observe(document.querySelector("main"), { childList: true, subtree: true });
          press();
        }"""
    )
    expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text(names[2])


def test_two_people_record_a_call_at_once(visit: Open, world: World, client: Client) -> None:
    page = visit("", email=MEMBER)
    card = page.get_by_role("article")
    expect(card.get_by_text("No activity yet")).to_be_visible()
    page.get_by_label("Comment").fill("No answer")
    theirs = {"comment": "Calls back on Monday", "status": "Called"}
    assert client.patch("/leads/1", json=theirs, token=world.token(LEAD)).status == 200
    held: list[Route] = []
    reads = itertools.count(1)

    def hold_the_second(route: Route) -> None:
        # The first one finds out who has changed the lead, the second one draws it again.
        if route.request.method == "GET" and next(reads) == 2:
            held.append(route)
        else:
            route.continue_()

    page.route("**/leads/1", hold_the_second)
    save = page.get_by_role("button", name="Save and next")
    save.click()
    expect(page.get_by_role("alert")).to_contain_text("Someone else updated this lead. Review")
    expect(card.locator(".history")).to_contain_text("Calls back on Monday")
    expect(page.get_by_label("Comment")).to_have_value("No answer")
    until(page, lambda: bool(held))
    # Saved before the lead was read, it would have been the old version once more.
    expect(save).to_be_disabled()
    held[0].continue_()
    save.click()
    expect(page.get_by_text("Saved: Zoë Khan")).to_be_visible()
    lines = client.get("/leads/1/history", token=world.token(LEAD)).json()
    assert [line["data"]["text"] for line in lines if line["kind"] == "comment"] == [
        "No answer", "Calls back on Monday",
    ]  # fmt: skip


def test_a_status_asks_for_what_it_needs(visit: Open, world: World) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("article").wait_for()
    page.keyboard.press("3")
    page.get_by_label("Trial", exact=True).fill("2026-12-05T16:30")
    page.get_by_label("Comment").fill("Brings his own ball")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("No one to call right now")).to_be_visible()
    lead = lead_of(world, "Zoë Khan")
    assert (lead.status, str(lead.trial_at)) == ("Trial Scheduled", "2026-12-05 11:00:00+00:00")


def test_what_is_typed_as_the_lead_arrives_stays(visit: Open, world: World) -> None:
    page = visit("about")
    held: list[Route] = []
    page.route("**/leads/1", lambda route: held.append(route))
    page.goto(page.url.partition("#")[0] + "#/")
    page.get_by_role("article").wait_for()
    page.keyboard.press("3")
    trial = page.get_by_label("Trial", exact=True)
    trial.wait_for()
    # Typed when the lead's version is drawn, and before anything that is done after drawing.
    trial.evaluate(
        """(field) => {
          const seen = new MutationObserver(() => {
            seen.disconnect();
            field.value = "2026-12-05T16:30";
            field.dispatchEvent(new Event("input", { bubbles: true }));
          });
          seen.observe(document.querySelector("article"), { childList: true, subtree: true });
        }"""
    )
    answer = held[0].fetch()
    held[0].fulfill(response=answer, json={**answer.json(), "campaign": "Summer camp"})
    expect(page.get_by_text("Summer camp")).to_be_visible()
    drawn(page)
    expect(trial).to_have_value("2026-12-05T16:30")


def test_on_a_phone_the_name_call_and_save_stay_in_reach(
    visit: Open, world: World, leads: None
) -> None:
    page = visit("", email=MEMBER, width=360)
    page.set_viewport_size({"width": 360, "height": 640})
    card = page.get_by_role("article")
    name = card.get_by_role("heading", level=2)
    first = name.inner_text()
    call = card.get_by_role("link", name=f"Call {first}", exact=True)
    save = page.get_by_role("button", name="Save and next")
    parts = (card.locator(".whose"), call, save, page.get_by_role("button", name="Skip"))
    for depth in (0, 300, 900, 100_000):
        page.evaluate("depth => scrollTo(0, depth)", depth)
        for part in parts:
            # In the lower third, where a thumb is, and nothing else is over it.
            box = part.bounding_box()
            assert box is not None
            assert 640 * 2 / 3 < box["y"] < box["y"] + box["height"] <= 640
            part.click(trial=True)
    expect(parts[0]).to_have_text(first)
    # What is wrong is in sight, and so is the next name once the call is saved.
    save.click()
    expect(page.get_by_role("alert")).to_be_in_viewport()
    card.get_by_role("button", name="No answer").click()
    expect(page.get_by_text(f"Saved: {first}")).to_be_visible()
    expect(name).not_to_have_text(first)
    expect(name).to_be_in_viewport()
    expect(name).to_be_focused()
    expect(card.locator(".whose")).to_have_text(name.inner_text())
    check_accessibility(page)


def test_an_untouched_card_goes_only_if_a_colleague_has_called(
    visit: Open, world: World, client: Client, leads: None
) -> None:
    page = visit("leads", email=MEMBER, zone="Asia/Kolkata")
    take_clock(page)
    turn(page, "")
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    # More leads than the queue shows are to be called before it.
    with world.db.write() as session:
        for number in range(40):
            session.add(Lead(created_time=times.now(), player_name=f"New {number}", center_id=1))
    with page.expect_response("**/leads/next*"):
        page.clock.fast_forward(60_000)
    expect(page.get_by_role("button", name="New 39")).to_be_visible()
    expect(name).to_have_text(first)
    said = {"outcome": "no_answer"}
    calls = f"/leads/{lead_of(world, first).id}/calls/"
    assert client.post(calls, json=said, token=world.token(LEAD)).status == 200
    name.focus()
    page.clock.fast_forward(60_000)
    expect(name).not_to_have_text(first)
    # What had the focus is gone, and the next name is read out instead.
    expect(name).to_be_focused()
