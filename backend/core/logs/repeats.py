"""A traceback that repeats is logged once a minute; between, a line says that it came again.

While a database is down, each request fails at the same place: the log must not fill the disk.
"""

import logging
import time
from threading import Lock

from backend.core.logs import tracebacks

# In seconds: how long a traceback isn't repeated.
WINDOW = 60.0
# The most kinds of errors that are remembered.
MOST = 200

# The class of an error and where it was raised, and where it was logged.
_Kind = tuple[type[BaseException], str, int, str, int]


class Repeats(logging.Filter):
    """Takes the traceback from the records of an error that was logged a moment ago."""

    def __init__(self) -> None:
        super().__init__()
        self._lock = Lock()
        # By the monotonic clock: when a traceback was logged, and how often it came since.
        self._seen: dict[_Kind, tuple[float, int]] = {}

    def forget(self) -> None:
        """Forget which tracebacks were logged."""
        with self._lock:
            self._seen.clear()

    def filter(self, record: logging.LogRecord) -> bool:
        """Shorten the record if it repeats another. It is always logged."""
        error = record.exc_info[1] if record.exc_info else None
        if error is None or hasattr(record, "repeated"):
            return True
        since, count = self._count(_kind(record, error), time.monotonic())
        if since is None:
            record.repeated = 0
            # Python's own formatters write this, and not the texts of the errors.
            record.exc_text = tracebacks.text(error)
            if count:
                _say(record, f"(and {count:,} times since its last traceback)")
        else:
            record.repeated = count
            record.exc_info = None
            _say(record, f"({tracebacks.name(error)}, as {since:.0f} seconds ago)")
        return True

    def _count(self, kind: _Kind, now: float) -> tuple[float | None, int]:
        """Return how long ago the traceback was logged, if lately, and how often it came since."""
        with self._lock:
            at, count = self._seen.get(kind, (None, 0))
            if at is not None and now - at < WINDOW:
                self._seen[kind] = at, count + 1
                return now - at, count + 1
            if len(self._seen) >= MOST:
                self._seen.clear()
            self._seen[kind] = now, 0
            return None, count


def _kind(record: logging.LogRecord, error: BaseException) -> _Kind:
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    file = frame.tb_frame.f_code.co_filename if frame else ""
    return type(error), file, frame.tb_lineno if frame else 0, record.pathname, record.lineno


def _say(record: logging.LogRecord, text: str) -> None:
    record.template = str(record.msg)  # for reports, which have no parameters
    record.msg, record.args = f"{record.getMessage()} {text}", ()


repeats = Repeats()
