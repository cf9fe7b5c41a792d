"""Finds the encoding of a text file. Only its first bytes may name it."""

import codecs

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
CHUNK = 2**16


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
    if any(byte in content for byte in UNDEFINED_IN_1252):
        return "latin-1", 0
    return "cp1252", 0


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
