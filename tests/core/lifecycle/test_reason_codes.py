"""The sentences that earlier versions stored with imports become codes, on both databases."""

import importlib
import json
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from backend.core import reasons
from backend.core.db import Database
from backend.core.imports import commit, listing, store
from backend.core.lifecycle import migrate
from backend.core.settings import Settings
from backend.schemas.imports import RowFilter

step: Any = importlib.import_module("backend.migrations.versions.0008_reason_codes")

DATE = "The date can't be read: the time of the import stands in"
UNREADABLE_DATE = {"code": "unreadable_date"}
# What earlier versions wrote into a row's reason, and what it is now.
ROWS: dict[str, list[dict[str, Any]]] = {
    "Neither phone nor email": [{"code": "no_contact"}],
    "No center": [{"code": "no_center"}],
    DATE: [UNREADABLE_DATE],
    "Same phone as lead 12, another name": [{"code": "same_phone_other_name", "lead_id": 12}],
    f"Same phone as row 2, another name; {DATE}": [
        {"code": "same_phone_other_name", "row": 2}, UNREADABLE_DATE
    ],
    "Same phone and name as lead 12": [{"code": "same_phone_and_name", "lead_id": 12}],
    "Same name and email as row 3": [{"code": "same_name_and_email", "row": 3}],
    "The same as row 2, to the time at which it came": [{"code": "same_lead_and_time", "row": 2}],
    "Meta's lead 428 is here: lead 7": [
        {"code": "meta_lead_exists", "leadgen_id": "428", "lead_id": 7}
    ],
    "Meta's lead 428 was discarded": [{"code": "meta_lead_dismissed", "leadgen_id": "428"}],
    "No one knows the center 'TOFA Mars'": [{"code": "unknown_center", "center": "TOFA Mars"}],
    "No one knows the center 'Zoë's {}\n; (before: join)'": [
        {"code": "unknown_center", "center": "Zoë's {}\n; (before: join)"}
    ],
    "It waits for the center 'TOFA Mars' already": [
        {"code": "already_waiting", "center": "TOFA Mars"}
    ],
    "A new lead (before: waiting)": [{"code": "outcome_changed", "before": "waiting"}],
    f"{DATE} (before: join)": [UNREADABLE_DATE, {"code": "outcome_changed", "before": "join"}],
    f"Same phone and name as lead 3; {DATE} (before: create)": [
        {"code": "same_phone_and_name", "lead_id": 3},
        UNREADABLE_DATE,
        {"code": "outcome_changed", "before": "create"},
    ],
    "Somebody's own words": [{"code": "other", "text": "Somebody's own words"}],
    "No center (before: x)": [{"code": "other", "text": "No center (before: x)"}],
}  # fmt: skip
# The same of an import's note.
PROBLEMS = {
    "The server stopped in the middle of it: send the file again": {"code": "planning_stopped"},
    "It could not be planned": {"code": "planning_failed"},
    "It could not be finished, and nothing was added: send the file again": {
        "code": "upload_failed"
    },
    "A note of a script": {"code": "other", "text": "A note of a script"},
}

IMPORT = """INSERT INTO "import"
    (id, state, filename, created_at, columns, mapping, totals, rows_done, note)
    VALUES (:id, :state, 'leads.csv', '2026-11-28 10:00:00+00:00', '["phone"]', '{}', :totals, 0,
    :note)"""
ROW = """INSERT INTO importrow (import_id, number, verdict, reason, data, cells)
    VALUES (:import_id, :number, :verdict, :reason, :data, :cells)"""


@pytest.fixture
def db(db: Database, settings: Settings) -> Database:
    """A database as the version before left it, without rows."""
    config = Config()
    config.set_main_option("script_location", "backend/migrations")
    config.attributes.update(zone=settings.zone, phone_region=settings.phone_region)
    with db.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0007")
    return db


def add_import(db: Database, id: int, state: str, note: str | None = None) -> None:
    with db.engine.begin() as connection:
        totals = json.dumps({"create": 1})
        connection.execute(text(IMPORT), {"id": id, "state": state, "totals": totals, "note": note})


def add_row(db: Database, number: int, verdict: str, reason: str | None, data: str = "{}") -> None:
    cells = '["x"]' if verdict == "reject" else None
    row = {"import_id": 1, "number": number, "verdict": verdict, "reason": reason, "data": data}
    with db.engine.begin() as connection:
        connection.execute(text(ROW), {**row, "cells": cells})


def test_the_reasons_of_rows(
    db: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(step, "BATCH", 4)
    add_import(db, 1, "planned")
    for number, reason in enumerate([None, *ROWS], 2):
        add_row(db, number, "create", reason)
    migrate.upgrade(db, settings)
    with db.engine.connect() as connection:
        stored = connection.execute(text("SELECT reasons FROM importrow ORDER BY number"))
        kept = [None if one is None else json.loads(one) for (one,) in stored]
    assert kept == [None, *ROWS.values()]
    with db.read() as session:
        rows = listing.list_rows(session, 1, RowFilter())
    assert [[why["code"] for why in row["reasons"]] for row in rows] == [
        [], *([why["code"] for why in expected] for expected in ROWS.values())
    ]  # fmt: skip
    assert all(why["message"] for row in rows for why in row["reasons"])


def test_the_problems_of_imports(db: Database, settings: Settings) -> None:
    for id, note in enumerate([None, *PROBLEMS], 1):
        add_import(db, id, "failed", note)
    migrate.upgrade(db, settings)
    with db.read() as session:
        shown = [store.show(session, id)["problem"] for id in range(1, len(PROBLEMS) + 2)]
    assert shown[0] is None
    assert [one and one["code"] for one in shown[1:]] == [one["code"] for one in PROBLEMS.values()]
    assert shown[-1] == {"code": "other", "message": "A note of a script"}


def test_a_plan_of_the_version_before_is_committed_as_it_says(
    db: Database, settings: Settings
) -> None:
    """Its rejected rows stay rejected, and a date that can't be read is still told."""
    add_import(db, 1, "planned")
    add_row(db, 2, "reject", "Neither phone nor email", '{"center":"TOFA Mars"}')
    waiting = '{"phone":"9848000100","center":"TOFA Mars"}'
    add_row(db, 3, "waiting", f"No one knows the center 'TOFA Mars'; {DATE}", waiting)
    migrate.upgrade(db, settings)
    with db.read() as session:
        before = listing.list_rows(session, 1, RowFilter())
    assert commit.commit(db, settings, None, 1)["state"] == "committed"
    with db.read() as session:
        assert listing.list_rows(session, 1, RowFilter()) == before
        errors = listing.errors_csv(session, 1).decode("utf-8-sig").splitlines()
    assert errors == ['"phone","rejected_because"', '"x","No phone or email"']


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_becomes_reasons_that_this_version_knows(said: str) -> None:
    found = step._reasons(said)
    assert reasons.decode_list(json.dumps(found)) or not said


@given(
    center=st.text(st.characters(exclude_categories=["Cs"])),
    warned=st.booleans(),
    before=st.none() | st.sampled_from(["create", "sibling", "join", "known", "waiting"]),
)
def test_the_name_of_a_center_may_be_any_text(
    center: str, warned: bool, before: str | None
) -> None:
    said = f"No one knows the center '{center}'"
    expected: list[dict[str, str]] = [{"code": "unknown_center", "center": center}]
    if warned:
        said += f"; {DATE}"
        expected.append(UNREADABLE_DATE)
    if before is not None:
        said += f" (before: {before})"
        expected.append({"code": "outcome_changed", "before": before})
    assert step._reasons(said) == expected
