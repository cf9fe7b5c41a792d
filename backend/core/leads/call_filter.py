"""How often and when someone tried to reach a lead, and whether its parent has enquired again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, exists, literal_column, select
from sqlmodel import col

from backend.core.leads.filter_times import moment, start_of_day
from backend.models import Lead, LeadEvent
from backend.schemas.call_filter import CallFilter
from backend.schemas.fields import MAX_ID

Value = TypeVar("Value", int, datetime)

NONE = "none"
_ATTEMPTS: dict[str, tuple[int, int]] = {"0": (0, 0), "1": (1, 1), "2": (2, 2), "3": (3, MAX_ID)}
_LAST_CALL = {"today": 0, "week": 6, "month": 29}  # how many days ago at most
# SQLite uses the indexes over these rows only for the indexes' own words.
_ATTEMPTED: ColumnElement[bool] = literal_column("lead.attempts > 0")
IS_UNREACHABLE: ColumnElement[bool] = literal_column("lead.unreachable_since IS NOT NULL")
_IS_REPEAT: ColumnElement[bool] = literal_column("leadevent.kind = 'repeat_enquiry'")


@dataclass(frozen=True, slots=True)
class Calls:
    """What is asked about the calls; whatever is None is not asked for.

    There were at least `least` attempts and at most `most`. The last one was from `last_from` up to
    `last_to`, which is left out, in UTC; with `never` there was none.
    """

    least: int | None = None
    most: int | None = None
    never: bool = False
    last_from: datetime | None = None
    last_to: datetime | None = None
    unreachable: str | None = None
    repeat: str | None = None

    @classmethod
    def parse(cls, wanted: CallFilter, zone: ZoneInfo, now: datetime) -> Self | None:
        """Return what is asked, None for nothing; days are days in the `zone`. Raises `Invalid`.

        A number of attempts and a range of them both count, as do a day and a period.
        """
        least, most = _ATTEMPTS.get(wanted.attempts or "", (None, None))
        begin, end = wanted.last_call_from, wanted.last_call_to
        last = wanted.last_call
        edge = start_of_day(now, zone, -_LAST_CALL.get(last or "", _LAST_CALL["month"]))
        found = cls(
            least=_largest(least, wanted.attempts_from),
            most=_smallest(most, wanted.attempts_to),
            never=last == NONE,
            last_from=_largest(
                edge if last in _LAST_CALL else None,
                moment("last_call_from", begin, zone) if begin else None,
            ),
            last_to=_smallest(
                edge if last == "earlier" else None,
                moment("last_call_to", end, zone, ends=True) if end else None,
            ),
            unreachable=wanted.unreachable,
            repeat=wanted.repeat,
        )
        return None if found == cls() else found

    @property
    def has_last_call(self) -> bool | None:
        """Return whether there was a call, as far as that is asked; None if it isn't."""
        if self.never:
            return False
        return True if self.last_from is not None or self.last_to is not None else None

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        """Yield what these leads have in common."""
        if self.least is not None or self.most is not None:
            yield self._of_attempts()
        if self.never:
            yield col(Lead.last_attempt_at).is_(None)
        if self.last_from is not None:
            yield col(Lead.last_attempt_at) >= self.last_from
        if self.last_to is not None:
            yield col(Lead.last_attempt_at) < self.last_to
        if self.unreachable is not None:
            yield IS_UNREACHABLE if self.unreachable == "yes" else ~IS_UNREACHABLE
        if self.repeat is not None:
            again = exists().where(_IS_REPEAT, col(LeadEvent.lead_id) == col(Lead.id))
            yield again if self.repeat == "yes" else ~again

    def indexed(self) -> Iterator[ColumnElement[bool]]:
        """Yield those conditions that are counted quickly if few leads meet them."""
        if self.least:
            yield and_(_ATTEMPTED, self._of_attempts())
        if self.last_from is not None or self.last_to is not None:
            last = col(Lead.last_attempt_at)
            begin = [] if self.last_from is None else [last >= self.last_from]
            end = [] if self.last_to is None else [last < self.last_to]
            yield and_(last.is_not(None), *begin, *end)
        if self.unreachable == "yes":
            yield IS_UNREACHABLE
        if self.repeat == "yes":
            yield col(Lead.id).in_(select(col(LeadEvent.lead_id)).where(_IS_REPEAT))

    def unindexed(self) -> Iterator[ColumnElement[bool]]:
        """Yield those conditions that few leads may meet, and that have no index."""
        if self.most == 0:
            yield self._of_attempts()
        if self.never:
            yield col(Lead.last_attempt_at).is_(None)

    def _of_attempts(self) -> ColumnElement[bool]:
        most = MAX_ID if self.most is None else self.most
        return col(Lead.attempts).between(self.least or 0, most)


def _largest(*given: Value | None) -> Value | None:
    known = [one for one in given if one is not None]
    return max(known) if known else None


def _smallest(*given: Value | None) -> Value | None:
    known = [one for one in given if one is not None]
    return min(known) if known else None
