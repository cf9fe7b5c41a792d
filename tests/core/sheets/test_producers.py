"""The same two leads, as programs of many kinds write them: below a title, on the second sheet."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pandas as pd
import pytest
import xlsxwriter
import xlwt

from backend.core import dates
from backend.core.imports import tables
from backend.core.imports.columns import usual

UTC = ZoneInfo("UTC")
PRODUCERS = Path(__file__).parents[2] / "samples" / "producers"
HEADER = ["created_time", "player_name", "phone", "_which_is_the_nearest_tofa_center_to_you?"]
AT = datetime.fromisoformat("2026-11-05T16:00")
LEADS: list[list[Any]] = [
    [AT, "Zoë Producer", 9848000201, "TOFA Tellapur"],
    ["05/11/2026 16:30", "Arjun Producer", "+919848000202", "TOFA Kompally"],
]


def by_openpyxl() -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["How to fill this"])
    sheet = book.create_sheet("Leads")
    for row in (["Leads"], [], HEADER, *LEADS):
        sheet.append(row)
    sheet.merge_cells("A1:D1")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter() -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"default_date_format": "dd/mm/yyyy hh:mm"}) as book:
        book.add_worksheet("Read me").write(0, 0, "How to fill this")
        sheet = book.add_worksheet("Leads")
        sheet.merge_range(0, 0, 0, 3, "Leads")
        for at, row in enumerate((HEADER, *LEADS), 2):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def by_xlwt() -> bytes:
    book = xlwt.Workbook()
    book.add_sheet("Read me").write(0, 0, "How to fill this")
    sheet = book.add_sheet("Leads")
    sheet.write_merge(0, 0, 0, 3, "Leads")
    style = xlwt.easyxf(num_format_str="DD/MM/YYYY HH:MM")
    rows: list[list[Any]] = [HEADER, *LEADS]
    for at, row in enumerate(rows, 2):
        for column, cell in enumerate(row):
            if isinstance(cell, datetime):
                sheet.write(at, column, cell, style)
            else:
                sheet.write(at, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_pandas() -> bytes:
    out = io.BytesIO()
    with pd.ExcelWriter(out) as writer:
        pd.DataFrame({"How to fill this": []}).to_excel(writer, sheet_name="Read me")
        frame = pd.DataFrame(LEADS, columns=HEADER)
        frame.to_excel(writer, sheet_name="Leads", startrow=2)
    return out.getvalue()


def by_pandas_as_a_page() -> bytes:
    page: str = pd.DataFrame(LEADS, columns=HEADER).to_html(index=False)
    return page.encode()


def by_the_csv_module(delimiter: str, encoding: str) -> Callable[[], bytes]:
    def made() -> bytes:
        out = io.StringIO(newline="")
        rows: list[list[Any]] = [["Leads, of November"], [], HEADER, *LEADS]
        csv.writer(out, delimiter=delimiter).writerows(rows)
        return out.getvalue().encode(encoding)

    return made


MADE: dict[str, Callable[[], bytes]] = {
    "openpyxl.xlsx": by_openpyxl,
    "xlsxwriter.xlsx": by_xlsxwriter,
    "xlwt.xls": by_xlwt,
    "pandas.xlsx": by_pandas,
    "pandas-page.xls": by_pandas_as_a_page,
    **{
        f"{name}-{encoding}.csv": by_the_csv_module(delimiter, encoding)
        for name, delimiter in {"comma": ",", "tab": "\t", "pipe": "|", "semicolon": ";",
                                "caret": "^", "tilde": "~"}.items()
        for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "cp1252")
    },
    **{
        path.name: path.read_bytes
        for path in sorted(PRODUCERS.iterdir())
        if path.suffix not in (".xlsb", ".txt")
    },
    "sheetjs-text.csv": (PRODUCERS / "sheetjs.txt").read_bytes,
}  # fmt: skip


@pytest.mark.parametrize("name", MADE)
def test_two_leads(name: str) -> None:
    table = tables.open_table(MADE[name](), name, tables.NOTHING_CHOSEN)
    columns = usual(table.columns)
    places = [
        columns.place_of(field) for field in ("created_time", "player_name", "phone", "center")
    ]
    rows = [[cells[place] for place in places] for _, cells in table.rows][:2]
    # Some programs write a date as it is shown: without its clock, month first.
    read = dates.read_cell(rows[0][0], dates.MONTH_FIRST, UTC)
    assert (read.date() if isinstance(read, datetime) else read) == date(2026, 11, 5)
    assert rows[1][0] == "05/11/2026 16:30"
    centers = ["TOFA Tellapur", "TOFA Tellapur" if name == "odfpy.ods" else "TOFA Kompally"]
    assert [[str(cell) for cell in row[1:]] for row in rows] == [
        ["Zoë Producer", "9848000201", centers[0]],
        ["Arjun Producer", "+919848000202", centers[1]],
    ]
