"""Describe the sheets of a workbook, and yield the rows of those that are wanted.

This runs in the reading process. The server decides by what is said here, and starts another
process if it wants other sheets: nothing is sent back to one that runs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from math import isfinite
from typing import Protocol, cast

from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from backend.core.sheets import wire
from backend.core.sheets.bounds import check
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.iso_dates import restored
from backend.core.sheets.limits import MAX_CELL_CHARACTERS, MAX_SHEETS
from backend.core.sheets.markup import Page
from backend.core.sheets.merged import Area, fill
from backend.core.sheets.table import Cell, Record
from backend.core.sheets.uncalculated import Columns, Uncalculated, without_zeros
from backend.core.sheets.wire import Request

ROWS_A_FRAME = 256

# How many rows of a sheet are shown: those that aren't blank, of so many.
SHOWN, SEARCHED = 50, 500

# Above it, floats have no digits to spare, and an int would show digits that the sheet doesn't
# have.
WHOLE = 10.0**18

NO_CELLS = "The workbook has no visible sheet with cells; please unhide the one with the leads."
NO_TABLE = "The file is a web page without a table; please save it as .xlsx or .csv."
NO_SUCH_SHEET = "The workbook has no sheet of this name, or the sheet has no cells."
TOO_LONG_A_CELL = f"has more than {MAX_CELL_CHARACTERS:,} characters; please shorten it."
NUL_IN_A_CELL = "has NUL characters; please delete them."


@dataclass(frozen=True, slots=True)
class Loaded:
    """A sheet with cells: its rows, from the first one of the sheet, and the last row's number.

    `uncalculated` are the columns with formulas that have no results.
    """

    rows: Iterable[Sequence[Cell]]
    height: int
    uncalculated: Columns = field(default_factory=dict)

    def records(self) -> Iterator[Record]:
        """Yield the rows that aren't blank."""
        for number, row in enumerate(self.rows, 1):
            cells = _cells(row, number)
            if cells.count(None) < len(cells):
                yield number, cells


class Source(Protocol):
    """A file with sheets; `names` are theirs, each with whether it is hidden."""

    empty: str

    @property
    def names(self) -> Sequence[tuple[str, bool]]: ...

    def load(self, at: int) -> Loaded | None:
        """Return a sheet; None if it has no cells."""
        ...


class Book:
    """A workbook; `merged` are the merged cells of an .ods, which calamine doesn't tell.

    `iso_dates` are the columns with dates as ISO texts, `formulas` those without results.
    """

    empty = NO_CELLS

    def __init__(
        self,
        workbook: CalamineWorkbook,
        merged: Sequence[Sequence[Area]] = (),
        iso_dates: frozenset[int] = frozenset(),
        formulas: Uncalculated | None = None,
    ) -> None:
        self._workbook, self._merged, self._iso_dates = workbook, merged, iso_dates
        self._formulas = formulas or Uncalculated()
        worksheets = [
            (at, sheet)
            for at, sheet in enumerate(workbook.sheets_metadata)
            if sheet.typ is SheetTypeEnum.WorkSheet
        ][:MAX_SHEETS]
        self._places = [at for at, _ in worksheets]
        self.names = [
            (sheet.name, sheet.visible is not SheetVisibleEnum.Visible) for _, sheet in worksheets
        ]

    def load(self, at: int) -> Loaded | None:
        """Return a sheet; None if it has no cells."""
        sheet = self._workbook.get_sheet_by_name(self.names[at][0])
        if sheet.start is None or sheet.end is None:
            return None
        check(sheet.end[0] + 1, sheet.width)
        place = self._places[at]
        of_ods = self._merged[place] if place < len(self._merged) else ()
        merged = sheet.merged_cell_ranges or of_ods
        zeros = tuple(self._formulas.zeros(place))
        rows = _Rows(sheet, merged, self._iso_dates, zeros)
        return Loaded(rows, sheet.end[0] + 1, self._formulas.columns(place))


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of a sheet, as often as they are read, with merged cells filled."""

    sheet: CalamineSheet
    merged: Sequence[Area]
    iso_dates: frozenset[int]
    zeros: Sequence[int]

    def __iter__(self) -> Iterator[Sequence[Cell]]:
        rows: Iterable[Sequence[Cell]] = self.sheet.iter_rows()
        if self.iso_dates:
            rows = restored(rows, self.iso_dates)
        if self.zeros:
            rows = without_zeros(rows, self.zeros)
        if not self.merged or self.sheet.end is None:
            return iter(rows)
        return fill(rows, self.merged, self.sheet.end)


class Pages:
    """The tables of a file that has no sheets; `empty` is what to say if there are none."""

    def __init__(self, pages: Sequence[Page], empty: str = NO_TABLE) -> None:
        self._pages, self.empty = pages, empty
        self.names = [(page.name or f"Table {n}", False) for n, page in enumerate(pages, 1)]

    def load(self, at: int) -> Loaded | None:
        """Return a table; None if it has no cells."""
        rows = self._pages[at].rows
        return Loaded(rows, len(rows)) if any(map(any, rows)) else None


def told(source: Source, request: Request) -> Iterator[tuple[bytes, object]]:
    """Yield the kinds and bodies of the frames: first of all sheets, then of the wanted ones."""
    wanted = [_place(source, name) for name in request.sheets]
    shown: list[list[object]] = []
    # The first sheet to read is kept, so that it is loaded once.
    first: tuple[int, Loaded] | None = None
    for at, (name, is_hidden) in enumerate(source.names):
        is_first = first is None and (at == wanted[0] if wanted else not is_hidden)
        is_shown = request.others or at in wanted
        loaded = source.load(at) if is_first else _load(source, at) if is_shown else None
        if loaded is None:
            shown.append([name, is_hidden, 0, [], []])
            continue
        preview = list(islice(_until(loaded.records(), SEARCHED), SHOWN)) if is_shown else []
        formulas = [[place, *said] for place, said in loaded.uncalculated.items()]
        shown.append([name, is_hidden, loaded.height, preview, formulas])
        if is_first:
            first = at, loaded
    if first is None:
        raise UnreadableFile(NO_SUCH_SHEET if wanted else source.empty)
    yield wire.SHEETS, shown
    for at in wanted or [first[0]]:
        loaded = first[1] if at == first[0] else _load(source, at)
        if loaded is not None:
            yield wire.SHEET, at
            yield from ((wire.ROWS, rows) for rows in _frames(loaded.records()))


def _place(source: Source, name: str) -> int:
    names = [known for known, _ in source.names]
    if name not in names:
        raise UnreadableFile(NO_SUCH_SHEET)
    return names.index(name)


def _load(source: Source, at: int) -> Loaded | None:
    """Return a sheet; None if it has no cells, or is no table."""
    try:
        return source.load(at)
    except CalamineError:
        return None


def _until(records: Iterable[Record], last: int) -> Iterator[Record]:
    for record in records:
        if record[0] > last:
            return
        yield record


def _frames(records: Iterable[Record]) -> Iterator[list[Record]]:
    """Yield records in frames; the first one is a frame of its own."""
    rows: list[Record] = []
    is_first = True
    for record in records:
        rows.append(record)
        if is_first or len(rows) == ROWS_A_FRAME:
            is_first = False
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
