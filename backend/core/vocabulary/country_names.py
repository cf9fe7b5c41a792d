"""What people call the countries: the region of a text that is nothing but a country.

`country_names.tsv` has a line for each region of libphonenumber: its codes in ISO 3166, of two and
three letters, and its names in English, Hindi and Telugu from Unicode's CLDR 48, with what people
write in their place.
"""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from backend.core.phones import countries
from backend.core.text_cache import cached_if_short
from backend.core.vocabulary.folding import words

PATH = Path(__file__).with_name("country_names.tsv")
# A longer text isn't the name of a country.
_LONGEST = 100
# Words that some write in a country's name and others don't, and one that is often shortened.
_LEFT_OUT = frozenset({"and", "the"})
_SHORT = {"saint": "st"}
# Codes in ISO 3166 that are more likely something else.
_NO_CODES = frozenset({"NA", "N/A", "n/a", "na", "no", "No"})


@cached_if_short(maxsize=2048)
def region_of(text: str) -> str | None:
    """Return the region in ISO 3166 (`IN`) of a country's name or code, or None if it is neither.

    A text may say more than the name, such as `Dubai, UAE` and `India (+91)`.
    """
    if len(text) > _LONGEST or text in _NO_CODES:
        return None
    found = _regions()
    return found.get(_key(text)) or found.get(_key(_letters(text))) or countries.find(text)


@cache
def _regions() -> Mapping[str, str]:
    """Return the region of each name and code, as `_key` returns them."""
    return {_key(name): region for region, names in lines() for name in (region, *names)}


def lines() -> Iterator[tuple[str, list[str]]]:
    """Yield each region, and its code of three letters and names."""
    for line in PATH.read_text(encoding="utf-8").splitlines():
        region, code, names = line.split("\t")
        yield region, [*filter(None, [code]), *names.split("|")]


def _key(text: str) -> str:
    said = words(text).split()
    parts = [word for word in said if word not in _LEFT_OUT] or said
    return "".join(_SHORT.get(word, word) for word in parts)


def _letters(text: str) -> str:
    """Return a text without what isn't a name: the code in `India (+91)`, the flag before it."""
    return "".join(char for char in text if not char.isdigit())
