"""Read a phone number as a person or a program wrote it."""

from dataclasses import dataclass
from enum import StrEnum

import phonenumbers


class PhoneIssue(StrEnum):
    """Why a text has no valid phone number."""

    NO_DIGITS = "no_digits"
    DIGITS_LOST = "digits_lost"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"


@dataclass(frozen=True, slots=True)
class Phone:
    """The numbers in a text, in E.164.

    `e164` is the first valid number. Without one, `issue` says why, unless the text is blank.
    `others` are the further valid numbers, in their order, each once. `extension` belongs to `e164`.
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


def read(text: str | None, region: str) -> Phone:
    """Return the numbers in a text; `region` is the country of a number without a country code.

    The country is as in ISO 3166 (`IN`). A number is valid if libphonenumber's metadata says so.
    """
    if not text or not text.strip():
        return BLANK
    try:
        number = phonenumbers.parse(text[:250], region)
    except phonenumbers.NumberParseException:
        return Phone(issue=PhoneIssue.NO_DIGITS)
    if not phonenumbers.is_valid_number(number):
        return Phone(issue=PhoneIssue.NOT_VALID)
    return Phone(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
