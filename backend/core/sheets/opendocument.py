"""Measures the tables of an .ods by its XML, before the real reader opens it.

A cell or a row says how often it is repeated, so a file of 5 KB can have billions of them. Programs
write the empty rest of a sheet in that way: only what comes up to the last filled cell counts.
Format: OASIS OpenDocument 1.3, part 3, section 9.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from backend.core.sheets.bounds import TOO_MANY_CELLS, check
from backend.core.sheets.errors import DAMAGED, TOO_LARGE, UnreadableFile
from backend.core.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_TAG
from backend.core.sheets.merged import Area
from backend.core.sheets.table import TOO_WIDE

_TAG = re.compile(
    rb"<(/?)table:(table|table-row|table-cell|covered-table-cell)"
    rb"((?:\s++[\w:.-]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+)\s*+(/?)>"
)
# Any tag of these, also one that isn't proper.
_ANY = re.compile(rb"</?table:(?:table|table-row|table-cell|covered-table-cell)[\s/>]")
_NUMBER = re.compile(
    rb"table:number-(columns|rows)-(repeated|spanned)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')"
)


CONTENT = "content.xml"
# White space between the tags of a table: some programs indent them, and calamine can't read that.
_INDENTED = re.compile(rb">\s+(?=</?table:)")
# The other parts of an .ods that calamine reads.
KEPT = frozenset({"mimetype", "styles.xml", "META-INF/manifest.xml"})
# In bytes: a larger part isn't held to remove that.
MOST_INDENTED = 64 * 2**20


def without_indents(file: BinaryIO) -> BinaryIO:
    """Return an .ods whose tables have no white space between their tags.

    Raises UnreadableFile if it is too large for that. The file was measured before.
    """
    with zipfile.ZipFile(file) as packed:
        if packed.getinfo(CONTENT).file_size > MOST_INDENTED:
            raise UnreadableFile(TOO_LARGE)
        content = _INDENTED.sub(b">", packed.read(CONTENT))
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as packing:
            for name in packed.namelist():
                if name in KEPT:
                    packing.writestr(name, packed.read(name))
            packing.writestr(CONTENT, content)
    made.seek(0)
    return made


@dataclass(slots=True)
class Measure:
    """The tables of an .ods: how many cells and places they have together, and what is merged."""

    places: int = 0
    cells: int = 0
    is_indented: bool = False
    merged: list[list[Area]] = field(default_factory=list)
    _table: "_Table" = field(default_factory=lambda: _Table([]))

    def watch(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        """Yield the chunks of `content.xml` as they are, and take them in.

        Raises UnreadableFile as soon as the limits are passed.
        """
        rest = b""
        for chunk in chunks:
            window = rest + chunk
            # No tag is split: what comes after the last `<` waits for more.
            cut = window.rfind(b"<")
            rest = window[cut:] if cut >= 0 else window
            if len(rest) > MAX_TAG:
                raise UnreadableFile(DAMAGED)
            self._take(window[: max(cut, 0)])
            yield chunk
        self._take(rest)

    def _take(self, window: bytes) -> None:
        self.is_indented = self.is_indented or _INDENTED.search(window) is not None
        found = 0
        for tag in _TAG.finditer(window):
            found += 1
            is_end, name, attributes, is_empty = tag.groups()
            if name == b"table":
                if not is_end:
                    self._table = _Table([])
                    self.merged.append(self._table.merged)
                if is_end or is_empty:
                    self.places += self._table.rows * self._table.columns
                    self.cells += self._table.cells
            elif name == b"table-row":
                if not is_end:
                    self._table.begin_row(_numbers(attributes))
                if is_end or is_empty:
                    self._table.end_row()
            elif not is_end:
                is_filled = not is_empty or b"office:" in attributes or b"formula" in attributes
                self._table.add(_numbers(attributes), is_filled and name == b"table-cell")
        if found != len(_ANY.findall(window)) or self.cells > MAX_CELLS:
            raise UnreadableFile(DAMAGED if self.cells <= MAX_CELLS else TOO_MANY_CELLS)


def _numbers(attributes: bytes) -> dict[bytes, int]:
    """Return how often a tag is repeated, and how far it spans. Raises UnreadableFile."""
    numbers = {}
    if b"number-" in attributes:
        for direction, what, double, single in _NUMBER.findall(attributes):
            digits = double or single
            if not digits.isdigit() or len(digits) > 10:
                raise UnreadableFile(DAMAGED)
            numbers[direction + what] = int(digits)
    return numbers


@dataclass(slots=True)
class _Table:
    """One table: up to its last filled row and column, and the cells with a value."""

    merged: list[Area]
    rows: int = 0
    columns: int = 0
    cells: int = 0
    # The rows that came before, and of the row that is being read: how often it is repeated, the
    # cells so far, the last filled one, and how many are.
    _above: int = 0
    _repeated: int = 1
    _at: int = 0
    _last: int = 0
    _filled: int = 0

    def begin_row(self, numbers: dict[bytes, int]) -> None:
        self._repeated = numbers.get(b"rowsrepeated", 1)
        self._at = self._last = self._filled = 0

    def add(self, numbers: dict[bytes, int], is_filled: bool) -> None:
        """Add a cell. Raises UnreadableFile if a filled one is too far to the right."""
        repeated = numbers.get(b"columnsrepeated", 1)
        start, self._at = self._at, self._at + repeated
        if not is_filled:
            return
        if self._at > MAX_COLUMNS:
            raise UnreadableFile(TOO_WIDE)
        self._last = self._at
        self._filled += repeated
        down, right = numbers.get(b"rowsspanned", 1), numbers.get(b"columnsspanned", 1)
        if down > 1 or right > 1:
            corner = (self._above + down - 1, start + right - 1)
            self.merged.append(((self._above, start), corner))

    def end_row(self) -> None:
        """Take in the row. Raises UnreadableFile if there are too many rows or cells."""
        self._above += self._repeated
        if not self._last:
            return
        self.rows, self.columns = self._above, max(self.columns, self._last)
        self.cells += self._filled * self._repeated
        check(self.rows, self.columns)
        if self.cells > MAX_CELLS:
            raise UnreadableFile(TOO_MANY_CELLS)
