"""Consents of a lead: the boxes of forms, with what each said, and those that people record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.database import pipeline, rows
from backend.core.database.rows import written
from backend.core.errors import ConsentNotFound, Invalid
from backend.core.leads import changes, contact
from backend.core.leads.history import event
from backend.models import Consent, EventKind, Source
from backend.schemas.leads import ConsentOut
from backend.schemas.privacy import NewConsent


@dataclass(frozen=True, slots=True)
class Box:
    """A consent box as it was sent at a time (UTC); `text` is None where it isn't known yet."""

    key: str
    granted: bool
    source: str
    at: datetime
    text: str | None = None
    form_id: str | None = None

    @property
    def new(self) -> pipeline.New:
        """The row that keeps it, but for its lead."""
        row: dict[str, Any] = {
            "key": self.key,
            "text": self.text,
            "granted": self.granted,
            "source": self.source,
            "at": self.at,
            "form_id": self.form_id,
        }
        return "consent", row


def add_missing(session: Session, lead_id: int, boxes: Sequence[Box]) -> None:
    """Add boxes of an enquiry that is known already, such as one from a spreadsheet without them.

    A box that the lead has with exactly the same time isn't added again.
    """
    if not boxes:
        return
    query = select(col(Consent.key), col(Consent.at)).where(col(Consent.lead_id) == lead_id)
    known = {(key, at) for key, at in session.connection().execute(query)}
    new = [box.new for box in boxes if (box.key, box.at) not in known]
    if new:
        pipeline.run(session, *(pipeline.adding(table, lead_id, row) for table, row in new))


def add(
    session: Session, person: Person, lead_id: int, given: NewConsent, zone: ZoneInfo
) -> tuple[int, int]:
    """Record a consent that a person was given. Returns the ids of the lead and the consent.

    Times without an offset are in the `zone`. Raises `LeadNotFound`, and `Invalid` for a time.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    now = times.now()
    consent = Consent(
        lead_id=lead.id,
        key=given.key,
        text=given.text,
        granted=given.granted,
        source=Source.MANUAL,
        at=_moment(given.at, zone) if given.at else now,
        channel=given.channel,
        version=given.version,
        user_id=person.id,
    )
    session.add(consent)
    session.add(event(lead.id, now, EventKind.CONSENT, person.id, key=given.key))
    session.flush()
    assert consent.id is not None
    return lead.id, consent.id


def _moment(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = times.read(text, zone)
    except ValueError:
        message = "Use a date such as 2026-11-05"
    else:
        if at <= times.now():
            return at
        message = "Use a date that isn't in the future"
    raise Invalid.at("body", "at", type="datetime", msg=message)


def withdraw(
    session: Session, person: Person, lead_id: int, consent_id: int | None = None
) -> tuple[int, list[int]]:
    """Withdraw one consent, or all that count. Returns the ids of the lead and the consents.

    Without a `consent_id` the lead must not be contacted any more. Raises `LeadNotFound`, and
    `ConsentNotFound` for one that isn't there or doesn't count.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    own = [
        col(Consent.lead_id) == lead.id,
        col(Consent.granted).is_(True),
        col(Consent.withdrawn_at).is_(None),
    ]
    if consent_id is not None:
        own.append(col(Consent.id) == consent_id)
    now = times.now()
    found = list(session.scalars(select(Consent).where(*own).order_by(col(Consent.id))))
    if consent_id is not None and not found:
        raise ConsentNotFound
    for one in found:
        one.withdrawn_at, one.withdrawn_by = now, person.id
        withdrawn = EventKind.CONSENT_WITHDRAWN
        session.add(event(lead.id, now, withdrawn, person.id, key=one.key))
    if consent_id is None:
        contact.change(session, person, lead, allowed=False)
    session.flush()
    return lead.id, [one.id for one in found if one.id is not None]


def set_texts(session: Session, form_id: str, texts: Mapping[str, str]) -> None:
    """Give the boxes of a form their texts, where they came before the texts were known."""
    for key, text in texts.items():
        session.connection().execute(
            update(Consent)
            .where(
                col(Consent.form_id) == form_id,
                col(Consent.key) == key,
                col(Consent.text).is_(None),
            )
            .values(text=text)
        )


def of_lead(session: Session, lead_id: int) -> list[ConsentOut]:
    """Return the boxes of a lead, the newest enquiry first, and those of each by their keys."""
    query = (
        select(
            col(Consent.key),
            col(Consent.text),
            col(Consent.granted),
            col(Consent.source),
            written(col(Consent.at)).label("at"),
            col(Consent.form_id),
            col(Consent.id),
            col(Consent.channel),
            col(Consent.version),
            written(col(Consent.withdrawn_at)).label("withdrawn_at"),
        )
        .where(col(Consent.lead_id) == lead_id)
        .order_by(col(Consent.at).desc())
    )
    found = cast(list[ConsentOut], rows.fetch(session, query))
    # Neither the ids nor the databases' own order of texts are the same on both.
    enquiries = groupby(found, key=itemgetter("at"))
    return [box for _, boxes in enquiries for box in sorted(boxes, key=itemgetter("key"))]
