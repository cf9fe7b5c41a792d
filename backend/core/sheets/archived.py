"""Finds the one table in a zip archive: Google Forms packs the responses that people download."""

import io
from collections.abc import Sequence
from pathlib import PurePosixPath

from backend.core.sheets.archive import Inflater, Part, parts
from backend.core.sheets.errors import UnreadableFile

# A workbook is a zip, too: each kind has one of these parts.
_OF_WORKBOOKS = ("[content_types].xml", "content.xml", "workbook.xml", "workbook.bin")
# Not .txt, .html and .json: archives have notes, licenses and settings in them.
_TABLES = (".csv", ".tsv", ".tab", ".xlsx", ".xlsm", ".xls", ".ods", ".vcf", ".vcard")
# What programs add of their own.
_ADDED = ("__MACOSX", ".")
LARGEST = 64 * 2**20
"""Bytes that a table in an archive may have: the server holds it as a whole."""

NO_FILE = "The archive has no table in it; please send the .xlsx or .csv file itself."
SEVERAL = "The archive has {} tables in it; please unpack it, and send them one by one."
TOO_LARGE = "The file in the archive is too large; please split it into several files."


def unpacked(content: bytes, name: str) -> tuple[bytes, str] | None:
    """Return the only file of an archive whose name ends as a table's does, and its name.

    None for a zip that is, or may be, a workbook. Raises UnreadableFile.
    """
    try:
        held = parts(io.BytesIO(content))
    except UnreadableFile:
        return None
    if any(part.name.lower().endswith(_OF_WORKBOOKS) for part in held):
        return None
    return _only(content, [part for part in held if _is_table(part)], name)


def _only(content: bytes, found: Sequence[Part], name: str) -> tuple[bytes, str] | None:
    if not found and not name.endswith(".zip"):
        return None
    if len(found) != 1:
        raise UnreadableFile(SEVERAL.format(len(found)) if found else NO_FILE)
    (part,) = found
    if part.unpacked > LARGEST:
        raise UnreadableFile(TOO_LARGE)
    # It never unpacks to more than it says.
    chunks = Inflater(io.BytesIO(content), len(content)).chunks(part)
    return b"".join(chunks), PurePosixPath(part.name).name.lower()


def _is_table(part: Part) -> bool:
    path = PurePosixPath(part.name)
    is_added = any(name.startswith(_ADDED) for name in path.parts)
    return not is_added and path.name.lower().endswith(_TABLES)
