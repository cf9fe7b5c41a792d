"""When parents are called, and how often: what team leads have set, for all centers or for one."""

from collections.abc import Collection, Sequence
from datetime import date, datetime, time
from itertools import groupby, islice
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, for_all_or_visible_to, visible_to
from backend.core.calling import retry_plan
from backend.core.calling.opening_hours import EVERY_DAY, OpeningHours, Span, Week
from backend.core.database import upsert
from backend.core.errors import CenterNotFound, HolidayNotFound, Invalid
from backend.core.settings import Settings
from backend.models import CallingRules, Center, Holiday
from backend.schemas.calling_rules import (
    CallingRulesChange,
    CallingRulesOut,
    HolidayOut,
    Hours,
    HoursOut,
    NewHoliday,
    OpeningOut,
    TargetsOut,
)

# How many open days the web app gets for the dates that it proposes: a week, and some holidays.
_DAYS = 14


class Rules(NamedTuple):
    """The rules of a center: the waits between tries, and its hours."""

    plan: tuple[str, ...]
    hours: OpeningHours

    def next_try(self, tried: int, now: datetime) -> datetime | None:
        """Return when a lead is called again after so many tries in a row; None for never."""
        return retry_plan.next_try(self.plan, tried, now, self.hours)


class Standard(NamedTuple):
    """What the settings say, which counts where team leads have set nothing."""

    plan: tuple[str, ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, settings: Settings) -> "Standard":
        return cls(settings.retry_plan, settings.zone)

    def today(self) -> date:
        """Return the day that the academy's calendar shows."""
        return times.now().astimezone(self.zone).date()

    def of_center(self, session: Session, center_id: int | None) -> Rules:
        """Return the rules of a center; None for those of all centers."""
        given = _given(session, center_id)
        week = next((read_week(one.week) for one in given if one.week), EVERY_DAY)
        plan = next((tuple(one.retry_plan) for one in given if one.retry_plan), self.plan)
        query = select(col(Holiday.first_day), col(Holiday.last_day)).where(
            col(Holiday.last_day) >= self.today(), _of(Holiday, center_id)
        )
        holidays = [(first, last) for first, last in session.connection().execute(query)]
        return Rules(plan, OpeningHours(self.zone, week, holidays))

    def of_centers(
        self, session: Session, center_ids: Collection[int], at: datetime
    ) -> dict[int, OpeningHours]:
        """Return the hours of many centers, with their holidays on the day of a moment."""
        of_these = or_(
            col(CallingRules.center_id).is_(None), col(CallingRules.center_id).in_(center_ids)
        )
        given = select(col(CallingRules.place), col(CallingRules.week)).where(of_these)
        weeks = {place: read_week(week) for place, week in session.execute(given) if week}
        day = at.astimezone(self.zone).date()
        closed = select(
            col(Holiday.center_id), col(Holiday.first_day), col(Holiday.last_day)
        ).where(
            col(Holiday.last_day) >= day,
            col(Holiday.first_day) <= day,
            or_(col(Holiday.center_id).is_(None), col(Holiday.center_id).in_(center_ids)),
        )
        holidays = session.connection().execute(closed).all()
        return {
            id: OpeningHours(
                self.zone,
                weeks.get(id) or weeks.get(0) or EVERY_DAY,
                [(one.first_day, one.last_day) for one in holidays if one.center_id in (None, id)],
            )
            for id in center_ids
        }


def show(session: Session, person: Person, standard: Standard) -> CallingRulesOut:
    """Return the rules of all centers, and those of the centers that a person sees."""
    of_all = standard.of_center(session, None)
    seen = visible_to(person, center_id=col(CallingRules.center_id))
    own = col(CallingRules.center_id).is_not(None)
    given = session.scalars(
        select(CallingRules).where(own, seen).order_by(col(CallingRules.center_id))
    )
    holidays = session.scalars(
        select(Holiday)
        .where(
            col(Holiday.last_day) >= standard.today(),
            for_all_or_visible_to(person, Holiday.center_id),
        )
        .order_by(col(Holiday.first_day), col(Holiday.id))
    )
    return {
        "week": _shown(_texts(of_all.hours.week)),
        "retry_plan": list(of_all.plan),
        **_targets(session.scalar(select(CallingRules).where(_is(CallingRules, None)))),
        "centers": [
            {
                "center_id": one.center_id or 0,
                "week": shown_week(one.week),
                "retry_plan": one.retry_plan,
                **_targets(one),
            }
            for one in given
            if one.week
            or one.retry_plan
            or one.first_call_minutes is not None
            or one.follow_up_minutes is not None
        ],
        "holidays": [_holiday(one) for one in holidays],
    }


def change(session: Session, center_id: int | None, given: CallingRulesChange) -> None:
    """Set the given rules of a center, or of all centers for None. Raises `CenterNotFound`."""
    if center_id is not None and session.get(Center, center_id) is None:
        raise CenterNotFound
    if not given.model_fields_set:
        return
    rules = upsert.locked(session, CallingRules, "place", center_id or 0, center_id=center_id)
    if "week" in given.model_fields_set:
        rules.week = stored_week(given.week)
    if "retry_plan" in given.model_fields_set:
        rules.retry_plan = None if given.retry_plan is None else list(given.retry_plan)
    if "first_call_minutes" in given.model_fields_set:
        rules.first_call_minutes = given.first_call_minutes
    if "follow_up_minutes" in given.model_fields_set:
        if rules.follow_up_minutes != given.follow_up_minutes:
            # What was due before isn't late all at once.
            rules.follow_up_since = times.now()
        rules.follow_up_minutes = given.follow_up_minutes
    session.flush()


def add_holiday(session: Session, new: NewHoliday) -> HolidayOut:
    """Close a center, or all of them, on some days. Raises `Invalid` for an unknown center."""
    if new.center_id is not None and session.get(Center, new.center_id) is None:
        raise Invalid.at("body", "center_id", msg="Choose a center")
    holiday = Holiday(**new.model_dump() | {"last_day": new.last_day or new.first_day})
    session.add(holiday)
    session.flush()
    return _holiday(holiday)


def remove_holiday(session: Session, holiday_id: int) -> HolidayOut:
    """Remove a holiday, and return what it was. Raises `HolidayNotFound`."""
    holiday = session.get(Holiday, holiday_id)
    if holiday is None:
        raise HolidayNotFound
    session.delete(holiday)
    session.flush()
    return _holiday(holiday)


def openings(session: Session, center_id: int | None, standard: Standard) -> list[OpeningOut]:
    """Return the hours of today and of the open days to come. Raises `CenterNotFound`."""
    if center_id is not None and session.get(Center, center_id) is None:
        raise CenterNotFound
    hours = standard.of_center(session, center_id).hours
    days = groupby(hours.openings(standard.today()), key=lambda one: one.day)
    return [
        {"day": one.day, "begins": one.begins, "ends": one.ends}
        for _, of_day in islice(days, _DAYS)
        for one in of_day
    ]


def _targets(rules: CallingRules | None) -> TargetsOut:
    return {
        "first_call_minutes": rules.first_call_minutes if rules else None,
        "follow_up_minutes": rules.follow_up_minutes if rules else None,
    }


def _given(session: Session, center_id: int | None) -> Sequence[CallingRules]:
    """Return what is set: by the center first, then for all."""
    query = select(CallingRules).where(_of(CallingRules, center_id))
    return session.scalars(query.order_by(col(CallingRules.center_id).is_(None))).all()


def _of(table: type[CallingRules | Holiday], center_id: int | None) -> Any:
    """Return the condition for what counts for a center."""
    return or_(_is(table, None), _is(table, center_id))


def _is(table: type[CallingRules | Holiday], center_id: int | None) -> Any:
    own = col(table.center_id)
    return own.is_(None) if center_id is None else own == center_id


def read_week(stored: list[list[list[str]]]) -> Week:
    """Return a stored week as the hours of its days."""
    return tuple(
        tuple(Span(time.fromisoformat(opens), time.fromisoformat(closes)) for opens, closes in day)
        for day in stored
    )


def stored_week(given: Sequence[Sequence[Hours]] | None) -> list[list[list[str]]] | None:
    """Return a week that was sent as it is stored; None as it is."""
    if given is None:
        return None
    return [[[one.opens, one.closes] for one in day] for day in given]


def shown_week(stored: list[list[list[str]]] | None) -> list[list[HoursOut]] | None:
    """Return a stored week as routes answer it; None as it is."""
    return None if stored is None else _shown(stored)


def _texts(week: Week) -> list[list[list[str]]]:
    return [[[f"{one.opens:%H:%M}", f"{one.closes:%H:%M}"] for one in day] for day in week]


def _shown(stored: list[list[list[str]]]) -> list[list[HoursOut]]:
    return [[{"opens": opens, "closes": closes} for opens, closes in day] for day in stored]


def _holiday(holiday: Holiday) -> HolidayOut:
    assert holiday.id is not None
    return {
        "id": holiday.id,
        "label": holiday.label,
        "first_day": holiday.first_day,
        "last_day": holiday.last_day,
        "center_id": holiday.center_id,
    }
