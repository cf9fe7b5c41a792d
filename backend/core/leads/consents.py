"""Consent boxes of forms: kept with the lead, with what each box said and whether it was ticked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core.database import pipeline, rows
from backend.core.database.rows import written
from backend.models import Consent
from backend.schemas.leads import ConsentOut


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
        )
        .where(col(Consent.lead_id) == lead_id)
        .order_by(col(Consent.at).desc())
    )
    found = cast(list[ConsentOut], rows.fetch(session, query))
    # Neither the ids nor the databases' own order of texts are the same on both.
    enquiries = groupby(found, key=itemgetter("at"))
    return [box for _, boxes in enquiries for box in sorted(boxes, key=itemgetter("key"))]
