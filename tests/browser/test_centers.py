"""Centers: archived, merged, restored; aliases reverted; deliveries placed; each with its undo."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete
from sqlmodel import col, select

from backend.models import Center, CenterAlias, Delivery, Form, Lead, UserCenterLink
from backend.models import Page as FacebookPage
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, opened, turn
from tests.core.intake.arrivals import leads as new_leads
from tests.core.intake.arrivals import work_off
from tests.servers import Client
from tests.world import World

pytestmark = ONE_SERVER


def center_of(world: World, lead_id: int) -> int | None:
    with world.db.read() as session:
        return session.get_one(Lead, lead_id).center_id


def open_center(page: Page, name: str) -> None:
    page.locator("section", has_text="Add center").get_by_role(
        "button", name=name, exact=True
    ).click()
    opened(page)


def test_without_a_center_one_is_told_to_add_one(visit: Open, world: World) -> None:
    with world.db.write() as session:
        session.execute(delete(Lead))
        session.execute(delete(UserCenterLink))
        session.execute(delete(Center))
    page = visit("leads")
    page.get_by_role("button", name="Add lead").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(
        "There are no open centers. A team lead can add one in Settings."
    )
    check_accessibility(page)
    page.keyboard.press("Escape")
    turn(page, "settings")
    page.get_by_role("button", name="Add person").click()
    expect(dialog).to_contain_text("There are no open centers.")


def test_a_center_is_archived_and_restored(visit: Open) -> None:
    page = visit("settings")
    open_center(page, "Gachibowli")
    page.get_by_text("Archive or merge").click()
    check_accessibility(page)
    page.get_by_role("button", name="Archive", exact=True).click()
    row = page.locator("tr", has_text="TOFA Gachibowli")
    expect(row).to_contain_text("Archived")
    # It is offered as a filter, and for no new lead.
    turn(page, "leads")
    filters = page.get_by_label("All centers")
    expect(filters.locator("option")).to_have_text(
        ["All centers", "Tellapur", "Gachibowli (archived)"]
    )
    page.get_by_role("button", name="Add lead").click()
    opened(page)
    expect(page.locator("dialog [name=center_id] option")).to_have_text(["Tellapur"])
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Gachibowli restored")).to_be_visible()
    turn(page, "settings")
    expect(row).not_to_contain_text("Archived")


def test_centers_are_merged_and_separated(visit: Open, world: World) -> None:
    page = visit("settings")
    open_center(page, "Tellapur")
    page.get_by_text("Archive or merge").click()
    dialog = page.locator("dialog")
    expect(dialog.locator("dl")).to_contain_text("Leads")
    merge = dialog.get_by_role("button", name="Merge", exact=True)
    expect(merge).to_be_disabled()
    dialog.get_by_label("Merge into").select_option(label="Gachibowli")
    merge.click()
    expect(page.get_by_text("Tellapur merged into Gachibowli; 1 lead moved")).to_be_visible()
    row = page.locator("tr", has_text="TOFA Tellapur")
    expect(row).to_contain_text("Merged into Gachibowli")
    assert center_of(world, 1) == 2
    turn(page, "lead/1")
    expect(page.locator(".history")).to_contain_text("Moved to another center")
    expect(page.locator(".history")).to_contain_text("Tellapur → Gachibowli")
    turn(page, "settings")
    page.get_by_text("Merges and reverted aliases").click()
    page.locator("details li").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 lead")).to_be_visible()
    expect(row).not_to_contain_text("Merged")
    assert center_of(world, 1) == 1


def test_a_wrong_alias_is_reverted(visit: Open, world: World, client: Client) -> None:
    page = visit("settings")
    open_center(page, "Tellapur")
    page.get_by_label("New alias").fill("Old ground")
    page.get_by_role("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("dialog li")).to_contain_text("Old ground")
    for number in range(2):
        flat = {"phone_number": f"984850000{number}", "nearest_center": "old  ground"}
        assert client.post("/leads/meta-webhook/", json=flat).json()["status"] == "success"
    assert (
        client.put("/leads/3?status=Called", token=world.token("lead@tofa.example")).status == 200
    )
    page.get_by_role("button", name="Revert Old ground").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("2 leads came in through this alias.")
    expect(dialog).to_contain_text("1 of them has changed since and will be kept.")
    check_accessibility(page)
    dialog.get_by_label("They belong to").select_option(label="Gachibowli")
    dialog.locator(".revert").get_by_role("button", name="Revert").click()
    said = "Alias reverted for 1 lead; 1 kept because they changed since"
    expect(page.get_by_text(said)).to_be_visible()
    assert [center_of(world, id) for id in (3, 4)] == [1, 2]
    page.get_by_role("button", name="Undo").first.click()
    expect(page.get_by_text("Undone for 1 lead")).to_be_visible()
    assert [center_of(world, id) for id in (3, 4)] == [1, 1]


def test_similar_centers_come_first_and_none_is_chosen(
    visit: Open, world: World, client: Client
) -> None:
    flat = {"phone_number": "9848500000", "nearest_center": "TOFA Gachibouli"}
    client.post("/leads/meta-webhook/", json=flat)
    page = visit("intake")
    choice = page.locator(".attention select")
    expect(choice).to_have_value("")
    expect(choice.locator("optgroup").first.locator("option")).to_have_text(["Gachibowli"])
    match = page.get_by_role("button", name="Match")
    expect(match).to_be_disabled()
    choice.select_option(label="Gachibowli")
    match.click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    work_off(world.db, world.settings)
    assert [one.center_id for one in new_leads(world.db)] == [2]
    undo.click()
    expect(page.get_by_text("Alias reverted for 1 lead")).to_be_visible()
    expect(page.locator(".attention")).to_contain_text("TOFA Gachibouli")
    with world.db.read() as session:
        assert session.scalars(select(CenterAlias)).all() == []


@pytest.fixture
def without_center(world: World, client: Client) -> None:
    for number in range(3):
        flat = {"phone_number": f"984850000{number}", "full_name": f"P{number}"}
        client.post("/leads/meta-webhook/", json=flat)
    with world.db.write() as session:
        session.add(Form(id="7001", questions=["full_name"], mapping={}, page_id="8001"))
        session.add(FacebookPage(id="8001"))


def test_deliveries_without_a_center_are_placed(
    visit: Open, world: World, without_center: None
) -> None:
    page = visit("intake?state=waiting")
    page.locator("tbody a").first.click()
    opened(page)
    check_accessibility(page)
    dialog = page.locator("dialog")
    place = dialog.get_by_role("button", name="Add to this center")
    expect(place).to_be_disabled()
    dialog.locator(".place select").select_option(label="Gachibowli")
    dialog.get_by_label("Also all others from your website without a center").check()
    place.click()
    expect(page.get_by_text("Retrying 3 deliveries")).to_be_visible()
    work_off(world.db, world.settings)
    assert [one.center_id for one in new_leads(world.db)] == [2, 2, 2]


@pytest.mark.parametrize("width", [360, 1280])
def test_a_form_and_a_page_have_a_center(
    visit: Open, world: World, without_center: None, width: int
) -> None:
    page = visit("intake", width=width)
    page.locator("summary").filter(has_text="Forms").click()
    form, of_page = page.locator(".own select"), page.locator(".line", has_text="Page 8001")
    form.select_option(label="Gachibowli")
    expect(page.get_by_text("Saved")).to_be_visible()
    of_page.locator("select").select_option(label="Tellapur")
    expect(of_page.locator("select")).to_have_value("1")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    check_accessibility(page)
    with world.db.read() as session:
        assert session.get_one(Form, "7001").center_id == 2
        assert session.get_one(FacebookPage, "8001").center_id == 1


def test_an_archived_name_is_told_and_restored(visit: Open, world: World, client: Client) -> None:
    token = world.token("lead@tofa.example")
    assert client.post("/centers/2/archive", token=token).status == 200
    flat = {"phone_number": "9848500000", "nearest_center": "TOFA Gachibowli"}
    client.post("/leads/meta-webhook/", json=flat)
    page = visit("intake")
    expect(page.locator(".attention")).to_contain_text("Archived")
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Gachibowli restored")).to_be_visible()
    with world.db.read() as session:
        assert session.get_one(Center, 2).archived_at is None
        states = session.scalars(select(col(Delivery.state))).all()
    assert states == ["received"]


def test_a_wrong_match_is_reverted_where_it_was_made(
    visit: Open, world: World, client: Client
) -> None:
    token = world.token("lead@tofa.example")
    assert client.post("/centers/1/aliases", json={"text": "Tella"}, token=token).status == 200
    flat = {"phone_number": "9848500000", "nearest_center": "tella"}
    assert client.post("/leads/meta-webhook/", json=flat).json()["status"] == "success"
    page = visit("intake", width=360)
    page.get_by_text("Matched names").click()
    page.get_by_role("button", name="Revert Tella").click()
    panel = page.locator("details", has_text="Matched names")
    expect(panel).to_contain_text("1 lead came in through this alias.")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    check_accessibility(page)
    panel.locator(".revert").get_by_role("button", name="Revert").click()
    expect(page.get_by_text("Alias reverted for 1 lead")).to_be_visible()
    expect(page.locator(".attention")).to_contain_text("1 waiting")
    assert new_leads(world.db) == []
