"""When people work, as they and team leads set it: working hours, leave, and being away for now."""

from datetime import timedelta

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.calling import presence
from backend.core.calling.rules import Standard, shown_week, stored_week
from backend.core.database import upsert
from backend.core.errors import Forbidden, LeaveNotFound, UserNotFound
from backend.models import Center, Leave, Presence, Role, User
from backend.schemas.presence import (
    AwayChange,
    LeaveOut,
    NewLeave,
    OwnPresence,
    PresentOut,
    WorkingHours,
)


def list_present(session: Session, person: Person, standard: Standard) -> list[PresentOut]:
    """Return who may own leads of the centers that a person sees, and where they are present."""
    sees_all = person.role == Role.TEAM_LEAD
    is_open = col(Center.archived_at).is_(None)
    seen = [
        id
        for id in session.scalars(select(col(Center.id)).where(is_open).order_by(col(Center.id)))
        if id is not None and (sees_all or id in person.centers)
    ]
    now = times.now()
    there = presence.present(session, seen, now, standard, with_team_leads=True)
    return [
        {
            "id": one.id,
            "full_name": one.full_name,
            "center_ids": None if one.centers is None else list(one.centers),
            "present_at": [id for id, people in there.items() if one.id in people],
            "away": one.is_away,
            "away_until": one.away_until,
            "on_leave": one.is_on_leave,
        }
        for one in sorted(
            presence.read(session, now, standard, center_ids=seen),
            key=lambda one: (one.full_name, one.id),
        )
    ]


def show(session: Session, user_id: int, standard: Standard) -> OwnPresence:
    """Return a person's presence, with their leave from today on. Raises `UserNotFound`."""
    if session.get(User, user_id) is None:
        raise UserNotFound
    query = select(Leave).where(
        col(Leave.user_id) == user_id, col(Leave.last_day) >= standard.today()
    )
    leave = session.scalars(query.order_by(col(Leave.first_day), col(Leave.id)))
    kept = session.get(Presence, user_id) or Presence(user_id=user_id)
    is_away = presence.is_away_at(kept.away_since, kept.away_until, times.now())
    return {
        "user_id": user_id,
        "away": is_away,
        "away_until": kept.away_until if is_away else None,
        "week": shown_week(kept.week),
        "leave": [_leave(one) for one in leave],
    }


def set_away(session: Session, user_id: int, given: AwayChange, standard: Standard) -> None:
    """Note that a person is away from now on, or back."""
    kept = upsert.locked(session, Presence, "user_id", user_id)
    now = times.now()
    until = {"hour": now + timedelta(hours=1), "day": presence.end_of_day(now, standard)}
    kept.away_since = now if given.away else None
    kept.away_until = until.get(given.period or "") if given.away else None
    session.flush()


def change(session: Session, user_id: int, given: WorkingHours) -> None:
    """Set a person's working hours, if they are given. Raises `UserNotFound`."""
    if session.get(User, user_id) is None:
        raise UserNotFound
    if "week" in given.model_fields_set:
        upsert.locked(session, Presence, "user_id", user_id).week = stored_week(given.week)
        session.flush()


def add_leave(session: Session, by: Person, new: NewLeave) -> LeaveOut:
    """Add a person's own leave, or as a team lead anyone's.

    Raises `Forbidden` and `UserNotFound`.
    """
    user_id = _checked(by, new.user_id or by.id)
    if session.get(User, user_id) is None:
        raise UserNotFound
    given = {"user_id": user_id, "last_day": new.last_day or new.first_day}
    leave = Leave(**new.model_dump() | given)
    session.add(leave)
    session.flush()
    return _leave(leave)


def remove_leave(session: Session, by: Person, leave_id: int) -> LeaveOut:
    """Remove leave, and return what it was. Raises `LeaveNotFound`, also for another person's."""
    leave = session.get(Leave, leave_id)
    if leave is None or not _may_change(by, leave.user_id):
        raise LeaveNotFound
    session.delete(leave)
    session.flush()
    return _leave(leave)


def _may_change(by: Person, user_id: int) -> bool:
    return user_id == by.id or by.role == Role.TEAM_LEAD


def _checked(by: Person, user_id: int) -> int:
    if not _may_change(by, user_id):
        raise Forbidden
    return user_id


def _leave(leave: Leave) -> LeaveOut:
    assert leave.id is not None
    return {
        "id": leave.id,
        "user_id": leave.user_id,
        "first_day": leave.first_day,
        "last_day": leave.last_day,
        "label": leave.label,
    }
