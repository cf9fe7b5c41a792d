"""Finds the formulas of an .xlsx whose results aren't in the file: its program never calculated.

Scripts write them so, and a reader takes them for blank cells. The real reader doesn't tell, so
they are found by the XML. XlsxWriter puts a 0 in place of each result, and asks Excel to calculate
everything when it opens the file. A formula whose result is an empty text says so (`t="str"`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from backend.core.sheets.iso_dates import place_of
from backend.core.sheets.table import Cell

# By the place of a column, from 0: how many cells it has without a result, and the first one's row.
Columns = Mapping[int, tuple[int, int]]

_FORMULA = b"<f"
_CELL = b"<c "
_WITHOUT_RESULT = re.compile(
    rb'<c r="([A-Z]{1,3})([0-9]{1,7})"((?:\s[^<>]*)?)>\s*<f(?:\s[^<>]*)?(?:/>|>[^<]*</f>)'
    rb"\s*(?:<v\s*/>|<v>(0?)</v>)?\s*</c>"
)
_IS_TEXT = b't="str"'
_CALCULATE = re.compile(rb'\sfullCalcOnLoad="(?:1|true)"')
_SHEET = re.compile(rb"<(?:\w+:)?sheet\s[^<>]*>")
_RELATION = re.compile(rb"<Relationship\s[^<>]*>")
_ATTRIBUTE = re.compile(rb'[\s:](Id|id|Target)="([^"<>]*)"')
_BOOK, _RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
# In bytes: a longer cell is skipped, and so is the rest of a longer part that describes the book.
_LONGEST_CELL, _LONGEST_PART = 2**16, 2**20


class Uncalculated:
    """The formulas without results, as the parts of a workbook are watched."""

    def __init__(self) -> None:
        self._blanks: dict[str, dict[int, tuple[int, int]]] = {}
        self._zeros: dict[str, dict[int, tuple[int, int]]] = {}
        self._book = self._relations = b""

    def watch(self, name: str, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks of a part as they are, and take them in."""
        rest = b""
        for chunk in chunks:
            window = rest + chunk
            if name == _BOOK:
                self._book = (self._book + chunk)[:_LONGEST_PART]
            elif name == _RELATIONS:
                self._relations = (self._relations + chunk)[:_LONGEST_PART]
            elif _FORMULA in window:
                self._take(name, window)
            # A cell may be split: one that has ended isn't looked at again.
            cut = window.rfind(_CELL)
            rest = window[cut:] if cut >= 0 and b"</c>" not in window[cut:] else window[-8:]
            rest = rest if len(rest) <= _LONGEST_CELL else b""
            yield chunk

    def _take(self, name: str, window: bytes) -> None:
        for letters, digits, attributes, result in _WITHOUT_RESULT.findall(window):
            if _IS_TEXT in attributes:
                continue
            found = (self._zeros if result else self._blanks).setdefault(name, {})
            count, first = found.get(place_of(letters), (0, int(digits)))
            found[place_of(letters)] = count + 1, min(first, int(digits))

    def columns(self, sheet: int) -> Columns:
        """Return the columns of a sheet, by its place in the workbook, that have such formulas."""
        part = self._part(sheet)
        found = dict(self._blanks.get(part, {}))
        for place, (count, first) in self.zeros(sheet).items():
            other, row = found.get(place, (0, first))
            found[place] = count + other, min(first, row)
        return found

    def zeros(self, sheet: int) -> Columns:
        """Return the columns of a sheet whose zeros stand for results."""
        is_meant = _CALCULATE.search(self._book) is not None
        return self._zeros.get(self._part(sheet), {}) if is_meant else {}

    def _part(self, sheet: int) -> str:
        """Return the name of the part that holds a sheet; empty if the workbook doesn't tell."""
        sheets = [_said(tag).get(b"id") for tag in _SHEET.findall(self._book)]
        relations = map(_said, _RELATION.findall(self._relations))
        targets = {said.get(b"Id"): said.get(b"Target", b"") for said in relations}
        target = targets.get(sheets[sheet], b"").decode("latin-1") if sheet < len(sheets) else ""
        return target.removeprefix("/") if target.startswith("/") else f"xl/{target}"


def without_zeros(
    rows: Iterable[Sequence[Cell]], columns: Iterable[int]
) -> Iterator[Sequence[Cell]]:
    """Yield rows with the zeros of the columns as blank cells."""
    places = list(columns)
    for row in rows:
        cells = list(row)
        for at in places:
            if at < len(cells) and isinstance(cells[at], int | float) and not cells[at]:
                cells[at] = None
        yield cells


def _said(tag: bytes) -> dict[bytes, bytes]:
    return dict(_ATTRIBUTE.findall(tag))
