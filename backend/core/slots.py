"""Slots of a process. One person can't hold them all."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from threading import Condition

from backend.core.errors import Busy

# In seconds: how long a list waits for others of the same person.
WAIT = 5.0
# How many lists of a person can wait at once, since a server has a limited number of threads.
WAITING = 24


class Slots:
    """Slots, and who holds them: `in_all`, and `of_one` for each person."""

    def __init__(self, in_all: int | None = None, *, of_one: int) -> None:
        self._in_all, self._of_one = in_all, of_one
        self._held: Counter[Hashable] = Counter()
        self._released = Condition()

    def acquire(self, by: Hashable, timeout: float) -> bool:
        """Take a slot, waiting for up to `timeout` seconds. Returns whether it has one.

        `by` says whose it is; None is the system, which is limited only by all slots.
        """
        with self._released:
            if not self._released.wait_for(lambda: self._is_free_for(by), timeout):
                return False
            self._held[by] += 1
            return True

    def release(self, by: Hashable) -> None:
        """Give a slot back."""
        with self._released:
            self._held[by] -= 1
            if not self._held[by]:
                del self._held[by]
            self._released.notify_all()

    def _is_free_for(self, by: Hashable) -> bool:
        is_within = by is None or self._held[by] < self._of_one
        return is_within and (self._in_all is None or self._held.total() < self._in_all)


class Lists:
    """The lists that a process reads at one moment.

    One person's leave a connection of the database to others, however many they ask for.
    """

    def __init__(self, connections: int) -> None:
        self._slots = Slots(of_one=max(1, connections - 1))
        self._asked: Counter[str] = Counter()

    @contextmanager
    def turn(self, email: str) -> Iterator[None]:
        """Wait for a turn of a person, and hold it. Raises `Busy`."""
        # Not exact if two threads count at once, which a limit like this needn't be.
        if self._asked[email] >= WAITING:
            raise Busy
        self._asked[email] += 1
        try:
            is_free = self._slots.acquire(email, WAIT)
        finally:
            self._asked[email] -= 1
        if not is_free:
            raise Busy
        try:
            yield
        finally:
            self._slots.release(email)
