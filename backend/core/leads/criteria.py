"""Which leads a list has, as conditions on the table `lead`."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal_column, or_
from sqlmodel import col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.rows import by_hand, epoch
from backend.core.errors import Invalid
from backend.models import Lead, Source, Status
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadFilter

NONE = "none"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TEXTS = {
    "campaign": Lead.campaign,
    "age_category": Lead.player_age_category,
    "lost_reason": Lead.lost_reason,
}
# How far a lead came, by when it first did.
REACHED = {
    "called": Lead.called_at,
    "trial": Lead.trialled_at,
    "joined": Lead.joined_at,
    "lost": Lead.lost_at,
}
# In seconds from the lead to its first call: from, and up to.
_FIRST_CALL: dict[str, tuple[int | None, int | None]] = {
    "5m": (None, 300),
    "1h": (300, 3600),
    "1d": (3600, 86400),
    "later": (86400, None),
}
# What is asked for besides, and is none of the spans that add up to all.
_BESIDES: dict[str, tuple[int | None, int | None]] = {"hour": (None, 3600)}
# In the words of the index over them, or SQLite does not use it.
IS_TEST: ColumnElement[bool] = literal_column("lead.is_test")
FIRST_CALLS = (*_FIRST_CALL, NONE)


def conditions(
    person: Person, wanted: LeadFilter, zone: ZoneInfo, now: datetime
) -> list[ColumnElement[bool]]:
    """What holds of the leads that a person may see and has asked for. Raises `Invalid`.

    A day is one of the `zone`. The search by `q` is not among them: see `search`.
    """
    return [visible_to(person, in_order=True), *_wanted(wanted, zone, now)]


def _wanted(wanted: LeadFilter, zone: ZoneInfo, now: datetime) -> Iterator[ColumnElement[bool]]:
    if wanted.status and (given := statuses(wanted.status)):
        yield col(Lead.status).in_(given)
    if given := _listed(wanted.source):
        yield _one_of(Lead.source, given)
    for name, column in _TEXTS.items():
        if given := [one for one in getattr(wanted, name) if one]:
            yield _one_of(column, given)
    if ids := centers(wanted):
        center = by_hand(col(Lead.center_id))
        known = center.in_([id for id in ids if id is not None])
        yield or_(known, center.is_(None)) if None in ids else known
    if wanted.created_from:
        yield col(Lead.created_time) >= _moment("created_from", wanted.created_from, zone)
    if wanted.created_to:
        yield col(Lead.created_time) < _moment("created_to", wanted.created_to, zone, ends=True)
    if wanted.due is not None:
        yield _due(wanted.due, zone, now)
    if wanted.reached is not None:
        yield col(REACHED[wanted.reached]).is_not(None)
    if wanted.first_call is not None:
        yield first_call(wanted.first_call)
    if wanted.test == "yes":
        yield IS_TEST
    elif wanted.test == "no":
        yield col(Lead.is_test).is_(False)


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def statuses(text: str) -> list[str]:
    """Those of a list with commas, and the whole: one of an old installation may have commas."""
    given = _listed(text)
    return given if len(given) < 2 else [*given, text]


def indexed(wanted: LeadFilter) -> Iterator[ColumnElement[bool]]:
    """What is asked for, and is quickly counted where it is rare."""
    given = _listed(wanted.source)
    if given and not {Source.UPLOAD, NONE} & {*given}:
        # In the words of the index, or SQLite does not use it.
        yield and_(col(Lead.source).in_(given), literal_column("lead.source <> 'upload'"))
    for column, values_ in values(wanted):
        yield col(column).in_(values_)
    if wanted.test == "yes":
        yield IS_TEST


def values(wanted: LeadFilter) -> Iterator[tuple[Any, list[str]]]:
    """The columns that have an index, and which values they are to have."""
    for name, column in _TEXTS.items():
        given = [one for one in getattr(wanted, name) if one]
        if given and NONE not in given:
            yield column, given


def many_values(wanted: LeadFilter) -> int:
    """How many values are asked for, in all of the lists."""
    texts = sum(len(getattr(wanted, name)) for name in _TEXTS)
    lists = (wanted.status, wanted.center_id, wanted.source)
    return texts + sum(len(_listed(text)) + 1 for text in lists)


def _one_of(column: Any, given: list[str]) -> ColumnElement[bool]:
    known = col(column).in_(given)
    return or_(known, col(column).is_(None)) if NONE in given else known


def value(column: Any) -> ColumnElement[Any]:
    """What a column is asked for by: what somebody has called `none` is nothing too."""
    return func.nullif(col(column), NONE)


def centers(wanted: LeadFilter) -> list[int | None]:
    """The ids of the centers that are asked for, None for leads of none. Raises `Invalid`."""
    given = _listed(wanted.center_id)
    ids = [int(one) if one.isascii() and one.isdigit() else None for one in given]
    if ids.count(None) != given.count(NONE) or any(id > MAX_ID for id in ids if id is not None):
        raise Invalid.at("query", "center_id", msg="Use ids of centers, separated by commas")
    return ids


def _moment(name: str, text: str, zone: ZoneInfo, *, ends: bool = False) -> datetime:
    """A moment, or where a day begins, or where it ends."""
    try:
        if _DAY.fullmatch(text):
            # It ends where the next one begins, also where that is 23 or 25 hours later.
            return times.to_utc(date.fromisoformat(text) + timedelta(days=ends), zone)
        return times.to_utc(datetime.fromisoformat(text.replace(" ", "+")), zone)
    except (ValueError, OverflowError):
        raise Invalid.at(
            "query", name, type="datetime", msg="Use a date such as 2026-12-05"
        ) from None


def start_of_day(now: datetime, zone: ZoneInfo, days: int = 0) -> datetime:
    """Midnight in the zone, so many days from today; in UTC."""
    return times.to_utc(now.astimezone(zone).date() + timedelta(days=days), zone)


def _due(due: str, zone: ZoneInfo, now: datetime) -> ColumnElement[bool]:
    """What is still open alone: nobody is to be called who has joined, or is lost."""
    at = col(Lead.next_followup_date)
    if due == NONE:
        return at.is_(None)
    ends = {
        "overdue": now,
        "today": start_of_day(now, zone, 1),
        "week": start_of_day(now, zone, 7),
    }.get(due)
    # On SQLite an index over some rows alone is used only where the query says the same.
    open_ = and_(at.is_not(None), col(Lead.status).not_in((Status.JOINED, Status.DEAD)))
    return open_ if ends is None else and_(open_, at < ends)


def waited() -> ColumnElement[int]:
    """The whole seconds from a lead to its first call; null where it was not called."""
    return epoch(col(Lead.called_at)) - epoch(col(Lead.created_time))


def first_call(within: str, seconds: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Whether the first call came so soon; `seconds` are those `waited`, where they are known."""
    if within == NONE:
        return (col(Lead.called_at) if seconds is None else seconds).is_(None)
    seconds = waited() if seconds is None else seconds
    at_least, below = (_FIRST_CALL | _BESIDES)[within]
    found = []
    if at_least is not None:
        found.append(seconds >= at_least)
    if below is not None:
        found.append(seconds < below)
    return and_(*found)
