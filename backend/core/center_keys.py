"""The key of a center's name: what is left of a text when only what people read in it counts.

A parent's form, a spreadsheet and a person write one name in many ways. Case, accents, full-width
letters, spaces of all kinds, dashes and underscores, punctuation at either end, and characters that
nobody sees don't count.
"""

import re
import unicodedata

from backend.core.text_cache import cached_if_short

# Characters that nobody sees, in addition to Unicode's format characters (Cf): see
# `Default_Ignorable_Code_Point` in Unicode's DerivedCoreProperties.txt.
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\ufffc"
    "\U000e0000-\U000e0fff]+"
)
# Marks over and under letters of any alphabet. The vowel signs of Indian scripts are no accents.
_ACCENTS = re.compile("[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f]+")
# What looks like a space or a dash, and that Unicode files under something else.
_APART = str.maketrans(dict.fromkeys("_\u2212\u02d7\u2043\u2500\u2501\u2800", " "))
_QUOTES = str.maketrans(
    dict.fromkeys("`\u2018\u2019\u201b\u02bc\u2032", "'")
    | dict.fromkeys("\u201c\u201d\u201e\u201f\u2033", '"')
)


@cached_if_short(maxsize=1024)
def center_key(text: str) -> str:
    """Return the key of a center's name; an empty text if nobody sees anything of it."""
    # Digits and letters in themselves: two spellings of one name have one key.
    text = text.translate(_QUOTES)
    if not text.isascii():
        text = _plain(text)
    text = _CONTROLS.sub("", text.translate(_APART).replace("-", " ")).casefold()
    whole = " ".join(text.split())
    return _without_punctuation(whole) or whole


def _plain(text: str) -> str:
    """Return the text in plain letters: no accents, no unseen characters, dashes as spaces."""
    text = unicodedata.normalize("NFKC", _seen(text)).casefold()
    text = _ACCENTS.sub("", unicodedata.normalize("NFKD", text))
    return unicodedata.normalize("NFKC", _seen(text))


def without_unseen(text: str) -> str:
    """Return a text without the characters that nobody sees."""
    return "".join(one for one in _UNSEEN.sub("", text) if unicodedata.category(one) != "Cf")


def _seen(text: str) -> str:
    shown = without_unseen(text)
    return "".join(" " if unicodedata.category(one) == "Pd" else one for one in shown)


def _without_punctuation(text: str) -> str:
    first, last = 0, len(text)
    while first < last and _is_punctuation(text[last - 1]):
        last -= 1
    while first < last and _is_punctuation(text[first]):
        first += 1
    return text[first:last]


def _is_punctuation(character: str) -> bool:
    return character == " " or unicodedata.category(character).startswith("P")
