"""Tell whether a password is one of the 100,000 most common ones of 8 or more characters.

`hashes.bin` has the first four bytes of the SHA-256 of each, in order: 400 KB, which stay on disk
and are searched there. Another password has one chance in 43,000 of being taken for a common one.
`SOURCES.toml` names the lists; `.ci/passwords` makes the file.
"""

import functools
import mmap
from hashlib import sha256
from pathlib import Path

SHORTEST = 8
PATH = Path(__file__).with_name("hashes.bin")
SIZE = 4


def fold(password: str) -> str:
    """Return a password for comparison: its case doesn't count."""
    return password.casefold()


def digest(folded: str) -> bytes:
    return sha256(folded.encode("utf-8", "surrogatepass")).digest()[:SIZE]


def contains(password: str) -> bool:
    """Return whether a password is a common one, whatever its case."""
    wanted, hashes = digest(fold(password)), _hashes()
    low, high = 0, len(hashes) // SIZE
    while low < high:
        middle = (low + high) // 2
        found = hashes[middle * SIZE : (middle + 1) * SIZE]
        if found == wanted:
            return True
        if found < wanted:
            low = middle + 1
        else:
            high = middle
    return False


@functools.cache
def _hashes() -> mmap.mmap:
    with PATH.open("rb") as file:
        return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
