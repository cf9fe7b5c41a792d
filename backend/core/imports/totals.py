"""Rows that are no leads though their phone isn't blank: totals, and lines over all columns.

In a row of totals (`Total`, `TOFA Tellapur Count`), the phone's column has the number of phones
there, their sum or their average. A line such as `Evening batch` is in all of its columns if these
were merged.
"""

import re
from collections.abc import Iterable, Sequence

from backend.core.imports.cells import text_of
from backend.core.imports.rows import SheetRow
from backend.core.sheets import Cell

# A shorter text is no phone, but may be the number of leads.
_SHORT_PHONE = 7
# In digits: a longer number may be a sum of phones.
_PHONE = 10
_OWN = r"(?:(?:grand|sub|overall|gross|net)[ -]?)?"
_TOTAL = re.compile(
    rf"{_OWN}(?:total|count|average)\b.{{0,60}}|(?:कुल|कुल योग|योग|మొత్తం)[ :]*",
    re.IGNORECASE | re.DOTALL,
)
# Excel names a group's row so, in the column of the groups.
_OF_A_GROUP = re.compile(r"\S.{0,60}\s(?:total|count|average|sum)", re.IGNORECASE | re.DOTALL)
# Numbers that nobody types as a phone: an average, a sum as a number. Not `919848022338`.
_CALCULATED = re.compile(r"(?!0|91[6-9]\d{9}$)\d{11,}|\d{10,}\.\d*[1-9]\d*|\d\.\d+E\+?\d+", re.I)


def may_be_one(row: SheetRow) -> bool:
    """Return whether it is worth asking `is_one`: most rows have a name, and a phone as usual."""
    phone = row.phone
    if phone is None:
        return False
    is_usual = phone[0] == "+" or (phone[0].isdigit() and _SHORT_PHONE <= len(phone) <= _PHONE)
    return not is_usual or row.player_name is None


def is_one(row: SheetRow, cells: Iterable[Cell]) -> bool:
    """Return whether a row is such a one, so that nobody is reached by it."""
    if row.phone is None:
        return False
    texts = [text.strip() for cell in cells if (text := text_of(cell))]
    is_line = len(texts) > 1 and len({*texts}) == 1
    if is_line and sum(map(str.isdigit, texts[0])) < _SHORT_PHONE:
        return True
    return row.email is None and _sums_up(row, row.phone, texts)


def _sums_up(row: SheetRow, phone: str, texts: Sequence[str]) -> bool:
    labels = (*texts[:1], row.player_name or "")
    is_number = len(phone) < _SHORT_PHONE or _CALCULATED.fullmatch(phone.strip())
    if is_number and any(map(_TOTAL.fullmatch, labels)):
        return True
    groups = (*texts[:1], (row.center or "").strip())
    return row.player_name is None and any(map(_OF_A_GROUP.fullmatch, groups))
