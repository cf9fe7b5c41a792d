"""Make texts of the bytes that a script has stored in a lead.

SQLite keeps bytes in a column of texts; PostgreSQL doesn't take them. They can be neither searched
nor written as JSON, so the search index, which is the first to read the lead that a script has
added, makes texts of them.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, or_, select, update
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among
from backend.models import Lead

_TEXTS: tuple[Any, ...] = (
    col(Lead.player_name), col(Lead.player_age_category), col(Lead.phone), col(Lead.email),
    col(Lead.address), col(Lead.status), col(Lead.leadgen_id), col(Lead.source),
    col(Lead.campaign), col(Lead.lost_reason), col(Lead.lost_reason_text), col(Lead.phone_key),
    col(Lead.name_key), col(Lead.email_key), col(Lead.phone_issue), col(Lead.phone_extension),
    col(Lead.trial_outcome), col(Lead.last_outcome), col(Lead.wrong_phone),
)  # fmt: skip


def make_texts(session: Session, ids: Sequence[int]) -> int:
    """Replace the bytes in some leads with texts, and return in how many.

    What isn't UTF-8 in them becomes U+FFFD.
    """
    if session.get_bind().dialect.name != "sqlite":
        return 0
    has_bytes = or_(*(func.typeof(text) == "blob" for text in _TEXTS))
    query = select(col(Lead.id), *_TEXTS).where(among(session, col(Lead.id), ids), has_bytes)
    connection = session.connection()
    found = connection.execute(query).all()
    for id, *values in found:
        texts = {
            text.name: value.decode(errors="replace")
            for text, value in zip(_TEXTS, values, strict=True)
            if isinstance(value, bytes)
        }
        connection.execute(update(Lead).where(col(Lead.id) == id).values(**texts))
    return len(found)
