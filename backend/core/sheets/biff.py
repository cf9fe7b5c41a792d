"""Measures the sheets of an .xls by its records, before the real reader opens it.

Format: Microsoft's [MS-XLS]. A record is two bytes for its type, two for its length, and the body.
The records of cells begin with row and column, from 0.
"""

import struct
from dataclasses import dataclass

from backend.core.sheets.bounds import check
from backend.core.sheets.errors import DAMAGED, LOCKED, TOO_LARGE, UnreadableFile
from backend.core.sheets.limits import MAX_CELLS, MAX_SHEETS

HEAD = struct.Struct("<2H")
PLACE = struct.Struct("<2H")

END_OF_SHEET = 0x000A
SHEET = 0x0085
ENCRYPTED = 0x002F
STRINGS = 0x00FC
DIMENSIONS = 0x0200
SEVERAL_NUMBERS = 0x00BD
CELLS = frozenset((0x0006, 0x00BD, 0x00D6, 0x00FD, 0x0203, 0x0204, 0x0205, 0x027E))


@dataclass(slots=True)
class Extent:
    """What the real reader will allocate: the area of all sheets, and the cells with a value."""

    area: int = 0
    cells: int = 0


def extent(stream: bytes) -> Extent:
    """Measure all sheets of a workbook stream.

    Raises UnreadableFile if they're too large, or encrypted.
    """
    total = Extent()
    sheets = _sheets(stream)
    if len(sheets) > MAX_SHEETS:
        raise UnreadableFile(TOO_LARGE)
    for start in sheets:
        _walk(stream, start, total)
        if total.area > 2 * MAX_CELLS or total.cells > MAX_CELLS:
            raise UnreadableFile(TOO_LARGE)
    return total


def _sheets(stream: bytes) -> list[int]:
    """Return where each sheet starts. Raises UnreadableFile if the workbook is encrypted."""
    sheets: list[int] = []
    at = 0
    while at + 4 <= len(stream):
        kind, length = HEAD.unpack_from(stream, at)
        if kind == SHEET and length >= 4:
            sheets.append(int.from_bytes(stream[at + 4 : at + 8], "little"))
        elif kind == STRINGS and length >= 8:
            # A string has at least three bytes.
            if int.from_bytes(stream[at + 8 : at + 12], "little") * 3 > len(stream):
                raise UnreadableFile(DAMAGED)
        elif kind == ENCRYPTED:
            raise UnreadableFile(LOCKED)
        elif kind == END_OF_SHEET:
            break
        at += 4 + length
    return sheets


def _walk(stream: bytes, at: int, total: Extent) -> None:
    """Add a sheet's area and cells to the total."""
    rows = columns = 0
    head, place = HEAD.unpack_from, PLACE.unpack_from
    last = len(stream) - 8
    while at <= last:
        kind, length = head(stream, at)
        if kind in CELLS:
            row, column = place(stream, at + 4)
            if kind == SEVERAL_NUMBERS:
                column += length // 6
            if row >= rows:
                rows = row + 1
            if column >= columns:
                columns = column + 1
            total.cells += 1
        elif kind == END_OF_SHEET:
            break
        elif kind == DIMENSIONS:
            total.area += _claimed(stream[at + 4 : at + 4 + length])
        at += 4 + length
    check(rows, columns)
    total.area += rows * columns


def _claimed(body: bytes) -> int:
    """Return the area that a sheet claims: the real reader reserves address space for it."""
    if len(body) == 14:
        first_row, last_row, first_column, last_column = struct.unpack_from("<2I2H", body)
    elif len(body) == 10:
        first_row, last_row, first_column, last_column = struct.unpack_from("<4H", body)
    else:
        raise UnreadableFile(DAMAGED)
    rows: int = last_row - first_row
    columns: int = last_column - first_column
    return max(rows, 1) * max(columns, 1)
