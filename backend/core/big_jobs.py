"""Places for large jobs, so that a few of them leave room for everyone else.

An import or an export keeps a processor busy for seconds. Each process works on a few at a time,
and all processes of an installation together on a few more: those places are rows of a table, each
with a time until which it counts, so that one whose process has died is free again. A request that
finds no place waits a little, holding nothing, and is then told when to come back.
"""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import BoundedSemaphore

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks
from backend.core.db import Database
from backend.core.errors import TooManyJobs
from backend.models import BigJob

# Up to these, a job is small and needs no place: rows or leads, and bytes of a file.
SMALL_ROWS = 1000
SMALL_FILE = 100 << 10
# In seconds: how long one waits for a place, and how often one looks for it in the database.
WAIT = 5.0
LOOK = 0.25
# How many threads of a process may wait at a time: a server has only so many.
WAITING = 4
# How long a place is held at the most. A job that takes longer goes on without one.
LEASE = timedelta(minutes=2)
_LOCK = "big jobs"


class BigJobs:
    """The places of one process, `own`, among those of all, `in_all`."""

    def __init__(self, db: Database, own: int, in_all: int) -> None:
        self._db, self._in_all = db, in_all
        self._own = BoundedSemaphore(own)
        self._waiting = BoundedSemaphore(WAITING)

    @contextmanager
    def place(self, *, needed: bool = True) -> Iterator[None]:
        """Holds a place where one is needed. Raises `TooManyJobs` where none comes free."""
        if not needed:
            yield
            return
        ends = time.monotonic() + WAIT
        self._take_own(ends)
        try:
            taken = self._take(ends)
            try:
                yield
            finally:
                self._give_back(taken)
        finally:
            self._own.release()

    def _take_own(self, ends: float) -> None:
        if self._own.acquire(blocking=False):
            return
        if not self._waiting.acquire(blocking=False):
            raise TooManyJobs
        try:
            if not self._own.acquire(timeout=max(0.0, ends - time.monotonic())):
                raise TooManyJobs
        finally:
            self._waiting.release()

    def _take(self, ends: float) -> str:
        own = secrets.token_hex(8)
        while True:
            with self._db.write() as session:
                if _is_room(session, self._in_all):
                    session.add(BigJob(id=own, until=times.now() + LEASE))
                    return own
            if time.monotonic() + LOOK > ends:
                raise TooManyJobs
            time.sleep(LOOK)

    def _give_back(self, taken: str) -> None:
        with self._db.write() as session:
            session.connection().execute(delete(BigJob).where(col(BigJob.id) == taken))


def _is_room(session: Session, places: int) -> bool:
    locks.hold(session, _LOCK)
    connection = session.connection()
    now = times.now()
    # One that is further ahead was made by a clock that ran ahead.
    over = (col(BigJob.until) <= now) | (col(BigJob.until) > now + 2 * LEASE)
    connection.execute(delete(BigJob).where(over))
    return (connection.scalar(select(func.count(col(BigJob.id)))) or 0) < places
