"""How far a long command is, on a terminal; where the output is piped, nothing."""

import sys
import time
from types import TracebackType
from typing import Self

WIDTH = 30
# In seconds: a command that is done sooner shows nothing, and a line is not redrawn more often.
PATIENCE = 0.5
EVERY = 0.1


class Progress:
    """One line that is redrawn in place, and gone at the end: a bar where the total is known."""

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
