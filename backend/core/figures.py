"""What became of the leads: by day and source, how far each cohort came, how soon they were called.

A cohort is the leads that came in within some days; how far they came is told by their history
(`Lead.called_at` and the like), and not by what they are today. Test leads are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.leads.filters import FIRST_CALL, NONE
from backend.core.rows import epoch
from backend.models import Lead, Status
from backend.schemas.figures import (
    Bucket,
    Counts,
    CountsFilter,
    Day,
    Figures,
    FiguresFilter,
    OfCampaign,
    OfCenter,
    Reason,
    Stage,
)

DEFAULT_DAYS = 30
# In days: what is asked for at once.
LONGEST = 3 * 366
# Of campaigns and reasons, those with the most leads.
MOST = 100

_STAGES = {
    "called": Lead.called_at,
    "trial": Lead.trialled_at,
    "joined": Lead.joined_at,
    "lost": Lead.lost_at,
}
_MEASURES = (func.count(), *(func.count(col(at)) for at in _STAGES.values()))


@dataclass(frozen=True, slots=True)
class _Cohort:
    """The leads of some days, the last of which is among them."""

    first: date
    last: date
    conditions: Sequence[ColumnElement[bool]]


def show(session: Session, person: Person, wanted: FiguresFilter, zone: ZoneInfo) -> Figures:
    """The figures of the leads that a person may see; days are those of the zone.

    Raises `Invalid`.
    """
    cohort = _cohort(person, wanted, zone)
    total = _one(session, cohort, *_MEASURES)
    within, seconds = _first_calls(session, cohort)
    return {
        "from": cohort.first.isoformat(),
        "to": cohort.last.isoformat(),
        "days": _days(session, cohort, zone),
        "funnel": [
            Stage(stage=stage, count=count)
            for stage, count in zip(("leads", *_STAGES), total, strict=True)
        ],
        "first_call": within,
        "first_call_average_s": seconds,
        "centers": [
            cast(OfCenter, {"center_id": key} | _measured(measures))
            for key, *measures in _grouped(session, cohort, col(Lead.center_id))
        ],
        "campaigns": [
            cast(OfCampaign, {"campaign": key} | _measured(measures))
            for key, *measures in _grouped(session, cohort, col(Lead.campaign))
        ],
        "reasons": [
            Reason(reason=key, count=count)
            for key, count, *_ in _grouped(
                session, cohort, col(Lead.lost_reason), col(Lead.lost_at).is_not(None)
            )
        ],
    }


def count(session: Session, person: Person, wanted: CountsFilter) -> Counts:
    """How many leads have each status, of all that a person may see."""
    query = select(col(Lead.status), func.count()).where(visible_to(person))
    if wanted.center_id is not None:
        query = query.where(col(Lead.center_id) == wanted.center_id)
    query = query.group_by(col(Lead.status))
    counted = dict.fromkeys(map(str, Status), 0)
    connection = session.connection()
    # All of them by one index, and the few tests by another, which costs less than to ask of each.
    for status, many in connection.execute(query):
        counted[status] = many
    for status, many in connection.execute(query.where(col(Lead.is_test))):
        counted[status] -= many
    return {"statuses": counted}


def _cohort(person: Person, wanted: FiguresFilter, zone: ZoneInfo) -> _Cohort:
    last = _day("to", wanted.to) or times.now().astimezone(zone).date()
    first = _day("from", wanted.from_) or last - timedelta(days=DEFAULT_DAYS - 1)
    if not 0 <= (last - first).days < LONGEST or not 1971 <= first.year <= last.year < 9000:
        raise Invalid.at("query", "from", msg="Ask for at most three years, the first day first")
    conditions = [
        visible_to(person),
        col(Lead.is_test).is_(False),
        col(Lead.created_time) >= times.to_utc(first, zone),
        col(Lead.created_time) < times.to_utc(last + timedelta(days=1), zone),
    ]
    if wanted.center_id is not None:
        conditions.append(col(Lead.center_id) == wanted.center_id)
    return _Cohort(first, last, conditions)


def _day(name: str, text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Invalid.at("query", name, type="date", msg="A day is written 2026-12-05") from None


def _one(session: Session, cohort: _Cohort, *columns: Any) -> Sequence[Any]:
    query: Select[Any] = select(*columns).select_from(Lead).where(*cohort.conditions)
    return session.connection().execute(query).one()


def _grouped(
    session: Session, cohort: _Cohort, key: Any, *more: ColumnElement[bool]
) -> Sequence[Sequence[Any]]:
    """Each value with its measures, those with the most leads first."""
    query: Select[Any] = (
        select(key, *_MEASURES)
        .where(*cohort.conditions, *more)
        .group_by(key)
        .order_by(func.count().desc(), key)
        .limit(MOST)
    )
    return session.connection().execute(query).all()


def _measured(measures: Sequence[int]) -> dict[str, Any]:
    return dict(zip(("leads", *_STAGES), measures, strict=True))


def _first_calls(session: Session, cohort: _Cohort) -> tuple[list[Bucket], int | None]:
    """How many were called how soon, and the seconds until then on average."""
    seconds = epoch(col(Lead.called_at)) - epoch(col(Lead.created_time))
    called = col(Lead.called_at).is_not(None)
    counts = [
        func.count(case((_within(seconds, *bounds) & called, 1))) for bounds in FIRST_CALL.values()
    ]
    *found, none, average = _one(
        session,
        cohort,
        *counts,
        func.count(case((~called, 1))),
        # Who had been called before the lead came in again waited for nothing.
        func.avg(case((seconds > 0, seconds), (called, 0))),
    )
    named = zip((*FIRST_CALL, NONE), (*found, none), strict=True)
    within = [Bucket(within=name, count=count) for name, count in named]
    return within, None if average is None else round(average)


def _within(
    seconds: ColumnElement[Any], at_least: float, below: float | None
) -> ColumnElement[bool]:
    if below is None:
        return seconds >= int(at_least)
    within = seconds < int(below)
    return within if at_least == float("-inf") else within & (seconds >= int(at_least))


def _days(session: Session, cohort: _Cohort, zone: ZoneInfo) -> list[Day]:
    number = _day_number(cohort, zone)
    query: Select[Any] = (
        select(number, col(Lead.source), func.count())
        .where(*cohort.conditions)
        .group_by(number, col(Lead.source))
        .order_by(number, col(Lead.source))
    )
    start = date(1970, 1, 1)
    return [
        Day(day=(start + timedelta(days=int(day))).isoformat(), source=source, leads=many)
        for day, source, many in session.connection().execute(query)
    ]


def _day_number(cohort: _Cohort, zone: ZoneInfo) -> ColumnElement[Any]:
    """The days since 1970 on the clocks of the zone, which SQLite does not know.

    Between two days on which the clocks change, their distance from UTC is the same.
    """
    seconds = epoch(col(Lead.created_time))
    pieces: list[tuple[datetime, int]] = []
    at = times.to_utc(cohort.first, zone)
    end = times.to_utc(cohort.last + timedelta(days=1), zone)
    while at < end:
        offset = int((at.astimezone(zone).utcoffset() or timedelta(0)).total_seconds())
        if not pieces or pieces[-1][1] != offset:
            pieces.append((at, offset))
        at += timedelta(hours=1)
    days = [(seconds + offset) // 86400 for _, offset in pieces]
    *later, first = list(zip(pieces, days, strict=True))[::-1]
    if not later:
        return first[1]
    return case(
        *((col(Lead.created_time) >= since.astimezone(UTC), day) for (since, _), day in later),
        else_=first[1],
    )
