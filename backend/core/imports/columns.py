"""Decides which column of a spreadsheet fills which field of a lead.

The names that `vocabulary.synonyms` knows are certain, and several columns may fill one field. For
other names a field may be guessed. A plan proposes both for a person to review, but for the names
that the API's contract, Meta and our own export use. An upload in one step takes what is certain;
of the center's column it takes only the contract's name.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from backend.core.error_text import listed
from backend.core.errors import BadRequest, Invalid
from backend.core.imports.seen import NOTHING_SEEN, Seen
from backend.core.vocabulary import guesses, synonyms
from backend.core.vocabulary.synonyms import (
    CENTER_COLUMN,
    CONTRACT_TIERS,
    FIELDS,
    NEAREST,
    PHONE_CODE,
)

IGNORE = "ignore"

# The names that need no review, as the contract, Meta's export and our own export have them.
_REVIEWED = frozenset(
    {
        "created_time", "player_name", "full_name", "player_age_category", "phone", "phone_number",
        "email", "address_and_pincode", "id",
        "first_name", "last_name", "whatsapp_number", "work_phone_number", "work_email",
        "street_address", "city", "state", "province", "zip", "zip_code", "post_code", "country",
        "date_of_birth", "lead_status",
        "birth_date", "status", "next_followup_date", "lost_reason", "campaign", "owner", "source",
        "comment",
    }
)  # fmt: skip
_AGE = "player_age_category"
# Of these fields, a file has one best column: a second kind of it means something else.
_ONE_KIND = frozenset({"created_time", "leadgen_id"})

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
    """The header of a file, the field of each column that has one, and which to review.

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
        """Return the columns that were guessed: a person should review their fields."""
        return [self.names[place] for place in sorted(self.guessed)]

    def place_of(self, field: str) -> int:
        """Return the place of a field's column; the one after the last if the file has none."""
        return next(iter(self.places_of(field)), len(self.names))

    def places_of(self, field: str) -> list[int]:
        """Return the places of a field's columns, the one that counts first at the start."""
        places = [at for at, one in self.fields.items() if one == field]
        return sorted(places, key=lambda at: (self.tier(at), at))

    def tier(self, place: int) -> int:
        """Return how much the column at a place is believed: 0 is the most."""
        return synonyms.tier(self.names[place], self.fields[place])

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
        names = enumerate(map(_as_meta_has_it, map(fold, self.names)))
        return [(at, name) for at, name in names if at not in self.fields]


def _as_meta_has_it(name: str) -> str:
    """Return a folded name as Meta's export has it: tools that pass leads on write `Ad Name`."""
    plain = name.replace(" ", "_")
    return plain if plain in ORIGIN and plain.endswith("_name") else name


def fold(name: str) -> str:
    """Return a column's name in lower case, with single spaces."""
    return re.sub(r"\s+", " ", name).strip().casefold()


def usual(names: Sequence[str], seen: Seen = NOTHING_SEEN) -> Columns:
    """Match columns by names that are certain. Raises `BadRequest` if none is the center's."""
    return _checked(Columns(names, _certain(names, seen)), f"or let its name contain '{NEAREST}'")


def with_center(names: Sequence[str], center: str, seen: Seen = NOTHING_SEEN) -> Columns:
    """Match columns by names that are certain, but take `center` for the center's."""
    place = names.index(center)
    fields = {at: field for at, field in _certain(names, seen).items() if field != "center"}
    return Columns(names, fields | {place: "center"})


def propose(
    names: Sequence[str],
    given: Mapping[str, str] | None = None,
    *,
    needs_center: bool = True,
    seen: Seen = NOTHING_SEEN,
) -> Columns:
    """Match columns by what is given, then by names that are certain, then by the best guess.

    `given` is a field, or `ignore`, by a column's name. `seen` is what their cells say. Raises
    `BadRequest` if no column is the center's and the file `needs_center`, and `Invalid` if a given
    column or field doesn't exist.
    """
    fields, left_out = _given(names, given or {})
    chosen = {*fields, *left_out}
    taken = set(fields.values())
    found = {
        at: field
        for at, field in _certain(names, seen, any_center="center" not in taken).items()
        if at not in chosen and field not in taken
    }
    free = {
        at: name
        for at, name in enumerate(names)
        if at not in chosen
        and at not in found
        and at not in seen.no_ages
        and _as_meta_has_it(fold(name)) not in {*ORIGIN, REASON_COLUMN}
    }
    found |= guesses.guess(free, taken | {*found.values()}, settled=taken)
    for field, known in (("status", seen.statuses), ("phone", seen.phones)):
        places = [at for at in free if at in known and at not in found]
        # Of several columns, each may be of another call, or of another person.
        if field not in taken | {*found.values()} and len(places) == 1:
            found[places[0]] = field
    to_review = frozenset(at for at in found if not _needs_no_review(names[at]))
    columns = Columns(names, fields | found, to_review)
    if not needs_center:
        return columns
    return _checked(columns, "choose its column in the mapping, or choose one center for all rows")


def read_mapping(text: str | None) -> dict[str, str]:
    """Return a mapping that was sent as a JSON object of texts. Raises `Invalid`."""
    value = read_object(text)
    if value is None or not all(isinstance(one, str) for one in value.values()):
        raise _invalid("Send a JSON object with the field that each column fills")
    return value


def read_object(text: str | None) -> dict[str, Any] | None:
    """Return a JSON object that was sent as a text; None for another value, {} for a blank text."""
    if not text or not text.strip():
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _certain(names: Sequence[str], seen: Seen, *, any_center: bool = False) -> dict[int, str]:
    """Return the fields of the columns whose names are certain, by place.

    With `any_center`, the center's column may have any of its names.
    """
    found = {
        at: known
        for at, name in enumerate(names)
        if (known := synonyms.known(name))
        and not (at in seen.no_ages and known[0] == _AGE)
        and not (at in seen.no_codes and known[0] == "phone")
    }
    found |= dict.fromkeys(seen.ticked - found.keys(), ("status", 0))
    best: dict[str, int] = {}
    for field, tier in found.values():
        best[field] = min(tier, best.get(field, tier))
    if best.get("phone") == PHONE_CODE:
        # Without a phone it is the code of nothing.
        found = {at: known for at, known in found.items() if known[0] != "phone"}
    limits = {field: best[field] for field in _ONE_KIND & best.keys()}
    if "center" in best:
        has_contract_s = best["center"] < CONTRACT_TIERS
        limits["center"] = (
            CONTRACT_TIERS - 1 if has_contract_s or not any_center else best["center"]
        )
    return {at: field for at, (field, tier) in found.items() if tier <= limits.get(field, tier)}


def _needs_no_review(name: str) -> bool:
    folded = fold(name)
    return folded in _REVIEWED or NEAREST in folded


def _given(names: Sequence[str], given: Mapping[str, str]) -> tuple[dict[int, str], set[int]]:
    folded = [fold(name) for name in names]
    fields: dict[int, str] = {}
    left_out = set()
    for name, field in given.items():
        if field not in (*FIELDS, IGNORE):
            raise _invalid(f"Choose {listed((*FIELDS, IGNORE))} for each column")
        if name not in names and fold(name) not in folded:
            raise _invalid(f"Choose a column of the file for {field}")
        places = [at for at, one in enumerate(names) if one == name] or [
            at for at, one in enumerate(folded) if one == fold(name)
        ]
        if any(place in fields or place in left_out for place in places):
            raise _invalid(f"Choose each column only once: the one for {field} is used twice")
        if field == IGNORE:
            left_out.update(places)
        else:
            fields |= dict.fromkeys(places, field)
    return fields, left_out


def _checked(columns: Columns, otherwise: str) -> Columns:
    if "center" not in columns.fields.values():
        raise BadRequest(
            f"The file has no column for the center: name one '{CENTER_COLUMN}', {otherwise}"
        )
    return columns


def _invalid(msg: str) -> Invalid:
    return Invalid.at("body", "mapping", msg=msg)
