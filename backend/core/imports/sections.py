"""Finds the center of rows that name none: a line above them does, a person, or their sheet.

Front desks write a center once, in a line of its own, above all of its leads, or on a sheet each.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from backend.core.imports.cells import plain
from backend.core.imports.columns import Columns
from backend.core.sheets import Cell, Sheet, Table
from backend.core.vocabulary import synonyms

Find = Callable[[str], int | None]

# A label and the center, or the center alone.
_MOST_TEXTS = 2


@dataclass(slots=True)
class Sections:
    """The sections of a table, whose rows come in order; `find` knows the centers.

    `chosen` is the center that a person has chosen, `sheets` are those of a table that has no
    column for the center, in the order of their offsets.
    """

    find: Find
    chosen: str | None = None
    has_column: bool = False
    sheets: Sequence[Sheet] = ()
    # Whether the last row was a line that names a center, and no lead.
    is_line: bool = False
    _line: str | None = None
    _at: int = -1

    @classmethod
    def of(cls, table: Table, header: Columns, find: Find, chosen: str | None) -> Self:
        """Return the sections of a table, before its first row."""
        has_column = "center" in header.fields.values()
        return cls(find, chosen, has_column, sorted(table.taken, key=lambda sheet: sheet.offset))

    def center_of(self, number: int, cells: Sequence[Cell]) -> str | None:
        """Return the text for the center of a row that names none."""
        if self.has_column:
            return self.chosen
        at = bisect_left([sheet.offset for sheet in self.sheets], number) - 1
        if at != self._at:
            self._line, self._at = None, at
        line = named(cells, self.find)
        self.is_line = line is not None
        self._line = line or self._line
        return self._line or self.chosen or self._name_of(at)

    def _name_of(self, at: int) -> str | None:
        """Return the name of a sheet, if it is a center's."""
        name = self.sheets[at].name if 0 <= at < len(self.sheets) else ""
        return name if self.find(name) is not None else None

    def are_in(self, rows: Iterable[Sequence[Cell]]) -> bool:
        """Return whether all sheets are called by centers, or a line names one."""
        names = [self._name_of(at) for at in range(len(self.sheets))]
        return (bool(names) and None not in names) or any(named(one, self.find) for one in rows)


def named(cells: Sequence[Cell], find: Find) -> str | None:
    """Return the center that a line names and nothing else: `TOFA Tellapur`, `Center: …`."""
    said = {*cells} - {None}
    if len(said) > _MOST_TEXTS:
        return None
    texts = [text for cell in dict.fromkeys(cells) if (text := plain(cell))]
    if len(texts) == 1 and find(texts[0]) is None:
        label, mark, rest = texts[0].partition(":")
        texts = [part for part in (label.strip(), rest.strip()) if part and mark]
    if len(texts) == _MOST_TEXTS:
        known = synonyms.known(texts[0])
        texts = texts[1:] if known is not None and known[0] == "center" else []
    return texts[0] if texts and find(texts[0]) is not None else None
