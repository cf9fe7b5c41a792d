"""Locks by name, which end with the transaction: on SQLite nobody else writes anyway."""

from collections.abc import Sequence

from sqlalchemy import text
from sqlmodel import Session

from backend.core import at_once


def hold(session: Session, name: str, *, shared: bool = False) -> bool:
    """Waits for those who hold it, unless all hold it shared. False where there is no need to."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    statement = text(f"SELECT {function}(hashtextextended(:name, 0))")
    session.connection().execute(statement, {"name": name})
    return True


def wait(session: Session, shared: Sequence[str], alone: Sequence[str]) -> None:
    """Waits for those who hold some of these, in their order."""
    if session.get_bind().dialect.name == "postgresql":
        at_once.run(session, _taking("pg_advisory_xact_lock", shared, alone))


def attempt(shared: Sequence[str], alone: Sequence[str]) -> at_once.Step:
    """Takes those that nobody else holds. Its row says of each whether it is ours."""
    return _taking("pg_try_advisory_xact_lock", shared, alone)


def _taking(function: str, shared: Sequence[str], alone: Sequence[str]) -> at_once.Step:
    calls = [f"{function}_shared(hashtextextended(%s, 0))"] * len(shared)
    calls += [f"{function}(hashtextextended(%s, 0))"] * len(alone)
    return f"SELECT {', '.join(calls)}", (*shared, *alone)
