"""Decides in which order the dates of a column are written."""

import re
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from backend.core.dates.calendar import DAY_FIRST, YEAR_FIRST, Order
from backend.core.dates.parts import Parts


class Basis(StrEnum):
    """What decided the order of a column."""

    CLEAR = "clear"
    """No date of the column can be read in two ways."""
    VALUES = "values"
    """Some can, and another value settles it."""
    CONVENTION = "convention"
    """No value settles it."""
    CHOICE = "choice"
    """A person has chosen it."""
    MIXED = "mixed"
    """Some values can only be read in one order, and some only in another."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The order of a column, and what decided it.

    `example` is the first text that can be read in two ways. `against` are, if the column is
    mixed, two texts that can't be in the same order.
    """

    order: Order
    basis: Basis
    example: str | None = None
    against: tuple[str, ...] = ()


# So many different first and last numbers are kept of dates whose year has two digits.
_KEPT = 100
# The year of a date that has it in full, at the end.
_YEAR_LAST = re.compile(r"[0-9][/.-][0-9]{1,2}[/.-][0-9]{4}\b")


@dataclass(slots=True)
class Evidence:
    """What the values of a column say about its order."""

    # How many values can only be in an order, and the first of them.
    only: dict[Order, int] = field(default_factory=dict)
    first: dict[Order, str] = field(default_factory=dict)
    example: str | None = None
    # Of dates whose year has two digits: the first and last numbers, and a text.
    _starts: set[int] = field(default_factory=set)
    _ends: set[int] = field(default_factory=set)
    _short: str | None = None
    _has_year_last: bool = False
    # Of cells that a spreadsheet program made dates: the first, and how many are before the 13th.
    _typed: str | None = None
    _early: int = 0
    _late: int = 0

    def add(self, text: str, parts: Parts) -> None:
        """Take in one value."""
        possible = parts.days(DAY_FIRST)
        if len(possible) == 1:
            self.add_only(next(iter(possible)), text)
        elif len(set(possible.values())) > 1:
            self.add_open(text)
        if possible and parts.numbers[-1][1] == 2:
            self._add_short(text, parts)

    def add_only(self, order: Order, text: str) -> None:
        """Take in a value that can only be in one order."""
        self.only[order] = self.only.get(order, 0) + 1
        self.first.setdefault(order, text)

    def add_open(self, text: str) -> None:
        """Take in a value that can be read in two ways."""
        if self.example is None:
            self.example = text

    def add_typed(self, day: date) -> None:
        """Take in a cell that is a date already."""
        if day.day > 12:
            self._late += 1
        else:
            self._early += 1
            self._typed = self._typed or day.isoformat()

    @property
    def is_swapped(self) -> bool:
        """Return whether a spreadsheet program has probably swapped days and months.

        A program that expects the month first makes the 12th of May of `05/12/2026`, and leaves
        `25/12/2026` a text: then all dates are before the 13th, and all texts are from then on.
        """
        return (
            self._early > 0
            and self._late == 0
            and self.example is None
            and set(self.only) == {DAY_FIRST}
        )

    def decide(self, default: Order = DAY_FIRST, chosen: Order | None = None) -> Decision:
        """Return the order: the chosen one, that of the values, or the default."""
        example = self.example or (self._short if self._may_be_year_first() else None)
        if chosen is not None:
            return Decision(chosen, Basis.CHOICE, example)
        if self.is_swapped and self._typed is not None:
            against = (self._typed, *self.first.values())
            return Decision(DAY_FIRST, Basis.MIXED, None, against)
        order = max(self.only, key=lambda one: (self.only[one], one is default), default=default)
        if len(self.only) > 1:
            return Decision(order, Basis.MIXED, example, tuple(self.first.values()))
        if example is None:
            return Decision(order, Basis.CLEAR)
        is_settled = bool(self.only) and not self._may_be_year_first()
        return Decision(order, Basis.VALUES if is_settled else Basis.CONVENTION, example)

    def _add_short(self, text: str, parts: Parts) -> None:
        (first, _), (_, _), (third, _) = parts.numbers
        self._short = self._short or text
        if YEAR_FIRST not in parts.days(YEAR_FIRST):
            self._has_year_last = True
        if len(self._starts) < _KEPT:
            self._starts.add(first)
        if len(self._ends) < _KEPT:
            self._ends.add(third)

    def _texts(self) -> tuple[str, ...]:
        return (*self.first.values(), self.example or "")

    def _may_be_year_first(self) -> bool:
        """Return whether `26-11-20` may be of 2026: days change more often than years."""
        return (
            self._short is not None
            and not self._has_year_last
            and YEAR_FIRST not in self.only
            and not any(_YEAR_LAST.search(text) for text in self._texts())
            and len(self._ends) >= len(self._starts)
        )
