"""Leads that may be one, which a person has to judge: they share an email, and not a phone."""

from typing import Any, cast

from sqlalchemy import func, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.database import rows, upsert
from backend.core.database.rows import written
from backend.core.errors import LeadNotFound
from backend.models import Lead, NotDuplicate
from backend.schemas.duplicates import DuplicateFilter, DuplicatePair, NotDuplicates

# An email of more leads than that is nobody's, such as `na@na.com`: ten thousand of them would be
# fifty million pairs.
MOST_OF_ONE_EMAIL = 20

_SHOWN = ("id", "created_time", "player_name", "phone", "status", "center_id")


def list_page(session: Session, wanted: DuplicateFilter) -> list[DuplicatePair]:
    """Pairs that no one has judged, the newest first, that is by the id of the second lead.

    Not those of an email that is nobody's.
    """
    first, second = aliased(Lead), aliased(Lead)
    judged = select(col(NotDuplicate.first_id)).where(
        col(NotDuplicate.first_id) == first.id, col(NotDuplicate.second_id) == second.id
    )
    # Few emails have several leads: to find those by the index alone is the most of the work.
    shared = (
        select(col(Lead.email_key))
        # In old databases there are emails such as `NaN`.
        .where(col(Lead.email_key).contains("@"))
        .group_by(col(Lead.email_key))
        .having(func.count().between(2, MOST_OF_ONE_EMAIL))
    )
    query = (
        select(col(second.email), *_shown(first, "first"), *_shown(second, "second"))
        .join(first, col(first.email_key) == col(second.email_key))
        .where(
            col(first.id) < col(second.id),
            col(second.email_key).in_(shared),
            col(first.is_test) == col(second.is_test),
            or_(
                col(first.phone_key).is_(None),
                col(second.phone_key).is_(None),
                col(first.phone_key) != col(second.phone_key),
            ),
            ~judged.exists(),
        )
        .order_by(col(second.id).desc(), col(first.id).desc())
        .limit(wanted.limit)
    )
    if wanted.before_second_id is not None:
        seen = (wanted.before_second_id, wanted.before_first_id or 0)
        query = query.where(tuple_(col(second.id), col(first.id)) < seen)
    return [_pair(row) for row in rows.fetch(session, query)]


def judge(session: Session, by: Person, two: NotDuplicates) -> None:
    """Remembers that two leads are two. Raises `LeadNotFound`."""
    first_id, second_id = sorted((two.first_id, two.second_id))
    here = select(func.count()).where(col(Lead.id).in_((first_id, second_id)))
    if session.scalar(here) != 2:
        raise LeadNotFound
    statement = upsert.insert(session, NotDuplicate).values(
        first_id=first_id, second_id=second_id, user_id=by.id, at=times.now()
    )
    session.connection().execute(statement.on_conflict_do_nothing())


def _shown(lead: type[Lead], which: str) -> list[Any]:
    """The columns of one lead of a pair, named after which one it is."""
    columns = ((name, getattr(lead, name)) for name in _SHOWN)
    return [
        (written(column) if name == "created_time" else column).label(f"{which}_{name}")
        for name, column in columns
    ]


def _pair(row: dict[str, Any]) -> DuplicatePair:
    pair = {
        which: {name: row[f"{which}_{name}"] for name in _SHOWN} for which in ("first", "second")
    }
    return cast(DuplicatePair, {"email": row["email"], **pair})
