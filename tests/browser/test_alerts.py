"""Alerts in the browser: the bell, the title, and pages that bring themselves up to date."""

import pytest
from playwright.sync_api import expect

from backend.core.alerts import announcing, telling
from backend.core.outbox import inside
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility
from tests.servers import Client
from tests.world import MEMBER, World

pytestmark = ONE_SERVER
FORM = {"phone_number": "9848022338", "full_name": "Asha", "nearest_center": "TOFA Tellapur"}


def tell(world: World) -> None:
    """Do what a worker does."""
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass


def test_a_lead_that_comes_in_is_told_on_every_page(
    visit: Open, world: World, client: Client
) -> None:
    page = visit("", email=MEMBER)
    expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text("Zoë Khan")
    other = visit("leads", email=MEMBER)
    expect(other.get_by_text("Zoë Khan")).to_be_visible()
    expect(page).not_to_have_title("(1) Call next · TOFA")
    client.post("/leads/meta-webhook/", json=FORM)
    tell(world)
    bell = page.get_by_role("button", name="Alerts")
    expect(bell).to_have_accessible_name("Alerts 1 new")
    expect(page).to_have_title("(1) Call next · TOFA")
    # The card that is being read stays, and lists are up to date.
    expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text("Zoë Khan")
    expect(other.get_by_text("Asha")).to_be_visible()
    bell.click()
    alert = page.get_by_role("link", name="New lead Asha · Tellapur")
    expect(alert).to_be_visible()
    check_accessibility(page)
    alert.click()
    expect(page.get_by_role("heading", name="Asha")).to_be_visible()
    expect(bell).to_have_accessible_name("Alerts")
    assert not page.title().startswith("(")


@pytest.mark.parametrize("width", [360, 1280])
def test_the_list_has_a_sound_and_marks_all(
    visit: Open, world: World, client: Client, width: int
) -> None:
    client.post("/leads/meta-webhook/", json=FORM)
    tell(world)
    page = visit("", email=MEMBER, width=width)
    page.get_by_role("button", name="Alerts 1 new").click()
    page.get_by_label("Play a sound").check()
    assert page.evaluate("localStorage.getItem('tofa.sound')") == "on"
    check_accessibility(page)
    page.get_by_role("button", name="Mark all as seen").click()
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("button", name="Alerts")).to_have_accessible_name("Alerts")
