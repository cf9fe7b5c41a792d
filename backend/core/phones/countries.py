"""Find the countries that people name beside a number: `UK 07911 123456`, `Dubai 050…`."""

import re

# As people write them in English, by region in ISO 3166.
_NAMES = {
    "AE": ("uae", "united arab emirates", "emirates", "dubai", "abu dhabi", "sharjah", "ajman"),
    "AU": ("australia", "aus", "sydney", "melbourne"),
    "BD": ("bangladesh",),
    "BH": ("bahrain",),
    "BT": ("bhutan",),
    "CA": ("canada", "toronto", "vancouver"),
    "CH": ("switzerland",),
    "CN": ("china",),
    "DE": ("germany",),
    "DK": ("denmark",),
    "ES": ("spain",),
    "FI": ("finland",),
    "FR": ("france",),
    "GB": (
        "uk",
        "united kingdom",
        "england",
        "britain",
        "great britain",
        "scotland",
        "wales",
        "london",
    ),
    "HK": ("hong kong", "hongkong"),
    "ID": ("indonesia",),
    "IE": ("ireland",),
    "IN": ("india",),
    "IT": ("italy",),
    "JP": ("japan",),
    "KE": ("kenya",),
    "KR": ("south korea", "korea"),
    "KW": ("kuwait",),
    "LK": ("sri lanka", "srilanka"),
    "MU": ("mauritius",),
    "MV": ("maldives",),
    "MY": ("malaysia", "kuala lumpur"),
    "NG": ("nigeria",),
    "NL": ("netherlands", "holland"),
    "NO": ("norway",),
    "NP": ("nepal", "kathmandu"),
    "NZ": ("new zealand", "newzealand"),
    "OM": ("oman", "muscat"),
    "PH": ("philippines",),
    "PK": ("pakistan",),
    "PT": ("portugal",),
    "QA": ("qatar", "doha"),
    "SA": ("ksa", "saudi", "saudi arabia", "riyadh", "jeddah"),
    "SE": ("sweden",),
    "SG": ("singapore",),
    "TH": ("thailand",),
    "TZ": ("tanzania",),
    "UG": ("uganda",),
    "US": ("usa", "united states", "america", "new york", "new jersey", "texas", "california"),
    "ZA": ("south africa",),
}
_REGIONS = {name: region for region, names in _NAMES.items() for name in names} | {"us": "US"}
_NAMED = re.compile(
    rf"\b(?:{'|'.join(sorted(_REGIONS, key=len, reverse=True))})(?![^\W\d_])", re.IGNORECASE
)
# `U.A.E.`
_DOTTED = re.compile(r"\b(?:[A-Z]\.){2,3}")
# The flag of a country is its code, in letters of its own: 🇦🇪.
_FIRST_LETTER, _LAST_LETTER = "\U0001f1e6", "\U0001f1ff"
_FLAG = re.compile(f"[{_FIRST_LETTER}-{_LAST_LETTER}]{{2}}")


def find(text: str) -> str | None:
    """Return the region of the country that is named in a text, or None. Of two, it is none."""
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    # `call us` names no country.
    named = {match[0] for match in _NAMED.finditer(text)} - {"us", "Us"}
    found = {_REGIONS[name.casefold()] for name in named}
    if not text.isascii():
        found |= {_region_of_flag(flag) for flag in _FLAG.findall(text)}
    return found.pop() if len(found) == 1 else None


def _region_of_flag(flag: str) -> str:
    return "".join(chr(ord(letter) - ord(_FIRST_LETTER) + ord("A")) for letter in flag)
