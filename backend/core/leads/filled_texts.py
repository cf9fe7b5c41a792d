"""Fill in the WhatsApp texts for a lead: which of them fit, and what their placeholders stand for.

A text is offered only if there is a value for each of its placeholders.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.core.leads import merged, message_texts
from backend.models import Center, Lead, MessageText, User
from backend.schemas.message_texts import PLACEHOLDER, FilledText

_OF_LEAD: tuple[Any, ...] = (
    col(Lead.player_name),
    col(Lead.status),
    col(Lead.center_id),
    col(Lead.trial_at),
    col(Lead.do_not_contact),
    col(Center.display_name).label("center"),
)


def of_lead(session: Session, person: Person, lead_id: int, zone: ZoneInfo) -> list[FilledText]:
    """Return the texts to choose from for a lead, filled in, by their names.

    There are none for one that must not be contacted. Times are in `zone`, the academy's. Raises
    `LeadNotFound`.
    """
    query = select(*_OF_LEAD).join_from(
        Lead, Center, col(Center.id) == col(Lead.center_id), isouter=True
    )
    query = query.where(visible_to(person))
    connection = session.connection()

    def read(id: int) -> Any:
        return connection.execute(query.where(col(Lead.id) == id)).one_or_none()

    lead = merged.resolve(session, lead_id, read)
    if lead.do_not_contact:
        return []
    caller = connection.scalar(select(col(User.full_name)).where(col(User.id) == person.id))
    values = {
        "name": lead.player_name,
        "center": lead.center,
        "trial": lead.trial_at and spoken(lead.trial_at, zone),
        "caller": caller,
    }
    wanted = select(MessageText).where(
        col(MessageText.archived_at).is_(None),
        col(MessageText.center_id).is_(None) | (col(MessageText.center_id) == lead.center_id),
    )
    texts = _without_replaced(session.scalars(wanted))
    return [
        {"id": one.id, "label": one.label, "message": message}
        for one in texts
        if one.id is not None
        and one.status in (None, lead.status)
        and (message := fill(one.message, values)) is not None
    ]


def _without_replaced(texts: Iterable[MessageText]) -> list[MessageText]:
    """Return the texts by their names; one of the center wins over the one for all."""
    by_name: dict[str, MessageText] = {}
    for one in texts:
        name = message_texts.fold(one.label)
        if one.center_id is not None or name not in by_name:
            by_name[name] = one
    return [by_name[name] for name in sorted(by_name)]


def fill(message: str, values: dict[str, str | None]) -> str | None:
    """Return the message with its placeholders filled in, or None if there is no value for one.

    What is filled in isn't looked at again: a name with braces stays as it is.
    """
    if not all(values.get(found[1]) for found in PLACEHOLDER.finditer(message)):
        return None
    return PLACEHOLDER.sub(lambda found: values[found[1]] or "", message)


def spoken(at: datetime, zone: ZoneInfo) -> str:
    """Return a time as people say it: `Saturday, 5 December at 4:30 pm`.

    The day always has its date, since a message may be read on another day.
    """
    local = at.astimezone(zone)
    hour, half = local.hour % 12 or 12, "am" if local.hour < 12 else "pm"
    clock = f"{hour}:{local.minute:02}" if local.minute else f"{hour}"
    return f"{local:%A}, {local.day} {local:%B} at {clock} {half}"
