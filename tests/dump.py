"""All that a database holds, to tell whether a request changed anything."""

from functools import cache
from typing import Any

from sqlalchemy import Select
from sqlmodel import SQLModel

from backend.core.db import Database

# What a request leaves behind on purpose, even one that changes nothing else.
COUNTS = frozenset({"ratecount", "auditevent"})


def dump(db: Database, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table but those of COUNTS, and but those named, sorted by their text."""
    left_out = COUNTS.union(without)
    with db.read() as session:
        connection = session.connection()
        return {
            name: sorted((tuple(row) for row in connection.execute(query)), key=repr)
            for name, query in queries().items()
            if name not in left_out
        }


@cache
def queries() -> dict[str, Select[Any]]:
    """The query of each table, made once: a dump asks all of them, mostly for nothing."""
    return {table.name: table.select() for table in SQLModel.metadata.sorted_tables}
