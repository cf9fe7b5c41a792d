"""The cells of a spreadsheet, read into what a lead is made of. No database is needed for it."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from backend.core import times
from backend.core.imports.columns import FIELDS, ORIGIN, Columns, fold
from backend.core.imports.rows import Plain
from backend.core.sheets import Cell, Table
from backend.core.sheets.formulas import restore

NO_CONTACT = "Neither phone nor email"
NO_CENTER = "No center"
UNREADABLE_DATE = "The date can't be read: the time of the import stands in"
REASONS = frozenset({NO_CONTACT, NO_CENTER})
# The column that rejected rows are given back with.
REASON = "reason"

_LEADGEN_ID = re.compile(r"(?:l:)?([0-9]{1,40})")
_META_ID = re.compile(r"l:([0-9]{1,40})")
_PHONE_PREFIX = "p:"
_TEST = "<test lead:"
# Of another year no lead has come: a slip, which would stand before or behind all others for ever.
_YEARS = range(1900, 2200)
# In characters: what an export of Meta's may say of an advert. Some of it is indexed.
_LONGEST_ORIGIN = 500
# What surrounds a text without being part of it. A tab or a line end at its start may be meant.
_SPACES = " \u00a0"

Progress = Callable[[int, int], None]


def read(
    table: Table, columns: Columns, zone: ZoneInfo, progress: Progress | None = None
) -> Iterator[Plain]:
    """Yields what makes a `Row` of each row of a table.

    Plain tuples, since of those the garbage collector need not know: there may be a million.
    `progress` is told how many are read, of 0 where none knows.
    """
    # A field without a column is read from a blank cell behind the last one.
    pick = itemgetter(*(columns.place_of(field) for field in FIELDS))
    origin, answers = columns.origin(), columns.answers()
    # In a column that is only called `id`, a bare number may be anybody's.
    place = columns.place_of("leadgen_id")
    plain = place < len(columns.names) and fold(columns.names[place]) != "id"
    leadgen_id = _LEADGEN_ID if plain else _META_ID
    for number, cells in table.rows:
        created, *others = pick([*cells, None])
        # Nearly every cell is a text: a call for each would take as long as all the rest.
        texts = [
            cell.strip(_SPACES) or None if type(cell) is str else text_of(cell) for cell in others
        ]
        first = {text[0] for text in texts if text is not None}
        if "'" in first:
            texts = [restore(text) or None if text else None for text in texts]
        name, age, phone, email, address, center, own = texts
        if phone is not None and phone.startswith(_PHONE_PREFIX):
            phone = phone.removeprefix(_PHONE_PREFIX).strip() or None
        leadgen = leadgen_id.fullmatch(own.strip()) if own is not None else None
        # Meta marks a test in each of its texts.
        is_test = "<" in first and any(text is not None and says_test(text) for text in texts)
        extra = None
        if origin or answers:
            extra, in_answers = _read_extra(cells, origin, answers)
            is_test = is_test or in_answers
        time = _time(created, zone) if created is not None else None
        fault = warning = kept = None
        # What Meta sends as a test is kept, whatever is missing.
        if not is_test and phone is None and email is None:
            fault = NO_CONTACT
        elif not is_test and center is None:
            fault = NO_CENTER
        elif created is not None and time is None:
            warning = UNREADABLE_DATE
        if fault is not None:
            kept = orjson.dumps([_original(cell) for cell in cells]).decode()
        yield (
            number, time, name, age, phone, email, address, center, leadgen[1] if leadgen else None,
            is_test, extra, fault, warning, kept,
        )  # fmt: skip
        if progress is not None and number % 1000 == 0:
            progress(number, 0)


def text_of(cell: Cell) -> str | None:
    """What a cell says: a whole number has no decimals."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)


def says_test(text: str) -> bool:
    return text[: len(_TEST)].casefold() == _TEST


def _read_extra(
    cells: Sequence[Cell],
    origin: Sequence[tuple[int, str]],
    answers: Sequence[tuple[int, str]],
) -> tuple[str | None, bool]:
    """What a row says besides, as JSON, and whether it says that it is a test."""
    found: dict[str, Any] = {}
    for at, name in origin:
        text = (text_of(cells[at]) or "").strip().removeprefix(ORIGIN[name])
        if name == "is_organic":
            if text.casefold() in ("true", "false"):
                found[name] = text.casefold() == "true"
        elif text:
            found[name] = text[:_LONGEST_ORIGIN]
    said: dict[str, str] = {}
    for at, question in answers:
        text = restore((text_of(cells[at]) or "").strip(_SPACES))
        # A file of rejected rows, mended and sent again, has our own column of reasons.
        if text and not (question == REASON and text in REASONS):
            said.setdefault(question, text)
    is_test = any(map(says_test, said.values()))
    if not found and not said:
        return None, is_test
    return orjson.dumps({"origin": found, "answers": said}).decode(), is_test


def _original(cell: Cell) -> str:
    """A cell as it was typed: its spaces stay, an apostrophe that is no part of it goes."""
    return restore(cell) if isinstance(cell, str) else text_of(cell) or ""


def _time(cell: Cell, zone: ZoneInfo) -> datetime | None:
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
