"""What is read from the phone cells that people and programs make.

The first table is the documentation of `backend.core.phones`. The rest tests all numbers.
"""

import re
from collections.abc import Callable

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat as Format

from backend.core import phones
from backend.core.phones import Phone, PhoneIssue, numbering, runs, text
from backend.core.reasons import PHONE_ISSUES

# What is in a cell, the region, and what is read: the number, ` ext ` its extension, after each
# `, ` a further number. Or nothing and the issue. ONE and TWO are the two numbers of most cells.
ONE, TWO, DESK, DUBAI = "+917013010001", "+917013010002", "+914023456789", "+971501234568"
BOTH = f"{ONE}, {TWO}"
NO_DIGITS, DIGITS_LOST, TOO_SHORT, TOO_LONG, NOT_VALID = PhoneIssue
CELLS = [
    # As people write a mobile number
    ("7013010001", "IN", ONE),
    ("70130 10001", "IN", ONE),
    ("70130-10001", "IN", ONE),
    ("7013 010 001", "IN", ONE),
    ("70.13.01.00.01", "IN", ONE),
    ("70130_10001", "IN", ONE),
    ("(70130) 10001", "IN", ONE),
    ("[70130] 10001", "IN", ONE),
    ("07013010001", "IN", ONE),
    ("0-70130-10001", "IN", ONE),
    ("+91 70130 10001", "IN", ONE),
    ("(+91) 70130 10001", "IN", ONE),
    ("+(91) 70130-10001", "IN", ONE),
    ("+ 91 70130 10001", "IN", ONE),
    ("+91: 70130 10001", "IN", ONE),
    ("91-70130-10001", "IN", ONE),
    ("00 91 70130 10001", "IN", ONE),
    ("70130 - 10001", "IN", ONE),
    ("70130, 10001", "IN", ONE),
    ("70130\n10001", "IN", ONE),
    # Zeros and country codes too many
    ("+91 0 70130 10001", "IN", ONE),
    ("+91 (0) 70130 10001", "IN", ONE),
    ("+910 70130 10001", "IN", ONE),
    ("91 0 70130 10001", "IN", ONE),
    ("0 91 70130 10001", "IN", ONE),
    ("007013010001", "IN", ONE),
    ("+0 70130 10001", "IN", ONE),
    ("+91 +91 70130 10001", "IN", ONE),
    ("+91 91 70130 10001", "IN", ONE),
    ("9191 70130 10001", "IN", ONE),
    ("+0091 70130 10001", "IN", ONE),
    ("+91 0091 70130 10001", "IN", ONE),
    ("91+70130 10001", "IN", ONE),
    ("+91 / 70130 10001", "IN", ONE),
    ("+91 9198480223", "IN", "+919198480223"),
    ("919198480223", "IN", "+919198480223"),
    ("9198480223", "IN", "+919198480223"),
    # Words
    ("70130 10001 (Mother)", "IN", ONE),
    ("Mother: 70130 10001", "IN", ONE),
    ("Mob:7013010001", "IN", ONE),
    ("Ph.No.7013010001", "IN", ONE),
    ("M7013010001", "IN", ONE),
    ("WhatsApp no. 70130 10001 (no calls)", "IN", ONE),
    ("70130 10001 - Ved's father", "IN", ONE),
    ("फ़ोन: ७०१३० १०००१", "IN", ONE),
    ("ఫోన్ 70130 10001", "IN", ONE),
    ("📞 70130 10001", "IN", ONE),
    ("*70130 10001*", "IN", ONE),
    ("Mobile 1: 70130 10001", "IN", ONE),
    ("Mobile 1 70130 10001", "IN", ONE),
    ("Flat 302, 70130 10001", "IN", ONE),
    ("Flat 302 7013010001", "IN", ONE),
    ("Hyderabad 500081 7013010001", "IN", ONE),
    ("Hyderabad 500 081 7013010001", "IN", ONE),
    ("Fee 12000 7013010001", "IN", ONE),
    ("7013010001 2 sons", "IN", ONE),
    ("7013010001, 500081", "IN", ONE),
    ("STD: 040 Ph: 23456789", "IN", TOO_SHORT),
    ("ved@example.com 7013010001", "IN", ONE),
    ("https://example.com/12345678901 7013010001", "IN", ONE),
    # Times, dates and ages
    ("call after 6pm 70130 10001", "IN", ONE),
    ("call after 6 70130 10001", "IN", ONE),
    ("70130 10001 after 6", "IN", ONE),
    ("70130 10001, 6.30 pm", "IN", ONE),
    ("5-7 pm 70130 10001", "IN", ONE),
    ("10:30-11:30 7013010001", "IN", ONE),
    ("7013010001 10 am to 5 pm", "IN", ONE),
    ("12/11/2026 7013010001", "IN", ONE),
    ("7013010001 (2012-05-12)", "IN", ONE),
    ("5/12/26 7013010001", "IN", ONE),
    ("12 May 2026 7013010001", "IN", ONE),
    ("Nov 20, 2026 - 7013010001", "IN", ONE),
    ("U11 7013010001", "IN", ONE),
    ("age 11 7013010001", "IN", ONE),
    ("70130 10001 11 yrs", "IN", ONE),
    ("2 kids, 70130 10001", "IN", ONE),
    ("70130 10001 (11)", "IN", ONE),
    ("11, 70130 10001", "IN", ONE),
    ("8, 984802233", "IN", TOO_SHORT),
    # What programs write
    ("tel:+917013010001", "IN", ONE),
    ("tel:+91-70130-10001", "IN", ONE),
    ("tel:%2B917013010001", "IN", ONE),
    ("tel:501234568;phone-context=+971", "IN", DUBAI),
    ("whatsapp:+917013010001", "IN", ONE),
    ("p:+917013010001", "IN", ONE),
    ("p:07013010001", "IN", ONE),
    ("wa.me/917013010001", "IN", ONE),
    ("https://wa.me/917013010001?text=Hi%2012", "IN", ONE),
    ("https://wa.me/7013010001", "IN", ONE),
    ("https://api.whatsapp.com/send?phone=917013010001&text=11", "IN", ONE),
    ("https://api.whatsapp.com/send/?text=Hi&phone=%2B917013010001", "IN", ONE),
    ("https://wa.me/message/ABC9848022338", "IN", NO_DIGITS),
    ("917013010001@s.whatsapp.net", "IN", ONE),
    ("TEL;TYPE=CELL;waid=917013010001:+91 70130 10001", "IN", ONE),
    # What a spreadsheet makes of a number
    ("7013010001.0", "IN", ONE),
    ("917013010001.00", "IN", ONE),
    ("7013010001,0", "IN", ONE),
    ("701301000.0", "IN", TOO_SHORT),
    ("7013010001.5", "IN", NO_DIGITS),
    ("7,013,010,001", "IN", ONE),
    ("7,01,30,10,001", "IN", ONE),
    ("70,13,01,00,01", "IN", ONE),
    ("7.013.010.001", "IN", ONE),
    ("7.013.010.001,00", "IN", ONE),
    ("7'013'010'001", "IN", ONE),
    ("7’013’010’001", "IN", ONE),
    ("7 013 010 001", "IN", ONE),
    ("7,013,010,001.00", "IN", ONE),
    ("'7013010001", "IN", ONE),
    ('="7013010001"', "IN", ONE),
    ("=+917013010001", "IN", ONE),
    ("-7013010001", "IN", ONE),
    ("7.013010001E9", "IN", ONE),
    ("7.013010001E+09", "IN", ONE),
    ("9.17013010001E+11", "IN", ONE),
    ("9.17013E+11", "IN", DIGITS_LOST),
    ("9,17013E+11", "IN", DIGITS_LOST),
    ("9.17013e11", "IN", DIGITS_LOST),
    ("9.17013E 11", "IN", DIGITS_LOST),
    ("9.17013 x 10^11", "IN", DIGITS_LOST),
    ("7.01301E+09 (Mother)", "IN", DIGITS_LOST),
    ("7E+09", "IN", DIGITS_LOST),
    ("9.17013E+11 / 7013010001", "IN", ONE),
    # `9.17013E+11` again, after it was read as a number; and what is left of 20 digits
    ("917013000000", "IN", DIGITS_LOST),
    ("917013000000.0", "IN", DIGITS_LOST),
    ("7010000000", "IN", DIGITS_LOST),
    ("70130100017013000000", "IN", DIGITS_LOST),
    ("+91 70130 00000", "IN", "+917013000000"),
    ("70130 00000", "IN", "+917013000000"),
    # Characters that don't show, and those of other scripts
    ("\u200b7013010001", "IN", ONE),
    ("\u202a+91 70130 10001\u202c", "IN", ONE),
    ("\ufeff7013010001", "IN", ONE),
    ("70130\u00ad10001", "IN", ONE),
    ("70130\u00a010001", "IN", ONE),
    ("70130\u200910001", "IN", ONE),
    ("\t7013010001\r\n", "IN", ONE),
    ("＋９１－７０１３０－１０００１", "IN", ONE),  # noqa: RUF001
    ("+९१ ७०१३० १०००१", "IN", ONE),
    ("౭౦౧౩౦౧౦౦౦౧", "IN", ONE),
    ("٧٠١٣٠١٠٠٠١", "IN", ONE),
    ("۷۰۱۳۰۱۰۰۰۱", "IN", ONE),
    ("७०१३० 10001", "IN", ONE),
    ("70130౧౦౦౦౧", "IN", ONE),  # noqa: RUF001
    ("+91 70130 ౧౦౦౦౧", "IN", ONE),
    ("7️⃣0️⃣1️⃣3️⃣010001", "IN", ONE),
    ("+91–70130—10001", "IN", ONE),
    ("➕91 70130 10001", "IN", ONE),  # noqa: RUF001
    ("①②③④⑤⑥⑦⑧⑨⓪", "IN", NO_DIGITS),
    # Two numbers and more
    ("7013010001 / 7013010002", "IN", BOTH),
    ("7013010001/7013010002", "IN", BOTH),
    ("7013010001, 7013010002", "IN", BOTH),
    ("7013010001;7013010002", "IN", BOTH),
    ("7013010001 & 7013010002", "IN", BOTH),
    ("7013010001 and 7013010002", "IN", BOTH),
    ("7013010001 or 7013010002", "IN", BOTH),
    ("7013010001 | 7013010002", "IN", BOTH),
    ("• 7013010001 • 7013010002", "IN", BOTH),
    ("7013010001\n7013010002", "IN", BOTH),
    ("7013010001 - 7013010002", "IN", BOTH),
    ("7013010001\\7013010002", "IN", BOTH),
    ("7013010001 7013010002", "IN", BOTH),
    ("70130 10001 70130 10002", "IN", BOTH),
    ("70130, 10001, 70130, 10002", "IN", BOTH),
    ("7,013,010,001, 7,013,010,002", "IN", BOTH),
    ("+91 70130 10001 +91 70130 10002", "IN", BOTH),
    ("917013010001(917013010002)", "IN", BOTH),
    ("7013010001 x 7013010002", "IN", BOTH),
    ("7013010001+7013010002", "IN", BOTH),
    ("7013010001 + 7013010002", "IN", BOTH),
    ("+917013010001+7013010002", "IN", BOTH),
    ("7013010001+971501234568", "IN", f"{ONE}, {DUBAI}"),
    ("M: 70130 10001 F: 70130 10002", "IN", BOTH),
    ("M1-7013010001 M2-7013010002", "IN", BOTH),
    ("1) 70130 10001 2) 70130 10002", "IN", BOTH),
    ("1. 7013010001\n2. 7013010002", "IN", BOTH),
    ("7013010001, 7013010001", "IN", ONE),
    ("7013010001 / +91 70130 10001", "IN", ONE),
    ("701301000 / 7013010001", "IN", ONE),
    ("7013010001, +971 50 123 4568", "IN", f"{ONE}, {DUBAI}"),
    ("7013010001, 040-23456789", "IN", f"{ONE}, {DESK}"),
    # The neighbour of a number can be shortened. Other digits there may mean anything
    ("7013010001/2", "IN", BOTH),
    ("7013010001 / 02", "IN", BOTH),
    ("040-23456789/90", "IN", f"{DESK}, +914023456790"),
    ("7013010001/2/3", "IN", f"{BOTH}, +917013010003"),
    ("040-23456789, 23456790", "IN", f"{DESK}, +914023456790"),
    ("040-23456789 or 66778899", "IN", f"{DESK}, +914066778899"),
    ("(212) 555-1234 / 555-1299", "US", "+12125551234, +12125551299"),
    ("7013010001, 23456789", "IN", ONE),
    ("7013010001/45", "IN", ONE),
    ("7013010001/12", "IN", ONE),
    # Landlines and extensions
    ("040-23456789", "IN", DESK),
    ("040/23456789", "IN", DESK),
    ("040, 23456789", "IN", DESK),
    ("+91 40 2345 6789", "IN", DESK),
    ("91-040-23456789", "IN", DESK),
    ("040-23456789 ext 12", "IN", f"{DESK} ext 12"),
    ("040-23456789 Extn. 12", "IN", f"{DESK} ext 12"),
    ("040-23456789, extension: 12", "IN", f"{DESK} ext 12"),
    ("040-23456789x12", "IN", f"{DESK} ext 12"),
    ("040-23456789 Ext. No. 12", "IN", f"{DESK} ext 12"),
    ("040-23456789 #12", "IN", f"{DESK} ext 12"),
    ("040-23456789 (ext 12)", "IN", f"{DESK} ext 12"),
    ("tel:+914023456789;ext=12", "IN", f"{DESK} ext 12"),
    ("+914023456789,,12", "IN", f"{DESK} ext 12"),
    ("7013010001, 040-23456789 ext 12", "IN", f"{ONE}, {DESK}"),
    ("040-23456789 ext 12 / 7013010001", "IN", f"{DESK} ext 12, {ONE}"),
    ("23456789", "IN", TOO_SHORT),
    ("2345 6789 ext 12", "IN", TOO_SHORT),
    # From abroad; a spreadsheet eats a plus
    ("+971501234568", "IN", DUBAI),
    ("971501234568", "IN", DUBAI),
    ("971 50 123 4568", "IN", DUBAI),
    ("971501234568.0", "IN", DUBAI),
    ("00971501234568", "IN", DUBAI),
    ("+971 0 50 123 4568", "IN", DUBAI),
    ("971971501234568", "IN", DUBAI),
    ("12125551234", "IN", "+12125551234"),
    ("1 212 555 1234", "IN", "+12125551234"),
    ("+44 (UK) 7911 123456", "IN", "+447911123456"),
    ("+44 7911 123456 (UK)", "IN", "+447911123456"),
    # A country that is named beside a number
    ("UK 07911 123456", "IN", "+447911123456"),
    ("07911 123456 (U.K.)", "IN", "+447911123456"),
    ("(UAE) 050 123 4568", "IN", DUBAI),
    ("Dubai: 050 1234568", "IN", DUBAI),
    ("70130 10001 (India), 050 1234568 (UAE)", "IN", f"{ONE}, {DUBAI}"),
    ("70130 10001 / UAE 050 1234568", "IN", f"{ONE}, {DUBAI}"),
    ("Mother in Singapore 9123 4567", "IN", "+6591234567"),
    ("USA (415) 555-2671", "IN", "+14155552671"),
    ("India 70130 10001", "AE", ONE),
    ("Dubai 070130 10001", "IN", ONE),
    ("🇦🇪 050 123 4568", "IN", DUBAI),
    ("🇮🇳 70130 10001, 🇦🇪 050 1234568", "IN", f"{ONE}, {DUBAI}"),
    ("🇮🇳 70130 10001", "AE", ONE),
    ("UK or UAE 07911 123456", "IN", "+917911123456"),
    ("UK 98480 22338", "IN", "+919848022338"),
    ("call us 70130 10001", "IN", ONE),
    ("+91 70130 10001 UK", "IN", ONE),
    ("97433123456", "IN", "+97433123456"),
    # Valid in the default region, or as long as its numbers: that is what it is, or a slip
    ("6591234567", "IN", "+916591234567"),
    ("4520123456", "IN", NOT_VALID),
    ("67712345", "IN", TOO_SHORT),
    ("77013010001", "IN", TOO_LONG),
    ("1 7013010001", "IN", TOO_LONG),
    ("Mother 1 9848022338", "IN", TOO_LONG),
    ("+9848022338", "IN", TOO_SHORT),
    # Another country's code before what would be someone else's number here
    ("+971 (UAE) 7013010001", "IN", NOT_VALID),
    # A PIN code beside it; anything else isn't one
    ("502032 7013010001", "IN", ONE),
    ("70130 10001 - 502032", "IN", ONE),
    ("502032 701301000", "IN", TOO_LONG),
    ("7013010001 (100% sure)", "IN", ONE),
    ("7013010001 24x7", "IN", ONE),
    ("70130•10001", "IN", ONE),
    # In other regions
    ("(212) 555-1234", "US", "+12125551234"),
    ("011 91 70130 10001", "US", ONE),
    ("0091 70130 10001", "US", ONE),
    ("917013010001", "US", ONE),
    ("050 123 4568", "AE", DUBAI),
    ("917013010001", "AE", ONE),
    ("020 7946 0018", "GB", "+442079460018"),
    ("01.23.45.67.00", "FR", "+33123456700"),
    ("9123 4567 / 8123 4567", "SG", "+6591234567, +6581234567"),
    ("06 1234 5678", "IT", "+390612345678"),
    ("20.12.34", "FO", "+298201234"),
    ("011 2345 6789", "IN", "+911123456789"),
    ("7013010001", "ZZ", NOT_VALID),
    ("+91 70130 10001", "ZZ", ONE),
    # No numbers
    ("", "IN", ""),
    (" \u200b\u00a0\n", "IN", ""),
    (None, "IN", ""),
    ("NA", "IN", NO_DIGITS),
    ("-", "IN", NO_DIGITS),
    ("ask the mother", "IN", NO_DIGITS),
    ("after 6pm", "IN", NO_DIGITS),
    ("2026-11-28T10:00:00Z", "IN", NO_DIGITS),
    ("ved9848022338@example.com", "IN", NO_DIGITS),
    ("0", "IN", TOO_SHORT),
    ("100", "IN", TOO_SHORT),
    ("701301000", "IN", TOO_SHORT),
    ("70130 1000", "IN", TOO_SHORT),
    ("70130100011", "IN", TOO_LONG),
    ("7013010001 2", "IN", TOO_LONG),
    ("70130100017013010002", "IN", TOO_LONG),
    ("0000000000", "IN", NOT_VALID),
    ("1111111111", "IN", NOT_VALID),
    # A letter is never dialled as a digit
    ("1-800-FLOWERS", "IN", TOO_SHORT),
    ("70130-MOTHER", "IN", TOO_SHORT),
    ("70130l0001", "IN", TOO_SHORT),
    ("7O130 10001", "IN", TOO_SHORT),
    ("70130xxxxx", "IN", TOO_SHORT),
]


def told(phone: Phone) -> str:
    """Return what was read, as the table has it."""
    if phone.issue:
        assert phone == Phone(issue=phone.issue)
        return phone.issue
    first = f"{phone.e164 or ''}{f' ext {phone.extension}' if phone.extension else ''}"
    return ", ".join([first, *phone.others])


@pytest.mark.parametrize(("cell", "region", "read"), CELLS)
def test_cells(cell: str | None, region: str, read: str) -> None:
    assert told(phones.read(cell, region)) == read


EXAMPLES = [
    (region, kind, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in sorted(phonenumbers.PhoneNumberType.values())
    if (number := phonenumbers.example_number_for_type(region, kind))
]
ELSEWHERE = [
    number
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS)
    if (number := phonenumbers.example_number_for_non_geo_entity(code))
]
# The digits of some scripts, from zero.
SCRIPTS = ["\u0966", "\u0c66", "\u0660", "\u06f0", "\uff10", "\u0e50", "\U0001d7d8"]


def in_script(written: str, zero: str) -> str:
    return re.sub(r"[0-9]", lambda digit: chr(ord(zero) + int(digit[0])), written)


def dressed(written: str) -> list[str]:
    """Return a number in all the ways in which cells have it, whatever the number."""
    return [
        written,
        f"  {written}\t",
        written.replace(" ", "-"),
        written.replace(" ", ".").replace("-", "."),
        written.replace(" ", "\u00a0"),
        written.replace("-", "\u2013"),
        "\u200b".join(written),
        f"\u202a{written}\u202c",
        f"'{written}",
        f'="{written}"',
        f"({written})",
        f"tel:{written}",
        f"p:{written}",
        f"whatsapp:{written}",
        f"Mother: {written} (home)",
        f"call {written} after 6pm",
        f"{written}, age 11",
        f"12/11/2026 {written}",
        f"{written} / {written}",
        f"{written}\n{written}",
        *(in_script(written, zero) for zero in SCRIPTS),
    ]


def is_valid(number: str) -> bool:
    return phonenumbers.is_valid_number(phonenumbers.parse(number))


def as_it_is(written: str) -> list[str]:
    return [written]


def abroad(
    number: phonenumbers.PhoneNumber, dress: Callable[[str], list[str]] = dressed
) -> list[str]:
    """Return the ways to write a number with its country code and something before it."""
    e164 = phonenumbers.format_number(number, Format.E164)
    shown = phonenumbers.format_number(number, Format.INTERNATIONAL)
    code, rest = f"+{number.country_code}", shown.partition(" ")[2]
    return [
        *dress(shown),
        *dress(f"00 {shown[1:]}"),
        *dress(f"00{e164[1:]}"),
        e164,
        phonenumbers.format_number(number, Format.RFC3966),
        f"({code}) {rest}",
        f"{code} {shown}",
        f"{code}{e164}",
        # Not where what is behind the code is a whole number with an area code that is the same.
        *([f"{code}00{e164[1:]}"] if not is_valid(f"{code}{e164[1:]}") else []),
        f"https://wa.me/{e164[1:]}",
        f"https://wa.me/{e164[1:]}?text=Hi%2012",
        f"{e164[1:]}@s.whatsapp.net",
        f"{e164} ext. 12",
        f"{e164};ext=12",
    ]


@pytest.mark.parametrize("home", ["IN", "US"])
@pytest.mark.slow
def test_every_number_is_read_with_its_country_code(home: str) -> None:
    """What stands around a number is taken away whatever the home: at another, once a region."""
    seen = set()
    for number in [number for _, _, number in EXAMPLES] + ELSEWHERE:
        key = phonenumbers.format_number(number, Format.E164)
        region = number.country_code, phonenumbers.region_code_for_number(number)
        dress = dressed if home == "IN" or region not in seen else as_it_is
        seen.add(region)
        for written in abroad(number, dress):
            assert phones.read(written, home).numbers == (key,), written


@pytest.mark.slow
def test_every_number_is_read_as_its_own_country_writes_it() -> None:
    """Apart from those that are what a spreadsheet leaves of a number."""
    for region, _, number in EXAMPLES:
        key = phonenumbers.format_number(number, Format.E164)
        national = phonenumbers.format_number(number, Format.NATIONAL)
        bare = phonenumbers.national_significant_number(number)
        data = phonenumbers.PhoneMetadata.metadata_for_region(region)
        before = (data and data.international_prefix) or ""
        ways = [*dressed(national), f"{national} ext 12"]
        if not numbering.is_rounded(bare):
            ways += [bare, f"{bare}.0", f"{bare}.00"]
        if re.fullmatch(r"\d+", before):
            ways.append(f"{before}{key[1:]}")
        for written in ways:
            assert phones.read(written, region).numbers == (key,), (region, written)


def is_slip(digits: str) -> bool:
    """Return whether digits are an Indian mobile number that has its first digit twice."""
    mobile = phonenumbers.parse(digits[1:], "IN")
    kind = phonenumbers.number_type(mobile)
    return digits[0] == digits[1] and kind == phonenumbers.PhoneNumberType.MOBILE


@pytest.mark.parametrize("form", ["{}", "{}.0", "{}.00", "Mother {}"])
def test_a_lost_plus_is_found_or_the_number_is_flagged(form: str) -> None:
    """Digits without a plus can be a number here too; such a one, or one as short, is not guessed.

    A number that is valid in the default region is that one. Of the rest, one with no more digits
    than the region's mobile numbers is more likely one of these with a wrong digit, and so is a
    mobile number with its first digit twice.
    """
    found = 0
    for _, _, number in EXAMPLES:
        key = phonenumbers.format_number(number, Format.E164)
        digits = key[1:]
        here = phonenumbers.parse(digits, "IN")
        read = phones.read(form.format(digits), "IN")
        if numbering.is_rounded(digits):
            assert read == Phone(issue=DIGITS_LOST), digits
        elif phonenumbers.is_valid_number(here):
            assert read.numbers == (phonenumbers.format_number(here, Format.E164),), digits
        elif len(digits) <= 10 or is_slip(digits):
            assert read.e164 is None, digits
            assert read.issue in (TOO_SHORT, TOO_LONG, NOT_VALID), digits
        else:
            assert read == Phone(key), digits
            found += 1
    assert found > len(EXAMPLES) / 2


def test_a_lost_plus_at_home() -> None:
    """The country code of the region itself is known, unless the number is valid with it inside."""
    for region, _, number in EXAMPLES:
        key = phonenumbers.format_number(number, Format.E164)
        read = phones.read(key[1:], region)
        if read.e164 != key:
            here = phonenumbers.parse(key[1:], region)
            is_valid_here = phonenumbers.is_valid_number(here)
            assert is_valid_here or numbering.is_rounded(key[1:]), (region, key)


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_plain_numbers_are_read_as_all_texts_are(region: str) -> None:
    """The quick way gives what reading in full gives, and what the library gives."""
    for own, _, number in EXAMPLES:
        if own != region:
            continue
        bare = phonenumbers.national_significant_number(number)
        for written in [
            bare,
            f"+{number.country_code}{bare}",
            f"0{bare}",
            f"{bare[:4]} {bare[4:]}",
        ]:
            quick = numbering.plain(written, region)
            assert quick is None or text.read_text(written, region) == Phone(quick), written


@given(st.from_regex(r"(\+91|0091|0|91)?[ -]?[6-9][0-9]{4}[ -]?[0-9]{5}", fullmatch=True))
def test_plain_indian_numbers(written: str) -> None:
    quick = numbering.plain(written, "IN")
    assert quick is None or text.read_text(written, "IN") == Phone(quick)
    assert phones.read(written, "IN") == text.read_text(written, "IN")


numbers = st.sampled_from([number for _, kind, number in EXAMPLES if kind == 1]).map(
    lambda number: phonenumbers.format_number(number, Format.INTERNATIONAL)
)
dividers = st.sampled_from(
    [" / ", "/", ", ", ",", "; ", " & ", " and ", " or ", "\n", " | ", " - "]
)


@given(st.lists(st.tuples(numbers, dividers), min_size=2, max_size=4))
def test_several_numbers(cells: list[tuple[str, str]]) -> None:
    """Each of them is read, in its order and once."""
    written = "".join(number + divider for number, divider in cells)
    keys = [f"+{re.sub('[^0-9]', '', number)}" for number, _ in cells]
    assert phones.read(written, "IN").numbers == tuple(dict.fromkeys(keys))


@given(st.text() | st.text("0123456789+-/.,() ext:@\n", max_size=200))
def test_whatever_is_read_is_a_valid_number(written: str) -> None:
    phone = phones.read(written, "IN")
    assert (phone.e164 is None) or (phone.issue is None)
    for number in phone.numbers:
        parsed = phonenumbers.parse(number)
        assert phonenumbers.is_valid_number(parsed)
        assert phonenumbers.format_number(parsed, Format.E164) == number


@pytest.mark.parametrize(
    "piece",
    ["7", "1 ", "7013010001 ", "7013010001/", "12/", "1.1", "1e", "12:30 ", "(+", "a@", "wa.me/",
     "http://", "ext 1 ", "1,", "1'", "+", "\u200b", "९", "5 jan ", "age "],
)  # fmt: skip
def test_a_long_text_takes_little_work(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library is asked a bounded number of times, however long the text."""
    asked = 0
    parse = phonenumbers.parse

    def counted(number: str, region: str | None = None) -> phonenumbers.PhoneNumber:
        nonlocal asked
        asked += 1
        return parse(number, region)

    monkeypatch.setattr(phonenumbers, "parse", counted)
    for size in (1_000, 10_000, 100_000):
        phones.read((piece * size)[:size], "IN")
        assert asked <= 500
        asked = 0


@given(
    st.lists(st.sampled_from([*"0179+-/., (", "00", "91", "7013010001", " ext 1"]), max_size=3000)
)
def test_any_text_takes_little_work(pieces: list[str]) -> None:
    found = runs.find("".join(pieces), text.MOST_RUNS)
    assert len(found) <= text.MOST_RUNS
    assert phones.read("".join(pieces), "IN").numbers is not None


def test_the_end_of_a_long_text_is_no_number() -> None:
    """It may go on."""
    before = "x" * (text.LONGEST_TEXT - 11)
    assert phones.read(f"{before} 7013010001", "IN") == Phone(ONE)
    assert phones.read(f"{before} 70130100011", "IN") == Phone(issue=NO_DIGITS)
    assert phones.read(f"7013010001{before * 2}", "IN") == Phone(ONE)
    assert phones.read("9" * 10_000, "IN") == Phone(issue=NO_DIGITS)


@pytest.mark.parametrize("region", ["IN", "US", "DE"])
def test_a_number_is_shown_with_its_country_code(region: str) -> None:
    number = phonenumbers.example_number(region)
    assert number
    e164 = phonenumbers.format_number(number, Format.E164)
    assert phones.shown(e164) == phonenumbers.format_number(number, Format.INTERNATIONAL)
    assert phones.shown(ONE) == "+91 70130 10001"
    assert phones.shown(DESK, "12") == "+91 40 2345 6789 ext. 12"
    read = phones.read(phones.shown(DESK, "12"), region)
    assert read == Phone(DESK, extension="12")


def test_numbers_of_all_kinds_are_shown_as_the_library_does() -> None:
    examples = [
        *(
            phonenumbers.example_number_for_type(region, kind)
            for region in phonenumbers.SUPPORTED_REGIONS
            for kind in phonenumbers.PhoneNumberType.values()
        ),
        *map(
            phonenumbers.example_number_for_non_geo_entity,
            phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS,
        ),
    ]
    numbers = [one for one in examples if one is not None]
    assert len(numbers) > 1000
    for number in numbers:
        e164 = phonenumbers.format_number(number, Format.E164)
        shown = phonenumbers.format_number(number, Format.INTERNATIONAL)
        assert phones.shown(e164) == shown.partition(" ext. ")[0]


@given(st.from_regex(r"[6-9][0-9]{9}", fullmatch=True))
def test_any_mobile_is_shown_as_the_library_does(digits: str) -> None:
    number = phonenumbers.parse(f"+91{digits}")
    if phonenumbers.is_valid_number(number):
        expected = phonenumbers.format_number(number, Format.INTERNATIONAL)
        assert phones.shown(f"+91{digits}") == expected


def test_each_issue_has_a_message() -> None:
    assert {*PHONE_ISSUES} == {issue.value for issue in PhoneIssue}
