"""Whom to call now: trials of today, follow-ups that are due, and new leads, in this order.

Whoever was promised a call comes before whoever has not heard from us yet; among the new, those of
the last hour come first, since they still have the form in mind, and then the oldest.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.core import rows, times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid
from backend.core.leads import filters, pieces
from backend.core.leads.listing import SHOWN
from backend.models import Lead, Status
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import NextFilter, NextLead, Queue

# A count ends here: who has more to do than that need not know how much more.
MOST = 1_000
FRESH = timedelta(hours=1)


def show(session: Session, person: Person, wanted: NextFilter, zone: ZoneInfo) -> Queue:
    """Raises `Invalid`. What is due `today` is so in the zone."""
    now = times.now()
    queues = _queues(person, zone, now)
    skipped = _ids(wanted.skip)
    leads: list[dict[str, Any]] = []
    seen = set(skipped)
    for why, parts in queues.items():
        for part in parts:
            many = wanted.limit - len(leads)
            if many <= 0:
                break
            # One lead may be due for two reasons: it is called for the first.
            for lead in _first(session, person, why, part, many + len(seen)):
                if lead["id"] not in seen and len(leads) < wanted.limit:
                    seen.add(lead["id"])
                    leads.append(lead | {"why": why})
    counts = {why: _count(session, person, why, parts) for why, parts in queues.items()}
    return {"leads": cast(list[NextLead], leads), "counts": counts}


# Conditions, the column to sort by, and whether downwards.
Part = tuple[Sequence[ColumnElement[bool]], Any, bool]


def _queues(person: Person, zone: ZoneInfo, now: datetime) -> dict[str, list[Part]]:
    seen = (visible_to(person, in_order=True), col(Lead.is_test).is_(False))
    trial, due, created = col(Lead.trial_at), col(Lead.next_followup_date), col(Lead.created_time)
    today = filters.start_of_day(now, zone)
    trials = (
        *seen,
        trial.is_not(None),
        trial >= today,
        trial < filters.start_of_day(now, zone, 1),
        col(Lead.status) == Status.TRIAL_SCHEDULED,
    )
    follow_ups = (*seen, due.is_not(None), col(Lead.status).not_in((Status.JOINED, Status.DEAD)))
    # A lead with a next date is called then.
    new = (*seen, col(Lead.status) == Status.NEW, due.is_(None))
    return {
        "trial": [(trials, trial, False)],
        "overdue": [((*follow_ups, due < today), due, False)],
        "due": [((*follow_ups, due >= today, due <= now), due, False)],
        "new": [
            ((*new, created > now - FRESH), created, True),
            ((*new, created <= now - FRESH), created, False),
        ],
    }


def _first(
    session: Session, person: Person, why: str, part: Part, many: int
) -> list[dict[str, Any]]:
    conditions, column, down = part
    order = (column.desc(), col(Lead.id).desc()) if down else (column, col(Lead.id))
    if why == "new":
        centers = pieces.of_centers(session, person)
        each = pieces.firsts(centers, conditions, column, many, down=down)
        conditions = [col(Lead.id).in_(each)]
    query = select(*SHOWN).where(*conditions).order_by(*order).limit(many)
    return rows.fetch(session, query)


def _count(session: Session, person: Person, why: str, parts: Sequence[Part]) -> int:
    count = 0
    for part in parts:
        some = select(col(Lead.id)).where(*part[0]).limit(MOST - count)
        if why == "new":
            conditions, column, down = part
            centers = pieces.of_centers(session, person)
            some = pieces.firsts(centers, conditions, column, MOST - count, down=down)
            some = some.limit(MOST - count)
        found = session.connection().scalar(select(func.count()).select_from(some.subquery()))
        count += found or 0
    return count


def _ids(text: str | None) -> set[int]:
    parts = {part.strip() for part in (text or "").split(",") if part.strip()}
    ids = {int(part) for part in parts if part.isascii() and part.isdigit() and len(part) < 11}
    if len(ids) != len(parts) or any(id > MAX_ID for id in ids) or len(ids) > 100:
        raise Invalid.at("query", "skip", msg="Send at most 100 ids of leads, with commas")
    return ids
