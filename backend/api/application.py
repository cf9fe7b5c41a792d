"""The API over one database: what an adapter opens, and gives the head of each request.

`Application.receive` decides what can be decided without the body and without waiting: no such
path, no token, too large. It returns an exchange. The adapter reads the body, up to the exchange's
`limit`, and calls `answer`, in a thread if the exchange `waits` and the server is asynchronous.
"""

import re
import sys
import time
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from backend.api import access_log, encode, headers, request_log, tracing
from backend.api.exchange import Exchange, Settled
from backend.api.messages import Head, Response
from backend.api.operation import Body
from backend.api.request_log import Served
from backend.api.routes import OPERATIONS
from backend.api.routing import Match, Options, Redirect, Router
from backend.core import auth, rotation
from backend.core.access import Person
from backend.core.accounts.sessions import LastUses
from backend.core.background import Worker
from backend.core.big_jobs import BigJobs
from backend.core.database import limits
from backend.core.db import Database
from backend.core.errors import BadRequest, Problem, SecondFactorMissing, TooLarge
from backend.core.intake import webhook_access
from backend.core.leads import export_access
from backend.core.lifecycle import startup
from backend.core.logs import setting_up
from backend.core.settings import Settings
from backend.core.slots import Lists

if TYPE_CHECKING:
    from backend.api.metrics import Metrics

# In seconds: how long a thread may compute while others wait for Python's lock. A small request
# asks for it dozens of times, and beside an export it waits so long each time.
SWITCH_INTERVAL = 0.0005

_LENGTH = re.compile(r"[0-9]{1,18}")


class Application:
    """The API over one database. Creating it doesn't connect; `start` does."""

    def __init__(self, settings: Settings) -> None:
        access_log.hide_queries()
        setting_up.set_up(settings)
        self.settings = settings
        self.db = Database(settings.url, settings.db_pool_size, limits.Kinds.of(settings))
        self.worker = Worker(self.db, settings)
        self.last_uses = LastUses(self.db, settings)
        self.big_jobs = BigJobs(self.db, settings.big_jobs, settings.big_jobs_in_all)
        self.lists = Lists(settings.db_pool_size)
        self.metrics = _metrics(self.db, settings)
        self._router = Router(OPERATIONS)
        self._starting = Lock()
        self._started = False

    def start(self) -> None:
        """Prepare the database, once. Raises `ConfigurationError` if that fails."""
        if self._started:
            return
        with self._starting:
            if not self._started:
                sys.setswitchinterval(SWITCH_INTERVAL)
                with limits.unlimited():
                    startup.prepare(self.db, self.settings)
                    self.settings = webhook_access.decided(self.db, self.settings)
                    self.settings = export_access.decided(self.db, self.settings)
                webhook_access.warn(self.settings)
                rotation.warn(self.settings)
                startup.warn_if_others_can_read(self.db)
                # A server may fork after this, and processes must not share connections.
                self.db.close()
                self._started = True

    def close(self) -> None:
        """Stop the background work and close the connections."""
        self.worker.stop()
        self.db.close()

    def receive(self, head: Head) -> Exchange | Settled:
        """Return the exchange of a request, settled if the body doesn't matter. Never waits."""
        served = Served(head, self.settings.trusted_proxies)
        tracing.hide_query()
        try:
            found = self._receive(served)
        except Problem as problem:
            found = encode.problem(problem)
        return Settled(self, served, found) if isinstance(found, Response) else found

    def _receive(self, served: Served) -> Exchange | Response:
        head = served.head
        if headers.is_preflight(head.method, head.headers):
            return Response(204, b"", headers.preflight(self.settings, head.headers))
        if not head.path and head.root:
            # The web app's addresses are relative to its own, which ends with a slash.
            return Response(307, b"", {"location": quote(f"{head.root}/")})
        # Python's own HTTP server merges the slashes at the start, whatever its app expects.
        path = f"/{head.path.decode(errors='replace').lstrip('/')}"
        match self._router.route(head.method, path):
            case Redirect(location):
                query = f"?{head.query.decode('latin-1')}" if head.query else ""
                target = f"{quote(head.root)}{location}{query}"
                return Response(307, b"", {"location": target})
            case Options(allow):
                return Response(204, b"", {"allow": ", ".join(allow)})
            case matched:
                served.operation = matched.operation
                return self._open(served, matched)

    def _open(self, served: Served, matched: Match) -> Exchange:
        """Return the exchange with an operation.

        Raises `Unauthenticated`, `TooLarge`, and what the operation's `admit` raises.
        """
        operation, claims, head = matched.operation, None, served.head
        if operation.access.signed_in:
            claims = auth.read_token(self.settings, head.headers.get("authorization"))
        if operation.admit is not None:
            operation.admit(self.settings, head)
        limit = 0 if operation.body is Body.NONE else operation.body_limit(self.settings)
        if limit and _content_length(head) > limit:
            raise TooLarge(limit)
        return Exchange(self, served, operation, matched.path, claims, limit)

    def observe(self, served: Served, status: int) -> None:
        """Note that a request has been answered, for the log and the metrics."""
        seconds = time.perf_counter() - served.started
        request_log.write(served, status, seconds)
        if self.metrics is not None:
            self.metrics.observe(served, status, seconds)

    def identify(self, authorization: str | None) -> Person:
        """Return the person a token belongs to, for your own routes.

        Raises `Unauthenticated`, and `SecondFactorMissing` if that has to be set up first.
        """
        claims = auth.read_token(self.settings, authorization)
        self.start()
        with self.db.read() as session:
            person = auth.identify(session, claims, self.last_uses, used_from="")
        self.last_uses.write()
        if person.needs_factor:
            raise SecondFactorMissing
        return person

    def after_response(self) -> None:
        """Do what a WSGI server does when a body has been sent. Never raises."""
        self.last_uses.write()
        self.worker.after_response()


def _metrics(db: Database, settings: Settings) -> "Metrics | None":
    """Return the metrics, if the settings ask for any. Only then their library is imported."""
    if not settings.metrics_token.get_secret_value():
        return None
    from backend.api.metrics import Metrics

    return Metrics(db)


def _content_length(head: Head) -> int:
    """Return the length in bytes, 0 if the header is missing. Raises `BadRequest`."""
    given = head.headers.get("content-length") or "0"
    if not _LENGTH.fullmatch(given):
        raise BadRequest("Send the Content-Length as a number")
    return int(given)
