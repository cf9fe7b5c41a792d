"""Reads contacts as phones and mail programs export them: vCard 2.1, 3.0 and 4.0 (RFC 6350).

Each contact is a row. Its properties are columns with the names that a sheet would have; pictures
and what only programs need are left out.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass

from backend.core.sheets.encoding import text_of
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_ROWS
from backend.core.sheets.markup import Page
from backend.core.sheets.records import page_of
from backend.core.sheets.table import TOO_LONG

_NAME, _PHONE, _EMAIL, _ADDRESS = "Name", "Phone", "Email", "Address"
# The names of columns, by the names of properties.
_COLUMNS = {
    "FN": _NAME, "N": _NAME, "TEL": _PHONE, "EMAIL": _EMAIL, "ADR": _ADDRESS, "BDAY": "Birthday",
    "NOTE": "Notes", "ORG": "Organization", "TITLE": "Job title", "ROLE": "Role", "URL": "Website",
    "CATEGORIES": "Groups", "NICKNAME": "Nickname", "ANNIVERSARY": "Anniversary", "IMPP": "Chat",
    "GENDER": "Gender", "RELATED": "Related person",
}  # fmt: skip
_LEFT_OUT = frozenset(
    {"BEGIN", "END", "VERSION", "PRODID", "UID", "REV", "PHOTO", "LOGO", "SOUND", "KEY", "AGENT",
     "CLASS", "KIND", "MAILER", "SOURCE", "SORT-STRING", "CLIENTPIDMAP", "CALURI", "CALADRURI",
     "FBURL", "XML", "GEO", "TZ", "LABEL", "PROFILE", "MEMBER", "X-ABLABEL", "X-ABUID", "X-ABADR",
     "X-ABSHOWAS", "X-MS-CARDPICTURE", "X-MS-OL-DEFAULT-POSTAL-ADDRESS"}
)  # fmt: skip
# `item1.TEL;TYPE="work,voice":040 2345`: a group, the name, its parameters and the value.
_PROPERTY = re.compile(
    r'(?:[\w-]{1,50}\.)?([\w-]{1,100})((?:;(?:[^:;"]|"[^"]*")*)*):(.*)', re.DOTALL
)
_CHARSET = re.compile(r";CHARSET=\"?([\w.:-]{1,40})", re.IGNORECASE)
_QUOTED = re.compile(r";(?:ENCODING=)?\"?QUOTED-PRINTABLE", re.IGNORECASE)
_BASE64 = re.compile(r";(?:ENCODING=)?\"?(?:BASE64|B)\"?(?:;|$)", re.IGNORECASE)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PARTS = re.compile(r"(?<!\\);")
# Parts of a name as they are spoken; in the file the last name comes first.
_SPOKEN = (3, 1, 2, 0, 4)


@dataclass(frozen=True, slots=True)
class _Property:
    name: str
    parameters: str
    text: str

    @property
    def value(self) -> str:
        """The text as it was meant, with its line ends and characters."""
        return _unescaped(self.text)

    @property
    def parts(self) -> list[str]:
        """The parts of a name or an address, blank ones too."""
        return [_unescaped(part) for part in _PARTS.split(self.text)]


def tables(content: bytes) -> list[Page]:
    """Return the contacts as one table. Raises UnreadableFile."""
    text = text_of(content)
    rows: list[dict[str, str]] = []
    for contact in _contacts(text):
        if len(rows) == MAX_ROWS:
            raise UnreadableFile(TOO_LONG)
        rows.append(_row(contact))
    return [page_of("Contacts", rows, first=(_NAME, _PHONE, _EMAIL))] if rows else []


def _contacts(text: str) -> Iterator[list[_Property]]:
    contact: list[_Property] = []
    for line in _unfolded(text):
        found = _PROPERTY.fullmatch(line)
        if found is None:
            continue
        name, parameters = found[1].upper(), found[2]
        if name == "END" and contact:
            yield contact
            contact = []
        elif name not in _LEFT_OUT and not _BASE64.search(parameters):
            contact.append(_Property(name, parameters, _decoded(parameters, found[3])))
    if contact:
        yield contact


def _unfolded(text: str) -> Iterator[str]:
    """Yield the lines, each with those that belong to it: a long one goes on behind a space.

    The parts are joined once a line, however many there are.
    """
    parts, is_quoted = [""], False
    for one in text.splitlines():
        if one[:1] in (" ", "\t"):
            _add(parts, one[1:])
            continue
        if parts[-1].endswith("="):
            # Once it is known, more parts change nothing: it stands before the first colon.
            is_quoted = is_quoted or _is_quoted("".join(parts))
            if is_quoted:
                _add(parts, parts.pop()[:-1])
                _add(parts, one)
                continue
        yield "".join(parts)
        parts, is_quoted = [one], False
    yield "".join(parts)


def _add(parts: list[str], part: str) -> None:
    """Add a part; a blank one only where there is no other, so that the last one ends the line."""
    if part or not parts:
        parts.append(part)


def _is_quoted(line: str) -> bool:
    return _QUOTED.search(line, 0, max(line.find(":"), 0)) is not None


def _decoded(parameters: str, text: str) -> str:
    """Return the text of a property of vCard 2.1, whose characters may be quoted."""
    if not _QUOTED.search(parameters):
        return text
    named = _CHARSET.search(parameters)
    data = binascii.a2b_qp(text.encode(errors="replace"))
    for charset in (named[1] if named else "utf-8", "utf-8"):
        try:
            return data.decode(charset)
        except (UnicodeDecodeError, LookupError):
            continue
    return data.decode("cp1252", errors="replace")


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text.strip()
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], text).strip()


def _row(contact: list[_Property]) -> dict[str, str]:
    """Return a contact by the names of columns; the second phone is `Phone 2`."""
    row: dict[str, str] = {}
    has_whole_name = any(one.name == "FN" and one.value for one in contact)
    for one in contact:
        text = _text_of(one)
        if not text or (one.name == "N" and has_whole_name):
            continue
        column = _COLUMNS.get(one.name) or one.name.removeprefix("X-").replace("-", " ").title()
        name, number = column, 1
        while row.get(name, text) != text:
            number += 1
            name = f"{column} {number}"
        if text not in [other for key, other in row.items() if key.startswith(column)]:
            row[name] = text
    return row


def _text_of(one: _Property) -> str:
    if one.name == "N":
        parts = one.parts + [""] * len(_SPOKEN)
        return " ".join(parts[at] for at in _SPOKEN if parts[at])
    if one.name in ("ADR", "ORG"):
        return ", ".join(part for part in one.parts if part)
    if one.name == "TEL":
        return re.sub(r"^tel:", "", one.value, flags=re.IGNORECASE)
    if one.name == "EMAIL":
        return re.sub(r"^mailto:", "", one.value, flags=re.IGNORECASE)
    return one.value
