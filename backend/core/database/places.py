"""One connection of a process is kept for what comes in, however many readers are stuck."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from threading import BoundedSemaphore

from backend.core.database.switches import switched_on
from backend.core.errors import Busy

_is_delivery: ContextVar[bool] = ContextVar("is_delivery", default=False)


def delivering() -> AbstractContextManager[None]:
    """Let what this thread does in here have the connection that is kept."""
    return switched_on(_is_delivery)


class Places:
    """The connections of a pool, but for the last one."""

    def __init__(self, pool_size: int) -> None:
        self._free = BoundedSemaphore(pool_size - 1) if pool_size > 1 else None

    @contextmanager
    def place(self, timeout: float) -> Iterator[None]:
        """Hold a connection's place, unless this thread delivers. Raises `Busy` after `timeout`."""
        if self._free is None or _is_delivery.get():
            yield
            return
        if not self._free.acquire(timeout=timeout):
            raise Busy
        try:
            yield
        finally:
            self._free.release()
