"""A phone as it was read: its numbers, or why it has none."""

import re
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber


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
        number = _of_e164(e164) or phonenumbers.parse(e164)
        number.extension = extension
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    except (phonenumbers.NumberParseException, TypeError):
        return e164


def _of_e164(e164: str) -> "PhoneNumber | None":
    """Return the library's form of a number, which needs no parsing: that takes twice as long."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneNumber

    if not _E164.fullmatch(e164):
        return None
    # No country code is the beginning of another one.
    for size in (1, 2, 3):
        if int(e164[1 : 1 + size]) in COUNTRY_CODE_TO_REGION_CODE:
            national = e164[1 + size :]
            zeros = len(national) - len(national.lstrip("0"))
            return PhoneNumber(
                country_code=int(e164[1 : 1 + size]),
                national_number=int(national),
                italian_leading_zero=True if zeros else None,
                number_of_leading_zeros=zeros if zeros > 1 else None,
            )
    return None
