"""Compare the names of columns and questions, however they are written."""

import re
import unicodedata

from backend.core.repairs import repaired
from backend.core.text_cache import cached_if_short

# `firstName` and `HTTPName` are two words each.
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APOSTROPHES = re.compile("['\u2019\u02bc`\u00b4]")


def words(name: str) -> str:
    """Return a name's words in lower case, separated by single spaces.

    Spaces, underscores, dashes, `?`, `*` and other signs separate words, and so does a capital in
    `firstName`. Invisible characters and accents don't count.
    """
    text = unicodedata.normalize("NFKD", _APOSTROPHES.sub("", repaired(name)))
    text = _CAMEL.sub(" ", "".join(map(_kept, text)))
    return " ".join(text.casefold().split())


@cached_if_short(maxsize=8192)
def fold(name: str) -> str:
    """Return a name for comparison: its words without the spaces between them.

    So `WhatsApp number`, `whatsapp_number` and `Whats App Number*` are the same.
    """
    return words(name).replace(" ", "")


def _kept(char: str) -> str:
    """Return what remains of a character: itself, a space, or nothing."""
    kind = unicodedata.category(char)
    if kind == "Cf" or unicodedata.combining(char):
        return ""
    # A vowel sign of an Indian script is a mark, but no accent.
    return char if kind[0] in "LNM" else " "
