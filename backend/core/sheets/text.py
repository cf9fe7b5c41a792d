"""Reads CSV files, in all usual encodings and with all usual delimiters, as a stream of records."""

import csv
import io
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from backend.core.sheets.delimiter import declared, delimiter_of
from backend.core.sheets.encoding import BROKEN, encoding_of
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_CELL_CHARACTERS, MAX_RECORD_CHARACTERS
from backend.core.sheets.table import Cell, Record

SAMPLE_CHARACTERS = 2**16

# A last line of our own. It comes back as its own record, unless an open quotation mark swallows
# it.
END = "\ue000end of the file\ue000"


@dataclass(slots=True)
class _Lines:
    """The lines of a text; `pending` counts the characters since the last complete record."""

    stream: io.TextIOWrapper
    pending: int = 0

    def __iter__(self) -> Iterator[str]:
        try:
            for line in self.stream:
                if "\0" in line:
                    raise UnreadableFile(
                        "The file has NUL characters in it; please save it again as 'CSV UTF-8'."
                    )
                self.pending += len(line)
                if self.pending > MAX_RECORD_CHARACTERS:
                    raise UnreadableFile(
                        f"A row has more than {MAX_RECORD_CHARACTERS:,} characters;"
                        " please look for a quotation mark that isn't closed."
                    )
                yield line
        except UnicodeDecodeError:
            raise UnreadableFile(BROKEN) from None
        yield END


def records(content: bytes) -> Generator[Record]:
    """Yield each record that isn't blank, numbered as a spreadsheet program numbers its rows.

    Cells keep their spaces; those that are empty or white space are None. Raises UnreadableFile.
    """
    encoding, mark = encoding_of(content)
    delimiter, skipped = _delimiter(content, encoding, mark)
    stream = _open(content, encoding, mark)
    if skipped:
        stream.readline()
    lines = _Lines(stream)
    number = 0
    try:
        for number, record in enumerate(csv.reader(lines, delimiter=delimiter), 1):
            if lines.pending > MAX_CELL_CHARACTERS:
                _check_cells(record, number)
            lines.pending = 0
            if record and record[-1].endswith(END):
                _check_end(record, number)
                return
            cells: list[Cell] = [cell if cell and not cell.isspace() else None for cell in record]
            if any(cells):
                yield number, cells
    except csv.Error:
        raise UnreadableFile(_too_long(number + 1)) from None


def _check_cells(record: list[str], number: int) -> None:
    """Raise UnreadableFile if a cell is too long."""
    if max(map(len, record)) > MAX_CELL_CHARACTERS:
        raise UnreadableFile(_too_long(number))


def _check_end(record: list[str], number: int) -> None:
    """Raise UnreadableFile if the last record has swallowed the line that we put at the end."""
    if record != [END]:
        raise UnreadableFile(f"A quotation mark in row {number:,} isn't closed.")


def _too_long(number: int) -> str:
    return (
        f"A cell in row {number:,} has more than {MAX_CELL_CHARACTERS:,} characters;"
        " please look for a quotation mark that isn't closed."
    )


def _open(content: bytes, encoding: str, mark: int) -> io.TextIOWrapper:
    # BytesIO shares the bytes; it copies them only when written to.
    raw = io.BytesIO(content)
    raw.seek(mark)
    # newline="": lines end at CR, LF and CRLF, and line breaks within cells stay what they are.
    return io.TextIOWrapper(raw, encoding, newline="")


def _delimiter(content: bytes, encoding: str, mark: int) -> tuple[str, bool]:
    """Return the delimiter, and whether the first line only declares it."""
    try:
        sample = _open(content, encoding, mark).read(SAMPLE_CHARACTERS)
    except UnicodeDecodeError:
        raise UnreadableFile(BROKEN) from None
    found = declared(io.StringIO(sample, newline="").readline())
    if found:
        return found, True
    return delimiter_of(sample, whole=len(sample) < SAMPLE_CHARACTERS), False
