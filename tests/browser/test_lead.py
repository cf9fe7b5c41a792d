"""One lead: its outcome, and two people who edit it at once."""

from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, lead_of, turn
from tests.servers import Client
from tests.world import LEAD, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


def test_a_lost_lead_has_a_reason(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_role("button", name="Not interested").click()
    page.get_by_label("Reason").select_option("Age not suitable")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history")).to_contain_text("Age not suitable")
    assert lead_of(world, "Zoë Khan").lost_reason == "Age not suitable"


def test_two_people_edit_at_once(visit: Open, world: World, client: Client) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Player").fill("Zoe K.")
    page.get_by_label("Address").fill("2 Hill Road")
    token = world.token(LEAD)
    theirs = {"player_name": "Zoë Khan Ali", "email": "ali@example.com"}
    assert client.patch("/leads/1", json=theirs, token=token).status == 200
    page.get_by_role("button", name="Save details").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("Zoë Khan Ali")
    dialog.get_by_label("Theirs").check()
    dialog.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    now = client.get("/leads/1", token=token).json()
    assert (now["player_name"], now["email"], now["address"]) == (
        "Zoë Khan Ali", "ali@example.com", "2 Hill Road",
    )  # fmt: skip


def test_an_observer_changes_nothing(visit: Open, world: World) -> None:
    page = visit("lead/1", email=OBSERVER)
    expect(page.get_by_role("heading", name="Zoë Khan")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("navigation")).not_to_contain_text("Settings")
    turn(page, "leads")
    expect(page.locator(".row").first).to_be_visible()
    expect(page.get_by_role("button", name="Add lead")).to_have_count(0)


def test_a_missing_lead_has_a_way_back(visit: Open, world: World) -> None:
    page = visit("lead/999999", email=MEMBER)
    expect(page.get_by_role("alert")).to_contain_text("Not found")
    page.get_by_role("link", name="Go to leads").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
