"""Repair what a script has stored in a lead: bytes as a text, and no id as its center or owner.

SQLite keeps both; PostgreSQL doesn't take them. Bytes can be neither searched nor written as JSON,
and a lead whose center or owner is no id is in no call queue. So the search index, which is the
first to read the lead that a script has added, makes texts of the bytes, and takes the lead out of
the center or the owner that it can't have. All that reads a lead before that takes it so, too.
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


_IDS: tuple[Any, ...] = (col(Lead.center_id), col(Lead.owner_id))


def repair(session: Session, ids: Sequence[int]) -> int:
    """Replace the bytes in some leads with texts, and what is no id with null.

    What isn't UTF-8 in the bytes becomes U+FFFD. Returns in how many leads something was replaced.
    """
    if session.get_bind().dialect.name != "sqlite":
        return 0
    has_bytes = or_(*(func.typeof(text) == "blob" for text in _TEXTS))
    no_ids = [func.typeof(one).not_in(("integer", "null")) for one in _IDS]
    query = select(col(Lead.id), *_TEXTS, *no_ids)
    query = query.where(among(session, col(Lead.id), ids), or_(has_bytes, *no_ids))
    connection = session.connection()
    found = connection.execute(query).all()
    for id, *values in found:
        repaired: dict[str, str | None] = {
            text.name: value.decode(errors="replace")
            for text, value in zip(_TEXTS, values, strict=False)
            if isinstance(value, bytes)
        }
        broken = zip(_IDS, values[len(_TEXTS) :], strict=True)
        repaired |= {one.name: None for one, is_broken in broken if is_broken}
        connection.execute(update(Lead).where(col(Lead.id) == id).values(**repaired))
    return len(found)
