"""Dates as people and programs write them: texts, numbers and cells become days and moments.

Some texts can be read in two ways: `05/12/2026` is the 5th of December, or the 12th of May. A
column of a spreadsheet is written in one way, so the order is decided for each column (`order`):
one value that can only be month-first settles it for all. Where no value does, the convention
counts, which is day first. A text that can be read in one way only is read in that way, whatever
the order.

`text` takes a text apart, `calendar` makes a day of its numbers, `numbers` reads what spreadsheets
and programs count: days since 1900, seconds since 1970. `words` has the names of months. A date
without a year has none here: what that is, is for those who know what the date is of.
"""

from backend.core.dates.calendar import DAY_FIRST, MONTH_FIRST, YEAR_FIRST, Order
from backend.core.dates.column import Column, decide, read, read_cell
from backend.core.dates.likely import SLACK, is_likely
from backend.core.dates.order import Basis, Decision
from backend.core.dates.zones import of_column as zone_of_column

__all__ = [
    "DAY_FIRST",
    "MONTH_FIRST",
    "SLACK",
    "YEAR_FIRST",
    "Basis",
    "Column",
    "Decision",
    "Order",
    "decide",
    "is_likely",
    "read",
    "read_cell",
    "zone_of_column",
]
