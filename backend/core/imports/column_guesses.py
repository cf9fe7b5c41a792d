"""Guesses the field of a column by its name, for a person to review."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

# Names that people use for the fields, as patterns over the words of a column's name. Fields are
# looked for in this order, and a column fills only one.
_PATTERNS = {
    "leadgen_id": re.compile(r"\b(lead ?gen|meta|facebook|fb) (lead )?id\b|\blead id\b"),
    "email": re.compile(r"\be ?mails?\b|\bmail id\b"),
    "phone": re.compile(
        r"\b(phones?|mobiles?|whats ?app|cell|telephone|tel)\b|\bcontact( (no|num|number))?$"
    ),
    "center": re.compile(r"\b(cent(er|re)s?|branch|ground|academy location)\b"),
    "created_time": re.compile(r"\b(timestamp|date|created|submitted|received)\b"),
    "player_age_category": re.compile(r"\b(age|category|u\d+)\b"),
    "address": re.compile(r"\b(address|pin ?code|zip|locality|area)\b"),
    "player_name": re.compile(r"\b(name|player|child|kid|student)s?\b"),
}
# Names of other people and things, and dates other than the lead's own.
_NOT_THIS = {
    "player_name": re.compile(r"\b(father|mother|parent|guardian|school|coach|team|company)s?\b"),
    "created_time": re.compile(r"\b(birth|follow ?up|trial|next)\b"),
}
_CLOSE = 0.86


def guess(names: Mapping[int, str], taken: Collection[str]) -> dict[int, str]:
    """Return the field of each column that can be guessed, by the column's place.

    `names` are the columns without a field, by place; `taken` are the fields that have a column.
    """
    words = {at: re.sub(r"[\W_]+", " ", name.casefold()).strip() for at, name in names.items()}
    guessed: dict[int, str] = {}
    for field in _PATTERNS:
        if field in taken:
            continue
        place = next((at for at in words if _fits(field, words[at])), None)
        if place is None:
            close = get_close_matches(field.replace("_", " "), words.values(), 1, _CLOSE)
            place = next((at for at in words if close and words[at] == close[0]), None)
        if place is not None:
            guessed[place] = field
            del words[place]
    return guessed


def _fits(field: str, words: str) -> bool:
    not_this = _NOT_THIS.get(field)
    return _PATTERNS[field].search(words) is not None and not (not_this and not_this.search(words))
