"""Pages of HTML and Excel's XML of 2003: their tables come out as sheets."""

from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.sheets import Cell, Table, UnreadableFile, Wanted, markup, read_table
from backend.core.sheets.limits import MAX_COLUMNS
from tests.core.sheets.test_header import score

PAGE = """<!DOCTYPE html><html><head><style>td {color: red}</style><title>x</title></head><body>
<table><tr><td>Menu</td></tr></table>
<table border=1><thead><tr><th>Name<th>Phone<th>Center</tr></thead>
<tr><td>Zo&euml; <b>Khan</b></td><td>098480&nbsp;00001</td>
<td rowspan="2">TOFA<br>Tellapur</td></tr>
<tr><td> Ravi\n Rao </td><td></td></tr><tr><td colspan=3>&nbsp;</td></tr></table></body></html>"""


def rows(text: str) -> list[list[Cell]]:
    (page,) = markup.tables(text.encode())
    return page.rows


def read(content: bytes, filename: str = "leads.xls") -> Table:
    return read_table(content, filename, Wanted(score))


@pytest.mark.parametrize("name", ["leads.csv", "leads.xls", "leads.xlsx", "leads.html"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252", "utf-8-sig"])
def test_a_page_is_read_whatever_its_name(name: str, encoding: str) -> None:
    table = read(PAGE.encode(encoding), name)
    assert table.columns == ("Name", "Phone", "Center")
    assert list(table.rows) == [
        (2, ["Zoë Khan", "098480 00001", "TOFA\nTellapur"]),
        (3, ["Ravi Rao", None, "TOFA\nTellapur"]),
    ]
    assert [sheet.name for sheet in table.sheets] == ["Table 1", "Table 2"]


def test_a_page_without_a_table_is_told() -> None:
    with pytest.raises(UnreadableFile, match="web page without a table"):
        read(b"<html><body><p>Please sign in</p></body></html>")


def test_cells_that_span_rows_and_columns() -> None:
    text = (
        "<table><tr><td rowspan=3>a<td colspan=2>b<td rowspan=2>c</tr>"
        "<tr><td>d<td>e</tr><tr><td>f</tr><tr><td>g</table>"
    )
    assert rows(text) == [
        ["a", "b", "b", "c"], ["a", "d", "e", "c"], ["a", "f"], ["g"]
    ]  # fmt: skip


def test_a_table_within_a_cell_is_one_of_its_own() -> None:
    pages = markup.tables(b"<table><tr><td>a<table><tr><td>b</table>c</table>")
    assert [page.rows for page in pages] == [[["ac"]], [["b"]]]


EXCEL_2003 = """<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?>
<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<ss:Worksheet ss:Name="Leads"><ss:Table><ss:Row ss:Index="2">
<ss:Cell><ss:Data ss:Type="String">Name</ss:Data></ss:Cell>
<ss:Cell><ss:Data ss:Type="String">Phone</ss:Data></ss:Cell>
<ss:Cell ss:Index="4"><ss:Data ss:Type="String">Date</ss:Data></ss:Cell></ss:Row>
<ss:Row><ss:Cell ss:MergeDown="1"><ss:Data ss:Type="String">Zo&#235; &amp; Co</ss:Data></ss:Cell>
<ss:Cell><ss:Data ss:Type="Number">9848000001</ss:Data></ss:Cell>
<ss:Cell ss:Index="4"><ss:Data ss:Type="DateTime">2026-11-05T00:00:00.000</ss:Data></ss:Cell>
</ss:Row>
<ss:Row><ss:Cell ss:Index="2"><ss:Data ss:Type="Boolean">1</ss:Data></ss:Cell><ss:Cell/>
<ss:Cell><ss:Data ss:Type="DateTime">2026-11-05T10:30:00.000</ss:Data></ss:Cell></ss:Row>
</ss:Table></ss:Worksheet></ss:Workbook>"""


def test_excel_s_xml_of_2003() -> None:
    table = read(EXCEL_2003.encode(), "leads.xml")
    assert (table.columns, table.header_row) == (("Name", "Phone", "", "Date"), 2)
    assert list(table.rows) == [
        (3, ["Zoë & Co", 9848000001, None, date(2026, 11, 5)]),
        (4, ["Zoë & Co", True, None, datetime.fromisoformat("2026-11-05T10:30")]),
    ]
    assert table.sheets[0].name == "Leads"


def test_more_columns_than_allowed() -> None:
    with pytest.raises(UnreadableFile, match=f"{MAX_COLUMNS:,} columns"):
        markup.tables(b"<table><tr><td colspan=99999999>a</table>")


tags = st.sampled_from(
    ["<table>", "</table>", "<tr>", "</tr>", "<td>", "<td rowspan=3>", "<td colspan=4>", "</td>",
     "<script>", "</script>", "<row ss:index=9>", "<cell ss:index=7>", "<data ss:type=Number>",
     "text", " ", "&amp;", "<!--", "-->", "<br>", "<![CDATA[", "]]>"]
)  # fmt: skip


@given(st.lists(tags, max_size=40).map("".join))
def test_any_page_has_tables_or_none(text: str) -> None:
    for page in markup.tables(text.encode()):
        assert all(len(row) <= MAX_COLUMNS for row in page.rows)


@given(st.lists(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), max_size=3), max_size=4))
def test_spans_fill_what_a_browser_shows(spans: list[list[tuple[int, int]]]) -> None:
    text, number = "<table>", 0
    shown: dict[tuple[int, int], str] = {}
    for at, row in enumerate(spans):
        text, column = f"{text}<tr>", 0
        for down, right in row:
            number += 1
            text += f'<td rowspan="{down}" colspan="{right}">{number}</td>'
            while (at, column) in shown:
                column += 1
            for place in ((at + y, column + x) for y in range(down) for x in range(right)):
                shown[place] = str(number)
            column += right
        text += "</tr>"
    for page in markup.tables(f"{text}</table>".encode()):
        for at, cells in enumerate(page.rows):
            for column, cell in enumerate(cells):
                assert cell == shown.get((at, column))
