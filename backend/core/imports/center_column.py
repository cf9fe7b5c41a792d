"""Finds the center of the rows where no column is called one: by what is in the cells."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from backend.core.errors import BadRequest
from backend.core.imports import columns
from backend.core.imports.cells import plain
from backend.core.imports.columns import IGNORE, Columns
from backend.core.imports.sections import Find, Sections, named
from backend.core.imports.seen import Seen
from backend.core.sheets import Cell, Table

# Of how many cells one must name a center.
_OF = 2
# What a table of leads has: without it, a line that names a center may be anything.
_REACHED_BY = frozenset({"phone", "email"})


def propose(
    names: Sequence[str],
    given: Mapping[str, str],
    find: Find,
    table: Table,
    rows: Sequence[Sequence[Cell]],
    seen: Seen,
) -> Columns:
    """Match columns as `columns.propose` does; `rows` are the first ones of the table.

    Without a column for the center, the one whose cells name centers is it, for a person to review.
    A table with sections needs none. Raises as `columns.propose` does.
    """
    try:
        return columns.propose(names, given, seen=seen)
    except BadRequest as error:
        header = columns.propose(names, given, needs_center=False, seen=seen)
        ignored = {columns.fold(name) for name, field in given.items() if field == IGNORE}
        free = [
            at
            for at, name in enumerate(names)
            if at not in header.fields and columns.fold(name) not in ignored
        ]
        place = _place(free, [cells for cells in rows if not named(cells, find)], find)
        if place is not None:
            fields = {**header.fields, place: "center"}
            return replace(header, fields=fields, guessed=header.guessed | {place})
        is_of_leads = not _REACHED_BY.isdisjoint(header.fields.values())
        if is_of_leads and Sections.of(table, header, find, None).are_in(rows):
            return header
        raise error from None


def _place(free: Sequence[int], rows: Sequence[Sequence[Cell]], find: Find) -> int | None:
    """Return the only column of which at least half of the cells name centers."""
    found = []
    for at in free:
        texts = [text for cells in rows if at < len(cells) and (text := plain(cells[at]))]
        if texts and sum(find(text) is not None for text in texts) * _OF >= len(texts):
            found.append(at)
    return found[0] if len(found) == 1 else None
