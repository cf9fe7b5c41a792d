"""Read a phone number as a person or a program wrote it.

`read` is the one way from a text to numbers, for every way in. It folds what only looks different
(`fold`), takes out what is no number (`noise`), finds the runs of digits (`runs`) and the countries
that are named beside them (`countries`), and asks for each what number it is (`numbering`). Only a
number that libphonenumber's metadata calls valid counts. Where a text can mean two numbers, it has
none: an issue is looked at by a person, a wrong number is dialled.
"""

from collections.abc import Callable
from functools import cache

from backend.core.phones.phone import BLANK, Phone, PhoneIssue, shown

__all__ = ["BLANK", "Phone", "PhoneIssue", "read", "shown"]


def read(text: str | None, region: str) -> Phone:
    """Return the numbers in a text; `region` is the country of a number without a country code.

    The country is as in ISO 3166 (`IN`). A text of any length takes a bounded amount of work.
    """
    if not text:
        return BLANK
    # Nearly all texts are a mobile number of the region, and reading 100,000 rows has to be quick.
    plain, read_text = _readers()
    number = plain(text, region)
    return Phone(number) if number else read_text(text, region)


@cache
def _readers() -> tuple[Callable[[str, str], str | None], Callable[[str, str], Phone]]:
    """Load libphonenumber's metadata on first use: at a start, nobody needs it yet."""
    from backend.core.phones.numbering import plain
    from backend.core.phones.text import read_text

    return plain, read_text
