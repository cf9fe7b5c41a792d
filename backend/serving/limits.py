"""What a client may hold of a server: how large a head may be, and how long to wait for it.

The time that a client has grows with what it sends, as in Apache's mod_reqtimeout: so a phone on a
slow network can upload a spreadsheet, and one that sends a byte a minute is soon gone.
"""

import re
from dataclasses import dataclass
from http import HTTPStatus

from backend.core.errors import BadRequest, Problem
from backend.core.settings import Settings

# As many as Apache, gunicorn and Python's own HTTP server take.
HEADER_LINES = 100
# How many files a process should be able to open: twice as many as connections can wait.
OPEN_FILES = 8192

_END_OF_HEAD = re.compile(rb"\n\r?\n")


class HeadTooLarge(Problem):
    """The request line and headers are longer than the settings allow, or too many."""

    status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    detail = "The address or the headers of the request are too long. Send less in them"


class NotHTTP(BadRequest):
    """The bytes aren't a request of HTTP/1.1."""

    detail = "This is not a valid HTTP request"


class TooSlow(Problem):
    """The request didn't arrive in time."""

    status = HTTPStatus.REQUEST_TIMEOUT
    detail = "The request took too long to arrive. Try again on a faster connection"


class TooManyConnections(Problem):
    """All connections are busy with requests that are being answered."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    detail = "Too many people are connected. Try again in a moment"


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of one process."""

    head_bytes: int
    connections: int
    # How long to wait for a head, or for the first bytes of a body.
    seconds: float
    # From then on, the rate at which a body must come and a response must be read.
    bytes_per_second: int

    @classmethod
    def of(cls, settings: Settings) -> "Limits":
        """Return the limits that the settings ask for, and that this process can keep."""
        return cls(
            settings.max_head_kb << 10,
            min(settings.max_connections, _most_connections()),
            settings.request_seconds,
            settings.request_bytes_per_second,
        )

    def refuse(self, start: bytes) -> bool:
        """Return whether a request that starts with these bytes has too large a head."""
        if end := _END_OF_HEAD.search(start):
            start = start[: end.start()]
        # The request line isn't a header.
        return len(start) > self.head_bytes or start.count(b"\n") > HEADER_LINES

    def ends(self, began: float, sent: int) -> float:
        """Return when the time of a client is over that has sent so many bytes since it began."""
        return began + self.seconds + sent / self.bytes_per_second


def _most_connections() -> int:
    """Return how many connections leave the process enough open files for everything else."""
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return 1_000_000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft not in (resource.RLIM_INFINITY, most) and soft < most:
        # The low limit is for programs that use `select`. Each may raise it.
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        soft = most
    return 1_000_000 if soft == resource.RLIM_INFINITY else soft // 2
