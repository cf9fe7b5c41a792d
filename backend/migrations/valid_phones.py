"""The keys of phones and names as step 0010 wrote them. Frozen: don't change it.

Newer code may make keys in another way; a later migration then writes them again.
"""

import re
import unicodedata
from typing import Any, NamedTuple

import phonenumbers

_PLAIN_INDIAN = re.compile(r"(?:\+91|0)?[ -]?([6-9][0-9]{4}[ -]?[0-9]{5})")


class Keys(NamedTuple):
    """The keys of a lead: `others` are the further valid numbers of its phone."""

    phone: str | None
    issue: str | None
    extension: str | None
    others: tuple[str, ...]


NONE = Keys(None, None, None, ())


class Reader:
    """Reads the phones of a region; the plain forms of Indian mobile numbers take no library."""

    def __init__(self, region: str) -> None:
        self._region = region
        metadata: Any = phonenumbers.PhoneMetadata.metadata_for_region("IN")
        self._mobile = re.compile(metadata.mobile.national_number_pattern)

    def read(self, text: str | None) -> Keys:
        """Return the keys of a phone as it was typed."""
        if not text or not text.strip():
            return NONE
        if self._region == "IN" and (plain := _PLAIN_INDIAN.fullmatch(text)):
            digits = plain[1].replace(" ", "").replace("-", "")
            if self._mobile.fullmatch(digits):
                return Keys(f"+91{digits}", None, None, ())
        return _read(text, self._region)


def _read(text: str, region: str) -> Keys:
    try:
        number = phonenumbers.parse(text[:250], region)
    except phonenumbers.NumberParseException:
        return Keys(None, "no_digits", None, ())
    if not phonenumbers.is_valid_number(number):
        return Keys(None, "not_valid", None, ())
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return Keys(e164, None, None, ())


def name_key(text: str | None) -> str:
    """Return the folded name, or an empty text if there is no name."""
    if not text:
        return ""
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return " ".join(text.casefold().split())
