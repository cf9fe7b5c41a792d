"""Whatever is written into a spreadsheet comes back."""

import io
from datetime import date, datetime, time, timedelta

import openpyxl
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backend.core.sheets import Cell, Table, UnreadableFile, read_table
from backend.core.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from tests.core.sheets.files import csv_bytes, raw_xlsx

CODECS = {"utf-8": "utf-8", "utf-8-sig": "utf-8", "utf-16": "utf-16", "cp1252": "cp1252"}

# A header says nothing else about the delimiter than the delimiter itself. In words as people write
# them, no byte is more likely one of Mac Roman.
_LETTERS = st.characters(categories=["L", "N"], codec="cp1252", exclude_characters="ƒµªº")
names = st.builds(
    lambda text, case: case(text),
    st.text(_LETTERS, min_size=1, max_size=9),
    st.sampled_from([str.lower, str.upper, str.title]),
)


def expected(rows: list[list[str]]) -> list[tuple[int, list[Cell]]]:
    blank = [[cell if cell.strip() else None for cell in row] for row in rows]
    return [(n, list(row)) for n, row in enumerate(blank, 2) if any(row)]


@st.composite
def tables(draw: st.DrawFn) -> tuple[str, list[str], list[list[str]]]:
    encoding = draw(st.sampled_from(sorted(CODECS)))
    characters = st.characters(codec=CODECS[encoding], exclude_characters="\0")
    written = names if encoding == "cp1252" else st.text(characters, max_size=12)
    texts = written | st.sampled_from(["", " ", '"', '""', "\r\n", "a,b;c\td", "'=1"])
    width = draw(st.integers(2, 6))
    header = draw(st.lists(names, min_size=width, max_size=width))
    rows = draw(st.lists(st.lists(texts, min_size=width, max_size=width), max_size=6))
    return encoding, header, rows


@given(tables(), st.sampled_from(",;\t"), st.sampled_from(["\r\n", "\n", "\r"]))
@example(("cp1252", ["a", "b"], [["Zoë", "–"]]), ";", "\r")
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.slow
def test_csv_comes_back(
    table: tuple[str, list[str], list[list[str]]], delimiter: str, end: str
) -> None:
    encoding, header, rows = table
    content = csv_bytes([header, *rows], encoding, delimiter, end)
    read = read_table(content, "leads.csv")
    if encoding == "cp1252" and _is_utf8(content):
        return  # such a file says two things, and UTF-8 is the likelier
    assert read.columns == tuple(header)
    assert list(read.rows) == expected(rows)


def _is_utf8(content: bytes) -> bool:
    try:
        return not content.isascii() and bool(content.decode("utf-8"))
    except UnicodeDecodeError:
        return False


@given(st.binary(max_size=300), st.sampled_from(["a.csv", "a.CSV"]))
@settings(max_examples=500, deadline=None)
@pytest.mark.slow
def test_any_bytes_end_in_a_table_or_a_sentence(content: bytes, filename: str) -> None:
    try:
        table = read_table(content, filename)
        rows = list(table.rows)
    except UnreadableFile:
        return
    for _, cells in rows:
        assert len(cells) == len(table.columns)
        "".join(cell for cell in cells if isinstance(cell, str)).encode("utf-8")


# What XML can hold. openpyxl writes line breaks as they are, and XML makes LF of them all; an
# escape `_x000D_` is a character of its own.
texts = st.text(
    st.characters(
        codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="_\ufffe\uffff"
    ),
    min_size=1,
    max_size=20,
).filter(lambda text: text.strip() == text)

EARLIEST, LATEST = datetime.fromisoformat("1950-01-01"), datetime.fromisoformat("2100-01-01")

moments = st.datetimes(EARLIEST, LATEST).map(lambda moment: moment.replace(microsecond=0))

# openpyxl writes 16 digits, which is more than Excel keeps and less than a float has.
fractions = (
    st.floats(allow_nan=False, allow_infinity=False, width=32)
    .filter(lambda x: not x.is_integer())
    .map(lambda x: float(f"{x:.15g}"))
)

cells = st.one_of(
    st.none(),
    texts.filter(lambda text: not text.startswith("=")),
    st.integers(-(2**53), 2**53),
    fractions,
    st.booleans(),
    st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    moments.filter(lambda moment: moment.time() != time(0)),
    st.integers(1, 86_399).map(lambda s: (EARLIEST + timedelta(seconds=s)).time()),
    st.integers(86_401, 10**6).map(lambda s: timedelta(seconds=s)),
)


@given(st.data(), st.integers(1, 6))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@pytest.mark.slow
def test_a_workbook_comes_back(data: st.DataObject, width: int) -> None:
    header = data.draw(st.lists(names, min_size=width, max_size=width))
    rows = data.draw(st.lists(st.lists(cells, min_size=width, max_size=width), max_size=5))
    book = openpyxl.Workbook()
    book.active.append(header)
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    read = read_table(out.getvalue(), "leads.xlsx")
    assert read.columns == tuple(header)
    wanted = [(n, row) for n, row in enumerate(rows, 2) if any(cell is not None for cell in row)]
    assert list(read.rows) == wanted


@st.composite
def odd_sheets(draw: st.DrawFn) -> str:
    """The XML of rows, in order or not, with or without places, some far out."""
    quote = draw(st.sampled_from("\"'"))
    prefix = draw(st.sampled_from(["", "x:"]))
    space = draw(st.sampled_from(["", " ", "\n"]))
    columns = st.sampled_from(["A", "B", "Z", "SF", "SG", "XFD", "b"])
    numbers = st.sampled_from([1, 2, 3, 90, 8000, 1_000_001, 1_048_576])

    def place(value: object) -> str:
        return f" r{space}={space}{quote}{value}{quote}"

    rows = []
    for _ in range(draw(st.integers(1, 4))):
        row = "".join(
            f"<{prefix}c{place(f'{draw(columns)}{draw(numbers)}') if draw(st.booleans()) else ''}>"
            f"<{prefix}v>1</{prefix}v></{prefix}c>"
            for _ in range(draw(st.integers(0, 3)))
        )
        named = place(draw(numbers)) if draw(st.booleans()) else ""
        rows.append(f"<{prefix}row{named}>{row}</{prefix}row>")
    return "".join(rows)


@given(odd_sheets())
@settings(max_examples=30, deadline=None)
@pytest.mark.slow
def test_no_sheet_gets_past_the_limits(rows: str) -> None:
    table: Table
    try:
        table = read_table(raw_xlsx(rows), "leads.xlsx")
        last = max((number for number, _ in table.rows), default=1)
    except UnreadableFile:
        return
    assert last <= MAX_ROWS
    assert len(table.columns) <= MAX_COLUMNS
    assert last * len(table.columns) <= MAX_CELLS
