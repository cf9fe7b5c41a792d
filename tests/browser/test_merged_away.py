"""A lead is merged while it is open: nothing is saved before it is clear which one it is now."""

import pytest
from playwright.sync_api import Page, expect

from backend.core.access import Person
from backend.core.leads import editing
from backend.schemas.leads import NewLead
from tests.browser.conftest import ONE_SERVER, Open
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


@pytest.fixture
def other(world: World) -> int:
    new = NewLead(player_name="Imran Ali", phone="9848000301", center_id=1)
    with world.db.write() as session:
        return editing.create(session, Person(1, LEAD, "team_lead"), new, "IN")["lead"]["id"]


def merge(client: Client, world: World, other: int) -> None:
    """Merge the other lead into Zoë Khan, as a colleague does."""
    token = world.token(LEAD)
    mine, theirs = (client.get(f"/leads/{id}", token=token).json()["version"] for id in (1, other))
    given = {"other_id": other, "version": mine, "other_version": theirs}
    assert client.post("/leads/1/merge", json=given, token=token).status == 200


def comments(client: Client, world: World) -> list[str]:
    lines = client.get("/leads/1/history", token=world.token(LEAD)).json()
    return [line["data"]["text"] for line in lines if line["kind"] == "comment"]


def check_that_it_asks(page: Page, client: Client, world: World) -> None:
    card = page.get_by_role("article", name="Zoë Khan")
    expect(card.get_by_role("alert")).to_contain_text("Imran Ali was merged into Zoë Khan")
    expect(card.locator(".avatar")).to_have_text("ZK")
    expect(page.get_by_label("Comment")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(card.get_by_role("alert")).to_be_visible()
    assert comments(client, world) == []
    card.get_by_role("button", name="Continue with Zoë Khan").click()
    # What was typed is offered again.
    expect(page.get_by_label("Comment")).to_have_value("Wants evenings")
    expect(page.get_by_text("This is what you typed before")).to_be_visible()


def test_the_card_of_the_call_queue(visit: Open, world: World, client: Client, other: int) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("region", name="Call queue").get_by_role("button", name="Imran Ali").click()
    card = page.get_by_role("article", name="Imran Ali")
    expect(card.locator(".avatar")).to_have_text("IA")
    page.get_by_label("Comment").fill("Wants evenings")
    merge(client, world, other)
    page.get_by_role("button", name="Save and next").click()
    check_that_it_asks(page, client, world)
    card = page.get_by_role("article", name="Zoë Khan")
    expect(card.get_by_role("heading", level=2)).to_have_text("Zoë Khan")
    expect(card.locator(".avatar")).to_have_text("ZK")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text("Saved: Zoë Khan")).to_be_visible()
    assert comments(client, world) == ["Wants evenings"]


def test_the_card_is_opened_again(visit: Open, world: World, client: Client, other: int) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("region", name="Call queue").get_by_role("button", name="Imran Ali").click()
    page.get_by_label("Comment").fill("Wants evenings")
    merge(client, world, other)
    page.reload()
    check_that_it_asks(page, client, world)


def test_the_page_of_a_lead(visit: Open, world: World, client: Client, other: int) -> None:
    page = visit(f"lead/{other}", email=MEMBER)
    page.get_by_label("Comment").fill("Wants evenings")
    merge(client, world, other)
    page.get_by_role("button", name="Save", exact=True).first.click()
    check_that_it_asks(page, client, world)
    expect(page.get_by_role("heading", level=1)).to_have_text("Zoë Khan")


def test_the_details_of_a_lead(visit: Open, world: World, client: Client, other: int) -> None:
    page = visit(f"lead/{other}", email=MEMBER)
    page.get_by_label("Address").fill("2 Hill Road")
    merge(client, world, other)
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_role("alert")).to_contain_text("Imran Ali was merged into Zoë Khan")
    page.get_by_role("button", name="Continue with Zoë Khan").click()
    expect(page.get_by_label("Address")).to_have_value("1 Lake Road, 502020")
