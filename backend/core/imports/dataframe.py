"""The rows of a table in memory, such as a pandas DataFrame, read as those of a spreadsheet are."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from backend.core.errors import BadRequest
from backend.core.imports import columns, reading
from backend.core.imports.columns import Columns
from backend.core.imports.rows import Plain
from backend.core.sheets import Cell
from backend.core.sheets.table import Record, Table

# The first row below the header, as a spreadsheet program counts.
_FIRST = 2
_CELLS = (str, int, float, bool, dt.date, dt.time, dt.timedelta)


class Frame(Protocol):
    """What is needed of a DataFrame."""

    @property
    def columns(self) -> Iterable[Any]: ...

    def itertuples(self, index: bool = True, name: str | None = "Pandas") -> Iterable[Any]: ...


def read_frame(df: Frame, center: str, zone: ZoneInfo) -> tuple[Columns, Sequence[Plain]]:
    """Return the header and the rows; `center` is the column of the center.

    Times without an offset are in the zone. Raises `BadRequest` where there is no such column.
    """
    names = [str(name) for name in df.columns]
    if center not in names:
        raise BadRequest(f"The table has no column '{center}' for the center")
    header = columns.with_center(names, center)
    table = Table(tuple(names), _rows(df))
    return header, list(reading.read(table, header, zone))


def _rows(df: Frame) -> Iterator[Record]:
    for number, values in enumerate(df.itertuples(index=False, name=None), _FIRST):
        cells = [_cell(value) for value in values]
        if any(cell is not None for cell in cells):
            yield number, cells


def _cell(value: Any) -> Cell:
    """Return a value as a spreadsheet's reader would; NumPy's own types become Python's."""
    if value is None or _is_blank(value):
        return None
    if not isinstance(value, _CELLS):
        value = value.item() if hasattr(value, "item") else str(value)
    if isinstance(value, str):
        return value.replace("\0", "") or None
    if hasattr(value, "to_pydatetime"):
        return value.to_pydatetime(warn=False)  # type: ignore[no-any-return]
    cell: Cell = value
    return cell


def _is_blank(value: Any) -> bool:
    """Whether a value is NaN, NaT or NA: the first two differ from themselves."""
    try:
        return bool(value != value)
    except TypeError:
        return True
