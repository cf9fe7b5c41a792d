"""How long a statement may wait for a lock and may run on PostgreSQL, by the kind of work.

The limits are set with the beginning of each transaction, for that transaction alone: a pooler
such as PgBouncer gives each one another connection, and refuses options of a connection.
"""

from contextlib import AbstractContextManager
from contextvars import ContextVar
from functools import lru_cache
from typing import NamedTuple

from backend.core.database.switches import switched_on
from backend.core.database.write_queue import is_low_priority
from backend.core.settings import Settings

# In seconds: how long imports and the work of the background wait for a lock.
LONG_LOCK = 30.0


class Limits(NamedTuple):
    """In seconds; 0 is no limit. Without any, the server's own limits count."""

    lock: float
    statement: float


class Kinds(NamedTuple):
    """The limits of requests, and those of imports and the work of the background."""

    short: Limits
    long: Limits

    @classmethod
    def of(cls, settings: Settings) -> "Kinds":
        """Return the limits of an installation."""
        long_lock = max(LONG_LOCK, settings.db_lock_seconds) if settings.db_lock_seconds else 0.0
        return cls(
            Limits(settings.db_lock_seconds, settings.db_statement_seconds),
            Limits(long_lock, settings.db_job_seconds),
        )


_is_long: ContextVar[bool] = ContextVar("is_long", default=False)
_is_free: ContextVar[bool] = ContextVar("is_free", default=False)


def long_work() -> AbstractContextManager[None]:
    """Give what this thread does in here the limits of the work of the background."""
    return switched_on(_is_long)


def unlimited() -> AbstractContextManager[None]:
    """Let what this thread does in here take as long as it takes, such as a start."""
    return switched_on(_is_free)


def settings_now(kinds: Kinds | None) -> tuple[str, ...]:
    """Return the statements that set the limits of this thread's work, for a transaction."""
    if kinds is None or _is_free.get():
        return ()
    return _statements(kinds.long if _is_long.get() or is_low_priority() else kinds.short)


@lru_cache(maxsize=16)
def _statements(limits: Limits) -> tuple[str, ...]:
    return (
        f"SET LOCAL lock_timeout = {int(limits.lock * 1000)}",
        f"SET LOCAL statement_timeout = {int(limits.statement * 1000)}",
    )
