"""Claims: who has a lead in hand, so that two callers never call the same parent.

A claim is a row with a time until which it counts. One statement takes it: it succeeds if there is
no claim, if the claim has expired, and to renew a person's own. If two servers try at once, the
database lets one through. A claim doesn't change the lead: it has no line in its history, raises no
version, and nobody needs one to save something.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database import upsert
from backend.core.database.bulk_insert import among
from backend.core.errors import Conflict
from backend.core.leads import merged
from backend.models import Lead, LeadClaim, User
from backend.schemas.owners import ClaimOut


def claim(session: Session, person: Person, lead_id: int, minutes: int) -> ClaimOut:
    """Claim a lead for so many minutes from now, or renew the person's claim.

    Raises `LeadNotFound`, and `Conflict`, which says who has it.
    """
    # Locked, so that it isn't removed before its claim is there; an edit waits, and another claim
    # doesn't.
    query = select(col(Lead.id)).where(visible_to(person))
    query = query.with_for_update(read=True, key_share=True)

    def read(id: int) -> int | None:
        return session.connection().scalar(query.where(col(Lead.id) == id))

    id = merged.resolve(session, lead_id, read)
    now = times.now()
    until = now + timedelta(minutes=minutes)
    wanted = upsert.insert(session, LeadClaim).values(lead_id=id, user_id=person.id, until=until)
    is_free = or_(col(LeadClaim.user_id) == person.id, col(LeadClaim.until) <= now)
    taken = wanted.on_conflict_do_update(
        index_elements=[col(LeadClaim.lead_id)],
        set_={"user_id": person.id, "until": until},
        where=is_free,
    )
    if session.connection().scalar(taken.returning(col(LeadClaim.lead_id))) is None:
        raise Conflict(_whose(session, id))
    return {"lead_id": id, "until": until, "seconds": minutes * 60}


def _whose(session: Session, lead_id: int) -> str:
    name = select(col(User.full_name)).join_from(
        LeadClaim, User, col(User.id) == col(LeadClaim.user_id)
    )
    who = session.connection().scalar(name.where(col(LeadClaim.lead_id) == lead_id))
    # It may have been given back since.
    return f"{who or 'Someone else'} is working on this lead. Continue with another one"


def release(session: Session, person: Person, lead_id: int) -> None:
    """Give back a person's claim of a lead, if there is one; of a merged lead, as `claim` does."""
    id = merged.current_id(session, lead_id) or lead_id
    own = (col(LeadClaim.lead_id) == id, col(LeadClaim.user_id) == person.id)
    session.connection().execute(delete(LeadClaim).where(*own))


def free_for(person: Person, now: datetime) -> ColumnElement[bool]:
    """Return the condition that nobody else has a lead in hand."""
    held = select(col(LeadClaim.lead_id)).where(
        col(LeadClaim.until) > now, col(LeadClaim.user_id) != person.id
    )
    return col(Lead.id).not_in(held)


def is_held(now: datetime) -> ColumnElement[bool]:
    """Return the condition that someone has a lead in hand, in a query of leads."""
    of_lead = (col(LeadClaim.lead_id) == col(Lead.id), col(LeadClaim.until) > now)
    return select(col(LeadClaim.lead_id)).where(*of_lead).correlate(Lead).exists()


def remove_expired(session: Session, before: datetime, many: int) -> int:
    """Remove so many claims that have expired at a time (UTC). Returns how many."""
    is_over = col(LeadClaim.until) < before
    ids = session.scalars(select(col(LeadClaim.lead_id)).where(is_over).limit(many)).all()
    # One that was renewed since stays.
    over = delete(LeadClaim).where(among(session, col(LeadClaim.lead_id), ids), is_over)
    session.connection().execute(over)
    return len(ids)
