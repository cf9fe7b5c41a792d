"""Reads CSV files, in all usual encodings and with all usual delimiters, as a stream of records."""

import csv
import io
import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field

from backend.core.sheets import aligned
from backend.core.sheets.aligned import Aligned
from backend.core.sheets.delimiter import (
    declared,
    find_delimiter,
    is_divided,
    is_spaced,
    splits_header,
)
from backend.core.sheets.encoding import BROKEN, encoding_of
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.formulas import TEXT_STARTS, text_of
from backend.core.sheets.limits import (
    MAX_CELL_CHARACTERS,
    MAX_COLUMNS,
    MAX_RECORD_CHARACTERS,
)
from backend.core.sheets.pipes import PIPE, is_rule
from backend.core.sheets.quoted_lines import delimiter_within, split
from backend.core.sheets.quoting import PLAIN, Quoting, quoting_of
from backend.core.sheets.table import Cell, Record

SAMPLE_CHARACTERS = 2**16
# What databases write for a value that isn't there.
_NULL = "\\N"

# A last line of our own. It comes back as its own record, unless an open quotation mark swallows
# it.
END = "\ue000end of the file\ue000"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a file separates and quotes its cells.

    `formulas` finds where a cell begins as a formula, if some do: `="a, b"`. `has_texts` is whether
    some are formulas that are only texts, of any kind. `is_spaced` is whether
    spaces come before quotation marks. `within` separates the cells of lines that are one quoted
    cell each. `quoting` is what is around cells, and within them. `aligned` is how lines are cut
    whose cells are aligned with spaces.
    """

    delimiter: str
    is_declared: bool = False
    formulas: re.Pattern[str] | None = None
    has_texts: bool = False
    is_spaced: bool = False
    within: str | None = None
    quoting: Quoting = PLAIN
    aligned: Aligned | None = None


@dataclass(slots=True)
class _Lines:
    """The lines of a text.

    `pending` counts the characters since the last complete record, `record` are its lines.
    """

    stream: io.TextIOWrapper
    formulas: re.Pattern[str] | None = None
    quoting: Quoting = PLAIN
    pending: int = 0
    record: list[str] = field(default_factory=list)

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
                if self.formulas is not None:
                    line = self.formulas.sub(r'\1"', line)
                if self.quoting.is_escaped:
                    line = self.quoting.doubled(line)
                self.record.append(line)
                yield line
        except UnicodeDecodeError:
            raise UnreadableFile(BROKEN) from None
        yield END


def records(content: bytes) -> Generator[Record]:
    """Yield each record that isn't blank, numbered as a spreadsheet program numbers its rows.

    Cells keep their spaces; those that are empty or white space are None. Raises UnreadableFile.
    """
    encoding, mark = encoding_of(content)
    dialect = _dialect(content, encoding, mark)
    stream = _open(content, encoding, mark)
    if dialect.is_declared:
        stream.readline()
    lines = _Lines(stream, dialect.formulas, dialect.quoting)
    if dialect.aligned is not None:
        yield from _aligned_records(lines, dialect.aligned)
        return
    reader = csv.reader(
        lines, delimiter=dialect.delimiter, skipinitialspace=dialect.is_spaced,
        quotechar=dialect.quoting.quote,
    )  # fmt: skip
    number = 0
    try:
        for number, record in enumerate(reader, 1):
            if lines.pending > MAX_CELL_CHARACTERS:
                _check_cells(record, number)
            if len(lines.record) > 1:
                _check_quotes(lines.record, number, dialect)
            lines.pending = 0
            lines.record.clear()
            if record and record[-1].endswith(END):
                _check_end(record, number)
                return
            cells = _cells(record, dialect)
            if len(cells) > MAX_COLUMNS:
                _leave_out_blanks(cells)
            if any(cells) and not (dialect.delimiter == PIPE and is_rule(cells)):
                yield number, cells
    except csv.Error:
        raise UnreadableFile(_too_long(number + 1)) from None


def _aligned_records(lines: _Lines, aligned: Aligned) -> Generator[Record]:
    for number, line in enumerate(lines, 1):
        lines.pending = 0
        lines.record.clear()
        if line == END:
            return
        cells: list[Cell] = [cell or None for cell in aligned.split(line, number)]
        if any(cells):
            yield number, cells


def _cells(record: list[str], dialect: Dialect) -> list[Cell]:
    if dialect.within is not None:
        record = split(record, dialect.within)
    if dialect.has_texts:
        record = [text_of(cell) if cell[:1] == "=" else cell for cell in record]
    cells: list[Cell] = [cell if cell and not cell.isspace() else None for cell in record]
    if dialect.quoting.has_nulls:
        cells = [None if cell == _NULL else cell for cell in cells]
    return cells


def _leave_out_blanks(cells: list[Cell]) -> None:
    """Remove the blank cells at the end of a row: programs write thousands for their style."""
    while cells and cells[-1] is None:
        cells.pop()


def has_columns(content: bytes) -> bool:
    """Return whether most rows at a text's start have as many cells as the first one, and several.

    Raises UnreadableFile.
    """
    encoding, mark = encoding_of(content)
    sample = _sample(content, encoding, mark)
    return is_divided(sample, _dialect(content, encoding, mark).delimiter)


def _check_quotes(lines: list[str], number: int, dialect: Dialect) -> None:
    """Raise UnreadableFile if a quotation mark has swallowed rows up to the next one.

    Then that one isn't at the end of a cell.
    """
    mark, quote = re.escape(dialect.delimiter), dialect.quoting.quote
    text = re.sub(f"{quote} +(?={mark}|[\r\n])", quote, "".join(lines))
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=dialect.delimiter, quotechar=quote,
        skipinitialspace=dialect.is_spaced, strict=True,
    )  # fmt: skip
    try:
        next(reader)
    except csv.Error:
        raise UnreadableFile(_not_closed(number)) from None


def _check_cells(record: list[str], number: int) -> None:
    """Raise UnreadableFile if a cell is too long."""
    if max(map(len, record)) > MAX_CELL_CHARACTERS:
        raise UnreadableFile(_too_long(number))


def _check_end(record: list[str], number: int) -> None:
    """Raise UnreadableFile if the last record has swallowed the line that we put at the end."""
    if record != [END]:
        raise UnreadableFile(_not_closed(number))


def _not_closed(number: int) -> str:
    return f"A quotation mark in row {number:,} isn't closed."


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


def _dialect(content: bytes, encoding: str, mark: int) -> Dialect:
    """Find out how the file is written. A first line may only declare the delimiter."""
    sample = _sample(content, encoding, mark)
    found = declared(io.StringIO(sample, newline="").readline())
    is_declared = found is not None
    has_formulas = '="'.encode(encoding) in content
    plain = sample.replace('="', '"') if has_formulas else sample
    quoting = quoting_of(content, sample)
    plain = quoting.doubled(plain)
    is_whole = len(sample) < SAMPLE_CHARACTERS
    found = found or quoting.delimiter
    within = None if found else delimiter_within(plain, whole=is_whole)
    delimiter = found or ("," if within else find_delimiter(plain, whole=is_whole))
    is_one_column = not found and not within and not splits_header(plain, delimiter)
    if is_one_column and (way := aligned.find(plain, whole=is_whole)) is not None:
        return Dialect(delimiter, aligned=way)
    # In a quoted cell, quotation marks are doubled: there it is no start of a cell.
    formulas = re.compile(f'(^|{re.escape(delimiter)})="(?!")') if has_formulas else None
    spaced = is_spaced(plain, delimiter)
    has_texts = has_formulas or any(start.encode(encoding) in content for start in TEXT_STARTS)
    return Dialect(delimiter, is_declared, formulas, has_texts, spaced, within, quoting)


def _sample(content: bytes, encoding: str, mark: int) -> str:
    try:
        return _open(content, encoding, mark).read(SAMPLE_CHARACTERS)
    except UnicodeDecodeError:
        raise UnreadableFile(BROKEN) from None
