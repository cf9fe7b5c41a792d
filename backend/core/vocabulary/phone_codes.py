"""Read a phone number by its country or area code, or its country, in a column of its own.

What is read is said in the number's own text, since all else reads that: `+1 2125551264`.
"""

import re
from collections.abc import Iterable
from functools import cache

from backend.core import phones
from backend.core.phones import countries
from backend.core.vocabulary import country_names
from backend.core.vocabulary.folding import words

# A region with no numbers of its own: only a number with its country code is one there.
NOWHERE = "ZZ"
# A code on its own, or beside a country: `+44 (UK)`, `India +91`, `91.0`.
_CODE = re.compile(r"[^\d+]*\+?\s?(\d{1,6})(?:\.0+)?[^\d]*")
_AREA = re.compile(r"\b(std|area|city)\b")
# The fewest and the most digits of a number without its area code, and the most with a code.
_LOCAL, _MOST = range(5, 9), 11
_AREAS = range(2, 6)
# What stands between two numbers in one text, and the fewest digits of each.
_BETWEEN = re.compile(r"[/;,&|\n]")
_WHOLE = 6


def with_codes(number: str, codes: Iterable[tuple[str, str]]) -> str | None:
    """Return a number behind its codes, or None if they don't make it a number.

    `codes` are the names and texts of columns: `("STD code", "040")`.
    """
    alone = phones.read(number, NOWHERE).e164
    if alone is not None and "+" in number:
        return None
    digits = sum(map(str.isdecimal, number))
    area, countries_said = None, []
    for name, text in codes:
        found = _CODE.fullmatch(text.strip())
        code = found[1] if found else ""
        is_area = _AREA.search(words(name)) or re.fullmatch("0[1-9].*", code)
        if is_area and digits in _LOCAL and len(code.lstrip("0")) in _AREAS:
            area = code if code.startswith("0") else f"0{code}"
        elif not _AREA.search(words(name)):
            countries_said.append(code.lstrip("0") or _code_of(text.strip()))
    whole = f"{area} {number}" if area else number
    for code in filter(None, countries_said):
        found_number = phones.read(f"+{code} {whole}", NOWHERE).e164
        if found_number not in (None, alone) and digits <= _MOST:
            return f"+{code} {whole}"
    return whole if area else None


def region_of(codes: Iterable[tuple[str, str]]) -> str | None:
    """Return the region that columns of codes name, if any does."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    for name, text in codes:
        found = _CODE.fullmatch(text.strip())
        code = found[1].lstrip("0") if found else ""
        if code and not _AREA.search(words(name)) and int(code) in COUNTRY_CODE_TO_REGION_CODE:
            return COUNTRY_CODE_TO_REGION_CODE[int(code)][0]
        if found is None and (region := country_names.region_of(text)):
            return region
    return None


def in_country(text: str, region: str, home: str) -> str | None:
    """Return a text whose numbers are read as those of a region, or None to leave it as it is.

    `home` is the installation's region, whose numbers need no country code. A number that is valid
    there and not in the country may have a wrong digit in either. With the country's code before
    it nothing can be read, and a person looks at it.
    """
    if region == home:
        return None
    parts = _BETWEEN.split(text)
    if any(sum(map(str.isdecimal, part)) < _WHOLE for part in parts):
        parts = [text]
    told = [_in_country(part.strip(), region, home) for part in parts]
    if not any(told):
        return None
    return " / ".join(new or part.strip() for new, part in zip(told, parts, strict=True))


def _in_country(text: str, region: str, home: str) -> str | None:
    from backend.core.phones.numbering import plain

    code = _calling_code(region)
    number = plain(text, region)
    if "+" in text and (number or plain(text, home)):
        return None
    # Nearly all are a mobile number of the country, and a file may have 100,000.
    if number and code != _calling_code(home) and plain(f"+{code} {text}", region) == number:
        return f"+{code} {text}"
    if countries.find(text) or ("+" in text and phones.read(text, NOWHERE).e164):
        return None
    named, ours = phones.read(text, region), phones.read(text, home)
    if named.numbers == ours.numbers:
        return None
    if named.e164 is None:
        # A zero before it may be left out behind the code, which would make a number of it.
        unread = (f"+{code} {text}", f"+{code} {ours.numbers[0][1:]}")
        return next((one for one in unread if phones.read(one, home).e164 is None), None)
    if phones.read(f"+{code} {text}", home) == named:
        return f"+{code} {text}"
    # Such as one behind the zero, or the eight, that is dialled only at home.
    return " / ".join(
        phones.shown(number, None if at else named.extension)
        for at, number in enumerate(named.numbers)
    )


def _code_of(country: str) -> str:
    """Return the calling code of a country, by its name or its code in ISO 3166."""
    region = country_names.region_of(country)
    return _calling_code(region) if region else ""


@cache
def _calling_code(region: str) -> str:
    from phonenumbers import country_code_for_region

    return str(country_code_for_region(region) or "")
