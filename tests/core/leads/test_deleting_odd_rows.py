"""Leads with values that a script has stored in SQLite are deleted and restored like others."""

from typing import Any

import pytest

from backend.models import LeadOrigin
from tests.core.leads.merging_of import add, merge
from tests.core.leads.test_deleting import ID, call, delete, edit, restore
from tests.core.leads.test_merging import PLAIN
from tests.world import LEAD_OF_GACHIBOWLI, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

BYTES = b"Zo\xc3\xab \xff"
OF_LEAD = {"lead": "id", "leadmerge": "current_id"}
FULL: dict[str, Any] = {
    **PLAIN,
    "has_origin": True,
    "comments": 1,
    "deliveries": 1,
    "phone": None,
    "further": [],
}


@pytest.fixture
def full(world: World) -> None:
    """Let the lead have an origin, a merged lead, a call, an edit and a delivery."""
    with world.db.write() as session:
        other = add(session, FULL)
        session.add(LeadOrigin(lead_id=ID, answers={"Why?": "Fun"}))
    merge(world, ID, other)
    call(world, ID, "of-the-lead")
    edit(world, ID, "Anya")


def store(world: World, table: str, column: str, value: Any) -> None:
    with world.db.write() as session:
        change = f"UPDATE {table} SET {column} = ? WHERE {OF_LEAD.get(table, 'lead_id')} = ?"
        assert session.connection().exec_driver_sql(change, (value, ID)).rowcount


def stored(world: World, table: str, column: str) -> list[Any]:
    with world.db.read() as session:
        query = (
            f"SELECT {column} FROM {table} WHERE {OF_LEAD.get(table, 'lead_id')} = ? ORDER BY rowid"
        )
        return [*session.connection().exec_driver_sql(query, (ID,)).scalars()]


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("lead", "created_time"),
        ("lead", "trial_at"),
        ("lead", "birth_date"),
        ("comment", "timestamp"),
        ("attempt", "at"),
        ("leadevent", "at"),
    ],
)
def test_what_is_no_time_is_restored_as_it_was(world: World, table: str, column: str) -> None:
    call(world, ID, "of-the-lead")
    edit(world, ID, "Anya")
    for odd in ("soon", "", "2026-13-45", 12, 1.5):
        store(world, table, column, odd)
        before = stored(world, table, column)
        deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
        assert restore(world, deletion) == {"restored": 2, "kept": []}
        assert stored(world, table, column)[: len(before)] == before


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("leadorigin", "answers"),
        ("attempt", "changes"),
        ("recentedit", "changes"),
        ("leadmerge", "snapshot"),
        ("leadmerge", "birth_date"),
        ("leadevent", "data"),
        ("delivery", "details"),
    ],
)
def test_what_is_no_json_is_restored_as_it_was(
    world: World, full: None, table: str, column: str
) -> None:
    for odd in ("{broken", "", "[]", '"x"', "null", 12):
        store(world, table, column, odd)
        before = stored(world, table, column)
        deletion = delete(world, ID)
        # With ids that others have got since, which rows that stay have to follow.
        call(world, LEAD_OF_GACHIBOWLI, f"of-another-{odd}")
        edit(world, LEAD_OF_GACHIBOWLI, f"Bela {odd}")
        assert restore(world, deletion) == {"restored": 1, "kept": []}
        after = stored(world, table, column)
        if (table, odd) == ("leadmerge", "null"):
            # The column's own way to say that there is nothing.
            assert after == [None if column == "snapshot" else odd]
        elif table == "leadevent":
            assert after[: len(before)] == before
        else:
            assert after == before


def test_bytes_that_are_no_json_are_texts_once_they_are_restored(world: World, full: None) -> None:
    for table, column in (("leadorigin", "answers"), ("leadmerge", "snapshot")):
        store(world, table, column, BYTES)
    assert restore(world, delete(world, ID)) == {"restored": 1, "kept": []}
    for table, column in (("leadorigin", "answers"), ("leadmerge", "snapshot")):
        assert stored(world, table, column) == ["Zoë \N{REPLACEMENT CHARACTER}"]


@pytest.mark.parametrize(
    ("table", "column"),
    [("lead", "player_name"), ("lead", "status"), ("comment", "text"), ("attempt", "outcome")],
)
def test_bytes_are_texts_once_they_are_restored(world: World, table: str, column: str) -> None:
    call(world, ID, "of-the-lead")
    store(world, table, column, BYTES)
    deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
    assert restore(world, deletion) == {"restored": 2, "kept": []}
    assert {*stored(world, table, column)} == {"Zoë \N{REPLACEMENT CHARACTER}"}
