"""Requests with an `Idempotency-Key`: one that is sent again is answered, not carried out again.

What was answered is kept in the transaction of the change: either both are there or neither is. So
a client that never got an answer can send the same request until it gets one. An error isn't kept,
since nothing was changed: the request is carried out when it is sent again. See
draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.errors import Conflict, Invalid
from backend.models import IdempotencyKey

# How long a key is known. A client that was without a network sends what it has within this time.
KEPT = timedelta(days=7)

# Inside the quotes of a structured header's string (RFC 8941, section 3.3.3), or without them.
_KEY = re.compile(r'"?([\x21\x23-\x5b\x5d-\x7e]{8,64})"?')
_GONE = "This request was already carried out, and its answer is no longer kept"


class Answered(Exception):
    """The request was carried out before; `answer` is what it was answered."""

    def __init__(self, answer: bytes) -> None:
        super().__init__("This request was carried out before")
        self.answer = answer


@dataclass(slots=True)
class Once:
    """A person's request with a key. `pack` returns the bytes of an answer, which are kept.

    Claim the key and keep the answer in the transaction of the change.
    """

    user_id: int
    key: str
    fingerprint: str
    pack: Callable[[Any], bytes]
    is_kept: bool = field(default=False, init=False)

    def look(self, session: Session) -> None:
        """Raise what `claim` raises, without claiming the key."""
        answer = _known(session, self.user_id, self.key, self.fingerprint)
        if answer is not None:
            raise Answered(answer)

    def claim(self, session: Session) -> None:
        """Claim the key. Raises `Answered`, and what `claim` of this module raises."""
        answer = claim(session, self.user_id, self.key, self.fingerprint)
        if answer is not None:
            raise Answered(answer)

    def keep(self, session: Session, answer: Any) -> None:
        """Keep what the request is answered."""
        keep(session, self.user_id, self.key, self.pack(answer))
        self.is_kept = True


def read_key(header: str) -> str | None:
    """Return the key of a header, None if it is empty. Raises `Invalid`."""
    if not header:
        return None
    found = _KEY.fullmatch(header.strip())
    if found is None:
        raise _wrong("Use an Idempotency-Key of 8 to 64 characters")
    return found[1]


def fingerprint(method: str, path: str, body: bytes) -> str:
    """Return a hash of what a request asks for."""
    return hashlib.sha256(f"{method} {path}\n".encode() + body).hexdigest()


def claim(session: Session, user_id: int, key: str, fingerprint: str) -> bytes | None:
    """Return what a person's request with this key was answered, None if it is the first.

    While another transaction carries out the same request, this waits for its end. Raises `Invalid`
    if the key is another request's, and `Conflict` if the answer isn't kept any more.
    """
    values = {"user_id": user_id, "key": key, "fingerprint": fingerprint, "at": times.now()}
    insert = upsert.insert(session, IdempotencyKey).values(**values).on_conflict_do_nothing()
    if session.connection().execute(insert.returning(col(IdempotencyKey.key))).first():
        return None
    return _known(session, user_id, key, fingerprint)


def _known(session: Session, user_id: int, key: str, fingerprint: str) -> bytes | None:
    """Return what a request was answered, None if its key is new. Raises what `claim` raises."""
    columns = (col(IdempotencyKey.fingerprint), col(IdempotencyKey.answer))
    query = select(*columns).where(*_own(user_id, key))
    known = session.connection().execute(query).one_or_none()
    if known is None:
        return None
    if known.fingerprint != fingerprint:
        raise _wrong("This Idempotency-Key was used for another request. Use a new one")
    if known.answer is None:
        raise Conflict(_GONE)
    return zlib.decompress(known.answer)


def keep(session: Session, user_id: int, key: str, answer: bytes) -> None:
    """Keep what the request with a claimed key is answered."""
    own = update(IdempotencyKey).where(*_own(user_id, key))
    session.connection().execute(own.values(answer=zlib.compress(answer)))


def forget_answers(session: Session) -> None:
    """Remove all answers, since a lead is erased: any may name it as one of a household.

    The keys stay, so that nothing is carried out twice.
    """
    has_one = col(IdempotencyKey.answer).is_not(None)
    session.connection().execute(update(IdempotencyKey).where(has_one).values(answer=None))


def _own(user_id: int, key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(IdempotencyKey.user_id) == user_id, col(IdempotencyKey.key) == key


def _wrong(msg: str) -> Invalid:
    return Invalid.at("body", type="idempotency_key", msg=msg)
