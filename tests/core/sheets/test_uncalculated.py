"""Formulas whose results aren't in the file: they are found, whatever program wrote them."""

import io
from collections.abc import Sequence

import openpyxl
import pytest
import xlsxwriter

from backend.core.imports import tables
from backend.core.imports.upload import upload
from backend.core.sheets import Cell, Table
from backend.core.sheets.table import Formulas
from backend.core.sheets.uncalculated import Uncalculated
from tests.core.imports.sheets_of import HEADER, LEADER, TELLAPUR
from tests.core.sheets.files import raw_xlsx
from tests.world import World

NAMES = ("name", "phone", "center")
ROWS: list[list[object]] = [
    list(NAMES),
    ["Ravi", "=9848000201", TELLAPUR],
    ["Zoë", 9848000202, '="TOFA Tellapur"'],
    ["Arjun", '="98480"&"00203"', TELLAPUR],
]
FOUND = (Formulas("phone", 2, 2), Formulas("center", 1, 3))
BLANKED = [["Ravi", None, TELLAPUR], ["Zoë", 9848000202, None], ["Arjun", None, TELLAPUR]]


def by_openpyxl(rows: Sequence[Sequence[object]]) -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["How to fill this"])
    sheet = book.create_sheet("Leads")
    for row in rows:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def by_xlsxwriter(rows: Sequence[Sequence[object]]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("Read me").write(0, 0, "How to fill this")
        sheet = book.add_worksheet("Leads")
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
    return out.getvalue()


def read(content: bytes) -> tuple[Table, list[list[Cell]]]:
    table = tables.open_table(content, "leads.xlsx", tables.NOTHING_CHOSEN)
    return table, [cells for _, cells in table.rows]


@pytest.mark.parametrize("made", [by_openpyxl, by_xlsxwriter])
def test_they_are_told_by_column(made: object) -> None:
    assert callable(made)
    table, rows = read(made(ROWS))
    assert (table.uncalculated, rows) == (FOUND, BLANKED)


@pytest.mark.parametrize(
    ("formula", "count"),
    [
        ('<c r="B{}"><f>A2</f></c>', 1),
        ('<c r="B{}" s="1"><f t="shared" si="0"/><v/></c>', 1),
        ('<c r="B{}"><f>A2</f><v></v></c>', 1),
        # Results: a text, an empty one, a number, a zero of Excel's own, an error.
        ('<c r="B{}" t="str"><f>A2</f><v>x</v></c>', 0),
        ('<c r="B{}" t="str"><f>A2</f><v></v></c>', 0),
        ('<c r="B{}"><f>A2</f><v>98</v></c>', 0),
        ('<c r="B{}"><f>A2</f><v>0</v></c>', 0),
        ('<c r="B{}" t="e"><f>A2</f><v>#REF!</v></c>', 0),
        ('<c r="B{}"/>', 0),
    ],
)
def test_what_is_no_result(formula: str, count: int) -> None:
    def text(place: str, said: str) -> str:
        return f'<c r="{place}" t="inlineStr"><is><t>{said}</t></is></c>'

    rows = f'<row r="1">{text("A1", "name")}{text("B1", "phone")}</row>'
    rows += f'<row r="2">{text("A2", "Ravi")}{formula.format(2)}</row>'
    table, _ = read(raw_xlsx(rows))
    assert table.uncalculated == ((Formulas("phone", 1, 2),) if count else ())


@pytest.mark.parametrize("size", [1, 3, 7, 50, 1000])
def test_parts_come_in_pieces(size: int) -> None:
    rows = "".join(
        f'<c r="B{n}" s="1"><f>CONCATENATE(A{n},"x")</f><v></v></c><c r="C{n}"><v>0</v></c>'
        for n in range(2, 40)
    ).encode()
    book = b'<workbook><sheets><sheet name="S" sheetId="1" r:id="rId7"/></sheets></workbook>'
    relations = b'<Relationship Id="rId7" Target="/xl/worksheets/sheet9.xml"/>'
    formulas = Uncalculated()
    for name, part in {
        "xl/worksheets/sheet9.xml": rows,
        "xl/workbook.xml": book,
        "xl/_rels/workbook.xml.rels": relations,
    }.items():
        pieces = [part[at : at + size] for at in range(0, len(part), size)]
        assert b"".join(formulas.watch(name, pieces)) == part
    assert formulas.columns(0) == {1: (38, 2)}
    assert (formulas.columns(1), formulas.zeros(0)) == ({}, {})


def test_an_upload_says_so(world: World) -> None:
    rows: list[list[object]] = [
        [*HEADER.split(",")],
        ["", "Ravi", "=9848000201", "", TELLAPUR],
        ["", "Zoë", 9848000202, '=LOWER("Z@EXAMPLE.COM")', TELLAPUR],
    ]
    answer = upload(world.db, world.settings, LEADER, "leads.xlsx", by_openpyxl(rows))
    said = "without a result in the file. Open it in Excel, save it, and send it again"
    assert list(answer.items()) == [
        ("status", "success"),
        ("leads_added", 1),
        (
            "warnings",
            [
                {"row": 2, "reason": f"'phone' has 1 formula {said}"},
                {"row": 3, "reason": f"'email' has 1 formula {said}"},
            ],
        ),
        ("rejected", [{"row": 2, "reason": "No phone or email"}]),
    ]
