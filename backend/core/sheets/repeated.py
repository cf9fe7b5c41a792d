"""Finds a header that comes again among the rows, as in files that were put together."""

from collections.abc import Sequence

from backend.core.sheets.table import Cell

# A row with fewer names of columns can be data.
_ENOUGH = 3


class Repeated:
    """The header of a table, as its rows are checked: `put` one after the other.

    From a header on that has the same names in another order, or not all of them, cells go to the
    columns with their names.
    """

    def __init__(self, header: Sequence[Cell]) -> None:
        self._header = list(header)
        names = [cell for cell in header if isinstance(cell, str)]
        places = {cell: at for at, cell in enumerate(header) if isinstance(cell, str)}
        # Of two columns with one name, it isn't known which one comes first.
        self._places = places if len(places) == len(names) >= _ENOUGH else {}
        self._order: list[int] | None = None
        self._firsts = frozenset((self._header[0], *self._places)) if header else frozenset()

    def put(self, cells: list[Cell]) -> list[Cell] | None:
        """Return a row's cells in the order of the header; None for a header."""
        if self._order is None and cells[0] not in self._firsts:
            return cells
        if cells == self._header:
            self._order = None
            return None
        if cells[0] in self._places and self._is_header(cells):
            self._order = [-1 if cell is None else self._places[str(cell)] for cell in cells]
            return None
        return cells if self._order is None else self._ordered(cells, self._order)

    def _is_header(self, cells: Sequence[Cell]) -> bool:
        names = [cell for cell in cells if cell is not None]
        return len(names) >= _ENOUGH and set(names) <= self._places.keys()

    def _ordered(self, cells: Sequence[Cell], order: Sequence[int]) -> list[Cell]:
        row: list[Cell] = [None] * len(self._header)
        for place, cell in zip(order, cells, strict=False):
            if place >= 0:
                row[place] = cell
        return row
