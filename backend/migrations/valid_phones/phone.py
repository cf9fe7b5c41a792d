"""A phone as it was read: its numbers, or why it has none."""

from collections.abc import Mapping
from enum import StrEnum
from typing import NamedTuple


class PhoneIssue(StrEnum):
    """Why a text has no valid phone number."""

    NO_DIGITS = "no_digits"
    DIGITS_LOST = "digits_lost"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"


# The API's texts, for a person who can correct the number.
MESSAGES: Mapping[PhoneIssue, str] = {
    PhoneIssue.NO_DIGITS: "There's no phone number in this text",
    PhoneIssue.DIGITS_LOST: "A spreadsheet rounded this number, so its last digits are lost. "
    "Enter the number again",
    PhoneIssue.TOO_SHORT: "The phone number is too short. Enter it with its area code",
    PhoneIssue.TOO_LONG: "The phone number has too many digits",
    PhoneIssue.NOT_VALID: "This isn't a valid phone number. Check its digits and country code",
}


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


def shown(e164: str | None) -> str | None:
    """Return a number as people write it, with its country code: `+91 70130 10001`."""
    import phonenumbers

    if e164 is None:
        return None
    number = phonenumbers.parse(e164)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
