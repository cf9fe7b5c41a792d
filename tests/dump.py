"""All that a database holds, to tell whether a request changed anything."""

from functools import cache
from typing import Any

from sqlalchemy import CompoundSelect, Select, literal, select, union_all
from sqlmodel import SQLModel

from backend.core.db import Database

# What a request leaves behind on purpose, even one that changes nothing else.
COUNTS = frozenset({"ratecount", "auditevent"})


def dump(db: Database, *without: str) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table but those of COUNTS, and but those named, sorted by their text."""
    left_out = COUNTS.union(without)
    with db.read() as session:
        connection = session.connection()
        filled = set(connection.scalars(with_rows()))
        return {
            name: sorted((tuple(row) for row in connection.execute(query)), key=repr)
            if name in filled
            else []
            for name, query in queries().items()
            if name not in left_out
        }


@cache
def with_rows() -> CompoundSelect[Any]:
    """The names of the tables that hold anything: most of them are empty in most tests."""
    return union_all(
        *(
            select(literal(name)).where(query.with_only_columns(literal(1)).exists())
            for name, query in queries().items()
        )
    )


@cache
def queries() -> dict[str, Select[Any]]:
    """The query of each table, made once."""
    return {table.name: table.select() for table in SQLModel.metadata.sorted_tables}
