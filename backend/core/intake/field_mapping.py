"""From the questions of a form to the fields of a lead."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# The well-known names of questions, folded, for each field; a form's own mapping comes first.
WELL_KNOWN = {
    "full_name": "player_name",
    "player_name": "player_name",
    "name": "player_name",
    "phone_number": "phone",
    "phone": "phone",
    "whatsapp_number": "phone",
    "email": "email",
    "email_address": "email",
    "player_age_category": "player_age_category",
    "age_category": "player_age_category",
    "address_and_pincode": "address",
    "address": "address",
    "street_address": "address",
    "nearest_center": "center",
}
FIELDS = ("player_name", "player_age_category", "phone", "email", "address", "center")
# In place of a field: keep the question as an answer, whatever its name.
ANSWER = ""
_CENTER_PART = "nearest_tofa"
# Together they are a name, where a form asks for no other.
_NAMES = ("first_name", "last_name")
_TEST = "<test lead:"

# In characters: the longest value of a field. A longer one is kept as an answer, whole.
LONGEST = dict.fromkeys(FIELDS, 500) | {"address": 10_000}


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a form's answers say: values of fields, and the answers that map to none."""

    fields: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    is_test: bool = False


def fold(question: str) -> str:
    """Return a question's name without case and doubled spaces."""
    return re.sub(r"\s+", " ", question).strip().casefold()


def field_of(question: str, own: Mapping[str, str]) -> str | None:
    """Return the field that a question fills; `own` is the form's mapping, by folded question."""
    # Most questions are well-known names as they are, and folding costs more than the rest.
    name = question if question in WELL_KNOWN else fold(question)
    if name in own:
        return own[name] or None
    if name in WELL_KNOWN:
        return WELL_KNOWN[name]
    return "center" if _CENTER_PART in name else None


def map_answers(answers: Sequence[tuple[str, str]], own: Mapping[str, str]) -> Mapped:
    """Sort answers into fields; of two for one field, the first that isn't blank counts."""
    fields: dict[str, str] = {}
    rest: dict[str, str] = {}
    names: dict[str, str] = {}
    is_test = False
    for question, answer in answers:
        # No text column holds a NUL.
        value = answer.replace("\0", "").strip()
        is_test = is_test or value.casefold().startswith(_TEST)
        name = field_of(question, own)
        if value and name is not None and name not in fields and len(value) <= LONGEST[name]:
            fields[name] = value
        elif value:
            rest[question.replace("\0", "")] = value
            names[fold(question)] = value
    whole = " ".join(names[part] for part in _NAMES if part in names)
    if whole and "player_name" not in fields:
        fields["player_name"] = whole[: LONGEST["player_name"]]
    return Mapped(fields, rest, is_test)


def read_field_data(value: Any) -> list[tuple[str, str]]:
    """Return the questions and answers of a lead as the Graph API has them, values joined."""
    read = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            values = item.get("values")
            texts = [str(v) for v in values if v is not None] if isinstance(values, list) else []
            read.append((item["name"], ", ".join(texts)))
    return read
