"""Finds the encoding of a text file. Only its first bytes may name it."""

import codecs
import re
from itertools import islice

from backend.core.sheets.errors import UnreadableFile

BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    # Before UTF-16, whose mark is the start of this one.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

# The five bytes for which Windows-1252 has no character; Latin-1 has one for each.
UNDEFINED_IN_1252 = b"\x81\x8d\x8f\x90\x9d"

BROKEN = "The file has characters that can't be read; please save it again as 'CSV UTF-8'."

SAMPLE = 4096
_PADDING = b"\0" * 8
CHUNK = 2**16

# Of the words with bytes that are no ASCII, so many are looked at, and so much of each. A pattern
# that asks for such a byte would read a long word again from each of its letters.
_WORDS = re.compile(rb"[A-Za-z\x80-\xff]+")
_MOST_WORDS, _LONGEST_WORD = 1000, 100
# The bytes of two dashes, which are the letters of `Muñoz` and `Ramón` in Mac Roman. Between small
# letters, in a cell of few words: in a sentence, some write dashes without spaces.
_INNER_DASH = re.compile(rb"[A-Za-z\x80-\xff][\x96\x97](?=[a-z\x80-\xff])")
# Before a capital, as in `U9-U12`, they are no letters of a name.
_DASH_BEFORE_CAPITAL = re.compile(rb"(?<![A-Z])[\x96\x97](?=[A-Z])")
_CELL_ENDS = re.compile(rb"[,;|\t\r\n\"]")
_LONGEST_NAME, _MOST_SPACES = 60, 2
# Signs that people write before a word, behind it, and on their own.
_OPENING, _CLOSING = "\u201c\u2018", "\u201d\u2019\u2122\u00ae\u2026\u00b9\u00b2\u00b3"
_ALONE = "\u2013\u2014\u2022\u20ac\u00a3\u00b0\u00a9\u00bd\u00bc"
# The letters that texts in either encoding have, beside those of Latin-1.
_LETTERS = "\u0152\u0153\u0178\u0160\u0161\u017d\u017e"


def encoding_of(content: bytes) -> tuple[str, int]:
    """Return the codec's name and the number of bytes that the byte order mark takes.

    Raises UnreadableFile if NUL bytes show that it isn't text.
    """
    for mark, name in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return name, len(mark)
    if b"\0" in content:
        return _utf16_without_mark(content[:SAMPLE]), 0
    if content.isascii() or _decodes(content, "utf-8"):
        return "utf-8", 0
    is_latin = any(byte in content for byte in UNDEFINED_IN_1252)
    matches = (match for match in _WORDS.finditer(content) if not match[0].isascii())
    found = list(islice(matches, _MOST_WORDS))
    words = [match[0][:_LONGEST_WORD] for match in found]
    dashes = len(_DASH_BEFORE_CAPITAL.findall(content))
    dashes -= sum(_has_dash_in_name(content, match) for match in found)
    if _likeness(words, "mac_roman") > _likeness(words, "cp1252") + dashes:
        # Excel for Mac, as plain CSV.
        return "mac_roman", 0
    return "latin-1" if is_latin else "cp1252", 0


def without_padding(content: bytes) -> bytes:
    """Return a text without the NULs that a disk has behind a file that wasn't written to its end.

    The last character of UTF-16 may be half of them.
    """
    if not content.endswith(_PADDING):
        return content
    text = content.rstrip(b"\0")
    return text + b"\0" if b"\0" in text and len(text) % 2 else text


def text_of(content: bytes) -> str:
    """Return the whole text of a file, without its byte order mark. Raises UnreadableFile."""
    encoding, mark = encoding_of(content)
    try:
        return content[mark:].decode(encoding)
    except UnicodeDecodeError:
        raise UnreadableFile(BROKEN) from None


def _likeness(words: list[bytes], name: str) -> int:
    """Return how much words look like words when they are decoded: more is better."""
    return sum(_word_likeness(word.decode(name, "replace")) for word in words)


def _has_dash_in_name(content: bytes, word: re.Match[bytes]) -> bool:
    """Return whether a word of a cell that is no sentence has a dash between small letters."""
    if not _INNER_DASH.search(word[0]):
        return False
    before = content[max(word.start() - _LONGEST_NAME, 0) : word.start()]
    behind = content[word.end() : word.end() + _LONGEST_NAME]
    cell = _CELL_ENDS.split(before)[-1] + _CELL_ENDS.split(behind)[0]
    return cell.count(b" ") <= _MOST_SPACES


def _word_likeness(word: str) -> int:
    """Return the signs and letters that are as in `Zoe` and `ZOE`, less those as in `zOe`."""
    is_upper = "".join(filter(str.isascii, word)).isupper()
    found = 0
    for at, char in enumerate(word):
        if char.isascii() or char.isspace():
            continue
        before, behind = word[:at][-1:].isalpha(), word[at + 1 :][:1].isalpha()
        if char.isalpha():
            is_odd = char > "\u00ff" and char not in _LETTERS
            is_odd = is_odd or (char.isupper() and at > 0 and not is_upper and not word.isupper())
            found += 1 if (before or behind) and not is_odd else -1
        elif char in _OPENING:
            found += 1 if behind and not before else -1
        elif char in _CLOSING:
            found += 1 if before else -1
        else:
            found += (before and behind) if char in _ALONE else -1
    return found


def _utf16_without_mark(sample: bytes) -> str:
    """Return which UTF-16 it is: as headers are mostly ASCII, every other byte is mostly NUL."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if len(sample) >= 4 and min(even, odd) == 0 and max(even, odd) * 2 > len(sample) // 2:
        return "utf-16-le" if odd else "utf-16-be"
    raise UnreadableFile("The file is not a text file; please save it again as .csv or .xlsx.")


def _decodes(content: bytes, name: str) -> bool:
    # In pieces, to avoid a second copy of the file.
    decoder = codecs.getincrementaldecoder(name)()
    try:
        for start in range(0, len(content), CHUNK):
            decoder.decode(content[start : start + CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
