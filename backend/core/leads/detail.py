"""One lead with everything that is known about it, and its history."""

from typing import Any, cast

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.core.database import rows
from backend.core.database.rows import written
from backend.core.errors import LeadNotFound
from backend.core.leads import consents
from backend.core.leads.listing import SHOWN
from backend.models import Center, Comment, Form, Lead, LeadEvent, LeadOrigin, User
from backend.schemas.leads import (
    HistoryFilter,
    HistoryLine,
    LeadDetail,
    LeadRow,
    Origin,
)

# Of a household at most this many are shown: a phone that hundreds share is no household.
_MOST_SIBLINGS = 50
_ORIGIN = (
    "platform", "form_id", "form_name", "ad_name", "adset_name", "campaign_name", "is_organic",
)  # fmt: skip


def show(session: Session, person: Person, lead_id: int) -> LeadDetail:
    """Return a lead. Raises `LeadNotFound`, also for a lead of another center.

    `version` is the id of the last line of its history: every change adds one.
    """
    query = select(*SHOWN, col(Center.display_name).label("center_name")).join_from(
        Lead, Center, col(Center.id) == col(Lead.center_id), isouter=True
    )
    found = rows.fetch(session, query.where(col(Lead.id) == lead_id, visible_to(person)))
    if not found:
        raise LeadNotFound
    lead = found[0]
    phone = lead["phone_e164"]
    origin = session.get(LeadOrigin, lead_id)
    return cast(
        LeadDetail,
        lead
        | {
            "household": _household(session, person, lead_id, phone, is_test=lead["is_test"]),
            "origin": _origin(session, origin) if origin is not None else None,
            "answers": origin.answers if origin is not None else {},
            "version": version(session, lead_id),
            "consents": consents.of_lead(session, lead_id),
        },
    )


def version(session: Session, lead_id: int) -> int:
    """Return the id of the last line of a lead's history, or 0."""
    last = select(func.max(col(LeadEvent.id))).where(col(LeadEvent.lead_id) == lead_id)
    return session.connection().scalar(last) or 0


def _household(
    session: Session, person: Person, lead_id: int, phone: str | None, *, is_test: bool
) -> list[LeadRow]:
    if phone is None:
        return []
    query = (
        select(*SHOWN)
        .where(
            col(Lead.phone_key) == phone,
            col(Lead.id) != lead_id,
            col(Lead.is_test) == is_test,
            visible_to(person),
        )
        .order_by(col(Lead.id))
        .limit(_MOST_SIBLINGS)
    )
    return cast(list[LeadRow], rows.fetch(session, query))


def _origin(session: Session, origin: LeadOrigin) -> Origin:
    found = {name: getattr(origin, name) for name in _ORIGIN}
    if found["form_name"] is None and origin.form_id is not None:
        # Meta tells the name of a form, but not with each lead.
        name = select(col(Form.name)).where(col(Form.id) == origin.form_id)
        found["form_name"] = session.connection().scalar(name)
    return cast(Origin, found)


def history(
    session: Session, person: Person, lead_id: int, wanted: HistoryFilter
) -> list[HistoryLine]:
    """Return a lead's history, the newest first; a comment has its `text`.

    Raises `LeadNotFound`.
    """
    seen = select(col(Lead.id)).where(col(Lead.id) == lead_id, visible_to(person))
    if session.connection().scalar(seen) is None:
        raise LeadNotFound
    query = (
        select(
            col(LeadEvent.id),
            written(col(LeadEvent.at)).label("at"),
            col(LeadEvent.kind),
            col(User.full_name).label("who"),
            col(LeadEvent.data),
        )
        .join_from(LeadEvent, User, col(User.id) == col(LeadEvent.user_id), isouter=True)
        .where(col(LeadEvent.lead_id) == lead_id)
        .order_by(col(LeadEvent.id).desc())
        .limit(wanted.limit)
    )
    if wanted.before is not None:
        query = query.where(col(LeadEvent.id) < wanted.before)
    lines = rows.fetch(session, query)
    for line in lines:
        line["data"] = orjson.loads(line["data"])
    texts = _texts(session, [line["data"].get("comment_id") for line in lines])
    for line in lines:
        if (text := texts.get(line["data"].get("comment_id"))) is not None:
            line["data"]["text"] = text
    return cast(list[HistoryLine], lines)


def _texts(session: Session, ids: list[Any]) -> dict[Any, str]:
    query = select(col(Comment.id), col(Comment.text)).where(
        col(Comment.id).in_([id for id in ids if id is not None])
    )
    return {comment.id: comment.text for comment in session.connection().execute(query)}
