"""Leads: the list, and what people note on one."""

import re
from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import rows, times
from backend.core.access import Person, visible_to
from backend.core.errors import Invalid, LeadNotFound
from backend.core.history import event
from backend.core.rows import written
from backend.models import Comment, EventKind, Lead, Status
from backend.schemas.leads import LeadChange, LeadOut

# What clients that know no null write for 'not given'.
_NOT_GIVEN = (None, "", "None")
_STATUSES = frozenset(Status)
# The `+` of an offset that a client did not encode reads as a space.
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)")


def list_mine(session: Session, person: Person) -> list[LeadOut]:
    """All leads that a person may see, oldest first, as they are answered."""
    query = (
        select(
            col(Lead.id),
            written(col(Lead.created_time)).label("created_time"),
            col(Lead.player_name),
            col(Lead.player_age_category),
            col(Lead.phone),
            col(Lead.email),
            col(Lead.address),
            col(Lead.status),
            written(col(Lead.next_followup_date)).label("next_followup_date"),
            col(Lead.center_id),
        )
        .where(visible_to(person))
        .order_by(col(Lead.id))
    )
    return cast(list[LeadOut], rows.fetch(session, query))


def update(
    session: Session, person: Person, lead_id: int, change: LeadChange, zone: ZoneInfo
) -> None:
    """Notes the outcome of a call: a status, and where they are given a follow-up and a comment.

    Raises `LeadNotFound`, also for a lead of another center, and `Invalid`.
    """
    query = select(Lead).where(col(Lead.id) == lead_id, visible_to(person)).with_for_update()
    lead = session.scalars(query).one_or_none()
    if lead is None:
        raise LeadNotFound
    # An old installation may have other statuses. A lead may keep its own.
    if change.status not in _STATUSES and change.status != lead.status:
        raise Invalid.at(
            "query", "status", type="enum", msg=f"A status is one of: {', '.join(Status)}"
        )
    now = times.now()
    if change.status != lead.status:
        change_of = {"from": lead.status, "to": change.status}
        session.add(event(lead_id, now, EventKind.STATUS, person.id, **change_of))
        lead.status = change.status
    if change.next_date not in _NOT_GIVEN:
        follow_up = _follow_up(change.next_date or "", zone)
        if follow_up != lead.next_followup_date:
            change_of_date = {"from": lead.next_followup_date, "to": follow_up}
            session.add(event(lead_id, now, EventKind.FOLLOW_UP, person.id, **change_of_date))
            lead.next_followup_date = follow_up
    if change.comment:
        comment = Comment(text=change.comment, timestamp=now, user_id=person.id, lead_id=lead_id)
        session.add(comment)
        session.flush()
        session.add(event(lead_id, now, EventKind.COMMENT, person.id, comment_id=comment.id))


def _follow_up(text: str, zone: ZoneInfo) -> datetime:
    try:
        return times.read_iso(_LOST_PLUS.sub(r"\1+\2", text.strip()), zone)
    except ValueError as error:
        raise Invalid.at(
            "query",
            "next_date",
            type="datetime",
            msg="A date is written 2026-12-05, or 2026-12-05T16:30:00 with or without an offset",
        ) from error
