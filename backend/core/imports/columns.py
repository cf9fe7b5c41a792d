"""Decides which column of a spreadsheet fills which field of a lead.

The usual names are certain. For other names a field may be proposed, for a person to review before
the commit; an upload in one step takes only the usual names.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from backend.core.centers import CENTER_COLUMN
from backend.core.error_text import listed
from backend.core.errors import BadRequest, Invalid
from backend.core.imports import column_guesses

# What a row is read into; `center` is the text that names it.
FIELDS = (
    "created_time",
    "player_name",
    "player_age_category",
    "phone",
    "email",
    "address",
    "center",
    "leadgen_id",
)
IGNORE = "ignore"

# The usual names of columns for each field, folded; the first that a file has counts.
USUAL = {
    "created_time": ("created_time",),
    "player_name": ("player_name", "full_name"),
    "player_age_category": ("player_age_category",),
    "phone": ("phone", "phone_number"),
    "email": ("email",),
    "address": ("address_and_pincode",),
    "leadgen_id": ("id",),
}
CENTER_PART = "nearest_tofa"

# What Meta's export says of a lead's origin, each column with the prefix of its values.
ORIGIN = {
    "platform": "",
    "form_id": "f:",
    "form_name": "",
    "ad_id": "ag:",
    "ad_name": "",
    "adset_id": "as:",
    "adset_name": "",
    "campaign_id": "c:",
    "campaign_name": "",
    "is_organic": "",
}
# The column that rejected rows are given back with. It is known by this name, whatever it says.
REASON_COLUMN = "rejected_because"
# Other columns of Meta's and our own exports, which aren't answers.
_NO_ANSWERS = frozenset({"id", "lead_status", "status", "next_followup_date", REASON_COLUMN})


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a file, the field of each column that has one, and which were guessed.

    `fields` is by the place of the column, from 0; `guessed` are places, too.
    """

    names: Sequence[str]
    fields: Mapping[int, str]
    guessed: frozenset[int] = frozenset()

    @property
    def mapping(self) -> dict[str, str]:
        """Return the field of each column, by the column's name."""
        return {self.names[place]: field for place, field in sorted(self.fields.items())}

    @property
    def proposed(self) -> list[str]:
        """Return the names of columns whose field is a guess."""
        return [self.names[place] for place in sorted(self.guessed)]

    def place_of(self, field: str) -> int:
        """Return the place of a field's column; the one after the last if the file has none."""
        return next((at for at, one in self.fields.items() if one == field), len(self.names))

    def origin(self) -> list[tuple[int, str]]:
        """Return the places of a lead's origin, each with the column of `LeadOrigin`."""
        return [(at, name) for at, name in self._others() if name in ORIGIN]

    def answers(self) -> list[tuple[int, str]]:
        """Return the places of the other columns, each with its name: the question."""
        return [
            (at, self.names[at].strip())
            for at, name in self._others()
            if name and name not in ORIGIN and name not in _NO_ANSWERS
        ]

    def _others(self) -> list[tuple[int, str]]:
        names = enumerate(map(fold, self.names))
        return [(at, name) for at, name in names if at not in self.fields]


def fold(name: str) -> str:
    """Return a column's name in lower case, with single spaces."""
    return re.sub(r"\s+", " ", name).strip().casefold()


def usual(names: Sequence[str]) -> Columns:
    """Match columns by their usual names. Raises `BadRequest` if none is the center's."""
    return _checked(Columns(names, _usual(names)), f"or let its name contain '{CENTER_PART}'")


def with_center(names: Sequence[str], center: str) -> Columns:
    """Match columns by their usual names, but take `center` for the center's."""
    place = names.index(center)
    fields = {at: field for at, field in _usual(names).items() if field != "center"}
    return Columns(names, fields | {place: "center"})


def propose(names: Sequence[str], given: Mapping[str, str] | None = None) -> Columns:
    """Match columns by what is given, then by their usual names, then by the best guess.

    `given` is a field, or `ignore`, by a column's name. Raises `BadRequest` if no column is the
    center's, and `Invalid` if a given column or field doesn't exist.
    """
    fields, left_out = _given(names, given or {})
    for place, field in _usual(names).items():
        if field not in fields.values() and place not in fields and place not in left_out:
            fields[place] = field
    free = {
        at: name
        for at, name in enumerate(names)
        if at not in fields and at not in left_out and fold(name) not in ORIGIN
    }
    guessed = column_guesses.guess(free, set(fields.values()))
    columns = Columns(names, fields | guessed, frozenset(guessed))
    return _checked(columns, "or say in the mapping which one it is")


def read_mapping(text: str | None) -> dict[str, str]:
    """Return a mapping that was sent as a JSON object of texts. Raises `Invalid`."""
    if not text or not text.strip():
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise _invalid("Send a JSON object with the field that each column fills")
    return value


def _usual(names: Sequence[str]) -> dict[int, str]:
    folded = [fold(name) for name in names]
    fields = {}
    for field, known_as in USUAL.items():
        known = next((name for name in known_as if name in folded), None)
        if known is not None:
            fields[folded.index(known)] = field
    center = next(
        (at for at, name in enumerate(folded) if name == CENTER_COLUMN),
        next((at for at, name in enumerate(folded) if CENTER_PART in name), None),
    )
    if center is not None:
        fields[center] = "center"
    return fields


def _given(names: Sequence[str], given: Mapping[str, str]) -> tuple[dict[int, str], set[int]]:
    folded = [fold(name) for name in names]
    fields: dict[int, str] = {}
    left_out = set()
    for name, field in given.items():
        if field not in (*FIELDS, IGNORE):
            raise _invalid(f"Choose {listed((*FIELDS, IGNORE))} for each column")
        if name not in names and fold(name) not in folded:
            raise _invalid(f"Choose a column of the file for {field}")
        place = names.index(name) if name in names else folded.index(fold(name))
        if place in fields or place in left_out:
            raise _invalid(f"Choose each column once; one is given twice, once for {field}")
        if field == IGNORE:
            left_out.add(place)
        elif field in fields.values():
            raise _invalid(f"Choose only one column for {field}")
        else:
            fields[place] = field
    return fields, left_out


def _checked(columns: Columns, otherwise: str) -> Columns:
    if "center" not in columns.fields.values():
        raise BadRequest(
            f"The file has no column for the center: name one '{CENTER_COLUMN}', {otherwise}"
        )
    return columns


def _invalid(msg: str) -> Invalid:
    return Invalid.at("body", "mapping", msg=msg)
