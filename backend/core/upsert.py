"""`INSERT … ON CONFLICT`, which both databases have, and SQLAlchemy only in their own dialects."""

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, SQLModel


def insert(session: Session, table: type[SQLModel]) -> sqlite.Insert | postgresql.Insert:
    """An insert into a table, in the dialect of the session's database."""
    if session.get_bind().dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
