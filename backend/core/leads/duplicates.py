"""Possible duplicates, for a person to judge: two leads with one email and different phones."""

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

# An email of more leads than this is a filler such as `na@na.com`: ten thousand leads would be
# fifty million pairs.
MOST_OF_ONE_EMAIL = 20

_SHOWN = ("id", "created_time", "player_name", "phone", "status", "center_id")


def list_page(session: Session, wanted: DuplicateFilter) -> list[DuplicatePair]:
    """Return pairs that nobody has judged, by the id of the second lead, the newest first.

    Pairs of an email that too many leads have are left out.
    """
    first, second = aliased(Lead), aliased(Lead)
    judged = select(col(NotDuplicate.first_id)).where(
        col(NotDuplicate.first_id) == first.id, col(NotDuplicate.second_id) == second.id
    )
    # Few emails have several leads. Finding those by the index alone is most of the work.
    shared = (
        select(col(Lead.email_key))
        # Old databases have emails such as `NaN`.
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
    """Note that two leads are not duplicates. Raises `LeadNotFound`."""
    first_id, second_id = sorted((two.first_id, two.second_id))
    existing = select(func.count()).where(col(Lead.id).in_((first_id, second_id)))
    if session.scalar(existing) != 2:
        raise LeadNotFound
    statement = upsert.insert(session, NotDuplicate).values(
        first_id=first_id, second_id=second_id, user_id=by.id, at=times.now()
    )
    session.connection().execute(statement.on_conflict_do_nothing())


def _shown(lead: type[Lead], which: str) -> list[Any]:
    """Return the columns of the first or second lead of a pair, named after that."""
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
