"""Fast fingers and slow answers: every tap, key and letter belongs to the lead it was meant for."""

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import col, select

from backend.models import Attempt, Comment, Lead
from tests.browser.conftest import ONE_SERVER, Open, lead_of, settled, turn, until
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


def attempts(world: World) -> list[tuple[int, str]]:
    with world.db.read() as session:
        found = session.execute(
            select(col(Attempt.lead_id), col(Attempt.outcome)).order_by(col(Attempt.id))
        )
        return [(id, outcome) for id, outcome in found]


def comments(world: World) -> list[str]:
    with world.db.read() as session:
        return list(session.scalars(select(Comment.text).order_by(col(Comment.id))))


def hold(page: Page, path: str) -> list[Route]:
    """Hold back the answers to what is saved; the test lets them go."""
    held: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.method in ("POST", "PATCH"):
            held.append(route)
        else:
            route.continue_()

    page.route(path, answer)
    return held


def test_a_double_tap_is_for_one_lead(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER, width=360)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    mine = lead_of(world, first).id
    no_answer = page.get_by_role("button", name="No answer")
    no_answer.click()
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    # What the browser makes of a tap right after another one, at the same place.
    no_answer.dispatch_event("click", {"detail": 2})
    page.get_by_role("button", name="Skip").dispatch_event("click", {"detail": 3})
    settled(page)
    expect(name).to_have_text(second)
    assert attempts(world) == [(mine, "no_answer")]
    # Afterwards everything is as usual, and a double tap on one card is a tap.
    page.get_by_role("button", name="Spoke").dblclick()
    expect(page.get_by_role("button", name="Spoke")).to_have_attribute("aria-pressed", "true")
    no_answer.click()
    expect(name).not_to_have_text(second)
    assert attempts(world) == [(mine, "no_answer"), (lead_of(world, second).id, "no_answer")]


def test_a_key_that_is_held_down_is_for_one_lead(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    queue = page.get_by_role("region", name="Call queue").get_by_role("button")
    expect(queue.nth(3)).to_be_visible()
    names = queue.locator("b").all_inner_texts()
    for _ in range(3):
        page.keyboard.down("x")
    page.keyboard.up("x")
    expect(name).to_have_text(names[1])
    page.keyboard.down("n")
    expect(name).to_have_text(names[2])
    page.keyboard.down("n")
    page.keyboard.up("n")
    settled(page)
    expect(name).to_have_text(names[2])
    assert attempts(world) == [(lead_of(world, names[1]).id, "no_answer")]
    # The list is still gone through with a key that is held down.
    for _ in range(2):
        page.keyboard.down("j")
    page.keyboard.up("j")
    expect(name).to_have_text(names[4])


def test_what_is_typed_while_it_is_saved_stays(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    held = hold(page, "**/calls/")
    comment = page.get_by_label("Comment")
    comment.fill("Rang twice")
    page.get_by_role("button", name="No answer").click()
    until(page, lambda: len(held) == 1)
    comment.focus()
    comment.press("End")
    comment.press_sequentially(", no")
    held[0].continue_()
    expect(page.get_by_text(f"Saved: {first}")).to_be_visible()
    # The letters that follow aren't shortcuts on the next card.
    comment.press_sequentially("body there")
    expect(name).to_have_text(first)
    page.unroute("**/calls/")
    page.get_by_role("button", name="Save and next").click()
    expect(name).not_to_have_text(first)
    assert comments(world) == ["Rang twice", "Rang twice, nobody there"]
    assert len(attempts(world)) == 1


def test_what_is_typed_while_a_save_is_refused_stays(
    visit: Open, world: World, client: Client
) -> None:
    """A colleague has changed the lead since, and the page goes on from there."""
    page = visit("lead/1", email=MEMBER)
    details = page.locator("form.edit")
    held = hold(page, "**/leads/1")
    details.get_by_label("Address").fill("12 Lake Road")
    details.get_by_role("button", name="Save").click()
    until(page, lambda: len(held) == 1)
    details.get_by_label("Address").press("End")
    details.get_by_label("Address").press_sequentially(", Tellapur")
    details.get_by_label("Email").fill("zoe@home.example")
    theirs = {"birth_date": "2016-05-04"}
    assert client.patch("/leads/1", json=theirs, token=world.token(LEAD)).status == 200
    held[0].continue_()
    expect(details.get_by_label("Date of birth")).to_have_value("2016-05-04")
    expect(details.get_by_label("Address")).to_have_value("12 Lake Road, Tellapur")
    expect(details.get_by_label("Email")).to_have_value("zoe@home.example")
    page.unroute("**/leads/1")
    details.get_by_role("button", name="Save").click()
    expect(details.get_by_role("button", name="Save")).to_have_count(0)
    with world.db.read() as session:
        saved = session.get_one(Lead, 1)
        assert (saved.address, saved.email) == ("12 Lake Road, Tellapur", "zoe@home.example")
        assert str(saved.birth_date) == "2016-05-04"


def test_one_draft_on_two_tabs(visit: Open, world: World, client: Client) -> None:
    """The second tab has the draft of the first one's call, and something more."""
    page = visit("lead/1", email=MEMBER)
    page.get_by_role("button", name="Spoke").click()
    other = page.context.new_page()
    other.goto(page.url)
    spoke = other.get_by_role("button", name="Spoke")
    expect(spoke).to_have_attribute("aria-pressed", "true")
    other.get_by_label("Comment").fill("Has a brother of nine")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_role("alert")).to_contain_text("This call is already recorded")
    expect(spoke).to_have_attribute("aria-pressed", "false")
    expect(other.get_by_label("Comment")).to_have_value("Has a brother of nine")
    other.get_by_role("button", name="Save", exact=True).click()
    expect(other.get_by_label("Comment")).to_have_value("")
    assert comments(world) == ["Has a brother of nine"]
    assert attempts(world) == [(1, "spoke")]


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("path", ["", "lead/1"])
def test_no_button_moves_when_the_next_try_is_known(visit: Open, path: str, width: int) -> None:
    page = visit("leads", email=MEMBER, width=width)
    settled(page)
    held: list[Route] = []
    page.route("**/calls/", lambda route: held.append(route))
    turn(page, path)
    until(page, lambda: bool(held))
    button = page.get_by_role("button", name="Not interested")
    next_try = page.get_by_text("If nobody answers")
    expect(next_try).to_be_hidden()
    before = button.bounding_box()
    for route in held:
        route.continue_()
    expect(next_try).to_be_visible()
    assert button.bounding_box() == before
