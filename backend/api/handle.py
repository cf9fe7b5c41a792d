"""The one way from a request to its answer, for every operation and every server.

An adapter calls `Application.receive` with the head of a request, which decides what can be
decided without the body and without waiting: no such path, no token, too large. It then reads the
body, up to the limit of the `Exchange` that it was given, and calls `answer`, which waits for the
database and belongs into a thread where the server is asynchronous.
"""

import logging
import re
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from backend.api import access_log, encode, headers, parse, streaming
from backend.api.compression import pack
from backend.api.messages import Head, Response
from backend.api.operation import Body, Call, Operation, Unit
from backend.api.routes import OPERATIONS
from backend.api.routing import Options, Redirect, Router
from backend.core import auth
from backend.core.access import Person
from backend.core.auth import Claims
from backend.core.background import Worker
from backend.core.big_jobs import BigJobs
from backend.core.db import Database
from backend.core.errors import (
    BadRequest,
    Busy,
    ConfigurationError,
    Invalid,
    NotReady,
    Problem,
    TooLarge,
    Unauthenticated,
)
from backend.core.intake import webhook
from backend.core.lifecycle import startup
from backend.core.settings import Settings

log = logging.getLogger("tofa")

# In seconds: how long a thread may compute while others wait for Python's lock. A small request
# asks for it dozens of times, and beside an export it waits so long each time.
SWITCH_INTERVAL = 0.0005

_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,18}")


class Application:
    """The API over one database. Opening it connects to nothing; `start` does."""

    def __init__(self, settings: Settings) -> None:
        access_log.hide_tokens()
        self.settings = settings
        self.db = Database(settings.url, settings.db_pool_size)
        self.worker = Worker(self.db, settings)
        self.big_jobs = BigJobs(self.db, settings.big_jobs, settings.big_jobs_in_all)
        self._router = Router(OPERATIONS)
        self._starting = Lock()
        self._started = False

    def start(self) -> None:
        """Makes the database ready, once. Raises `ConfigurationError` where it can't be."""
        if not self._started:
            with self._starting:
                if not self._started:
                    sys.setswitchinterval(SWITCH_INTERVAL)
                    startup.prepare(self.db, self.settings)
                    webhook.warn(self.settings)
                    self._started = True

    def close(self) -> None:
        self.worker.stop()
        self.db.close()

    def receive(self, head: Head) -> "Exchange":
        """Decides what it can before the body is read. Never waits."""
        try:
            return self._receive(head)
        except Problem as problem:
            return Exchange(self, head, settled=encode.problem(problem))

    def _receive(self, head: Head) -> "Exchange":
        if headers.is_preflight(head.method, head.headers):
            return Exchange(
                self,
                head,
                settled=Response(204, b"", headers.preflight(self.settings, head.headers)),
            )
        # Python's own HTTP server takes the slashes at the start for one, whatever its app thinks.
        path = f"/{head.path.decode(errors='replace').lstrip('/')}"
        route = self._router.route(head.method, path)
        if isinstance(route, Redirect):
            query = f"?{head.query.decode('latin-1')}" if head.query else ""
            return Exchange(
                self, head, settled=Response(307, b"", {"location": f"{route.location}{query}"})
            )
        if isinstance(route, Options):
            return Exchange(
                self, head, settled=Response(204, b"", {"allow": ", ".join(route.allow)})
            )
        operation, claims = route.operation, None
        if operation.access.signed_in:
            claims = auth.read_token(self.settings, head.headers.get("authorization"))
        limit = 0 if operation.body is Body.NONE else operation.body_limit(self.settings)
        if limit and _content_length(head) > limit:
            raise TooLarge(limit)
        return Exchange(self, head, limit, operation, route.path, claims)

    def identify(self, authorization: str | None) -> Person:
        """Who a token belongs to, for routes beside the table. Raises `Unauthenticated`."""
        claims = auth.read_token(self.settings, authorization)
        self.start()
        with self.db.read() as session:
            return auth.identify(session, claims)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request on its way to its answer.

    `settled` is the answer where it is known before the body: then there is no need to read one.
    `limit` is how many bytes of the body are of use; one more shows that it is too large.
    """

    app: Application
    head: Head
    limit: int = 0
    operation: Operation | None = None
    path: Mapping[str, str] | None = None
    claims: Claims | None = None
    settled: Response | None = None

    def answer(self, body: bytes = b"") -> Response:
        """The answer. It waits for the database. Never raises."""
        if self.settled is not None or self.operation is None:
            return self._finish(self.settled or encode.problem(Problem()))
        try:
            if len(body) > self.limit > 0:
                raise TooLarge(self.limit)
            if self.operation.unit is not Unit.NONE:
                self.app.start()
            return self._finish(handle(self.app, self.operation, self, body))
        except Problem as problem:
            return self._finish(encode.problem(problem))
        except OperationalError as error:
            # Locked for too long, unreachable, full: whoever runs the host must know which.
            return self._fail(error, Busy())
        except ConfigurationError as error:
            return self._fail(error, NotReady())
        except Exception as error:  # noqa: BLE001  the last line: a stranger learns nothing of it
            return self._fail(error, Problem())

    def _fail(self, error: Exception, problem: Problem) -> Response:
        request_id = _request_id(self.head) or secrets.token_hex(8)
        self._log(error, request_id)
        response = self._finish(encode.problem(problem))
        return Response(
            response.status, response.body, {**response.headers, "x-request-id": request_id}
        )

    def _log(self, error: Exception, request_id: str) -> None:
        log.error(
            "%s %s failed, request %s",
            self.head.method,
            self.operation.path if self.operation else "",
            request_id,
            exc_info=error,
        )

    def _finish(self, response: Response) -> Response:
        """The answer with the headers that every one has, and without a body for HEAD."""
        response = streaming.settle(pack(response, self.head.headers), self.head)
        given = dict(headers.SECURITY)
        if "content-security-policy" not in response.headers:
            given |= headers.DATA
        if "cache-control" not in response.headers:
            given |= headers.DATA_CACHE
        given |= headers.cross_origin(self.app.settings, self.head.headers)
        given |= response.headers
        if "vary" in response.headers:
            given["vary"] = f"Origin, {response.headers['vary']}"
        if response.status not in (204, 304) and response.rest is None:
            given["content-length"] = str(len(response.body))
        if request_id := _request_id(self.head):
            given["x-request-id"] = request_id
        if self.head.method == "HEAD":
            return Response(response.status, b"", given)
        rest = response.rest and self._watched(response.rest)
        return Response(response.status, response.body, given, rest)

    def _watched(self, rest: Iterator[bytes]) -> Iterator[bytes]:
        """What follows of an answer; an error in it is logged, and breaks the connection."""
        try:
            yield from rest
        except Exception as error:  # noqa: BLE001  as in `answer`
            self._log(error, _request_id(self.head) or secrets.token_hex(8))
            raise streaming.Broken from None


def handle(app: Application, operation: Operation, exchange: Exchange, body: bytes) -> Response:
    """Authenticate, authorise, parse, call, commit, encode. Raises what the core raises."""
    with _unit_of_work(app.db, operation.unit) as session:
        person = None
        if operation.access.signed_in:
            person = _identify(app.db, session, exchange.claims)
            if not operation.access.allows(person):
                raise operation.access.refusal
        answer = operation.call(
            Call(
                settings=app.settings,
                db=app.db,
                address=_address(exchange.head, app.settings.trusted_proxies),
                big_jobs=app.big_jobs,
                wake=app.worker.wake,
                headers=exchange.head.headers,
                path=_path(operation, exchange.path),
                query=_query(operation, exchange.head.query),
                body=_body(operation, body, exchange.head.headers.get("content-type", "")),
                known_person=person,
                open_session=session,
            )
        )
        if isinstance(answer, Response):
            return answer
        # Within the unit of work: an answer that can't be written must not be committed.
        return encode.answer(answer)


@contextmanager
def _unit_of_work(db: Database, unit: Unit) -> Iterator[Session | None]:
    if unit is Unit.READ:
        with db.read() as session:
            yield session
    elif unit is Unit.WRITE:
        with db.write() as session:
            yield session
    else:
        yield None


def _identify(db: Database, session: Session | None, claims: Claims | None) -> Person:
    if claims is None:
        raise Unauthenticated
    if session is not None:
        return auth.identify(session, claims)
    with db.read() as own:
        return auth.identify(own, claims)


def _path(operation: Operation, texts: Mapping[str, str] | None) -> Any:
    model = operation.path_model
    return parse.validate(model, texts, "path") if model else None


def _query(operation: Operation, raw: bytes) -> Any:
    model = operation.query_model
    return parse.validate(model, parse.query(raw, model.repeated), "query") if model else None


def _body(operation: Operation, body: bytes, content_type: str) -> Any:
    if operation.body is Body.NONE:
        return None
    if operation.body is Body.RAW:
        return body
    if operation.body is Body.FILE:
        fields = parse.multipart(body, content_type)
        file = fields.pop("file", None)
        if not isinstance(file, parse.File):
            raise Invalid.at("body", "file", type="missing", msg="Choose a file")
        if operation.body_model is None:
            return file
        return parse.Form(file, parse.validate(operation.body_model, fields, "body"))
    read = parse.json if operation.body is Body.JSON else parse.form
    values = read(body, content_type)
    return parse.validate(operation.body_model, values, "body") if operation.body_model else values


def _content_length(head: Head) -> int:
    """In bytes; 0 where nothing is said. Raises `BadRequest` for what is no number."""
    given = head.headers.get("content-length") or "0"
    if not _LENGTH.fullmatch(given):
        raise BadRequest("Send the Content-Length as a number")
    return int(given)


def _request_id(head: Head) -> str | None:
    given = head.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None


def _address(head: Head, trusted_proxies: int) -> str:
    """The client's address: each trusted proxy has added the one that it saw, at the end."""
    if trusted_proxies:
        seen = [part.strip() for part in head.headers.get("x-forwarded-for", "").split(",")]
        return seen[-min(trusted_proxies, len(seen))] or head.peer
    return head.peer
