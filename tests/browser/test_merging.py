"""Two leads are merged from a page or from the list of likely duplicates, and unmerged."""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from backend.core.access import Person
from backend.core.leads import editing
from backend.models import Lead
from backend.schemas.leads import NewLead
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, opened
from tests.world import LEAD, MEMBER, OBSERVER, World

pytestmark = ONE_SERVER


@pytest.fixture
def other(world: World) -> int:
    """A second lead of Zoë Khan's, with another phone and the same email."""
    new = NewLead(
        player_name="Zoe K",
        phone="9848000301",
        email="parent1@example.com",
        player_age_category="U11",
        center_id=1,
        comment="Prefers evenings",
    )
    with world.db.write() as session:
        return editing.create(session, Person(1, LEAD, "team_lead"), new, "IN")["lead"]["id"]


def shoot(page: Page, name: str) -> None:
    """Keep a picture, if someone wants to look at them."""
    if folder := os.environ.get("TOFA_SHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png")


def test_a_merge_from_the_page_of_a_lead(visit: Open, world: World, other: int) -> None:
    page = visit(f"lead/{other}", email=MEMBER)
    page.get_by_role("button", name="Merge with").click()
    dialog = page.locator("dialog")
    dialog.get_by_role("searchbox").fill("zoë")
    dialog.get_by_role("button", name="Zoë Khan").click()
    # The older lead is kept.
    expect(dialog.get_by_role("radio", name="Zoë Khan").first).to_be_checked()
    opened(page)
    check_accessibility(page)
    dialog.get_by_role("group", name="Age category").get_by_label("U11").check()
    dialog.get_by_role("button", name="Merge leads").click()
    expect(page.locator(".toasts")).to_contain_text("Leads merged")
    expect(page).to_have_url(re.compile(r"#/lead/1$"))
    history = page.locator(".history")
    expect(history).to_contain_text("Merged")
    expect(history).to_contain_text("Prefers evenings")
    expect(page.get_by_label("Age category")).to_have_value("U11")
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(page.locator(".toasts")).to_contain_text("Zoe K is a separate lead again")
    # Back where it began.
    expect(page.get_by_role("heading", name="Zoe K", exact=True)).to_be_visible()
    expect(page).to_have_url(re.compile(rf"#/lead/{other}$"))
    expect(history).to_contain_text("Prefers evenings")
    expect(history).not_to_contain_text("Merged")
    with world.db.read() as session:
        assert session.get_one(Lead, other).player_name == "Zoe K"


def test_a_merge_is_undone_in_the_activity(visit: Open, world: World, other: int) -> None:
    page = visit("lead/1")
    page.get_by_role("button", name="Merge with").click()
    dialog = page.locator("dialog")
    dialog.get_by_role("searchbox").fill("zoe k")
    dialog.get_by_role("button", name="Zoe K").last.click()
    dialog.get_by_role("button", name="Merge leads").click()
    page.get_by_role("button", name="Undo merge").click()
    expect(page.get_by_role("button", name="Undo merge")).to_have_count(0)
    # The address of a merged lead leads to the survivor, and then to itself again.
    page.goto(page.url.replace("lead/1", f"lead/{other}"))
    expect(page.get_by_role("heading", name="Zoe K")).to_be_visible()


def test_the_list_of_likely_duplicates(visit: Open, world: World, other: int) -> None:
    page = visit("duplicates", email=MEMBER)
    row = page.get_by_role("listitem").filter(has_text="Zoe K")
    expect(row).to_contain_text("Same email, but a different phone number")
    check_accessibility(page)
    # The two are one below the other, and a finger hits the one it means.
    heights = "links => links.map((one) => one.getBoundingClientRect().height)"
    assert min(row.get_by_role("link").evaluate_all(heights)) >= 24
    row.get_by_role("button", name="Merge").click()
    dialog = page.locator("dialog")
    dialog.get_by_role("button", name="Merge leads").click()
    expect(page.get_by_text("No possible duplicates")).to_be_visible()
    page.locator(".toasts").get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name="Not duplicates").click()
    expect(page.get_by_text("No possible duplicates")).to_be_visible()


def test_an_observer_merges_nothing(visit: Open, world: World) -> None:
    page = visit("lead/1", email=OBSERVER)
    expect(page.get_by_role("heading", name="Zoë Khan")).to_be_visible()
    expect(page.get_by_role("button", name="Merge with")).to_have_count(0)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits(visit: Open, world: World, other: int, width: int, dark: bool) -> None:
    page = visit("duplicates", width=width, dark=dark)
    row = page.get_by_role("listitem").filter(has_text="Zoe K")
    expect(row).to_be_visible()
    shoot(page, f"duplicates-{width}-{'dark' if dark else 'light'}")
    row.get_by_role("button", name="Merge").click()
    dialog = page.locator("dialog")
    expect(dialog.get_by_role("button", name="Merge leads")).to_be_visible()
    opened(page)
    shoot(page, f"merge-{width}-{'dark' if dark else 'light'}")
    check_accessibility(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    choices = dialog.get_by_role("group", name="Age category").get_by_role("radio")
    one, two = (box.bounding_box() for box in choices.all())
    assert one is not None
    assert two is not None
    assert (one["y"] == two["y"]) is (width > 360)
