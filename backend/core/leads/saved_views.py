"""Lists of leads that people have named, for themselves or for others.

A view is a query, so it has the leads that the person who opens it may see. It keeps no search:
what is searched for is often someone's name or phone, which a view would keep after an erasure.
"""

import time
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person, for_all_or_visible_to
from backend.core.audit import Event, Subject
from backend.core.errors import BadRequest, CenterNotFound, Forbidden, Invalid, ViewNotFound
from backend.core.leads import filter_text
from backend.core.leads.criteria import LeadCriteria
from backend.core.settings import Settings
from backend.models import Center, Lead, Role, SavedView
from backend.schemas.saved_views import NewView, ViewChange, ViewCount, ViewFilter, ViewOut

# How many views a person can have, and how many leads of each are counted.
MOST = 50
COUNTED = 1000
# In seconds: after that long, the views that are left aren't counted.
PATIENCE = 0.5


def list_all(session: Session, person: Person) -> list[ViewOut]:
    """Return the views that a person sees, by name."""
    views = session.scalars(select(SavedView).where(_seen_by(person))).all()
    return [_show(one, person) for one in sorted(views, key=lambda one: (one.name.lower(), one.id))]


def create(session: Session, person: Person, settings: Settings, new: NewView) -> ViewOut:
    """Save a view. Raises `Invalid`, `Forbidden`, `CenterNotFound` and `BadRequest`."""
    own = select(func.count()).where(col(SavedView.user_id) == person.id)
    if (session.connection().scalar(own) or 0) >= MOST:
        raise BadRequest(f"You can have at most {MOST} saved views. Remove one first")
    view = SavedView(user_id=person.id, **new.model_dump())
    session.add(view)
    shown = _save(session, person, settings, view)
    _record(session, person, None, shown)
    return shown


def change(
    session: Session, person: Person, settings: Settings, view_id: int, given: ViewChange
) -> ViewOut:
    """Change a view. Raises `ViewNotFound`, and what `create` raises."""
    view = _find(session, person, view_id)
    before = _show(view, person)
    for name in given.model_fields_set:
        value = getattr(given, name)
        if value is not None or name == "center_id":
            setattr(view, name, value)
    shown = _save(session, person, settings, view)
    _record(session, person, before, shown)
    return shown


def remove(session: Session, person: Person, view_id: int) -> ViewOut:
    """Remove a view, and return what it was. Raises `ViewNotFound`."""
    view = _find(session, person, view_id)
    session.delete(view)
    session.flush()
    shown = _show(view, person)
    _record(session, person, shown, None)
    return shown


def counts(session: Session, person: Person, settings: Settings) -> list[ViewCount]:
    """Return how many leads the views have that a person sees."""
    ends = time.monotonic() + PATIENCE
    found: list[ViewCount] = []
    for view in list_all(session, person):
        count = None
        if time.monotonic() < ends:
            count = _count(session, person, settings, view["query"])
        more = count is not None and count > COUNTED
        shown = COUNTED if more else count
        found.append({"id": view["id"], "count": shown, "more": more})
    return found


def _count(session: Session, person: Person, settings: Settings, query: str) -> int | None:
    try:
        wanted = filter_text.read(query, "query", ViewFilter)
        criteria = LeadCriteria.parse(wanted, settings.zone, times.now())
    except Invalid:  # of a version that had other filters
        return None
    leads = select(col(Lead.id)).where(*criteria.conditions(person, in_order=False))
    some = leads.limit(COUNTED + 1).subquery()
    return session.connection().scalar(select(func.count()).select_from(some))


def _seen_by(person: Person) -> ColumnElement[bool]:
    shared = and_(
        col(SavedView.shared), for_all_or_visible_to(person, center_id=SavedView.center_id)
    )
    return or_(col(SavedView.user_id) == person.id, shared)


def _find(session: Session, person: Person, view_id: int) -> SavedView:
    """Return a view that a person may change: an own one, or a shared one for a team lead."""
    mine = col(SavedView.user_id) == person.id
    may = or_(mine, col(SavedView.shared)) if person.role == Role.TEAM_LEAD else mine
    query = select(SavedView).where(col(SavedView.id) == view_id, may).with_for_update()
    view = session.scalars(query).one_or_none()
    if view is None:
        raise ViewNotFound
    return view


def _save(session: Session, person: Person, settings: Settings, view: SavedView) -> ViewOut:
    with session.no_autoflush:
        _check(session, person, settings, view)
    session.flush()
    return _show(view, person)


def _record(
    session: Session, person: Person, before: ViewOut | None, after: ViewOut | None
) -> None:
    """Record what happens to views that others see, before or after it; own ones are private."""
    was, now = dict(before or {}), dict(after or {})
    changed = sorted(name for name, value in now.items() if was.get(name) != value)
    data: dict[str, Any] = {"center_id": (now or was)["center_id"]}
    if was.get("shared") and not now:
        event = Event.SHARED_VIEW_REMOVED
    elif "shared" in changed and (was or now["shared"]):
        event = Event.VIEW_SHARED if now["shared"] else Event.VIEW_UNSHARED
    elif was.get("shared") and changed:
        event, data["fields"] = Event.SHARED_VIEW_CHANGED, changed
    else:
        return
    about: Any = {"subject": Subject.SAVED_VIEW, "subject_id": (now or was)["id"]}
    audit.record(session, event, by=person.id, **about, **data)


def _check(session: Session, person: Person, settings: Settings, view: SavedView) -> None:
    wanted = filter_text.read(view.query, "query", ViewFilter)
    if wanted.q:
        raise Invalid.at("body", "query", msg="Save the list without its search")
    LeadCriteria.parse(wanted, settings.zone, times.now())
    if view.shared and person.role != Role.TEAM_LEAD:
        raise Forbidden("Only team leads can share views")
    if not view.shared:
        view.center_id = None
    if view.center_id is not None and session.get(Center, view.center_id) is None:
        raise CenterNotFound


def _show(view: SavedView, person: Person) -> ViewOut:
    names = ("id", "name", "query", "shared", "center_id")
    shown: Any = {name: getattr(view, name) for name in names}
    shown["mine"] = view.user_id == person.id
    out: ViewOut = shown
    return out
