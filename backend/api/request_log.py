"""One line in the log for each request, the same on every server.

It has the route's template, never the path or the query: those have comments, names, phones and
searches in them. It is written at the level INFO to the logger `tofa.request`.
"""

import logging
import re
import secrets
import time
from dataclasses import dataclass, field

from backend.api import headers
from backend.api.messages import Head
from backend.api.operation import Operation

log = logging.getLogger("tofa.request")

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
# What OpenTelemetry calls all other methods: anyone can make one up.
OTHER = "_OTHER"

_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_ADDRESS = re.compile(r"[0-9A-Za-z.:%\[\]-]{1,64}")


@dataclass(slots=True)
class Served:
    """A request while it is served, and what is known of it by then.

    `started` is by the performance counter. `address` is the client's.
    """

    head: Head
    trusted_proxies: int
    started: float = field(default_factory=time.perf_counter)
    operation: Operation | None = None
    person_id: int | None = None
    _request_id: str | None = None

    @property
    def given_id(self) -> str | None:
        """The id that the client or a proxy has given the request, if it is a valid one."""
        given = self.head.headers.get("x-request-id", "")
        return given if _REQUEST_ID.fullmatch(given) else None

    @property
    def request_id(self) -> str:
        """The id of the request in the log: the given one, or one of its own."""
        if self._request_id is None:
            self._request_id = self.given_id or secrets.token_hex(8)
        return self._request_id

    @property
    def method(self) -> str:
        """The method, if it is one of HTTP's."""
        return self.head.method if self.head.method in METHODS else OTHER

    @property
    def route(self) -> str | None:
        """The template of the path, such as `/leads/{id}`; None for a path that doesn't exist."""
        return self.operation.path if self.operation is not None else None

    @property
    def address(self) -> str:
        """The client's address, behind trusted proxies too."""
        return headers.client_address(self.head.headers, self.head.peer, self.trusted_proxies)


def write(served: Served, status: int, seconds: float) -> None:
    """Write the line of a request, if anyone wants it."""
    if not log.isEnabledFor(logging.INFO):
        return
    level = logging.WARNING if status >= 500 else logging.INFO
    address = served.address
    # A client that isn't behind the proxy can send anything as its address.
    address = address if _ADDRESS.fullmatch(address) else "-"
    fields = {
        "request_id": served.request_id,
        "method": served.method,
        "route": served.route,
        "status": status,
        "ms": round(seconds * 1000, 1),
        "user_id": served.person_id,
        "address": address,
    }
    message = f"{served.method} {served.route or '-'} {status}"
    # By hand: looking for the caller's line, which is always this one, takes as long as all else.
    log.handle(log.makeRecord(log.name, level, "", 0, message, (), None, extra=fields))
