"""Imports find the table in a file and the order of its dates, say so, and let both be chosen."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.http.test_imports import form
from tests.http.test_upload import added, upload
from tests.servers import Client, Upload
from tests.shape import check_error

CASES = Path(__file__).parents[1] / "samples" / "cases"
NAMES = ["created_time", "player_name", "phone", "nearest_tofa"]
ASHA = ["2026-10-05", "Asha", "9848500001", "TOFA Tellapur"]
RAVI = ["2026-11-05", "Ravi", "9848500002", "TOFA Tellapur"]


def plan(lead: Client, file: Upload, **fields: str) -> dict[str, Any]:
    answer = lead.post("/imports/", **form(file, **fields))
    assert answer.status == 200, answer.body
    made: dict[str, Any] = answer.json()
    return made


def csv(*rows: str) -> Upload:
    return Upload("leads.csv", "\n".join((",".join(NAMES), *rows)).encode())


def dated(*dates: str) -> Upload:
    return csv(*(f"{date},Lead {n},98485001{n:02},TOFA Tellapur" for n, date in enumerate(dates)))


def book(**sheets: Sequence[Sequence[object]]) -> Upload:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return Upload("leads.xlsx", out.getvalue())


@pytest.mark.parametrize(
    ("name", "row", "taken"),
    [
        ("sheet-notes-first.xlsx", 1, ["Leads"]),
        ("sheet-title-row.xlsx", 2, ["Leads"]),
        ("table-pipes.csv", 1, []),
        ("cells-text-formulas.csv", 1, []),
        ("columns-twice-phone.csv", 1, []),
    ],
)
def test_the_table_is_found(name: str, row: int, taken: list[str], lead: Client) -> None:
    file = Upload(name, (CASES / name).read_bytes())
    layout = plan(lead, file)["layout"]
    assert layout["header_row"] == row
    assert [sheet["name"] for sheet in layout["sheets"] if sheet["is_taken"]] == taken
    assert upload(lead, file) == {"status": "success", "leads_added": 1}
    (made,) = added(lead)
    assert made["created_time"] == "2026-11-01T04:30:00Z"
    assert made["phone"].removeprefix("0").startswith("70130")


def test_formulas_without_results_are_told(lead: Client) -> None:
    header = ["name", "phone", "center"]
    row: list[object] = ["Ravi", 9848000201, '="TOFA Tellapur"']
    file = book(Leads=[header, row, ["Zoë", "=9848000202", "TOFA Tellapur"]])
    made = plan(lead, file)
    assert made["layout"]["formulas"] == [
        {"column": "phone", "cells": 1, "row": 3},
        {"column": "center", "cells": 1, "row": 2},
    ]
    assert lead.get(f"/imports/{made['id']}").json()["layout"] == made["layout"]
    assert "formulas" not in plan(lead, book(Leads=[header, [*row[:2], "x"]]))["layout"]


def test_formulas_of_texts_are_the_texts(lead: Client) -> None:
    file = Upload("leads.csv", (CASES / "cells-text-formulas.csv").read_bytes())
    assert upload(lead, file)["leads_added"] == 1
    (made,) = added(lead)
    assert [made[name] for name in ("player_name", "phone", "email", "address")] == [
        "Probe C15", "07013013015", "c15@example.com", "502032"
    ]  # fmt: skip


def test_dates_month_first_with_the_clock_glued_on(lead: Client) -> None:
    file = Upload("leads.csv", (CASES / "meta-leads-center-crm-export.csv").read_bytes())
    made = plan(lead, file, center="TOFA Tellapur")
    (dates,) = made["layout"]["dates"]
    assert dates == {
        "column": "Created",
        "field": "created_time",
        "order": "month_first",
        "basis": "values",
        "example": "10/08/2026 3:19am",
        "read_as": "2026-10-08",
        "against": [],
    }
    rows = lead.get(f"/imports/{made['id']}/rows").json()
    assert [row["fields"]["created_time"] for row in rows] == [
        "2026-10-07T21:49:00Z", "2026-10-16T23:52:00Z", "2026-10-06T22:57:00Z"
    ]  # fmt: skip
    assert lead.get(f"/imports/{made['id']}").json()["layout"] == made["layout"]


def test_an_upload_reads_the_column_in_its_order(lead: Client) -> None:
    told = upload(lead, dated("05/10/2026", "10/25/2026 3:19 PM", "2026-10-05"))
    assert told == {"status": "success", "leads_added": 3}
    assert [one["created_time"][:10] for one in added(lead)] == [
        "2026-05-09", "2026-10-25", "2026-10-04"
    ]  # fmt: skip
    # A column of its own in another file is day first again.
    assert upload(lead, csv("05/10/2026,New,9848500777,TOFA Tellapur"))["leads_added"] == 1
    assert added(lead)[-1]["created_time"] == "2026-10-04T18:30:00Z"


def test_an_upload_whose_dates_contradict_each_other_says_so(lead: Client) -> None:
    told = upload(lead, dated("25/10/2026", "10/26/2026", "05/10/2026"))
    assert told["leads_added"] == 3
    (warning,) = told["warnings"]
    assert warning["row"] == 4
    assert "'created_time' has both day-first and month-first dates" in warning["reason"]
    assert added(lead)[-1]["created_time"] == "2026-10-04T18:30:00Z"


def test_a_date_in_the_future_is_not_believed(lead: Client) -> None:
    made = plan(lead, dated("2099-10-05", "1970-01-01"))
    assert made["doubts"] == {"unlikely_date": 2}
    told = upload(lead, dated("2099-10-05", "1970-01-01"))
    assert [warning["row"] for warning in told["warnings"]] == [2, 3]
    assert all("in the future or before 2000" in one["reason"] for one in told["warnings"])
    assert all(one["created_time"] > "2026" for one in added(lead))


def test_the_order_is_chosen_where_nothing_settles_it(lead: Client) -> None:
    file = dated("05/10/2026", "06/10/2026")
    (dates,) = plan(lead, file)["layout"]["dates"]
    assert (dates["order"], dates["basis"]) == ("day_first", "convention")
    assert (dates["example"], dates["read_as"]) == ("05/10/2026", "2026-10-05")
    made = plan(lead, file, date_order="month_first")
    (dates,) = made["layout"]["dates"]
    assert (dates["order"], dates["basis"], dates["read_as"]) == (
        "month_first", "choice", "2026-05-10"
    )  # fmt: skip
    rows = lead.get(f"/imports/{made['id']}/rows").json()
    assert rows[0]["fields"]["created_time"] == "2026-05-09T18:30:00Z"


@pytest.mark.slow
def test_sheets_and_the_header_row_are_chosen(lead: Client) -> None:
    file = book(Notes=[["Read me"]], October=[NAMES, ASHA], November=[["TOFA"], [], NAMES, RAVI])
    made = plan(lead, file)
    assert [
        (
            sheet["name"],
            sheet["header_row"],
            sheet["rows"],
            sheet["is_taken"],
            sheet["has_same_columns"],
        )
        for sheet in made["layout"]["sheets"]
    ] == [
        ("Notes", 1, 0, False, False),
        ("October", 1, 1, True, True),
        ("November", 3, 1, False, True),
    ]
    assert plan(lead, file, sheet="November")["layout"]["header_row"] == 3
    made = plan(lead, file, sheets=json.dumps(["October", "November"]))
    assert made["totals"]["create"] == 2
    offsets = [sheet["offset"] for sheet in made["layout"]["sheets"] if sheet["is_taken"]]
    assert offsets == [0, 10]
    rows = lead.get(f"/imports/{made['id']}/rows").json()
    assert [(row["row"], row["fields"]["player_name"]) for row in rows] == [
        (2, "Asha"), (14, "Ravi")
    ]  # fmt: skip
    assert lead.post(f"/imports/{made['id']}/commit").status == 200
    assert [one["player_name"] for one in added(lead)] == ["Asha", "Ravi"]
    check_error(lead.post("/imports/", **form(file, header_row="9")))
    assert plan(lead, csv(",".join(NAMES), ",".join(ASHA)), header_row="2")["rows_total"] == 1


def test_an_upload_names_the_sheets_that_it_left_out(lead: Client) -> None:
    file = book(Notes=[["Read me"]], October=[NAMES, ASHA], November=[NAMES, RAVI], Empty=[NAMES])
    assert upload(lead, file) == {
        "status": "success", "leads_added": 1, "sheets_left_out": ["November"]
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "status", "said"),
    [
        ({"sheet": "Mars"}, 400, "no sheet of this name"),
        ({"sheets": "Leads"}, 422, "JSON list"),
        ({"sheets": "[1]"}, 422, "JSON list"),
        ({"header_row": "0"}, 422, "header_row"),
        ({"header_row": "99"}, 400, "first 50 rows"),
        ({"date_order": "random"}, 422, "date_order"),
    ],
)
def test_choices_that_can_not_be(
    fields: dict[str, str], status: int, said: str, lead: Client
) -> None:
    answer = lead.post("/imports/", **form(book(Leads=[NAMES, ASHA]), **fields))
    assert answer.status == status
    assert said in answer.body.decode()
