"""Answer a request that is sent again with its `Idempotency-Key` as it was answered first."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from sqlmodel import Session

from backend.api import encode
from backend.api.messages import Response
from backend.core import idempotency
from backend.core.access import Person
from backend.core.db import Database
from backend.core.idempotency import Answered, Once

if TYPE_CHECKING:
    from backend.api.exchange import Exchange

HEADER = "idempotency-key"


def read(exchange: "Exchange", body: bytes, person: Person | None) -> Once | None:
    """Return a request that has a key, None for another one. Raises `Invalid`."""
    operation, head = exchange.operation, exchange.served.head
    key = idempotency.read_key(head.headers.get(HEADER, "")) if operation.takes_key else None
    if key is None:
        return None
    assert person is not None
    path = operation.path.format(**exchange.path)
    fingerprint = idempotency.fingerprint(head.method, path, body)
    return Once(person.id, key, fingerprint, _packed)


def answer(
    db: Database, session: Session | None, once: Once | None, handler: Callable[[], Any]
) -> Response:
    """Return the response to a request, from `handler` unless it has been carried out before.

    A handler that opens its own transactions claims the key itself, in the one that changes
    something, and keeps its answer there. Raises what `handler` and `idempotency.claim` raise.
    """
    if once is None:
        return encode.response(handler())
    try:
        if session is not None:
            once.claim(session)
            response = encode.response(handler())
            once.keep(session, response)
            return response
        with db.read() as own:
            once.look(own)
        response = encode.response(handler())
    except Answered as known:
        return _unpacked(known.answer)
    assert once.is_kept
    return response


def _packed(answer: Any) -> bytes:
    response = encode.response(answer)
    head = [response.status, dict(response.headers)]
    return orjson.dumps(head) + b"\n" + response.body


def _unpacked(kept: bytes) -> Response:
    head, _, body = kept.partition(b"\n")
    status, headers = orjson.loads(head)
    return Response(status, body, headers)
