"""Change or delete all leads of a list: in steps in the background, so that others can write too.

Which leads they are is decided once, when the change begins: it makes them leave the list. A lead
that someone has changed since then is skipped, as is one that the person doesn't see any more. Each
step is one transaction, with the leads that are left to do: after a server has died, the next one
goes on. What was asked for first is done first. See docs/decisions/0087-lists-that-answer.md.
"""

from datetime import datetime
from struct import pack
from typing import Any, cast

from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person
from backend.core.accounts import hourly_limits
from backend.core.audit import Event, Subject
from backend.core.database import bulk_insert, locks, rows
from backend.core.database.rows import written
from backend.core.db import Database
from backend.core.errors import BadRequest, ChangeNotFound, Conflict, Invalid
from backend.core.idempotency import Once
from backend.core.leads import changes, choices, deleting, editing, export, filter_text, owners
from backend.core.leads.criteria import LeadCriteria
from backend.core.settings import Settings
from backend.models import Lead, LeadEvent, ListChange, ListChangeState, Role, User
from backend.schemas.leads import LeadFilter
from backend.schemas.list_changes import ListChangeOut, ListTotal, NewListChange, TotalFilter

# How many leads a part has, which is changed, and undone, as a whole.
PART = 100
# How many of their own changes people see.
_SHOWN = 5
WORKING = (ListChangeState.CHANGING, ListChangeState.UNDOING)
_LOCK = "list changes"


def total(db: Database, settings: Settings, person: Person, wanted: TotalFilter) -> ListTotal:
    """Return how many leads a list has, counted up to those that a change can have, or `up_to`."""
    limit = wanted.up_to or most(settings)
    some = _leads(settings, person, wanted, limit + 1).subquery()
    with db.read() as session:
        found = session.connection().scalar(select(func.count()).select_from(some)) or 0
    return {"total": min(found, limit), "more": found > limit}


def most(settings: Settings) -> int:
    """Return how many leads a change can have."""
    return settings.list_change_most


def begin(
    db: Database,
    settings: Settings,
    person: Person,
    wanted: NewListChange,
    once: Once | None = None,
) -> ListChangeOut:
    """Begin to change all leads of a list; `once` is the key of the request, if it has one.

    Raises `Answered` if it has begun already, `Forbidden`, `Invalid`, `TooManyChanges`,
    `BadRequest` for a list that is empty or too long, and `Conflict` while another change of the
    person's is at work.
    """
    deleting.check(person, wanted)
    asked = filter_text.read(wanted.filter, "filter", LeadFilter)
    fields = wanted.changed_fields
    if not fields:
        raise Invalid.at("body", "status", msg="Choose what to change")
    now = times.now()
    with db.read() as session:
        _check(session, settings, wanted, now)
        last = session.connection().scalar(select(func.max(col(LeadEvent.id)))) or 0
        ids = _ids(session, settings, person, asked)
    _check_size(settings, len(ids))
    counted = hourly_limits.counted(db, settings, person, hourly_limits.Kind.LIST_CHANGE)
    with counted, db.write() as session:
        locks.hold(session, _LOCK)
        if once is not None:
            once.claim(session)
        _check_idle(session, person)
        found = ListChange(
            user_id=person.id,
            at=now,
            asked_at=now,
            state=ListChangeState.CHANGING,
            wanted=wanted.model_dump(mode="json", include={*fields}),
            last_event=last,
            total=len(ids),
        )
        session.add(found)
        session.flush()
        assert found.id is not None
        _keep(session, found.id, ids)
        data: dict[str, Any] = {
            "leads": len(ids),
            "fields": fields,
            "filter": export.codes(asked),
        }
        subject = Subject.LIST_CHANGE
        audit.record(
            session, Event.LIST_CHANGED, by=person.id, subject=subject, subject_id=found.id, **data
        )
        begun = _one(session, found.id)
        if once is not None:
            once.keep(session, begun)
        return begun


def show(session: Session, person: Person, change_id: int) -> ListChangeOut:
    """Return a person's own change, or any for a team lead. Raises `ChangeNotFound`."""
    _find(session, person, change_id)
    return _one(session, change_id)


def list_own(session: Session, person: Person) -> list[ListChangeOut]:
    """Return a person's last changes of lists, the newest first."""
    own = col(ListChange.user_id) == person.id
    query = _SHOWING.where(own).order_by(col(ListChange.id).desc()).limit(_SHOWN)
    return _shown(session, query)


def undo(session: Session, person: Person, change_id: int) -> ListChangeOut:
    """Begin to undo a change, except for leads that someone has worked on since.

    One that is still at work stops. Raises `ChangeNotFound` and `Conflict`.
    """
    found = _find(session, person, change_id, lock=True)
    if found.state in (ListChangeState.UNDOING, ListChangeState.UNDONE):
        raise Conflict("This change has already been undone")
    found.state, found.problem, found.ended_at = ListChangeState.UNDOING, None, None
    found.asked_at, found.undone_by = times.now(), person.id
    subject = Subject.LIST_CHANGE
    audit.record(
        session,
        Event.LIST_CHANGE_UNDONE,
        by=person.id,
        subject=subject,
        subject_id=change_id,
        leads=found.changed,
    )
    session.flush()
    return _one(session, change_id)


def _find(session: Session, person: Person, change_id: int, *, lock: bool = False) -> ListChange:
    found = session.get(ListChange, change_id, with_for_update=lock)
    if found is None or (found.user_id != person.id and person.role != Role.TEAM_LEAD):
        raise ChangeNotFound
    return found


def _ids(session: Session, settings: Settings, person: Person, wanted: LeadFilter) -> list[int]:
    """Return the ids of a list's leads, in order; of a list that is too long, one too many."""
    query = _leads(settings, person, wanted, most(settings) + 1)
    return sorted(id for id in session.connection().scalars(query) if id is not None)


def _leads(settings: Settings, person: Person, wanted: LeadFilter, limit: int) -> Select[Any]:
    criteria = LeadCriteria.parse(wanted, settings.zone, times.now())
    conditions = criteria.conditions(person, in_order=False)
    return select(col(Lead.id)).where(*conditions).limit(limit)


def _check(session: Session, settings: Settings, wanted: NewListChange, now: datetime) -> None:
    """Check the values, which are the same for each lead. Raises `Invalid`."""
    none = Lead(created_time=now, status="")
    if wanted.status is not None:
        changes.check_status(none, wanted.status, "body")
    for name in ("next_followup_date", "trial_at"):
        editing.moment(none, name, getattr(wanted, name), settings.zone, now)
    choices.check_reason(session, none, (wanted.lost_reason or "").strip() or None)
    if wanted.owner_id is not None:
        query = select(col(User.id)).where(col(User.id) == wanted.owner_id, owners.able_anywhere())
        if session.connection().scalar(query) is None:
            raise Invalid.at("body", "owner_id", msg="Choose a person who can work on leads")


def _check_size(settings: Settings, leads: int) -> None:
    if leads == 0:
        raise BadRequest("None of your leads match this list any more")
    if leads > most(settings):
        raise BadRequest(
            f"At most {most(settings):,} leads can be changed at once: filter the list further"
        )


def _check_idle(session: Session, person: Person) -> None:
    query = select(col(ListChange.id)).where(
        col(ListChange.user_id) == person.id, col(ListChange.state).in_(WORKING)
    )
    if session.connection().scalar(query.limit(1)) is not None:
        raise Conflict(
            "Your last change of a whole list is still running. Try again when it has finished"
        )


def _keep(session: Session, change_id: int, ids: list[int]) -> None:
    parts = [ids[at : at + PART] for at in range(0, len(ids), PART)]
    lines = [(change_id, at, pack(f"<{len(one)}I", *one)) for at, one in enumerate(parts)]
    bulk_insert.insert(session, "listchangepart", ("list_change_id", "number", "leads"), lines)


_SHOWING: Select[Any] = select(
    col(ListChange.id),
    written(col(ListChange.at)).label("at"),
    written(col(ListChange.ended_at)).label("ended_at"),
    col(ListChange.state),
    col(ListChange.total),
    (col(ListChange.changed) + col(ListChange.unchanged) + col(ListChange.skipped)).label("done"),
    func.coalesce(col(ListChange.wanted)["delete"].as_boolean(), False).label("deletes"),
    *(
        getattr(ListChange, name)
        for name in ("changed", "unchanged", "skipped", "restored", "kept", "problem")
    ),
)


def _one(session: Session, change_id: int) -> ListChangeOut:
    return _shown(session, _SHOWING.where(col(ListChange.id) == change_id))[0]


def _shown(session: Session, query: Select[Any]) -> list[ListChangeOut]:
    return cast(list[ListChangeOut], rows.fetch(session, query))
