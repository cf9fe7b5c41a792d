"""Cells are read into rows: texts, dates, phones, and the other columns of Meta's export."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.centers import CENTER_COLUMN as CENTER
from backend.core.imports import columns, parsing, rows
from backend.core.imports.date_columns import UNREADABLE_DATE, DateColumns
from backend.core.imports.rows import Row
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell, Table

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 12, 20, tzinfo=UTC)
COLUMNS = (
    "created_time", "player_name", "player_age_category", "phone", "email", "address_and_pincode",
    CENTER,
)  # fmt: skip
ROW: tuple[Cell, ...] = (
    "05/12/2026", "Zoë", "U9", "+9198480", "a@example.com", "1 Road", "TOFA Tellapur",
)  # fmt: skip


def table(columns: Sequence[str], *rows: Sequence[Cell]) -> Table:
    return Table(tuple(columns), ((number, list(row)) for number, row in enumerate(rows, 2)))


def read(names: Sequence[str], *cells: Sequence[Cell]) -> list[Row]:
    header = columns.usual(names)
    dates = DateColumns(header, KOLKATA, now=NOW)
    return [Row.of_sheet(said) for said in parsing.read(table(names, *cells), header, dates)]


def one(**cells: Cell) -> Row:
    """The row that has these cells, and the others as in `ROW`."""
    changed = dict(zip(COLUMNS, ROW, strict=True)) | cells
    (found,) = read(tuple(changed), tuple(changed.values()))
    return found


def test_a_plain_row() -> None:
    created = datetime(2026, 12, 4, 18, 30, tzinfo=UTC)
    assert read(COLUMNS, ROW) == [
        Row(2, created, "Zoë", "U9", "+9198480", "a@example.com", "1 Road", "TOFA Tellapur", None)
    ]


@given(st.permutations(list(zip(COLUMNS, ROW, strict=True))), st.data())
def test_the_order_case_and_spaces_of_the_columns_do_not_matter(
    pairs: list[tuple[str, Cell]], data: st.DataObject
) -> None:
    spoil = st.sampled_from([str.upper, str.title, "  {} ".format, "\t{}\u00a0".format])
    names = [data.draw(spoil)(name) for name, _ in pairs]
    (plain,) = read(COLUMNS, ROW)
    plain.extra = '{"origin":{},"answers":{"other":"y"}}'
    assert read(["", *names, "other"], ["x", *(cell for _, cell in pairs), "y"]) == [plain]


def test_only_the_center_is_obligatory() -> None:
    assert read([CENTER, "email"], ["T", "a@example.com"]) == [
        Row(2, None, None, None, None, "a@example.com", None, "T", None)
    ]


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
    assert one(phone=cell).phone == text


@pytest.mark.parametrize("cell", [None, "", "  ", "p:", "p: "])
def test_no_phone(cell: Cell) -> None:
    assert one(phone=cell).phone is None


@pytest.mark.parametrize("name", ["player_name", "player_age_category", "address_and_pincode"])
def test_blank_cells_are_null_and_words_are_words(name: str) -> None:
    field = name.replace("address_and_pincode", "address")
    for cell, kept in ((None, None), (" ", None), ("NaN", "NaN"), ("null", "null"), (9.0, "9")):
        assert getattr(one(**{name: cell}), field) == kept


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
    assert one(created_time=cell).created_time == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "cell", ["soon", "25/25/2026", 5, 98480.5e9, True, clock(10), timedelta(1), "NaN", "10:30",
             "0001-01-01", date(1, 1, 1), "9999-12-31T23:30:00Z", "31/12/2200", "1899-12-31",
             date(2962, 12, 5), datetime(9999, 12, 31)]  # noqa: DTZ001  as Excel has it
)  # fmt: skip
def test_a_date_that_can_not_be_read(cell: Cell) -> None:
    found = one(created_time=cell)
    assert (found.created_time, found.warnings) == (None, (UNREADABLE_DATE,))


def test_no_date() -> None:
    found = one(created_time=None)
    assert (found.created_time, found.warnings) == (None, ())


def test_rows_that_can_not_become_leads() -> None:
    names = ("phone", "email", CENTER, "created_time")
    cells = [(None, " ", "A", "soon"), ("1", None, None, None), ("p:", "", "B", None)]
    found = read(names, *cells, (None, "a@x", "C", None))
    assert [row.fault for row in found] == [
        parsing.NO_CONTACT, parsing.NO_CENTER, parsing.NO_CONTACT, None
    ]  # fmt: skip
    assert [row.warnings for row in found] == [()] * 4
    assert [row.cells and orjson.loads(row.cells) for row in found] == [
        ["", " ", "A", "soon"], ["1", "", "", ""], ["p:", "", "B", ""], None
    ]  # fmt: skip


def test_meta_s_export() -> None:
    names = (
        "id", "created_time", "ad_id", "adset_id", "campaign_id", "campaign_name", "form_id",
        "is_organic", "platform", CENTER, "Why?", "full_name", "phone_number", "email",
        "lead_status",
    )  # fmt: skip
    cells = (
        "l:428123456789012345678", "2026-08-20T08:49:14+0000", "ag:1", "as:2", "c:3", "Autumn",
        "f:4", "false", "ig", "T", "'=1+1", "Zoë", "p:+91", "", "CREATED",
    )  # fmt: skip
    (found,) = read(names, cells)
    extra = found.extra
    found.extra = None
    created = datetime(2026, 8, 20, 8, 49, 14, tzinfo=UTC)
    assert found == Row(2, created, "Zoë", None, "+91", None, None, "T", "428123456789012345678")
    assert orjson.loads(extra or "") == {
        "origin": {
            "ad_id": "1",
            "adset_id": "2",
            "campaign_id": "3",
            "campaign_name": "Autumn",
            "form_id": "4",
            "is_organic": False,
            "platform": "ig",
        },
        "answers": {"Why?": "=1+1"},
    }


@pytest.mark.parametrize(
    "cell", ["428", 428, "l:", "l:4x", "L:428", "f:428", None, "l:" + "1" * 41, "l:٤٢"]
)
def test_an_id_that_is_not_meta_s(cell: Cell) -> None:
    assert one(id=cell).leadgen_id is None


def test_an_id_in_a_column_of_which_somebody_says_so_may_be_a_number() -> None:
    header = columns.propose(["Lead ID", CENTER, "phone"])
    for cell in (12034800000000428, "12034800000000428", "l:12034800000000428"):
        dates = DateColumns(header, KOLKATA)
        (said,) = parsing.read(table(header.names, (cell, "T", "1")), header, dates)
        assert said.leadgen_id == "12034800000000428"


@pytest.mark.parametrize(
    "cell",
    [428, "428", "zcrm_428", "zcrm_5123450000000428", "00Q5g00000ABCDEFGH", "lead-000000042"],
)
def test_the_count_of_another_tool_is_no_id_of_meta_s(cell: Cell) -> None:
    header = columns.propose(["Lead ID", CENTER, "phone"])
    dates = DateColumns(header, KOLKATA)
    (said,) = parsing.read(table(header.names, (cell, "T", "1")), header, dates)
    assert (said.leadgen_id, said.warnings) == (None, ())
    assert orjson.loads(said.extra or "")["answers"] == {"Lead ID": str(cell)}


def told_unreadable(row: Row, column: str) -> str:
    """Return the answer that a cell has become, which the row is told of."""
    assert row.warnings == (Reason(ReasonCode.UNREADABLE_CELL, {"column": column}),)
    answers: dict[str, str] = orjson.loads(row.extra or "")["answers"]
    return answers[column]


@pytest.mark.parametrize(
    "cell",
    [
        date(2025, 8, 6), datetime(2014, 12, 1), "08-Jun", "Dec-14", "6 Aug", "2025-08-06",  # noqa: DTZ001
        "14/05/2015", "45875", 45875,
    ],
)  # fmt: skip
def test_a_date_is_no_age(cell: Cell) -> None:
    row = one(player_age_category=cell)
    assert row.player_age_category is None
    assert told_unreadable(row, "player_age_category").startswith(str(cell)[:10])


@pytest.mark.parametrize(
    ("cell", "age"),
    [("6-8", "6-8"), ("11.0", "11"), (11.0, "11"), ("U 11", "U 11"), ("2014", "2014"),
     ("8/10", "8/10"), ("Mar", "Mar"), ("4th std", "4th std")],
)  # fmt: skip
def test_an_age(cell: Cell, age: str) -> None:
    row = one(player_age_category=cell)
    assert (row.player_age_category, row.warnings, row.extra) == (age, (), None)


def test_the_age_of_two_columns_that_is_a_date() -> None:
    names = ["Age group", "Age", "phone", CENTER]
    (row,) = read(names, ("6-Aug", "7", "1", "T"))
    assert row.player_age_category is None
    assert told_unreadable(row, "Age group") == "6-Aug"


def test_an_id_that_a_spreadsheet_has_rounded_is_no_one_s() -> None:
    for cell in (120348000000010000, "1203480000000120", "4.28E+17", "none"):
        row = one(leadgen_id=cell)
        assert row.leadgen_id is None
        assert told_unreadable(row, "leadgen_id") == str(cell)
    for cell in ("l:1203480000000120", "1203480000000121", "120348000000010"):
        row = one(leadgen_id=cell)
        assert (row.leadgen_id, row.warnings) == (cell.removeprefix("l:"), ())


def test_what_nobody_sees_is_blank() -> None:
    row = one(player_name="\u200b\u00a0", email="\u200b", address_and_pincode="\ufeff ")
    assert (row.player_name, row.email, row.address) == (None, None, None)
    assert one(**{CENTER: "\u200b"}).fault == parsing.NO_CENTER
    assert one(phone="\u200b", email="\u00ad").fault == parsing.NO_CONTACT


def test_a_name_is_kept_as_it_is_seen() -> None:
    assert one(player_name=" Zoe\u0308 \u200b\t Khan\u202c").player_name == "Zoë Khan"


def test_a_phone_in_the_place_of_the_email_is_the_phone() -> None:
    row = one(phone="", email="+91 98480-22338")
    assert (row.phone, row.email) == ("+91 98480-22338", None)
    row = one(phone="9848022339", email="9848022338")
    assert (row.phone, row.email) == ("9848022339", "9848022338")
    assert one(phone="", email="zoe1234567@example.com").phone is None


TEST = "<test lead: dummy data for full_name>"


@pytest.mark.parametrize(
    "cells",
    [
        {"player_name": TEST},
        {"phone": TEST.upper()},
        {"Why?": TEST},
        {"player_name": TEST, "phone": None, "email": None, CENTER: None},
    ],
)
def test_a_test_of_meta_s_is_kept_whatever_is_missing(cells: dict[str, Cell]) -> None:
    found = one(**cells)
    assert (found.is_test, found.fault) == (True, None)
    assert not one(player_name=f"a {TEST}").is_test


@pytest.mark.parametrize("name", [columns.REASON_COLUMN, " Rejected_Because "])
def test_our_own_column_of_reasons_is_not_an_answer_whatever_it_says(name: str) -> None:
    assert one(**{name: "No center"}).extra is None
    assert one(**{name: "anything"}).extra is None
    assert orjson.loads(one(reason="No center").extra or "")["answers"] == {"reason": "No center"}


texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@given(
    st.builds(
        Row,
        number=st.integers(1, 10**6),
        created_time=st.none() | st.datetimes(timezones=st.just(UTC)),
        player_name=texts,
        player_age_category=texts,
        phone=texts,
        email=texts,
        address=texts,
        center=texts,
        leadgen_id=st.none() | st.just("428"),
        is_test=st.booleans(),
        extra=st.none()
        | st.just('{"origin":{"platform":"ig"},"answers":{"a":"b"}}')
        | st.just(
            '{"work":{"status":"Called","said":{"Stage":"Ringing"}},"columns":{"phone":"a"}}'
        ),
        birth_date=st.none() | st.dates(),
    )
)
def test_a_row_is_kept_and_comes_back(row: Row) -> None:
    assert rows.from_body(row.number, rows.body(row)) == row


def test_progress_is_told() -> None:
    told: list[tuple[int, int]] = []
    header = columns.usual(COLUMNS)
    dates = DateColumns(header, KOLKATA)
    read_all = parsing.read(
        table(COLUMNS, *[ROW] * 2500), header, dates, lambda *so_far: told.append(so_far)
    )
    assert len(list(read_all)) == 2500
    assert told == [(1000, 0), (2000, 0)]


@pytest.mark.parametrize("name", ["Total", "Grand Total", "TOTAL LEADS: 42", "Sub-total", "कुल"])
@pytest.mark.parametrize("phone", ["42", 42, None])
def test_a_row_of_totals_is_no_lead(name: str, phone: Cell) -> None:
    found = one(player_name=name, phone=phone, email=None)
    assert found.fault == parsing.NO_CONTACT
    found = one(created_time=name, player_name=42, phone=phone, email=None)
    assert found.fault == parsing.NO_CONTACT


@pytest.mark.parametrize("name", ["Total", "TOTAL", "Grand total", "Average", "Sub Total: 2"])
@pytest.mark.parametrize("phone", ["14028006003", 14028006003, 7014003001.5, "2.10420180E+10"])
def test_phones_that_were_added_up_are_no_phone(name: str, phone: Cell) -> None:
    assert one(player_name=name, phone=phone, email=None).fault == parsing.NO_CONTACT
    assert one(player_name="Zoya", phone=phone, email=None).fault is None


@pytest.mark.parametrize("label", ["TOFA Tellapur Total", "TOFA Tellapur Count", "U9 Average"])
@pytest.mark.parametrize("phone", ["2", "14028006003", "9848022338"])
def test_the_total_of_a_group_is_no_lead(label: str, phone: str) -> None:
    found = one(**{CENTER: label, "player_name": None, "phone": phone, "email": None})
    assert found.fault == parsing.NO_CONTACT
    found = one(created_time=label, player_name=None, phone=phone, email=None)
    assert found.fault == parsing.NO_CONTACT
    # Below another name, it is a remark about a lead.
    found = one(player_name=None, phone="9848022338", email=None, address_and_pincode=label)
    assert found.fault is None


@pytest.mark.parametrize(
    "cells",
    [
        {"phone": "9848022338"},
        {"phone": "919848022338"},
        {"phone": "+919848022338"},
        {"email": "t@x.example"},
        {"player_name": "Totaram"},
    ],
)
def test_a_name_like_total_with_a_contact_is_a_lead(cells: dict[str, Cell]) -> None:
    given = {"player_name": "Total", "phone": "42", "email": None} | cells
    assert one(**given).fault is None


@pytest.mark.parametrize("text", ["Evening batch", "Batch B", "TOFA Tellapur", "-", "Total 2"])
def test_a_line_over_all_columns_is_no_lead(text: str) -> None:
    """A merged cell is in each of its columns; the center's name would make a lead of it."""
    assert one(**dict.fromkeys(COLUMNS, text)).fault == parsing.NO_CONTACT
    said = dict.fromkeys(COLUMNS, text) | {"created_time": None, "email": None}
    assert one(**said).fault == parsing.NO_CONTACT
    assert one(**said | {"phone": "9848022338"}).fault is None


def test_what_was_typed_into_another_column() -> None:
    found = one(player_name="Zoë 98480 22338", phone="-", email="Zoë <z@x.example>")
    assert (found.player_name, found.phone, found.email) == (
        "Zoë", "98480 22338", "z@x.example"
    )  # fmt: skip


def test_characters_as_a_web_page_has_them() -> None:
    name, center = "Zoe D&#39;Souza", "TOFA&nbsp;Tellapur"
    found = one(player_name=name, **{CENTER: center, "phone": "&#39;98480 22338"})
    assert (found.player_name, found.phone) == ("Zoe D'Souza", "'98480 22338")
    assert found.center == "TOFA\u00a0Tellapur"
