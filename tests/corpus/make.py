"""Make the files of the corpus that Python's libraries write: `python tests/corpus/make.py`.

The others were written by SheetJS, exceljs and odfpy, or are what other programs write, byte for
byte. `files.toml` says of each file what a person reads in it.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import xlsxwriter
import xlwt
from openpyxl.comments import Comment
from openpyxl.styles import Font

FILES = Path(__file__).parent / "files"
CENTER = "nearest_tofa"
HEADER = ["created_time", "player_name", "phone", CENTER]
FIRST = datetime.fromisoformat("2025-10-23T16:30")
SECOND = datetime.fromisoformat("2025-11-05T10:00")
TELLAPUR, KOMPALLY = "TOFA Tellapur", "TOFA Kompally"

Rows = list[list[Any]]


def two(number: int) -> Rows:
    """Return two leads; the number of the file is in their phones."""
    return [
        [FIRST, "Naira Probe", 7013040001 + 100 * number, TELLAPUR],
        [SECOND, "Ved Probe", f"+91 70130 4{number:02}02", KOMPALLY],
    ]


def openpyxl_title(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Leads Oct"
    for row in (["TOFA - October"], ["Call within a day"], [], HEADER, *two(1)):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    sheet["A1"].font = Font(bold=True)
    sheet["C5"].comment = Comment("Mother's number", "Front desk")
    sheet.freeze_panes = "A5"
    book.save(path)


def openpyxl_merged_centers(path: Path) -> None:
    """A center's cell reaches over all of its leads."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([CENTER, "Date", "Child", "Mobile"])
    for row in (
        [TELLAPUR, FIRST, "Naira Probe", 7013040201],
        [None, FIRST, "Ved Probe", 7013040202],
        [KOMPALLY, SECOND, "Tara Probe", 7013040203],
        [None, None, "Kabir Probe", 7013040204],
    ):
        sheet.append(row)
    for cells in ("A2:A3", "A4:A5", "B4:B5"):
        sheet.merge_cells(cells)
    book.save(path)


def openpyxl_two_header_rows(path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Date", "Child", None, "Parent", None, CENTER])
    sheet.append([None, "Name", "Age", "Name", "Phone", None])
    sheet.append([FIRST, "Naira Probe", 10, "Asha Probe", 7013040301, TELLAPUR])
    for cells in ("A1:A2", "B1:C1", "D1:E1", "F1:F2"):
        sheet.merge_cells(cells)
    book.save(path)


def openpyxl_months(path: Path) -> None:
    """A sheet for each month, a list of choices beside them, and a summary before them."""
    book = openpyxl.Workbook()
    book.active.title = "Summary"
    for row in (["Month", "Leads"], ["October", 1], ["November", 1]):
        book.active.append(row)
    for name, row in zip(("Oct", "Nov"), two(4), strict=True):
        sheet = book.create_sheet(name)
        sheet.append(HEADER)
        sheet.append(row)
    lists = book.create_sheet("Lists")
    for name in ("Centers", TELLAPUR, KOMPALLY):
        lists.append([name])
    lists.sheet_state = "hidden"
    book.save(path)


def openpyxl_age_as_date(path: Path) -> None:
    """Excel takes 6-8 and 10-12 for days of this year."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append([*HEADER[:2], "Age group", *HEADER[2:]])
    for number, age in enumerate((date(2025, 8, 6), date(2025, 12, 10), "12-14", 9, "U-9"), 1):
        sheet.append([FIRST, f"Child {number} Probe", age, 7013040500 + number, TELLAPUR])
    book.save(path)


def openpyxl_write_only(path: Path) -> None:
    """Texts in the cells themselves, as scripts write long files."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Export")
    for row in (HEADER, *two(6)):
        sheet.append(row)
    book.save(path)


def xlsxwriter_formats(path: Path) -> None:
    """A phone of digits with a format, dates with formats, a table, and rich texts."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("Leads")
        bold = book.add_format({"bold": True})
        shown = book.add_format({"num_format": "dd mmm yyyy, h:mm AM/PM"})
        plus = book.add_format({"num_format": '"+"0'})
        sheet.write_row(0, 0, [*HEADER, "Remarks"], bold)
        sheet.write_datetime(1, 0, FIRST, shown)
        sheet.write_rich_string(1, 1, "Naira ", bold, "Probe")
        sheet.write_number(1, 2, 917013040701, plus)
        sheet.write_row(1, 3, [TELLAPUR, "=not a formula"])
        sheet.write_string(1, 4, "=not a formula")
        sheet.write_datetime(2, 0, SECOND, shown)
        sheet.write_url(2, 2, "https://wa.me/917013040702", string="+91 70130 40702")
        sheet.write_string(2, 1, "Ved Probe")
        sheet.write_string(2, 3, KOMPALLY)
        sheet.write_formula(2, 4, '=A1&"!"', None, "from a formula")


def xlsxwriter_1904(path: Path) -> None:
    """The dates of old Macs count from 1904."""
    with xlsxwriter.Workbook(path, {"date_1904": True, "default_date_format": "dd/mm/yy"}) as book:
        sheet = book.add_worksheet()
        for at, row in enumerate([HEADER, *two(8)]):
            sheet.write_row(at, 0, row)


def xlsxwriter_long_numbers(path: Path) -> None:
    """Ids of 18 digits as numbers: Excel keeps 15 digits."""
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["leadgen_id", *HEADER])
        for at, (_, name, phone, center) in enumerate(two(9), 1):
            sheet.write_number(at, 0, 120348000000010000)
            sheet.write_row(at, 1, ["2025-10-23T16:30:00+05:30", name, phone, center])


def xlsxwriter_us(path: Path) -> None:
    """A script that read dates day first in a program that expects the month first."""
    with xlsxwriter.Workbook(path, {"default_date_format": "mm/dd/yyyy"}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADER)
        swapped = datetime.fromisoformat("2025-05-11T00:00")
        sheet.write_row(1, 0, ["23/10/2025", "Naira Probe", 7013041001, TELLAPUR])
        sheet.write_row(2, 0, [swapped, "Ved Probe", 7013041002, KOMPALLY])


def xlwt_dates(path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Leads")
    style = xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM")
    rows: Rows = [HEADER, *two(11)]
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            args = (style,) if isinstance(cell, datetime) else ()
            sheet.write(at, column, cell, *args)
    book.save(str(path))


def xlwt_ads_manager(path: Path) -> None:
    """Ads Manager's download as .xls: all cells are texts."""
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("Sheet1")
    header = ["id", "created_time", "platform", "which_is_the_nearest_tofa_center_to_you?",
              "full_name", "phone_number"]  # fmt: skip
    row = ["l:1203480000001201", "2025-10-23T16:30:00+05:30", "ig", TELLAPUR, "मीरा Probe",
           "p:+917013041201"]  # fmt: skip
    for at, cells in enumerate((header, row)):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)
    book.save(str(path))


def pandas_floats(path: Path) -> None:
    """A blank cell makes decimals of all phones, and the index is a column without a name."""
    rows = [row[:2] for row in two(13)]
    frame = pd.DataFrame(rows, columns=HEADER[:2])
    frame["phone"] = [7013041301, None]
    frame["email"] = [None, "ved.pandas@x.example"]
    frame[CENTER] = [TELLAPUR, KOMPALLY]
    frame.to_csv(path)


def pandas_zone(path: Path) -> None:
    frame = pd.DataFrame(two(14), columns=HEADER)
    offset = timezone(timedelta(hours=5, minutes=30))
    frame["created_time"] = [FIRST.replace(tzinfo=offset), datetime(2025, 11, 5, 4, 30, tzinfo=UTC)]
    frame.to_csv(path, index=False, sep=";", encoding="utf-16")


def pandas_excel(path: Path) -> None:
    pd.DataFrame(two(15), columns=HEADER).to_excel(path, sheet_name="Leads", startrow=1)


def pandas_page(path: Path) -> None:
    pd.DataFrame(two(16), columns=HEADER).to_html(path, index=False)


MADE: dict[str, Callable[[Path], None]] = {
    "openpyxl-title.xlsx": openpyxl_title,
    "openpyxl-merged-centers.xlsx": openpyxl_merged_centers,
    "openpyxl-two-header-rows.xlsx": openpyxl_two_header_rows,
    "openpyxl-months.xlsx": openpyxl_months,
    "openpyxl-age-as-date.xlsx": openpyxl_age_as_date,
    "openpyxl-write-only.xlsx": openpyxl_write_only,
    "xlsxwriter-formats.xlsx": xlsxwriter_formats,
    "xlsxwriter-1904.xlsx": xlsxwriter_1904,
    "xlsxwriter-long-numbers.xlsx": xlsxwriter_long_numbers,
    "xlsxwriter-us.xlsx": xlsxwriter_us,
    "xlwt-dates.xls": xlwt_dates,
    "xlwt-ads-manager.xls": xlwt_ads_manager,
    "pandas-floats.csv": pandas_floats,
    "pandas-zone.csv": pandas_zone,
    "pandas-excel.xlsx": pandas_excel,
    "pandas-page.xls": pandas_page,
}

if __name__ == "__main__":
    for name, make in MADE.items():
        make(FILES / name)
