"""The alerts of a person: how many are new, what they tell, and that they were seen."""

from typing import cast

from sqlalchemy import or_, select, text, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database import rows
from backend.core.database.rows import written
from backend.models import Alert, Lead
from backend.schemas.alerts import AlertFilter, AlertOut, Unseen

# The web app shows no more than 99, and nobody needs to count further.
_MOST = 100
# All open pages ask for this every few seconds: one look into an index, as a text, since building
# the query takes longer than running it.
_UNSEEN = text(
    """SELECT count(*), max(id) FROM (SELECT id FROM alert
    WHERE user_id = :user_id AND seen_at IS NULL ORDER BY id DESC LIMIT :most) AS newest"""
).bindparams(most=_MOST)


def unseen(session: Session, person: Person) -> Unseen:
    """Return how many alerts a person hasn't seen, up to 100, and the id of the newest one."""
    count, newest = session.connection().execute(_UNSEEN, {"user_id": person.id}).one()
    return {"unseen": count, "newest": newest}


def list_page(session: Session, person: Person, wanted: AlertFilter) -> list[AlertOut]:
    """Return a person's alerts, newest first, except those of leads they can no longer see."""
    query = (
        select(
            col(Alert.id),
            col(Alert.kind),
            written(col(Alert.at)).label("at"),
            col(Alert.count),
            col(Alert.seen_at).is_not(None).label("seen"),
            col(Alert.lead_id),
            col(Lead.player_name),
            col(Lead.center_id),
        )
        .join_from(Alert, Lead, col(Lead.id) == col(Alert.lead_id), isouter=True)
        .where(
            col(Alert.user_id) == person.id,
            or_(col(Alert.lead_id).is_(None), visible_to(person)),
        )
        .order_by(col(Alert.id).desc())
        .limit(wanted.limit)
    )
    if wanted.before is not None:
        query = query.where(col(Alert.id) < wanted.before)
    return cast(list[AlertOut], rows.fetch(session, query))


def mark_seen(session: Session, person: Person, ids: list[int] | None) -> Unseen:
    """Note that a person has seen some of their alerts, or all of them; return what is left."""
    own = col(Alert.user_id) == person.id, col(Alert.seen_at).is_(None)
    change = update(Alert).where(*own).values(seen_at=times.now())
    if ids is not None:
        change = change.where(col(Alert.id).in_(ids))
    session.connection().execute(change)
    return unseen(session, person)
