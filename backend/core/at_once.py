"""Statements past SQLAlchemy, for what runs at every delivery: on PostgreSQL in one round trip.

There a round trip costs more than most statements, and on SQLite building a statement does. They
are written with `%s` for both. The driver quotes the values into the text: only so does PostgreSQL
take several statements at once, and nothing is prepared, which PgBouncer would forget. Errors are
those that SQLAlchemy raises.
"""

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from backend.core.bulk import sqlite_time

Row = tuple[Any, ...]
# A statement, and its values.
Step = tuple[str, Sequence[Any]]
# A row to be added: its table, and its values by column.
New = tuple[str, Mapping[str, Any]]
# A table and some of its columns.
_Shape = tuple[str, tuple[str, ...]]


def run(session: Session, *steps: Step) -> list[list[Row]]:
    """Runs statements one after the other. Answers the rows of each.

    Each sees what was committed before it began. Times are aware, in UTC; a dict is JSON.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return _run_sqlite(driver, steps)
    return _run_postgresql(driver, steps)


def adding(table: str, lead_id: int, values: Mapping[str, Any]) -> Step:
    """Adds a row that belongs to a lead."""
    _, columns, row = _given(table, values)
    return _insert(table, ("lead_id", *columns)), (lead_id, *row)


def insert(session: Session, first: New, *others: New) -> int:
    """Adds a row, and others of which it is the lead. Answers its id.

    What is null is left to the column's default.
    """
    table, columns, row = _given(*first)
    if session.connection().dialect.name == "sqlite":
        ((made,),) = run(session, (_insert(table, columns, ends=" RETURNING id"), row))
        id = int(made[0])
        run(session, *(adding(name, id, values) for name, values in others))
        return id
    rest = [_given(*other) for other in others]
    statement = _insert_together((table, columns), *((name, names) for name, names, _ in rest))
    ((made,),) = run(session, (statement, [*row, *(value for *_, one in rest for value in one)]))
    return int(made[0])


def _given(table: str, values: Mapping[str, Any]) -> tuple[str, tuple[str, ...], Row]:
    given = {name: value for name, value in values.items() if value is not None}
    return table, tuple(given), tuple(given.values())


@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[str, ...], *, ends: str = "") -> str:
    marks = ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks}){ends}"  # noqa: S608


@lru_cache(maxsize=256)
def _insert_together(first: _Shape, *others: _Shape) -> str:
    parts = [f"made AS ({_insert(*first, ends=' RETURNING id')})"]
    for number, (table, columns) in enumerate(others):
        names, marks = ", ".join(("lead_id", *columns)), ", ".join(("id", *["%s"] * len(columns)))
        insert = f"INSERT INTO {table} ({names}) SELECT {marks} FROM made"  # noqa: S608
        parts.append(f"other{number} AS ({insert})")
    return f"WITH {', '.join(parts)} SELECT id FROM made"  # noqa: S608


def _run_sqlite(driver: sqlite3.Connection, steps: Sequence[Step]) -> list[list[Row]]:
    statement = ""
    try:
        found = []
        for statement, values in steps:
            cursor = driver.execute(_for_sqlite(statement), [*map(_sqlite_value, values)])
            found.append(cursor.fetchall())
    except sqlite3.Error as error:
        raise _told(statement, error, sqlite3.Error) from error
    return found


@lru_cache(maxsize=256)
def _for_sqlite(statement: str) -> str:
    return statement.replace("%s", "?")


def _sqlite_value(value: Any) -> Any:
    if type(value) is datetime:
        return sqlite_time(value)
    return orjson.dumps(value).decode() if type(value) is dict else value


def _run_postgresql(driver: Any, steps: Sequence[Step]) -> list[list[Row]]:
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
