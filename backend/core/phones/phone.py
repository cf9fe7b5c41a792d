"""A phone as it was read: its numbers, or why it has none."""

import re
from enum import StrEnum
from functools import cache, lru_cache
from typing import NamedTuple


class PhoneIssue(StrEnum):
    """Why a text has no valid phone number; `reasons.PHONE_ISSUES` has the text of each."""

    NO_DIGITS = "no_digits"
    DIGITS_LOST = "digits_lost"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"


class Phone(NamedTuple):
    """The numbers in a text, in E.164.

    `e164` is the first valid number. Without one, `issue` says why, unless the text is blank.
    `others` are the further valid numbers, in their order, each once. `extension` belongs to
    `e164`.
    """

    e164: str | None = None
    issue: PhoneIssue | None = None
    extension: str | None = None
    others: tuple[str, ...] = ()

    @property
    def numbers(self) -> tuple[str, ...]:
        """All valid numbers: each of them is a match key."""
        return (self.e164, *self.others) if self.e164 else ()


BLANK = Phone()
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")


@lru_cache(maxsize=4096)
def shown(e164: str, extension: str | None = None) -> str:
    """Return a number as people write it in any country: `+91 40 2345 6789 ext. 12`.

    What isn't one stays as it is: a script can give a lead any key.
    """
    import phonenumbers

    try:
        if extension is None and (spaced := _spaced(e164)) is not None:
            return spaced
        number = phonenumbers.parse(e164)
        number.extension = extension
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except (phonenumbers.NumberParseException, TypeError):
        return e164


def _spaced(e164: str) -> str | None:
    """Return what the library makes of a plain number, in a tenth of the time: exports have many.

    None for what the library has to read, such as a number with a trunk zero.
    """
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    if not _E164.fullmatch(e164):
        return None
    # No country code is the beginning of another one.
    for size in (1, 2, 3):
        code, national = int(e164[1 : 1 + size]), e164[1 + size :]
        if code in COUNTRY_CODE_TO_REGION_CODE:
            return None if national[0] == "0" else f"+{code} {_in_groups(code, national)}"
    return None


def _in_groups(code: int, national: str) -> str:
    for leading, pattern, groups in _formats(code):
        match = pattern.fullmatch(national)
        if match and (leading is None or leading.match(national)):
            return match.expand(groups)
    return national


@cache
def _formats(code: int) -> tuple[tuple[re.Pattern[str] | None, re.Pattern[str], str], ...]:
    """Return how the numbers of a country are written: first digits, groups, and the text."""
    from phonenumbers import PhoneMetadata, region_code_for_country_code

    region = region_code_for_country_code(code)
    of_code = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    formats = (of_code.intl_number_format or of_code.number_format) if of_code else ()
    return tuple(
        (
            # The last one is the most exact.
            re.compile(one.leading_digits_pattern[-1]) if one.leading_digits_pattern else None,
            re.compile(one.pattern),
            one.format,
        )
        for one in formats
        if one.pattern and one.format
    )
