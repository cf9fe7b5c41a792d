"""`INSERT … ON CONFLICT`, which both databases have, and SQLAlchemy only in their own dialects.

Each is imported when it is needed: PostgreSQL's brings a module for each of its drivers, which is
a tenth of the time to start.
"""

from typing import TYPE_CHECKING, Any, TypeVar

from sqlalchemy import Connection, select
from sqlmodel import Session, SQLModel, col

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

Row = TypeVar("Row", bound=SQLModel)


def insert(
    target: Session | Connection, table: type[SQLModel]
) -> "sqlite.Insert | postgresql.Insert":
    """Return an insert into a table, in the dialect of the session's or connection's database."""
    bind = target.get_bind() if isinstance(target, Session) else target
    if bind.dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def locked(session: Session, table: type[Row], key: str, value: int, **more: Any) -> Row:
    """Return a row by its key, locked; it's added, with `more`, if it isn't there yet.

    Two people may be the first at once.
    """
    first = insert(session, table).values(**{key: value}, **more)
    session.connection().execute(first.on_conflict_do_nothing())
    query = select(table).where(col(getattr(table, key)) == value).with_for_update()
    return session.scalars(query).one()
