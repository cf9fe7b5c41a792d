"""The keys by which leads are compared: phones in E.164, emails and names without case and accents.

Only a valid number is a key: a phone that can't be read is kept as typed, and matches nothing.
"""

import re
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import NamedTuple, Self

from backend.core import names, phones
from backend.core.phones import Phone
from backend.core.text_cache import cached_if_short

# In characters. PostgreSQL's index takes no more than a few kilobytes; real keys are far shorter.
_LONGEST = 250

# How a household's key begins when it is an email, or one of test leads.
EMAIL, TEST = "email:", "test:"

# What is typed in an email's place, such as `na` or `-`, says nothing about a household.
_ADDRESS = re.compile(r"\s*[^\s@]+@[^\s@]+\.[^\s@]+\s*")

_NOBODYS = re.compile(
    r"(?:no[-_.]?(?:e?mail|reply)(?:id)?|not?[-_.]?(?:available|applicable|given|provided)|dummy|fake"
    r"|test(?:ing|er)?\d{0,4})@.*"
    # Names that can be someone's elsewhere, such as the initials N. A.
    r"|(?P<name>na|nil|none|no|null|abcd?|xyz|unknown|sample|demo|example|user|email|mail|nomail|x+)"
    r"@(?:(?P=name)|gmail|yahoo|hotmail|outlook|e?mail|example|domain|test|abc|xyz)\.\w+(?:\.\w+)?"
)

_AGE_PARTS = re.compile(r"[^\W\d_]+|\d+|\+")
# Words that don't tell one age category from another; `6 to 8 years` is `6-8`.
_AGE_FILLERS = frozenset(
    {
        "age", "aged", "ages", "category", "group", "old", "to", "y", "year", "years", "yo", "yr",
        "yrs",
    }
)  # fmt: skip
_UNDER = {"under": "u", "below": "u"}
_UNKNOWN_AGES = frozenset(("", "n a", "na", "nil", "none", "not known", "null", "unknown"))


class Traits(NamedTuple):
    """What can tell apart two leads of one household and name; empty or None is not known.

    `age` is as `age_key` returns it, `born` is the date of birth in ISO 8601.
    """

    age: str = ""
    born: str | None = None
    has_leadgen_id: bool = False

    @classmethod
    def of(cls, age: str | None, born: date | str | None, leadgen_id: object) -> Self:
        """Return the traits of a lead's columns."""
        return cls(age_key(age), None if born is None else str(born), bool(leadgen_id))


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """The keys of one lead; `households` is empty where there is nothing to compare by."""

    phone: Phone
    email: str | None
    name: str
    households: tuple[str, ...]

    @classmethod
    def of(
        cls, name: str | None, phone: str | None, email: str | None, region: str, *, is_test: bool
    ) -> Self:
        """Return the keys of a lead's texts; `region` is as `phones.read` takes it."""
        read = phones.read(phone, region)
        by = households(read, email, is_test=is_test)
        return cls(read, email_key(email), name_key(name), by)


def households(phone: Phone, email: str | None, *, is_test: bool) -> tuple[str, ...]:
    """Return the keys of the households that a lead belongs to; none if nothing tells.

    They are its valid numbers; without any, its email, if that is an address. Test leads never
    share a key with real ones.
    """
    if phone.e164 is not None:
        keys = phone.numbers
    elif email is not None and is_address(email) and not is_nobodys(email):
        keys = (f"{EMAIL}{email_key(email)}",)
    else:
        return ()
    return tuple(f"{TEST}{key}" for key in keys) if is_test else keys


def is_address(text: str) -> bool:
    """Return whether a text may be an email: a person's part, an `@`, and a domain."""
    return _ADDRESS.fullmatch(text) is not None


def is_nobodys(address: str) -> bool:
    """Return whether an address is what people type where a form wants one: `noemail@gmail.com`."""
    return _NOBODYS.fullmatch(address.strip().casefold()) is not None


def name_key(text: str | None) -> str:
    """Return the folded name, or the hash of one that is far too long.

    It's an empty text if there is no name, but a placeholder at most.
    """
    return _short(names.key(text))


def email_key(text: str | None) -> str | None:
    """Return the folded email, or the hash of one that is far too long, or None without one."""
    if not text:
        return None
    return _short(text.strip().casefold()) or None


def age_key(text: str | None) -> str:
    """Return an age category for comparison, or an empty text if it says nothing.

    `U-9`, `u09`, `Under 9` and `under 9 years` are one category.
    """
    return _age_key(text or "")


@cached_if_short(maxsize=1024)
def _age_key(text: str) -> str:
    parts = [_age_part(part) for part in _AGE_PARTS.findall(names.folded(text))]
    key = " ".join(part for part in parts if part not in _AGE_FILLERS)
    return "" if key in _UNKNOWN_AGES else _short(key)


def _age_part(part: str) -> str:
    """Return a word or a number of an age category; numbers are in ASCII, without zeros before."""
    return str(int(part)) if part.isdecimal() and len(part) < 10 else _UNDER.get(part, part)


def _short(key: str) -> str:
    """Return the key, or its hash if no index would take it."""
    return key if len(key) <= _LONGEST else f"sha256:{sha256(key.encode()).hexdigest()}"
