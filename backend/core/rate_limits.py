"""Slow down clients that try too often: the `limits` library, counting in the database.

The counts are in the table `ratecount`, so that all processes of an installation count together,
and no thread is needed. A count is a transaction of its own: it must stay when the request that it
counts fails.
"""

import time
from collections.abc import Iterable
from functools import cached_property
from math import ceil

from limits import RateLimitItem
from limits.storage import Storage
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from backend.core.database import pipeline
from backend.core.db import Database
from backend.core.errors import TooManyAttempts
from backend.models import RateCount

# In seconds: how far the clocks of servers may be apart before their windows are not believed.
CLOCKS_DIFFER = 300


class DatabaseStorage(Storage):
    """The storage that `limits` needs, over a `Database`; times are seconds since the epoch."""

    STORAGE_SCHEME = None

    def __init__(self, db: Database) -> None:
        super().__init__(None)
        self._db = db

    @property
    def base_exceptions(self) -> type[Exception]:
        return SQLAlchemyError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and start a new window of `expiry` seconds where the last one is over."""
        with self._db.write() as session:
            (((count, _),),) = pipeline.run(session, counting(key, expiry, amount))
            if count == amount:
                sqlite = session.get_bind().dialect.name == "sqlite"
                pipeline.run(session, tidying(sqlite=sqlite))
        return int(count)

    def get(self, key: str) -> int:
        row = self._row(key)
        return row[0] if row else 0

    def get_expiry(self, key: str) -> float:
        row = self._row(key)
        return row[1] if row else time.time()

    def check(self) -> bool:
        with self._db.read() as session:
            session.connection().execute(select(1))
        return True

    def reset(self) -> int | None:
        with self._db.write() as session:
            return session.connection().execute(delete(RateCount)).rowcount

    def clear(self, key: str) -> None:
        with self._db.write() as session:
            session.connection().execute(delete(RateCount).where(col(RateCount.key) == key))

    def _row(self, key: str) -> tuple[int, float] | None:
        query = select(col(RateCount.count), col(RateCount.expires_at)).where(
            col(RateCount.key) == key, col(RateCount.expires_at) > time.time()
        )
        with self._db.read() as session:
            row = session.connection().execute(query).first()
        return (row[0], row[1]) if row else None


def counting(key: str, expiry: int, amount: int = 1) -> pipeline.Step:
    """Return the statement that counts, in a new window of `expiry` seconds if the last is over.

    Its row is the count, and when the window ends.
    """
    now = time.time()
    return _COUNTING, (key, amount, now + expiry, now, now)


# A window that ends much later than one that begins now is of a clock that ran ahead.
_OVER_NOW = (
    f"ratecount.expires_at <= %s OR ratecount.expires_at > excluded.expires_at + {CLOCKS_DIFFER}"
)
_COUNTING = f"""INSERT INTO ratecount (key, count, expires_at) VALUES (%s, %s, %s)
    ON CONFLICT (key) DO UPDATE SET
    count = excluded.count + CASE WHEN {_OVER_NOW} THEN 0 ELSE ratecount.count END,
    expires_at =
        CASE WHEN {_OVER_NOW} THEN excluded.expires_at ELSE ratecount.expires_at END
    RETURNING count, expires_at"""  # noqa: S608  no value is in the text

# Two that clean up at once skip each other's rows.
_OVER = "SELECT key FROM ratecount WHERE expires_at <= %s FOR UPDATE SKIP LOCKED"


def tidying(*, sqlite: bool) -> pipeline.Step:
    """Return the statement that removes windows that are over; run with a window's first count."""
    over = _OVER.removesuffix(" FOR UPDATE SKIP LOCKED") if sqlite else _OVER
    return f"DELETE FROM ratecount WHERE key IN ({over})", (time.time(),)  # noqa: S608


Rule = tuple[RateLimitItem, tuple[str, ...]]


class Throttle:
    """Count attempts against rules of the form (limit, what it counts for)."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @cached_property
    def _storage(self) -> DatabaseStorage:
        return DatabaseStorage(self._db)

    @cached_property
    def _limiter(self) -> FixedWindowRateLimiter:
        return FixedWindowRateLimiter(self._storage)

    def hit(self, rules: Iterable[Rule], cost: int = 1) -> None:
        """Count attempts for each rule. Raises `TooManyAttempts` where those are too many."""
        self._refuse(
            [rule for rule in rules if not self._limiter.hit(rule[0], *rule[1], cost=cost)]
        )

    def _refuse(self, used_up: list[Rule]) -> None:
        if used_up:
            resets = (self._limiter.get_window_stats(item, *keys)[0] for item, keys in used_up)
            raise TooManyAttempts(max(1, ceil(max(resets) - time.time())))
