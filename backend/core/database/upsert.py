"""`INSERT … ON CONFLICT`, which both databases have, and SQLAlchemy only in their own dialects.

Each is imported when it is needed: PostgreSQL's brings a module for each of its drivers, which is
a tenth of the time to start.
"""

from typing import TYPE_CHECKING

from sqlmodel import Session, SQLModel

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite


def insert(session: Session, table: type[SQLModel]) -> "sqlite.Insert | postgresql.Insert":
    """Return an insert into a table, in the dialect of the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)
