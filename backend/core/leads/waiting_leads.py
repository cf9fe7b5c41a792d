"""Give out the leads that met an assignment rule while nobody of the rule was there.

They are rows of `WaitingLead`, so no list of leads is searched. One that has got an owner or has
been worked on since, that is being worked on, or that has moved, is the queue's.
"""

from collections.abc import Sequence

from sqlalchemy import and_, delete, exists, or_, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling import presence
from backend.core.calling.rules import Standard
from backend.core.database.bulk_insert import among
from backend.core.db import Database, low_priority
from backend.core.leads import assignment, lead_claims
from backend.core.leads.turns import Share
from backend.models import AssignmentRule, AssignmentShare, Lead, Status, WaitingLead

# How many leads one step gives out.
STEP = 200

# A rule and a center for which leads wait.
Place = tuple[int, int]


def find_places(session: Session, standard: Standard) -> list[Place]:
    """Return where leads wait, and someone is there who could get one."""
    waits = exists().where(col(WaitingLead.rule_id) == col(AssignmentRule.id))
    rules = session.scalars(select(col(AssignmentRule.id)).where(waits)).all()
    if not rules:
        return []
    pair = select(col(WaitingLead.rule_id), col(WaitingLead.center_id)).distinct()
    places = [(rule_id, center_id) for rule_id, center_id in session.connection().execute(pair)]
    now = times.now()
    day = now.astimezone(standard.zone).date()
    names = (col(AssignmentShare.user_id), col(AssignmentShare.cap))
    counts = (col(AssignmentShare.day), col(AssignmentShare.given))
    query = select(col(AssignmentShare.rule_id), *names, *counts).where(
        col(AssignmentShare.rule_id).in_(rules)
    )
    free: dict[int, set[int]] = {}
    for rule_id, user_id, cap, of_day, given in session.connection().execute(query):
        if Share(user_id, cap=cap, day=of_day, given=given).has_room(day):
            free.setdefault(rule_id, set()).add(user_id)
    there = presence.present(
        session,
        sorted({center_id for _, center_id in places}),
        now,
        standard,
        with_team_leads=True,
        among=set().union(*free.values()),
    )
    return [
        (rule_id, center_id)
        for rule_id, center_id in sorted(places)
        if free.get(rule_id, set()) & {*there[center_id]}
    ]


def give_out(db: Database, standard: Standard) -> int:
    """Give some of the leads that wait to people who are there now. Returns how many it did."""
    with db.read() as session:
        places = find_places(session, standard)
    if not places:
        return 0
    with low_priority(), db.write() as session:
        return _give(session, places, standard)


def _give(session: Session, places: Sequence[Place], standard: Standard) -> int:
    now = times.now()
    here = or_(
        *(
            and_(col(WaitingLead.rule_id) == rule_id, col(WaitingLead.center_id) == center_id)
            for rule_id, center_id in places
        )
    )
    # Another server takes others, and someone who is changing a lead comes first.
    query = (
        select(col(WaitingLead.lead_id), col(WaitingLead.rule_id), col(WaitingLead.center_id))
        .join_from(WaitingLead, Lead, col(Lead.id) == col(WaitingLead.lead_id))
        .where(here)
        .order_by(col(WaitingLead.lead_id))
        .limit(STEP)
        .with_for_update(skip_locked=True)
    )
    waiting = {one.lead_id: one for one in session.connection().execute(query)}
    untouched = _untouched(session, list(waiting))
    matched = [
        (one, waiting[one.lead_id].rule_id)
        for one, _ in assignment.read(session, untouched)
        if one.center_id == waiting[one.lead_id].center_id
    ]
    done = among(session, col(WaitingLead.lead_id), list(waiting))
    session.connection().execute(delete(WaitingLead).where(done))
    # Those that nobody can get after all wait again.
    given = assignment.give(session, matched, standard, now) if matched else 0
    return given + len(waiting) - len(matched)


def _untouched(session: Session, lead_ids: Sequence[int]) -> list[int]:
    """Return those of the leads that are nobody's, and that nobody has worked on."""
    query = select(col(Lead.id)).where(
        among(session, col(Lead.id), lead_ids),
        col(Lead.owner_id).is_(None),
        col(Lead.attempts) == 0,
        or_(col(Lead.status) == Status.NEW, col(Lead.called_at).is_(None)),
        ~lead_claims.is_held(times.now()),
    )
    return [id for id in session.connection().scalars(query) if id is not None]
