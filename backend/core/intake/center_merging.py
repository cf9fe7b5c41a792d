"""Merge a center into another one, and undo that.

The names, people, forms and waiting deliveries move at once, so that nothing new comes in at the
merged center. Its leads, and the counts of erased ones, follow in short steps. If the server dies
in the middle of them, the background goes on: whatever is at a merged center belongs to the other
one. So do leads that an import, which has read the names before, adds to it meanwhile.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlmodel import Session, col

from backend.core import audit, centers, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.center_keys import center_key
from backend.core.database import upsert
from backend.core.database.bulk_insert import among
from backend.core.db import Database, low_priority
from backend.core.errors import Invalid
from backend.core.intake import center_aliases, deliveries
from backend.core.leads import moving
from backend.models import (
    Center,
    CenterAlias,
    CenterChange,
    Delivery,
    DeliveryState,
    ErasedLead,
    Form,
    Lead,
    MovedLead,
    Page,
    UserCenterLink,
)
from backend.schemas.centers import Merged

MERGE = "merge"
# How many leads are moved in one transaction.
STEP = 500
_OPEN = (*deliveries.OPEN, DeliveryState.RECEIVED)


def merge(db: Database, by: Person, center_id: int, into_id: int) -> Merged:
    """Merge a center into another one.

    Raises `CenterNotFound`, `CenterMerged`, `CenterArchived`, and `Invalid` for the same center.
    """
    with db.write() as session:
        change = begin(session, by, center_id, into_id)
        change_id = change.id or 0
        audit.record(
            session,
            Event.CENTER_MERGED,
            by=by.id,
            subject=Subject.CENTER,
            subject_id=center_id,
            into_id=into_id,
            change_id=change_id,
        )
    finish(db)
    with db.read() as session:
        moved = (
            select(func.count())
            .join_from(MovedLead, Lead, col(Lead.id) == col(MovedLead.lead_id))
            .where(col(MovedLead.change_id) == change_id)
        )
        return {"id": change_id, "moved": session.scalar(moved) or 0}


def begin(session: Session, by: Person, center_id: int, into_id: int) -> CenterChange:
    """Move everything but the leads. Returns the change that can be undone."""
    if center_id == into_id:
        raise Invalid.at("body", "into_id", msg="Choose another center")
    hold_forms(session, center_id)
    centers.hold_names(session)
    # Always in one order, so that no two wait for each other.
    both = {id: centers.to_change(session, id) for id in sorted((center_id, into_id))}
    center, survivor = both[center_id], both[into_id]
    if survivor.archived_at is not None:
        raise center_aliases.CenterArchived
    now = times.now()
    data = {
        "archived_at": None if center.archived_at is None else center.archived_at.isoformat(),
        "aliases": _move(session, CenterAlias, col(CenterAlias.key), center_id, into_id),
        "forms": _move(session, Form, col(Form.id), center_id, into_id),
        "pages": _move(session, Page, col(Page.id), center_id, into_id),
        "deliveries": _move_deliveries(session, center_id, into_id),
        **_move_people(session, center_id, into_id),
    }
    center.archived_at = center.archived_at or now
    center.merged_into = into_id
    session.flush()
    data["new_aliases"] = _name_survivor(session, by, center, into_id, now)
    change = CenterChange(
        kind=MERGE, center_id=center_id, into_id=into_id, user_id=by.id, at=now, data=data
    )
    session.add(change)
    session.flush()
    names = select(col(CenterAlias.text)).where(col(CenterAlias.center_id) == into_id)
    center_aliases.let_through(session, *session.scalars(names))
    return change


def undo(session: Session, change: CenterChange) -> None:
    """Move back exactly what still is where the merge has put it; the leads follow in steps.

    The change is locked.
    """
    center_id, into_id, data = change.center_id, change.into_id, change.data
    assert into_id is not None
    center = session.get_one(Center, center_id, with_for_update={"key_share": True})
    archived_at = data["archived_at"]
    center.archived_at = None if archived_at is None else datetime.fromisoformat(archived_at)
    center.merged_into = None
    # The center has its own names back; they count before any alias.
    own = delete(CenterAlias).where(
        among(session, col(CenterAlias.key), data["new_aliases"]),
        col(CenterAlias.center_id) == into_id,
    )
    session.connection().execute(own)
    for table, key, ids in (
        (CenterAlias, col(CenterAlias.key), data["aliases"]),
        (Form, col(Form.id), data["forms"]),
        (Page, col(Page.id), data["pages"]),
        (Delivery, col(Delivery.id), data["deliveries"]),
    ):
        _move(session, table, key, into_id, center_id, among(session, key, ids))
    _give_people_back(session, change)
    session.flush()
    if center.archived_at is None:
        center_aliases.let_through(session, center.meta_tag_name)


def hold_forms(session: Session, center_id: int | None) -> None:
    """Lock the forms and pages of a center, before the names: a worker that reads a form does so.

    In the other order, each could wait for the other.
    """
    for table in (Page, Form):
        own = select(col(table.id)).where(col(table.center_id) == center_id)
        session.execute(own.order_by(col(table.id)).with_for_update()).all()


def finish(db: Database) -> None:
    """Move all leads that have to follow a merge or an undo."""
    while True:
        with low_priority(), db.write() as session:
            if not carry_on(session):
                return


def is_behind(session: Session) -> bool:
    """Return whether leads have to be moved."""
    return bool(_at_merged_centers(session, 1) or _to_move_back(session))


def carry_on(session: Session) -> int:
    """Move some of the leads that have to follow. Returns how many were looked at."""
    if found := _at_merged_centers(session, STEP):
        center_id, into_id, leads = found
        # The newest merge of the center that isn't undone.
        change = session.scalars(
            select(CenterChange)
            .where(
                col(CenterChange.kind) == MERGE,
                col(CenterChange.center_id) == center_id,
                col(CenterChange.undone).is_(False),
            )
            .order_by(col(CenterChange.id).desc())
            .limit(1)
        ).one()
        held = moving.hold(session, leads, center_id)
        note_moved(session, change, held + moving.move_erased(session, leads, center_id, into_id))
        moving.move(session, held, center_id, into_id, change.user_id, times.now())
        return len(leads)
    change_id = _to_move_back(session)
    return 0 if change_id is None else _move_back(session, change_id)


def note_moved(session: Session, change: CenterChange, leads: list[int]) -> None:
    """Remember leads that a change moves."""
    if leads:
        rows = [{"change_id": change.id, "lead_id": id} for id in leads]
        # A lead that has come back by hand, and follows once more, is noted already.
        new = upsert.insert(session, MovedLead).on_conflict_do_nothing()
        session.connection().execute(new, rows)


def kept_and_moved(session: Session, change: CenterChange) -> tuple[list[int], int]:
    """Return the leads that are somewhere else by now, and how many a change has moved in all."""
    query = (
        select(col(Lead.id), col(Lead.center_id).is_distinct_from(change.into_id))
        .join(MovedLead, col(MovedLead.lead_id) == col(Lead.id))
        .where(col(MovedLead.change_id) == change.id)
        .order_by(col(Lead.id))
    )
    found = session.execute(query).all()
    return [id for id, is_elsewhere in found if id is not None and is_elsewhere], len(found)


def _at_merged_centers(session: Session, most: int) -> tuple[int, int, list[int]] | None:
    """Return a merged center that has leads, where they belong, and some of them.

    Erased leads, of which only counts are left, come last.
    """
    merged = select(col(Center.id), col(Center.merged_into))
    for center_id, into_id in session.execute(
        merged.where(col(Center.merged_into).is_not(None)).order_by(col(Center.id))
    ).all():
        query = select(col(Lead.id)).where(col(Lead.center_id) == center_id).limit(most)
        erased = select(col(ErasedLead.lead_id)).where(col(ErasedLead.center_id) == center_id)
        leads = [id for id in session.scalars(query) if id is not None]
        leads = leads or list(session.scalars(erased.limit(most)))
        if leads and center_id is not None and into_id is not None:
            return center_id, into_id, leads
    return None


def _to_move_back(session: Session) -> int | None:
    query = select(col(MovedLead.change_id)).join(
        CenterChange, col(CenterChange.id) == col(MovedLead.change_id)
    )
    return session.scalar(query.where(col(CenterChange.undone).is_(True)).limit(1))


def _move_back(session: Session, change_id: int) -> int:
    change = session.get_one(CenterChange, change_id)
    query = select(col(MovedLead.lead_id)).where(col(MovedLead.change_id) == change_id)
    leads = list(session.scalars(query.order_by(col(MovedLead.lead_id)).limit(STEP)))
    if change.into_id is not None:
        held = moving.hold(session, leads, change.into_id)
        by = change.data.get("undone_by", change.user_id)
        now = times.now()
        moving.move(session, held, change.into_id, change.center_id, by, now, change_id)
        moving.move_erased(session, leads, change.into_id, change.center_id)
    done = delete(MovedLead).where(
        col(MovedLead.change_id) == change_id, among(session, col(MovedLead.lead_id), leads)
    )
    session.connection().execute(done)
    return len(leads)


def _move(
    session: Session,
    table: type[CenterAlias] | type[Form] | type[Page] | type[Delivery],
    key: Any,
    origin: int,
    into: int,
    *conditions: ColumnElement[bool],
) -> list[Any]:
    """Give rows that belong to a center to another one. Returns their keys."""
    change = update(table).where(col(table.center_id) == origin, *conditions)
    moved = session.connection().execute(change.values(center_id=into).returning(key))
    return sorted(id for (id,) in moved)


def _move_deliveries(session: Session, origin: int, into: int) -> list[int]:
    """Take open deliveries along that were placed at the center."""
    key = col(Delivery.id)
    return _move(session, Delivery, key, origin, into, col(Delivery.state).in_(_OPEN))


def _move_people(session: Session, origin: int, into: int) -> dict[str, list[int]]:
    """Let the people of a center work at the other one instead."""
    connection = session.connection()
    link = col(UserCenterLink.center_id)
    own = select(col(UserCenterLink.user_id))
    people = sorted(session.scalars(own.where(link == origin)))
    there = set(session.scalars(own.where(link == into)))
    new = [id for id in people if id not in there]
    if new:
        connection.execute(
            upsert.insert(session, UserCenterLink).on_conflict_do_nothing(),
            [{"user_id": id, "center_id": into} for id in new],
        )
    connection.execute(delete(UserCenterLink).where(link == origin))
    return {"people": people, "new_people": new}


def _give_people_back(session: Session, change: CenterChange) -> None:
    data, connection = change.data, session.connection()
    there = select(col(UserCenterLink.user_id)).where(
        col(UserCenterLink.center_id) == change.into_id,
        among(session, col(UserCenterLink.user_id), data["people"]),
    )
    links = [{"user_id": id, "center_id": change.center_id} for id in session.scalars(there)]
    if links:
        back = upsert.insert(session, UserCenterLink).on_conflict_do_nothing()
        connection.execute(back, links)
    connection.execute(
        delete(UserCenterLink).where(
            col(UserCenterLink.center_id) == change.into_id,
            among(session, col(UserCenterLink.user_id), data["new_people"]),
        )
    )


def _name_survivor(
    session: Session, by: Person, center: Center, into_id: int, now: datetime
) -> list[str]:
    """Make the names of a merged center aliases of the other one. Returns their keys."""
    directory = centers.Directory.read(session)
    added = []
    for text in (center.meta_tag_name, center.display_name):
        key = center_key(text)
        if directory.find_any(text) is None and key not in added:
            new = {"text": text, "center_id": into_id, "created_at": now, "created_by": by.id}
            statement = upsert.insert(session, CenterAlias).values(key=key, **new)
            session.connection().execute(statement.on_conflict_do_nothing())
            added.append(key)
    return added
