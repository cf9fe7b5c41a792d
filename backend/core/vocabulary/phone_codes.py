"""Put the country or area code that has a column of its own before a phone number."""

import re
from collections.abc import Iterable

from backend.core import phones
from backend.core.phones import countries
from backend.core.vocabulary.folding import words

# A region with no numbers of its own: only a number with its country code is one there.
NOWHERE = "ZZ"
# A code on its own, or beside a country: `+44 (UK)`, `India +91`, `91.0`.
_CODE = re.compile(r"[^\d+]*\+?\s?(\d{1,6})(?:\.0+)?[^\d]*")
_ISO = re.compile(r"[A-Z]{2}")
_AREA = re.compile(r"\b(std|area|city)\b")
# The fewest and the most digits of a number without its area code, and the most with a code.
_LOCAL, _MOST = range(5, 9), 11
_AREAS = range(2, 6)


def with_codes(number: str, codes: Iterable[tuple[str, str]]) -> str | None:
    """Return a number behind its codes, or None if they don't make it a number.

    `codes` are the names and texts of columns: `("STD code", "040")`.
    """
    if phones.read(number, NOWHERE).e164 is not None:
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
        if found_number is not None and digits <= _MOST:
            return f"+{code} {whole}"
    return whole if area else None


def _code_of(country: str) -> str:
    """Return the calling code of a country, which may be written in two capital letters."""
    from phonenumbers import country_code_for_region

    region = country if _ISO.fullmatch(country) else countries.find(country)
    code = country_code_for_region("GB" if region == "UK" else region) if region else 0
    return str(code) if code else ""
