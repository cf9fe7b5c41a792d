"""The floors: the least that a job can take, with only the driver and, for a list, `orjson`.

A floor does less than the product: there is no sign-in, no validation and no error handling.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import LiteralString

import orjson
import psycopg
from psycopg import sql

from benchmarks.databases import file_of

# SQL per database for a local time in the academy's zone, in a form that `orjson` takes without a
# step in Python. These leads have no fractions of a second, and India has no summer time.
_TIME: dict[str, LiteralString] = {
    "sqlite": "replace(datetime({}, '+330 minutes'), ' ', 'T')",
    "postgresql": "timezone('Asia/Kolkata', {})",
}


@contextmanager
def leads(url: str) -> Iterator[Callable[[], bytes]]:
    """Return a function that returns the bytes of `GET /leads/my_leads` for a team lead.

    Its connection stays open. Only one thread at a time can use it.
    """
    kind = "sqlite" if url.startswith("sqlite:") else "postgresql"
    created, next_date = (
        _TIME[kind].replace("{}", name) for name in ("created_time", "next_followup_date")
    )
    query: LiteralString = (
        f"SELECT id, {created}, player_name, player_age_category, phone, email, address, status, "
        f"{next_date}, center_id FROM lead ORDER BY id"
    )
    connection: sqlite3.Connection | psycopg.Connection
    if kind == "sqlite":
        connection = sqlite3.connect(file_of(url), check_same_thread=False)
    else:
        connection = psycopg.connect(url, autocommit=True)
    with closing(connection):
        yield lambda: orjson.dumps([_lead(*row) for row in connection.execute(query).fetchall()])


def _lead(
    id: int,
    created: object,
    name: str,
    age: str,
    phone: str,
    email: str,
    address: str,
    status: str,
    next_date: object,
    center: int,
) -> dict[str, object]:
    return {
        "id": id,
        "created_time": created,
        "player_name": name,
        "player_age_category": age,
        "phone": phone,
        "email": email,
        "address": address,
        "status": status,
        "next_followup_date": next_date,
        "center_id": center,
    }


# What an upload fills of each lead.
_FILLED = (
    "id", "created_time", "player_name", "player_age_category", "phone", "email", "address",
    "status", "center_id",
)  # fmt: skip
# The floor's indexes: what anyone needs to find a lead by its time, its center and its phone.
BARE_INDEXES = ("created_time", "center_id", "phone")

Insert = Callable[[str], None]


def insert(source: str) -> Insert:
    """Return a function that adds the leads of one database to a bare table in another.

    The table has the columns of `lead` that an upload fills, three indexes and no triggers. The
    leads are read first: the function itself makes the table, inserts, and commits once.
    """
    return _sqlite_insert(file_of(source)) if source.startswith("sqlite:") else _copy(source)


def _sqlite_insert(source: str) -> Insert:
    with closing(sqlite3.connect(source)) as origin:
        rows = origin.execute(f"SELECT {', '.join(_FILLED)} FROM lead ORDER BY id").fetchall()
    statement = f"INSERT INTO bare VALUES ({', '.join('?' * len(_FILLED))})"

    def insert(target: str) -> None:
        connection = sqlite3.connect(file_of(target), isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN IMMEDIATE")
        connection.execute(f"CREATE TABLE bare (id INTEGER PRIMARY KEY, {', '.join(_FILLED[1:])})")
        for name in BARE_INDEXES:
            connection.execute(f"CREATE INDEX bare_{name} ON bare ({name})")
        connection.executemany(statement, rows)
        connection.execute("COMMIT")
        connection.close()

    return insert


def _copy(source: str) -> Insert:
    names = sql.SQL(", ").join(map(sql.Identifier, _FILLED))
    copied = sql.SQL("COPY (SELECT {} FROM lead ORDER BY id) TO STDOUT").format(names)
    with psycopg.connect(source) as origin, origin.cursor().copy(copied) as out:
        prepared = b"".join(bytes(block) for block in out)

    def insert(target: str) -> None:
        with psycopg.connect(target) as connection:
            made = sql.SQL("CREATE TABLE bare AS SELECT {} FROM lead WITH NO DATA").format(names)
            connection.execute(made)
            connection.execute("ALTER TABLE bare ADD PRIMARY KEY (id)")
            for name in map(sql.Identifier, BARE_INDEXES):
                connection.execute(sql.SQL("CREATE INDEX ON bare ({})").format(name))
            with connection.cursor().copy("COPY bare FROM STDIN") as into:
                into.write(prepared)
            connection.commit()

    return insert
