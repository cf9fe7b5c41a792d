"""Locks so that two leads of one household are matched one after the other, in any processes.

They end with the transaction. On SQLite nobody else writes meanwhile, so nothing is locked.
"""

from collections.abc import Sequence

from sqlmodel import Session

from backend.core.database import locks, pipeline

# Shared by transactions that add single leads; held alone by one that adds many.
_ADDING = "placing"
# For SQL after `attempt`, in the same transaction: whether the locks were free.
GOT = locks.GOT


def keep_others_out(session: Session) -> None:
    """Let nobody else add leads until the transaction ends: for those who add many at once."""
    locks.hold(session, _ADDING)


def wait_for_others(session: Session, *keys: str | None) -> None:
    """Wait for those who add a lead with one of the keys: households and Meta's ids."""
    # Always in one order, so that no two wait for each other.
    locks.wait(session, (_ADDING,), sorted(key for key in keys if key))


def attempt(households: Sequence[str]) -> pipeline.Step:
    """Return the statement that locks households if all are free now; for PostgreSQL."""
    return locks.attempt((_ADDING,), households)
