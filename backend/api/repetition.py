"""Answer a request that is sent again with its `Idempotency-Key` as it was answered first."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import orjson
from sqlmodel import Session

from backend.api.messages import Response
from backend.core import idempotency
from backend.core.access import Person

if TYPE_CHECKING:
    from backend.api.exchange import Exchange

HEADER = "idempotency-key"


def once(
    exchange: "Exchange",
    body: bytes,
    session: Session | None,
    person: Person | None,
    respond: Callable[[], Response],
) -> Response:
    """Return the response to a request, from `respond` unless it has been carried out before.

    Raises what `respond` and `idempotency.claim` raise.
    """
    operation, head = exchange.operation, exchange.served.head
    key = idempotency.read_key(head.headers.get(HEADER, "")) if operation.takes_key else None
    if key is None:
        return respond()
    assert session is not None
    assert person is not None
    path = operation.path.format(**exchange.path)
    fingerprint = idempotency.fingerprint(head.method, path, body)
    known = idempotency.claim(session, person.id, key, fingerprint)
    if known is not None:
        return _unpacked(known)
    response = respond()
    idempotency.keep(session, person.id, key, _packed(response))
    return response


def _packed(response: Response) -> bytes:
    head = [response.status, dict(response.headers)]
    return orjson.dumps(head) + b"\n" + response.body


def _unpacked(kept: bytes) -> Response:
    head, _, body = kept.partition(b"\n")
    status, headers = orjson.loads(head)
    return Response(status, body, headers)
