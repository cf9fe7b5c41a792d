"""Set up the logs of a process as the settings say."""

import logging
import sys
from typing import TextIO

from backend.core.logs import error_reports, formats
from backend.core.logs.repeats import repeats
from backend.core.settings import Settings

# All of ours: the one of the servers, of the background work, and of requests.
LOGGERS = ("tofa", "tofa.work", "tofa.request")
# Those of servers: what a stranger sends can raise an error in their code, again and again.
OF_SERVERS = ("uvicorn.error", "hypercorn.error", "gunicorn.error", "waitress", "asyncio")
FORMATS = {"text": formats.Text, "json": formats.Json}


class _Stderr(logging.StreamHandler[TextIO]):
    """Writes to what `sys.stderr` is at the time: hosts replace it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:  # type: ignore[override]
        return sys.stderr


_handler = _Stderr()


def set_up(settings: Settings) -> None:
    """Set up the logs; again is fine. Raises `ConfigurationError` where a package is missing.

    Without LOG_FORMAT, what others have set up for Python's logging stays in charge.
    """
    for name in (*LOGGERS, *OF_SERVERS):
        logging.getLogger(name).addFilter(repeats)  # adding it twice does nothing
    error_reports.set_up(settings)
    if settings.log_format:
        _handler.setFormatter(FORMATS[settings.log_format]())
        ours = logging.getLogger("tofa")
        ours.addHandler(_handler)
        ours.setLevel(logging.INFO)
        ours.propagate = False


def tear_down() -> None:
    """Undo what `set_up` did, for tests."""
    for name in LOGGERS:
        # Another program's set-up may have switched it off.
        logging.getLogger(name).disabled = False
    ours = logging.getLogger("tofa")
    ours.removeHandler(_handler)
    ours.setLevel(logging.NOTSET)
    ours.propagate = True
    repeats.forget()
    error_reports.tear_down()
