"""Insert many rows at once: by COPY on PostgreSQL, by statements of many rows on SQLite.

SQLite's driver releases Python's lock for each statement. Row by row, each row would wait for other
threads that compute, while this one holds the only writer.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, islice
from typing import Any, TypeVar

import orjson
from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Integer,
    Text,
    any_,
    cast,
    false,
    func,
    literal,
    select,
)
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from backend.core import times
from backend.core.database.json_columns import encode
from backend.models import EventKind, Status

# The columns of a row of `insert_leads`, in this order; the keys as in `leads.match_keys`.
LEAD_COLUMNS = (
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "center_id",
    "leadgen_id",
    "is_test",
    "phone_key",
    "name_key",
    "email_key",
    "campaign",
    "phone_issue",
    "phone_extension",
    "birth_date",
)
BATCH = 5000
# The most rows of a statement on SQLite.
SQLITE_ROWS = 512
# The most parameters of a statement that every SQLite since 3.32 allows, which is from 2020.
SQLITE_PARAMETERS = 32_766
# SQLite by itself would give the id of a merged, erased or removed lead to another one: a link, or
# a call that waits to be sent, would be about that one.
REMOVED_LEADS = "removed leads"
NEXT_LEAD_SQLITE = f"""max(coalesce((SELECT max(id) FROM lead), 0), coalesce(
    (SELECT max(merged_id) FROM leadmerge WHERE undone_at IS NULL), 0), coalesce(
    (SELECT max(last_id) FROM erasedlead), 0), coalesce(
    (SELECT last_id FROM retentionmark WHERE name = '{REMOVED_LEADS}'), 0)) + 1"""  # noqa: S608

_EVENT_COLUMNS = ("lead_id", "at", "user_id", "kind", "data", "import_id")
_IDS = """SELECT array_agg(nextval(pg_get_serial_sequence(%s, 'id')))
    FROM generate_series(1, %s)"""

Rows = Sequence[Sequence[Any]]
Value = TypeVar("Value")
# The columns of the history event of each lead: time, user, kind, data and import.
Made = tuple[datetime, int | None, str, str, int | None]


def batches(values: Iterable[Value], size: int | None = None) -> Iterable[list[Value]]:
    """Yield the values in lists of at most `size`, or of `BATCH`."""
    remaining = iter(values)
    while batch := list(islice(remaining, size or BATCH)):
        yield batch


def among(session: Session, column: Any, values: Iterable[str | int]) -> ColumnElement[bool]:
    """Return the condition that a column has one of many values of one type, as one parameter."""
    wanted = list(values)
    if not wanted:
        return false()
    given = orjson.dumps(wanted).decode()
    if session.get_bind().dialect.name == "sqlite":
        listed = func.json_each(given).table_valued("value")
        found: ColumnElement[bool] = column.in_(select(listed.c.value))
        return found
    # As JSON: the driver takes longer to write an array than the rest of the query takes.
    one: ColumnElement[Any] = func.json_array_elements_text(cast(literal(given, Text), JSON))
    if isinstance(wanted[0], int):
        one = cast(one, Integer)
    same: ColumnElement[bool] = column == any_(func.array(select(one).scalar_subquery()))
    return same


def array(numbers: Iterable[int | None]) -> str:
    """Return a parameter of PostgreSQL's type `int[]`, faster than the driver writes it."""
    return f"{{{','.join('NULL' if one is None else str(one) for one in numbers)}}}"


def insert_leads(
    session: Session,
    leads: Iterable[Sequence[Any]],
    *,
    user_id: int | None,
    source: str,
    import_id: int | None = None,
    more: Sequence[str] = (),
) -> list[int]:
    """Add leads, each with a line of history that says its `source`.

    A row has `LEAD_COLUMNS` and then `more` columns; without a status among those, it is `New`.
    Return their ids, in order. The times of the leads are aware, in UTC. Raises `IntegrityError`
    for a `leadgen_id` that exists already.
    """
    data = encode({"source": source})
    made = (times.now(), user_id, EventKind.CREATED.value, data, import_id)
    insert = _leads_sqlite if session.get_bind().dialect.name == "sqlite" else _leads_postgresql
    constant = (
        {"source": source} if "status" in more else {"status": Status.NEW.value, "source": source}
    )
    columns = ("id", *LEAD_COLUMNS, *more, *constant)
    ids: list[int] = []
    for batch in batches(leads):
        ids += insert(session, batch, columns, tuple(constant.values()), made)
    return ids


def new_ids(session: Session, table: str, count: int) -> list[int]:
    """Return free ids of a table, in order."""
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        # Nobody else writes during this transaction, so the ids after the last one are free.
        after_last = f"(SELECT coalesce(max(id), 0) + 1 FROM {table})"  # noqa: S608  our own names
        free = NEXT_LEAD_SQLITE if table == "lead" else after_last
        first: int = connection.exec_driver_sql(f"SELECT {free}").scalar_one()
        return list(range(first, first + count))
    # Others may take ids in between, but the order is that of the rows.
    return sorted(connection.exec_driver_sql(_IDS, (f'"{table}"', count)).scalar_one())


def insert(session: Session, table: str, columns: Sequence[str], rows: Rows) -> None:
    """Add rows to a table; times are aware, in UTC, JSON is a text. Raises `IntegrityError`."""
    if not rows:
        return
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        _insert_sqlite(connection, table, columns, [[*map(_sqlite_value, row)] for row in rows])
    else:
        _copy(connection, table, columns, rows)


def _insert_sqlite(connection: Connection, table: str, columns: Sequence[str], rows: Rows) -> None:
    into = f"INSERT INTO {table} ({', '.join(columns)}) VALUES "  # noqa: S608  our own names
    row = f"({', '.join('?' * len(columns))})"
    for part in _parts(rows, min(SQLITE_ROWS, SQLITE_PARAMETERS // len(columns))):
        connection.exec_driver_sql(into + ",".join([row] * len(part)), tuple(chain(*part)))


def _parts(rows: Rows, most: int) -> Iterator[Rows]:
    """Yield the rows in parts of `most`, and then of ever halved sizes.

    The driver keeps each statement that it has prepared: with any number of rows, there would be
    as many statements as sizes, of up to a megabyte each.
    """
    at, size = 0, most
    while at < len(rows):
        while size > len(rows) - at:
            size //= 2
        yield rows[at : at + size]
        at += size


def _sqlite_value(value: Any) -> Any:
    return sqlite_time(value) if type(value) is datetime else value


def sqlite_time(time: datetime) -> str:
    """Return a time in UTC as SQLAlchemy keeps it on SQLite: as text, without an offset."""
    return time.isoformat(" ", "microseconds")[:26]


def _copy(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Any]) -> None:
    import psycopg

    copied = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.cursor() as cursor, cursor.copy(copied.encode()) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.Error as error:
        # As for any other statement: a full disk is an OperationalError.
        raise DBAPIError.instance(
            copied, None, error, psycopg.Error, hide_parameters=True
        ) from error


def _leads_sqlite(
    session: Session, leads: Rows, columns: Sequence[str], constant: Sequence[str], made: Made
) -> Sequence[int]:
    connection = session.connection()
    ids = new_ids(session, "lead", len(leads))
    first = ids[0]
    plain = len(LEAD_COLUMNS)
    rows = [
        (id, sqlite_time(lead[0]), *lead[1:plain], *map(_sqlite_value, lead[plain:]), *constant)
        for id, lead in zip(ids, leads, strict=True)
    ]
    _insert_sqlite(connection, "lead", columns, rows)
    at, *others = made
    connection.exec_driver_sql(
        f"INSERT INTO leadevent ({', '.join(_EVENT_COLUMNS)}) "  # noqa: S608  our own names
        "SELECT id, ?, ?, ?, ?, ? FROM lead WHERE id >= ?",
        (sqlite_time(at), *others, first),
    )
    return ids


def _leads_postgresql(
    session: Session, leads: Rows, columns: Sequence[str], constant: Sequence[str], made: Made
) -> Sequence[int]:
    connection = session.connection()
    ids = new_ids(session, "lead", len(leads))
    rows = ((id, *lead, *constant) for id, lead in zip(ids, leads, strict=True))
    _copy(connection, "lead", columns, rows)
    connection.exec_driver_sql(
        f"INSERT INTO leadevent ({', '.join(_EVENT_COLUMNS)}) "
        "SELECT unnest(%s::int[]), %s, %s, %s, %s, %s",
        (array(ids), *made),
    )
    return ids
