"""One lead with everything that is known about it, and its history."""

from collections.abc import Sequence
from typing import Any, cast

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import phones
from backend.core.access import Person, visible_to
from backend.core.database import rows
from backend.core.database.bulk_insert import among
from backend.core.database.rows import written
from backend.core.leads import consents, lead_phones, merged
from backend.core.leads.listing import NEWER, SHOWN, fetch
from backend.core.reasons import PHONE_ISSUES
from backend.models import Center, Comment, Form, Lead, LeadEvent, LeadOrigin, LeadPhone, User
from backend.schemas.history import HistoryFilter, HistoryLine
from backend.schemas.leads import (
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
    """Return a lead; for a merged lead, the one that it's part of now.

    `version` is the id of the last line of its history: every change adds one. Raises
    `LeadNotFound`, also for a lead of another center.
    """
    query = select(
        *SHOWN,
        col(Center.display_name).label("center_name"),
        col(Lead.birth_date),
    ).join_from(Lead, Center, col(Center.id) == col(Lead.center_id), isouter=True)
    query = query.where(visible_to(person))

    def read(id: int) -> dict[str, Any] | None:
        return next(iter(fetch(session, query.where(col(Lead.id) == id))), None)

    lead = merged.resolve(session, lead_id, read)
    lead_id = lead["id"]
    # What is newer comes last.
    newer = {name: lead.pop(name) for name in (*NEWER, "birth_date")}
    owner = newer.pop("owner")
    further = lead_phones.of(session, lead_id)
    main = lead["phone_e164"]
    numbers = further if main is None else [main, *further]
    origin = session.get(LeadOrigin, lead_id)
    return cast(
        LeadDetail,
        lead
        | {
            "household": _household(session, person, lead_id, numbers, is_test=lead["is_test"]),
            "origin": _origin(session, origin) if origin is not None else None,
            "answers": origin.answers if origin is not None else {},
            "version": version(session, lead_id),
            "phones": further,
            "phones_shown": [phones.shown(number) for number in further],
            "phone_message": PHONE_ISSUES.get(newer["phone_issue"]),
            **newer,
            "consents": consents.of_lead(session, lead_id),
            "owner": owner,
        },
    )


def version(session: Session, lead_id: int) -> int:
    """Return the id of the last line of a lead's history, or 0."""
    last = select(func.max(col(LeadEvent.id))).where(col(LeadEvent.lead_id) == lead_id)
    return session.connection().scalar(last) or 0


def versions(session: Session, ids: Sequence[int]) -> dict[int, int]:
    """Return the `version` of each of some leads."""
    found = dict.fromkeys(ids, 0)
    if found:
        own = col(LeadEvent.lead_id)
        query = select(own, func.max(col(LeadEvent.id))).where(among(session, own, ids))
        for id, last in session.connection().execute(query.group_by(own)):
            found[id] = last or 0
    return found


def _household(
    session: Session, person: Person, lead_id: int, numbers: Sequence[str], *, is_test: bool
) -> list[LeadRow]:
    if not numbers:
        return []
    own = select(col(Lead.id)).where(col(Lead.phone_key).in_(numbers))
    further = select(col(LeadPhone.lead_id)).where(col(LeadPhone.phone_key).in_(numbers))
    query = (
        select(*SHOWN)
        .where(
            col(Lead.id).in_(own.union_all(further)),
            col(Lead.id) != lead_id,
            col(Lead.is_test) == is_test,
            visible_to(person),
        )
        .order_by(col(Lead.id))
        .limit(_MOST_SIBLINGS)
    )
    return cast(list[LeadRow], fetch(session, query))


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

    For a merged lead it's the history of the lead that it's part of now. Raises `LeadNotFound`.
    """
    seen = select(col(Lead.id)).where(visible_to(person))

    def read(id: int) -> int | None:
        return session.connection().scalar(seen.where(col(Lead.id) == id))

    lead_id = merged.resolve(session, lead_id, read)
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
