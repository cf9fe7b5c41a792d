"""OpenDocument sheets: their cells, and files whose few bytes stand for billions of cells."""

import io
import zipfile
from collections.abc import Iterator
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.core.sheets import Table, UnreadableFile, Wanted, read_table
from backend.core.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from backend.core.sheets.opendocument import Measure
from tests.core.sheets.test_header import score

SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)


MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def content(*tables: str) -> str:
    named = "".join(
        f'<table:table table:name="S{n}">{rows}</table:table>' for n, rows in enumerate(tables, 1)
    )
    return (
        f'<?xml version="1.0"?><office:document-content {SPACES} office:version="1.2">'
        f"<office:body><office:spreadsheet>{named}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )


def ods(*tables: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr("META-INF/manifest.xml", MANIFEST)
        package.writestr("content.xml", content(*tables))
    return out.getvalue()


def text(value: str, more: str = "") -> str:
    return f'<table:table-cell office:value-type="string"{more}><text:p>{value}</text:p></table:table-cell>'  # noqa: E501


def row(*cells: str, more: str = "") -> str:
    return f"<table:table-row{more}>{''.join(cells)}</table:table-row>"


HEADER = row(text("Name"), text("Phone"), text("Center"))
REST = (
    '<table:table-row table:number-rows-repeated="1048000">'
    '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
)


def read(content: bytes) -> Table:
    return read_table(content, "leads.ods", Wanted(score))


def test_kinds_of_cells() -> None:
    cells = (
        text("Zoë"),
        '<table:table-cell office:value-type="float" office:value="9848000001"><text:p>9.8E9</text:p></table:table-cell>',  # noqa: E501
        '<table:table-cell office:value-type="date" office:date-value="2026-11-05"/>',
        '<table:table-cell office:value-type="date" office:date-value="2026-11-05T10:30:00"/>',
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>',
        '<table:table-cell table:number-columns-repeated="2"/>',
        text("x"),
    )
    names = row(*map(text, ("Name", "Phone", "Date", "d", "e", "f", "g", "h")))
    table = read(ods(names + row(*cells) + REST))
    assert list(table.rows) == [
        (2, ["Zoë", 9848000001, date(2026, 11, 5), datetime(2026, 11, 5, 10, 30), True, None, None,  # noqa: DTZ001
             "x"])
    ]  # fmt: skip


def test_repeated_rows_and_cells() -> None:
    repeated = row(text("a", ' table:number-columns-repeated="2"'),
                   more=' table:number-rows-repeated="3"')  # fmt: skip
    assert [cells for _, cells in read(ods(HEADER + repeated + REST)).rows] == [
        ["a", "a", None]
    ] * 3


def test_the_table_is_found_and_merged_cells_are_filled() -> None:
    merged = ' table:number-rows-spanned="2" table:number-columns-spanned="1"'
    rows = (
        row(text("Leads", ' table:number-rows-spanned="1" table:number-columns-spanned="3"'),
            '<table:covered-table-cell table:number-columns-repeated="2"/>')
        + HEADER
        + row(text("Asha"), text("1"), text("T", merged))
        + row(text("Ravi"), text("2"), "<table:covered-table-cell/>")
        + REST
    )  # fmt: skip
    table = read(ods(row(text("Read me")), rows))
    assert (table.columns, table.header_row) == (("Name", "Phone", "Center"), 2)
    assert [cells for _, cells in table.rows] == [["Asha", "1", "T"], ["Ravi", "2", "T"]]
    assert [(sheet.name, sheet.is_taken) for sheet in table.sheets] == [("S1", False), ("S2", True)]


def test_tags_on_lines_of_their_own() -> None:
    rows = (HEADER + row(text("Asha"), text("1"), text("T"))).replace("><table:", ">\n  <table:")
    assert [cells for _, cells in read(ods(rows)).rows] == [["Asha", "1", "T"]]


def filled(columns: object = 1, rows: object = 1) -> str:
    return row(
        f'<table:table-cell table:number-columns-repeated="{columns}" office:value-type="float"'
        ' office:value="1"/>',
        more=f' table:number-rows-repeated="{rows}"',
    )


BOMBS = {
    "a repeated cell": filled(columns=16_384),
    "a cell repeated beyond any number": filled(columns="9" * 30),
    "a repeated row": filled(rows=1_048_576),
    "rows of cells": filled(columns=400, rows=100_000),
    "a row far down": f"{REST}{filled()}",
    "a cell far to the right": row(
        '<table:table-cell table:number-columns-repeated="16000"/>', text("x")
    ),
    "no number": filled(columns="&#57;99"),
    "a negative number": filled(columns=-1),
    "many spans": row(
        *[text("x", ' table:number-rows-spanned="400000" table:number-columns-spanned="9"')] * 9
    )
    + filled(rows=400_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_end_in_a_sentence(name: str) -> None:
    with pytest.raises(UnreadableFile, match="please"):
        list(read(ods(BOMBS[name])).rows)


cells = st.sampled_from(
    ["<table:table-cell/>", '<table:table-cell table:number-columns-repeated="7"/>', text("x"),
     text("x", ' table:number-columns-repeated="3"'), "<table:covered-table-cell/>",
     "<table:table-cell></table:table-cell>"]
)  # fmt: skip
made_rows = st.tuples(st.lists(cells, max_size=4), st.sampled_from(["", "1", "2", "5"])).map(
    lambda made: row(*made[0], more=f' table:number-rows-repeated="{made[1]}"' if made[1] else "")
)


@given(st.lists(made_rows, min_size=1, max_size=6).map("".join), st.integers(1, 64))
@settings(max_examples=100)
def test_the_measure_is_the_same_however_the_bytes_come(rows: str, size: int) -> None:
    data = content(rows).encode()

    def chunks(size: int) -> Iterator[bytes]:
        for at in range(0, len(data), size):
            yield data[at : at + size]

    whole, parted = Measure(), Measure()
    assert b"".join(whole.watch([data])) == b"".join(parted.watch(chunks(size))) == data
    assert (whole.places, whole.cells) == (parted.places, parted.cells)


@given(st.lists(made_rows, min_size=1, max_size=6).map("".join))
@settings(max_examples=15, deadline=None)
@pytest.mark.slow
def test_no_table_is_larger_than_was_measured(rows: str) -> None:
    measure = Measure()
    list(measure.watch([content(rows).encode()]))
    try:
        table = read_table(ods(rows), "leads.ods")
        last = max([table.header_row, *(number for number, _ in table.rows)])
    except UnreadableFile:
        return
    assert last * len(table.columns) <= measure.places <= MAX_CELLS
    assert last <= MAX_ROWS
    assert len(table.columns) <= MAX_COLUMNS
