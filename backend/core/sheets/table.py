"""The result of every reader: named columns and numbered rows of cells."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_COLUMNS, MAX_ROWS

Cell = str | int | float | bool | datetime | date | time | timedelta | None
Record = tuple[int, list[Cell]]

NO_HEADER = "The file has no rows; its first row must hold the names of the columns."
TOO_WIDE = f"The file has more than {MAX_COLUMNS:,} columns; please delete those without data."
TOO_LONG = f"The file has more than {MAX_ROWS:,} rows; please split it into several files."


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it.

    `columns` are the header's texts as found, `""` for a blank one. `rows` yields each row that
    isn't wholly blank, once, as its number in the spreadsheet program (from 1, the header counts)
    and a list of exactly `len(columns)` cells, blank ones being None. Cells beyond the header's
    last column are left out. `rows` may raise UnreadableFile at any step. It has a `close()` that
    ends the reading early.
    """

    columns: tuple[str, ...]
    rows: Iterator[Record]


def tabulate(records: Generator[Record]) -> Table:
    """Take the first record as the header and the others as the rows.

    `records` holds no blank records, and blank cells are None already. Raises UnreadableFile when
    there is no record, or the header has too many columns.
    """
    first = next(records, None)
    if first is None:
        raise UnreadableFile(NO_HEADER)
    header = first[1]
    if len(header) > MAX_COLUMNS:
        records.close()
        raise UnreadableFile(TOO_WIDE)
    return Table(
        tuple("" if cell is None else str(cell) for cell in header), _rows(records, len(header))
    )


def _rows(records: Generator[Record], width: int) -> Generator[Record]:
    try:
        for number, cells in records:
            if number > MAX_ROWS:
                raise UnreadableFile(TOO_LONG)
            if len(cells) != width:
                cells = (cells + [None] * (width - len(cells)))[:width]
                if all(cell is None for cell in cells):
                    continue
            yield number, cells
    finally:
        records.close()
