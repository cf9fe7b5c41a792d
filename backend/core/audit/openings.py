"""Who has opened which lead: noted in memory, and appended a moment later, with low priority.

Opening a lead is a read, which must not wait for a write. A person who opens a lead again and again
is noted once in a quarter of an hour. A process that is killed loses what it has noted in the last
few seconds.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from threading import Event as Flag
from threading import Lock, Thread

from sqlalchemy import select
from sqlmodel import col

from backend.core import times
from backend.core.audit.events import Event, Subject
from backend.core.audit.trail import record
from backend.core.db import Database, low_priority
from backend.models import AuditEvent

log = logging.getLogger("tofa.work")

# In seconds: for how long an opening stands for all of the same person and lead.
WINDOW = 15 * 60.0
# In seconds: how often they are appended.
EVERY = 5.0
# The most that one process remembers.
MOST = 10_000

# A person and a lead.
Opening = tuple[int, int]


class Openings:
    """The openings that one process has seen."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._lock = Lock()
        # By the monotonic clock: when each was last noted.
        self._seen: dict[Opening, float] = {}
        self._waiting: dict[Opening, None] = {}
        self._due = 0.0
        self._stopping = Flag()

    def start(self) -> None:
        """Append what is noted in a thread of its own from now on: no other process can."""
        self._stopping.clear()
        Thread(target=self._repeat, name="tofa-audit", daemon=True).start()

    def stop(self, patience: float) -> None:
        """Append what is left, and wait for that: not for long, or a server couldn't stop."""
        self._stopping.set()
        last = Thread(target=self._try, args=(self.flush,), daemon=True)
        last.start()
        last.join(patience)

    def note(self, person_id: int, lead_id: int) -> None:
        """Note that a person has opened a lead. Never waits for the database."""
        opening, now = (person_id, lead_id), time.monotonic()
        with self._lock:
            at = self._seen.get(opening)
            if at is not None and now - at < WINDOW:
                return
            if len(self._seen) >= MOST:
                self._seen = {one: at for one, at in self._seen.items() if now - at < WINDOW / 2}
            self._seen[opening] = now
            if not self._waiting:
                self._due = now + EVERY
            if len(self._waiting) < MOST:
                self._waiting[opening] = None

    def flush_if_due(self) -> None:
        """Append what was noted, if that was a moment ago. Never raises: it is tried again."""
        if self._waiting and time.monotonic() >= self._due:
            self._try(self.flush)

    def _repeat(self) -> None:
        while not self._stopping.wait(EVERY):
            self.flush_if_due()

    def _try(self, append: Callable[[], None]) -> None:
        try:
            append()
        except Exception:
            log.exception("The audit trail can't be written; this will be retried later")

    def flush(self) -> None:
        """Append what was noted, unless another process has the same. It is kept on an error."""
        with self._lock:
            waiting, self._waiting = list(self._waiting), {}
        if not waiting:
            return
        try:
            self._append(waiting)
        except BaseException:
            with self._lock:
                self._waiting = dict.fromkeys([*waiting, *self._waiting][:MOST])
                self._due = time.monotonic() + EVERY
            raise

    def _append(self, waiting: Sequence[Opening]) -> None:
        since = times.now() - timedelta(seconds=WINDOW)
        known = select(col(AuditEvent.user_id), col(AuditEvent.subject_id)).where(
            col(AuditEvent.event) == Event.LEAD_OPENED, col(AuditEvent.at) > since
        )
        with low_priority(), self._db.write() as session:
            there = {(row[0], row[1]) for row in session.connection().execute(known)}
            for person_id, lead_id in waiting:
                if (person_id, lead_id) not in there:
                    record(
                        session,
                        Event.LEAD_OPENED,
                        by=person_id,
                        subject=Subject.LEAD,
                        subject_id=lead_id,
                    )
