"""Reads the tables of an HTML page, and of Excel's XML of 2003: what portals call an .xls.

A parser for pages takes whatever it is given; its work is limited by the process it runs in. Each
table is a sheet. Cells that span several columns or rows are filled.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time
from html.parser import HTMLParser

from backend.core.sheets.encoding import text_of
from backend.core.sheets.errors import TOO_LARGE, UnreadableFile
from backend.core.sheets.limits import MAX_CELLS, MAX_COLUMNS, MAX_ROWS
from backend.core.sheets.table import TOO_LONG, TOO_WIDE, Cell

MAX_TABLES = 1_000
CHUNK = 2**16

_SPACE = re.compile(r"\s+")
_ROWS = frozenset({"tr", "row"})
_CELLS = frozenset({"td", "th", "cell"})
_BREAKS = frozenset({"br", "p", "div", "li", "tr"})
_UNSEEN = frozenset({"script", "style", "head", "comment"})


@dataclass(slots=True)
class Page:
    """A table with its name, "" if it has none. Its rows are those of the page, blank ones too."""

    name: str
    rows: list[list[Cell]] = field(default_factory=list)


def tables(content: bytes) -> list[Page]:
    """Return the tables of a page that have rows. Raises UnreadableFile."""
    text = text_of(content)
    parser = _Parser()
    for start in range(0, len(text), CHUNK):
        parser.feed(text[start : start + CHUNK])
    parser.close()
    parser.end()
    return [page for page in parser.pages if page.rows]


class _Parser(HTMLParser):
    """Collects the tables of a page. A table within a cell is one of its own."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pages: list[Page] = []
        self._open: list[_Building] = []
        self._sheet = ""
        self._unseen = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin a table, a row or a cell."""
        tag = tag.rpartition(":")[2]
        said = {name.rpartition(":")[2]: value or "" for name, value in attrs}
        if tag in _UNSEEN:
            self._unseen += 1
        elif tag == "worksheet":
            self._sheet = said.get("name", "")
        elif tag == "table":
            self._begin_table()
        elif not self._open:
            return
        elif tag in _ROWS:
            self._open[-1].begin_row(_number(said.get("index")))
        elif tag in _CELLS:
            self._open[-1].begin_cell(said)
        elif tag == "data":
            self._open[-1].kind = said.get("type", "")
        elif tag in _BREAKS:
            self._open[-1].text.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """End a table, a row or a cell."""
        tag = tag.rpartition(":")[2]
        if tag in _UNSEEN:
            self._unseen = max(0, self._unseen - 1)
        elif tag == "table" and self._open:
            self._open.pop().end_row()
        elif tag in _ROWS and self._open:
            self._open[-1].end_row()
        elif tag in _CELLS and self._open:
            self._open[-1].end_cell()

    def handle_data(self, data: str) -> None:
        """Add to the text of a cell."""
        if self._open and not self._unseen:
            is_page = not self._open[-1].kind
            self._open[-1].text.append(_SPACE.sub(" ", data) if is_page else data)

    def end(self) -> None:
        """End what a broken page leaves open."""
        while self._open:
            self._open.pop().end_row()

    def _begin_table(self) -> None:
        if len(self.pages) == MAX_TABLES:
            raise UnreadableFile(TOO_LARGE)
        self.pages.append(Page(self._sheet))
        self._open.append(_Building(self.pages[-1].rows, self._count))

    def _count(self, cells: int) -> None:
        self._cells += cells
        if self._cells > MAX_CELLS:
            raise UnreadableFile(TOO_LARGE)


@dataclass(slots=True)
class _Building:
    """A table that is being read: its rows so far, and the row and the cell that are open.

    `text` and `kind` are those of the cell; `spans` are, by column, the value and how many more
    rows it reaches down.
    """

    rows: list[list[Cell]]
    count: Callable[[int], None]
    text: list[str] = field(default_factory=list)
    kind: str = ""
    _row: list[Cell] | None = None
    _cell: dict[str, str] | None = None
    _spans: dict[int, tuple[Cell, int]] = field(default_factory=dict)

    def begin_row(self, index: int) -> None:
        """Begin a row; `index` is its number, from 1, if it says so."""
        self.end_row()
        if max(index, len(self.rows) + 1) > MAX_ROWS:
            raise UnreadableFile(TOO_LONG)
        self.rows.extend([] for _ in range(index - 1 - len(self.rows)))
        self._row = []

    def end_row(self) -> None:
        """End the row, if there is one."""
        self.end_cell()
        if self._row is None:
            return
        for column in sorted(self._spans):
            if column >= len(self._row):
                self._go_to(column)
                self._take_spans()
        self.rows.append(self._row)
        self.count(len(self._row) + 1)
        self._row = None

    def begin_cell(self, said: dict[str, str]) -> None:
        """Begin a cell, with its attributes."""
        self.end_cell()
        if self._row is None:
            self.begin_row(0)
        self._cell, self.kind = said, ""
        self.text.clear()

    def end_cell(self) -> None:
        """End the cell, if there is one."""
        if self._cell is None or self._row is None:
            self.text.clear()
            return
        said, self._cell = self._cell, None
        value = _value("".join(self.text), self.kind)
        self.text.clear()
        self._take_spans()
        self._go_to(min(_number(said.get("index")) - 1, MAX_COLUMNS))
        right = max(_number(said.get("colspan")), _number(said.get("mergeacross")) + 1)
        down = max(_number(said.get("rowspan")), _number(said.get("mergedown")) + 1)
        for _ in range(min(right, MAX_COLUMNS + 1)):
            if down > 1:
                self._spans[len(self._row)] = (value, down - 1)
            self._row.append(value)
        if len(self._row) > MAX_COLUMNS:
            raise UnreadableFile(TOO_WIDE)

    def _go_to(self, column: int) -> None:
        """Leave cells blank up to a column, but for those that are reached from above."""
        assert self._row is not None
        while len(self._row) < column:
            self._row.append(None)
            self._take_spans()

    def _take_spans(self) -> None:
        """Add the cells of the rows above that reach down to here."""
        assert self._row is not None
        while (at := len(self._row)) in self._spans:
            value, left = self._spans.pop(at)
            if left > 1:
                self._spans[at] = (value, left - 1)
            self._row.append(value)


def _number(text: str | None) -> int:
    """Return the number of an attribute; 0 where it has none."""
    return int(text) if text and text.isdecimal() and len(text) < 9 else 0


def _value(text: str, kind: str) -> Cell:
    """Return the value of a cell; its kind is what Excel's XML calls it."""
    text = "\n".join(filter(None, (line.strip() for line in text.split("\n"))))
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            moment = datetime.fromisoformat(text)
            return moment.date() if moment.time() == time.min else moment
    except ValueError:
        return text
    if kind == "Error":
        return None
    return text == "1" if kind == "Boolean" else text
