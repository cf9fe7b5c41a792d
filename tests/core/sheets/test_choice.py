"""Of several sheets, the one with the table is found, or those that were chosen are read."""

import io
from collections.abc import Mapping, Sequence

import openpyxl
import pytest
import xlwt

from backend.core.sheets import Sheet, Table, UnreadableFile, Wanted, read_table
from tests.core.sheets.files import xlsx_bytes
from tests.core.sheets.test_header import score

HEADER = ("Name", "Phone", "Center")
ASHA, RAVI = ("Asha", "1", "T"), ("Ravi", "2", "K")

Rows = Sequence[Sequence[object]]


def book(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def read(content: bytes, *sheets: str, header_row: int | None = None) -> Table:
    return read_table(content, "leads.xlsx", Wanted(score, sheets, header_row))


def test_the_sheet_that_looks_like_a_table() -> None:
    notes = [["How to fill this"], ["Name: the child's"], ["Phone: the parent's"]]
    table = read(book({"Read me": notes, "Leads": [["TOFA"], [], HEADER, ASHA], "Empty": []}))
    assert (table.columns, table.header_row) == (HEADER, 3)
    assert list(table.rows) == [(4, list(ASHA))]
    assert table.sheets == (
        Sheet("Read me", ("How to fill this",), 1, 2),
        Sheet("Leads", HEADER, 3, 1, is_taken=True),
        Sheet("Empty", (), 0, 0),
    )


def test_of_two_such_sheets_the_first_with_rows() -> None:
    content = book({"Template": [HEADER], "October": [HEADER, ASHA], "November": [HEADER, RAVI]})
    assert [sheet.name for sheet in read(content).taken] == ["October"]


def test_a_hidden_sheet_is_told_and_read_if_it_is_chosen() -> None:
    content = book({"Summary": [["x"]], "Leads": [HEADER, ASHA]}, hidden=["Leads"])
    table = read(content)
    assert [(sheet.name, sheet.is_hidden, sheet.is_taken) for sheet in table.sheets] == [
        ("Summary", False, True), ("Leads", True, False)
    ]  # fmt: skip
    assert list(read(content, "Leads").rows) == [(2, list(ASHA))]


def test_several_sheets_are_one_table() -> None:
    content = book(
        {
            "October": [HEADER, ASHA, *[("A", "3", "T")] * 20],
            "Other": [["x", "y"]],
            "November": [
                ["Title"], ["Phone", "Name", "Remarks", "center "], ("2", "Ravi", "hi", "K"),
            ],
        }
    )  # fmt: skip
    table = read(content, "October", "November")
    assert table.columns == (*HEADER, "Remarks")
    rows = list(table.rows)
    assert rows[0] == (2, [*ASHA, None])
    assert rows[-1] == (103, ["Ravi", "2", "K", "hi"])
    assert [(sheet.name, sheet.offset) for sheet in table.taken] == [
        ("October", 0), ("November", 100)
    ]  # fmt: skip
    assert [number for number, _ in read(content, "November", "October").rows][:2] == [3, 102]


def test_a_chosen_row_of_a_chosen_sheet() -> None:
    content = book({"A": [HEADER, ASHA], "B": [HEADER, ["Kid", "Number", "Where"], RAVI]})
    table = read(content, "B", header_row=2)
    assert (table.columns, list(table.rows)) == (("Kid", "Number", "Where"), [(3, list(RAVI))])


def test_a_sheet_that_is_not_there() -> None:
    content = book({"Leads": [HEADER, ASHA], "Empty": []})
    for name in ("Mars", "Empty"):
        with pytest.raises(UnreadableFile, match="no sheet of this name"):
            read(content, name)


def test_a_sheet_with_a_second_header_in_another_order() -> None:
    rows = [["Name", "Phone", "Center"], ["Asha", "1", "T"]]
    content = xlsx_bytes([*rows, ["Phone", "Center", "Name"], ["2", "K", "Bina"]])
    table = read_table(content, "leads.xlsx", Wanted(score))
    assert list(table.rows) == [(2, ["Asha", "1", "T"]), (4, ["Bina", "2", "K"])]


def test_the_table_is_opened_again_by_what_was_found() -> None:
    content = book({"Read me": [["x"]], "Leads": [["TOFA"], HEADER, ASHA]})
    found = read(content)
    wanted = Wanted(score, tuple(sheet.name for sheet in found.taken), found.header_row, False)
    again = read_table(content, "leads.xlsx", wanted)
    assert (again.columns, list(again.rows)) == (found.columns, list(found.rows))


def test_a_workbook_of_one_sheet_without_names() -> None:
    assert read(xlsx_bytes([["a", "b", "c"], [1, 2, 3]])).columns == ("a", "b", "c")


def test_merged_cells_show_the_value_of_the_first() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (
        ["TOFA"],
        HEADER,
        ("Asha", "1", "T"),
        ("Ravi", "2"),
        (),
        ("Tara", "3"),
        ("Bo", "4"),
    ):
        sheet.append(row)
    sheet.merge_cells("A1:C1")
    sheet.merge_cells("C3:C6")
    sheet.merge_cells("A9:C2000")
    out = io.BytesIO()
    made.save(out)
    table = read(out.getvalue())
    assert (table.columns, table.header_row) == (HEADER, 2)
    assert list(table.rows) == [
        (3, ["Asha", "1", "T"]), (4, ["Ravi", "2", "T"]), (6, ["Tara", "3", "T"]),
        (7, ["Bo", "4", None]),
    ]  # fmt: skip


def test_a_title_across_the_rows_is_there_once() -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    for row in (HEADER, ("T",), ("Asha", "1", "T"), ("K",), ("Ravi", "2"), (None, "3")):
        sheet.append(row)
    for area in ("A2:C2", "A4:B4", "C5:C6", "A5:A6"):
        sheet.merge_cells(area)
    sheet["C5"] = "K"
    out = io.BytesIO()
    made.save(out)
    assert [cells for _, cells in read(out.getvalue()).rows] == [
        ["T", None, None], ["Asha", "1", "T"], ["K", None, None],
        ["Ravi", "2", "K"], ["Ravi", "3", "K"],
    ]  # fmt: skip


def test_merged_cells_of_an_xls() -> None:
    made = xlwt.Workbook()
    sheet = made.add_sheet("Leads")
    for column, name in enumerate(HEADER):
        sheet.write(0, column, name)
    sheet.write(1, 0, "Asha")
    sheet.write(2, 0, "Ravi")
    sheet.write_merge(1, 2, 2, 2, "T")
    out = io.BytesIO()
    made.save(out)
    assert [cells for _, cells in read(out.getvalue()).rows] == [
        ["Asha", None, "T"], ["Ravi", None, "T"]
    ]  # fmt: skip
