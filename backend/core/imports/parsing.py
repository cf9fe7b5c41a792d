"""Reads the cells of a spreadsheet into rows. It needs no database."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

import orjson

from backend.core import times
from backend.core.imports.columns import FIELDS, ORIGIN, Columns, fold
from backend.core.imports.rows import SheetRow
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell, Table
from backend.core.sheets.formulas import restore

NO_CONTACT = Reason(ReasonCode.NO_CONTACT)
NO_CENTER = Reason(ReasonCode.NO_CENTER)
UNREADABLE_DATE = Reason(ReasonCode.UNREADABLE_DATE)

_LEADGEN_ID = re.compile(r"(?:l:)?([0-9]{1,40})")
_META_ID = re.compile(r"l:([0-9]{1,40})")
_PHONE_PREFIX = "p:"
_TEST = "<test lead:"
# No lead is from another year: such a date is a slip, and would sort before or after all others.
_YEARS = range(1900, 2200)
# In characters: what Meta's export may say of an ad. Some of it is indexed.
_LONGEST_ORIGIN = 500
# Spaces around a text aren't part of it. A tab or a line end at its start may be meant.
_SPACES = " \u00a0"

Progress = Callable[[int, int], None]


def read(
    table: Table, columns: Columns, zone: ZoneInfo, progress: Progress | None = None
) -> Iterator[SheetRow]:
    """Yield what each row of a table says. Times without an offset are in the zone.

    `progress` is called with the number of rows read so far, and 0: the total isn't known.
    """
    reader = _Reader(columns, zone)
    for number, cells in table.rows:
        yield reader.read(number, cells)
        if progress is not None and number % 1000 == 0:
            progress(number, 0)


class _Reader:
    """Reads the cells of rows; where each field is was looked up once."""

    def __init__(self, columns: Columns, zone: ZoneInfo) -> None:
        # A field without a column is read from a blank cell behind the last one.
        self._pick = itemgetter(*(columns.place_of(field) for field in FIELDS))
        self._origin, self._answers = columns.origin(), columns.answers()
        self._leadgen_id = _leadgen_pattern(columns)
        self._zone = zone

    def read(self, number: int, cells: Sequence[Cell]) -> SheetRow:
        """Return what a row says, and what is wrong with it."""
        created, *others = self._pick([*cells, None])
        texts, starts = _texts(others)
        name, age, phone, email, address, center, own_id = texts
        time = None if created is None else _time(created, self._zone)
        row = SheetRow(
            number, time, name, age, _phone(phone), email, address, center, self._id_of(own_id)
        )
        # Meta marks a test in each of its texts.
        row.is_test = "<" in starts and _says_test(texts)
        if self._origin or self._answers:
            self._read_other_columns(row, cells)
        if created is not None and time is None:
            row.warning = UNREADABLE_DATE
        if fault := _fault(row):
            _reject(row, fault, cells)
        return row

    def _id_of(self, text: str | None) -> str | None:
        """Return Meta's id of the lead."""
        found = None if text is None else self._leadgen_id.fullmatch(text.strip())
        return found[1] if found else None

    def _read_other_columns(self, row: SheetRow, cells: Sequence[Cell]) -> None:
        """Give a row its `extra`, and mark it as a test if an answer says so."""
        origin: dict[str, str | bool] = {}
        for at, name in self._origin:
            value = _origin_value(name, cells[at])
            if value is not None:
                origin[name] = value
        answers: dict[str, str] = {}
        for at, question in self._answers:
            text = restore((text_of(cells[at]) or "").strip(_SPACES))
            if text:
                answers.setdefault(question, text)
        row.is_test = row.is_test or _says_test(answers.values())
        if origin or answers:
            row.extra = orjson.dumps({"origin": origin, "answers": answers}).decode()


def text_of(cell: Cell) -> str | None:
    """Return what a cell says: a whole number has no decimals."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)


def _leadgen_pattern(columns: Columns) -> re.Pattern[str]:
    """Return what Meta's ids look like: in a column called `id`, a bare number may be any id."""
    place = columns.place_of("leadgen_id")
    is_certain = place < len(columns.names) and fold(columns.names[place]) != "id"
    return _LEADGEN_ID if is_certain else _META_ID


def _texts(cells: Iterable[Cell]) -> tuple[list[str | None], set[str]]:
    """Return what cells say, None for a blank one, and the characters that they start with."""
    # Nearly every cell is a text, and a call for each would take as long as all the rest.
    texts = [cell.strip(_SPACES) or None if type(cell) is str else text_of(cell) for cell in cells]
    starts = {text[0] for text in texts if text is not None}
    if "'" in starts:
        texts = [restore(text) or None if text else None for text in texts]
    return texts, starts


def _says_test(texts: Iterable[str | None]) -> bool:
    """Return whether any of the texts is one of Meta's tests."""
    return any(text is not None and text[: len(_TEST)].casefold() == _TEST for text in texts)


def _phone(text: str | None) -> str | None:
    if text is None or not text.startswith(_PHONE_PREFIX):
        return text
    return text.removeprefix(_PHONE_PREFIX).strip() or None


def _fault(row: SheetRow) -> Reason | None:
    # Meta's tests are kept, whatever they lack.
    if row.is_test:
        return None
    if row.phone is None and row.email is None:
        return NO_CONTACT
    return NO_CENTER if row.center is None else None


def _reject(row: SheetRow, fault: Reason, cells: Iterable[Cell]) -> None:
    """Note why a row can't become a lead, and keep its cells to give them back."""
    row.fault, row.warning = fault, None
    row.cells = orjson.dumps([_original(cell) for cell in cells]).decode()


def _origin_value(name: str, cell: Cell) -> str | bool | None:
    """Return the value for a column of `LeadOrigin`; None for a blank or odd cell."""
    text = (text_of(cell) or "").strip().removeprefix(ORIGIN[name])
    if name == "is_organic":
        return {"true": True, "false": False}.get(text.casefold())
    return text[:_LONGEST_ORIGIN] or None


def _original(cell: Cell) -> str:
    """Return a cell as it was typed, with its spaces but without an apostrophe put before it."""
    return restore(cell) if isinstance(cell, str) else text_of(cell) or ""


def _time(cell: Cell, zone: ZoneInfo) -> datetime | None:
    """Return a time in UTC; None where it can't be read."""
    try:
        if isinstance(cell, str):
            time = times.read(cell.strip(), zone)
        elif isinstance(cell, date):
            time = times.to_utc(cell, zone)
        else:
            return None
    except ValueError:
        return None
    return time if time.year in _YEARS else None
