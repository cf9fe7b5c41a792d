"""Locks by name, which end with the transaction: on SQLite nobody else writes anyway."""

from sqlalchemy import text
from sqlmodel import Session


def hold(session: Session, name: str, *, shared: bool = False) -> bool:
    """Waits for those who hold it, unless all hold it shared. False where there is no need to."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    statement = text(f"SELECT {function}(hashtextextended(:name, 0))")
    session.connection().execute(statement, {"name": name})
    return True
