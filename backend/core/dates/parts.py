"""What the text of a date says, before it is decided which number is the day."""

from dataclasses import dataclass, replace
from datetime import date, time
from typing import Self

from backend.core.dates.calendar import YEAR_FIRST, Order, best, day_of, days, whole_year


@dataclass(frozen=True, slots=True)
class Parts:
    """What a text says. `numbers` are those of the date, each with how many digits it has.

    `month` is one that is named, and `before` how many numbers come before it. `weekdays` are
    those that its name can mean, Monday being 1: none if it has none. `is_next_day` is whether the
    clock shows 24:00. `zone` is the name of a zone, `offset` is in minutes east of Greenwich.
    """

    numbers: tuple[tuple[int, int], ...]
    month: int | None = None
    before: int = 0
    weekdays: frozenset[int] = frozenset()
    clock: time | None = None
    is_next_day: bool = False
    zone: str | None = None
    offset: int | None = None

    def day(self, order: Order) -> date | None:
        """Return the day in an order, or the only one that is possible; None for no day."""
        if self.month is not None:
            found = self._day_of_named_month(self.month, order)
        elif self._is_year_first():
            found = day_of(*(number for number, _ in self.numbers))
        else:
            return best(self.days(order), order)
        return found if found is None or self._fits(found) else None

    def days(self, order: Order) -> dict[Order, date]:
        """Return each day that the numbers may be, by its order; none where there is no choice."""
        if self.month is not None or self._is_year_first():
            return {}
        (first, _), (second, _), (third, digits) = self.numbers
        possible = days(first, second, third, digits, order)
        return {one: day for one, day in possible.items() if self._fits(day)}

    def in_year(self, year: int) -> Self:
        """Return a date that lacks its year with this one."""
        return replace(self, numbers=(*self.numbers, (year, 4)))

    def _is_year_first(self) -> bool:
        return self.numbers[0][1] == 4

    def _fits(self, day: date) -> bool:
        return not self.weekdays or day.isoweekday() in self.weekdays

    def _day_of_named_month(self, month: int, order: Order) -> date | None:
        (first, digits), (second, last) = self.numbers
        is_year_first = digits == 4 or (
            last < 4 and (first > 31 or (order is YEAR_FIRST and self.before == 1))
        )
        year, size, day = (first, digits, second) if is_year_first else (second, last, first)
        return day_of(year if size == 4 else whole_year(year), month, day)
