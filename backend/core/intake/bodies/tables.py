"""Leads that a script sends as a spreadsheet has them: rows below a header, or a field a row."""

from collections.abc import Mapping, Sequence
from typing import Any

from backend.core.intake.bodies import field_objects, json_text, likely_names
from backend.core.intake.bodies.questions import REACHED_BY

# A header with fewer fields may be a lead's own texts.
_FEWEST = 2
# How an object calls a header and the row below it.
_HEADERS, _ROWS = ("headers", "header", "columns"), ("row", "values", "data")


def lead_of(items: Sequence[object]) -> dict[str, Any] | None:
    """Return the lead that a list describes field by field; None for a list of leads."""
    pairs = field_objects.pairs(items)
    if pairs is None or any(isinstance(value, dict | list) for _, value in pairs):
        return None
    names = [name for name, _ in pairs]
    is_lead = len(set(names)) == len(names) >= _FEWEST and _reaches(names)
    return json_text.merge(pairs) if is_lead else None


def rows_of(items: Sequence[object]) -> list[dict[str, Any]] | None:
    """Return the rows below a header as leads; None for any other list."""
    rows = [one for one in items if isinstance(one, list)]
    if len(rows) < _FEWEST or len(rows) != len(items):
        return None
    header, *below = rows
    if not header or not all(isinstance(name, str) for name in header):
        return None
    known = {field for name in header if (field := likely_names.field_of(name))}
    if len(known) < _FEWEST or not _reaches(header):
        return None
    return [row(header, cells) for cells in below]


def row(header: Sequence[str], cells: Sequence[object]) -> dict[str, Any]:
    """Return the cells of a row by the names of their columns; those without one are counted."""
    names = [*header, *(f"column {at}" for at in range(len(header) + 1, len(cells) + 1))]
    return json_text.merge(
        [(name.strip() or f"column {at}", cell)
         for at, (name, cell) in enumerate(zip(names, cells, strict=False), 1)]
    )  # fmt: skip


def with_header(value: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the row of an object that has it beside its header; None for any other object."""
    by_name = {name.casefold(): one for name, one in value.items()}
    header, cells = (
        next((by_name[name] for name in names if name in by_name), None)
        for names in (_HEADERS, _ROWS)
    )
    if not isinstance(header, list) or not isinstance(cells, list):
        return None
    found = rows_of([header, cells])
    beside = {name: one for name, one in value.items() if one is not header and one is not cells}
    return beside | found[0] if found else None


def _reaches(names: Sequence[str]) -> bool:
    return any(likely_names.field_of(name) in REACHED_BY for name in names)
