"""Statements without SQLAlchemy, for what runs at every delivery: on PostgreSQL in one round trip.

There a round trip costs more than most statements, and on SQLite building a statement does. They
are written with `%s` for both. The driver quotes the values into the text: PostgreSQL accepts
several statements at once only in this way, and nothing is prepared, which PgBouncer would forget.
Errors are those that SQLAlchemy raises.
"""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from backend.core.database.bulk_insert import NEXT_LEAD_SQLITE, sqlite_time

Row = tuple[Any, ...]
# A statement, and its values.
Step = tuple[str, Sequence[Any]]
# Runs statements in a transaction of their own.
Send = Callable[[Sequence[Step]], list[list[Row]]]
# A row to be added: its table, and its values by column.
New = tuple[str, Mapping[str, Any]]
# A table, the names of some of its columns, and the placeholders of their values.
_Shape = tuple[str, tuple[str, ...], tuple[str, ...]]


class Raw(str):
    """A value that is an SQL expression of this program's own."""

    __slots__ = ()


# Where a session keeps the driver's connection, with the transaction that it is for.
_DRIVER = "tofa_driver"
_NEXT_ID: Mapping[str, Mapping[str, Any]] = {"lead": {"id": Raw(NEXT_LEAD_SQLITE)}}


def run(session: Session, *steps: Step) -> list[list[Row]]:
    """Run statements one after the other. Returns the rows of each.

    Each sees what was committed before it began. Times are aware, in UTC; a dict is JSON.
    """
    driver = _driver(session)
    if isinstance(driver, sqlite3.Connection):
        return _run_sqlite(driver, steps)
    return run_postgresql(driver, steps)


def adding(table: str, lead_id: int, values: Mapping[str, Any]) -> Step:
    """Return the statement that adds a row that belongs to a lead."""
    shape, row = _given((table, {"lead_id": lead_id, **values}))
    return _insert(shape), row


def insert(session: Session, first: New, *others: New) -> int:
    """Add a row of a lead, and others that belong to it. Returns its id.

    What is null is left to the column's default.
    """
    driver = _driver(session)
    if not isinstance(driver, sqlite3.Connection):
        ((made,),) = run_postgresql(driver, [inserting(first, others)])
        return int(made[0])
    table, columns = first
    shape, row = _given((table, {**_NEXT_ID.get(table, {}), **columns}))
    ((made,),) = _run_sqlite(driver, [(f"{_insert(shape)} RETURNING id", row)])
    id = int(made[0])
    _run_sqlite(driver, [adding(name, id, values) for name, values in others])
    return id


def _driver(session: Session) -> Any:
    """Return the driver's connection of a session, which is asked for once a transaction."""
    known, driver = session.info.get(_DRIVER, (None, None))
    if known is None or known is not session.get_transaction():
        driver = session.connection().connection.driver_connection
        session.info[_DRIVER] = session.get_transaction(), driver
    return driver


def inserting(
    first: New,
    others: Sequence[New],
    sources: Sequence[tuple[str, Step]] = (),
    where: str = "",
    tells: str = "id FROM made",
) -> Step:
    """Return a statement of PostgreSQL that adds a row, `made`, and others that belong to it.

    Before that it looks up `sources`, each by its name; `where` says from which of them the row is
    made, and whether it is. `tells` is what it returns.
    """
    given = [_given(first), *(_given((name, {"lead_id": _MADE, **row})) for name, row in others)]
    statement = _insert_together(
        tuple((name, query) for name, (query, _) in sources),
        tuple(shape for shape, _ in given),
        where,
        tells,
    )
    looked_up = [value for _, (_, values) in sources for value in values]
    return statement, [*looked_up, *(value for _, row in given for value in row)]


def following(source: Step, others: Sequence[New]) -> Step:
    """Return a statement that adds rows to the lead that `source` finds, if any; PostgreSQL."""
    query, values = source
    given = [_given((name, {"lead_id": _MADE, **row})) for name, row in others]
    statement = _insert_after(query, tuple(shape for shape, _ in given))
    return statement, [*values, *(value for _, row in given for value in row)]


_MADE = Raw("made.id")


def _given(new: New) -> tuple[_Shape, Row]:
    table, values = new
    given = {name: value for name, value in values.items() if value is not None}
    marks = [value if type(value) is Raw else "%s" for value in given.values()]
    row = tuple(value for value in given.values() if type(value) is not Raw)
    return (table, tuple(given), tuple(marks)), row


@lru_cache(maxsize=256)
def _insert(shape: _Shape) -> str:
    table, columns, marks = shape
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(marks)})"  # noqa: S608


@lru_cache(maxsize=256)
def _insert_together(
    sources: tuple[tuple[str, str], ...], shapes: tuple[_Shape, ...], where: str, tells: str
) -> str:
    parts = [f"{name} AS MATERIALIZED ({query})" for name, query in sources]
    made, *others = shapes
    parts.append(f"made AS ({_insert_from(made, where)} RETURNING id)")
    return f"WITH {', '.join((*parts, *_others(others)))} SELECT {tells}"


@lru_cache(maxsize=256)
def _insert_after(query: str, shapes: tuple[_Shape, ...]) -> str:
    return f"WITH {', '.join((f'made AS ({query})', *_others(shapes)))} SELECT id FROM made"  # noqa: S608


def _others(shapes: Sequence[_Shape]) -> list[str]:
    return [
        f"other{number} AS ({_insert_from(shape, 'FROM made')})"
        for number, shape in enumerate(shapes)
    ]


def _insert_from(shape: _Shape, rest: str) -> str:
    table, columns, marks = shape
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(marks)} {rest}"


def _run_sqlite(driver: sqlite3.Connection, steps: Sequence[Step]) -> list[list[Row]]:
    statement = ""
    try:
        found = []
        for statement, values in steps:
            cursor = driver.execute(for_sqlite(statement), [*map(_sqlite_value, values)])
            found.append(cursor.fetchall())
    except sqlite3.Error as error:
        raise _told(statement, error, sqlite3.Error) from error
    return found


@lru_cache(maxsize=1024)
def for_sqlite(statement: str) -> str:
    """Return a statement with SQLite's signs for its values."""
    return statement.replace("%s", "?")


def _sqlite_value(value: Any) -> Any:
    if type(value) is datetime:
        return sqlite_time(value)
    if type(value) is date:
        return value.isoformat()
    return orjson.dumps(value).decode() if type(value) is dict else value


def send(driver: Any, before: Sequence[str], steps: Sequence[Step]) -> list[list[Row]]:
    """Run statements in a transaction of their own, in one round trip with its commit.

    Those of `before` run first, and their rows aren't returned.

    `driver` is a connection to PostgreSQL in its mode autocommit: statements that come in one text
    are one transaction then, which is committed before the last one is answered (PostgreSQL's
    documents, section 54.2.2.1).
    """
    return run_postgresql(driver, [*((one, ()) for one in before), *steps])[len(before) :]


def run_postgresql(driver: Any, steps: Sequence[Step]) -> list[list[Row]]:
    """Run statements in one round trip. Return the rows of each."""
    import psycopg
    from psycopg.types.json import Json

    text = ";".join(statement for statement, _ in steps)
    values = [
        Json(value) if type(value) is dict else value for _, given in steps for value in given
    ]
    try:
        with psycopg.ClientCursor(driver) as cursor:
            cursor.execute(text.encode(), values)
            return [
                one.fetchall() if one.description is not None else [] for one in cursor.results()
            ]
    except psycopg.Error as error:
        raise _told(text, error, psycopg.Error) from error


def _told(statement: str, error: Exception, kind: type[Exception]) -> Exception:
    return DBAPIError.instance(statement, None, error, kind, hide_parameters=True)
