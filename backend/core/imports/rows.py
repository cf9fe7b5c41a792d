"""A row of an import: what its cells say, and once it is decided, what is to become of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import orjson

from backend.core.database.json_columns import encode
from backend.core.imports.columns import FIELDS


class Verdict(StrEnum):
    """What is to become of a row."""

    CREATE = "create"
    SIBLING = "sibling"
    JOIN = "join"
    KNOWN = "known"
    WAITING = "waiting"
    REJECT = "reject"


MAKES_A_LEAD = frozenset({Verdict.CREATE, Verdict.SIBLING})
# As the drivers take them: a member of an enumeration takes as long as the rest of its row.
PLAIN = {verdict: verdict.value for verdict in Verdict}

# What a reader makes of a row: the values of a `Row` down to its `cells`.
Plain = tuple[Any, ...]
PLAIN_FIELDS = ("number", *FIELDS, "is_test", "extra", "fault", "warning", "cells")
_TEXTS = FIELDS[1:]


@dataclass(slots=True)
class Row:
    """A row as it is understood; texts are None where their cells are blank.

    `created_time` is in UTC. `center` is the text for it. `extra` is JSON of the columns of
    `LeadOrigin` (`origin`) and of the rest (`answers`). `fault` is why it can't become a lead,
    `cells` then are JSON of its cells as they were.

    What follows is decided of it. The keys are those of `identity`. `of` is the lead that it joins
    or that is known: an id, or less than 0 the number of a row. `again` is whether a joined lead
    gets a line in its history: the very same row adds none.
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
    fault: str | None = None
    warning: str | None = None
    cells: str | None = None

    verdict: Verdict = Verdict.CREATE
    reason: str | None = None
    of: int | None = None
    again: bool = False
    center_id: int | None = None
    phone_key: str | None = None
    name_key: str = ""
    email_key: str | None = None
    household: str = ""

    @property
    def standing_lead(self) -> int | None:
        """The lead that stands already, which it joins or is."""
        return self.of if self.of is not None and self.of > 0 else None


def body(row: Row) -> str:
    """A row as JSON, as the ledger keeps one that waits: its fields by name, without the blanks."""
    said: dict[str, Any] = {}
    for name in FIELDS:
        value = getattr(row, name)
        if value is not None:
            said[name] = value
    if row.is_test:
        said["is_test"] = True
    text = encode(said)
    # What is JSON already is not taken apart for it.
    return text if row.extra is None else f"{text[:-1]}{',' if said else ''}{row.extra[1:]}"


def from_body(number: int, text: str, fault: str | None = None, warning: str | None = None) -> Row:
    """The row of which `body` has made a text; a `fault` or a `warning` is not in that."""
    said = orjson.loads(text)
    created = said.get("created_time")
    extra = {name: said[name] for name in ("origin", "answers") if name in said}
    row = Row(number, datetime.fromisoformat(created) if created else None, *map(said.get, _TEXTS))
    row.is_test = said.get("is_test", False)
    row.extra = orjson.dumps(extra).decode() if extra else None
    row.fault, row.warning = fault, warning
    return row
