"""Guess the field of a column by the words of its name, for a person to review."""

import re
from collections.abc import Collection, Mapping
from difflib import get_close_matches

from backend.core.vocabulary.folding import words

# Patterns over the words of a name. Fields are looked for in this order, and a column fills only
# one.
_PATTERNS = {
    "leadgen_id": re.compile(r"\b(lead ?gen|meta|facebook|fb) (lead )?id\b|\blead id\b"),
    "email": re.compile(r"\be ?mails?\b|\bmail id\b"),
    "phone": re.compile(
        r"\b(phones?|mobiles?|whats ?app|cell|telephone|tel)\b|\bcontact( (no|num|number))?$"
    ),
    "birth_date": re.compile(r"\b(birth|birthdate|dob|d o b|birthday)\b"),
    "next_followup_date": re.compile(
        r"\b(next|follow ?up|call ?back)\b.*\b(date|time|on|at|call|follow ?up)\b"
    ),
    "lost_reason": re.compile(
        r"\breasons?\b.*\b(los[st]|not|drop|dead|reject\w*)\b|\blost reason\b"
    ),
    "comment": re.compile(r"\b(remarks?|comments?|notes?|feedback)\b"),
    "status": re.compile(r"\b(status|stage|disposition)\b"),
    "owner": re.compile(r"\b(owner|assigned|assignee|counsell?ors?|telecallers?|callers?)\b"),
    "center": re.compile(r"\b(cent(er|re)s?|branch|ground|academy location)\b"),
    "created_time": re.compile(r"\b(timestamp|date|created|submitted|received)\b"),
    "player_age_category": re.compile(r"\b(age|category|u\d+)\b"),
    "address": re.compile(r"\b(address|pin ?code|zip|locality|area)\b"),
    "first_name": re.compile(r"\bfirst name\b|\bname first$"),
    "last_name": re.compile(r"\b(last name|surname)\b|\bname last$"),
    "player_name": re.compile(r"\b(name|player|child|kid|student)s?\b"),
}
# Names of other people and things, and dates other than the lead's own.
_OTHERS = r"\b(school|coach|college|team|company|office|referr?(al|ed|er)|friend)s?\b"
# People who answer the phone at the academy: their number would make one household of all leads.
_STAFF = (
    r"\b(receivers?|executives?|agents?|staff|employees?|counsell?ors?|telecallers?|owners?|managers?"
    r"|trainers?|academy|cent(er|re)|branch|our|virtual|did|sales|assigned|support|help ?line)\b"
)
# What else is said of a child, or has a name.
_NO_NAMES = (
    r"\b(campaign|ad|adset|form|event|list|file|product|phonetic|prefix|suffix|salutation"
    r"|nick ?name|organi[sz]ation|birth\w*|gender|sex|ids?|class|grade"
    r"|standard|position|jersey|size|photo|medical|allerg\w+|height|weight|blood|count|experience"
    r"|sports?|how many|number of)\b"
)
_NOT_A_CHILDS = re.compile(
    rf"\b(fathers?|mothers?|parents?|guardians?|e ?mails?|phones?|mobiles?|emergency)\b"
    rf"|{_OTHERS}|{_NO_NAMES}"
)
_NOT_THIS = {
    "first_name": _NOT_A_CHILDS,
    "last_name": _NOT_A_CHILDS,
    "player_name": _NOT_A_CHILDS,
    "phone": re.compile(
        rf"{_OTHERS}|{_STAFF}"
        r"|\b(duration|status|date|time|model|brand|verified|otp|pin|type|labels?|dn[cd])\b"
    ),
    "email": re.compile(rf"{_OTHERS}|\b(status|verified|opt|opened|sent|types?|labels?)\b"),
    "birth_date": re.compile(r"\b(certificate|proof|place|card|father|mother|parent)s?\b"),
    "created_time": re.compile(
        r"\b(birth|follow ?up|trial|next|modified|updated|last|joining|start|end|due|paid|expiry"
        r"|stage|clos(?:e|ed|ing)|expected|calls?|called|contacted|visit\w*|demo|activity|birthdate|dob)\b"
    ),
    "next_followup_date": re.compile(r"\b(last|status|remarks?|comments?|notes?)\b"),
    "comment": re.compile(r"\b(date|count|number of)\b"),
    "status": re.compile(r"\b(payment|fee|marital|email|whats ?app|sms|form|date|time)s?\b"),
    "owner": re.compile(
        r"\b(date|time|id|business|home|house|status|remarks?|cent(er|re)|branch)\b"
    ),
    "center": re.compile(
        r"\b(area|pin ?(code)?|code|ids?|timings?|phone|mobile|contact|e ?mail)\b"
    ),
    "player_age_category": re.compile(r"\bnames?\b"),
    "lost_reason": re.compile(r"\bdate\b"),
    "address": re.compile(r"\b(e ?mail|ip|web|branch)\b"),
}
# A further phone, where there is one already: someone's number, and not only the word `contact`.
_FURTHER_PHONE = re.compile(
    r"\b(phones?|mobiles?|whats ?app|cell|telephone)\b"
    r"|\b(contact|alt|alternat\w+|other|second\w*|another|fathers?|mothers?|dads?|moms?|mums?|papas?"
    r"|mummys?|parents?|guardians?|emergency|home)\b.*\b(contact|no|num|numbers?)\b"
)
_NO_PHONE = re.compile(
    r"\b(names?|address|person|relation\w*|remarks?|comments?|notes?|feedback|calls?|called|preferred"
    r"|mode|method|consent|opt|count|by|source|reason|owner|kids|children|siblings|id|links?|url"
    r"|messages?|msg|groups?|templates?|sent|labels?|type)\b"
)
_CLOSE = 0.86


def guess(
    names: Mapping[int, str], taken: Collection[str], settled: Collection[str] = ()
) -> dict[int, str]:
    """Return the field of each column that can be guessed, by the column's place.

    `names` are the columns without a field, by place; `taken` are the fields that have a column.
    Of these, only the phone gets more, unless it is among those that are `settled`.
    """
    left = {at: words(name) for at, name in names.items()}
    guessed: dict[int, str] = {}
    for field in _PATTERNS:
        if field == "phone" and field not in settled:
            guessed |= dict.fromkeys(_phones(left, has_one=field in taken), field)
        elif field not in taken and (place := _place(field, left)) is not None:
            guessed[place] = field
        left = {at: name for at, name in left.items() if at not in guessed}
    return guessed


def _phones(left: Mapping[int, str], *, has_one: bool) -> list[int]:
    """Return the places of phones: one that may be one, and all that must be further ones."""
    first = None if has_one else _place("phone", left)
    return [at for at in left if at == first or _is_further_phone(left[at])]


def _place(field: str, left: Mapping[int, str]) -> int | None:
    """Return the first place whose name fits a field, or is nearly its name."""
    place = next((at for at in left if _fits(field, left[at])), None)
    if place is None:
        close = get_close_matches(field.replace("_", " "), left.values(), 1, _CLOSE)
        place = next((at for at in left if close and left[at] == close[0]), None)
    return place


def _is_further_phone(name: str) -> bool:
    return _FURTHER_PHONE.search(name) is not None and not (
        _NO_PHONE.search(name) or _NOT_THIS["phone"].search(name)
    )


def _fits(field: str, name: str) -> bool:
    not_this = _NOT_THIS.get(field)
    return _PATTERNS[field].search(name) is not None and not (not_this and not_this.search(name))
