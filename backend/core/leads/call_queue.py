"""The leads to call next: today's trials, follow-ups that are due, and new leads, in this order.

Parents who were promised a call come before those who haven't heard from the academy yet. Among
new leads those come first that were handed over because nobody called in time, then those whose
time is nearly over (`leads.first_calls`), then those of the last hour, since their parents still
have the form in mind, and then the oldest. A trial of today that someone has called about comes
back at its next date, or when it begins. A trial that is over and has no outcome yet is overdue;
one with an outcome isn't in the queue for its own sake. At the end are the leads that have no next
step: open, but neither new nor due at any time. So no open lead is out of sight: each is in the
queue, or will be at its next date or on the day of its trial, or is in the list of those that are
unreachable.

People are offered their own leads and the queues of their centers, which are the leads without an
owner; or only one of the two, or everyone's. Where both are due for the same reason, their own come
first. A lead that someone else has in hand isn't offered.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, cast
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    func,
    literal,
    literal_column,
    or_,
    select,
    true,
    union_all,
)
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.leads import call_filter, contact, detail, index_partitions, lead_claims
from backend.core.leads.filter_times import start_of_day
from backend.core.leads.listing import NEWER, SHOWN, fetch
from backend.core.leads.missed import IS_HANDED_OVER, IS_TIMED
from backend.core.leads.owner_filter import IS_OPEN, IS_OWNED
from backend.core.leads.work_filter import has_no_next_step
from backend.models import Lead, Role, Status
from backend.schemas.call_queue import NextFilter, NextLead, Queue
from backend.schemas.fields import MAX_ID

# Counts stop here: nobody needs to know how much more there is to do.
MOST = 1_000
# Leads that a request can skip.
MOST_SKIPPED = 100
# How long a part with `MOST` leads or more counts as having them: to count them takes longer than
# all the rest.
FULL_FOR = timedelta(minutes=1)
# Counted with the queue, though its leads aren't in it.
_UNREACHABLE = "unreachable"
# New leads that come before the others: they are counted among those.
_URGENT = "urgent"
# The time until which a new lead is to be called is nearly over.
NEARLY = timedelta(minutes=15)
FRESH = timedelta(hours=1)
# SQLite uses the indexes over these leads only for the indexes' own words.
_IN_QUEUE: ColumnElement[bool] = literal_column("lead.owner_id IS NULL")
_IS_NEW: ColumnElement[bool] = literal_column("lead.status = 'New'")
# No index over new leads has this: those that are handed over or timed have small indexes of their
# own, and PostgreSQL, while its statistics are old, would rather go through all new leads.
_IS_NEW_BY_HAND: ColumnElement[bool] = literal_column("(lead.status || '') = 'New'")


def show(session: Session, person: Person, wanted: NextFilter, zone: ZoneInfo) -> Queue:
    """Return the leads to call next; days are in the zone. Raises `Invalid`."""
    now = times.now()
    queues = _queues(person, zone, now, wanted.view)
    skipped = _ids(wanted.skip)
    leads: list[dict[str, Any]] = []
    seen = set(skipped)
    unreachable = Part(
        (*_shown_to(person), call_filter.IS_UNREACHABLE), None, of_status=True, rare=True
    )
    found = _counts(session, person, wanted.view, {**queues, _UNREACHABLE: [unreachable]})
    for why, parts in queues.items():
        for part, count in zip(parts, found[why], strict=True):
            many = wanted.limit - len(leads)
            # Most of what an empty part costs is the round trip.
            if many <= 0 or not count:
                continue
            # A lead that is due for two reasons is shown for the first one.
            for lead in _first(session, person, part, many + len(seen)):
                if lead["id"] not in seen and len(leads) < wanted.limit:
                    seen.add(lead["id"])
                    newer = {name: lead.pop(name) for name in NEWER}
                    leads.append({**lead, "why": "new" if why == _URGENT else why, **newer})
    versions = detail.versions(session, [lead["id"] for lead in leads])
    for lead in leads:
        lead["version"] = versions[lead["id"]]
    counts = {why: min(MOST, sum(each)) for why, each in found.items()}
    beyond, _ = counts.pop(_UNREACHABLE), counts.pop(_URGENT)
    return {"leads": cast(list[NextLead], leads), "counts": counts, "unreachable": beyond}


@dataclass(frozen=True, slots=True)
class Part:
    """The conditions of some leads and the column by which they are sorted; `down` is descending.

    Leads `of_status` are few of all leads and of one status: they are read center by center.
    `rare` ones have a small index of their own.
    """

    conditions: Sequence[ColumnElement[bool]]
    column: Any
    down: bool = False
    of_status: bool = False
    rare: bool = False


def _queues(
    person: Person, zone: ZoneInfo, now: datetime, view: str | None
) -> dict[str, list[Part]]:
    """Return the parts of a view by the reason, with a person's own leads first."""
    reasons = _reasons(person, zone, now)
    if view == "all" or (view is None and person.role == Role.OBSERVER):
        return reasons
    return {
        why: [each for part in parts for each in _divided(part, person, view)]
        for why, parts in reasons.items()
    }


def _divided(part: Part, person: Person, view: str | None) -> Iterator[Part]:
    if view != "center":
        # An index has them in order, so there is no need to read them center by center.
        own = (*part.conditions, IS_OWNED, col(Lead.owner_id) == person.id, IS_OPEN)
        yield replace(part, conditions=own, of_status=False)
    if view != "mine":
        yield replace(part, conditions=(*part.conditions, _IN_QUEUE))


def _reasons(person: Person, zone: ZoneInfo, now: datetime) -> dict[str, list[Part]]:
    seen = (*_shown_to(person), contact.allowed(), lead_claims.free_for(person, now))
    trial, due, created = col(Lead.trial_at), col(Lead.next_followup_date), col(Lead.created_time)
    today = start_of_day(now, zone)
    is_booked = col(Lead.status) == Status.TRIAL_SCHEDULED
    # Nobody has said yet how the trial went.
    is_unsettled = col(Lead.trial_outcome).is_(None)
    trials = (
        *seen,
        trial.is_not(None),
        trial >= today,
        trial < start_of_day(now, zone, 1),
        is_booked,
        is_unsettled,
        _is_to_be_called(now, today),
    )
    follow_ups = (*seen, due.is_not(None), col(Lead.status).not_in((Status.JOINED, Status.DEAD)))
    # A lead with a next date is called then.
    new = (*seen, _IS_NEW, due.is_(None))
    by = col(Lead.call_by)
    urgent = (*seen, _IS_NEW_BY_HAND, due.is_(None))
    is_reachable = col(Lead.unreachable_since).is_(None)
    # Without a next date nothing else would show them.
    forgotten = (*seen, is_booked, trial < today, due.is_(None), is_unsettled, is_reachable)
    no_next_step = (*seen, has_no_next_step())
    return {
        "trial": [Part(trials, trial)],
        "overdue": [
            Part((*follow_ups, due < today), due),
            Part(forgotten, created, of_status=True),
        ],
        "due": [Part((*follow_ups, due >= today, due <= now), due)],
        _URGENT: [
            Part((*urgent, IS_HANDED_OVER), col(Lead.handed_over_at), of_status=True, rare=True),
            Part((*urgent, IS_TIMED, by <= now + NEARLY), by),
        ],
        "new": [
            Part((*new, created > now - FRESH), created, down=True, of_status=True),
            Part((*new, created <= now - FRESH), created, of_status=True),
        ],
        "no_next_step": [Part(no_next_step, created, down=True, of_status=True, rare=True)],
    }


def _is_to_be_called(now: datetime, today: datetime) -> ColumnElement[bool]:
    """Return the condition that someone should call about a trial of today now.

    Once someone has called today, or if the next date comes before the trial, that is at the next
    date or when the trial has begun: two people don't call a parent within a minute.
    """
    trial, due, last = col(Lead.trial_at), col(Lead.next_followup_date), col(Lead.last_attempt_at)
    is_called = and_(last.is_not(None), last >= today)
    return or_(trial <= now, due <= now, and_(~is_called, or_(due.is_(None), due > trial)))


def _shown_to(person: Person) -> tuple[ColumnElement[bool], ...]:
    return visible_to(person, in_order=True), col(Lead.is_test).is_(False)


def _first(session: Session, person: Person, part: Part, many: int) -> list[dict[str, Any]]:
    column, conditions = part.column, part.conditions
    order = (column.desc(), col(Lead.id).desc()) if part.down else (column, col(Lead.id))
    if part.of_status:
        conditions = [col(Lead.id).in_(_of_status(session, person, part, many))]
    query = select(*SHOWN).where(*conditions).order_by(*order).limit(many)
    return fetch(session, query)


# When each part had `MOST` leads or more, by whose queue it is in and its place there.
_Full = dict[tuple[Person, str | None, str, int], datetime]
_full: WeakKeyDictionary[Engine | Connection, _Full] = WeakKeyDictionary()
_MOST_FULL = 10_000


def _counts(
    session: Session, person: Person, view: str | None, queues: dict[str, list[Part]]
) -> dict[str, list[int]]:
    """Return how many leads each part has, up to about `MOST`, by one statement."""
    # A count needs no order, so the centers need no partition each.
    centers = index_partitions.of_all_centers(session, person)
    # Without statistics, SQLite takes the wrong one of several indexes over centers.
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    now = times.now()
    full = _full.setdefault(session.get_bind(), {})
    if len(full) > _MOST_FULL:
        full.clear()
    counts = {why: [0] * len(parts) for why, parts in queues.items()}
    each = []
    for why, parts in queues.items():
        for at, part in enumerate(parts):
            since = full.get((person, view, why, at))
            if since is not None and timedelta() <= now - since < FULL_FOR:
                counts[why][at] = MOST
                continue
            by_center = part.of_status and not (part.rare and is_sqlite)
            for center in centers if by_center else [true()]:
                some = select(col(Lead.id)).where(center, *part.conditions).limit(MOST)
                count = select(literal(why), literal(at), func.count())
                each.append(count.select_from(some.subquery()))
    if not each:
        return counts
    for why, at, many in session.connection().execute(union_all(*each)):
        counts[why][at] += many
        if counts[why][at] >= MOST:
            full[person, view, why, at] = now
    return counts


def _of_status(session: Session, person: Person, part: Part, many: int) -> Select[Any]:
    centers = index_partitions.of_centers(session, person)
    return index_partitions.firsts(centers, part.conditions, part.column, many, down=part.down)


def _ids(text: str | None) -> set[int]:
    parts = {part.strip() for part in (text or "").split(",") if part.strip()}
    ids = {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 11}
    if len(ids) != len(parts) or any(id > MAX_ID for id in ids) or len(ids) > MOST_SKIPPED:
        msg = f"Use at most {MOST_SKIPPED} lead ids, separated by commas"
        raise Invalid.at("query", "skip", msg=msg)
    return ids
