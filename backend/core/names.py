"""Read a person's name as a person or a program wrote it."""

import re
import unicodedata
from functools import lru_cache

# Characters that show nothing and aren't in Unicode's category for that.
_BLANKS = frozenset("\u034f\u115f\u1160\u2800\u3164\uffa0\ufffc")
# Joiners: within words of some scripts they choose the form of a letter, and emojis become one.
_JOINERS = frozenset("\u200c\u200d")
# Other ways to write an apostrophe and a hyphen.
_ALIKE = str.maketrans(dict.fromkeys("\u2018\u2019\u02bc\u02b9\u00b4\uff07`", "'")) | str.maketrans(
    dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
)
# The first and last mark that accents a letter of any script.
_ACCENTS = (("\u0300", "\u036f"), ("\u1ab0", "\u1aff"), ("\u1dc0", "\u1dff"), ("\ufe20", "\ufe2f"))
# Classes of marks that people leave out: dots under letters (Hindi's nukta), the points that stand
# for vowels in Hebrew and Arabic. Not the vowel signs and the virama of India's scripts: without
# them प्रिया would be परिया.
_NUKTA, _FIRST_POINT, _LAST_POINT = 7, 10, 36
_TATWEEL = "\u0640"

# What is typed where there is no name. Short real names such as Om, Jo, Nil and Na Li aren't here.
_PLACEHOLDER = re.compile(
    r"""
    n(?:\ ?[/.\\-]?\ ?a|one|ull|an|o\ ?name|ot\ (?:available|applicable|given|known|provided)|ame)
  | not\ (?:sure|mentioned) | un(?:known|defined)(?:\ name)? | anonymous
  | null\ null | undefined\ undefined | na\ na | n/a\ n/a
  | my\ (?:child|kid|son|daughter) | (?:whatsapp|facebook|instagram|google)\ user | new\ lead
  | unknown\ caller
  | (?:facebook|fb|instagram|insta|meta|google|justdial|indiamart|sulekha|website|web|ads?)
    \ (?:lead|user|buyer|enquiry|customer)
  | new\ enquiry | enquiry | name\ not\ given | (?:do\ not|don'?t)\ know
  | same\ as\ (?:above|before) | ditto | to\ be\ confirmed | blank
  # What programs leave in its place: an object, an error of a spreadsheet
  | object\ object | ref | value | div/0
  | अज्ञात | नहीं\ पता | పేరు\ లేదు | తెలియదు
  | (?:(?:your|full|first|last|player'?s?|child'?s?|parent'?s?)[\ _]){1,3}name
  | x{1,20} | xyz | abcd? | abc\ ?xyz | asdf?g?h?j?k?l? | qwerty | tb[da] | नाम | పేరు
  | (?:test(?:ing|er)?|demo|dummy|sample|fake|टेस्ट|టెస్ట్)
    (?:[ _-]?(?:test|testing|leads?|user|name|player|child|kid|parent|data|entry|account|\d{1,9})
    ){0,4}
  | (?P<letter>[^\W\d_])(?P=letter){2,}
    # An email, a web address
  | [^\s@]+@[^\s@]+\.[^\s@]+ | https?://\S+
    """,
    re.VERBOSE,
)
# Who someone is, in place of a name; with a number behind it, it tells one from another.
_WHO = frozenset({"parent", "child", "kid", "student", "player", "lead", "customer", "guest"})
_LABEL = re.compile(
    r"(?:(?:p|ph|phone|mob|mobile|tel|cell|contact|whatsapp|call|no|number)[\W_]{0,3}){1,3}"
)
_PHONE = 7  # The fewest digits and signs of a phone.
_SIGNS = "0123456789 .,;:!?/\\|_-+*#@&%$~^'\"()[]{}<>=–—…।"
# How a part of a name is written where someone has none.
_NO_NAME = frozenset(
    {"N/A", "n/a", "null", "NULL", "none", "None", "undefined", "NaN", "nan", "unknown", "Unknown",
     "Not Available", "not available", "Not Applicable", "not applicable", "Not Provided",
     "not provided", "[not provided]", "[Not Provided]", "(not provided)", "(not set)", "Not Given",
     "not given", "No Name", "no name"}
)  # fmt: skip
# And a last one: N. A. are the initials of some, and `Na` is a name.
_NO_LAST_NAME = _NO_NAME | {"na", "NA", "N.A.", "n.a.", "No last name"}


def clean(text: str | None) -> str | None:
    """Return a name without format characters and doubled spaces, or None if nothing is left."""
    if not text:
        return None
    if not text.isascii() or not text.isprintable():
        # Format and control characters aren't printable.
        is_seen = text.isprintable() and _BLANKS.isdisjoint(text)
        text = unicodedata.normalize("NFC", text if is_seen else _visible(text))
    return " ".join(text.split()) or None


def is_blank(text: str) -> bool:
    """Return whether nobody sees anything of a text."""
    bare = text.strip()
    return not bare or (not bare.isascii() and clean(bare) is None)


def join(*parts: str | None) -> str | None:
    """Return the whole name of a first and a last name, which may be in the first one already."""
    whole: str | None = None
    for part in map(clean, parts):
        if whole is None or part is None:
            whole = whole or part
            continue
        before, behind = folded(whole), folded(part)
        if f" {before}".endswith(f" {behind}") or _is_no_last_name(part):
            continue
        is_whole = f"{behind} ".startswith(f"{before} ") or _is_no_first_name(whole)
        whole = part if is_whole else f"{whole} {part}"
    return whole


def folded(text: str | None) -> str:
    """Return a text as names are compared and searched: without case, accents and extra spaces."""
    if not text:
        return ""
    if not (text.isascii() and text.isprintable()):
        text = unicodedata.normalize("NFKD", text.casefold().translate(_ALIKE))
        text = unicodedata.normalize("NFC", "".join(filter(_counts, text)))
    return " ".join(text.casefold().split())


def key(text: str | None) -> str:
    """Return the folded name by which leads are matched, or an empty text if there is no name."""
    name = folded(text)
    bare = name.strip(_SIGNS)
    # Digits and signs of other scripts, which strip() doesn't know, take a look at each.
    if not bare.isascii() and not _has_letter(bare):
        return ""
    if len(name) - len(bare) >= _PHONE and _LABEL.fullmatch(bare):
        return ""
    is_none = not bare or (bare in _WHO and not any(map(str.isdigit, name)))
    return "" if is_none or _PLACEHOLDER.fullmatch(bare) else name


def _visible(text: str) -> str:
    """Return a text without format and control characters, apart from joiners within a word."""
    shown: list[str] = []
    for at, char in enumerate(text):
        if char in _JOINERS:
            if shown and _is_of_word(shown[-1]) and _is_of_word(text[at + 1 : at + 2]):
                shown.append(char)
        elif char.isspace():
            shown.append(" ")
        elif char not in _BLANKS and unicodedata.category(char) not in ("Cf", "Cc"):
            shown.append(char)
    return "".join(shown)


def _is_of_word(char: str) -> bool:
    """Return whether a character is a letter, a mark or an emoji that joiners change."""
    return char > "\u05ff" and unicodedata.category(char)[:1] in ("L", "M", "S")


@lru_cache(maxsize=4096)
def _counts(char: str) -> bool:
    """Return whether a decomposed character tells one name from another."""
    if char.isspace() or (char.isascii() and char.isprintable()):
        return True
    if char in _BLANKS or char == _TATWEEL or unicodedata.category(char) in ("Cf", "Cc"):
        return False
    mark = unicodedata.combining(char)
    if mark == 0:
        return True
    if mark == _NUKTA or _FIRST_POINT <= mark <= _LAST_POINT:
        return False
    return not any(first <= char <= last for first, last in _ACCENTS)


def _has_letter(text: str) -> bool:
    return any(map(str.isalpha, text))


def _is_no_first_name(text: str) -> bool:
    return text in _NO_NAME or not _has_letter(text)


def _is_no_last_name(text: str) -> bool:
    return text in _NO_LAST_NAME or not _has_letter(text)
