"""Locks, which end with the transaction: on SQLite there is one writer anyway."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import text
from sqlmodel import Session

from backend.core.database import pipeline

# How to lock the row of an account. A stronger lock would keep others from naming the person in
# what they write, such as a comment on a lead that they have locked: what disables the account then
# locks its leads, so that each would wait for the other.
ACCOUNT: dict[str, Any] = {"key_share": True}


def hold(session: Session, name: str, *, shared: bool = False) -> bool:
    """Wait for a lock, and hold it; several may hold it `shared`. False where there is no need."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    function = "pg_advisory_xact_lock_shared" if shared else "pg_advisory_xact_lock"
    statement = text(f"SELECT {function}(hashtextextended(:name, 0))")
    session.connection().execute(statement, {"name": name})
    return True


def wait(session: Session, shared: Sequence[str], alone: Sequence[str]) -> None:
    """Wait for locks, in their order, and hold them."""
    if session.get_bind().dialect.name == "postgresql":
        calls = _taking("pg_advisory_xact_lock", shared, alone)
        pipeline.run(session, (f"SELECT {', '.join(calls)}", (*shared, *alone)))


def is_waited_for(session: Session) -> bool:
    """Return whether anyone in this database waits for a lock by name: on PostgreSQL only."""
    if session.get_bind().dialect.name != "postgresql":
        return False
    return bool(session.connection().scalar(text(_IS_WAITED_FOR)))


_IS_WAITED_FOR = """SELECT EXISTS (SELECT FROM pg_locks JOIN pg_database ON oid = database
    WHERE locktype = 'advisory' AND NOT granted AND datname = current_database())"""

# For a statement after `attempt`, in the same transaction: whether it holds all of them.
GOT = "current_setting('tofa.locks') = 'true'"


def attempt(shared: Sequence[str], alone: Sequence[str]) -> pipeline.Step:
    """Return the statement that takes locks without waiting, if they are free; for PostgreSQL."""
    ours = _taking("pg_try_advisory_xact_lock", shared, alone)
    return f"SELECT set_config('tofa.locks', ({' AND '.join(ours)})::text, true)", (*shared, *alone)


def _taking(function: str, shared: Sequence[str], alone: Sequence[str]) -> list[str]:
    return [
        *[f"{function}_shared(hashtextextended(%s, 0))"] * len(shared),
        *[f"{function}(hashtextextended(%s, 0))"] * len(alone),
    ]
