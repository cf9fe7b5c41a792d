"""What number some digits are, by the numbering plans in libphonenumber's metadata."""

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import phonenumbers
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    NumberParseException,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)
from phonenumbers.phonenumberutil import PhoneNumberType

from backend.core.phones.phone import PhoneIssue

# The longest country code, and the longest number with its code (E.164).
CODE, LONGEST = 3, 15
# Digits that a spreadsheet's number can't have, or that are zeros because it was rounded before.
_LOST = re.compile(r"(?=[0-9]{12})[1-9][0-9]{0,5}0+|[1-9][0-9]{0,2}0{7,}|[1-9][0-9]{14}0+")
# What is typed by someone who doesn't want to be called: one digit again and again, and 1 to 0,
# which the metadata of India calls valid.
_FILLERS = frozenset(digit * size for digit in "0123456789" for size in range(7, 14))
_COUNTED = "+911234567890"
_OF_PEOPLE = (
    PhoneNumberType.MOBILE,
    PhoneNumberType.FIXED_LINE,
    PhoneNumberType.FIXED_LINE_OR_MOBILE,
)
# No part of a phone: whatever separates the groups of a plainly written number, apart from dots.
_SEPARATORS = re.compile(r"[\s()\-\u00a0\u2010-\u2015]+")


@dataclass(frozen=True, slots=True)
class Plan:
    """A region's numbering plan: its country code, and how its mobile numbers look."""

    code: str
    start: str
    trunk: str
    longest_mobile: int
    mobile: re.Pattern[str]
    written: re.Pattern[str]


def plain(text: str, region: str) -> str | None:
    """Return a plainly written mobile number in E.164, or None for anything else.

    It gives what reading the text in full gives, in a fiftieth of the time.
    """
    plan = plan_of(region)
    if plan is None:
        return None
    # Most numbers have no separators, and removing them takes as long as the match itself.
    match = plan.written.fullmatch(text) or plan.written.fullmatch(_SEPARATORS.sub("", text))
    if match is None or match[1] in _FILLERS or (text[-1] == "0" and is_rounded(match[0])):
        return None
    return plan.start + match[1]


@cache
def plan_of(region: str) -> Plan | None:
    """Return the plan of a region, or None if there is no such region."""
    data = PhoneMetadata.metadata_for_region(region)
    if data is None:
        return None
    code, mobile = str(data.country_code), _mobile(data)
    trunk = data.national_prefix or ""
    # Each of these can be read in one way only, which can't be said of some plans.
    before = [rf"\+{code}"]
    if (data.international_prefix or "") == "00":
        before.append(f"00{code}")
    if trunk == data.national_prefix_for_parsing == "0":
        before.append(trunk)
    if region == "IN":
        before.append(code)
    return Plan(
        code=code,
        start=f"+{code}",
        trunk=trunk,
        longest_mobile=_longest_mobile(data),
        mobile=re.compile(mobile, re.ASCII),
        # Digits of other scripts are folded first.
        written=re.compile(rf"(?:{'|'.join(before)})?((?:{mobile}))", re.ASCII),
    )


def _mobile(data: PhoneMetadata) -> str:
    """Return the pattern of a region's mobile numbers, or one that matches nothing.

    What is written in it has the same digits in E.164; where the library changes some, it is asked.
    """
    pattern = data.mobile and data.mobile.national_number_pattern
    return rf"(?!0)(?:{pattern})" if pattern and not data.national_prefix_transform_rule else "(?!)"


def _longest_mobile(data: PhoneMetadata) -> int:
    desc = data.mobile or data.general_desc
    return max(desc.possible_length) if desc else LONGEST


@cache
def _mobile_of(code: str) -> re.Pattern[str]:
    """Return the pattern of a country's mobile numbers, if it shares its code with no other one."""
    regions = COUNTRY_CODE_TO_REGION_CODE[int(code)]
    data = PhoneMetadata.metadata_for_region(regions[0])
    return re.compile(_mobile(data) if data and len(regions) == 1 else "(?!)", re.ASCII)


def is_rounded(digits: str) -> bool:
    """Return whether bare digits are what is left of a number that a spreadsheet has rounded.

    It shows a number of 12 digits with the first six (`9.17013E+11`) and keeps 15; read again, the
    rest are zeros. Such a number can be valid, and belong to a stranger.
    """
    return digits[-1] == "0" and _LOST.fullmatch(digits) is not None


def is_placeholder(number: str) -> bool:
    """Return whether a number in E.164 was obviously made up: `9999999999`, `1234567890`."""
    return number == _COUNTED or number[1 + len(country_code(number[1:]) or "") :] in _FILLERS


def country_code(digits: str) -> str | None:
    """Return the country code that digits begin with. No code begins with another one."""
    for size in range(1, CODE + 1):
        if digits[:size].isdigit() and int(digits[:size]) in COUNTRY_CODE_TO_REGION_CODE:
            return digits[:size]
    return None


def international(digits: str) -> str | None:
    """Return digits with their country code in E.164, or None if the number isn't valid.

    The code may be written twice, and zeros that are dialled only at home may follow it.
    """
    digits = digits.lstrip("0")
    code = country_code(digits)
    if code is None:
        return None
    rest = digits[len(code) :]
    if _mobile_of(code).fullmatch(rest):
        return f"+{digits}"
    while rest:
        if found := _valid(f"+{code}{rest}", None):
            return found
        if rest.startswith("0"):
            rest = rest.lstrip("0")
        elif rest.startswith(code):
            rest = rest[len(code) :]
        else:
            break
    return None


def national(digits: str, region: str) -> str | None:
    """Return digits as someone in the region would write them in E.164, or None if not valid.

    With or without the trunk prefix, or after `00` or the region's own prefix for abroad.
    """
    plan = plan_of(region)
    if plan is not None and plan.mobile.fullmatch(digits):
        return f"+{plan.code}{digits}"
    if found := _valid(digits, region):
        return found
    bare = digits.lstrip("0")
    if digits.startswith("00") and (found := international(bare)):
        return found
    if plan is None:
        return None
    if digits.startswith("00") and plan.trunk == "0" and (found := _valid(f"0{bare}", region)):
        return found
    return international(bare) if bare.startswith(plan.code) else None


def of_named(digits: str, region: str) -> str | None:
    """Return digits in E.164 as a number of a country that is named beside them.

    Only one of a person: some countries have services in the place of another one's mobiles.
    """
    number = national(digits, region)
    kind = number and phonenumbers.number_type(phonenumbers.parse(number))
    return number if kind in _OF_PEOPLE else None


def without_plus(digits: str, region: str) -> str | None:
    """Return digits in E.164 if all that's missing is a `+`, such as one that a spreadsheet ate.

    A number that isn't longer than the region's mobile numbers is more likely one of those with a
    wrong digit; one that has a first digit twice, and without it is one of those, is a slip too.
    """
    plan = plan_of(region)
    if digits.startswith("0") or len(digits) > LONGEST:
        return None
    if plan is not None:
        if len(digits) <= plan.longest_mobile:
            return None
        if digits[0] == digits[1] and plan.mobile.fullmatch(digits[1:]):
            return None
    return international(digits)


def area_of(number: str) -> str | None:
    """Return the country and area code of a landline in E.164, or None if it has no area code."""
    parsed = phonenumbers.parse(number)
    size = phonenumbers.length_of_geographical_area_code(parsed)
    if size == 0 or phonenumbers.number_type(parsed) == PhoneNumberType.MOBILE:
        return None
    return f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)[:size]}"


def issue_of(digits: str, region: str | None) -> PhoneIssue:
    """Return why digits are no valid number; without a region, they begin with a country code."""
    if len(digits) > CODE and not digits.strip("0"):
        return PhoneIssue.NOT_VALID
    try:
        number = phonenumbers.parse(digits if region else f"+{digits}", region)
    except NumberParseException as error:
        return _PARSE_ISSUES.get(error.error_type, PhoneIssue.NOT_VALID)
    kind = PhoneNumberType.FIXED_LINE_OR_MOBILE
    reason = phonenumbers.is_possible_number_for_type_with_reason(number, kind)
    return _ISSUES.get(reason, PhoneIssue.NOT_VALID)


_PARSE_ISSUES = {
    NumberParseException.NOT_A_NUMBER: PhoneIssue.TOO_SHORT,
    NumberParseException.TOO_SHORT_AFTER_IDD: PhoneIssue.TOO_SHORT,
    NumberParseException.TOO_SHORT_NSN: PhoneIssue.TOO_SHORT,
    NumberParseException.TOO_LONG: PhoneIssue.TOO_LONG,
}
_ISSUES = {
    ValidationResult.TOO_SHORT: PhoneIssue.TOO_SHORT,
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: PhoneIssue.TOO_SHORT,
    ValidationResult.TOO_LONG: PhoneIssue.TOO_LONG,
}


# One number is read several times while its lead is added, and all the rows of a family have it.
@lru_cache(maxsize=512)
def _valid(text: str, region: str | None) -> str | None:
    """Return a number of digits, with or without a `+`, in E.164 if it is valid."""
    if len(text) > LONGEST + 5:
        return None
    try:
        number: PhoneNumber = phonenumbers.parse(text, region)
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
