"""Fields with several columns, and where each value came from."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import orjson
import pytest

from backend.core.imports import columns, parsing
from backend.core.imports.date_columns import DateColumns
from backend.core.imports.rows import SheetRow
from backend.core.sheets import Cell, Table

KOLKATA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 12, 20, tzinfo=UTC)


def read(cells: dict[str, Cell]) -> SheetRow:
    names = tuple(name.removesuffix("%") for name in cells)
    header = columns.propose([*names, "nearest_tofa"])
    table = Table(tuple(header.names), iter([(2, [*cells.values(), "TOFA Tellapur"])]))
    (row,) = parsing.read(table, header, DateColumns(header, KOLKATA, now=NOW), region="IN")
    return row


@pytest.mark.parametrize(
    ("cells", "said", "came_from", "left"),
    [
        ({"phone": None, "phone%": "7013013051"}, {"phone": "7013013051"}, {"phone": "phone"}, {}),
        (
            {"Phone": "", "Secondary phone number": "", "WhatsApp number": "p:+917013011003"},
            {"phone": "+917013011003"},
            {"phone": "WhatsApp number"},
            {},
        ),
        (
            {"Phone": 7013013051.0, "WhatsApp number": "7013013052", "Alt phone": "same"},
            {"phone": "7013013051 / 7013013052"},
            {"phone": "Phone + WhatsApp number"},
            {"Alt phone": "same"},
        ),
        (
            {"phone": "7013013051", "WhatsApp number": "+91 70130 13051"},
            {"phone": "7013013051"},
            {"phone": "phone"},
            {},
        ),
        (
            {"Country Code": 44, "Phone": 7911123499},
            {"phone": "+44 7911123499"},
            {"phone": "Phone + Country Code"},
            {},
        ),
        ({"Country Code": "IN", "Phone": "7013013051"}, {"phone": "+91 7013013051"},
         {"phone": "Phone + Country Code"}, {}),
        ({"STD Code": "040", "Phone": "23456789"}, {"phone": "040 23456789"},
         {"phone": "Phone + STD Code"}, {}),
        ({"STD Code": "040", "Phone": "7013013051"}, {"phone": "7013013051"},
         {"phone": "Phone"}, {"STD Code": "040"}),
        ({"Country Code": "91", "email": "a@x.example"}, {}, {}, {"Country Code": "91"}),
        (
            {"first_name": "Naira", "Last Name": "Probe", "phone": "7013013051"},
            {"player_name": "Naira Probe"},
            {"player_name": "first_name + Last Name"},
            {},
        ),
        (
            {"full_name": "A Parent", "Child's name": "Ved", "phone": "7013013051"},
            {"player_name": "Ved"},
            {"player_name": "Child's name"},
            {"full_name": "A Parent"},
        ),
        (
            {"email": "NA", "Work email": "a@x.example"},
            {"email": "a@x.example"},
            {"email": "Work email"},
            {"email": "NA"},
        ),
        (
            {"Email": "a@x.example, b@x.example", "phone": "7013013051"},
            {"email": "a@x.example"},
            {},
            {"Email": "a@x.example, b@x.example"},
        ),
        (
            {"email": "NA", "Work email": "a@x.example / b@x.example"},
            {"email": "a@x.example"},
            {"email": "Work email"},
            {"email": "NA", "Work email": "a@x.example / b@x.example"},
        ),
        (
            {"Street Address": "1 Road", "City": "Hyderabad", "Zip": 502032.0, "phone": "7013"},
            {"address": "1 Road, Hyderabad, 502032"},
            {"address": "Street Address + City + Zip"},
            {},
        ),
        (
            {"country": "India", "phone": "7013013051"},
            {"address": None, "phone": "7013013051"},
            {},
            {"country": "India"},
        ),
        # The country decides what a number without its code is
        (
            {"Phone": "(212) 555-1264", "Country": "USA"},
            {"address": None, "phone": "+1 (212) 555-1264"},
            {"phone": "Phone + Country"},
            {"Country": "USA"},
        ),
        (
            {"Phone": 501234568, "City": "Dubai", "Country": "UAE"},
            {"address": "Dubai, UAE", "phone": "+971 501234568"},
            {"address": "City + Country", "phone": "Phone + Country"},
            {},
        ),
        (
            {"Email": "2125551264", "Phone": "", "Country": "us"},
            {"email": None, "phone": "+1 2125551264"},
            {"phone": "Email + Country"},
            {"Country": "us"},
        ),
        (
            {"age": "9", "player_age_category": "U11", "phone": "7013013051"},
            {"player_age_category": "U11"},
            {"player_age_category": "player_age_category"},
            {"age": "9"},
        ),
    ],
)  # fmt: skip
def test_a_field_of_several_columns(
    cells: dict[str, Cell], said: dict[str, str], came_from: dict[str, str], left: dict[str, str]
) -> None:
    row = read(cells)
    assert {name: getattr(row, name) for name in said} == said
    extra = orjson.loads(row.extra or "{}")
    assert extra.get("columns", {}) == came_from
    assert extra.get("answers", {}) == left
    assert row.fault is None


def test_a_date_of_birth() -> None:
    row = read({"DOB": "14/05/2015", "phone": "7013013051"})
    assert (str(row.birth_date), row.extra, row.warnings) == ("2015-05-14", None, ())
    row = read({"DOB": "in May", "phone": "7013013051"})
    assert (row.birth_date, [why.params for why in row.warnings]) == (None, [{"column": "DOB"}])
    assert orjson.loads(row.extra or "")["answers"] == {"DOB": "in May"}


def test_meta_s_own_campaign_comes_before_another() -> None:
    row = read({"Campaign": "Diwali", "phone": "7013013051"})
    assert orjson.loads(row.extra or "")["origin"] == {"campaign_name": "Diwali"}
    row = read({"Campaign": "Diwali", "campaign_id": "c:1", "phone": "7013013051"})
    assert orjson.loads(row.extra or "") == {
        "origin": {"campaign_id": "1"}, "answers": {"Campaign": "Diwali"}
    }  # fmt: skip


def test_texts_of_columns_of_one_name_are_all_kept() -> None:
    row = read({"Status": "x", "Status%": "y", "phone": "7013013051"})
    assert orjson.loads(row.extra or "")["answers"] == {"Status": "x", "Status (2)": "y"}


def test_a_test_lead_of_meta_s_is_one_in_any_column() -> None:
    row = read({"first_name": "<test lead: dummy data for first_name>", "last_name": "x"})
    assert (row.is_test, row.fault) == (True, None)
