"""Finds the lines of a table that is drawn with pipes: `| --- | :-: |`, `+-----+-----+`."""

import re
from collections.abc import Iterable

from backend.core.sheets.table import Cell

PIPE = "|"
# A cell of such a line, as Markdown and terminals draw them, or the fence around the table.
_RULE = re.compile(r"\s*(?:[:+]?[-=+:]+|```\w*)\s*")


def is_rule(cells: Iterable[Cell]) -> bool:
    """Return whether a row is only a line."""
    return all(cell is None or _RULE.fullmatch(str(cell)) for cell in cells)
