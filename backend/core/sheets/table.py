"""The result of every reader: named columns and numbered rows of cells."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import chain, islice

from backend.core.sheets.limits import MAX_COLUMNS, MAX_ROWS

Cell = str | int | float | bool | datetime | date | time | timedelta | None
Record = tuple[int, list[Cell]]

NO_HEADER = "The file has no rows; its first row must hold the names of the columns."
TOO_WIDE = f"The file has more than {MAX_COLUMNS:,} columns; please delete those without data."
TOO_LONG = f"The file has more than {MAX_ROWS:,} rows; please split it into several files."


def close(rows: Iterator[Record]) -> None:
    """Let go of the file that rows are read from, if they are."""
    end = getattr(rows, "close", None)
    if end is not None:
        end()


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which table of a file is wanted.

    `score` says how much the names of a row look like a header: 0 is not at all. With it, the
    header is looked for on every sheet and below titles and notes; without it, the header is the
    first row that isn't blank. `sheets` are the names of the sheets to take, in their order; none
    is the best one. `header_row` is the number of the header's row, if it is known. `others` is
    whether to say what the other sheets hold.
    """

    score: Callable[[Sequence[str]], int] | None = None
    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    others: bool = True


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook: its name, its header, and about how many rows are below that.

    `header_row` is 0 if nothing looks like a header. The rows of a sheet that is taken have
    `offset` added to their numbers, since several may be taken together.
    """

    name: str
    columns: tuple[str, ...]
    header_row: int
    rows: int
    is_hidden: bool = False
    is_taken: bool = False
    offset: int = 0


@dataclass(frozen=True, slots=True)
class Formulas:
    """The formulas of a column whose results aren't in the file: their number, and the first row.

    Their cells are blank.
    """

    column: str
    cells: int
    row: int


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it.

    `columns` are the header's texts as found, `""` for a blank one. `rows` yields each row that
    isn't wholly blank, once, as its number in the spreadsheet program (from 1, the header counts)
    and a list of exactly `len(columns)` cells, blank ones being None. Cells beyond the header's
    last column are left out. `rows` may raise UnreadableFile at any step. It has a `close()` that
    ends the reading early. `header_row` is the number of the header's row, `sheets` are those of
    the workbook: none for a text. `uncalculated` are the columns with formulas without results.
    """

    columns: tuple[str, ...]
    rows: Iterator[Record]
    header_row: int = 1
    sheets: tuple[Sheet, ...] = ()
    uncalculated: tuple[Formulas, ...] = ()

    @property
    def taken(self) -> tuple[Sheet, ...]:
        """Return the sheets that the rows come from."""
        return tuple(sheet for sheet in self.sheets if sheet.is_taken)


def peek(table: Table, rows: int) -> tuple[list[Record], Table]:
    """Return the first rows of a table, and the table with all of them still to come."""
    first = list(islice(table.rows, rows))
    return first, replace(table, rows=_with(first, table.rows))


def _with(first: Sequence[Record], others: Iterator[Record]) -> Generator[Record]:
    try:
        yield from chain(first, others)
    finally:
        close(others)
