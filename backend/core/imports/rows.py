"""A row of an import: what its cells say, and then what becomes of it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import Any, Self

import orjson

from backend.core.database.json_columns import encode
from backend.core.reasons import DOUBTS, Reason, ReasonCode


class Verdict(StrEnum):
    """What becomes of a row."""

    CREATE = "create"
    SIBLING = "sibling"
    JOIN = "join"
    KNOWN = "known"
    WAITING = "waiting"
    REJECT = "reject"


MAKES_A_LEAD = frozenset({Verdict.CREATE, Verdict.SIBLING})
# As the drivers take them: a member of an enumeration takes as long as the rest of its row.
PLAIN = {verdict: verdict.value for verdict in Verdict}

# What a row keeps of its fields, in the order of `SheetRow`: a time, texts, and a date.
_TEXTS = (
    "player_name", "player_age_category", "phone", "email", "address", "center", "leadgen_id",
)  # fmt: skip
_KEPT = ("created_time", *_TEXTS, "birth_date")
# The parts of `SheetRow.extra`.
_EXTRA = ("origin", "answers", "work", "columns")


@dataclass(slots=True)
class SheetRow:
    """What a row of a spreadsheet says; a text is None where its cell is blank.

    `number` is the row's number in the spreadsheet program, `created_time` is in UTC, `center` is
    the text that names the center. `extra` is JSON: the columns of `LeadOrigin` (`origin`), the
    other columns (`answers`), what was done about the lead elsewhere (`work`, see
    `leads.imported_state`), and for a field with several columns which of them it came from
    (`columns`). `fault` is why the row can't become a lead; `cells` then is JSON of its cells as
    they were. `warnings` are what a person should know of it.
    """

    number: int
    created_time: datetime | None
    player_name: str | None
    player_age_category: str | None
    phone: str | None
    email: str | None
    address: str | None
    center: str | None
    leadgen_id: str | None
    is_test: bool = False
    extra: str | None = None
    fault: Reason | None = None
    warnings: tuple[Reason, ...] = ()
    cells: str | None = None
    birth_date: date | None = None


_values = attrgetter(*(field.name for field in fields(SheetRow)))


@dataclass(slots=True)
class Row(SheetRow):
    """A row, and what is decided of it.

    `of` is the lead that it joins or is known as: an id or, less than 0, the number of the row that
    makes it. `again` is whether a joined lead gets a line in its history: the same row adds
    none. The keys are those of `leads.match_keys`; `further` are the further valid numbers.
    """

    verdict: Verdict = Verdict.CREATE
    reason: Reason | None = None
    of: int | None = None
    again: bool = False
    center_id: int | None = None
    phone_key: str | None = None
    name_key: str = ""
    email_key: str | None = None
    households: tuple[str, ...] = ()
    further: tuple[str, ...] = ()
    phone_issue: str | None = None
    phone_extension: str | None = None
    # Whether it is of an erased person: nothing of it is kept.
    is_erased: bool = False

    @classmethod
    def of_sheet(cls, said: SheetRow) -> Self:
        """Return a row without a verdict."""
        return cls(*_values(said))

    @property
    def standing_lead(self) -> int | None:
        """The existing lead that the row joins or is known as."""
        return self.of if self.of is not None and self.of > 0 else None

    def numbers(self) -> tuple[str, ...]:
        """Return all valid numbers of its phone."""
        return () if self.phone_key is None else (self.phone_key, *self.further)

    def reasons(self) -> Iterator[Reason]:
        """Yield why it has its verdict, and then its warnings, if they matter."""
        if self.reason is not None:
            yield self.reason
        # A known row changes nothing: nobody needs its warnings.
        if self.verdict is not Verdict.KNOWN:
            yield from self.all_warnings()

    def all_warnings(self) -> Iterator[Reason]:
        """Yield what can't be read in it."""
        yield from self.warnings
        if self.phone_issue is not None:
            yield Reason(ReasonCode.UNREADABLE_PHONE, {"issue": self.phone_issue})


def count_doubts(batch: Iterable[Row], counted: dict[str, int]) -> None:
    """Add to the number of rows with each warning or doubt, by its code."""
    for row in batch:
        if row.reason is None and not row.warnings and row.phone_issue is None:
            continue
        for code in DOUBTS & {one.code for one in row.reasons()}:
            counted[code] = counted.get(code, 0) + 1


def body(row: Row) -> str:
    """Return the row's fields by name, without the blanks, as JSON: what a delivery keeps."""
    said: dict[str, Any] = {}
    for name in _KEPT:
        value = getattr(row, name)
        if value is not None:
            said[name] = value
    if row.is_test:
        said["is_test"] = True
    text = encode(said)
    # `extra` is JSON already: it is joined as a text.
    return text if row.extra is None else f"{text[:-1]}{',' if said else ''}{row.extra[1:]}"


def from_body(
    number: int, text: str, fault: Reason | None = None, warnings: tuple[Reason, ...] = ()
) -> Row:
    """Return the row that `body` was given; a `fault` or `warnings` aren't in that."""
    said = orjson.loads(text)
    created, born = said.get("created_time"), said.get("birth_date")
    extra = {name: said[name] for name in _EXTRA if name in said}
    row = Row(number, datetime.fromisoformat(created) if created else None, *map(said.get, _TEXTS))
    row.is_test = said.get("is_test", False)
    row.extra = orjson.dumps(extra).decode() if extra else None
    row.birth_date = date.fromisoformat(born) if born else None
    row.fault, row.warnings = fault, warnings
    return row
