"""The trail for people: the newest events first, filtered."""

from datetime import datetime
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.errors import Invalid
from backend.models import AuditEvent, User
from backend.schemas.audit import AuditFilter, AuditLine


def list_page(session: Session, wanted: AuditFilter, zone: ZoneInfo) -> list[AuditLine]:
    """Return one page of events. Raises `Invalid` for a time that can't be read."""
    query = (
        select(AuditEvent, col(User.full_name))
        .join(User, col(User.id) == col(AuditEvent.user_id), isouter=True)
        .order_by(col(AuditEvent.id).desc())
        .limit(wanted.limit)
    )
    if wanted.event:
        query = query.where(col(AuditEvent.event).in_(wanted.event))
    for name in ("user_id", "subject", "subject_id"):
        if (value := getattr(wanted, name)) is not None:
            query = query.where(getattr(AuditEvent, name) == value)
    if wanted.before is not None:
        query = query.where(col(AuditEvent.id) < wanted.before)
    if wanted.since:
        query = query.where(col(AuditEvent.at) >= _moment("since", wanted.since, zone))
    if wanted.until:
        query = query.where(col(AuditEvent.at) < _moment("until", wanted.until, zone))
    return [_line(event, name) for event, name in session.execute(query)]


def _moment(field: str, text: str, zone: ZoneInfo) -> datetime:
    try:
        return times.read(text, zone)
    except ValueError as error:
        raise Invalid.at("query", field, msg="Enter a date such as 2026-11-28") from error


def _line(event: AuditEvent, name: str | None) -> AuditLine:
    return {
        "id": event.id,
        "at": event.at,
        "event": event.event,
        "user_id": event.user_id,
        "user_name": name,
        "subject": event.subject,
        "subject_id": event.subject_id,
        "address": event.address,
        "data": orjson.loads(event.data) if event.data else {},
    }
