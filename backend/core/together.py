"""Many small writes in one transaction: each is on disk when its caller goes on, as if alone.

A commit waits for the disk, and a disk does a few hundred of those in a second. So whoever gets the
turn writes what all the others are waiting with, and they find it done. Nobody waits for company:
a writer that is alone is as fast as before.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from backend.core.errors import Busy

T = TypeVar("T")
Write = Callable[[], AbstractContextManager[Session]]
# Writes items, and answers what is to be told of each, or None where there is nothing to tell.
Put = Callable[[Session, Sequence[T]], Sequence[Any] | None]


@dataclass(slots=True, eq=False)
class _Waiting(Generic[T]):
    """Something to write, and what has become of it."""

    item: T
    done: bool = False
    result: Any = None
    error: Exception | None = None


class Together(Generic[T]):
    """Puts items into the transactions that `write` opens. Safe to use from many threads."""

    def __init__(self, write: Write, put: Put[T]) -> None:
        self._write = write
        self._put = put
        self._turn = Lock()
        self._waiting: deque[_Waiting[T]] = deque()

    def run(self, item: T) -> Any:
        """Answers what `put` does for it, once it is committed. Raises what either raises."""
        own = _Waiting(item)
        self._waiting.append(own)
        with self._turn:
            if not own.done:
                batch = [self._waiting.popleft() for _ in range(len(self._waiting))]
                # It is not there where the thread that had taken it was ended in the midst of it.
                self._write_all(batch if own in batch else [own, *batch])
        if own.error is not None:
            raise own.error
        return own.result

    def _write_all(self, batch: Sequence[_Waiting[T]]) -> None:
        error: Exception | None = None
        results: Sequence[Any] | None = None
        try:
            with self._write() as session:
                results = self._put(session, [one.item for one in batch])
        except (OperationalError, Busy) as failure:
            error = failure  # the database's, for all of them
        except Exception as failure:  # noqa: BLE001  it is raised where the item came from
            if len(batch) > 1:
                # One has spoilt it for all: each alone.
                for one in batch:
                    self._write_all([one])
                return
            error = failure
        for number, one in enumerate(batch):
            one.result = results[number] if results is not None else None
            one.error, one.done = error, True
