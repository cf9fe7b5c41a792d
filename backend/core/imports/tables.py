"""Finds the table of leads in a file: its sheets and its header, or those that were chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import orjson

from backend.core import sheets
from backend.core.dates import Order
from backend.core.errors import Invalid
from backend.core.imports import clock_columns, one_column, seen
from backend.core.sheets import Cell, Sheet, Table, Wanted
from backend.core.sheets.table import peek
from backend.core.vocabulary import guesses, synonyms
from backend.core.vocabulary.folding import fold
from backend.schemas.imports import FormulaColumn, ImportOptions, Note, SheetOut


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person has chosen for a file: its sheets, the header's row, the order of its dates."""

    sheets: tuple[str, ...] = ()
    header_row: int | None = None
    date_order: Order | None = None

    @classmethod
    def of(cls, options: ImportOptions) -> Self:
        """Return what was sent with a file. Raises `Invalid`."""
        names = _read_names(options.sheets)
        if options.sheet and options.sheet.strip() and options.sheet not in names:
            names = (options.sheet, *names)
        order = Order(options.date_order) if options.date_order else None
        return cls(names, options.header_row, order)


NOTHING_CHOSEN = Choices()

# What the columns of a whole table of leads have at least.
_OF_A_TABLE = {"phone", "center"}
SIDE_BY_SIDE = (
    "There are two tables beside each other, with the same columns; please put one below the other."
)


def open_table(content: bytes, filename: str, choices: Choices, *, others: bool = True) -> Table:
    """Open the table of leads in a file. Raises `sheets.UnreadableFile`.

    `others` is whether to look at the sheets that aren't taken, too.
    """
    wanted = Wanted(score, choices.sheets, choices.header_row, others)
    table = one_column.split(sheets.read_table(content, filename, wanted), score)
    if _are_side_by_side(table.columns):
        # Each row would be one lead, with the phones of two.
        raise sheets.UnreadableFile(SIDE_BY_SIDE)
    return clock_columns.join(table)


def _are_side_by_side(columns: Sequence[str]) -> bool:
    """Return whether the names of columns are those of a table of leads, twice or more."""
    names = [fold(name) for name in columns if name.strip()]
    for size in range(len(_OF_A_TABLE), len(names) // 2 + 1):
        if names == names[:size] * (len(names) // size):
            fields = {found[0] for name in names[:size] if (found := synonyms.known(name))}
            return fields >= _OF_A_TABLE
    return False


def open_again(content: bytes, filename: str, table: Table) -> Table:
    """Open the same table once more."""
    names = tuple(sheet.name for sheet in table.taken)
    return open_table(content, filename, Choices(names, table.header_row), others=False)


def first_rows(table: Table) -> tuple[list[Sequence[Cell]], Table]:
    """Return the cells of the rows that are looked at first, and the table with all its rows."""
    rows, table = peek(table, seen.ROWS)
    return [cells for _, cells in rows], table


def score(names: Sequence[str]) -> int:
    """Return how many fields the names of columns stand for."""
    known = {at: found[0] for at, name in enumerate(names) if (found := synonyms.known(name))}
    fields = set(known.values())
    free = {at: name for at, name in enumerate(names) if name and at not in known}
    return len(fields) + len(guesses.guess(free, fields))


def show_sheets(table: Table) -> list[SheetOut]:
    """Return the sheets of a file as the API answers them."""
    columns = {_folded(sheet) for sheet in table.taken}
    return [
        {
            "name": sheet.name,
            "header_row": sheet.header_row,
            "rows": sheet.rows,
            "columns": list(sheet.columns),
            "is_hidden": sheet.is_hidden,
            "is_taken": sheet.is_taken,
            "has_same_columns": _folded(sheet) in columns,
            "offset": sheet.offset,
        }
        for sheet in table.sheets
    ]


def show_formulas(table: Table) -> list[FormulaColumn]:
    """Return the columns with formulas that have no results, as the API answers them."""
    return [
        {"column": one.column, "cells": one.cells, "row": one.row} for one in table.uncalculated
    ]


def formula_notes(table: Table) -> list[Note]:
    """Return what to say of formulas without results, each with the first row that has one."""
    notes: list[Note] = []
    for one in table.uncalculated:
        noun = "formula" if one.cells == 1 else "formulas"
        reason = (
            f"'{one.column}' has {one.cells:,} {noun} without a result in the file. "
            "Open it in Excel, save it, and send it again"
        )
        notes.append({"row": one.row, "reason": reason})
    return notes


def left_out(table: Table) -> list[str]:
    """Return the names of sheets that have the same columns, and rows, but aren't taken."""
    shown = show_sheets(table)
    return [
        sheet["name"]
        for sheet in shown
        if sheet["has_same_columns"] and sheet["rows"] > 0 and not sheet["is_taken"]
    ]


def _folded(sheet: Sheet) -> frozenset[str]:
    return frozenset(" ".join(name.split()).casefold() for name in sheet.columns)


def _read_names(text: str | None) -> tuple[str, ...]:
    """Return names that were sent as a JSON list of texts. Raises `Invalid`."""
    if not text or not text.strip():
        return ()
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Invalid.at("body", "sheets", msg="Send a JSON list with the names of sheets")
    return tuple(dict.fromkeys(value))
