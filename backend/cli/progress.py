"""Show the progress of a long command on a terminal. Print nothing if the output is piped."""

import sys
import time
from types import TracebackType
from typing import Self

WIDTH = 30
# In seconds: faster commands show no progress, and the line is redrawn this often at most.
PATIENCE = 0.5
EVERY = 0.1


class Progress:
    """A line that is redrawn in place and removed at the end. Has a bar if the total is known."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._shown = False
        self._next = time.monotonic() + PATIENCE

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def __call__(self, done: int, total: int = 0) -> None:
        """Show how many items are done, out of a total if it is known."""
        now = time.monotonic()
        if now < self._next or not sys.stderr.isatty():
            return
        self._next, self._shown = now + EVERY, True
        sys.stderr.write(f"\r\x1b[K{self._bar(done, total)}{done:,} {self._what}")
        sys.stderr.flush()

    @staticmethod
    def _bar(done: int, total: int) -> str:
        if not total:
            return ""
        full = WIDTH * done // total
        return f"[{'#' * full}{'.' * (WIDTH - full)}] {100 * done // total:3} %  "
