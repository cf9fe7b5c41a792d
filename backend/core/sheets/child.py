"""The process that reads a workbook, a page, contacts or JSON: from the file as standard input to
the frames of `wire` on standard output.

It measures before it reads (`archive`, `bounds`, `compound`, `biff`), and limits its own memory to
what the file should take: if it has overlooked something, only this process dies. It imports only
python-calamine and the standard library.
"""

import io
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from backend.core.sheets import contacts, markup, objects, survey, wire
from backend.core.sheets.archive import Inflater, parts
from backend.core.sheets.biff import Extent, extent
from backend.core.sheets.bounds import Bounds
from backend.core.sheets.compound import Compound
from backend.core.sheets.errors import (
    DAMAGED,
    LOCKED,
    NO_CONTACTS,
    NO_OBJECTS,
    TOO_LARGE,
    UnreadableFile,
)
from backend.core.sheets.iso_dates import IsoDates
from backend.core.sheets.kinds import Kind
from backend.core.sheets.limits import CPU_SECONDS, MEMORY
from backend.core.sheets.markup import Page
from backend.core.sheets.opendocument import CONTENT, Measure, without_indents
from backend.core.sheets.survey import Book, Pages
from backend.core.sheets.uncalculated import Uncalculated
from backend.core.sheets.wire import Request

# Address space in bytes: what the interpreter and any workbook take, and what each cell, each place
# in the rectangle and each byte adds. Measured on sheets of 1,000,000 cells with inline and with
# shared strings, with room to spare.
SLACK = 64 * 2**20
FOR_A_CELL = 80
FOR_A_PLACE = 64
FOR_A_BYTE = 2
# The same for JSON and contacts: leads take about 10 bytes for each, and brackets alone 20.
FOR_A_TEXT_S_BYTE = 16

# A part that makes calamine read the file as .xlsb, which the checks don't know.
XLSB = re.compile(r".*workbook\.bin", re.IGNORECASE)
NOT_XLSX = "The file is not an .xlsx workbook; please save it again as .xlsx or .csv."
IS_XLSB = "The file is an Excel binary workbook (.xlsb); please save it again as .xlsx or .csv."


# How to read the tables of a file that is no workbook, and what to say if it has none.
_TABLES: Mapping[Kind, tuple[Callable[[bytes], Sequence[Page]], str]] = {
    Kind.PAGE: (markup.tables, survey.NO_TABLE),
    Kind.CONTACTS: (contacts.tables, NO_CONTACTS),
    Kind.OBJECTS: (objects.tables, NO_OBJECTS),
}


def main(request: str) -> None:
    """Read standard input, write frames, end. The request is JSON: see `wire.Request`."""
    _limit()
    out = os.fdopen(os.dup(1), "wb", buffering=0)
    try:
        with open(0, "rb", closefd=False) as file:
            for kind, body in _told(file, Request.decode(request)):
                _write(out, wire.frame(kind, body))
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


def _told(file: BinaryIO, request: Request) -> Iterator[tuple[bytes, object]]:
    """Yield the kinds and bodies of all frames but the last."""
    if (reading := _TABLES.get(request.kind)) is not None:
        tables, nothing = reading
        content = file.read()
        if request.kind is not Kind.PAGE:
            _limit(SLACK + FOR_A_TEXT_S_BYTE * len(content))
        try:
            pages = Pages(tables(content), nothing)
        except MemoryError:
            raise UnreadableFile(TOO_LARGE) from None
        yield from survey.told(pages, request)
        return
    signature = file.read(2)
    ods, iso_dates, formulas = Measure(), IsoDates(), Uncalculated()
    memory = _zip(file, ods, iso_dates, formulas) if signature == b"PK" else _xls(file)
    _limit(SLACK + memory)
    file.seek(0)
    try:
        if ods.is_indented:
            file = without_indents(file)
        workbook = CalamineWorkbook.from_filelike(file)
        book = Book(workbook, ods.merged, iso_dates.columns, formulas)
        yield from survey.told(book, request)
    except UnreadableFile:
        raise
    except PasswordError:
        raise UnreadableFile(LOCKED) from None
    except (CalamineError, OSError, ValueError, OverflowError, BadZipFile):
        raise UnreadableFile(DAMAGED) from None


def _zip(file: BinaryIO, ods: Measure, iso_dates: IsoDates, formulas: Uncalculated) -> int:
    """Check the parts of an .xlsx or .ods; return the bytes that reading it should take at most."""
    found = parts(file)
    names = {part.name for part in found}
    if any(map(XLSB.fullmatch, names)):
        raise UnreadableFile(IS_XLSB)
    if CONTENT not in names and any(name.lower() == CONTENT for name in names):
        raise UnreadableFile(NOT_XLSX)
    size = file.seek(0, 2)
    inflater = Inflater(file, size)
    places: list[int] = []
    cells: list[int] = []
    for part in found:
        bounds = Bounds()
        chunks = inflater.chunks(part)
        # Another part may be a sheet, whatever its name.
        watch = ods.watch if part.name == CONTENT else iso_dates.watch
        bounds.measure(watch(formulas.watch(part.name, chunks)))
        places.append(bounds.rows * bounds.columns)
        cells.append(bounds.cells)
    # Two sheets of an .xlsx are held at a time, but all those of an .ods.
    held = sum(sorted(places)[-2:]) + ods.places, sum(sorted(cells)[-2:]) + ods.cells
    return 3 * size + held[0] * FOR_A_PLACE + held[1] * FOR_A_CELL + inflater.total * FOR_A_BYTE


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
