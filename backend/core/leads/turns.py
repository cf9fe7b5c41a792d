"""Whose turn it is among the people of an assignment rule: a stride scheduler, without a database.

Each person has a counter, `served`, which grows by `STRIDE / weight` with each lead. The one with
the lowest counter is next, and of equal ones the one with the lowest id. So of people who are there
all the time and have one weight, nobody is ahead of another by more than one lead.

Someone who couldn't get the last lead, because they were absent or had their most for the day,
comes back to where the others are: not before the first of them, and not behind the last.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

# Each weight from 1 to 10 divides it, so that counters are whole numbers.
STRIDE = 2520
MOST_WEIGHT = 10


@dataclass(slots=True)
class Share:
    """A person's share of a rule; the columns of `AssignmentShare`."""

    user_id: int
    weight: int = 1
    cap: int | None = None
    served: int = 0
    in_turn: bool = False
    day: date | None = None
    given: int = 0

    def has_room(self, day: date) -> bool:
        """Return whether they may get another lead on a day."""
        return self.cap is None or self.given_on(day) < self.cap

    def given_on(self, day: date) -> int:
        """Return how many leads they have got on a day by the rule."""
        return self.given if self.day == day else 0


def take(
    shares: Sequence[Share], staff: Collection[int], present: Collection[int], day: date
) -> int | None:
    """Return who gets the next lead, and count it; None if nobody can get it.

    `staff` are the people who may own the lead, and `present` those of them who are there. Shares
    of other people stay as they are.
    """
    of_center = [one for one in shares if one.user_id in staff]
    able = [one for one in of_center if one.user_id in present and one.has_room(day)]
    if not able:
        return None
    _let_in(of_center, {one.user_id for one in able})
    first = min(able, key=lambda one: (one.served, one.user_id))
    first.served += STRIDE // first.weight
    first.given = first.given_on(day) + 1
    first.day = day
    return first.user_id


def _let_in(shares: Sequence[Share], able: Collection[int]) -> None:
    """Bring those who come back to where the ones are who could get the last lead."""
    counters = [one.served for one in shares if one.in_turn]
    for one in shares:
        if counters and one.user_id in able and not one.in_turn:
            one.served = min(max(one.served, min(counters)), max(counters))
        one.in_turn = one.user_id in able
