"""Set up the logs of a process as the settings say."""

import logging
import sys
import threading
from typing import TextIO
from weakref import WeakKeyDictionary

from backend.core.logs import error_reports, formats
from backend.core.logs.repeats import repeats
from backend.core.settings import Settings

# All of ours: the one of the servers, of the background work, and of requests.
LOGGERS = ("tofa", "tofa.work", "tofa.request")
# Those of servers: what a stranger sends can raise an error in their code, again and again.
OF_SERVERS = ("uvicorn.error", "hypercorn.error", "gunicorn.error", "waitress", "asyncio")
# Those that have handlers, whose lines are in our format too.
_WITH_HANDLERS = ("uvicorn", "uvicorn.access", "gunicorn.access", "hypercorn.access", *OF_SERVERS)
FORMATS = {"text": formats.Text, "json": formats.Json}


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the time: hosts replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


_handler = _Stderr()
# The formatters that handlers of servers had before.
_before: WeakKeyDictionary[logging.Handler, logging.Formatter | None] = WeakKeyDictionary()


def set_up(settings: Settings) -> None:
    """Set up the logs; again is fine. Raises `ConfigurationError` where a package is missing.

    Without LOG_FORMAT, what others have set up for Python's logging stays in charge.
    """
    for name in (*LOGGERS, *OF_SERVERS):
        logging.getLogger(name).addFilter(repeats)  # adding it twice does nothing
    error_reports.set_up(settings)
    if settings.log_format:
        write(settings.log_format)


def write(log_format: str) -> None:
    """Write the log in one of the `FORMATS`, and what the server itself writes."""
    _handler.setFormatter(FORMATS[log_format]())
    ours = logging.getLogger("tofa")
    ours.addHandler(_handler)
    ours.setLevel(logging.INFO)
    ours.propagate = False
    for name in _WITH_HANDLERS:
        for handler in logging.getLogger(name).handlers:
            _before.setdefault(handler, handler.formatter)
            handler.setFormatter(_handler.formatter)


def write_all() -> None:
    """Write in our format also what libraries say, and Python: for a process that is ours alone."""
    root = logging.getLogger()
    if not root.handlers:
        root.addHandler(_handler)
    logging.captureWarnings(True)
    threading.excepthook = _log_thread


def _log_thread(ended: threading.ExceptHookArgs) -> None:
    """Log what ended a thread."""
    if ended.exc_value is not None:
        logging.getLogger("tofa").error("A thread has ended", exc_info=ended.exc_value)


def is_json() -> bool:
    """Return whether each line of the log is a JSON object."""
    is_written = _handler in logging.getLogger("tofa").handlers
    return is_written and isinstance(_handler.formatter, formats.Json)


def tear_down() -> None:
    """Undo what `set_up` did, for tests."""
    for name in LOGGERS:
        # Another program's set-up may have switched it off.
        logging.getLogger(name).disabled = False
    ours = logging.getLogger("tofa")
    ours.removeHandler(_handler)
    ours.setLevel(logging.NOTSET)
    ours.propagate = True
    logging.getLogger().removeHandler(_handler)
    logging.captureWarnings(False)
    threading.excepthook = threading.__excepthook__
    for handler, formatter in _before.items():
        handler.setFormatter(formatter)
    _before.clear()
    repeats.forget()
    error_reports.tear_down()
