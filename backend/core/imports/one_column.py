"""Split a table whose rows are texts in one column: a CSV file or a table pasted into a sheet."""

import csv
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from backend.core.sheets import Cell, Record, Table
from backend.core.sheets.pipes import PIPE, is_rule
from backend.core.sheets.table import close

_DELIMITERS = (",", ";", "\t", PIPE)
# Fewer known names in a text can be chance, or a question.
_ENOUGH = 2


def split(table: Table, score: Callable[[Sequence[str]], int]) -> Table:
    """Return a table with the columns that are within its only one, or the same table.

    `score` says how many fields the names of columns stand for.
    """
    named = [at for at, name in enumerate(table.columns) if name.strip()]
    if len(named) != 1:
        return table
    name = table.columns[named[0]]
    ways = [
        (score(names), mark, names) for mark in _DELIMITERS if len(names := _cut(name, mark)) > 1
    ]
    most, mark, names = max(ways, default=(0, "", []))
    if most < _ENOUGH:
        return table
    rows = _split(table.rows, named[0], mark, len(names))
    return replace(table, columns=tuple(names), rows=rows)


def _cut(text: str, mark: str) -> list[str]:
    if mark == PIPE:
        text = text.strip().removeprefix(PIPE).removesuffix(PIPE)
    try:
        return next(csv.reader([text], delimiter=mark), [])
    except csv.Error:
        return [text]


def _split(rows: Iterator[Record], at: int, mark: str, width: int) -> Generator[Record]:
    try:
        for number, row in rows:
            cell = row[at]
            cells: list[Cell] = (
                [*map(_blank, _cut(cell, mark))] if isinstance(cell, str) else [cell]
            )
            if mark == PIPE and is_rule(cells):
                continue
            yield number, (cells + [None] * (width - len(cells)))[:width]
    finally:
        close(rows)


def _blank(text: str) -> Cell:
    return text if text.strip() else None
