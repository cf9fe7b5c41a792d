"""Turns at a database that has one writer: in the order of arrival, small writes before large ones.

A thread waits here before it takes a connection, so that a crowd of writers leaves the connections
to those who read. Turns are per process; between processes the database's own lock decides.
"""

import time
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from threading import Lock

from backend.core.database.switches import switched_on
from backend.core.errors import Busy

# In seconds: once in this time, a low-priority write goes first, so that it is never starved.
PATIENCE = 0.25
# In seconds: after this time without a small write, none is expected at any moment.
QUIET = 1.0

_low_priority: ContextVar[bool] = ContextVar("low_priority", default=False)


def low_priority() -> AbstractContextManager[None]:
    """Let others go first with what this thread writes in here, where there is one writer."""
    return switched_on(_low_priority)


def is_low_priority() -> bool:
    """Return whether this thread is in `low_priority`."""
    return _low_priority.get()


class WriteQueue:
    """Give one thread at a time the turn to write."""

    def __init__(self) -> None:
        self._mutex = Lock()
        self._taken = False
        self._waiting: deque[Lock] = deque()
        # With the time since which each waits.
        self._low: deque[tuple[float, Lock]] = deque()
        self._last_low = 0.0
        self._last_small = 0.0

    def is_quiet(self) -> bool:
        """Return whether no small write has come for a while: a large one then delays nobody."""
        return not self._waiting and time.monotonic() - self._last_small > QUIET

    @property
    def waiting(self) -> int:
        """The number of threads that wait for their turn."""
        return len(self._waiting) + len(self._low)

    @contextmanager
    def turn(self, timeout: float, *, low_priority: bool = False) -> Iterator[None]:
        """Hold the turn; with `low_priority`, those who don't have it go first.

        Raises `Busy` after `timeout` seconds.
        """
        self._acquire(timeout, low_priority)
        try:
            yield
        finally:
            self._release()

    def _acquire(self, timeout: float, low_priority: bool) -> None:
        with self._mutex:
            if not low_priority:
                self._last_small = time.monotonic()
            if not self._taken:
                self._taken = True
                return
            woken = Lock()
            woken.acquire()
            if low_priority:
                self._low.append((time.monotonic(), woken))
            else:
                self._waiting.append(woken)
        if woken.acquire(timeout=timeout):
            return
        with self._mutex:
            if woken.acquire(blocking=False):
                # The turn came just as the time ran out.
                return
            self._waiting = deque(one for one in self._waiting if one is not woken)
            self._low = deque(one for one in self._low if one[1] is not woken)
        raise Busy

    def _release(self) -> None:
        with self._mutex:
            now = time.monotonic()
            if self._low and (
                not self._waiting or now - max(self._low[0][0], self._last_low) > PATIENCE
            ):
                self._last_low = now
                self._low.popleft()[1].release()
            elif self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False
