"""Fill fields that have several columns, parts in columns of their own, or tell of the work done.

A plain file has none of these, and its rows are read without this module.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from backend.core.database.json_columns import encode
from backend.core.imports.cells import phone_of, plain, says_test
from backend.core.imports.columns import Columns
from backend.core.imports.date_columns import DateColumns
from backend.core.imports.rows import SheetRow
from backend.core.imports.status_texts import LONGEST, StatusTexts, ticked
from backend.core.reasons import Reason, ReasonCode
from backend.core.sheets import Cell
from backend.core.vocabulary import statuses, ticks, values
from backend.core.vocabulary.folding import fold
from backend.core.vocabulary.synonyms import ADDRESS_PARTS, COUNTRY, PHONE_COUNTRY, WORK
from backend.core.vocabulary.ticks import Tick
from backend.core.vocabulary.values import NAME_PARTS, Said, Value
from backend.models import Status

# The fields that every row is read for: a time, and texts.
BASIC = (
    "created_time", "player_name", "player_age_category", "phone", "email", "address", "center",
    "leadgen_id",
)  # fmt: skip
# How the columns that a value came from are joined in a row's `columns`.
_AND = " + "


@dataclass(slots=True)
class Extra:
    """What a row says apart from its fields: see `SheetRow.extra`."""

    origin: dict[str, str | bool] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    work: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)

    def encode(self) -> str | None:
        """Return it as JSON, or None where it is empty."""
        found: dict[str, Any] = {}
        if self.origin or self.answers:
            found = {"origin": self.origin, "answers": self.answers}
        if self.work:
            found["work"] = self.work
        if self.columns:
            found["columns"] = self.columns
        return encode(found) if found else None

    def answer(self, question: str, text: str) -> None:
        """Keep a text as an answer, beside another one to a question of the same name."""
        name, count = question, 1
        while self.answers.get(name, text) != text:
            count += 1
            name = f"{question} ({count})"
        self.answers[name] = text

    def put_aside(self, row: SheetRow, column: str, text: str) -> None:
        """Keep what can't be read as an answer, and say so."""
        self.answer(column, text)
        unreadable = Reason(ReasonCode.UNREADABLE_CELL, {"column": column})
        row.warnings = (*row.warnings, unreadable)


@dataclass(slots=True)
class Filler:
    """Fills the fields of rows from what their columns say."""

    columns: Columns
    dates: DateColumns
    statuses: StatusTexts
    # The places of each field's columns, in the order in which they are believed.
    places: Mapping[str, Sequence[int]]
    # The region of a phone for which nothing names a country.
    region: str
    # Whether any text of the row marks it as one of Meta's tests.
    saw_test: bool = False

    @classmethod
    def of(
        cls, columns: Columns, dates: DateColumns, statuses: StatusTexts, region: str
    ) -> Self | None:
        """Return a filler, or None for a file whose rows need none."""
        places = {field: columns.places_of(field) for field in columns.fields.values()}
        is_plain = all(field in BASIC and len(found) == 1 for field, found in places.items())
        # A column with a part of an address may have no more than the country.
        has_part = "address" in places and columns.tier(places["address"][0]) >= ADDRESS_PARTS
        if is_plain and not has_part:
            return None
        return cls(columns, dates, statuses, places, region)

    def fill(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        """Fill a row that was read from the first column of each field."""
        self.saw_test = False
        for name, made in values.MAKERS.items():
            if len(self.places.get(name, ())) > 1 or name == "address":
                said = self._said(name, cells)
                setattr(row, name, self._take(extra, name, said, made(said)))
        self._fill_phone(row, extra, cells)
        self._fill_time(row, extra, cells)
        self._fill_name(row, extra, cells)
        self._fill_birth_date(row, extra, cells)
        if said := self._said("campaign", cells):
            self._fill_campaign(extra, said)
        for one in self._said("source", cells):
            extra.answer(one.name, one.text)
        self._fill_work(row, extra, cells)
        row.is_test = row.is_test or self.saw_test

    def _fill_phone(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        named = [
            Said(PHONE_COUNTRY, self._name(at), text)
            for at in self.places.get("address", ())
            if ("address", self.columns.tier(at)) == COUNTRY and (text := plain(cells[at]))
        ]
        if len(self.places.get("phone", ())) < 2 and not named:
            return
        said = self._said("phone", cells)
        if not said and row.email is not None and values.is_phone(row.email):
            said, row.email = [Said(0, self._name(self.places["email"][0]), row.email)], None
        value = values.phone([*said, *named], self.region) if said else None
        row.phone = self._take(extra, "phone", said, value)

    def _said(self, field: str, cells: Sequence[Cell]) -> list[Said]:
        """Return what the columns of a field say, without the blanks, in believed order."""
        found = []
        for at in self.places.get(field, ()):
            text = plain(cells[at])
            if field == "phone":
                text = phone_of(text) or ""
            if text:
                self.saw_test = self.saw_test or (text[0] == "<" and says_test([text]))
                found.append(Said(self.columns.tier(at), self._name(at), text))
        return found

    def _name(self, at: int) -> str:
        return self.columns.names[at].strip()

    def _take(
        self, extra: Extra, field: str, said: Iterable[Said], value: Value | None
    ) -> str | None:
        """Return the text of a value; what isn't in it is an answer."""
        for one in said:
            if value is None or not _is_in(field, one, value):
                extra.answer(one.name, one.text)
        if value is None:
            return None
        if self._is_shared(field) or (field == "phone" and len(value.parts) > 1):
            extra.columns[field] = _AND.join(part.name for part in value.parts)
        return value.text

    def _is_shared(self, field: str) -> bool:
        """Return whether a field has several columns: it isn't obvious which one was taken."""
        fields = ("player_name", *NAME_PARTS) if field == "player_name" else (field,)
        return sum(len(self.places.get(one, ())) for one in fields) > 1

    def _fill_time(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        """Take the first time that isn't blank."""
        places = self.places.get("created_time", ())
        if len(places) < 2:
            return
        at = next((at for at in places if plain(cells[at])), places[0])
        row.created_time, doubt = None, None
        if plain(cells[at]):
            row.created_time, doubt = self.dates.created(at, cells[at])
        row.warnings = () if doubt is None else (doubt,)
        extra.columns["created_time"] = self._name(at)

    def _fill_name(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        wholes = self._said("player_name", cells)
        parts = [self._said(part, cells) for part in NAME_PARTS]
        if len(wholes) < 2 and not any(parts):
            return
        said = [*wholes, *(one for part in parts for one in part)]
        row.player_name = self._take(extra, "player_name", said, values.name(wholes, *parts))

    def _fill_birth_date(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        for at in self.places.get("birth_date", ()):
            text = plain(cells[at])
            if not text:
                continue
            born, doubt = self.dates.day(at, cells[at])
            if row.birth_date is None and born is not None:
                row.birth_date = born
                if doubt is not None:
                    row.warnings = (*row.warnings, doubt)
                if self._is_shared("birth_date"):
                    extra.columns["birth_date"] = self._name(at)
            else:
                extra.put_aside(row, self._name(at), text)

    def _fill_campaign(self, extra: Extra, said: Sequence[Said]) -> None:
        """Take the campaign's name, unless Meta's export has said which one it is."""
        value = values.first(said)
        if "campaign_name" in extra.origin or "campaign_id" in extra.origin:
            value = None
        name = self._take(extra, "campaign", said, value)
        if name is not None:
            extra.origin["campaign_name"] = name

    def _fill_work(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> None:
        """Read what was done about the lead elsewhere; `said` are its texts by column."""
        by_field = {field: self._said(field, cells) for field in WORK if field != "source"}
        work: dict[str, Any] = {
            "status": self._status(row, extra, by_field["status"]),
            "lost_reason": self._lost_reason(extra, by_field["lost_reason"]),
            "comment": _comment(by_field["comment"]),
            "next_followup_date": self._next_date(row, extra, cells),
        }
        owner = next(iter(by_field["owner"]), None)
        if owner is not None and fold(owner.text) not in statuses.NOBODY:
            work |= {"owner": owner.text, "owner_column": owner.name}
        work = {name: value for name, value in work.items() if value is not None}
        if work:
            said = [one for found in by_field.values() for one in found]
            extra.work = work | {"said": {one.name: one.text for one in said}}

    def _status(self, row: SheetRow, extra: Extra, said: Sequence[Said]) -> str | None:
        found: Status | None = None
        texts = [one for one in said if not ticks.is_named(one.name)]
        for number, one in enumerate(texts):
            status = self.statuses.take(one.text) if number == 0 else None
            if number == 0 and status is None:
                _warn_of_status(row, one.text)
            found = found or status
            if status is None or (status is not Status.NEW and fold(one.text) != fold(status)):
                # `Demo booked` says more than `Trial Scheduled`, but `Fresh` no more than `New`.
                extra.answer(one.name, one.text)
        if len(texts) < len(said):
            found = self._ticked(row, extra, [one for one in said if one not in texts], found)
        return None if found is Status.NEW else found

    def _ticked(
        self, row: SheetRow, extra: Extra, said: Sequence[Said], found: Status | None
    ) -> Status | None:
        """Return the status that ticked columns set; `found` is that of the others."""
        told = [] if found is None else [found]
        for one in said:
            extra.answer(one.name, one.text)
            if ticks.read(one.text) is Tick.NO:
                continue
            status = self.statuses.take(one.text, one.name)
            if status is None:
                _warn_of_status(row, ticked(one.name, one.text))
            else:
                told.append(status)
        furthest = statuses.furthest(told)
        if furthest is None and told:
            # It can't be both. What a column of statuses says was written by a person.
            if found in (None, Status.NEW):
                _warn_of_status(row, ", ".join(ticked(one.name, one.text) for one in said))
            return found
        return furthest

    def _lost_reason(self, extra: Extra, said: Sequence[Said]) -> str | None:
        found = None
        for one in said:
            reason = self.statuses.lost_reason(one.text) if found is None else None
            found = found or reason
            if reason is None or fold(reason) != fold(one.text):
                extra.answer(one.name, one.text)
        return found

    def _next_date(self, row: SheetRow, extra: Extra, cells: Sequence[Cell]) -> Any:
        found = None
        for at in self.places.get("next_followup_date", ()):
            if not (text := plain(cells[at])):
                continue
            time, doubt = self.dates.moment(at, cells[at])
            if time is None:
                extra.put_aside(row, self._name(at), text)
            elif found is None:
                found = time
                if doubt is not None:
                    row.warnings = (*row.warnings, doubt)
            else:
                extra.answer(self._name(at), text)
        return found


def _warn_of_status(row: SheetRow, text: str) -> None:
    told = {"status": text[:LONGEST]}
    row.warnings = (*row.warnings, Reason(ReasonCode.UNKNOWN_STATUS, told))


def _comment(said: Sequence[Said]) -> str | None:
    """Return all remarks as one comment; of several, each begins with its column's name."""
    if len(said) < 2:
        return said[0].text if said else None
    return "\n".join(f"{one.name}: {one.text}" for one in said)


def _is_in(field: str, said: Said, value: Value) -> bool:
    """Return whether a value has what was said."""
    if said in value.parts or fold(said.text) == fold(value.text):
        return True
    if field == "phone":
        return values.same_phone(said, value)
    return field in ("address", "player_name") and said.text.casefold() in value.text.casefold()
