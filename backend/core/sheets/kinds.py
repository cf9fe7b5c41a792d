"""Says what a file is by its first bytes: people rename files more often than they convert them."""

import re
from enum import StrEnum

from backend.core.sheets.encoding import encoding_of
from backend.core.sheets.errors import UnreadableFile


class Kind(StrEnum):
    """How a file is read."""

    TEXT = "text"
    WORKBOOK = "workbook"
    PAGE = "page"
    """HTML, or the XML of Excel 2003."""
    CONTACTS = "contacts"
    """vCard."""
    OBJECTS = "objects"
    """JSON."""


OLE2 = bytes.fromhex("D0CF11E0A1B11AE1")
ZIPS = (b"PK\3\4", b"PK\5\6")

# Files of other kinds, by their start, and what they are.
OTHERS = (
    (b"%PDF", "a PDF"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document (.rtf)"),
    (b"\x1f\x8b", "compressed (.gz)"),
    (b"7z\xbc\xaf\x27\x1c", "an archive (.7z)"),
    (b"Rar!", "an archive (.rar)"),
    (b"SQLite format 3", "a database"),
)

_PAGE = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*|<!--.*?-->\s*|<\?mso-application[^>]*>\s*)*"
    r"<(?:!doctype|html|head|meta|body|table|div|style|title|center|font|script|form"
    r"|(?:\w+:)?workbook)\b",
    re.IGNORECASE | re.DOTALL,
)
_ARCHIVED_PAGE = re.compile(r"\s*(?:[\w-]+:[^\n]*\n\s*)*content-type:\s*multipart/", re.IGNORECASE)
_XML = re.compile(r"\s*<\?xml\b")
_CONTACTS = re.compile(r"\s*BEGIN:VCARD\b", re.IGNORECASE)
_CALENDAR = re.compile(r"\s*BEGIN:VCALENDAR\b", re.IGNORECASE)
_JSON = re.compile(r'\s*(?:\{\s*"|\[\s*[\[{])')
# In bytes: how much of a text is looked at.
_START = 4096


def kind_of(content: bytes) -> Kind:
    """Return how to read a file. Raises UnreadableFile for a file of another kind."""
    if content.startswith(OLE2) or content.startswith(ZIPS):
        return Kind.WORKBOOK
    for start, what in OTHERS:
        if content.startswith(start):
            raise _is(what)
    # What is looked for is ASCII, so the start is enough to find the encoding.
    sample = content[:_START]
    encoding, mark = encoding_of(sample)
    start_of_text = sample[mark:].decode(encoding, "ignore")
    if _PAGE.match(start_of_text):
        return Kind.PAGE
    if _ARCHIVED_PAGE.match(start_of_text):
        raise _is("a web archive (.mht)")
    if _XML.match(start_of_text):
        raise _is("XML")
    if _CALENDAR.match(start_of_text):
        raise _is("a calendar (.ics)")
    if _CONTACTS.match(start_of_text):
        return Kind.CONTACTS
    return Kind.OBJECTS if _JSON.match(start_of_text) else Kind.TEXT


def _is(what: str) -> UnreadableFile:
    return UnreadableFile(
        f"The file is {what}, not a spreadsheet; please save it as .xlsx or .csv."
    )
