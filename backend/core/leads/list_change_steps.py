"""Do what changes of whole lists have left to do, one step after the other."""

import logging
import time
from struct import unpack
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError
from sqlmodel import Session, col

from backend.core import auth, times
from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among
from backend.core.db import Database, low_priority
from backend.core.errors import Busy, Problem
from backend.core.leads import bulk_edit, deleting, detail, owners
from backend.core.leads.list_changes import WORKING
from backend.core.settings import Settings
from backend.models import BulkChange, Lead, ListChange, ListChangePart, ListChangeState, Role, User
from backend.schemas.leads import WorkChange

log = logging.getLogger("tofa")

# In seconds: after that long, a step leaves what is left to the next one.
STEP = 0.1
_EDITORS = (Role.TEAM_LEAD, Role.TEAM_MEMBER)
_LEFT = "The person who started this can no longer change leads. What was done can be undone"
_BROKEN = "Something went wrong on the server. What was done so far can be undone"


class _NotAllowed(Problem):
    """The person who started a change is no longer allowed to make it."""

    detail = _LEFT


def run(db: Database, settings: Settings) -> int:
    """Do a step of what was asked for first. Return 1, or 0 if there is nothing to do.

    A change that can't go on has failed, and says why; what was done can be undone.
    """
    with db.read() as session:
        working = select(col(ListChange.id)).where(col(ListChange.state).in_(WORKING))
        first = working.order_by(col(ListChange.asked_at), col(ListChange.id)).limit(1)
        change_id = session.connection().scalar(first)
    if change_id is None:
        return 0
    try:
        with low_priority(), db.write() as session:
            _step(session, settings, change_id)
    except Exception as error:
        is_tried_again = isinstance(error, Busy | DBAPIError)
        # What the database refuses, it would refuse again, and other changes wait for this one.
        if is_tried_again and not isinstance(error, IntegrityError | DataError):
            raise
        problem = error.detail if isinstance(error, Problem) else _BROKEN
        if problem == _BROKEN:
            log.exception("The change %s of a list failed", change_id)
        _fail(db, change_id, problem)
    return 1


def _step(session: Session, settings: Settings, change_id: int) -> None:
    found = session.get_one(ListChange, change_id, with_for_update=True)
    if found.state not in WORKING:
        return
    is_undo = found.state == ListChangeState.UNDOING
    person = _person(session, found.undone_by if is_undo else found.user_id)
    ends = time.monotonic() + STEP
    while _do_part(session, settings, person, found):
        session.flush()
        if time.monotonic() >= ends:
            return
    _end(session, found, ListChangeState.UNDONE if is_undo else ListChangeState.CHANGED)


def _do_part(session: Session, settings: Settings, person: Person, found: ListChange) -> bool:
    """Change, or undo, the next part. Return whether there was one."""
    if found.state == ListChangeState.UNDOING:
        return _undo_part(session, settings, person, found)
    return _change_part(session, person, found, settings.zone)


def _person(session: Session, user_id: int | None) -> Person:
    """Return the person, with the centers that they have now."""
    user = session.get(User, user_id)
    if user is None or user.disabled or user.role not in _EDITORS:
        raise _NotAllowed
    return auth.person_of(session, user)


def _change_part(session: Session, person: Person, found: ListChange, zone: ZoneInfo) -> bool:
    of_change = select(ListChangePart).where(col(ListChangePart.list_change_id) == found.id)
    part = session.scalars(of_change.order_by(col(ListChangePart.number)).limit(1)).one_or_none()
    if part is None:
        return False
    ids = list(unpack(f"<{len(part.leads) // 4}I", part.leads))
    wanted = WorkChange.model_validate(found.wanted)
    deleting.prepare(session, person, wanted)
    query = (
        select(Lead)
        .where(among(session, col(Lead.id), ids), visible_to(person))
        .order_by(col(Lead.id))
        .with_for_update()
    )
    last = detail.versions(session, ids)
    leads = [one for one in session.scalars(query) if last[one.id or 0] <= found.last_event]
    if wanted.owner_id is not None:
        leads = _of_owner(session, leads, wanted.owner_id)
    kept = bulk_edit.apply(session, leads, wanted, person.id, zone)
    if kept.changes:
        kept.list_change_id = found.id
        session.add(kept)
    found.changed += len(kept.changes)
    found.unchanged += len(leads) - len(kept.changes)
    found.skipped += len(ids) - len(leads)
    session.delete(part)
    return True


def _of_owner(session: Session, leads: list[Lead], owner_id: int) -> list[Lead]:
    """Return the leads of those centers where a person may own leads."""
    centers = {lead.center_id for lead in leads}
    able = {id for id in centers if owners.is_able(session, owner_id, id)}
    return [lead for lead in leads if lead.center_id in able or lead.owner_id == owner_id]


def _undo_part(session: Session, settings: Settings, person: Person, found: ListChange) -> bool:
    query = select(BulkChange).where(
        col(BulkChange.list_change_id) == found.id, col(BulkChange.undone).is_(False)
    )
    first = query.order_by(col(BulkChange.id)).limit(1).with_for_update()
    kept = session.scalars(first).one_or_none()
    if kept is None:
        return False
    restored = bulk_edit.take_back(session, settings, person, kept)["restored"]
    found.restored += restored
    found.kept += len(kept.changes) - restored
    return True


def _end(session: Session, found: ListChange, state: ListChangeState) -> None:
    found.state, found.ended_at = state, times.now()
    # Nobody needs it any more, and a comment may be about someone; only that it deleted stays.
    found.wanted = {"delete": True} if "delete" in found.wanted else {}
    own = col(ListChangePart.list_change_id) == found.id
    session.connection().execute(delete(ListChangePart).where(own))


def _fail(db: Database, change_id: int, problem: str) -> None:
    with db.write() as session:
        found = session.get_one(ListChange, change_id, with_for_update=True)
        if found.state in WORKING:
            _end(session, found, ListChangeState.FAILED)
            found.problem = problem
