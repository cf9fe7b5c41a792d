"""Hash and check passwords.

New hashes are Argon2id. Older bcrypt hashes, written by passlib, still work and are replaced at the
next sign-in, as is one of another cost.
"""

import functools
import re
from collections.abc import Iterable
from threading import BoundedSemaphore
from typing import NamedTuple, Protocol

from backend.core import common_passwords
from backend.core.error_text import Fault

SHORTEST = 8
LONGEST = 1024
# What anyone who knows the product would try, and how many letters a password needs without the
# words of the installation.
PRODUCT_WORDS = frozenset({"academy", "admin", "crm", "password", "sports", "tofa"})
OTHER_LETTERS = 5
SHORTEST_WORD = 3
_WORD = re.compile(r"[^\W\d_]+")
# Signs that people write for letters.
_SIGNS = str.maketrans("@04135$7!", "aoaiessti")
# bcrypt reads 72 bytes. passlib ignored the rest; newer releases of bcrypt refuse it.
_BCRYPT_BYTES = 72
# Each check needs 19 MiB and a CPU core, so more at once would only use more memory.
_at_once = BoundedSemaphore(4)


class Cost(NamedTuple):
    """What a hash costs: as much as OWASP's Password Storage Cheat Sheet asks for at least.

    A free host can afford it.
    """

    passes: int = 2
    kib: int = 19 << 10
    lanes: int = 1


# The cost of new hashes.
COST = Cost()


class _Hasher(Protocol):
    def hash(self, password: str | bytes) -> str: ...
    def verify(self, password: str | bytes, hash: str | bytes) -> bool: ...
    def check_needs_rehash(self, hash: str | bytes) -> bool: ...


def _argon2() -> _Hasher:
    return _argon2_of(COST)


@functools.cache
def _argon2_of(cost: Cost) -> _Hasher:
    from pwdlib.hashers.argon2 import Argon2Hasher

    return Argon2Hasher(time_cost=cost.passes, memory_cost=cost.kib, parallelism=cost.lanes)


@functools.cache
def _bcrypt() -> _Hasher:
    from pwdlib.hashers.bcrypt import BcryptHasher

    return BcryptHasher()


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


def words_in(*texts: str) -> frozenset[str]:
    """Return the words of some texts that a password must not consist of."""
    found = (word for text in texts for word in _WORD.findall(text.casefold()))
    return frozenset(word for word in found if len(word) >= SHORTEST_WORD)


def faults(password: str, email: str, words: Iterable[str] = ()) -> list[Fault]:
    """Return what is wrong with a new password. `words` are those of the installation.

    As NIST SP 800-63B recommends, its length is checked, and whether it is common or made of words
    that are known here: of the product, the centers, the person and their email.
    """
    folded = password.casefold()
    if len(password) < SHORTEST:
        kind, msg = "too_short", f"Use at least {SHORTEST} characters"
    elif len(password) > LONGEST:
        kind, msg = "too_long", f"Use at most {LONGEST:,} characters"
    elif common_passwords.contains(folded) or len(set(folded)) == 1:
        kind, msg = "too_common", "Choose a password that is harder to guess"
    elif folded == email.casefold():
        kind, msg = "too_common", "Choose a password that isn't the email"
    elif _is_made_of(folded, PRODUCT_WORDS | words_in(email) | frozenset(words)):
        kind, msg = "too_common", "Choose a password that isn't made up of names used here"
    else:
        return []
    return [{"type": f"password_{kind}", "loc": ("body", "password"), "msg": msg}]


def _is_made_of(folded: str, words: frozenset[str]) -> bool:
    """Return whether little is left of a password without these words, digits and signs."""
    for text in (folded, folded.translate(_SIGNS)):
        rest = text
        for word in sorted(words, key=len, reverse=True):
            rest = rest.replace(word, " ")
        if rest != text and sum(map(str.isalpha, rest)) < OTHER_LETTERS:
            return True
    return False
