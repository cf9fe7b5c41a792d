"""Targets: how soon a new lead must be called, and how soon a due follow-up must be done.

Both are in minutes of opening hours, so the clock stops while a center is closed. There is none
unless team leads have set one, for all centers or for one.

What comes in is timed as it is stored, and must not wait for a query of its own: `known` reads the
targets once in a few seconds. Everyone else reads them in their own transaction.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling.opening_hours import EVERY_DAY, OpeningHours
from backend.core.calling.rules import Standard, read_week
from backend.core.db import Database
from backend.core.settings import Settings
from backend.models import CallingRules, Center, Holiday, Target

# How long `known` may return what it has read before.
FRESH = timedelta(seconds=5)
# What came in elsewhere longer ago has no target: a backfill of last week isn't late today.
RECENT = timedelta(days=1)
# In the place of a center's id: all centers that have nothing of their own.
_ALL = 0


class Measure(NamedTuple):
    """A target: so many minutes of these hours. What was due before `since` isn't measured."""

    minutes: int
    hours: OpeningHours
    since: datetime | None = None

    def by(self, at: datetime) -> datetime | None:
        """Return when the target is missed, counted from a moment; None for never."""
        return self.hours.after(at, self.minutes)


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets of all centers, by the center's id or its tag, as they were at a moment."""

    centers: Mapping[int, Mapping[Target, Measure]] = field(default_factory=dict)
    tags: Mapping[str, int] = field(default_factory=dict)

    def of(self, center_id: int | None, kind: Target) -> Measure | None:
        """Return a target of a center."""
        found = self.centers.get(center_id or _ALL)
        return (self.centers.get(_ALL, {}) if found is None else found).get(kind)

    def call_by(
        self, at: datetime, center_id: int | None, center_tag: str | None = None
    ) -> datetime | None:
        """Return by when a lead that comes in at a moment is called, by its center or its tag."""
        if not self.centers:
            return None
        if center_tag is not None:
            center_id = self.tags.get(center_tag)
        measure = self.of(center_id, Target.FIRST_CALL)
        return measure and measure.by(at)

    def each(self, kind: Target) -> Iterator[tuple[Measure, Collection[int] | None]]:
        """Yield each target with the centers that it's for; None is all that aren't named."""
        for place, found in self.centers.items():
            if kind in found:
                yield found[kind], None if place == _ALL else (place,)

    @property
    def own(self) -> list[int]:
        """The centers that have a target, hours or holidays of their own."""
        return [place for place in self.centers if place != _ALL]


NONE = Targets()


class _Row(NamedTuple):
    """What is set, for one center or for all."""

    place: int
    week: list[list[list[str]]] | None
    first_call: int | None
    follow_up: int | None
    since: datetime | None


_ROWS = select(
    col(CallingRules.place),
    col(CallingRules.week),
    col(CallingRules.first_call_minutes),
    col(CallingRules.follow_up_minutes),
    col(CallingRules.follow_up_since),
)


def read(session: Session, zone: ZoneInfo) -> Targets:
    """Return the targets of all centers. Where there are none, this is one query."""
    rules = {one.place: one for one in map(_Row._make, session.connection().execute(_ROWS))}
    if not any(one.first_call or one.follow_up for one in rules.values()):
        return NONE
    today = times.now().astimezone(zone).date()
    # A little into the past, for follow-ups that were due before the holidays.
    recent = col(Holiday.last_day) >= today - timedelta(days=14)
    holidays = session.scalars(select(Holiday).where(recent)).all()
    places = {*rules, *(one.center_id or _ALL for one in holidays), _ALL}

    def hours(place: int) -> OpeningHours:
        week = _first(rules, place, "week")
        closed = [
            (one.first_day, one.last_day) for one in holidays if one.center_id in (None, place)
        ]
        return OpeningHours(zone, read_week(week) if week else EVERY_DAY, closed)

    own = [place for place in places if place != _ALL]
    tags = select(col(Center.meta_tag_name), col(Center.id)).where(col(Center.id).in_(own))
    return Targets(
        {place: _measures(rules, place, hours(place)) for place in places},
        {tag: id for tag, id in session.connection().execute(tags) if id is not None},
    )


def _measures(rules: Mapping[int, _Row], place: int, hours: OpeningHours) -> dict[Target, Measure]:
    found = {}
    if minutes := _first(rules, place, "first_call"):
        found[Target.FIRST_CALL] = Measure(minutes, hours)
    if minutes := _first(rules, place, "follow_up"):
        since = next(one.since for one in _given(rules, place) if one.follow_up is not None)
        found[Target.FOLLOW_UP] = Measure(minutes, hours, since)
    return found


def _given(rules: Mapping[int, _Row], place: int) -> list[_Row]:
    """Return what is set: by the center first, then for all."""
    return [rules[one] for one in dict.fromkeys((place, _ALL)) if one in rules]


def _first(rules: Mapping[int, _Row], place: int, name: str) -> Any:
    values = (getattr(one, name) for one in _given(rules, place))
    return next((value for value in values if value is not None), None)


class Handling(NamedTuple):
    """What happens with leads that come in: by it they are assigned, and called by a time.

    Without a `standard`, from the settings, they aren't assigned by rule.
    """

    standard: Standard | None = None
    targets: Targets = NONE

    @classmethod
    def read(cls, session: Session, settings: Settings) -> Self:
        """Return it as it is."""
        return cls(Standard.of(settings), read(session, settings.zone))

    @classmethod
    def known(cls, db: Database, settings: Settings) -> Self:
        """Return it as it is, or was some seconds ago. Call it without a connection."""
        return cls(Standard.of(settings), known(db, settings.zone))


# Nothing is assigned or timed.
PLAIN = Handling()

_known: WeakKeyDictionary[Database, tuple[datetime, Targets]] = WeakKeyDictionary()


def known(db: Database, zone: ZoneInfo) -> Targets:
    """Return the targets as they are, or were some seconds ago. Call it without a connection."""
    now = times.now()
    last = _known.get(db)
    if last is not None and timedelta() <= now - last[0] < FRESH:
        return last[1]
    with db.read() as session:
        found = read(session, zone)
    _known[db] = now, found
    return found


def forget(db: Database) -> None:
    """Let `known` read the targets again, after a change."""
    _known.pop(db, None)


def waited_too_long(created: datetime, at: datetime) -> bool:
    """Return whether an enquiry is too old for a target when it comes in."""
    return at - created > RECENT
