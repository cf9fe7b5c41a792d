"""What became of the leads: by day and source, how far each cohort came, how soon they were called.

A cohort is the leads that came in within some days; how far they came is told by their history
(`Lead.called_at` and the like), and not by what they are today. Test leads are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, ColumnElement, Select, Text, case, func, literal, select, union_all
from sqlalchemy import cast as sql_cast
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.leads import filters
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
_DAY = 86400

_STAGES = {
    "called": Lead.called_at,
    "trial": Lead.trialled_at,
    "joined": Lead.joined_at,
    "lost": Lead.lost_at,
}
# What is counted of leads that are alike.
_SUMS = ("leads", *_STAGES, *filters.FIRST_CALLS, "waited")
Sums = dict[str, int]


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
    found = _sums(session, cohort)
    total = dict.fromkeys(_SUMS, 0)
    for sums in found["center"].values():
        total = {name: total[name] + sums[name] for name in _SUMS}
    called = total["called"]
    lost = {key: sums for key, sums in found["reason"].items() if sums["lost"]}
    return {
        "from": cohort.first.isoformat(),
        "to": cohort.last.isoformat(),
        "days": _days(session, cohort, zone),
        "funnel": [Stage(stage=stage, count=total[stage]) for stage in ("leads", *_STAGES)],
        "first_call": [Bucket(within=name, count=total[name]) for name in filters.FIRST_CALLS],
        "first_call_average_s": round(total["waited"] / called) if called else None,
        "centers": [
            cast(OfCenter, {"center_id": key and int(key)} | _measured(sums))
            for key, sums in _most(found["center"], "leads")
        ],
        "campaigns": [
            cast(OfCampaign, {"campaign": key} | _measured(sums))
            for key, sums in _most(found["campaign"], "leads")
        ],
        "reasons": [Reason(reason=key, count=sums["lost"]) for key, sums in _most(lost, "lost")],
    }


def _measured(sums: Sums) -> dict[str, int]:
    return {name: sums[name] for name in ("leads", *_STAGES)}


def _most(found: dict[str | None, Sums], by: str) -> list[tuple[str | None, Sums]]:
    """Those with the most, the first ahead."""
    order = sorted(found.items(), key=lambda one: (-one[1][by], one[0] is None, one[0] or ""))
    return order[:MOST]


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
    for status, many in connection.execute(query.where(filters.IS_TEST)):
        counted[status] -= many
    return {"statuses": counted}


def _cohort(person: Person, wanted: FiguresFilter, zone: ZoneInfo) -> _Cohort:
    last = _day("to", wanted.to) or times.now().astimezone(zone).date()
    first = _day("from", wanted.from_)
    if first is None and last.year > 1:
        first = last - timedelta(days=DEFAULT_DAYS - 1)
    if first is None or not (
        0 <= (last - first).days < LONGEST and 1971 <= first.year <= last.year < 9000
    ):
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


def _sums(session: Session, cohort: _Cohort) -> dict[str, dict[str | None, Sums]]:
    """The sums for each center, campaign and reason: the leads are read once for all of them."""
    alike = _alike(session, cohort).c
    keys = {
        "center": sql_cast(alike.center_id, Text),
        "campaign": alike.campaign,
        "reason": alike.reason,
    }
    sums = [func.sum(alike[name]).label(name) for name in _SUMS]
    each = [
        select(literal(what).label("what"), key.label("key"), *sums).group_by(key)
        for what, key in keys.items()
    ]
    found: dict[str, dict[str | None, Sums]] = {what: {} for what in keys}
    for what, key, *counts in session.connection().execute(union_all(*each)):
        # A sum of PostgreSQL's is a number of another kind.
        found[what][key] = dict(zip(_SUMS, map(int, counts), strict=True))
    return found


def _alike(session: Session, cohort: _Cohort) -> CTE:
    """How many leads of one center, campaign and reason came how far, and were called how soon.

    `waited` is the sum of the seconds until they were called.
    """
    leads: Select[Any] = select(
        col(Lead.center_id),
        filters.value(Lead.campaign).label("campaign"),
        filters.value(Lead.lost_reason).label("reason"),
        filters.waited().label("seconds"),
        *(col(at).label(stage) for stage, at in _STAGES.items()),
    ).where(*cohort.conditions)
    if session.get_bind().dialect.name == "sqlite":
        # Else it puts the expression of the seconds in each place that names them.
        leads = leads.offset(0)
    each = leads.subquery().c
    key = (each.center_id, each.campaign, each.reason)
    within = {name: filters.first_call(name, each.seconds) for name in filters.FIRST_CALLS}
    return (
        select(
            *key,
            func.count().label("leads"),
            *(func.count(each[stage]).label(stage) for stage in _STAGES),
            *(func.count(case((bucket, 1))).label(name) for name, bucket in within.items()),
            # Who had been called before the lead came in again waited for nothing.
            func.sum(case((each.seconds > 0, each.seconds), else_=0)).label("waited"),
        )
        .group_by(*key)
        .cte("alike")
    )


def _days(session: Session, cohort: _Cohort, zone: ZoneInfo) -> list[Day]:
    number = _day_number(cohort, zone).label("day")
    source = filters.value(Lead.source).label("source")
    query: Select[Any] = (
        select(number, source, func.count()).where(*cohort.conditions).group_by(number, source)
    )
    found = session.connection().execute(query).all()
    # Sorted here: to sort in the database, PostgreSQL would sort the leads before it counts them.
    return [
        Day(day=(cohort.first + timedelta(days=int(day))).isoformat(), source=source, leads=many)
        for day, source, many in sorted(found, key=lambda one: (one[0], one[1] or ""))
    ]


def _day_number(cohort: _Cohort, zone: ZoneInfo) -> ColumnElement[Any]:
    """The days since the first one on the clocks of the zone, which SQLite does not know.

    They begin where those of the list do: a run of days of 24 hours is counted off, and a day on
    which the clocks change is one of its own.
    """
    many = (cohort.last - cohort.first).days + 1
    begins = [
        int(times.to_utc(cohort.first + timedelta(days=day), zone).timestamp())
        for day in range(many + 1)
    ]
    lengths = [end - begin for begin, end in pairwise(begins)]
    seconds = epoch(col(Lead.created_time))
    runs: list[tuple[ColumnElement[bool], ColumnElement[int]]] = []
    for day, length in enumerate(lengths):
        if day > 0 and lengths[day - 1] == length == _DAY:
            continue
        since = (seconds - begins[day]) // _DAY + day if length == _DAY else literal(day)
        runs.append((seconds >= begins[day], since))
    (_, first), *later = runs
    return case(*reversed(later), else_=first) if later else first
