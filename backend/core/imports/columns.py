"""Which column of a spreadsheet fills which field of a lead.

The usual names are certain. Where a name is not usual, a field may be proposed for it, to be looked
at by a person before anything is committed; an upload in one step takes the usual names only.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import orjson

from backend.core.centers import CENTER_COLUMN
from backend.core.error_text import listed
from backend.core.errors import BadRequest, Invalid
from backend.core.imports import column_guesses

# What a row is read into; `center` is the text for it.
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

# The usual names of columns, folded, for each field; the first that a file has counts.
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

# What an export of Meta's says of a lead's origin, each with the prefix of its values.
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
# What exports, Meta's and our own, have besides: no answers of a parent's.
_NO_ANSWERS = frozenset({"id", "lead_status", "status", "next_followup_date"})


@dataclass(frozen=True, slots=True)
class Columns:
    """The header of a file, the field of each column that has one, and which were guessed.

    `fields` goes by the place of the column, `rest` are the places and names of those without.
    """

    names: Sequence[str]
    fields: Mapping[int, str]
    guessed: frozenset[int] = frozenset()

    @property
    def mapping(self) -> dict[str, str]:
        """The field of each column, by its name."""
        return {self.names[place]: field for place, field in sorted(self.fields.items())}

    @property
    def proposed(self) -> list[str]:
        """The columns whose field is a guess."""
        return [self.names[place] for place in sorted(self.guessed)]

    def place_of(self, field: str) -> int:
        """Where a field stands; behind the last column where the file does not have it."""
        return next((at for at, one in self.fields.items() if one == field), len(self.names))

    def origin(self) -> list[tuple[int, str]]:
        """The places of what tells of a lead's origin, each with the column of `LeadOrigin`."""
        return [(at, name) for at, name in self._others() if name in ORIGIN]

    def answers(self) -> list[tuple[int, str]]:
        """The places of what maps to nothing, each with its question."""
        return [
            (at, self.names[at].strip())
            for at, name in self._others()
            if name and name not in ORIGIN and name not in _NO_ANSWERS
        ]

    def _others(self) -> list[tuple[int, str]]:
        names = enumerate(map(fold, self.names))
        return [(at, name) for at, name in names if at not in self.fields]


def fold(name: str) -> str:
    """A column's name without case and doubled spaces."""
    return re.sub(r"\s+", " ", name).strip().casefold()


def usual(names: Sequence[str]) -> Columns:
    """The columns that go by their usual names. Raises `BadRequest` where none is the center's."""
    return _checked(Columns(names, _usual(names)), f"or let its name contain '{CENTER_PART}'")


def with_center(names: Sequence[str], center: str) -> Columns:
    """The columns that go by their usual names, and the one that is said to be the center's."""
    place = names.index(center)
    fields = {at: field for at, field in _usual(names).items() if field != "center"}
    return Columns(names, fields | {place: "center"})


def propose(names: Sequence[str], given: Mapping[str, str] | None = None) -> Columns:
    """What is given goes first, then the usual names, then the best guess.

    `given` is a field, or `ignore`, by a column's name. Raises `BadRequest` where no column is the
    center's, and `Invalid` for what is given of no column or no field.
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
    """A mapping as it is sent: a JSON object of texts. Raises `Invalid`."""
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
