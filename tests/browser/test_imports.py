"""An import, from the file to its undo."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, lead_of
from tests.world import World

pytestmark = ONE_SERVER


def sheet(rows: str) -> dict[str, Any]:
    text = f"player_name,phone,branch\n{rows}"
    return {"name": "leads.csv", "mimeType": "text/csv", "buffer": text.encode()}


def test_an_import_from_the_file_to_its_undo(visit: Open, world: World) -> None:
    page = visit("imports")
    rows = "Asha,9848500001,TOFA Tellapur\nRavi,9848500002,TOFA Mars\nNobody,,TOFA Tellapur\n"
    page.locator("input[type=file]").set_input_files(sheet(rows))  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Rejected 1")).to_be_visible()
    expect(page.get_by_role("button", name="New 1")).to_be_visible()
    expect(page.get_by_role("button", name="Unrecognised center 1")).to_be_visible()
    page.get_by_role("button", name="Rejected 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("No phone number or email")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download rejected rows").click()
    assert "Nobody" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Import complete")).to_be_visible()
    assert lead_of(world, "Asha").status == "New"
    page.get_by_role("button", name="Undo import").click()
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("1 lead will be removed.")
    dialog.get_by_role("button", name="Undo import").click()
    expect(page.get_by_text("Import undone; 1 lead removed")).to_be_visible()


def test_a_file_with_unusual_columns(visit: Open, world: World) -> None:
    page = visit("imports")
    # Too few of the places are centers for the column to be known by them.
    text = (
        "kid,number,where\nAsha,9848500001,TOFA Tellapur\n"
        "Ravi,9848500002,near the lake\nMeera,9848500003,in the park\n"
    )
    file = {"name": "own.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("no column for the center")
    for column, field in (("kid", "Player"), ("number", "Phone"), ("where", "Address")):
        page.get_by_label(column).select_option(field)
    page.get_by_role("button", name="Update plan").click()
    expect(page.get_by_role("alert")).to_contain_text("no column for the center")
    # What was chosen stays: one of the three is to be put right.
    expect(page.get_by_label("number")).to_have_value("phone")
    page.get_by_label("where").select_option("Center")
    page.get_by_role("button", name="Update plan").click()
    expect(page.get_by_role("button", name="New 1")).to_be_visible()


def test_contacts_of_a_phone(visit: Open, world: World) -> None:
    """They name no center: a person chooses it."""
    page = visit("imports")
    text = "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Asha\r\nTEL:9848500001\r\nEND:VCARD\r\n"
    file = {"name": "contacts.vcf", "mimeType": "text/vcard", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("no column for the center")
    page.get_by_label("Center for rows without one").select_option("TOFA Tellapur")
    page.get_by_role("button", name="Update plan").click()
    expect(page.get_by_role("button", name="New 1")).to_be_visible()


def test_a_sheet_of_leads_that_were_worked_on(visit: Open, world: World) -> None:
    """It has no center, two phones of one lead, and a status that isn't known."""
    page = visit("imports")
    text = (
        "Name,Phone,WhatsApp number,Stage\n"
        "Asha,9848500001,9848500003,Gold plan\nRavi,,9848500002,Ringing\n"
    )
    file = {"name": "crm.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_label("Center for rows without one").select_option("TOFA Tellapur")
    page.get_by_role("button", name="Update plan").click()
    page.get_by_role("button", name="Unknown status 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("from Phone + WhatsApp number")
    expect(page.get_by_label("Ringing")).to_have_value("Called")
    page.get_by_label("Gold plan").select_option("Joined")
    page.get_by_role("button", name="Update plan").click()
    expect(page.get_by_role("button", name="Unknown status 1")).to_be_hidden()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Import complete")).to_be_visible()
    assert lead_of(world, "Asha").status == "Joined"
    assert lead_of(world, "Ravi").status == "Called"
