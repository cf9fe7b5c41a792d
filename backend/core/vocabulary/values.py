"""Make one value of a field from several columns or questions that have a part in it."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from backend.core import emails, names
from backend.core.vocabulary import country_names, phone_codes
from backend.core.vocabulary.synonyms import (
    ADDRESS_PARTS,
    ADDRESS_REGIONS,
    MERE_NAMES,
    PHONE_CODE,
    PHONE_COUNTRY,
)

# A text with fewer digits is no phone number, whatever the column says.
_FEWEST_DIGITS = 7
# Numbers are the same if these many digits at their end are: one has a country code, one hasn't.
_SAME_DIGITS = 10
# A number of ten digits and more within a name, what is around it, and the word for it before it.
_NUMBER_IN_NAME = re.compile(
    r"(?<![\w@+])(?<!\d[ -])\+?[0-9](?:[ -]?[0-9]){9,12}(?![\w@]|[ -][0-9])"
)
_AROUND = " -–/\\|,;:.()[]"
_LABEL_AT_END = re.compile(
    r"(?:\b(?:ph|phone|mob|mobile|no|num|number|contact|cell|call|tel|wa|whatsapp)\b[ .:-]*)+$",
    re.IGNORECASE,
)
# `@98480 22338` is a phone that a spreadsheet was kept from taking for a formula.
_EMAIL = re.compile(r"\S@[^@\s]+\.\w")
_BARE_PHONE = re.compile(r"(?:[pP]:|tel:)?\+?[ (]{0,2}(?:\d[ ().-]{0,2}){7,15}")


class Said(NamedTuple):
    """What one column or question says, which isn't blank; `tier` is how much it is believed."""

    tier: int
    name: str
    text: str


class Value(NamedTuple):
    """The value of a field, and those that it was made of."""

    text: str
    parts: tuple[Said, ...]


def believed(said: Iterable[Said]) -> list[Said]:
    """Return what was said in the order in which it is believed."""
    return sorted(said, key=lambda one: one.tier)


def first(said: Sequence[Said]) -> Value | None:
    """Return the first value."""
    return Value(said[0].text, (said[0],)) if said else None


def email(said: Sequence[Said]) -> Value | None:
    """Return the first value that looks like an email, or else the first one."""
    return first([one for one in said if "@" in one.text] or said)


def phone(said: Sequence[Said], home: str = phone_codes.NOWHERE) -> Value | None:
    """Return all different numbers as one text, the most believed at the start.

    Without any number, it is what was said first: a person can look at it. A country or area code
    in a column of its own belongs to the first number, a country to all that have no code. `home`
    is the region of numbers for which nothing names a country.
    """
    codes = [one for one in said if one.tier == PHONE_CODE]
    named = [one for one in said if one.tier == PHONE_COUNTRY]
    said = [one for one in said if one.tier < PHONE_CODE]
    kept: list[Said] = []
    seen: list[str] = []
    for one in believed(said):
        digits = _digits(one.text)
        if len(digits) < _FEWEST_DIGITS or any(digits[-_SAME_DIGITS:] in other for other in seen):
            continue
        kept.append(one)
        seen.append(digits)
    # A local number may have fewer digits.
    kept = kept or [one for one in believed(said) if codes or named][:1]
    if not kept:
        return first(said)
    texts = [one.text for one in kept]
    if not codes and not named:
        return Value(" / ".join(texts), tuple(kept))
    country = next(filter(None, (country_names.region_of(one.text) for one in named)), None)
    told = [(one.name, one.text) for one in codes]
    number = phone_codes.with_codes(texts[0], told) if told else None
    texts[0] = number or texts[0]
    of_codes = phone_codes.region_of(told)
    used = [*codes] if number else []
    for at, text in enumerate(texts):
        of_text, sources = (of_codes, codes) if at == 0 and of_codes else (country, named)
        if of_text and (new := phone_codes.in_country(text, of_text, home)):
            texts[at] = new
            used += [one for one in sources if one not in used]
    return Value(" / ".join(texts), (*kept, *used))


def same_phone(said: Said, value: Value) -> bool:
    """Return whether a value of a phone has the number that was said already."""
    digits = _digits(said.text)
    return len(digits) >= _FEWEST_DIGITS and digits[-_SAME_DIGITS:] in _digits(value.text)


def address(said: Sequence[Said]) -> Value | None:
    """Return a whole address, followed by the parts that it doesn't have, or the parts alone.

    An address with its PIN code is whole. A country alone is no address.
    """
    whole = next((one for one in said if one.tier < ADDRESS_PARTS), None)
    if whole is not None and whole.tier == 0:
        return first([whole])
    kept = [] if whole is None else [whole]
    for one in said:
        has_it = any(one.text.casefold() in other.text.casefold() for other in kept)
        if one.tier >= ADDRESS_PARTS and not has_it:
            kept.append(one)
    # Street, city, state and PIN code, as they are written.
    if not any(one.tier < ADDRESS_REGIONS for one in kept):
        return None
    return Value(", ".join(one.text for one in kept), tuple(kept))


def name(wholes: Sequence[Said], *parts: Sequence[Said]) -> Value | None:
    """Return a whole name, or one of its `parts`: the first, middle and last names.

    The parts of a child's own name come before a whole name that may be a parent's.
    """
    own = [[one for one in group if one.tier == 0] for group in parts]
    rest = [[one for one in group if one.tier > 0] for group in parts]
    # What is no name, such as a dash, counts where there is no other.
    named = [one for one in wholes if names.key(one.text)]
    sure = [one for one in named if one.tier == 0]
    found = first(sure) or _joined(own) or _with_last_name(named, rest) or _joined(rest)
    return found or first(wholes)


def _with_last_name(wholes: Sequence[Said], parts: Sequence[Sequence[Said]]) -> Value | None:
    """Return a whole name; a mere `name` beside a last name is a first name.

    Beside a first and a last name it may be a title, such as `Lead #12`.
    """
    if wholes and wholes[0].tier >= MERE_NAMES and parts:
        if not parts[0]:
            return _joined([wholes, *parts[1:]])
        if parts[-1]:
            return _joined(parts)
    return first(wholes)


def _joined(parts: Iterable[Sequence[Said]]) -> Value | None:
    kept: list[Said] = []
    for group in parts:
        if group and not _has(kept, group[0].text):
            kept.append(group[0])
    whole = names.join(*(one.text for one in kept))
    return Value(whole, tuple(kept)) if whole else None


def _has(kept: Iterable[Said], text: str) -> bool:
    """Return whether a name ends with one already: some type the whole name twice."""
    return any(f" {one.text}".casefold().endswith(f" {text}".casefold()) for one in kept)


# How the value of a field is made of what its columns or questions say; a phone needs a region.
MAKERS: Mapping[str, Callable[[Sequence[Said]], Value | None]] = {
    "player_age_category": first,
    "email": email,
    "address": address,
    "center": first,
}
# The fields that are parts of a name.
NAME_PARTS = ("first_name", "middle_name", "last_name")


def is_phone(text: str) -> bool:
    """Return whether a text is nothing but a phone: some type it in the email's place."""
    return _BARE_PHONE.fullmatch(text) is not None


def in_place(
    name: str | None, phone: str | None, email: str | None
) -> tuple[str | None, str | None, str | None]:
    """Return a name, a phone and an email, each in its place: some are typed into another's."""
    # As nearly all are
    if phone is not None and phone[-1:].isdigit() and "@" not in phone:
        return name, phone, email
    if email is not None and is_phone(email) and (phone is None or _EMAIL.search(phone)):
        return name, email, phone
    if email is None and phone is not None and _EMAIL.search(phone):
        phone, email = _without_email(phone)
    said = phone or ""
    if name is None or _digits(said) or (found := _NUMBER_IN_NAME.search(name)) is None:
        return name, phone, email
    rest = _LABEL_AT_END.sub("", name[: found.start()].strip(_AROUND)).strip(_AROUND)
    rest = " ".join(part for part in (rest, name[found.end() :].strip(_AROUND)) if part)
    is_word = any(map(str.isalpha, said)) and "@" not in said
    if not rest:
        # The number is where the name should be, and the name where it should be.
        return (said if is_word and names.key(said) else None), found[0], email
    return rest, f"{found[0]} {said}" if is_word else found[0], email


def _without_email(phone: str) -> tuple[str | None, str | None]:
    """Return a phone without the email that someone typed beside it or in its place."""
    address, _ = emails.split(phone)
    if address is None or address not in phone:
        return phone, None
    rest = phone.replace(address, " ").strip(_AROUND)
    return (rest if _digits(rest) else None), address


def _digits(text: str) -> str:
    return "".join(_decimals(text))


def _decimals(text: str) -> Iterator[str]:
    """Yield the digits of any script as ASCII digits."""
    for char in text:
        digit = unicodedata.decimal(char, None)
        if digit is not None:
            yield str(digit)
