"""Measure the rectangle of a sheet's cells from its XML, before the real reader opens it.

The reader allocates that rectangle at once, so one cell far out costs terabytes. The cells with a
value decide what it spans. `<dimension>` is only a claim: one that is too small is ignored, and so
is one up to the last cell that a sheet can have, which Excel claims where that cell has a style.
One beyond it is refused before a reader trusts it. The bounds found here are never smaller than the
real ones, however odd the XML, and equal to them for what spreadsheet programs write.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from backend.core.sheets.errors import DAMAGED, UnreadableFile
from backend.core.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS, MAX_TAG
from backend.core.sheets.table import TOO_LONG, TOO_WIDE

# The plain form of a cell's opening tag. Other attributes come after `r`, and none of them is
# another `r`.
PLAIN = re.compile(rb'<c r="([A-Z]{1,3}[0-9]{1,7})"(?: [a-qs-z]\w*="[^"<>]*")* ?/?>')
# Any attribute that could be read as a reference, and one on a tag that isn't followed by the end
# of an empty cell.
ANY = re.compile(rb"""r\s*=\s*["']\s*([A-Za-z]*[0-9]+)""")
FILLED = re.compile(
    rb"""r\s*=\s*["']\s*([A-Za-z]*[0-9]+)["'](?!(?:\s+[a-z]+="\w*")*\s*(?:/>|>\s*</c>))"""
)
CELL = re.compile(rb"<(?:[\w.-]+:)?c[\s/>]")
NAMED = re.compile(
    rb"""<(?:[\w.-]+:)?c(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'))*?\s+r\s*=\s*["']"""
)
ROW_END = re.compile(rb"</(?:[\w.-]+:)?row\b|<(?:[\w.-]+:)?row\b[^<>]*/>")
BROKEN_VALUE = re.compile(rb"""=\s*(?:"[^"<>]*<|'[^'<>]*<)""")

DIMENSION = re.compile(
    rb"""<(?:[\w.-]+:)?dimension\s[^<>]*?ref\s*=\s*["'](?:[A-Za-z0-9]+:)?([A-Za-z]{1,9}[0-9]{1,20})["']"""
)
# Bytes that are looked at once more with the next chunk: the tag of a dimension has about 40.
OVERLAP = 256

# The last row and column that a sheet of Excel can have.
SHEET_ROWS, SHEET_COLUMNS = 1_048_576, 16_384

LETTERS = bytes(range(65, 91)) + bytes(range(97, 123))
DIGITS = b"0123456789"

TOO_MANY_CELLS = (
    f"A sheet has more than {MAX_CELLS:,} cells, empty ones counted;"
    " please delete the empty rows and columns, or save it as .csv."
)


def check(rows: int, columns: int) -> None:
    """Raise UnreadableFile if a rectangle is larger than the limits allow."""
    if rows > MAX_ROWS:
        raise UnreadableFile(TOO_LONG)
    if columns > MAX_COLUMNS:
        raise UnreadableFile(TOO_WIDE)
    if rows * columns > MAX_CELLS:
        raise UnreadableFile(TOO_MANY_CELLS)


def _check_claim(rows: int, columns: int) -> None:
    if rows > SHEET_ROWS:
        raise UnreadableFile(TOO_LONG)
    if columns > SHEET_COLUMNS:
        raise UnreadableFile(TOO_WIDE)


@dataclass(slots=True)
class Bounds:
    """The bounds of one part of the workbook: nothing until `<sheetData>` comes."""

    rows: int = 0
    columns: int = 0
    cells: int = 0
    _run: int = 0  # cells since the last row began, over the edges of windows

    def measure(self, chunks: Iterable[bytes]) -> None:
        """Take in a part's bytes. Raises UnreadableFile as soon as the limits are passed."""
        rest = b""
        inside = False
        for chunk in chunks:
            window = rest + chunk
            if not inside:
                for claim in DIMENSION.findall(window):
                    _check_claim(*_corner([claim]))
                inside = b"sheetData" in window
                if not inside:
                    rest = window[-OVERLAP:]
                    continue
            # No tag is split: what comes after the last `<` waits for more.
            cut = window.rfind(b"<")
            rest = window[cut:] if cut >= 0 else window
            if len(rest) > MAX_TAG:
                raise UnreadableFile(DAMAGED)
            if cut > 0:
                self._take(window[:cut])
        if inside:
            self._take(rest)

    def _take(self, window: bytes) -> None:
        self._span(window)
        if self.cells > MAX_CELLS:
            raise UnreadableFile(TOO_MANY_CELLS)

    def _span(self, window: bytes) -> None:
        found = PLAIN.findall(window)
        if len(found) == window.count(b"<c") and b":c" not in window:
            self.cells += len(found)
            self._run = 0
            rows, columns = _corner(found)
        else:
            cells = len(CELL.findall(window))
            self.cells += cells
            if cells > len(NAMED.findall(window)):
                self._grow(*self._counted(window))
                check(self.rows, self.columns)
                return
            rows, columns = _corner(_cells(ANY, window))
        if not self._fits(rows, columns):
            # Some programs write thousands of empty cells for their style: leave those out.
            rows, columns = _corner(_cells(FILLED, window))
        self._grow(rows, columns)
        check(self.rows, self.columns)

    def _counted(self, window: bytes) -> tuple[int, int]:
        """Return the corner of a window in which some cells don't say where they are, but come
        after the last one.
        """
        if BROKEN_VALUE.search(window):
            raise UnreadableFile(DAMAGED)
        rows, columns = _corner(ANY.findall(window))
        # What a comment or CDATA holds only looks like the end of a row.
        pieces = [window] if b"<!" in window else ROW_END.split(window)
        widest = 0
        for piece in pieces:
            self._run += len(CELL.findall(piece))
            widest = max(widest, self._run)
            self._run = 0
        self._run = len(CELL.findall(pieces[-1])) if len(pieces) > 1 else widest
        return max(rows, self.rows) + len(pieces) - 1, columns + widest

    def _fits(self, rows: int, columns: int) -> bool:
        rows, columns = max(rows, self.rows), max(columns, self.columns)
        return rows <= MAX_ROWS and columns <= MAX_COLUMNS and rows * columns <= MAX_CELLS

    def _grow(self, rows: int, columns: int) -> None:
        self.rows, self.columns = max(rows, self.rows), max(columns, self.columns)


def _cells(reference: re.Pattern[bytes], window: bytes) -> list[bytes]:
    """Return the references that name a cell rather than a row."""
    return [text for text in reference.findall(window) if text[:1].isalpha()]


def _corner(references: list[bytes]) -> tuple[int, int]:
    """Return the last row and column, from 1, that references such as `B12` or `12` name; or 0."""
    joined = b" ".join(references)
    columns = set(joined.translate(None, DIGITS).split())
    rows = set(joined.translate(None, LETTERS).split())
    if any(len(row) > 7 for row in rows):
        raise UnreadableFile(TOO_LONG)
    return max(map(int, rows), default=0), max(map(_column, columns), default=0)


def _column(letters: bytes) -> int:
    if len(letters) > 3:
        raise UnreadableFile(TOO_WIDE)
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
