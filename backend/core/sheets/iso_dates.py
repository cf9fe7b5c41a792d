"""Reads the dates that an .xlsx has as ISO texts: they are wall clocks, even with a Z behind.

Scripts write them so (`t="d"`: ISO/IEC 29500-1, 18.18.11), and Excel shows that clock.
The real reader returns them as texts, which can't be told from other texts: so the columns with
such cells are found by the XML.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from backend.core.sheets.table import Cell

_MARK = b't="d"'
_TYPED = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"[^<>]{0,200}?\st="d"')
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?Z")
# Bytes that are looked at once more with the next chunk: a tag may be split.
_OVERLAP = 256


class IsoDates:
    """The columns of a workbook, from 0, that have dates as ISO texts on any sheet."""

    def __init__(self) -> None:
        self._letters: set[bytes] = set()

    @property
    def columns(self) -> frozenset[int]:
        """Return the places of the columns."""
        return frozenset(map(place_of, self._letters))

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks of a part as they are, and take them in."""
        rest = b""
        for chunk in chunks:
            window = rest + chunk
            if _MARK in window:
                self._letters.update(_TYPED.findall(window))
            rest = window[-_OVERLAP:]
            yield chunk


def restored(rows: Iterable[Sequence[Cell]], columns: frozenset[int]) -> Iterator[Sequence[Cell]]:
    """Yield rows with the ISO texts of the columns as wall clocks."""
    for row in rows:
        cells = list(row)
        for at in columns:
            if at < len(cells):
                cells[at] = _wall_clock(cells[at])
        yield cells


def _wall_clock(cell: Cell) -> Cell:
    if not isinstance(cell, str) or not _ISO.fullmatch(cell):
        return cell
    try:
        return datetime.fromisoformat(cell.removesuffix("Z"))
    except ValueError:
        return cell


def place_of(letters: bytes) -> int:
    """Return the place of a column, from 0, by its letters."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1
