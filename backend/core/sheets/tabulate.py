"""Makes a table of the records that a reader yields: the header, and the rows below it."""

from collections.abc import Generator, Iterable
from itertools import chain, islice

from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.header import SAMPLE, header_of
from backend.core.sheets.limits import MAX_ROWS
from backend.core.sheets.repeated import Repeated
from backend.core.sheets.table import NO_HEADER, TOO_LONG, Record, Table, Wanted


def tabulate(records: Generator[Record], wanted: Wanted) -> Table:
    """Take one of the first records as the header, and those below it as the rows.

    `records` holds no blank records, and blank cells are None already. Raises UnreadableFile when
    there is no record, or the header has too many columns.
    """
    is_searched = wanted.score is not None or wanted.header_row is not None
    sample = list(islice(records, SAMPLE if is_searched else 1))
    if not sample:
        raise UnreadableFile(NO_HEADER)
    try:
        header = header_of(sample, wanted)
    except UnreadableFile:
        records.close()
        raise
    below = [record for record in sample if record[0] > header.last]
    repeated = Repeated(header.cells) if wanted.score is not None else None
    return Table(header.names, rows_below(records, below, len(header.names), repeated), header.row)


def rows_below(
    records: Generator[Record], first: Iterable[Record], width: int, repeated: Repeated | None
) -> Generator[Record]:
    """Yield the rows of a table, `first` and then those of `records`, which it closes.

    Rows that repeat the header, as in files that were put together, are left out.
    """
    try:
        for number, cells in chain(first, records):
            if number > MAX_ROWS:
                raise UnreadableFile(TOO_LONG)
            if repeated is not None:
                put = repeated.put(cells)
                if put is None:
                    continue
                cells = put
            if len(cells) != width:
                cells = (cells + [None] * (width - len(cells)))[:width]
                if all(cell is None for cell in cells):
                    continue
            yield number, cells
    finally:
        records.close()
