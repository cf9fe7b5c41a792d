"""Unpack compressed bodies, whether or not their sender says that they are compressed.

RFC 9110, section 8.4.1: `deflate` is zlib's format, and some send raw deflate under that name.
"""

import zlib

from backend.core.intake.bodies.errors import TooLong, Unreadable
from backend.core.reasons import ReasonCode

_GZIP, _ZLIB, _RAW = 31, 15, -15
_FORMATS = {"gzip": (_GZIP,), "x-gzip": (_GZIP,), "deflate": (_ZLIB, _RAW)}
_PLAIN = frozenset({"", "identity"})
# The most codings one on top of the other, and the most gzip members one after the other.
_MOST_CODINGS = 3
_MOST_MEMBERS = 64


def unpack(body: bytes, encoding: str, limit: int) -> bytes:
    """Return the body without the codings of `Content-Encoding`, and without gzip or zlib.

    Raises `TooLong` where it has more than `limit` bytes then, and `Unreadable` for a coding that
    isn't known.
    """
    codings = [one for one in encoding.lower().replace(" ", "").split(",") if one not in _PLAIN]
    if len(codings) > _MOST_CODINGS or any(one not in _FORMATS for one in codings):
        raise Unreadable(ReasonCode.PACKED_BODY)
    for coding in reversed(codings):
        # A proxy may have unpacked it and left the header: then it is taken as it is.
        body = _first(body, _FORMATS[coding], limit) or body
    for _ in range(_MOST_CODINGS):
        unpacked = _first(body, _seen(body), limit)
        if unpacked is None:
            break
        body = unpacked
    return body


def _seen(body: bytes) -> tuple[int, ...]:
    """Return the format that a body begins like, if any."""
    if body.startswith(b"\x1f\x8b"):
        return (_GZIP,)
    is_zlib = len(body) > 2 and body[0] == 0x78 and int.from_bytes(body[:2]) % 31 == 0
    return (_ZLIB,) if is_zlib else ()


def _first(body: bytes, formats: tuple[int, ...], limit: int) -> bytes | None:
    """Return the body unpacked by the first format that fits, or None."""
    for one in formats:
        try:
            return _inflate(body, one, limit)
        except zlib.error:
            continue
    return None


def _inflate(body: bytes, window: int, limit: int) -> bytes:
    found = bytearray()
    for _ in range(_MOST_MEMBERS):
        unpacker = zlib.decompressobj(window)
        found += unpacker.decompress(body, limit + 1 - len(found))
        if len(found) > limit:
            raise TooLong(limit)
        if not unpacker.eof:
            raise zlib.error("incomplete")
        body = unpacker.unused_data
        # gzip files can be joined; anything else behind the end is padding.
        if window != _GZIP or not body.startswith(b"\x1f\x8b"):
            return bytes(found)
    raise zlib.error("too many members")
