"""A table of cells becomes leads."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import imports, times
from backend.core.access import Person
from backend.core.bulk import LEAD_COLUMNS
from backend.core.errors import BadRequest
from backend.core.imports import Draft
from backend.core.sheets import Cell, Table
from backend.models import Lead
from tests.world import GACHIBOWLI, LEAD, TELLAPUR, World

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
CENTER = imports.CENTER_COLUMN
COLUMNS = (
    "created_time", "player_name", "player_age_category", "phone", "email", "address_and_pincode",
    CENTER,
)  # fmt: skip
ROW: tuple[Cell, ...] = (
    "05/12/2026", "Zoë", "U9", "+9198480", "a@example.com", "1 Road", "TOFA Tellapur",
)  # fmt: skip


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOW)


def table(columns: Sequence[str], *rows: Sequence[Cell]) -> Table:
    return Table(tuple(columns), ((number, list(row)) for number, row in enumerate(rows, 2)))


def read(columns: Sequence[str], *rows: Sequence[Cell]) -> Draft:
    return imports.read(table(columns, *rows), KOLKATA)


def one(**cells: Cell) -> dict[str, Any]:
    """The lead of a row that has these cells, and the others as in `ROW`."""
    columns = dict(zip(COLUMNS, ROW, strict=True)) | cells
    draft = read(tuple(columns), tuple(columns.values()))
    assert len(draft.leads) == 1
    return dict(zip(LEAD_COLUMNS, draft.leads[0], strict=True))


def test_a_plain_row() -> None:
    draft = read(COLUMNS, ROW)
    created = datetime(2026, 12, 4, 18, 30, tzinfo=UTC)
    assert draft.leads == [
        (created, "Zoë", "U9", "+9198480", "a@example.com", "1 Road", "TOFA Tellapur", None)
    ]
    assert (draft.warnings, draft.rejected) == ([], [])
    assert list(draft.tags) == ["TOFA Tellapur"]


@given(st.permutations(list(zip(COLUMNS, ROW, strict=True))), st.data())
def test_the_order_case_and_spaces_of_the_columns_do_not_matter(
    pairs: list[tuple[str, Cell]], data: st.DataObject
) -> None:
    spoil = st.sampled_from([str.upper, str.title, "  {} ".format, "\t{}\u00a0".format])
    columns = [data.draw(spoil)(name) for name, _ in pairs]
    plain = read(COLUMNS, ROW).leads
    assert read(["", *columns, "other"], ["x", *(cell for _, cell in pairs), "y"]).leads == plain


@pytest.mark.parametrize(
    "name", [CENTER, CENTER.upper(), "Which is the nearest_tofa center?", "NEAREST_TOFA"]
)
def test_the_center_s_column(name: str) -> None:
    assert read(["phone", name], ["1", "T"]).leads[0][-2] == "T"


def test_the_center_s_own_name_comes_before_a_part_of_it() -> None:
    draft = read(["nearest_tofa", "nearest_tofa_2", CENTER, "phone"], ["a", "b", "c", "1"])
    assert list(draft.tags) == ["c"]
    draft = read(["nearest_tofa", "nearest_tofa_2", "phone"], ["a", "b", "1"])
    assert list(draft.tags) == ["a"]


@pytest.mark.parametrize("columns", [(), ("phone",), ("nearest tofa", "phone"), ("", "center")])
def test_no_column_for_the_center(columns: Sequence[str]) -> None:
    with pytest.raises(BadRequest, match="no column for the center"):
        read(columns)


def test_only_the_center_is_obligatory() -> None:
    draft = read([CENTER, "email"], ["T", "a@example.com"])
    assert draft.leads == [(NOW, None, None, None, "a@example.com", None, "T", None)]
    assert draft.warnings == []


def test_the_first_of_two_columns_of_one_name() -> None:
    assert read([CENTER, "phone", "Phone"], ["T", "1", "2"]).leads[0][3] == "1"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ("+919848012345", "+919848012345"),
        ("0098480", "0098480"),
        (" 98480 12345 ", "98480 12345"),
        (9848012345, "9848012345"),
        (9848012345.0, "9848012345"),
        (98480.5, "98480.5"),
        ("p:+9198480", "+9198480"),
        ("p: 098480 ", "098480"),
        ("NA", "NA"),
        ("null", "null"),
        ("None", "None"),
        (True, "TRUE"),
        (date(2026, 12, 5), "2026-12-05"),
    ],
)
def test_a_phone(cell: Cell, text: str) -> None:
    assert one(phone=cell)["phone"] == text


@pytest.mark.parametrize("cell", [None, "", "  ", "p:", "p: "])
def test_no_phone(cell: Cell) -> None:
    assert one(phone=cell)["phone"] is None


@pytest.mark.parametrize("name", ["player_name", "player_age_category", "address_and_pincode"])
def test_blank_cells_are_null_and_words_are_words(name: str) -> None:
    field = name.replace("address_and_pincode", "address")
    for cell, kept in ((None, None), (" ", None), ("NaN", "NaN"), ("null", "null"), (9.0, "9")):
        assert one(**{name: cell})[field] == kept


@pytest.mark.parametrize(
    ("cell", "utc"),
    [
        ("05/12/2026", "2026-12-04T18:30"),
        (" 2026-12-05T16:30:00+05:30 ", "2026-12-05T11:00"),
        (date(2026, 12, 5), "2026-12-04T18:30"),
        (datetime(2026, 12, 5, 16, 30), "2026-12-05T11:00"),  # noqa: DTZ001  as Excel has it
    ],
)
def test_a_date(cell: Cell, utc: str) -> None:
    assert one(created_time=cell)["created_time"] == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["soon", "12/25/2026", 46361, 46361.5, True, clock(10), timedelta(1), "NaN",
             "0001-01-01", date(1, 1, 1)]
)  # fmt: skip
def test_a_date_that_can_not_be_read(cell: Cell) -> None:
    draft = read(COLUMNS, ROW, (cell, *ROW[1:]))
    assert draft.leads[1][0] == NOW
    reason = "The date can't be read: the time of the import stands in"
    assert draft.warnings == [{"row": 3, "reason": reason}]


def test_no_date() -> None:
    draft = read(COLUMNS, (None, *ROW[1:]))
    assert draft.leads[0][0] == NOW
    assert draft.warnings == []


def test_rows_that_can_not_become_leads() -> None:
    columns = ("phone", "email", CENTER)
    rows = [(None, " ", "A"), ("1", None, None), ("p:", "", "B"), (None, "a@x", "C"), (None,) * 3]
    draft = read(columns, *rows)
    assert draft.rejected == [
        {"row": 2, "reason": "Neither phone nor email"},
        {"row": 3, "reason": "No center"},
        {"row": 4, "reason": "Neither phone nor email"},
        {"row": 6, "reason": "Neither phone nor email"},
    ]
    # A center that only such a row names need not be known.
    assert list(draft.tags) == ["C"]
    assert len(draft.leads) == 1


def test_meta_s_export() -> None:
    columns = ("id", "created_time", "ad_id", CENTER, "full_name", "phone_number", "email")
    cells = ("l:428123456789012345678", "2026-08-20T08:49:14+0000", "ag:1", "T", "Zoë", "p:+91", "")
    created = datetime(2026, 8, 20, 8, 49, 14, tzinfo=UTC)
    assert read(columns, cells).leads == [
        (created, "Zoë", None, "+91", None, None, "T", "428123456789012345678")
    ]


@pytest.mark.parametrize(
    "cell", ["428", 428, "l:", "l:4x", "L:428", "f:428", None, "l:" + "1" * 41]
)
def test_an_id_that_is_not_meta_s(cell: Cell) -> None:
    assert one(id=cell)["leadgen_id"] is None


def test_progress_is_told() -> None:
    told: list[int] = []
    imports.read(table(COLUMNS, *[ROW] * 2500), KOLKATA, told.append)
    assert told == [1000, 2000]


# Into the database


def upload(world: World, text: str) -> Any:
    person = Person(1, LEAD, "team_lead")
    return imports.upload(world.db, world.settings, person, "leads.csv", text.encode())


def kept(world: World) -> list[tuple[object, ...]]:
    with world.db.read() as session:
        query = select(Lead).where(col(Lead.id) > 2).order_by(col(Lead.id))
        return [
            (lead.phone, lead.center_id, lead.status, lead.leadgen_id, lead.created_time)
            for lead in session.scalars(query)
        ]


def test_an_upload(world: World) -> None:
    answer = upload(
        world,
        f"created_time,phone,{CENTER}\n05/12/2026,1,TOFA Tellapur\nx,2,tofa  gachibowli\n,,x\n",
    )
    assert answer == {
        "status": "success",
        "leads_added": 2,
        "warnings": [
            {"row": 3, "reason": "The date can't be read: the time of the import stands in"}
        ],
        "rejected": [{"row": 4, "reason": "Neither phone nor email"}],
    }
    assert kept(world) == [
        ("1", TELLAPUR, "New", None, datetime(2026, 12, 4, 18, 30, tzinfo=UTC)),
        ("2", GACHIBOWLI, "New", None, NOW),
    ]


def test_a_center_that_no_one_knows(world: World) -> None:
    answer = upload(world, f"phone,{CENTER}\n1,TOFA Tellapur\n2,Y\n3,X\n4,Y\n")
    assert answer == {
        "status": "error",
        "message": "Unknown Centers Found",
        "unknown_tags": ["Y", "X"],
    }
    assert kept(world) == []


def test_meta_s_leads_come_in_once(world: World) -> None:
    head = f"id\tphone_number\t{CENTER}\n"
    first = head + "l:1\tp:1\tTOFA Tellapur\nl:2\tp:2\tTOFA Tellapur\nl:1\tp:1\tTOFA Tellapur\n"
    answer = upload(world, first)
    assert (answer["leads_added"], answer["already_here"]) == (2, 1)
    answer = upload(world, first + "l:3\tp:3\tTOFA Tellapur\n\tp:3\tTOFA Tellapur\n")
    assert (answer["leads_added"], answer["already_here"]) == (2, 3)
    assert [row[3] for row in kept(world)] == ["1", "2", "3", None]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_lead_that_comes_in_another_way_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look at what is here and the import itself; on SQLite nobody comes between."""
    look = imports._already_here

    def late(session: Session, ids: Sequence[str]) -> set[str]:
        here = look(session, ids)
        if not here:
            with world.db.write() as other:
                other.add(Lead(created_time=NOW, phone="1", leadgen_id="1"))
        return here

    monkeypatch.setattr(imports, "_already_here", late)
    answer = upload(world, f"id,phone,{CENTER}\nl:1,1,TOFA Tellapur\nl:2,2,TOFA Tellapur\n")
    assert (answer["leads_added"], answer["already_here"]) == (1, 1)
    assert [row[3] for row in kept(world)] == ["1", "2"]


def test_a_file_that_can_not_be_read(world: World) -> None:
    for text in ("", "a\0b", "phone,email\n1,2\n"):
        with pytest.raises(BadRequest):
            upload(world, text)
    assert kept(world) == []
