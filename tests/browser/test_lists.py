"""Lists of lost reasons, age categories and sources: edited in Settings, and chosen from."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from backend.core.leads import choice_editing
from backend.models import ChoiceKind, Lead
from backend.schemas.choices import NewChoice
from tests.browser.conftest import (
    ONE_SERVER,
    Open,
    check_accessibility,
    drawn,
    lead_of,
    opened,
    turn,
    until,
)
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER


def lists(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name=name)


def entries(area: Locator) -> Locator:
    return area.get_by_role("listitem")


def add(world: World, kind: ChoiceKind, *texts: str) -> list[int]:
    with world.db.write() as session:
        made = [choice_editing.add(session, NewChoice(kind=kind, text=text)) for text in texts]
        return [one.id or 0 for one in made]


@pytest.mark.parametrize(("width", "dark"), [(360, False), (1280, True)])
def test_a_team_lead_edits_a_list(visit: Open, world: World, width: int, dark: bool) -> None:
    page = visit("settings", email=LEAD, width=width, dark=dark)
    ages = lists(page, "Age categories")
    expect(ages).to_contain_text("No list: any age category can be typed")
    for text in ("U9", "U11", "Adults"):
        ages.get_by_label("New age category").fill(text)
        ages.get_by_role("button", name="Add", exact=True).click()
        expect(entries(ages).last).to_contain_text(text)
    # By keyboard: the button goes on having the focus, where the entry is now.
    up = ages.get_by_role("button", name="Move up: Adults")
    up.focus()
    page.keyboard.press("Enter")
    expect(entries(ages)).to_have_text(["U9", "Adults", "U11"])
    expect(up).to_be_focused()
    page.keyboard.press("Enter")
    expect(entries(ages)).to_have_text(["Adults", "U9", "U11"])
    expect(ages.get_by_role("button", name="Move down: Adults")).to_be_focused()
    # Renamed, with the leads: both have this age.
    ages.get_by_role("button", name="U9", exact=True).click()
    opened(page)
    page.locator("dialog").get_by_role("textbox", name="Name").fill("Under 9")
    page.get_by_label("Also rename it on 2 leads").check()
    check_accessibility(page)
    page.locator("dialog").get_by_role("button", name="Save").click()
    expect(entries(ages)).to_have_text(["Adults", "Under 9", "U11"])
    assert lead_of(world, "Zoë Khan").player_age_category == "Under 9"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 2 leads")).to_be_visible()
    assert lead_of(world, "Zoë Khan").player_age_category == "U9"
    # Removed by mistake.
    ages.get_by_role("button", name="Remove: Adults").click()
    expect(entries(ages)).to_have_text(["Under 9", "U11"])
    page.get_by_text("Adults is no longer offered").locator("..").get_by_role(
        "button", name="Undo"
    ).click()
    expect(entries(ages)).to_have_text(["Adults", "Under 9", "U11"])
    # A wrong text says so at its list.
    ages.get_by_label("New age category").fill("u-9")
    ages.get_by_role("button", name="Add", exact=True).click()
    expect(ages.get_by_role("alert")).to_contain_text("This entry is already in the list")
    # A center's own reasons.
    page.get_by_label("Center", exact=True).first.select_option("Gachibowli")
    reasons = lists(page, "Lost reasons")
    expect(reasons).to_contain_text("Same as all centers")
    reasons.get_by_role("button", name="Use a separate list here").click()
    reasons.get_by_role("button", name="Remove: Expensive fee").click()
    expect(entries(reasons).first).to_contain_text("Timing mismatch")
    expect(entries(reasons).last).to_have_text("Other")
    check_accessibility(page)
    reasons.get_by_role("button", name="Use the list for all centers").click()
    expect(entries(reasons).first).to_have_text("Expensive fee")
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width
    page.goto(page.url.replace("#/settings", "#/audit"))
    expect(page.get_by_text("U9 · → Under 9").first).to_be_visible()


def test_a_moved_entry_keeps_the_focus_when_other_changes_arrive(visit: Open, world: World) -> None:
    add(world, ChoiceKind.AGE_GROUP, "U9", "Adults")
    page = visit("settings")
    ages = lists(page, "Age categories")
    held: list[Route] = []
    page.route("**/choices/order", lambda route: held.append(route))
    ages.get_by_role("button", name="Move up: Adults").focus()
    page.keyboard.press("Enter")
    until(page, lambda: bool(held))
    sources = lists(page, "Sources")
    sources.get_by_label("New source").fill("Flyer")
    sources.get_by_role("button", name="Add", exact=True).click()
    expect(entries(sources)).to_have_text(["Flyer"])
    drawn(page)
    held.pop().continue_()
    expect(entries(ages)).to_have_text(["Adults", "U9"])
    expect(ages.get_by_role("button", name="Move down: Adults")).to_be_focused()


def test_no_table_in_settings_scrolls_sideways(visit: Open, world: World) -> None:
    add(world, ChoiceKind.LOST_REASON, "x" * 100)
    page = visit("settings", email=LEAD, width=360)
    expect(page.get_by_role("button", name="x" * 100, exact=True)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    expect(page.get_by_text("lead@tofa.example").first).to_be_visible()
    wider = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth)"
        ".length"
    )
    assert wider == 0
    row = page.get_by_role("row", name="Tellapur").first
    expect(row).to_be_visible()
    check_accessibility(page)


def test_tables_in_settings_keep_their_columns(visit: Open) -> None:
    """The board has cards, too: its styles must not reach these tables."""
    page = visit("settings", email=LEAD)
    expect(page.get_by_text("lead@tofa.example").first).to_be_visible()
    for table in page.locator("main table").all():
        heads = table.locator("thead th")
        cells = table.locator("tbody tr").first.locator("th, td")
        left = "(cells) => cells.map((one) => one.getBoundingClientRect().left)"
        assert heads.evaluate_all(left) == cells.evaluate_all(left)


def test_a_lead_whose_reason_was_removed(visit: Open, world: World) -> None:
    added = add(world, ChoiceKind.LOST_REASON, "Moved away", "Too hot")
    with world.db.write() as session:
        lead = session.get_one(Lead, 1)
        lead.status, lead.lost_reason = "Dead/Not Interested", "Moved away"
        choice_editing.remove(session, added[0])
    page = visit("leads?lost_reason=Moved+away", email=MEMBER)
    expect(page.get_by_text("Reason: Moved away")).to_be_visible()
    turn(page, "lead/1")
    page.get_by_label("Age category").fill("U8")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Saved").first).to_be_visible()
    kept = lead_of(world, "Zoë Khan")
    assert (kept.lost_reason, kept.player_age_category) == ("Moved away", "U8")
    # Another lead isn't offered it.
    reasons = page.get_by_label("Reason", exact=True)
    page.get_by_role("button", name="Not interested").click()
    expect(reasons.locator("option")).to_contain_text(["Expensive fee", "Too hot", "Other"])
    expect(reasons.locator("option", has_text="Moved away")).to_have_count(0)


def test_a_lead_is_added_with_a_source(visit: Open, world: World) -> None:
    add(world, ChoiceKind.SOURCE, "Walk-in", "Referral")
    add(world, ChoiceKind.AGE_GROUP, "U9", "U11")
    page = visit("leads", email=MEMBER)
    page.get_by_role("button", name="Add lead").click()
    opened(page)
    dialog = page.locator("dialog")
    dialog.get_by_label("Player").fill("Tara Sen")
    dialog.get_by_label("Phone").fill("9848000077")
    dialog.get_by_label("Age category").select_option("U11")
    dialog.get_by_label("Source").select_option("Referral")
    dialog.get_by_role("button", name="Add lead").click()
    expect(page.get_by_role("heading", name="Tara Sen").first).to_be_visible()
    made = lead_of(world, "Tara Sen")
    assert (made.source, made.player_age_category) == ("Referral", "U11")
    page.get_by_label("Source").select_option("Walk-in")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("Source: Referral → Walk-in")).to_be_visible()
