"""A database of any earlier version ends up with the schema of a new one."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import Connection, text

from backend.core.db import Database
from backend.core.errors import ConfigurationError
from backend.core.lifecycle import migrate
from backend.core.reasons.two_columns import message
from tests.data import legacy
from tests.data.earlier_schemas import EARLIER, Earlier
from tests.world import make_tables, settings_for

# SQLite's own tables, and those that a virtual table keeps beside it.
_SQLITE = """SELECT type, name, tbl_name, sql FROM sqlite_master
WHERE name NOT LIKE 'sqlite_%' AND name NOT LIKE 'leadsearch_%'"""
_POSTGRESQL = {
    "index": "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
    "column": """SELECT table_name || '.' || column_name, data_type || is_nullable ||
    coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'""",
    "constraint": """SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "trigger": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
    "function": """SELECT proname, pg_get_functiondef(oid) FROM pg_proc
    WHERE pronamespace = 'public'::regnamespace""",
    "sequence": """SELECT relname, '' FROM pg_class
    WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace""",
}
Schema = dict[str, Any]


def schema(db: Database) -> Schema:
    """Return every column, index, key, trigger and function, by its kind and name."""
    with db.engine.connect() as connection:
        return _sqlite(connection) if db.is_sqlite(db.url) else _postgresql(connection)


def _sqlite(connection: Connection) -> Schema:
    found: Schema = {}
    for kind, name, _, statement in connection.exec_driver_sql(_SQLITE).all():
        if kind != "table":
            found[f"{kind} {name}"] = re.sub(r"\s+", " ", statement or "").replace('"', "")
            continue
        for number, column, *more in connection.exec_driver_sql(f'PRAGMA table_info("{name}")'):
            found[f"column {name}.{column}"] = (number, *more)
        for _, _, other, column, *_ in connection.exec_driver_sql(
            f'PRAGMA foreign_key_list("{name}")'
        ):
            found[f"key {name}.{column}"] = other
    return found


def _postgresql(connection: Connection) -> Schema:
    return {
        f"{kind} {name}": statement
        for kind, query in _POSTGRESQL.items()
        for name, statement in connection.execute(text(query))
    }


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    db = Database(settings_for(database_url).url)
    yield db
    db.close()


@pytest.fixture
def new(copy_of: Callable[[Callable[[str], None]], str]) -> Schema:
    """The schema of a database that this version has made."""
    with closing(Database(settings_for(copy_of(make_tables)).url)) as made:
        return schema(made)


@pytest.mark.parametrize("earlier", EARLIER.values(), ids=EARLIER)
@pytest.mark.slow
def test_the_schema_is_that_of_a_new_database(
    db: Database, database: str, database_url: str, new: Schema, earlier: Earlier
) -> None:
    settings = settings_for(database_url)
    migrate.upgrade(db, settings, earlier.step)
    statements = earlier.statements(database)
    legacy.execute(database_url, *statements)
    migrate.upgrade(db, settings)
    assert schema(db) == new


def test_an_index_of_the_same_name_over_other_columns_is_not_touched(
    db: Database, database_url: str
) -> None:
    settings = settings_for(database_url)
    migrate.upgrade(db, settings, "0004")
    legacy.execute(
        database_url,
        "DROP INDEX ix_lead_source",
        "CREATE INDEX ix_lead_source ON lead (address)",
    )
    sentence = "The index ix_lead_source is not over source, created_time: give it another name."
    with pytest.raises(ConfigurationError, match=sentence):
        migrate.upgrade(db, settings)


# Rows as step 0006 had them: the table, the columns, and the values.
_ROWS_OF_STEP_6 = (
    "INSERT INTO lead (id, created_time, status, source, found) VALUES "
    "(1, '2026-11-02 04:30:00', 'New', 'hand', false), "
    "(2, '2026-11-02 04:30:00', 'New', 'upload', false)",
    "INSERT INTO leadevent (lead_id, at, kind, data) VALUES "
    """(1, '2026-11-02 04:30:00', 'created', '{"source":"hand"}'), """
    """(1, '2026-11-02 04:30:00', 'asked_again', '{"source":"hand"}'), """
    """(2, '2026-11-02 04:30:00', 'created', '{"source":"upload"}')""",
    'INSERT INTO leadsum (day, "of", key, leads, called, trial, joined, lost, within_5m, '
    "within_1h, within_1d, later, uncalled, waited) VALUES "
    "('2026-11-02', 'source', 'hand', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0), "
    "('2026-11-02', 'campaign', 'hand', 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0)",
    *(
        f"INSERT INTO capture (id, source, state, received_at, body) VALUES "
        f"({number}, 'meta', '{state}', '2026-11-02 04:30:00', '')"
        for number, state in enumerate(
            ("received", "done", "waiting", "failed", "dead", "discarded"), 1
        )
    ),
)


def test_codes_of_step_6_are_renamed(db: Database, database_url: str) -> None:
    settings = settings_for(database_url)
    migrate.upgrade(db, settings, "0006")
    legacy.execute(database_url, *_ROWS_OF_STEP_6)
    migrate.upgrade(db, settings)

    def read(query: str) -> list[tuple[Any, ...]]:
        return legacy.query(database_url, query)

    assert [state for (state,) in read("SELECT state FROM delivery ORDER BY id")] == [
        "received", "processed", "waiting", "retrying", "failed", "dismissed",
    ]  # fmt: skip
    assert read("SELECT source FROM lead ORDER BY id") == [("manual",), ("upload",)]
    assert read("SELECT kind, data FROM leadevent ORDER BY id") == [
        ("created", '{"source":"manual"}'),
        ("repeat_enquiry", '{"source":"manual"}'),
        ("created", '{"source":"upload"}'),
    ]
    assert read("SELECT dimension, key FROM dailytotal ORDER BY id") == [
        ("source", "manual"),
        ("campaign", "hand"),
    ]


_NOTES = (
    "INSERT INTO delivery (id, source, state, received_at, body, reason, note) VALUES "
    "(1, 'meta', 'retrying', '2026-11-02 04:30:00', '', 'upstream', 'The graph host answered 500'),"
    "(2, 'meta', 'waiting', '2026-11-02 04:30:00', '', 'no_phone', 'There is no phone'),"
    "(3, 'meta', 'dismissed', '2026-11-02 04:30:00', '', 'no_phone', 'Zoë says so'),"
    "(4, 'meta', 'received', '2026-11-02 04:30:00', '', NULL, NULL)",
    "INSERT INTO pause (name, until, reason, note, held_for) VALUES "
    "('graph', '2026-11-02 04:30:00', 'throttled', 'The graph host answered the error 4', 'x'),"
    "('backfill', '2026-11-02 04:30:00', 'done', 'It runs', '')",
)


def test_stored_sentences_become_codes(db: Database, database_url: str) -> None:
    settings = settings_for(database_url)
    migrate.upgrade(db, settings, "0008")
    legacy.execute(database_url, *_NOTES)
    migrate.upgrade(db, settings)
    rows = legacy.query(database_url, "SELECT reason, details FROM delivery ORDER BY id")
    assert [message(*row) for row in rows] == [
        "Meta answered with status 500",
        "The phone number is missing",
        "Zoë says so",
        None,
    ]
    assert legacy.query(
        database_url, "SELECT reason, details, held_for FROM pause ORDER BY name"
    ) == [
        ("running", None, ""),
        ("throttled", '{"code": "graph_error", "error": "4"}', "x"),
    ]
