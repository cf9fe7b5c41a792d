"""Read single cells: texts, phones, and what marks one of Meta's tests."""

import re
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

from backend.core import dates, names
from backend.core.intake.field_mapping import is_test
from backend.core.repairs import repaired
from backend.core.sheets import Cell
from backend.core.sheets.formulas import restore

_PHONE_PREFIX = "p:"
# Spaces around a text aren't part of it. A tab or a line end at its start may be meant.
SPACES = " \u00a0"

# What Excel shows of `6-8` and `12-14`, which it takes for the 6th of August and December 2014.
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)"
_SHORT_DATE = re.compile(rf"\d{{1,2}}[-/ ]{_MONTH}|{_MONTH}[-/ ]\d{{2,4}}", re.IGNORECASE)
_DECIMALS = re.compile(r"(\d{1,2})\.0+")
# Other numbers than those of Excel's dates are no dates, and an age may well be wrong.
_NUMBER = re.compile(r"[\d.,]+(?:e\d+)?", re.IGNORECASE)
_SERIAL = re.compile(r"[34]\d{4}(?:\.0+)?")
_UTC = ZoneInfo("UTC")
# So many digits of a number a spreadsheet keeps.
_DIGITS_KEPT = 15


def text_of(cell: Cell) -> str | None:
    """Return what a cell says: a whole number has no decimals."""
    if cell is None:
        return None
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, bool):
        return str(cell).upper()
    return str(cell)


def texts_of(cells: Iterable[Cell]) -> tuple[list[str | None], set[str]]:
    """Return what cells say, None for a blank one, and the characters that they start with."""
    # Nearly every cell is a text, and a call for each would take as long as all the rest.
    texts = [cell.strip(SPACES) or None if type(cell) is str else text_of(cell) for cell in cells]
    joined = " ".join(filter(None, texts))
    if "&" in joined or not joined.isascii():
        texts = [(text and repaired(text).strip(SPACES)) or None for text in texts]
    starts = {text[0] for text in texts if text is not None}
    if "'" in starts:
        texts = [restore(text) or None if text else None for text in texts]
    if not all(start.isascii() and start.isprintable() for start in starts):
        texts = [None if text is None or names.is_blank(text) else text for text in texts]
    return texts, starts


def plain(cell: Cell) -> str:
    """Return what a cell says, without spaces around it; an empty text for a blank one."""
    text = restore(repaired(text_of(cell) or "").strip(SPACES))
    return "" if names.is_blank(text) else text


@lru_cache(maxsize=4096)
def age_of(text: str) -> str | None:
    """Return an age category; None for a date, which may have been one, or a date of birth."""
    is_number = _NUMBER.fullmatch(text) and not _SERIAL.fullmatch(text)
    if not is_number and (
        _SHORT_DATE.fullmatch(text) or dates.read(text, dates.DAY_FIRST, _UTC) is not None
    ):
        return None
    found = _DECIMALS.fullmatch(text)
    return found[1] if found else text


def is_rounded(digits: str) -> bool:
    """Return whether a spreadsheet may have rounded a long number."""
    return len(digits) > _DIGITS_KEPT and not digits[_DIGITS_KEPT:].strip("0")


def says_test(texts: Iterable[str | None]) -> bool:
    """Return whether any of the texts is one of Meta's tests."""
    return any(text is not None and is_test(text) for text in texts)


def phone_of(text: str | None) -> str | None:
    """Return a phone without the prefix that Meta's export has."""
    if text is None or not text.startswith(_PHONE_PREFIX):
        return text
    return text.removeprefix(_PHONE_PREFIX).strip() or None
