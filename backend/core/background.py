"""Run the jobs of `backend.core.jobs` in the background.

A thread of the server and the command `work` run the same jobs. On a host without threads, so does
a request after its response. Any number of them can run at once.
"""

import logging
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from threading import Event, Lock, Thread

from backend.core.audit.openings import Openings
from backend.core.database.limits import long_work
from backend.core.db import Database
from backend.core.heartbeats import Kind, Pulse
from backend.core.intake import processing
from backend.core.intake.meta import graph_client
from backend.core.jobs import JOBS, Job, Work, can_read_meta, process_deliveries
from backend.core.settings import Settings

log = logging.getLogger("tofa.work")

# In seconds: how often the thread looks for work, and how long it waits after an error.
POLL = 1.0
AFTER_ERROR = 5.0
# In seconds: how long a server that stops waits for its thread. Another one does what is left.
PATIENCE = 5.0
# The most that is done after one request, in batches and in seconds. The last batch may take
# longer when the graph host is slow: then the next requests do no work for a while.
SLICE = 10
SLICE_SECONDS = 2.0
BACKFILL_SECONDS = 5.0
# In seconds: how often a request looks for work that is due by time alone. While the graph host
# hangs, the interval grows: a host with one thread can't answer meanwhile.
SLICE_EVERY = 30.0
LONGEST_SPARE = 300.0
# In seconds: how often requests that have only written look for work that nobody was woken for.
LOOK_EVERY = 1.0


class Schedule:
    """When each of some jobs is due, by the monotonic clock."""

    def __init__(self, jobs: Sequence[Job], *, rests: bool = True) -> None:
        self._jobs = jobs
        self._rests = rests
        self._due = dict.fromkeys((job.name for job in jobs), 0.0)
        # When the job that rests after its last batch goes on.
        self.resumes = math.inf

    def run_next(self, work: Work, *, only_timed: bool = False) -> int:
        """Run the first due job that finds something to do. Returns how much it did.

        With `only_timed`, those that are looked for all the time are left out.
        """
        for job in self._jobs:
            started = time.monotonic()
            if started < self._due[job.name] or (only_timed and not job.every):
                continue
            with long_work():
                done = job.run(work)
            self._plan(job, started, done)
            if done:
                return done
        return 0

    def _plan(self, job: Job, started: float, done: int) -> None:
        now = time.monotonic()
        rest = job.rest * (now - started) if self._rests else 0.0
        may_be_more = done >= job.full
        self._due[job.name] = now + (rest if may_be_more else job.every)
        if not self._rests and 0 < done < job.full:
            # What comes in meanwhile is for the next run: this one has to end.
            self._due[job.name] = math.inf
        if job.rest:
            self.resumes = self._due[job.name] if may_be_more else math.inf

    def next_due(self) -> float:
        """Return when the next job is due that isn't looked for all the time."""
        return min((self._due[job.name] for job in self._jobs if job.every), default=math.inf)


class Worker:
    """Runs the jobs. Opening it starts nothing."""

    def __init__(
        self,
        db: Database,
        settings: Settings,
        jobs: Sequence[Job] = JOBS,
        woken: Event | None = None,
        kind: Kind = Kind.SERVER,
    ) -> None:
        self._settings = settings
        self._work = Work(db, settings)
        own = [job for job in jobs if job.when(settings)]
        self._shared = [job for job in own if not job.alone]
        self._alone = [job for job in own if job.alone]
        self._schedule = Schedule(self._shared)
        self._alone_schedule = Schedule(self._alone)
        self._woken = woken or Event()
        self._stopping = Event()
        self._thread: Thread | None = None
        self._threads: list[Thread] = []
        self._client: graph_client.Client | None = None
        self.openings = Openings(db)
        self._pulse = Pulse(db, kind)
        self._pulse_of_requests = Pulse(db, Kind.REQUEST)
        self._slicing = Lock()
        self._asked = Event()
        # By the monotonic clock.
        self._full_at = self._looked_at = -math.inf
        self._spared_until = 0.0
        self._spare = SLICE_EVERY

    def wake(self) -> None:
        """Look for work at once: something has come in."""
        self._woken.set()

    def start(self) -> None:
        """Start a thread that works, unless the settings leave the work to other processes."""
        self._stopping.clear()
        self.openings.start()
        if self._settings.background_work:
            self._thread = Thread(target=self.run, name="tofa-work", daemon=True)
            self._thread.start()

    def end(self) -> None:
        """End the work after the current batch."""
        self._stopping.set()
        self._woken.set()

    def stop(self) -> None:
        """End the work after the current batch, and wait a little for that."""
        self.end()
        if self._thread is not None:
            self._thread.join(PATIENCE)
            until = time.monotonic() + PATIENCE
            for thread in self._threads:
                thread.join(max(until - time.monotonic(), 0.0))
        self.openings.stop(PATIENCE)

    def run(self) -> None:
        """Work in this thread until `end`. Errors are logged, and the job is tried again later."""
        if can_read_meta(self._settings):
            # Importing it stops all threads for a moment: better now than later.
            from backend.core.intake.meta import transport  # noqa: F401
        for job in self._alone:
            name = f"tofa-{job.name}"
            thread = Thread(target=self._repeat, args=(job,), name=name, daemon=True)
            self._threads.append(thread)
            thread.start()
        try:
            while not self._stopping.is_set():
                self._woken.clear()
                self._try(self._pulse.beat)
                if not self._try(self._run_next):
                    idle = self._schedule.next_due() - time.monotonic()
                    self._woken.wait(min(max(idle, 0.0), POLL))
        finally:
            self._close()

    def run_until_done(self) -> int:
        """Do all that is due now, or until `end`. Return the number of processed deliveries.

        It ends even if deliveries keep coming in.

        Raises the error of a job.
        """
        done = 0

        def count(work: Work) -> int:
            nonlocal done
            batch = process_deliveries(work)
            done += batch
            return batch

        shared = [
            replace(job, run=count) if job.run is process_deliveries else job
            for job in self._shared
        ]
        try:
            self._pulse.beat()
            for jobs in (self._alone, shared):
                schedule = Schedule(jobs, rests=False)
                # What comes in from now on is for the next run, or this one might never end.
                work = replace(self._work, last=processing.newest(self._work.db))
                while not self._stopping.is_set() and schedule.run_next(self._reading(work)):
                    pass
        finally:
            self._close()
        return done

    def after_response(self) -> None:
        """Do a little work, on a host without threads. Never raises.

        It does so where something has come in, and now and then for what is due by time. Of the
        threads of a process only one does, and the others go on.
        """
        self.openings.flush_if_due()
        if not self._settings.background_work:
            return
        # What has come in while another thread works is done by that one: no request may follow.
        self._asked.set()
        while self._asked.is_set() and self._slicing.acquire(blocking=False):
            self._asked.clear()
            try:
                now = time.monotonic()
                # What this process has written may be told of.
                has_written = self._work.db.written_at > self._looked_at
                next_look = min(self._full_at + SLICE_EVERY, self._schedule.resumes)
                is_asked = self._woken.is_set() or now >= next_look
                if now >= self._spared_until and (is_asked or has_written):
                    # The other jobs are woken by what is for them: a look at each lead that is
                    # complete already would take longer than the lead itself.
                    self._slice(now, only_timed=not is_asked and now < self._full_at + LOOK_EVERY)
            finally:
                self._slicing.release()

    def _slice(self, started: float, *, only_timed: bool) -> None:
        if not only_timed:
            self._woken.clear()
        try:
            self._pulse_of_requests.beat()
            if self._work_a_little(started, only_timed):
                self._woken.set()  # for the next request
        except Exception:
            log.exception("The background work failed; it will be retried later")
            self._spared_until = time.monotonic() + AFTER_ERROR
            self._woken.set()
        if not only_timed:
            self._full_at = started
        self._looked_at = time.monotonic()
        if time.monotonic() > started + 2 * SLICE_SECONDS:
            self._spared_until = time.monotonic() + self._spare
            self._spare = min(2 * self._spare, LONGEST_SPARE)
        else:
            self._spare = SLICE_EVERY

    def _work_a_little(self, started: float, only_timed: bool) -> bool:
        """Return whether there may be more."""
        little = replace(self._work, deliveries=1, at_once=1, longest=BACKFILL_SECONDS)
        for _ in range(SLICE):
            if not self._schedule.run_next(self._reading(little), only_timed=only_timed):
                return self._alone_schedule.run_next(little) > 0
            if time.monotonic() > started + SLICE_SECONDS:
                break
        return True

    def _run_next(self) -> int:
        return self._schedule.run_next(self._reading(self._work))

    def _repeat(self, job: Job) -> None:
        """Run a job in this thread until `end`."""
        while not self._stopping.is_set():
            with long_work():
                done = self._try(lambda: job.run(self._work))
            if not 1 < job.full <= done:
                self._stopping.wait(job.every)

    def _try(self, run: Callable[[], int | None]) -> int:
        """Return how much was done; 0 after an error and a pause."""
        try:
            return run() or 0
        except Exception:
            log.exception("The background work failed; it will be retried later")
            self._stopping.wait(AFTER_ERROR)
            return 0

    def _reading(self, work: Work) -> Work:
        """Return the work with a client of the graph host, where there is a token."""
        if self._client is None and can_read_meta(self._settings):
            self._client = graph_client.Client.of(self._settings)
        return replace(work, reader=self._client)

    def _close(self) -> None:
        if self._client is not None:
            self._client.close()
            self._client = None
