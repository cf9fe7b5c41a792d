"""The process that reads a workbook: from the file as standard input to the frames of `wire` on
standard output.

It measures before it reads (`archive`, `bounds`, `compound`, `biff`), and limits its own memory to
what the file should take: if it has overlooked something, only this process dies. It imports only
python-calamine and the standard library.
"""

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from typing import BinaryIO, cast

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from backend.core.sheets import wire
from backend.core.sheets.archive import Inflater, parts
from backend.core.sheets.biff import Extent, extent
from backend.core.sheets.bounds import Bounds, check
from backend.core.sheets.compound import Compound
from backend.core.sheets.errors import DAMAGED, LOCKED, UnreadableFile
from backend.core.sheets.limits import CPU_SECONDS, MAX_CELL_CHARACTERS, MAX_SHEETS, MEMORY
from backend.core.sheets.table import Cell, Record

ROWS_A_FRAME = 256

# Address space in bytes: what the interpreter and any workbook take, and what each cell, each place
# in the rectangle and each byte adds. Measured on sheets of 1,000,000 cells with inline and with
# shared strings, with room to spare.
SLACK = 64 * 2**20
FOR_A_CELL = 80
FOR_A_PLACE = 64
FOR_A_BYTE = 2

# Above it, floats have no digits to spare, and an int would show digits that the sheet doesn't
# have.
WHOLE = 10.0**18

# Parts that make calamine read the file as .ods or .xlsb, which the checks don't know.
OTHER_FORMATS = re.compile(r"content\.xml|.*workbook\.bin", re.IGNORECASE)

NOT_XLSX = "The file is not an .xlsx workbook; please save it again as .xlsx or .csv."
NO_CELLS = "The workbook has no visible sheet with cells."
TOO_LONG_A_CELL = f"has more than {MAX_CELL_CHARACTERS:,} characters; please shorten it."
NUL_IN_A_CELL = "has NUL characters; please delete them."


def main() -> None:
    """Read standard input, write frames, end."""
    _limit()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    try:
        with open(0, "rb", closefd=False) as file:
            for rows in _rows(file):
                _write(out, wire.frame(wire.ROWS, rows))
        _write(out, wire.frame(wire.DONE, None))
    except UnreadableFile as error:
        _write(out, wire.frame(wire.REFUSED, str(error)))
    except BrokenPipeError:
        # The server has stopped reading.
        os._exit(0)


def _write(out: io.FileIO | BinaryIO, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[out.write(view) or 0 :]


def _rows(file: BinaryIO) -> Iterator[list[Record]]:
    signature = file.read(2)
    memory = _xlsx(file) if signature == b"PK" else _xls(file)
    _limit(SLACK + memory)
    file.seek(0)
    try:
        yield from _sheet(CalamineWorkbook.from_filelike(file))
    except UnreadableFile:
        raise
    except PasswordError:
        raise UnreadableFile(LOCKED) from None
    except (CalamineError, OSError, ValueError, OverflowError):
        raise UnreadableFile(DAMAGED) from None


def _xlsx(file: BinaryIO) -> int:
    """Check the parts of an .xlsx; return the bytes that reading it should take at most."""
    found = parts(file)
    if any(OTHER_FORMATS.fullmatch(part.name) for part in found):
        raise UnreadableFile(NOT_XLSX)
    size = file.seek(0, 2)
    inflater = Inflater(file, size)
    places = cells = 0
    for part in found:
        bounds = Bounds()
        bounds.measure(inflater.chunks(part))
        places = max(places, bounds.rows * bounds.columns)
        cells = max(cells, bounds.cells)
    return 3 * size + places * FOR_A_PLACE + cells * FOR_A_CELL + inflater.total * FOR_A_BYTE


def _xls(file: BinaryIO) -> int:
    """Check the records of an .xls; return the bytes that reading it should take at most."""
    file.seek(0)
    content = file.read()
    compound = Compound(content)
    if "EncryptedPackage" in compound.names:
        raise UnreadableFile(LOCKED)
    streams = [name for name in ("Workbook", "Book") if name in compound.names]
    if not streams:
        raise UnreadableFile(DAMAGED)
    total = Extent()
    for name in streams:
        seen = extent(compound.stream(name))
        total.area += seen.area
        total.cells += seen.cells
    return 8 * len(content) + total.area * FOR_A_PLACE + total.cells * FOR_A_CELL


def _sheet(workbook: CalamineWorkbook) -> Iterator[list[Record]]:
    """Yield the rows of the first visible sheet with cells, in frames."""
    visible = [
        sheet.name
        for sheet in workbook.sheets_metadata
        if sheet.visible is SheetVisibleEnum.Visible and sheet.typ is SheetTypeEnum.WorkSheet
    ]
    for name in visible[:MAX_SHEETS]:
        sheet = workbook.get_sheet_by_name(name)
        if sheet.start is None or sheet.end is None:
            continue
        check(sheet.end[0] + 1, sheet.width)
        yield from _frames(sheet.iter_rows())
        return
    raise UnreadableFile(NO_CELLS)


def _frames(sheet: Iterable[Sequence[Cell]]) -> Iterator[list[Record]]:
    """Yield the rows that aren't blank, in frames; a first row is a frame of its own."""
    rows: list[Record] = []
    for number, row in enumerate(sheet, 1):
        cells = _cells(row, number)
        if cells.count(None) < len(cells):
            rows.append((number, cells))
            if len(rows) == ROWS_A_FRAME or len(rows) == 1 == number:
                yield rows
                rows = []
    if rows:
        yield rows


def _cells(row: Sequence[Cell], number: int) -> list[Cell]:
    """Return the cells of a row as `Table` has them. One loop: a sheet has a million cells."""
    cells: list[Cell] = []
    for cell in row:
        kind = type(cell)
        if kind is str:
            text = cast(str, cell)
            if not text or text.isspace():
                cells.append(None)
                continue
            if len(text) > MAX_CELL_CHARACTERS:
                raise UnreadableFile(f"A cell in row {number:,} {TOO_LONG_A_CELL}")
            if "\0" in text:
                raise UnreadableFile(f"A cell in row {number:,} {NUL_IN_A_CELL}")
        elif kind is float:
            cell = _number(cast(float, cell))
        cells.append(cell)
    return cells


def _number(value: float) -> Cell:
    """Return a whole number as an int, since a phone comes as 9876543210.0, and None for NaN."""
    if -WHOLE < value < WHOLE:
        return int(value) if value.is_integer() else value
    return value if isfinite(value) else None


def _limit(memory: int = MEMORY) -> None:
    """Bound this process: processor time, no core dump, `memory` bytes of address space."""
    if sys.platform == "win32":
        return  # Windows has no such limits
    import resource

    for name, bound in (
        ("RLIMIT_CPU", CPU_SECONDS),
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", min(memory, MEMORY)),
    ):
        which = getattr(resource, name)
        hard = resource.getrlimit(which)[1]
        if hard != resource.RLIM_INFINITY:
            bound = min(bound, hard)
        try:
            resource.setrlimit(which, (bound, hard))
        except (ValueError, OSError):
            # macOS refuses some limits. The measuring before and the server's timeout remain.
            continue
