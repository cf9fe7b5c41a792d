"""Undo what programs do to texts: `D&#39;Souza` of a web page, and `Dâ€™Souza` of a wrong encoding.

Excel makes the latter of a CSV file in UTF-8 without a byte order mark, and saves it so.
"""

import codecs
import html
import re

# Only with its semicolon: `AT&T` and `Lake&Park` are texts.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# What Windows-1252 shows of the first byte of a letter in UTF-8, one of which is in such a text.
_FIRST_BYTES = frozenset(bytes(range(0xC2, 0xF5)).decode("cp1252"))
# How the bytes are encoded for which Windows-1252 has no character.
_AS_LATIN = "repairs-latin-1"


def repaired(text: str) -> str:
    """Return a text as its author has seen it."""
    if "&" in text and ";" in text:
        # Some are escaped twice: `&amp;#39;`.
        for _ in range(2):
            text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return text if text.isascii() or _FIRST_BYTES.isdisjoint(text) else _decoded(text)


def _decoded(text: str) -> str:
    """Return what the bytes of a text are in UTF-8: other texts are hardly ever valid in that."""
    try:
        return text.encode("cp1252", _AS_LATIN).decode()
    except UnicodeError:
        return text


def _as_latin(error: UnicodeError) -> tuple[bytes, int]:
    assert isinstance(error, UnicodeEncodeError)
    return error.object[error.start : error.end].encode("latin-1"), error.end


codecs.register_error(_AS_LATIN, _as_latin)
