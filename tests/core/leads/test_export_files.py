"""A file that is exported: its cells, what is left out of it, and that no half file is left."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from zipfile import ZipFile

import pytest
import python_calamine
from sqlalchemy import delete

from backend.core.errors import BadRequest
from backend.core.imports.upload import upload
from backend.core.leads import adding, export_files, export_rows
from backend.core.leads.export_files import Form
from backend.core.leads.matching import Candidate
from backend.core.sheets import formulas
from backend.models import Comment, Lead, LeadEvent, Source, Status
from backend.schemas.imports import Imported
from tests.world import EPOCH, GACHIBOWLI, TELLAPUR, World

ODD = [
    "+91 98480 22338",
    "=1+1",
    "'=1+1",
    "''+",
    "-",
    "@SUM(A1)",
    'two\nlines, "quoted"',
    "0098480",
    "Zoë 选手 🏏",
    "_x0041_",
    "1e5",
    "TRUE",
    "2026-12-05",
]


@pytest.fixture
def odd(world: World) -> World:
    """The academy with leads whose texts a spreadsheet might spoil."""
    with world.db.write() as session:
        session.add_all(
            Lead(
                created_time=datetime(2026, 11, 3, 18, 45, number, tzinfo=UTC),
                player_name=text,
                phone=text,
                address=text,
                email=None,
                status=Status.CALLED,
                next_followup_date=datetime(2026, 12, 4, 20, tzinfo=UTC),
                center_id=GACHIBOWLI,
                leadgen_id=str(2**60 + number),
            )
            for number, text in enumerate(ODD)
        )
    return world


def stream(
    world: World, form: Form = Form.CSV, center: str | None = None, status: str | None = None
) -> bytes:
    file = io.BytesIO()
    export_files.to_stream(world.db, world.settings, file, form, center=center, status=status)
    return file.getvalue()


def rows_of(content: bytes, form: Form = Form.CSV) -> list[dict[str, str]]:
    """What a program that knows nothing of our apostrophes finds in the file."""
    if form is Form.CSV:
        return list(csv.DictReader(io.StringIO(content.decode(), newline="")))
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    first, *rest = book.get_sheet_by_index(0).to_python(skip_empty_area=False)
    return [dict(zip(map(str, first), map(str, row), strict=True)) for row in rest]


@pytest.mark.parametrize("form", Form)
def test_the_columns_and_what_stands_in_them(odd: World, form: Form) -> None:
    rows = rows_of(stream(odd, form), form)
    assert tuple(rows[0]) == export_rows.COLUMNS
    assert rows[0] == {
        "Meta lead ID": "",
        "Received at": "2026-11-02 10:00:00",
        "Player": "Zoë Khan",
        "Age category": "U9",
        "Phone": "+91 98480 00001" if form is Form.XLSX else "(+91) 98480 00001",
        "Email": "parent1@example.com",
        "Address": "1 Lake Road, 502020",
        "Nearest TOFA center": "TOFA Tellapur",
        "Status": "New",
        "Next follow-up": "",
        "Phone extension": "",
        "Further phones": "",
        "Owner": "",
        "Lost reason": "",
        "Source": "",
        "Campaign": "",
        "Trial": "",
        "Last comment": "",
        "Attempts": "",
        "Last call": "",
        "Last outcome": "",
    }
    assert rows[2]["Meta lead ID"] == f"l:{2**60}"
    assert rows[2]["Received at"] == "2026-11-04 00:15:00"
    assert rows[2]["Next follow-up"] == "2026-12-05 01:30:00"


@pytest.mark.parametrize("form", Form)
def test_what_was_done_about_a_lead(world: World, form: Form) -> None:
    with world.db.write() as session:
        lead = session.get_one(Lead, 1)
        lead.status, lead.lost_reason, lead.owner_id = Status.DEAD, "Expensive fee", 2
        lead.source, lead.campaign = "backfill", "Summer camp"
        lead.trial_at = datetime(2026, 12, 4, 11, tzinfo=UTC)
        lead.attempts, lead.last_outcome = 3, "no_answer"
        lead.last_attempt_at = datetime(2026, 12, 3, 11, tzinfo=UTC)
        for minute, text in ((1, "Rang"), (3, "Too far for them"), (2, "Rang again")):
            at = datetime(2026, 11, 3, 10, minute, tzinfo=UTC)
            session.add(Comment(text=text, timestamp=at, user_id=2, lead_id=1))
    told = rows_of(stream(world, form), form)[0]
    names = (
        "Owner", "Lost reason", "Source", "Campaign", "Trial", "Last comment",
        "Attempts", "Last call", "Last outcome",
    )  # fmt: skip
    assert [told[name] for name in names] == [
        "Tellapur", "Expensive fee", "Meta", "Summer camp", "2026-12-04 16:30:00",
        "Too far for them", "3", "2026-12-03 16:30:00", "No answer",
    ]  # fmt: skip


@pytest.mark.parametrize("form", Form)
def test_every_text_comes_back(odd: World, form: Form) -> None:
    rows = rows_of(stream(odd, form), form)[2:]
    for column in ("Player", "Address"):
        assert [formulas.restore(row[column]) for row in rows] == ODD
    first = ODD[0] if form is Form.XLSX else "(+91) 98480 22338"
    assert [formulas.restore(row["Phone"]) for row in rows] == [first, *ODD[1:]]


@pytest.mark.parametrize("form", Form)
def test_a_phone_is_its_number_or_what_was_typed(world: World, form: Form) -> None:
    typed = {
        "098480 22338": ("+91 98480 22338", "", ""),
        "040-23456789 ext 12": ("+91 40 2345 6789", "12", ""),
        "98480 22338 / 98480 22339": ("+91 98480 22338", "", "+91 98480 22339"),
        "9.17013E+11": ("9.17013E+11", "", ""),
    }
    with world.db.write() as session:
        for number, phone in enumerate(typed):
            enquiry = Candidate(
                created_time=EPOCH,
                center_id=TELLAPUR,
                source="manual",
                player_name=f"Lead {number}",
                phone=phone,
            )
            adding.add(session, enquiry, "IN")
    rows = {row["Player"]: row for row in rows_of(stream(world, form), form)}
    for number, told in enumerate(typed.values()):
        row = rows[f"Lead {number}"]
        cells = [row[column] for column in ("Phone", "Phone extension", "Further phones")]
        # Some programs run what begins with a plus: a phone in a CSV file doesn't.
        assert not cells[0].startswith("+") or form is Form.XLSX
        assert tuple(cell.replace("(+91)", "+91") for cell in cells) == told


@pytest.mark.parametrize("form", Form)
def test_the_end_of_the_calendar_is_no_end_of_the_export(world: World, form: Form) -> None:
    """In the zone of the settings it is a day after the last one."""
    last = datetime(9999, 12, 31, 23, 30, tzinfo=UTC)
    with world.db.write() as session:
        session.get_one(Lead, 1).next_followup_date = last
    rows = rows_of(stream(world, form), form)
    assert [row["Next follow-up"] for row in rows] == ["9999-12-31T23:30:00+00:00", ""]


def test_no_cell_of_a_csv_file_is_a_formula(odd: World) -> None:
    for row in rows_of(stream(odd)):
        assert not any(formulas.is_risky(text) for text in row.values())


def test_every_cell_of_a_csv_file_is_quoted(odd: World) -> None:
    content = stream(odd).decode("utf-8-sig")
    assert re.fullmatch(r'(?:"(?:[^"]|"")*"(?:,|\r\n))+', content)


def test_every_cell_of_an_xlsx_file_is_text_or_a_date(odd: World) -> None:
    with ZipFile(io.BytesIO(stream(odd, Form.XLSX))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
        styles = book.read("xl/styles.xml").decode()
    assert "<f>" not in sheet
    # A date is a number with the format of one: those of receipt, and of the follow-ups.
    dates = re.findall(r'<c r="([BJ])\d+" s="\d"><v>4\d{4}\.', sheet)
    assert (dates.count("B"), dates.count("J")) == (len(ODD) + 2, len(ODD))
    assert sheet.count("<c ") == sheet.count('t="inlineStr"') + len(dates)
    assert "yyyy\\-mm\\-dd" in styles or "yyyy-mm-dd" in styles
    assert 'quotePrefix="1"' in styles


@pytest.mark.parametrize("form", Form)
def test_what_is_exported_is_imported_as_it_was(odd: World, form: Form) -> None:
    before = rows_of(stream(odd))
    content = stream(odd, form)
    with odd.db.write() as session:
        session.connection().execute(delete(LeadEvent))
        session.connection().execute(delete(Lead))
    answer = cast(Imported, upload(odd.db, odd.settings, None, f"leads{form}", content))
    unread = [row for row, text in enumerate(ODD, 4) if text != "+91 98480 22338"]
    assert answer["status"] == "success"
    assert answer["leads_added"] == len(before)
    assert [warning["row"] for warning in answer["warnings"]] == unread
    # A name is as it is seen, in one line.
    assert rows_of(stream(odd)) == [
        row | {"Player": " ".join(row["Player"].split()), "Source": "Spreadsheet"} for row in before
    ]
    again = cast(Imported, upload(odd.db, odd.settings, None, f"leads{form}", content))
    assert again["status"] == "success"
    assert (again["leads_added"], again["already_here"]) == (0, len(before))


def test_a_part(odd: World) -> None:
    def names(center: str | None = None, status: str | None = None) -> list[str]:
        content = stream(odd, center=center, status=status)
        return [row["Player"] for row in rows_of(content)]

    assert names(center="tofa  TELLAPUR") == ["Zoë Khan"]
    assert names(center="TOFA Gachibowli", status="New") == ["Arjun Rao"]
    assert len(names(status="called")) == len(ODD)
    assert names(status="Joined") == []


def test_a_part_that_no_one_knows(odd: World) -> None:
    with pytest.raises(BadRequest, match="no center 'Mars'; choose from: 'TOFA Tellapur', "):
        stream(odd, center="Mars")
    with pytest.raises(BadRequest, match="No lead has the status 'Kalled'; the statuses are 'New'"):
        stream(odd, status="Kalled")


def test_the_statuses_of_old_installations(odd: World) -> None:
    with odd.db.write() as session:
        session.get_one(Lead, 1).status = "Interested"
    assert [row["Status"] for row in rows_of(stream(odd, status="Interested"))] == ["Interested"]


def test_a_lead_without_anything(world: World) -> None:
    with world.db.write() as session:
        session.add(Lead(created_time=datetime(2026, 1, 1, tzinfo=UTC)))
    row = rows_of(stream(world))[-1]
    assert [text for text in row.values() if text] == ["2026-01-01 05:30:00", "New"]


def test_batches(odd: World, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = stream(odd)
    told: list[tuple[int, int]] = []
    for size in (1, 7, 15):
        monkeypatch.setattr(export_rows, "BATCH", size)
        assert stream(odd) == whole
    file = io.BytesIO()
    count = export_files.to_stream(
        odd.db,
        odd.settings,
        file,
        Form.CSV,
        progress=lambda done, total: told.append((done, total)),
    )
    assert count == len(ODD) + 2
    assert told == [(count, count)]


def test_a_file(world: World, tmp_path: Path) -> None:
    path = tmp_path / "Leads.CSV"
    path.write_text("what was there before")
    assert export_files.to_path(world.db, world.settings, path) == 2
    # Excel takes a file for UTF-8 only where it starts so.
    assert path.read_bytes() == b"\xef\xbb\xbf" + stream(world)
    assert not list(tmp_path.glob(".*"))


def test_a_file_is_its_owners(world: World, tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    export_files.to_path(world.db, world.settings, path)
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    export_files.to_path(world.db, world.settings, path)
    assert path.stat().st_mode & 0o777 == 0o640, "its owner has let others read it"


def test_who_must_not_be_contacted_is_left_out(world: World, tmp_path: Path) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).do_not_contact = True
    for everyone, count in ((False, 1), (True, 2)):
        path = tmp_path / "leads.csv"
        assert export_files.to_path(world.db, world.settings, path, everyone=everyone) == count


def test_a_link_stays_a_link(world: World, tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    export_files.to_path(world.db, world.settings, tmp_path / "link.csv")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").is_file()


@pytest.mark.parametrize("form", Form)
def test_a_failure_leaves_the_file_that_was_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Form
) -> None:
    def one_and_no_more(*_: object) -> Iterator[export_rows.Row]:
        yield ("",) * len(export_rows.COLUMNS)
        raise OSError("the disk is gone")

    monkeypatch.setattr(export_files, "read_rows", one_and_no_more)
    path = tmp_path / f"leads{form}"
    path.write_text("before")
    with pytest.raises(OSError, match="the disk is gone"):
        export_files.to_path(world.db, world.settings, path)
    assert path.read_text() == "before"
    assert not list(tmp_path.glob(".leads*"))


@pytest.mark.parametrize("name", ["leads.xls", "leads", "leads.csv.gz", ".csv"])
def test_other_kinds_of_files(name: str) -> None:
    with pytest.raises(BadRequest, match=r"end with \.csv or \.xlsx"):
        export_files.form_of(name)


def test_what_an_xlsx_file_can_not_hold(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "leads.xlsx"
    with world.db.write() as session:
        session.get_one(Lead, 2).address = "x" * (export_files.XLSX_CELL + 1)
    with pytest.raises(BadRequest, match=r"Row 3 does not fit into an \.xlsx file"):
        export_files.to_path(world.db, world.settings, path)
    monkeypatch.setattr(export_files, "XLSX_ROWS", 2)
    with pytest.raises(BadRequest, match=r"2 leads are more than an \.xlsx file can hold"):
        export_files.to_path(world.db, world.settings, path)
    assert not list(tmp_path.glob("*.xlsx"))


def test_an_export_that_comes_in_again_changes_nothing(world: World) -> None:
    """Whatever way its leads came: their times have fractions of a second, which a file loses."""
    at = datetime(2026, 11, 3, 18, 45, 7, 250000, tzinfo=UTC)
    with world.db.write() as session:
        for number, (name, phone, email) in enumerate(
            [
                ("Tara", "98480 30001", None),
                ("Ved", "12345", None),
                ("Naira", "9999999999", None),
                ("Mira", "ask", "mira@example.com"),
            ]
        ):
            new = Candidate(
                at + number * timedelta(seconds=1), TELLAPUR, Source.FLAT, name, None, phone, email
            )
            lead = session.get_one(Lead, adding.add(session, new, "IN").lead_id)
            lead.status = Status.DEAD
    sent = stream(world)
    answer = cast(Imported, upload(world.db, world.settings, None, "export.csv", sent))
    assert (answer["leads_added"], answer["already_here"]) == (0, 6)
    assert stream(world) == sent
