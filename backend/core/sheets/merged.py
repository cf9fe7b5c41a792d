"""Fills merged cells: each shows the value of the first, as a person sees it."""

from collections.abc import Iterable, Iterator, Sequence

from backend.core.sheets.errors import DAMAGED, UnreadableFile
from backend.core.sheets.limits import MAX_CELLS
from backend.core.sheets.table import Cell

Area = tuple[tuple[int, int], tuple[int, int]]
"""The first and the last cell of a rectangle, each as row and column, from 0."""


def fill(
    rows: Iterable[Sequence[Cell]], areas: Sequence[Area], end: tuple[int, int]
) -> Iterator[Sequence[Cell]]:
    """Yield rows with their merged cells filled.

    A row that has no value of its own stays blank, and one that has nothing but a title across the
    table has it once. `end` is the last cell of the sheet. Raises UnreadableFile if there is more
    to fill than a sheet may have.
    """
    clipped = [
        (first, (min(last[0], end[0]), min(last[1], end[1])))
        for first, last in areas
        if first <= last and first[0] <= end[0] and first[1] <= end[1]
    ]
    places = sum((last[0] - first[0] + 1) * (last[1] - first[1] + 1) for first, last in clipped)
    if places > MAX_CELLS:
        raise UnreadableFile(DAMAGED)
    waiting = sorted(clipped, reverse=True)
    # The areas that reach into the row, each with its value.
    open_areas: list[tuple[Area, Cell]] = []
    for number, row in enumerate(rows):
        while waiting and waiting[-1][0][0] == number:
            area = waiting.pop()
            column = area[0][1]
            value = row[column] if column < len(row) else None
            if value is not None and value != "":
                open_areas.append((area, value))
        if open_areas:
            row = _filled(number, row, open_areas)
            open_areas = [one for one in open_areas if one[0][1][0] > number]
        yield row


def _filled(
    number: int, row: Sequence[Cell], open_areas: Iterable[tuple[Area, Cell]]
) -> Sequence[Cell]:
    values = [at for at, cell in enumerate(row) if cell is not None and cell != ""]
    if not values:
        return row
    if len(values) == 1 and any(
        first_row == number and first == values[0] < last
        for ((first_row, first), (_, last)), _ in open_areas
    ):
        return row
    cells = list(row)
    for ((first_row, first), (_, last)), value in open_areas:
        # Programs may keep a value under a merged cell, which no one sees.
        start = first + 1 if number == first_row else first
        cells[start : last + 1] = [value] * len(cells[start : last + 1])
    return cells
