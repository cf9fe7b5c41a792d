"""Long names of people, centers and leads: no page of a phone is to be scrolled sideways."""

from playwright.sync_api import expect
from sqlmodel import col, select

from backend.models import Center, Lead, User
from tests.browser.conftest import ONE_SERVER, Open, drawn, settled
from tests.servers import Client
from tests.world import LEAD, World

pytestmark = ONE_SERVER
WORD = "Wolfeschlegelsteinhausenbergerdorff" * 2
PLACE = "TOFA Football Academy, Financial District Ground, Gachibowli, Hyderabad"
WIDER = """[...document.querySelectorAll(".queue")]
    .filter((one) => one.scrollWidth > one.clientWidth).length"""
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
        for width in (820, 360):
            page.set_viewport_size({"width": width, "height": 800})
            drawn(page)
            assert (place, page.evaluate("document.documentElement.scrollWidth")) == (place, width)
            # Nor is what scrolls by itself: the times of a queue are beside its names.
            assert page.evaluate(WIDER) == 0
        page.close()
