"""Reads the rows of a table in memory, such as a pandas DataFrame, like those of a spreadsheet."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from backend.core.errors import BadRequest
from backend.core.imports import columns, parsing, tables
from backend.core.imports.columns import Columns
from backend.core.imports.rows import SheetRow
from backend.core.imports.seen import Seen
from backend.core.sheets import Cell
from backend.core.sheets.table import Record, Table
from backend.core.vocabulary.phone_codes import NOWHERE

# The first row below the header, as a spreadsheet program counts.
_FIRST = 2
_CELLS = (str, int, float, bool, dt.date, dt.time, dt.timedelta)


class Frame(Protocol):
    """What a DataFrame needs: this, and `itertuples`, `to_dict` or `iterrows` as in pandas.

    The first of the three that it has is used, since `iterrows` turns whole numbers into floats.
    """

    @property
    def columns(self) -> Iterable[Any]: ...


def read_frame(
    df: Frame, center: str, zone: ZoneInfo, region: str = NOWHERE
) -> tuple[Columns, Sequence[SheetRow]]:
    """Return the header and the rows; `center` is the column of the center.

    Times without an offset are in the zone, phones without a country in the region. Raises
    `BadRequest` if there is no such column.
    """
    keys = list(df.columns)
    names = [str(key) for key in keys]
    # Earlier versions stripped the names of the columns first.
    known = next((name for name in names if center in (name, name.strip())), None)
    if known is None:
        raise BadRequest(f"The table has no column '{center}' for the center")

    def table() -> Table:
        return Table(tuple(names), _rows(df, keys))

    header = columns.with_center(names, known, Seen.of(names, tables.first_rows(table())[0]))

    rows, _ = parsing.read_all(table(), table, header, zone, region=region)
    return header, rows


def _rows(df: Frame, keys: Sequence[Any]) -> Iterator[Record]:
    for number, values in enumerate(_values(df, keys), _FIRST):
        cells = [_cell(value) for value in values]
        if any(cell is not None for cell in cells):
            yield number, cells


def _values(frame: Any, keys: Sequence[Any]) -> Iterator[Iterable[Any]]:
    if hasattr(frame, "itertuples"):
        yield from frame.itertuples(index=False, name=None)
    elif hasattr(frame, "to_dict"):
        for row in frame.to_dict("records"):
            yield [row.get(key) for key in keys]
    else:
        for _, row in frame.iterrows():
            yield [row.get(key) for key in keys]


def _cell(value: Any) -> Cell:
    """Return a value as it would come from a spreadsheet; NumPy's types become Python's."""
    if value is None or _is_blank(value):
        return None
    if not isinstance(value, _CELLS):
        value = _plain(value)
    if isinstance(value, str):
        # What was read as another encoding may have characters in it that none has.
        return value.replace("\0", "").encode(errors="replace").decode() or None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)  # type: ignore[no-any-return]
    cell: Cell = value
    return cell


def _plain(value: Any) -> Any:
    with suppress(AttributeError, ValueError):  # an array has an item only where it has one alone
        return value.item()
    return str(value)


def _is_blank(value: Any) -> bool:
    """Return whether a value is NaN, NaT or NA: the first two differ from themselves."""
    try:
        return bool(value != value)
    except TypeError:
        return True
    except ValueError:
        return False  # an array
