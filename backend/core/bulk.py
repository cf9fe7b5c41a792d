"""Many leads at once, at the speed of the driver: COPY on PostgreSQL, `executemany` on SQLite."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import times
from backend.core.history import encode
from backend.models import EventKind, Lead, Status

# What a row of `insert_leads` holds, in this order.
LEAD_COLUMNS = (
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "center_id",
    "leadgen_id",
)
_COLUMNS = ("id", *LEAD_COLUMNS, "status")
_EVENT_COLUMNS = ("lead_id", "at", "user_id", "kind", "data")
_BATCH = 5000
_IDS = """SELECT array_agg(nextval(pg_get_serial_sequence('lead', 'id')))
    FROM generate_series(1, %s)"""

Batch = Sequence[Sequence[Any]]
# When, by whom, and the kind and the data of the line of history that each lead gets.
Made = tuple[datetime, int | None, str, str]


def insert_leads(
    session: Session, leads: Iterable[Sequence[Any]], *, user_id: int | None, source: str
) -> int:
    """Adds leads as `New`, each with the line of history that tells its `source`.

    Answers how many. The times of the leads are aware, in UTC. Raises `IntegrityError` for a
    `leadgen_id` that is there already.
    """
    made = (times.now(), user_id, EventKind.CREATED.value, encode({"source": source}))
    insert = _insert_sqlite if session.get_bind().dialect.name == "sqlite" else _insert_postgresql
    remaining, added = iter(leads), 0
    while batch := list(islice(remaining, _BATCH)):
        insert(session.connection(), batch, made)
        added += len(batch)
    return added


def _insert_sqlite(connection: Connection, leads: Batch, made: Made) -> None:
    # Nobody else writes while this transaction does: the ids after the last one are ours.
    last = connection.scalar(select(func.max(col(Lead.id)))) or 0
    marks = ", ".join("?" * len(LEAD_COLUMNS))
    connection.exec_driver_sql(
        f"INSERT INTO lead ({', '.join(LEAD_COLUMNS)}, status) "  # noqa: S608  our own names
        f"VALUES ({marks}, '{Status.NEW}')",
        [(_text(lead[0]), *lead[1:]) for lead in leads],
    )
    at, *others = made
    connection.exec_driver_sql(
        f"INSERT INTO leadevent ({', '.join(_EVENT_COLUMNS)}) "  # noqa: S608  our own names
        "SELECT id, ?, ?, ?, ? FROM lead WHERE id > ?",
        (_text(at), *others, last),
    )


def _text(time: datetime) -> str:
    """A time in UTC as SQLAlchemy keeps it on SQLite: as text, without its offset."""
    return time.isoformat(" ", "microseconds")[:26]


def _insert_postgresql(connection: Connection, leads: Batch, made: Made) -> None:
    import psycopg

    new = Status.NEW.value
    # Others may take ids between ours, but the order is that of the file.
    ids = sorted(connection.exec_driver_sql(_IDS, (len(leads),)).scalar_one())
    copied = f"COPY lead ({', '.join(_COLUMNS)}) FROM STDIN"
    driver: psycopg.Connection = connection.connection.driver_connection  # type: ignore[assignment]
    try:
        with driver.cursor() as cursor, cursor.copy(copied.encode()) as copy:
            for id, lead in zip(ids, leads, strict=True):
                copy.write_row((id, *lead, new))
    except psycopg.IntegrityError as error:
        raise IntegrityError(copied, None, error) from error
    connection.exec_driver_sql(
        f"INSERT INTO leadevent ({', '.join(_EVENT_COLUMNS)}) "
        "SELECT unnest(%s::int[]), %s, %s, %s, %s",
        (ids, *made),
    )
