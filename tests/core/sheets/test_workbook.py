"""Workbooks: what the cells of .xlsx and .xls come out as."""

import io
from datetime import date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

import openpyxl
import pytest
import xlwt

from backend.core.sheets import Cell, UnreadableFile, read_table
from backend.core.sheets.limits import MAX_CELL_CHARACTERS
from tests.core.sheets.files import ONE_CELL, raw_xlsx, xls_bytes, xlsx_bytes

SAMPLES = Path(__file__).parents[2] / "samples"


def read(
    content: bytes, filename: str = "leads.xlsx"
) -> tuple[tuple[str, ...], list[tuple[int, list[Cell]]]]:
    table = read_table(content, filename)
    return table.columns, list(table.rows)


def refused(content: bytes, filename: str = "leads.xlsx") -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content, filename)
    return str(caught.value)


def test_the_academys_file() -> None:
    columns, rows = read((SAMPLES / "academy-leads.xlsx").read_bytes(), "academy-leads.XLSX")
    assert columns[:4] == (" created_time", "player_name ", "Player_Age_Category", "phone")
    assert rows[0][1][:4] == ["02/12/2025 22:00", "Meera Iyer", "Under 15", "9848000060"]
    assert rows[2][1][2:4] == [9, 919848000062]
    assert isinstance(rows[1][1][0], datetime)
    assert all(len(cells) == len(columns) for _, cells in rows)


def test_kinds_of_cells() -> None:
    cells: list[Cell] = [
        "text",
        9876543210,
        -5,
        0,
        2.5,
        True,
        False,
        date(2025, 12, 5),
        datetime.fromisoformat("2025-12-05T09:30:01"),
        clock(7, 15),
        timedelta(hours=30),
        None,
        "0098",
        "line\nbreak",
    ]
    header = [f"c{n}" for n in range(len(cells))]
    _, rows = read(xlsx_bytes([header, cells]))
    assert rows == [(2, cells)]
    assert [type(cell) for cell in rows[0][1]] == [type(cell) for cell in cells]


def test_large_and_odd_numbers() -> None:
    values = ("1.20208700000000E+17", "1e300", "NaN", "inf", "-0.0", "1e400")
    row = "".join(f"<c><v>{value}</v></c>" for value in values)
    header = "".join(f'<c t="str"><v>h{n}</v></c>' for n in range(len(values)))
    _, rows = read(raw_xlsx(f"<row>{header}</row><row>{row}</row>"))
    assert rows == [(2, [120208700000000000, 1e300, None, None, 0, None])]


def test_errors_are_blank_and_formulas_give_their_last_value() -> None:
    row = (
        '<c r="A2" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B2"><f>1+1</f><v>2</v></c>'
        '<c r="C2" t="str"><f>"a"</f><v>a</v></c><c r="D2"><f>1</f></c>'
    )
    header = "".join(f'<c r="{c}1" t="str"><v>{c}</v></c>' for c in "ABCD")
    content = raw_xlsx(f'<row r="1">{header}</row><row r="2">{row}</row>')
    assert read(content)[1] == [(2, [None, 2, "a", None])]


def test_rows_are_counted_as_shown() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["B3"], sheet["C3"], sheet["B5"], sheet["C8"] = "name", "phone", "Asha", 7
    sheet["B6"] = "  "
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue()) == (("name", "phone"), [(5, ["Asha", None]), (8, [None, 7])])


def test_the_first_visible_sheet_with_cells() -> None:
    book = openpyxl.Workbook()
    book.active.title = "Empty"
    for name, state in (
        ("Hidden", "hidden"),
        ("Very", "veryHidden"),
        ("Leads", "visible"),
        ("Z", "visible"),
    ):
        sheet = book.create_sheet(name)
        sheet.sheet_state = state
        sheet.append([name])
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue())[0] == ("Leads",)


def test_a_header_of_other_kinds_and_blanks() -> None:
    content = xlsx_bytes([["a", None, 2025, date(2025, 1, 2)], [1, 2, 3, 4]])
    assert read(content) == (("a", "", "2025", "2025-01-02"), [(2, [1, 2, 3, 4])])


def test_header_only() -> None:
    assert read(xlsx_bytes([["a", "b"]])) == (("a", "b"), [])


def test_no_cells() -> None:
    assert "no visible sheet with cells" in refused(xlsx_bytes([]))


@pytest.mark.parametrize("filename", ["leads.xlsx", "leads.xls", "leads.csv"])
def test_content_decides_whatever_the_name(filename: str) -> None:
    rows: list[list[Cell]] = [["name", "phone"], ["Asha", 9876543210]]
    expected = (("name", "phone"), [(2, ["Asha", 9876543210])])
    assert read(xlsx_bytes(rows), filename) == expected
    assert read(xls_bytes(rows), filename) == expected


def test_xls_dates_and_sheets() -> None:
    book = xlwt.Workbook()
    hidden = book.add_sheet("Hidden")
    hidden.visibility = 1
    hidden.write(0, 0, "no")
    sheet = book.add_sheet("Leads")
    book.set_active_sheet(1)
    style = xlwt.easyxf(num_format_str="YYYY-MM-DD HH:MM")
    for column, cell in enumerate(["when", "flag", "name"]):
        sheet.write(1, column, cell)
    sheet.write(3, 0, datetime.fromisoformat("2025-12-05T09:30"), style)
    sheet.write(3, 1, True)
    sheet.write(3, 2, "Zoë ⚽")
    out = io.BytesIO()
    book.save(out)
    assert read(out.getvalue(), "leads.xls") == (
        ("when", "flag", "name"),
        [(4, [datetime.fromisoformat("2025-12-05T09:30"), True, "Zoë ⚽"])],
    )


def test_thousands_of_empty_cells_with_a_style_are_no_cells() -> None:
    styled = "".join(
        f'<row r="{n}"><c r="A{n}" s="1"/><c r="XFD{n}" s="1" /><c r="B{n}"></c></row>'
        for n in (*range(2, 3000), 1_048_576)
    )
    assert read(raw_xlsx(ONE_CELL + styled)) == (("phone",), [])


@pytest.mark.parametrize(
    "rows",
    [
        "<row><c t='str'><v>a</v></c><c t='str'><v>b</v></c></row>"
        "<row><c><v>1</v></c><c><v>2</v></c></row>",
        "<x:row r='1'><x:c t='str' r = 'A1'><x:v>a</x:v></x:c>"
        "<x:c r='B1' t='str'><x:v>b</x:v></x:c></x:row>"
        "<x:row r='2'><x:c r='A2'><x:v>1</x:v></x:c><x:c><x:v>2</x:v></x:c></x:row>",
    ],
)
def test_unusual_but_proper_xml(rows: str) -> None:
    assert read(raw_xlsx(rows)) == (("a", "b"), [(2, [1, 2])])


def test_a_date_that_is_an_iso_text_is_a_wall_clock_even_with_a_z() -> None:
    """Another column may have such texts that are texts."""
    texts = ("2025-10-23T16:30:00.000Z", "2025-10-23", "soon")
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" s="1" t="d"><v>{text}</v></c>'
        f'<c r="B{row}" t="str"><v>{text}</v></c></row>'
        for row, text in enumerate(texts, 2)
    )
    header = '<row r="1"><c r="A1" t="str"><v>a</v></c><c r="B1" t="str"><v>b</v></c></row>'
    found = read(raw_xlsx(header + cells))[1]
    assert [row[1] for _, row in found] == [*texts]
    assert found[0][1][0] == datetime.fromisoformat("2025-10-23T16:30")
    assert [str(row[0]) for _, row in found[1:]] == ["2025-10-23", "soon"]


@pytest.mark.slow
def test_a_long_sheet_whose_cells_do_not_name_their_place() -> None:
    row = "<row>" + "<c><v>1</v></c>" * 10 + "</row>"
    assert len(read(raw_xlsx(row * 20_000))[1]) == 19_999


def test_characters_that_cannot_be_stored() -> None:
    nul = '<c t="str"><v>a_x0000_b</v></c>'
    assert "NUL" in refused(raw_xlsx(f"<row>{nul}</row>"))


def test_a_cell_that_is_too_long() -> None:
    def content(length: int) -> bytes:
        return raw_xlsx(f'<row><c t="str"><v>{"ab" * (length // 2)}</v></c></row>')

    assert len(read(content(MAX_CELL_CHARACTERS))[0][0]) == MAX_CELL_CHARACTERS
    assert f"{MAX_CELL_CHARACTERS:,}" in refused(content(MAX_CELL_CHARACTERS + 2))


@pytest.mark.slow
def test_large_cells_in_number() -> None:
    """20 MB of text, each once: nothing hostile about it."""
    texts = (" ".join(str(n * k) for k in range(100, 260)) for n in range(20_000))
    content = raw_xlsx("".join(f'<row><c t="str"><v>{text}</v></c></row>' for text in texts))
    assert sum(1 for _ in read_table(content, "leads.xlsx").rows) == 19_999


@pytest.mark.slow
def test_100_000_rows_of_10_columns() -> None:
    row = "".join(
        f'<c r="{column}%d" t="inlineStr"><is><t>some text {column} %d</t></is></c>'
        for column in "ABCDEFGHIJ"
    )
    content = raw_xlsx(
        "".join(f'<row r="{n}">{row % ((n,) * 20)}</row>' for n in range(1, 100_001))
    )
    assert sum(1 for _ in read_table(content, "leads.xlsx").rows) == 99_999
