"""Makes a table of rows that each say the names of their own columns, as contacts and JSON do."""

from collections.abc import Mapping, Sequence

from backend.core.sheets.bounds import check
from backend.core.sheets.errors import UnreadableFile
from backend.core.sheets.limits import MAX_COLUMNS
from backend.core.sheets.markup import Page
from backend.core.sheets.table import TOO_WIDE, Cell


def page_of(name: str, rows: Sequence[Mapping[str, Cell]], first: Sequence[str] = ()) -> Page:
    """Return a table with a header of all columns, in the order in which they come.

    `first` are those that come before all others. Raises UnreadableFile if it is too large.
    """
    names: dict[str, None] = {}
    for row in rows:
        names.update(dict.fromkeys(row))
        if len(names) > MAX_COLUMNS:
            raise UnreadableFile(TOO_WIDE)
    columns = [*(one for one in first if one in names), *(one for one in names if one not in first)]
    check(len(rows) + 1, len(columns))
    header: list[Cell] = [*columns]
    return Page(name, [header, *([row.get(one) for one in columns] for row in rows)])
