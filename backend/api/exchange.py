"""The two states of a request: settled by its head, or open until its body is read.

Every error becomes a response here.
"""

import logging
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from sqlalchemy.exc import OperationalError, SQLAlchemyError

from backend.api import encode, headers, streaming
from backend.api.compression import pack
from backend.api.handle import handle, identify
from backend.api.messages import Head, Response
from backend.api.operation import Operation, Unit
from backend.core.auth import Claims
from backend.core.database.faults import Fault, fault_of
from backend.core.errors import (
    Busy,
    ConfigurationError,
    DiskFull,
    NotReady,
    Problem,
    TooLarge,
)
from backend.models import Role

if TYPE_CHECKING:
    from backend.api.application import Application

log = logging.getLogger("tofa")

_REQUEST_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Settled:
    """A request whose response is known from its head: don't read its body."""

    app: "Application"
    head: Head
    response: Response
    limit: ClassVar[int] = 0
    waits: ClassVar[bool] = False

    def answer(self, _body: bytes = b"") -> Response:
        """Return the response. It doesn't wait."""
        return _finished(self.app, self.head, self.response)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request to an operation.

    Read the body up to `limit` bytes, and one more to see that it is too large.
    """

    app: "Application"
    head: Head
    operation: Operation
    path: Mapping[str, str]
    claims: Claims | None
    limit: int

    @property
    def waits(self) -> bool:
        """Whether `answer` may wait, for the database or a file."""
        return not self.operation.at_once

    def answer(self, body: bytes = b"") -> Response:
        """Return the response. It waits for the database. Never raises."""
        try:
            if len(body) > self.limit > 0:
                raise TooLarge(self.limit)
            if self.operation.unit is not Unit.NONE:
                self.app.start()
            return self._watched(_finished(self.app, self.head, handle(self.app, self, body)))
        except Problem as problem:
            return _finished(self.app, self.head, encode.problem(problem))
        except OperationalError as error:
            return self._failed(error, self._of_database(error))
        except ConfigurationError as error:
            return self._failed(error, NotReady())
        except Exception as error:  # noqa: BLE001  the last line of defence
            return self._failed(error, Problem())

    def _of_database(self, error: OperationalError) -> Problem:
        """Return what to say if the database is locked for too long, unreachable or full."""
        if fault_of(error) is not Fault.FULL:
            return Busy()
        log.critical("%s", Fault.FULL)
        return DiskFull() if self._is_of_team_lead() else Busy()

    def _is_of_team_lead(self) -> bool:
        """Return whether a team lead sent the request. A full disk can still be read."""
        try:
            return identify(self.app, None, self.claims).role == Role.TEAM_LEAD
        except (Problem, SQLAlchemyError):
            return False

    def log_error(self, error: Exception, request_id: str | None = None) -> None:
        """Write an error to the log, with the request's id."""
        log.error(
            "%s %s failed, request %s",
            self.head.method,
            self.operation.path,
            request_id or _request_id(self.head) or secrets.token_hex(8),
            exc_info=error,
        )

    def _failed(self, error: Exception, problem: Problem) -> Response:
        """Log a fault. Return a response that tells the user nothing but the request's id."""
        request_id = _request_id(self.head) or secrets.token_hex(8)
        self.log_error(error, request_id)
        response = _finished(self.app, self.head, encode.problem(problem))
        return replace(response, headers={**response.headers, "x-request-id": request_id})

    def _watched(self, response: Response) -> Response:
        if response.rest is None:
            return response
        return replace(response, rest=self._watch(response.rest))

    def _watch(self, rest: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the rest of a response; an error is logged, and breaks the connection."""
        try:
            yield from rest
        except Exception as error:  # noqa: BLE001  as in `answer`
            self.log_error(error)
            raise streaming.Broken from None


def _finished(app: "Application", head: Head, response: Response) -> Response:
    """Return the response with the headers that all have, and without a body for HEAD."""
    response = streaming.settle(pack(response, head.headers), head)
    given = dict(headers.SECURITY)
    if "content-security-policy" not in response.headers:
        given |= headers.DATA
    if "cache-control" not in response.headers:
        given |= headers.DATA_CACHE
    given |= headers.cross_origin(app.settings, head.headers)
    given |= response.headers
    if "vary" in response.headers:
        given["vary"] = f"Origin, {response.headers['vary']}"
    if response.status not in (204, 304) and response.rest is None:
        given["content-length"] = str(len(response.body))
    if request_id := _request_id(head):
        given["x-request-id"] = request_id
    if head.method == "HEAD":
        return Response(response.status, b"", given)
    return replace(response, headers=given)


def _request_id(head: Head) -> str | None:
    given = head.headers.get("x-request-id", "")
    return given if _REQUEST_ID.fullmatch(given) else None
