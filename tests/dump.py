"""All that a database holds, to tell whether a request changed anything."""

from typing import Any

from sqlmodel import SQLModel

from backend.core.db import Database

# What a failed sign-in leaves behind on purpose.
COUNTS = frozenset({"ratecount"})


def dump(db: Database, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table but the counts, and but those named, sorted by their text."""
    left_out = COUNTS.union(without)
    tables = [table for table in SQLModel.metadata.sorted_tables if table.name not in left_out]
    with db.read() as session:
        connection = session.connection()
        return {
            table.name: sorted((tuple(row) for row in connection.execute(table.select())), key=repr)
            for table in tables
        }
