"""What arrives from outside: unrecognised centers, deliveries, and the order of the panels."""

from playwright.sync_api import expect
from sqlmodel import select

from backend.models import CenterAlias
from tests.browser.conftest import BOTH_SERVERS, Open, opened
from tests.servers import Client
from tests.world import World

pytestmark = BOTH_SERVERS


def test_an_unrecognised_center_is_matched_once(visit: Open, world: World, client: Client) -> None:
    for number in range(2):
        flat = {"phone_number": f"984850000{number}", "nearest_center": "Tella (old)"}
        assert client.post("/leads/meta-webhook/", json=flat).status == 200
    page = visit("intake")
    expect(page.get_by_text("2 waiting")).to_be_visible()
    page.get_by_role("button", name="Match").click()
    expect(page.get_by_text("Retrying 2 deliveries")).to_be_visible()
    with world.db.read() as session:
        assert session.scalars(select(CenterAlias)).one().text == "Tella (old)"
    page.locator("tbody a").first.click()
    expect(page.locator("wa-dialog")).to_contain_text("Tella (old)")


def test_a_delivery_is_dismissed(visit: Open, world: World, client: Client) -> None:
    client.post("/leads/meta-webhook/", json={"full_name": "No phone"})
    page = visit("intake?state=waiting")
    page.locator("tbody a").first.click()
    opened(page)
    page.get_by_label("Reason for dismissing").fill("A test of the form")
    page.get_by_role("button", name="Dismiss").last.click()
    expect(page.get_by_text("No deliveries")).to_be_visible()
