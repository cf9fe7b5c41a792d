"""Who does the work: a thread, a command of its own, or a request that has had its answer.

All three do the same, `work.run_once`, and any number of them may do it at once.
"""

import logging
import time
from collections.abc import Callable
from functools import partial
from threading import Event, Lock, Thread

from sqlmodel import Session

from backend.core.db import Database, low_priority
from backend.core.imports import recovery
from backend.core.intake import processing
from backend.core.intake.meta import backfill, graph_client
from backend.core.leads import search
from backend.core.reports import rollup
from backend.core.settings import Settings

log = logging.getLogger("tofa.work")

# In seconds: how often it is looked whether something is due, and how long to wait after an error.
POLL = 1.0
AFTER_ERROR = 5.0
# In seconds: how long the end of a server waits for its thread. What that leaves, another one does.
PATIENCE = 5.0
# What one answered request works off at the most, in deliveries and in seconds. The last delivery
# may take longer, when the graph host does: then the next requests are spared for a while.
SLICE = 10
SLICE_SECONDS = 2.0
# In seconds: what a backfill may take there, once in a quarter of an hour.
BACKFILL_SECONDS = 5.0
# In seconds: how often a request looks for what is due by time alone. While the graph host hangs,
# that becomes longer and longer: a host with one thread stands still for as long as it is asked.
SLICE_EVERY = 30.0
LONGEST_SPARE = 300.0
# In seconds: how often it is looked whether a backfill is due.
BACKFILL_POLL = 30.0
# In seconds: how often days that have changed are added up anew. Until then their leads are read.
SUMS_EVERY = 20.0
# In seconds: how often it is looked whether a process has died while it wrote an import.
RECOVER_EVERY = 10.0
# After some of them are added up, so many times as long as that took is left to those who ask.
REST = 9.0


class Worker:
    """Works off what is due. Opening it starts nothing."""

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self._settings = settings
        self._woken = Event()
        self._stopping = Event()
        self._thread: Thread | None = None
        self._client: graph_client.Client | None = None
        self._slicing = Lock()
        # By the monotonic clock.
        self._next_look = 0.0
        self._spared_until = 0.0
        self._spare = SLICE_EVERY
        self._next_sums = 0.0
        self._next_recovery = 0.0
        self._rechecked = False

    def wake(self) -> None:
        """Something has come in: there is no need to wait for the next look."""
        self._woken.set()

    def start(self) -> None:
        """Works in a thread of its own from now on, unless the settings leave it to others."""
        if self._settings.background_work:
            self._stopping.clear()
            self._thread = Thread(target=self.run, name="tofa-work", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Ends the work between two batches."""
        self._stopping.set()
        self._woken.set()

    def stop(self) -> None:
        """Ends the work between two batches, and waits a little for that."""
        self.end()
        if self._thread is not None:
            self._thread.join(PATIENCE)

    def run(self) -> None:
        """Works in this thread until `end`. What goes wrong is logged, and tried again later."""
        if self._settings.meta_access_token.get_secret_value():
            # What is imported for it keeps all threads waiting: better now than under way.
            from backend.core.intake.meta import deadline  # noqa: F401

            # A thread of its own: it may take minutes, and what comes in must not wait for it.
            Thread(target=self._backfill, name="tofa-backfill", daemon=True).start()
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                if not self._tick():
                    rest = max(0.0, self._next_sums - time.monotonic())
                    self._woken.wait(min(rest, POLL))
        finally:
            self._close()

    def run_until_done(self) -> int:
        """Works off what is due now, or until `end`, after a backfill where that is due.

        Answers how many deliveries. Raises what goes wrong.
        """
        done = 0
        backfill.run_if_due(self._db, self._settings)
        try:
            while not self._stopping.is_set() and (batch := self._deliveries()):
                done += batch
            recovery.run(self._db)
            while not self._stopping.is_set() and (self._index() or self._add_up()):
                pass
        finally:
            self._close()
        return done

    def after_response(self) -> None:
        """Works off a little, on a host without threads. Never raises.

        It does so where something has come in, and now and then for what is due by time. Of the
        threads of a process one does, and the others go on.
        """
        if not self._settings.background_work or not self._slicing.acquire(blocking=False):
            return
        try:
            now = time.monotonic()
            if now >= self._spared_until and (self._woken.is_set() or now >= self._next_look):
                self._slice(now)
        finally:
            self._slicing.release()

    def _slice(self, started: float) -> None:
        self._woken.clear()
        self._next_look = started + SLICE_EVERY
        try:
            if self._work_a_little(started):
                self._woken.set()  # for the next request
        except Exception:
            log.exception("The work of the background failed; it is tried again later")
            self._spared_until = time.monotonic() + AFTER_ERROR
        if time.monotonic() > started + 2 * SLICE_SECONDS:
            self._spared_until = time.monotonic() + self._spare
            self._spare = min(2 * self._spare, LONGEST_SPARE)
        else:
            self._spare = SLICE_EVERY

    def _work_a_little(self, started: float) -> bool:
        """Whether there may be more."""
        for _ in range(SLICE):
            if not self._batch(limit=1, at_once=1):
                done = backfill.run_if_due(self._db, self._settings, BACKFILL_SECONDS)
                return done is not None
            if time.monotonic() > started + SLICE_SECONDS:
                break
        return True

    def _tick(self) -> bool:
        """Whether there was something to do."""
        try:
            return self._batch() > 0
        except Exception:
            log.exception("The work of the background failed; it is tried again later")
            self._stopping.wait(AFTER_ERROR)
            return False

    def _backfill(self) -> None:
        while not self._stopping.is_set():
            try:
                backfill.run_if_due(self._db, self._settings)
            except Exception:
                log.exception("The backfill failed; it is tried again later")
            self._stopping.wait(BACKFILL_POLL)

    def _batch(self, limit: int = processing.BATCH, at_once: int = processing.AT_ONCE) -> int:
        """What comes in first, and where there is nothing, what makes search and figures fast."""
        return (
            self._deliveries(limit, at_once)
            or self._recover_if_due()
            or self._index()
            or self._add_up_if_due()
        )

    def _recover_if_due(self) -> int:
        """Takes back imports whose process has died."""
        if time.monotonic() < self._next_recovery:
            return 0
        self._next_recovery = time.monotonic() + RECOVER_EVERY
        return recovery.run(self._db)

    def _index(self) -> int:
        return self._catch_up(search.is_behind, search.fill)

    def _catch_up(
        self, is_behind: Callable[[Session], bool], catch_up: Callable[[Session], int]
    ) -> int:
        """How much was done; nobody who writes is made to wait for a look."""
        with self._db.read() as session:
            if not is_behind(session):
                return 0
        with low_priority(), self._db.write() as session:
            return catch_up(session)

    def _add_up_if_due(self) -> int:
        # Not at every change: a day on which many leads come in would be added up all the time.
        if time.monotonic() < self._next_sums:
            return 0
        started = time.monotonic()
        done = self._add_up()
        now = time.monotonic()
        if done < rollup.BATCH:
            self._next_sums = now + SUMS_EVERY
        else:
            self._next_sums = now + REST * (now - started)
            self._next_look = min(self._next_look, self._next_sums)
        return done

    def _add_up(self) -> int:
        zone = self._settings.zone
        if not self._rechecked:
            with low_priority(), self._db.write() as session:
                rollup.recheck(session, zone)
            self._rechecked = True
        return self._catch_up(rollup.is_behind, partial(rollup.refresh, zone=zone))

    def _deliveries(self, limit: int = processing.BATCH, at_once: int = processing.AT_ONCE) -> int:
        if self._client is None and self._settings.meta_access_token.get_secret_value():
            self._client = graph_client.Client.of(self._settings)
        with low_priority():  # who brings something in waits for an answer
            return processing.run_once(self._db, self._settings, self._client, limit, at_once)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
