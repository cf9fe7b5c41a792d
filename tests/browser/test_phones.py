"""Phones: what is read while someone types one, and how each page shows and calls it."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, lead_of
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


@pytest.mark.parametrize("width", [1280, 360])
def test_a_phone_is_checked_while_it_is_typed(visit: Open, world: World, width: int) -> None:
    page = visit("leads", email=MEMBER, width=width)
    page.get_by_role("button", name="Add lead").click()
    form = page.locator("dialog form")
    form.get_by_label("Player").fill("Tara Khan")
    phone, told = form.get_by_label("Phone"), form.get_by_role("status")
    expect(told).to_have_text("")
    phone.press_sequentially("98480 99")
    expect(told).to_have_text("Number too short. Saved as typed, but it can't be called or matched")
    phone.fill("98480 99001 (Mother) / 040-23456789")
    expect(told).to_have_text("Read as +91 98480 99001 · +91 40 2345 6789")
    phone.fill("")
    expect(told).to_have_text("")
    phone.fill("9.17013E+11")
    expect(told).to_contain_text("Digits lost")
    page.get_by_role("button", name="Add lead", exact=True).last.click()
    expect(page.get_by_role("heading", name="Tara Khan")).to_be_visible()
    assert lead_of(world, "Tara Khan").phone == "9.17013E+11"
    # It can't be called, and there is no link that would dial something else.
    expect(page.get_by_role("link", name="Call Tara Khan")).to_have_count(0)
    page.get_by_label("Phone").fill("+971 50 123 4567")
    expect(page.get_by_text("Read as +971 50 123 4567")).to_be_visible()
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_role("link", name="Call Tara Khan")).to_have_attribute(
        "href", "tel:+971501234567"
    )


def test_without_a_connection_a_phone_can_be_typed(visit: Open) -> None:
    page = visit("lead/1")
    phone = page.get_by_label("Phone")
    expect(phone).to_be_visible()
    page.context.set_offline(True)
    with page.expect_event("requestfailed"):
        phone.fill("9848099001")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Saved")).to_be_visible()


def test_each_page_shows_and_calls_the_number(visit: Open, world: World, client: Client) -> None:
    new = {"player_name": "Tara Khan", "center_id": 1, "phone": "040-23456789 ext 12, 9848099001"}
    id = client.post("/leads/", json=new, token=world.token(LEAD)).json()["lead"]["id"]
    page = visit(f"lead/{id}")
    call = page.get_by_role("link", name="Call Tara Khan")
    expect(call).to_have_attribute("href", "tel:+914023456789;ext=12")
    chat = page.get_by_role("link", name="WhatsApp").first
    expect(chat).to_have_attribute("href", "https://wa.me/914023456789")
    further = page.get_by_role("link", name="+91 98480 99001")
    expect(further).to_have_attribute("href", "tel:+919848099001")
    shown = "+91 40 2345 6789 ext. 12"
    for path in ("leads", "board", "next"):
        page.goto(page.url.partition("#")[0] + f"#/{path}")
        expect(page.locator("main").get_by_text(shown).first).to_be_visible()
    page.goto(page.url.partition("#")[0] + "#/leads")
    expect(page.get_by_role("link", name="Call Tara Khan")).to_have_attribute(
        "href", "tel:+914023456789;ext=12"
    )
