"""Reads the cells of a spreadsheet into rows. It needs no database."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from zoneinfo import ZoneInfo

import orjson

from backend.core import emails, names
from backend.core.imports import totals
from backend.core.imports.cells import (
    age_of,
    is_rounded,
    phone_of,
    plain,
    says_test,
    text_of,
    texts_of,
)
from backend.core.imports.columns import ORIGIN, Columns, fold
from backend.core.imports.date_columns import DateColumns
from backend.core.imports.filling import BASIC, Extra, Filler
from backend.core.imports.rows import SheetRow
from backend.core.imports.sections import Sections
from backend.core.imports.status_texts import StatusTexts
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell, Table
from backend.core.sheets.formulas import restore
from backend.core.vocabulary import synonyms, values
from backend.core.vocabulary.phone_codes import NOWHERE
from backend.schemas.choices import REASONS

NO_CONTACT = Reason(ReasonCode.NO_CONTACT)
NO_CENTER = Reason(ReasonCode.NO_CENTER)

_LEADGEN_ID = re.compile(r"(?:l:)?([0-9]{1,40})")
_META_ID = re.compile(r"l:([0-9]{1,40})")
# Other tools count their leads, too: `1` is the first one of each.
_LEAST_DIGITS = 14
_LONG_ID = re.compile(rf"(?:l:|(?=[0-9]{{{_LEAST_DIGITS}}}))([0-9]{{1,40}})")
# Such as Zoho's `zcrm_5123450000001` and Salesforce's `00Q5g00000ABCDE`: no spreadsheet makes one
# of Meta's, as it makes `4.28E+17`.
_OTHERS_ID = re.compile(r"(?!l:)(?![\d.,]+e[+-]?\d+$).{0,40}?[^\W\d]", re.IGNORECASE)
# In characters: what Meta's export may say of an ad. Some of it is indexed.
_LONGEST_ORIGIN = 500

Progress = Callable[[int, int], None]


def read(
    table: Table,
    columns: Columns,
    dates: DateColumns,
    progress: Progress | None = None,
    statuses: StatusTexts | None = None,
    sections: Sections | None = None,
    region: str = NOWHERE,
) -> Iterator[SheetRow]:
    """Yield what each row of a table says.

    `progress` is called with the number of rows read so far, and 0: the total isn't known.
    `statuses` counts the texts of the rows' statuses. `sections` has the center of rows that
    name none, `region` is the one of phones for which nothing names a country.
    """
    reader = _Reader(columns, dates, statuses or StatusTexts(), sections, region)
    for number, cells in table.rows:
        yield reader.read(number, cells)
        if progress is not None and number % 1000 == 0:
            progress(number, 0)


def read_all(
    table: Table,
    again: Callable[[], Table],
    columns: Columns,
    zone: ZoneInfo,
    progress: Progress | None = None,
    region: str = NOWHERE,
    reasons: Sequence[str] = REASONS,
) -> tuple[list[SheetRow], StatusTexts]:
    """Return all rows of a table, and the texts of their statuses.

    `reasons` are those that leads can be lost for.
    `again` opens the table once more: the order of its dates is known only at its end.
    """
    dates = DateColumns(columns, zone)
    texts = StatusTexts(reasons=reasons)
    rows = list(read(table, columns, dates, progress, texts, region=region))
    if dates.settle():
        rows.clear()
        texts = StatusTexts(reasons=reasons)
        rows.extend(read(again(), columns, dates, progress, texts, region=region))
    return rows, texts


class _Reader:
    """Reads the cells of rows; where each field is was looked up once."""

    def __init__(
        self,
        columns: Columns,
        dates: DateColumns,
        statuses: StatusTexts,
        sections: Sections | None,
        region: str,
    ) -> None:
        # A field without a column is read from a blank cell behind the last one.
        self._pick = itemgetter(*(columns.place_of(field) for field in BASIC))
        self._origin, self._answers = columns.origin(), columns.answers()
        self._leadgen_id = _leadgen_pattern(columns)
        self._age_column = _name_of(columns, "player_age_category")
        self._id_column = _name_of(columns, "leadgen_id")
        self._email_column = _name_of(columns, "email")
        self._dates, self._sections = dates, sections
        self._center: str | None = None
        self._created_at = columns.place_of("created_time")
        self._filler = Filler.of(columns, dates, statuses, region)

    def read(self, number: int, cells: Sequence[Cell]) -> SheetRow:
        """Return what a row says, and what is wrong with it."""
        created, *others = self._pick([*cells, None])
        texts, starts = texts_of(others)
        name, age, phone, email, address, center, own_id = texts
        if self._sections is not None:
            self._center = self._sections.center_of(number, cells)
            if self._sections.is_line:
                phone = email = None
        time, doubt = None, None
        if created is not None:
            time, doubt = self._dates.created(self._created_at, created)
        row = SheetRow(
            number, time, name, age, phone_of(phone), email, address, center or self._center,
            self._id_of(own_id),
        )  # fmt: skip
        # Meta marks a test in each of its texts.
        row.is_test = "<" in starts and says_test(texts)
        if doubt is not None:
            row.warnings = (doubt,)
        if (
            self._origin
            or self._answers
            or self._filler is not None
            or (age is not None and age_of(age) != age)
            or (own_id is not None and row.leadgen_id is None)
            or emails.split(email)[1] is not None
        ):
            self._read_other_columns(row, cells, own_id)
        if row.center is not None and (
            row.phone is None or not row.phone[-1:].isdigit() or "@" in row.phone
        ):
            said = values.in_place(row.player_name, row.phone, row.email)
            row.player_name, row.phone, row.email = said[0], phone_of(said[1]), said[2]
        row.player_name = names.clean(row.player_name)
        row.email = emails.clean(row.email)
        if totals.may_be_one(row) and totals.is_one(row, cells):
            row.phone = row.email = None
        if fault := _fault(row):
            _reject(row, fault, cells)
        return row

    def _id_of(self, text: str | None) -> str | None:
        """Return Meta's id of the lead."""
        found = None if text is None else self._leadgen_id.fullmatch(text.strip())
        if found is None or (found[0] == found[1] and is_rounded(found[1])):
            return None
        return found[1]

    def _read_other_columns(self, row: SheetRow, cells: Sequence[Cell], own_id: str | None) -> None:
        """Give a row its `extra`, and mark it as a test if an answer says so."""
        extra = Extra()
        for at, name in self._origin:
            value = _origin_value(name, cells[at])
            if value is not None:
                extra.origin[name] = value
        for at, question in self._answers:
            text = plain(cells[at])
            if text:
                extra.answer(question, text)
        if self._filler is not None:
            self._filler.fill(row, extra, cells)
            row.center = row.center or self._center
        if row.player_age_category is not None:
            self._check_age(row, extra, row.player_age_category)
        if own_id is not None and row.leadgen_id is None:
            self._keep_id(row, extra, own_id)
        address, more = emails.split(row.email)
        if more is not None:
            extra.answer(extra.columns.get("email", self._email_column), more)
            row.email = address
        row.is_test = row.is_test or says_test(extra.answers.values())
        row.extra = extra.encode()

    def _keep_id(self, row: SheetRow, extra: Extra, text: str) -> None:
        """Keep an id that isn't Meta's as an answer, unless its column is only called `id`."""
        is_other = len(text) < _LEAST_DIGITS or _OTHERS_ID.match(text.strip())
        if self._leadgen_id is _LONG_ID and is_other:
            extra.answer(self._id_column, text)
        elif self._leadgen_id is not _META_ID:
            extra.put_aside(row, self._id_column, text)

    def _check_age(self, row: SheetRow, extra: Extra, text: str) -> None:
        """Keep a date as an answer: it is no age."""
        row.player_age_category = age_of(text)
        if row.player_age_category is None:
            column = extra.columns.pop("player_age_category", self._age_column)
            extra.put_aside(row, column, text)


def _name_of(columns: Columns, field: str) -> str:
    """Return the name of a field's first column; an empty text if the file has none."""
    return next((columns.names[at].strip() for at in columns.places_of(field)), "")


def _leadgen_pattern(columns: Columns) -> re.Pattern[str]:
    """Return what Meta's ids look like: in a column called `id`, a bare number may be any id.

    In one that isn't certainly Meta's, such as `Lead ID`, only a long one is Meta's.
    """
    place = columns.place_of("leadgen_id")
    # MongoDB's is `_id`.
    if place >= len(columns.names) or fold(columns.names[place]).strip("_") == "id":
        return _META_ID
    return _LEADGEN_ID if synonyms.known(columns.names[place]) else _LONG_ID


def _fault(row: SheetRow) -> Reason | None:
    # Meta's tests are kept, whatever they lack.
    if row.is_test:
        return None
    if row.phone is None and row.email is None:
        return NO_CONTACT
    return NO_CENTER if row.center is None else None


def _reject(row: SheetRow, fault: Reason, cells: Iterable[Cell]) -> None:
    """Note why a row can't become a lead, and keep its cells to give them back."""
    row.fault, row.warnings = fault, ()
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
