"""Which leads a list has, as conditions on the table `lead`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, false, or_
from sqlmodel import col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.rows import later
from backend.models import Lead, Status
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadFilter

NONE = "none"
_COLUMNS = {
    "status": Lead.status,
    "source": Lead.source,
    "campaign": Lead.campaign,
    "age_category": Lead.player_age_category,
    "lost_reason": Lead.lost_reason,
}
_REACHED = {
    "called": Lead.called_at,
    "trial": Lead.trialled_at,
    "joined": Lead.joined_at,
    "lost": Lead.lost_at,
}
# In seconds from the lead to its first call: from, and up to.
FIRST_CALL: dict[str, tuple[float, float | None]] = {
    "5m": (float("-inf"), 300),
    "1h": (300, 3600),
    "1d": (3600, 86400),
    "later": (86400, None),
}


def conditions(
    person: Person, wanted: LeadFilter, zone: ZoneInfo, now: datetime
) -> list[ColumnElement[bool]]:
    """What holds of the leads that a person may see and has asked for. Raises `Invalid`.

    A day is one of the `zone`. The search by `q` is not among them: see `search`.
    """
    return [visible_to(person), *_wanted(wanted, zone, now)]


def _wanted(wanted: LeadFilter, zone: ZoneInfo, now: datetime) -> Iterator[ColumnElement[bool]]:
    for name, column in _COLUMNS.items():
        if given := _listed(getattr(wanted, name)):
            known = col(column).in_([one for one in given if one != NONE])
            yield or_(known, col(column).is_(None)) if NONE in given else known
    if given := _listed(wanted.center_id):
        yield _centers(given)
    if wanted.created_from:
        yield col(Lead.created_time) >= _moment("created_from", wanted.created_from, zone)
    if wanted.created_to:
        day = timedelta(days=1) if len(wanted.created_to) == 10 else timedelta(0)
        yield col(Lead.created_time) < _moment("created_to", wanted.created_to, zone, day)
    if wanted.due is not None:
        yield _due(wanted.due, zone, now)
    if wanted.reached is not None:
        yield col(_REACHED[wanted.reached]).is_not(None)
    if wanted.first_call is not None:
        yield _first_call(wanted.first_call)
    if wanted.test != "any":
        yield col(Lead.is_test).is_(wanted.test == "yes")


def _listed(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _centers(given: list[str]) -> ColumnElement[bool]:
    ids = [int(one) for one in given if one != NONE and one.isascii() and one.isdigit()]
    if len(ids) + given.count(NONE) != len(given) or any(id > MAX_ID for id in ids):
        raise Invalid.at("query", "center_id", msg="Centers are given by their ids, with commas")
    known = col(Lead.center_id).in_(ids) if ids else false()
    return or_(known, col(Lead.center_id).is_(None)) if NONE in given else known


def _moment(name: str, text: str, zone: ZoneInfo, more: timedelta = timedelta(0)) -> datetime:
    try:
        # The day ends where the next one begins, also where that is 23 or 25 hours later.
        value = datetime.fromisoformat(text.replace(" ", "+")) + more
        return times.to_utc(value, zone)
    except (ValueError, OverflowError):
        raise Invalid.at(
            "query", name, type="datetime", msg="A day is written 2026-12-05"
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


def _first_call(within: str) -> ColumnElement[bool]:
    called = col(Lead.called_at)
    if within == NONE:
        return called.is_(None)
    at_least, below = FIRST_CALL[within]
    created = col(Lead.created_time)
    found: list[ColumnElement[bool]] = [called.is_not(None)]
    if at_least > float("-inf"):
        found.append(called >= later(created, at_least))
    if below is not None:
        found.append(called < later(created, below))
    return and_(*found)
