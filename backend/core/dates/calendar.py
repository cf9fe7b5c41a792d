"""Makes a day of the numbers in a date, in each order in which they may be meant."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

# Nothing in this trade is from another year: such a date is a slip.
YEARS = range(1900, 2200)
# Years of two digits: from here on they are of the last century.
PIVOT = 50


class Order(StrEnum):
    """What comes first in a date of three numbers; the year comes last, or first."""

    DAY_FIRST = "day_first"
    MONTH_FIRST = "month_first"
    YEAR_FIRST = "year_first"


DAY_FIRST, MONTH_FIRST, YEAR_FIRST = Order.DAY_FIRST, Order.MONTH_FIRST, Order.YEAR_FIRST

# The orders to try, the likeliest first.
TRIED = {
    DAY_FIRST: (DAY_FIRST, MONTH_FIRST, YEAR_FIRST),
    MONTH_FIRST: (MONTH_FIRST, DAY_FIRST, YEAR_FIRST),
    YEAR_FIRST: (YEAR_FIRST, DAY_FIRST, MONTH_FIRST),
}


def day_of(year: int, month: int, day: int) -> date | None:
    """Return a day; None if it doesn't exist, or no lead is from that year."""
    if year not in YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def whole_year(year: int) -> int:
    """Return a year in full that was written with two digits."""
    return year + (2000 if year < PIVOT else 1900)


def days(first: int, second: int, third: int, digits: int, order: Order) -> dict[Order, date]:
    """Return each day that three numbers may be, by its order; the year has `digits`, 2 or 4.

    A year of two digits that comes first is believed only in that order, or where the number
    can't be a day: otherwise every such date could be read in three ways.
    """
    year = third if digits == 4 else whole_year(third)
    found = {DAY_FIRST: day_of(year, second, first), MONTH_FIRST: day_of(year, first, second)}
    if digits == 2 and (first > 31 or order is YEAR_FIRST):
        found[YEAR_FIRST] = day_of(whole_year(first), second, third)
    return {one: day for one, day in found.items() if day is not None}


def best(possible: Mapping[Order, date], order: Order) -> date | None:
    """Return the day in an order or, if there is no such day, in the likeliest other one."""
    return next((possible[one] for one in TRIED[order] if one in possible), None)
