"""Challenges that a passkey signs: random, for one purpose and person, good once and not for long.

A challenge carries its own signature, so any server can check one that another has made, and
nothing is stored for one that nobody answers. Those that were answered are remembered until they
expire.
"""

import hmac
import secrets
import struct
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete
from sqlmodel import Session, col

from backend.core import rotation, times
from backend.core.database import upsert
from backend.core.settings import Settings
from backend.models import UsedChallenge

LIFETIME = timedelta(minutes=5)
# 16 random bytes, and when it expires, in seconds since 1970.
_HEAD = struct.Struct(">16sQ")
_LENGTH = _HEAD.size + sha256().digest_size


def make(settings: Settings, purpose: str) -> bytes:
    """Return a new challenge. `purpose` says what it is for, and for which person."""
    expires = int((times.now() + LIFETIME).timestamp())
    head = _HEAD.pack(secrets.token_bytes(16), expires)
    return head + _signature(rotation.signing_keys(settings)[0], purpose, head)


def is_good(settings: Settings, purpose: str, challenge: bytes) -> bool:
    """Return whether a server of this installation made a challenge for this, a moment ago."""
    if len(challenge) != _LENGTH:
        return False
    head, signature = challenge[: _HEAD.size], challenge[_HEAD.size :]
    signed = (_signature(key, purpose, head) for key in rotation.signing_keys(settings))
    if not any(hmac.compare_digest(one, signature) for one in signed):
        return False
    # One from a clock that runs ahead would be good for longer.
    return timedelta(0) < _expires(challenge) - times.now() <= 2 * LIFETIME


def use(session: Session, challenge: bytes) -> bool:
    """Remember that a challenge was answered. Returns False if it was before."""
    now, connection = times.now(), session.connection()
    connection.execute(delete(UsedChallenge).where(col(UsedChallenge.expires_at) < now - LIFETIME))
    row = {"hash": sha256(challenge).hexdigest(), "expires_at": _expires(challenge)}
    new = upsert.insert(session, UsedChallenge).values(**row).on_conflict_do_nothing()
    return connection.scalar(new.returning(col(UsedChallenge.hash))) is not None


def _expires(challenge: bytes) -> datetime:
    _, expires = _HEAD.unpack(challenge[: _HEAD.size])
    return datetime.fromtimestamp(expires, UTC)


def _signature(key: str, purpose: str, head: bytes) -> bytes:
    own = sha256(b"passkey challenges\0" + key.encode()).digest()
    return hmac.digest(own, purpose.encode() + b"\0" + head, "sha256")
