"""Bytes become text: by their mark, as UTF-8, or in the character set that the sender names."""

import re
from collections.abc import Mapping

from backend.core.sheets.encoding import BYTE_ORDER_MARKS

# Where the first four bytes of JSON are NUL, RFC 4627, section 3: its first two are ASCII.
_NULS: Mapping[tuple[bool, ...], str] = {
    (False, True, True, True): "utf-32-le",
    (True, True, True, False): "utf-32-be",
    (False, True, False, True): "utf-16-le",
    (True, False, True, False): "utf-16-be",
}
_CHARSET = re.compile(r"""charset\s*=\s*["']?([\w.:-]{1,40})""", re.IGNORECASE | re.ASCII)
# The character sets that a sender can name; Python's codecs have more, not all of them for texts.
_KNOWN = re.compile(
    r"utf[-_]?(16|32)([-_]?[lb]e)?|iso[-_]8859[-_]\d+|latin[-_]?\d|(windows|cp)[-_]?\d+"
    r"|shift[-_]jis|euc[-_](jp|kr)|gb(k|2312|18030)|big5|koi8[-_][ru]",
    re.IGNORECASE,
)


def decode(body: bytes, content_type: str = "") -> str:
    """Return the text of a body. What isn't UTF-8, nor as the sender says, is Windows-1252."""
    for mark, name in BYTE_ORDER_MARKS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, errors="replace")
    if name := _NULS.get(tuple(byte == 0 for byte in body[:4]), ""):
        return body.decode(name, errors="replace")
    for name in ("utf-8", _charset(content_type), "cp1252"):
        try:
            return body.decode(name)
        except (UnicodeDecodeError, LookupError):
            continue
    return body.decode("latin-1")


def _charset(content_type: str) -> str:
    named = _CHARSET.search(content_type)
    return named[1] if named and _KNOWN.fullmatch(named[1]) else "utf-8"


def without_surrogates(text: str) -> str:
    """Return a text that UTF-8 can write: pairs of surrogates are joined, others replaced."""
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", errors="replace")
