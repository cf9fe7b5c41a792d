"""Choose among the sheets of a workbook, and make one table of those that are taken.

Several sheets are one table with the columns of all: those with the same name are the same. The
rows of the second sheet and all later ones get an offset, so that each number is there once.
"""

from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from backend.core.sheets import wire
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.header import ENOUGH, Header, header_of, score_of
from backend.core.sheets.limits import MAX_COLUMNS, MAX_ROWS
from backend.core.sheets.repeated import Repeated
from backend.core.sheets.table import (
    TOO_LONG,
    TOO_WIDE,
    Cell,
    Formulas,
    Record,
    Sheet,
    Table,
    Wanted,
)

Frame = tuple[bytes, Any]

SO_MANY_SHEETS = f"The sheets have more than {MAX_ROWS:,} rows together; please take fewer."


@dataclass(frozen=True, slots=True)
class Shown:
    """A sheet as the reading process shows it: `height` is its last row, `sample` the first ones.

    A sheet without cells, or one that wasn't asked for, has none. `formulas` are the columns with
    formulas that have no results, each with the number of its cells and the row of the first one.
    """

    name: str
    is_hidden: bool
    height: int
    sample: Sequence[Record]
    formulas: Sequence[tuple[int, int, int]] = ()

    def header(self, wanted: Wanted) -> Header | None:
        """Return the header; None where no row can be one."""
        try:
            return header_of(self.sample, wanted) if self.sample else None
        except UnreadableFile:
            return None


def first(shown: Sequence[Shown]) -> Shown:
    """Return the sheet that is read if no other is asked for."""
    return next((one for one in shown if not one.is_hidden and one.height), shown[0])


def best(shown: Sequence[Shown], wanted: Wanted) -> Shown:
    """Return the visible sheet that looks most like a table: of two such, the first with rows."""
    visible = [one for one in shown if not one.is_hidden and one.sample]
    scores = {one.name: score_of(one.sample, wanted) for one in visible}
    if not visible or max(scores.values()) < ENOUGH:
        return first(shown)
    return max(visible, key=lambda one: (scores[one.name], len(one.sample) > 1))


def table(
    shown: Sequence[Shown], names: Sequence[str], wanted: Wanted, frames: Generator[Frame]
) -> Table:
    """Return the table of the sheets with these names. Raises UnreadableFile.

    `frames` are those of the reading process that come after the first, for these sheets.
    """
    by_name = {one.name: one for one in shown}
    taken = [by_name[name] for name in names]
    headers = {
        one.name: header_of(one.sample, wanted if one is taken[0] else _for_others(wanted))
        for one in taken
    }
    columns: list[str] = []
    places = {name: _places(headers[name].names, columns) for name in names}
    if len(columns) > MAX_COLUMNS:
        raise UnreadableFile(TOO_WIDE)
    step = 10 ** len(str(max(one.height for one in taken)))
    offsets = {name: at * step for at, name in enumerate(names)}
    if len(names) > 1 and max(offsets.values()) + step > 10 * MAX_ROWS:
        raise UnreadableFile(SO_MANY_SHEETS)
    parts = {
        at: _Part(
            headers[one.name],
            offsets[one.name],
            places[one.name],
            places[one.name] == list(range(len(places[one.name]))),
            Repeated(headers[one.name].cells) if wanted.score is not None else None,
        )
        for at, one in enumerate(shown)
        if one.name in headers
    }
    return Table(
        tuple(columns),
        _rows(frames, parts, len(columns)),
        headers[names[0]].row,
        tuple(_told(one, wanted, headers, offsets) for one in shown),
        tuple(
            Formulas(headers[one.name].names[place], cells, row + offsets[one.name])
            for one in taken
            for place, cells, row in sorted(one.formulas)
            if place < len(headers[one.name].names) and headers[one.name].names[place].strip()
        ),
    )


def _for_others(wanted: Wanted) -> Wanted:
    """Return what is wanted of the second sheet and later ones: a given row is of the first."""
    return replace(wanted, header_row=None)


def _places(names: Sequence[str], columns: list[str]) -> list[int]:
    """Return the place of each column of a sheet in the table; those that are new are added."""
    known = _numbered(columns)
    places = []
    for key, name in zip(_numbered(names), names, strict=True):
        if key not in known:
            known.append(key)
            columns.append(name)
        places.append(known.index(key))
    return places


def _numbered(names: Sequence[str]) -> list[tuple[str, int]]:
    """Return names to compare, each with how often it came before."""
    seen: Counter[str] = Counter()
    keys = []
    for name in names:
        folded = " ".join(name.split()).casefold()
        keys.append((folded, seen[folded]))
        seen[folded] += 1
    return keys


@dataclass(frozen=True, slots=True)
class _Part:
    """A sheet of the table: its header, its offset, and where its columns are in the table.

    `is_plain` is whether they are in the same places there.
    """

    header: Header
    offset: int
    places: Sequence[int]
    is_plain: bool
    repeated: Repeated | None

    def row(self, record: Record, width: int) -> Record | None:
        """Return a row of the table; None if the record is no row of it."""
        number, cells = record
        if number > MAX_ROWS:
            raise UnreadableFile(TOO_LONG)
        if number <= self.header.last:
            return None
        if self.repeated is not None:
            put = self.repeated.put(cells)
            if put is None:
                return None
            cells = put
        if self.is_plain and len(cells) == width:
            return (number + self.offset, cells)
        row: list[Cell] = [None] * width
        for place, cell in zip(self.places, cells, strict=False):
            row[place] = cell
        return (number + self.offset, row) if row.count(None) < width else None


def _rows(frames: Generator[Frame], parts: dict[int, _Part], width: int) -> Generator[Record]:
    part = None
    try:
        for kind, body in frames:
            if kind == wire.SHEET:
                part = parts.get(body)
            elif part is not None:
                for record in body:
                    row = part.row(record, width)
                    if row is not None:
                        yield row
    finally:
        frames.close()


def _told(one: Shown, wanted: Wanted, headers: dict[str, Header], offsets: dict[str, int]) -> Sheet:
    """Return what to say of a sheet."""
    header = headers.get(one.name) or one.header(_for_others(wanted))
    row = header.row if header else 0
    return Sheet(
        one.name,
        header.names if header else (),
        row,
        one.height - row,
        one.is_hidden,
        one.name in headers,
        offsets.get(one.name, 0),
    )
