"""Leads with values that a script has stored in SQLite are deleted and restored like others."""

from typing import Any

import pytest

from tests.core.leads.test_deleting import ID, call, delete, edit, restore
from tests.world import LEAD_OF_GACHIBOWLI, World

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

BYTES = b"Zo\xc3\xab \xff"
OF_LEAD = {"lead": "id", "comment": "lead_id", "attempt": "lead_id", "leadevent": "lead_id"}


def store(world: World, table: str, column: str, value: Any) -> None:
    with world.db.write() as session:
        change = f"UPDATE {table} SET {column} = ? WHERE {OF_LEAD[table]} = ?"
        assert session.connection().exec_driver_sql(change, (value, ID)).rowcount


def stored(world: World, table: str, column: str) -> list[Any]:
    with world.db.read() as session:
        query = f"SELECT {column} FROM {table} WHERE {OF_LEAD[table]} = ? ORDER BY id"
        return [*session.connection().exec_driver_sql(query, (ID,)).scalars()]


@pytest.mark.parametrize("odd", ["soon", "", "2026-13-45", 12, 1.5])
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
def test_what_is_no_time_is_restored_as_it_was(
    world: World, table: str, column: str, odd: str | float
) -> None:
    call(world, ID, "of-the-lead")
    edit(world, ID, "Anya")
    store(world, table, column, odd)
    before = stored(world, table, column)
    deletion = delete(world, ID, LEAD_OF_GACHIBOWLI)
    assert restore(world, deletion) == {"restored": 2, "kept": []}
    assert stored(world, table, column)[: len(before)] == before


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
