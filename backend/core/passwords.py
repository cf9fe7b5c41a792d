"""Hash and check passwords.

New hashes are Argon2id. Older bcrypt hashes, written by passlib, still work and are replaced at the
next sign-in. The cost is the minimum in OWASP's Password Storage Cheat Sheet for Argon2id (19 MiB,
two passes, one lane), which a free host can afford.
"""

import functools
from threading import BoundedSemaphore
from typing import Protocol

from backend.core.error_text import Fault

SHORTEST = 8
LONGEST = 1024
# bcrypt reads 72 bytes. passlib ignored the rest; newer releases of bcrypt refuse it.
_BCRYPT_BYTES = 72
# Each check needs 19 MiB and a CPU core, so more at once would only use more memory.
_at_once = BoundedSemaphore(4)


class _Hasher(Protocol):
    def hash(self, password: str | bytes) -> str: ...
    def verify(self, password: str | bytes, hash: str | bytes) -> bool: ...
    def check_needs_rehash(self, hash: str | bytes) -> bool: ...


@functools.cache
def _argon2() -> _Hasher:
    from pwdlib.hashers.argon2 import Argon2Hasher

    return Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1)


@functools.cache
def _bcrypt() -> _Hasher:
    from pwdlib.hashers.bcrypt import BcryptHasher

    return BcryptHasher()


@functools.cache
def _common() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST)


@functools.cache
def _dummy_hash() -> str:
    return hash("the password of no account")


def hash(password: str) -> str:
    """Return the Argon2id hash of a password."""
    with _at_once:
        return _argon2().hash(password)


def verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Return whether the password is correct, and a new hash if the stored one is outdated.

    Without a hash (no such account) it takes as long as a wrong password does.
    """
    if hashed is None:
        dummy = _dummy_hash()
        with _at_once:
            _argon2().verify(password, dummy)
        return False, None
    if hashed.startswith("$argon2"):
        with _at_once:
            right = _argon2().verify(password, hashed)
        outdated = right and _argon2().check_needs_rehash(hashed)
    elif hashed.startswith("$2"):
        with _at_once:
            right = outdated = _verify_bcrypt(password, hashed)
    else:
        return False, None
    return right, hash(password) if outdated else None


def _verify_bcrypt(password: str, hashed: str) -> bool:
    try:
        return _bcrypt().verify(password.encode()[:_BCRYPT_BYTES], hashed)
    except ValueError:  # a NUL in the password, or a truncated hash
        return False


def faults(password: str, email: str) -> list[Fault]:
    """Return what is wrong with a new password.

    As NIST SP 800-63B recommends, only its length and common passwords are checked.
    """
    folded = password.casefold()
    if len(password) < SHORTEST:
        kind, msg = "too_short", f"Use at least {SHORTEST} characters"
    elif len(password) > LONGEST:
        kind, msg = "too_long", f"Use at most {LONGEST:,} characters"
    elif folded in _common() or len(set(folded)) == 1:
        kind, msg = "too_common", "Choose a password that is harder to guess"
    elif folded == email.casefold():
        kind, msg = "too_common", "Choose a password that isn't the email"
    else:
        return []
    return [{"type": f"password_{kind}", "loc": ("body", "password"), "msg": msg}]
