"""From the questions of a form to the fields of a lead, by the one vocabulary of fields.

A form says who asks, for which child and where. What was done about a lead is never taken from a
form, since a stranger fills it: a question such as `status` or `comments` is an answer.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from backend.core import emails
from backend.core.names import is_blank
from backend.core.repairs import repaired
from backend.core.text_cache import cached_if_short
from backend.core.vocabulary import synonyms, values
from backend.core.vocabulary.phone_codes import NOWHERE
from backend.core.vocabulary.values import NAME_PARTS, Said, Value

# What a form may fill, as a person sees it: when it was sent, and Meta's id, aren't answers.
FIELDS = tuple(one for one in synonyms.DATA if one not in ("created_time", "leadgen_id"))
# In place of a field: keep the question as an answer, whatever its name.
ANSWER = ""
_TEST = "<test lead:"

# A second answer to the question for one of these is another one, and no part of the first.
ONE_ANSWER = frozenset(FIELDS) - {"phone", "address"}

# In characters: the longest value of a field. A longer one is kept as an answer, whole.
LONGEST = dict.fromkeys(FIELDS, 500) | {"address": 10_000}

# A question and its answer.
_Pair = tuple[str, str]
# Where people type a phone.
_REACHED = ("player_name", "phone", "email")
# What a country code stands for: it fills nothing by itself, and belongs to a phone beside it.
_CODE = ("phone", synonyms.PHONE_CODE)
_MADE = {**values.MAKERS, "birth_date": values.first, "campaign": values.first}


@dataclass(frozen=True, slots=True)
class Mapped:
    """What a form's answers say: values of fields, and the answers that map to none."""

    fields: Mapping[str, str]
    answers: Mapping[str, str] = field(default_factory=dict)
    is_test: bool = False


def fold(question: str) -> str:
    """Return a question's name without case and doubled spaces, as mappings are kept by it."""
    return re.sub(r"\s+", " ", question).strip().casefold()


def is_test(text: str) -> bool:
    """Return whether a value marks its lead as one of Meta's tests."""
    return text[: len(_TEST)].casefold() == _TEST


def field_of(question: str, own: Mapping[str, str]) -> str | None:
    """Return the field that a question fills; `own` is the form's mapping, by folded question."""
    found = _find(question, own)
    return found[0] if found else None


def map_answers(
    answers: Sequence[tuple[str, str]], own: Mapping[str, str], region: str = NOWHERE
) -> Mapped:
    """Sort answers into fields; `region` is the one of phones for which nothing names a country.

    Of several for one field, the most believed that isn't blank counts; of phones, all numbers
    do, and parts of a name or an address are joined. What isn't in a field is an answer.
    """
    # No text column holds a NUL.
    seen = [(question, repaired(answer.replace("\0", "")).strip()) for question, answer in answers]
    seen = [(question, text) for question, text in seen if not is_blank(text)]
    seen, more = _once(seen, own)
    said = _by_field(seen, own)
    rest = {question.replace("\0", ""): text for question, text in seen}
    for question, text in more:
        rest[_free(question.replace("\0", ""), rest)] = text
    has_test = any(is_test(text) for _, text in seen)
    fields: dict[str, str] = {}
    for name, value in _made(said, region):
        # Several phones may be longer together than one may be: then the first counts.
        fields[name] = value.text if len(value.text) <= LONGEST[name] else value.parts[0].text
        for one in value.parts:
            if one.tier != synonyms.PHONE_COUNTRY:
                rest.pop(one.name, None)
        if name == "phone":
            for one in said[name]:
                if values.same_phone(one, value):
                    rest.pop(one.name, None)
    take_phone(fields, _countries(said), region)
    take_email(fields, rest, next((one.name for one in said.get("email", ())), "email"))
    return Mapped(fields, rest, has_test)


def _once(answers: Sequence[_Pair], own: Mapping[str, str]) -> tuple[list[_Pair], list[_Pair]]:
    """Return the answers with each question once, and those that are left of the others.

    Several answers to one question are one text, unless its field takes the first alone.
    """
    if len({question for question, _ in answers}) == len(answers):
        return [*answers], []
    first: dict[str, str] = {}
    more: list[_Pair] = []
    for question, text in answers:
        before = first.get(question)
        if before is None:
            first[question] = text
        elif field_of(question, own) in ONE_ANSWER:
            more += [(question, text)] if text != before else []
        else:
            first[question] = f"{before}, {text}"
    return [*first.items()], more


def _free(question: str, taken: Mapping[str, str]) -> str:
    """Return a name for one more answer to a question."""
    number = next(number for number in count(2) if f"{question} ({number})" not in taken)
    return f"{question} ({number})"


def take_phone(
    fields: dict[str, str], countries: Sequence[Said] = (), region: str = NOWHERE
) -> None:
    """Make a phone in the place of the email or the name the phone, if there is no other one."""
    said = tuple(map(fields.get, _REACHED))
    placed = values.in_place(*said)
    if placed == said:
        return
    text = placed[1]
    if countries and text is not None and text != said[1]:
        value = values.phone([Said(0, "phone", text), *countries], region)
        placed = placed[0], value.text if value else text, placed[2]
    for name, value_of in zip(_REACHED, placed, strict=True):
        if value_of is None:
            fields.pop(name, None)
        else:
            fields[name] = value_of


def take_email(fields: dict[str, str], answers: dict[str, str], question: str) -> None:
    """Make the first address the email, and keep a text with more in it as an answer."""
    address, more = emails.split(fields.get("email"))
    if address is not None:
        fields["email"] = address
    if more is not None:
        answers.setdefault(question, more)


def _countries(said: Mapping[str, Sequence[Said]]) -> list[Said]:
    """Return what names the country of phones, among the parts of the address."""
    return [
        Said(synonyms.PHONE_COUNTRY, one.name, one.text)
        for one in said.get("address", ())
        if synonyms.known(one.name) == synonyms.COUNTRY
    ]


def _by_field(answers: Sequence[tuple[str, str]], own: Mapping[str, str]) -> dict[str, list[Said]]:
    """Return what is said of each field, as far as its column has room for it."""
    said: dict[str, list[Said]] = {}
    codes: list[Said] = []
    for question, text in answers:
        name, found = question.replace("\0", ""), _find(question, own)
        if found is not None and len(text) <= LONGEST[found[0]]:
            said.setdefault(found[0], []).append(Said(found[1], name, text))
        elif found is None and synonyms.known(question) == _CODE and fold(question) not in own:
            codes.append(Said(synonyms.PHONE_CODE, name, text))
    if "phone" in said:
        said["phone"] += codes
    return said


def _made(said: Mapping[str, Sequence[Said]], region: str) -> list[tuple[str, Value]]:
    """Return the value of each field that has one."""
    found = [
        (field, made(values.believed(said[field])))
        for field, made in _MADE.items()
        if field in said
    ]
    if "phone" in said:
        found.append(("phone", values.phone([*said["phone"], *_countries(said)], region)))
    names = [values.believed(said.get(field, ())) for field in ("player_name", *NAME_PARTS)]
    if any(names):
        found.append(("player_name", values.name(*names)))
    return [(field, value) for field, value in found if value is not None]


def _find(question: str, own: Mapping[str, str]) -> tuple[str, int] | None:
    """Return the field that a question fills, and its tier; a form's own mapping comes first."""
    if own:
        name = fold(question)
        if name in own:
            return (own[name], 0) if own[name] else None
    return _known(question)


@cached_if_short(maxsize=8192)
def _known(question: str) -> tuple[str, int] | None:
    found = synonyms.known(question)
    if found is None or found[0] not in FIELDS or found == _CODE:
        return None
    return found


def read_field_data(value: Any) -> list[tuple[str, str]]:
    """Return the questions and answers of a lead as the Graph API has them.

    A question with several values is there once for each.
    """
    read = []
    for item in value if isinstance(value, list) else ():
        if isinstance(item, dict) and isinstance(item.get("name"), str):
            values = item.get("values")
            texts = [str(v) for v in values if v is not None] if isinstance(values, list) else []
            read += [(item["name"], text) for text in texts or [""]]
    return read
