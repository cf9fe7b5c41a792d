"""Web Push: what a browser's push service takes, encrypted for that browser alone.

Sources: RFC 8291 (encryption), RFC 8188 (its encoding), RFC 8292 (VAPID, by which the service knows
who sends).
"""

import hmac
import os
import struct
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256, sha512
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_CURVE = ec.SECP256R1()
# The order of its group: a private key is less.
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_POINT = 65
_AUTH = 16
# In bytes: one record is enough for what is sent.
_RECORD = 4096
# In seconds: services take no token that is good for more than a day.
_VALID = 12 * 3600


def decode(text: str) -> bytes:
    """Return what a text in base64url says, with or without padding. Raises `ValueError`."""
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def encode(value: bytes) -> str:
    """Return bytes in base64url, without padding."""
    return urlsafe_b64encode(value).rstrip(b"=").decode()


def check_keys(public_key: str, auth: str) -> bool:
    """Return whether a browser's keys are keys."""
    try:
        point, secret = decode(public_key), decode(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, point)
    except ValueError:
        return False
    return len(point) == _POINT and len(secret) == _AUTH


def own_key(secret_key: str) -> ec.EllipticCurvePrivateKey:
    """Return the key that this installation signs with: all its servers have the same one."""
    number = int.from_bytes(sha512(b"web push\0" + secret_key.encode()).digest(), "big")
    return ec.derive_private_key(number % (_ORDER - 1) + 1, _CURVE)


def public(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the public part of a key, as a point."""
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def authorization(key: ec.EllipticCurvePrivateKey, origin: str, contact: str) -> str:
    """Return the header by which a push service knows this installation (RFC 8292)."""
    claims: dict[str, Any] = {"aud": origin, "exp": int(time.time()) + _VALID, "sub": contact}
    return f"vapid t={jwt.encode(claims, key, 'ES256')},k={encode(public(key))}"


def encrypt(
    text: bytes,
    public_key: str,
    auth: str,
    own: ec.EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """Return a message that only the browser with these keys can read; `own` and `salt` are new."""
    own, salt = own or ec.generate_private_key(_CURVE), salt or os.urandom(16)
    theirs = decode(public_key)
    shared = own.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(_CURVE, theirs))
    sender = public(own)
    first = _expand(_mac(decode(auth), shared), b"WebPush: info\0" + theirs + sender, 32)
    second = _mac(salt, first)
    key = _expand(second, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _expand(second, b"Content-Encoding: nonce\0", 12)
    head = salt + struct.pack("!LB", _RECORD, len(sender)) + sender
    return head + AESGCM(key).encrypt(nonce, text + b"\2", None)


def _mac(key: bytes, value: bytes) -> bytes:
    return hmac.new(key, value, sha256).digest()


def _expand(key: bytes, info: bytes, length: int) -> bytes:
    return _mac(key, info + b"\1")[:length]
