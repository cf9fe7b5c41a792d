"""The table that an import reads is shown, and can be changed: sheets, header, order of dates."""

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open

pytestmark = ONE_SERVER

HEADER = ("created_time", "player_name", "phone", "nearest_tofa")


def workbook(sheets: dict[str, Sequence[Sequence[str]]]) -> dict[str, Any]:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return {"name": "leads.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": out.getvalue()}


def test_the_table_and_the_order_of_dates_can_be_chosen(visit: Open) -> None:
    page = visit("imports")
    october = ("05/10/2026", "Asha", "9848500001", "TOFA Tellapur")
    november = ("06/10/2026", "Ravi", "9848500002", "TOFA Tellapur")
    file = workbook(
        {
            "Read me": [["How to fill this"]],
            "October": [["Leads"], [], HEADER, october],
            "November": [HEADER, november],
        }
    )
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_text("Sheet October, header in row 3")).to_be_visible()
    expect(page.get_by_role("note")).to_contain_text("05/10/2026 is read as")
    expect(page.get_by_role("note")).to_contain_text("the day comes first")
    expect(page.get_by_label("November")).not_to_be_checked()
    page.get_by_label("November").check()
    page.get_by_label("Date order").select_option("Month first (12/31)")
    page.locator(".layout").get_by_role("button", name="Update plan").click()
    expect(page.get_by_text("Sheets October, November")).to_be_visible()
    expect(page.get_by_role("button", name="New 2")).to_be_visible()
    expect(page.locator(".layout")).to_contain_text("You chose this order.")
    expect(page.get_by_label("Date order")).to_have_value("month_first")
    # Another header row has other columns.
    page.get_by_label("November").uncheck()
    page.get_by_label("Header row").fill("4")
    page.locator(".layout").get_by_role("button", name="Update plan").click()
    expect(page.get_by_role("alert")).to_contain_text("no column for the center")


def test_a_mapping_survives_the_page(visit: Open) -> None:
    page = visit("imports")
    rows = (HEADER, ("05/10/2026", "Asha", "9848500001", "TOFA Tellapur"))
    file = workbook({"October": rows})
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_text("Columns", exact=True).click()
    page.get_by_label("player_name").select_option("Keep as form answer")
    page.reload()
    # The browser doesn't keep the file, but what was chosen for it.
    expect(page.get_by_label("player_name")).to_have_value("")
    page.get_by_role("button", name="Update plan").last.click()
    expect(page.get_by_role("alert")).to_have_text("Choose the file again: leads.xlsx")
    page.get_by_label("Choose the file again").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Update plan").last.click()
    expect(page.get_by_label("Choose the file again")).to_have_count(0)
    page.get_by_text("Columns", exact=True).click()
    expect(page.get_by_label("player_name")).to_have_value("")
    expect(page.locator(".unsaved")).to_have_count(0)
