"""The keys by which leads are compared: phones in E.164, names without case, spaces and accents."""

import re
import unicodedata
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

_SEPARATORS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
# The plain forms of an Indian mobile number, which nearly all are; the library takes 16 µs each.
_INDIAN_MOBILE = re.compile(r"(?:\+91|0091|0|91(?=[6-9][0-9]{9}$))?([6-9][0-9]{9})")
_DIGITS = re.compile(r"\D+")
# In characters. PostgreSQL's index takes no more than a few kilobytes; real keys are far shorter.
_LONGEST = 250

# How a household's key begins when the household has no phone, or when it is one of test leads.
EMAIL, TEXT, TEST = "email:", "text:", "test:"


@dataclass(frozen=True, slots=True)
class MatchKeys:
    """The keys of one lead; `household` is empty where there is nothing to compare by."""

    phone: str | None
    email: str | None
    name: str
    household: str

    @classmethod
    def of(
        cls, name: str | None, phone: str | None, email: str | None, region: str, *, is_test: bool
    ) -> Self:
        """Return the keys of a lead's texts; `region` is as `phone_key` takes it."""
        by_phone, by_email = phone_key(phone, region), email_key(email)
        group = household(by_phone, by_email, phone, is_test)
        return cls(by_phone, by_email, name_key(name), group)


def household(
    phone_key: str | None, email_key: str | None, phone: str | None, is_test: bool
) -> str:
    """Return the key of the leads that belong together, or an empty text if nothing tells.

    It is the phone; without one the email; without both the text in the phone's place, such as
    `ask at the office`. Test leads never share a key with real ones.
    """
    key = phone_key
    if key is None and email_key is not None:
        key = f"{EMAIL}{email_key}"
    if key is None and phone:
        key = f"{TEXT}{phone}"
    if key is None:
        return ""
    return f"{TEST}{key}" if is_test else key


def phone_key(text: str | None, region: str) -> str | None:
    """Return the phone in E.164, or its digits if it is no valid phone, or None without any digit.

    Far too many digits become their hash. `region` is the country of a phone without a country
    code, as in ISO 3166 (`IN`).
    """
    if not text:
        return None
    if region == "IN":
        # Most numbers have no separators, and removing them takes as long as the match itself.
        match = _INDIAN_MOBILE.fullmatch(text) or _INDIAN_MOBILE.fullmatch(
            _SEPARATORS.sub("", text)
        )
        if match:
            return f"+91{match[1]}"
    import phonenumbers

    try:
        number = phonenumbers.parse(text[:250], region)
    except phonenumbers.NumberParseException:
        return _short(_DIGITS.sub("", text)) or None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def name_key(text: str | None) -> str:
    """Return the folded name, or an empty text if there is no name."""
    if not text:
        return ""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def email_key(text: str | None) -> str | None:
    """Return the folded email, or the hash of one that is far too long, or None without one."""
    if not text:
        return None
    return _short(text.strip().casefold()) or None


def _short(key: str) -> str:
    """Return the key, or its hash if no index would take it."""
    return key if len(key) <= _LONGEST else f"sha256:{sha256(key.encode()).hexdigest()}"
