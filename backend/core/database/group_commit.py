"""Many small writes in one transaction: each is on disk when its caller goes on, as if alone.

A commit waits for the disk, which does a few hundred of those in a second. So the items that arrive
while one caller writes are written together by the next one. No caller waits for others to arrive:
a single write is as fast as before.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import OperationalError

from backend.core.errors import Busy

T = TypeVar("T")
# What writes the items: a session, or a function that sends statements.
By = TypeVar("By")
# Writes items, and returns a result for each, or None where there are none.
Put = Callable[[By, Sequence[T]], Sequence[Any] | None]


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    """An item to write, and its result.

    `called` is held until it is done, or until its caller is the one to write.
    """

    item: T
    called: Lock = field(default_factory=Lock)
    done: bool = False
    result: Any = None
    error: Exception | None = None


class Together(Generic[By, T]):
    """Write items in the transactions that `write` opens. Safe to use from many threads."""

    def __init__(self, write: Callable[[], AbstractContextManager[By]], put: Put[By, T]) -> None:
        self._write = write
        self._put = put
        self._lock = Lock()
        self._writing = False
        self._waiting: deque[_Waiting[T]] = deque()

    def run(self, item: T) -> Any:
        """Return what `put` returns for the item, once it is committed. Raises its errors."""
        own = _Waiting(item)
        own.called.acquire()
        with self._lock:
            self._waiting.append(own)
            waits, self._writing = self._writing, True
        if waits:
            own.called.acquire()
        if not own.done:
            self._write_waiting()
        if own.error is not None:
            raise own.error
        return own.result

    def _write_waiting(self) -> None:
        with self._lock:
            batch = list(self._waiting)
            self._waiting.clear()
        try:
            self._write_all(batch)
        finally:
            self._call(batch)

    def _call(self, batch: Sequence[_Waiting[T]]) -> None:
        """Let the callers go on whose items are done, and the first of the others write."""
        with self._lock:
            # The items of a thread that ended half-way are written by the next one.
            self._waiting.extendleft(one for one in reversed(batch[1:]) if not one.done)
            self._writing = bool(self._waiting)
            called = [one for one in batch[1:] if one.done]
            if self._waiting:
                called.append(self._waiting[0])
        for one in called:
            one.called.release()

    def _write_all(self, batch: Sequence[_Waiting[T]]) -> None:
        error: Exception | None = None
        results: Sequence[Any] | None = None
        try:
            with self._write() as by:
                results = self._put(by, [one.item for one in batch])
        except (OperationalError, Busy) as failure:
            error = failure  # the database's fault, for all of them
        except Exception as failure:  # noqa: BLE001  it is raised where the item came from
            if len(batch) > 1:
                # One of them makes all fail: write each alone.
                for one in batch:
                    self._write_all([one])
                return
            error = failure
        for number, one in enumerate(batch):
            one.result = results[number] if results is not None else None
            one.error, one.done = error, True
