"""The keys of phones, names and emails as the third migration wrote them. Frozen: don't change it.

Newer code may make keys in another way; a later migration then writes them again.
"""

import re
import unicodedata
from hashlib import sha256

_SEPARATORS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]+")
# The plain forms of a mobile number in India, which nearly all are; the library costs 16 µs each.
_INDIAN_MOBILE = re.compile(r"(?:\+91|0091|0|91(?=[6-9][0-9]{9}$))?([6-9][0-9]{9})")
_DIGITS = re.compile(r"\D+")
# In characters. PostgreSQL's index takes no more than a few kilobytes; a real one has far fewer.
_LONGEST = 250


def phone_key(text: str | None, region: str) -> str | None:
    """Return the phone in E.164, or the digits of an invalid phone.

    Very many digits are hashed. Return None if there are no digits.

    `region` is the country of a phone without a country code, as ISO 3166 has it (`IN`).
    """
    if not text:
        return None
    if region == "IN":
        # Nearly all come without separators: to look for them costs as much again.
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
    """Return the normalized name; an empty text if there is none."""
    if not text:
        return ""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())


def email_key(text: str | None) -> str | None:
    """Return the normalized email, or the hash of a very long one; None if there is none."""
    if not text:
        return None
    return _short(text.strip().casefold()) or None


def _short(key: str) -> str:
    """Return the key, or its hash if it is too long for an index."""
    return key if len(key) <= _LONGEST else f"sha256:{sha256(key.encode()).hexdigest()}"
