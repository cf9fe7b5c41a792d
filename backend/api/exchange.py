"""The two states of a request: settled before its body is read, or open until then.

Every error becomes a response here.
"""

import logging
from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from backend.api import encode, headers, streaming
from backend.api.compression import pack
from backend.api.handle import authorise, handle, identify
from backend.api.messages import Response
from backend.api.operation import Body, Operation, Unit
from backend.api.request_log import Served
from backend.core.auth import Claims
from backend.core.database.faults import Fault, fault_of, is_lost, is_over_limit
from backend.core.database.places import delivering
from backend.core.errors import (
    Busy,
    CannotSave,
    ConfigurationError,
    DiskFull,
    NotReady,
    Problem,
    TooLarge,
    UnreadableBody,
)
from backend.core.logs import tracebacks
from backend.models import Role

if TYPE_CHECKING:
    from backend.api.application import Application

log = logging.getLogger("tofa")

# In bytes: how much an adapter reads of a body that nobody wants, if it comes from a proxy. A proxy
# that is cut off while it sends answers with a 502, instead of what we say.
MOST_DRAINED = 64 << 20


@dataclass(frozen=True, slots=True)
class Settled:
    """A request that is answered without reading its body."""

    app: "Application"
    served: Served
    response: Response
    limit: ClassVar[int] = 0
    waits: ClassVar[bool] = False
    is_delivery: ClassVar[bool] = False
    asks_first: ClassVar[bool] = False

    def admit(self) -> "Settled":
        """Return the request itself: there is nothing to ask."""
        return self

    def answer(self, _body: bytes | None = b"") -> Response:
        """Return the response. It doesn't wait."""
        response = _finished(self.app, self.served, self.response)
        self.app.observe(self.served, response.status)
        return response


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to an operation.

    Read the body up to `limit` bytes, and one more to see that it is too large.
    """

    app: "Application"
    served: Served
    operation: Operation
    path: Mapping[str, str]
    claims: Claims | None
    limit: int

    @property
    def is_delivery(self) -> bool:
        """Whether it must not wait for a thread behind those who read."""
        return self.operation.is_delivery

    @property
    def waits(self) -> bool:
        """Whether `answer` may wait, for the database or a file."""
        return not self.operation.at_once

    @property
    def asks_first(self) -> bool:
        """Whether to call `admit` before the body is read: it may be large."""
        return self.operation.body is Body.FILE

    def admit(self) -> "Exchange | Settled":
        """Return the request, settled if its person may not send that body.

        It waits for the database. Never raises.
        """
        try:
            self.app.start()
            authorise(self.app, self)
        except Exception as error:  # noqa: BLE001  as in `answer`
            return Settled(self.app, self.served, self._refusal(error))
        return self

    def answer(self, body: bytes | None = b"") -> Response:
        """Return the response. It waits for the database. Never raises.

        The body is None if it can't be read.
        """
        response = self._answer(body)
        if response.rest is not None:
            return replace(response, rest=_Watched(self, response))
        self.app.observe(self.served, response.status)
        return response

    def _answer(self, body: bytes | None) -> Response:
        try:
            if body is None:
                raise UnreadableBody
            if len(body) > self.limit > 0:
                raise TooLarge(self.limit)
            if self.operation.unit is not Unit.NONE:
                self.app.start()
            return _finished(self.app, self.served, self._handled(body))
        except Exception as error:  # noqa: BLE001  the last line of defence
            return _finished(self.app, self.served, self._refusal(error))

    def _refusal(self, error: Exception) -> Response:
        """Return what to answer to an error."""
        match error:
            case Problem():
                return encode.problem(error)
            case OperationalError() if is_over_limit(error):
                return self._too_long(error)
            case DBAPIError() if isinstance(error, OperationalError) or fault_of(error):
                return self._failed(error, self._of_database(error))
            case ConfigurationError():
                return self._failed(error, NotReady())
            case _:
                return self._failed(error, Problem())

    def _too_long(self, error: OperationalError) -> Response:
        """Log that the database took too long, without a traceback. Return a 503."""
        served = self.served
        said = tracebacks.message(error)
        log.warning(
            "%s %s took too long in the database, request %s: %s",
            *(served.method, self.operation.path, served.request_id, said),
        )
        return encode.problem(Busy())

    def _of_database(self, error: DBAPIError) -> Problem:
        """Return what to say if the database is locked for too long, unreachable, full or broken.

        Its faults are for the log, and for team leads.
        """
        fault = fault_of(error)
        if fault is None:
            return NotReady(headers={"retry-after": "5"}) if is_lost(error) else Busy()
        log.critical("%s", fault)
        if fault not in (Fault.FULL, Fault.READ_ONLY):
            return NotReady()
        if not self._is_of_team_lead():
            return CannotSave()
        return DiskFull() if fault is Fault.FULL else CannotSave(fault)

    def _is_of_team_lead(self) -> bool:
        """Return whether a team lead sent the request. A full disk can still be read."""
        try:
            return identify(self.app, None, self.claims).role == Role.TEAM_LEAD
        except (Problem, SQLAlchemyError):
            return False

    def _handled(self, body: bytes) -> Response:
        if not self.operation.is_delivery:
            return handle(self.app, self, body)
        with delivering():
            return handle(self.app, self, body)

    def log_error(self, error: Exception) -> None:
        """Write an error to the log, with the request's id."""
        served = self.served
        log.error(
            "%s %s failed, request %s",
            served.method,
            self.operation.path,
            served.request_id,
            exc_info=error,
            extra={
                "request_id": served.request_id,
                "method": served.method,
                "route": self.operation.path,
                "user_id": served.person_id,
            },
        )

    def _failed(self, error: Exception, problem: Problem) -> Response:
        """Log a fault. Return a response that tells the user nothing but the request's id."""
        self.log_error(error)
        response = encode.problem(problem)
        headers = {**response.headers, "x-request-id": self.served.request_id}
        return replace(response, headers=headers)


class _Watched:
    """The rest of a response. An error is logged, and breaks the connection.

    The request is over when it was read to its end, or closed.
    """

    def __init__(self, exchange: Exchange, response: Response) -> None:
        assert response.rest is not None
        self._exchange, self._rest, self._status = exchange, response.rest, response.status
        self._is_over = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._rest)
        except StopIteration:
            self.close()
            raise
        except Exception as error:  # noqa: BLE001  as in `answer`
            self._exchange.log_error(error)
            self._status = 500  # for the log: the client sees that the connection breaks
            self.close()
            raise streaming.Broken from None

    def close(self) -> None:
        """End the request, once."""
        if self._is_over:
            return
        self._is_over = True
        if isinstance(self._rest, Generator):
            self._rest.close()
        self._exchange.app.observe(self._exchange.served, self._status)


def _finished(app: "Application", served: Served, response: Response) -> Response:
    """Return the response with the headers that all have, and without a body for HEAD."""
    head = served.head
    response = streaming.settle(pack(response, head.headers), head)
    given = headers.common(response.headers)
    given |= headers.transport(app.settings, head.headers)
    given |= headers.cross_origin(app.settings, head.headers)
    given |= response.headers
    if "vary" in response.headers:
        given["vary"] = f"Origin, {response.headers['vary']}"
    if response.status not in (204, 304) and response.rest is None:
        given["content-length"] = str(len(response.body))
    if request_id := served.given_id:
        given["x-request-id"] = request_id
    if head.method == "HEAD":
        return Response(response.status, b"", given)
    return replace(response, headers=given)
