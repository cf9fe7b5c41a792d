"""Limit how many large jobs run at once, so that small requests stay fast.

A large import or export keeps a CPU busy for seconds. Each process runs a few at a time, and all
processes of an installation together run a few more. The shared slots are rows of a table, each
with an expiry time, so that the slot of a process that died becomes free again. A request that
finds no free slot waits a few seconds without holding anything, and is then told to try later.
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
from backend.core.slots import Slots
from backend.models import BigJob

# Jobs up to this size are small and need no slot: rows or leads, and bytes of a file.
SMALL_ROWS = 1000
SMALL_FILE = 100 << 10
# In seconds: how long to wait for a slot, and how often to check the database for one.
WAIT = 5.0
LOOK = 0.25
# How many threads of a process can wait at once, since a server has a limited number.
WAITING = 4
# The longest a slot is held. A job that takes longer continues without one.
LEASE = timedelta(minutes=2)
_LOCK = "big jobs"


class BigJobs:
    """The slots for large jobs: `own` in this process, out of `in_all` in the installation.

    One person's jobs leave a slot of the process to others, if there are several.
    """

    def __init__(self, db: Database, own: int, in_all: int) -> None:
        self._db, self._in_all = db, in_all
        self._own = Slots(own, of_one=max(1, own - 1))
        self._waiting = BoundedSemaphore(WAITING)

    @contextmanager
    def place(self, *, needed: bool = True, by: int | None = None) -> Iterator[None]:
        """Hold a slot for a block of code, if one is needed. Raises `TooManyJobs`.

        `by` is the id of the person whose job it is.
        """
        if not needed:
            yield
            return
        ends = time.monotonic() + WAIT
        self._take_own(by, ends)
        try:
            taken = self._take(ends)
            try:
                yield
            finally:
                self._give_back(taken)
        finally:
            self._own.release(by)

    def _take_own(self, by: int | None, ends: float) -> None:
        if self._own.acquire(by, 0.0):
            return
        if not self._waiting.acquire(blocking=False):
            raise TooManyJobs
        try:
            if not self._own.acquire(by, max(0.0, ends - time.monotonic())):
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
    # A slot that expires later than possible was taken by a server whose clock was ahead.
    expired = (col(BigJob.until) <= now) | (col(BigJob.until) > now + 2 * LEASE)
    connection.execute(delete(BigJob).where(expired))
    return (connection.scalar(select(func.count(col(BigJob.id)))) or 0) < places
