"""The numbers and names of leads as step 0010 read them. Frozen: don't change it.

Newer code may read them in another way; a later migration then writes the keys again.
"""

from backend.migrations.valid_phones.names import key as name_key
from backend.migrations.valid_phones.numbering import plain
from backend.migrations.valid_phones.phone import BLANK, Phone
from backend.migrations.valid_phones.text import read_text

__all__ = ["name_key", "read"]


def read(text: str | None, region: str) -> Phone:
    """Return the numbers in a text; `region` is the country of a number without a country code."""
    if not text:
        return BLANK
    number = plain(text, region)
    return Phone(number) if number else read_text(text, region)
