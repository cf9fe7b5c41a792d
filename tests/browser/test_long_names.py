"""Long names, names of other scripts, and colors of the person's own: all can be read."""

import pytest
from playwright.sync_api import expect
from sqlmodel import col, select

from backend.models import Center, Lead, User
from tests.browser.conftest import ONE_SERVER, Open, drawn, settled, turn
from tests.servers import Client
from tests.world import LEAD, World

pytestmark = ONE_SERVER
WORD = "Wolfeschlegelsteinhausenbergerdorff" * 2
PLACE = "TOFA Football Academy, Financial District Ground, Gachibowli, Hyderabad"
WIDER = """[...document.querySelectorAll(".queue")]
    .filter((one) => one.scrollWidth > one.clientWidth).length"""
ENDS = "(one) => { const all = one.getClientRects(); return all[all.length - 1].toJSON(); }"
COLORS = "(one) => getComputedStyle(one).backgroundColor"
FORM = {"phone_number": "9848022338", "full_name": WORD, "nearest_center": "TOFA Nowhere"}


def test_no_page_is_wider_than_the_screen(visit: Open, world: World, client: Client) -> None:
    with world.db.write() as session:
        for center in session.scalars(select(Center)):
            center.display_name = PLACE
        for user in session.scalars(select(User).where(col(User.email) != LEAD)):
            user.full_name = WORD
        session.scalars(select(User).where(col(User.email) == LEAD)).one().full_name = f"{WORD}s"
        session.get_one(Lead, 1).player_name = WORD
    client.post("/leads/meta-webhook/", json=FORM)
    token = world.token(LEAD)
    assert client.patch("/leads/1", json={"owner_id": 2}, token=token).status == 200
    for place in ("next", "leads", "board", "lead/1", "actions", "live", "settings", "intake"):
        page = visit(place, width=820)
        expect(page.locator("main h1").first).to_be_visible()
        settled(page)
        # The last is a desktop's page at four times its size: WCAG 2.2, 1.4.10.
        for width in (820, 360, 320):
            page.set_viewport_size({"width": width, "height": 800})
            drawn(page)
            assert (place, page.evaluate("document.documentElement.scrollWidth")) == (place, width)
            # Nor is what scrolls by itself: the times of a queue are beside its names.
            assert page.evaluate(WIDER) == 0
        page.close()


ARABIC = "عبد الرحمن بن محمد بن عبد العزيز آل سعود الطويل جدا"
# Where the first letters of a name, and the number after it, are drawn.
PLACES = """(one) => {
    const range = document.createRange();
    const text = document.createTreeWalker(one, NodeFilter.SHOW_TEXT).nextNode();
    range.setStart(text, 0);
    range.setEnd(text, 3);
    const { left, right } = range.getBoundingClientRect();
    const box = one.getBoundingClientRect();
    return [left >= box.left - 1 && right <= box.right + 1, right - left > 0];
}"""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_name_from_right_to_left_shows_its_beginning(
    visit: Open, world: World, client: Client, width: int
) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).player_name = ARABIC
    token = world.token(LEAD)
    assert (
        client.patch("/leads/1", json={"comment": ARABIC, "status": "Called"}, token=token).status
        == 200
    )
    page = visit("leads", width=width)
    for place, name in (("leads", ".row b"), ("board", ".mini b"), ("lead/1", "h1")):
        turn(page, place)
        shown = page.locator(name, has_text=ARABIC)
        assert shown.first.evaluate(PLACES) == [True, True]
    # What is typed, and what was typed, is read as its script is.
    for text in (page.get_by_label("Comment"), page.locator(".history .comment").first):
        expect(text).to_have_css("unicode-bidi", "plaintext")
    # A time beside the name stays on its right.
    turn(page, "actions")
    link = page.get_by_role("link", name=ARABIC).first
    said = page.locator(".actions time").first
    name, time = link.evaluate(ENDS), said.evaluate(ENDS)
    assert time["left"] >= name["right"] or time["top"] >= name["bottom"] - 2


def test_what_is_chosen_is_seen_in_a_persons_own_colors(visit: Open, leads: None) -> None:
    page = visit("")
    page.emulate_media(forced_colors="active")
    status = page.get_by_role("button", name="Called")
    for chosen, key in ((status, "2"), (page.get_by_role("button", name="Tomorrow"), "w")):
        before = chosen.evaluate(COLORS)
        page.keyboard.press(key)
        expect(chosen).to_have_attribute("aria-pressed", "true")
        page.wait_for_function(
            f"([one, was]) => ({COLORS})(one) !== was", arg=[chosen.element_handle(), before]
        )
    others = page.locator(".places a, .queue button")
    colors = {one.evaluate(COLORS) for one in others.all()}
    assert len(colors) > 1
    turn(page, "leads")
    rows = page.locator(".row")
    expect(rows.first).to_have_css("outline-style", "solid")
    expect(rows.nth(1)).to_have_css("outline-style", "none")
