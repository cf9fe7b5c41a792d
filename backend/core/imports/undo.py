"""Undoes an import: removes the leads that it made, and restores those that it touched.

Leads that someone has changed since stay as they are, and are named. The lines of history tell: an
import's own lines have its id; any other line, any comment that the import didn't bring, and any
other delivery that became the lead is someone's work.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, and_, or_, select, update
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.database.bulk_insert import among, batches
from backend.core.db import Database
from backend.core.imports import steps, store
from backend.core.leads import lead_phones, match_locks, merged, removing, reopening
from backend.core.reasons import Reason, ReasonCode
from backend.models import (
    Comment,
    Delivery,
    DeliveryState,
    EventKind,
    ImportRow,
    ImportState,
    Lead,
    LeadEvent,
    LeadPhone,
    NotDuplicate,
)
from backend.schemas.imports import LeftAlone, Undone, UndoPreview

_CHANGED_SINCE = Reason(ReasonCode.LEAD_CHANGED_SINCE)
_MERGED_SINCE = Reason(ReasonCode.LEAD_MERGED_SINCE)


def undo(db: Database, person: Person, import_id: int) -> Undone:
    """Take back what an import did, in short steps.

    Raises `ImportNotFound`, and `Conflict` for one that isn't committed. If the server dies in the
    middle of it, the import is still committed and can be undone again.
    """
    with db.read() as session:
        store.check_state(store.find(session, import_id), ImportState.COMMITTED, "undone")
        leads = leads_of(session, import_id)
    total = _Taken()

    def write(session: Session, batch: Sequence[int], is_last: bool) -> None:
        match_locks.keep_others_out(session)
        found = store.to_change(session, import_id, ImportState.COMMITTED, "undone")
        total.add(take_back(session, person.id, import_id, batch))
        if is_last:
            # Leads that its waiting rows have become meanwhile, because a center became known.
            late = sorted({*leads_of(session, import_id)} - {*leads})
            total.add(take_back(session, person.id, import_id, late))
            close(session, person.id, import_id)
            found.state = ImportState.UNDONE
            audit.record(
                session,
                Event.IMPORT_UNDONE,
                by=person.id,
                subject=Subject.IMPORT,
                subject_id=import_id,
                leads_removed=total.removed,
                leads_restored=total.restored,
            )

    steps.run(db, steps.slices(leads), write)
    with db.read() as session:
        kept = _name(session, import_id, total.kept)
    return {
        "state": ImportState.UNDONE,
        "leads_removed": total.removed,
        "leads_restored": total.restored,
        "kept": kept,
    }


def preview(db: Database, import_id: int) -> UndoPreview:
    """Return what an undo would do now. Raises `ImportNotFound`, and `Conflict` as `undo` does."""
    with db.read() as session:
        store.check_state(store.find(session, import_id), ImportState.COMMITTED, "undone")
        removed = restored = kept = 0
        for batch in batches(leads_of(session, import_id)):
            created, touched, worked_on = _sort(session, import_id, batch)
            removed += len(created - worked_on)
            restored += len(touched - worked_on)
            kept += len(worked_on)
    return {"leads_to_remove": removed, "leads_to_restore": restored, "leads_to_keep": kept}


@dataclass(slots=True)
class _Taken:
    """What was taken back: how many leads were removed and restored, and the ids of those kept."""

    removed: int = 0
    restored: int = 0
    kept: list[int] = field(default_factory=list)

    def add(self, more: "_Taken") -> None:
        self.removed += more.removed
        self.restored += more.restored
        self.kept += more.kept


def leads_of(session: Session, import_id: int) -> list[int]:
    """Return the ids of the leads that an import has made or touched, in order."""
    return sorted(_leads(session, import_id) | _with_numbers(session, import_id))


def take_back(
    session: Session, user_id: int | None, import_id: int, leads: Sequence[int]
) -> _Taken:
    """Take back what an import did to some leads."""
    if not leads:
        return _Taken()
    _hold(session, leads)
    created, touched, worked_on = _sort(session, import_id, leads)
    gone, restored = created - worked_on, touched - worked_on
    for batch in batches(sorted(restored)):
        reopening.undo(session, import_id, batch, user_id, times.now())
        lead_phones.take_back(session, import_id, batch)
    _close_deliveries(session, user_id, import_id, gone | restored)
    removing.remove(session, gone)
    return _Taken(len(gone), len(restored), sorted(worked_on))


def close(session: Session, user_id: int | None, import_id: int) -> None:
    """Dismiss the deliveries of an import that have no lead."""
    change = update(Delivery).values(**_dismissed(user_id))
    session.connection().execute(
        change.where(
            col(Delivery.import_id) == import_id,
            col(Delivery.lead_id).is_(None),
            col(Delivery.state) != DeliveryState.PROCESSED,
        )
    )


def _leads(session: Session, import_id: int, *conditions: ColumnElement[bool]) -> set[int]:
    query = select(col(LeadEvent.lead_id)).where(col(LeadEvent.import_id) == import_id, *conditions)
    return {id for (id,) in session.connection().execute(query.distinct())}


def _with_numbers(session: Session, import_id: int) -> set[int]:
    """Return the ids of the leads that have got numbers from an import, be it without a line."""
    query = select(col(LeadPhone.lead_id)).where(col(LeadPhone.import_id) == import_id)
    return {id for (id,) in session.connection().execute(query.distinct())}


def _sort(
    session: Session, import_id: int, leads: Sequence[int]
) -> tuple[set[int], set[int], set[int]]:
    """Return which leads an import has made, which it has touched, and which changed since."""
    own = among(session, col(LeadEvent.lead_id), leads)
    created = _leads(session, import_id, own, col(LeadEvent.kind) == EventKind.CREATED)
    touched = {*leads} - created
    return created, touched, _worked_on(session, import_id, created, touched)


def _hold(session: Session, leads: Iterable[int]) -> None:
    """Lock leads: what others are writing now counts as changed since the import."""
    for batch in batches(sorted(leads)):
        query = select(col(Lead.id)).where(among(session, col(Lead.id), batch))
        session.connection().execute(query.order_by(col(Lead.id)).with_for_update())


def _worked_on(
    session: Session, import_id: int, created: Collection[int], touched: Collection[int]
) -> set[int]:
    """Return the leads that have changed since the import."""
    own = (
        select(col(LeadEvent.id), col(LeadEvent.lead_id), col(LeadEvent.at))
        .where(
            col(LeadEvent.import_id) == import_id,
            among(session, col(LeadEvent.lead_id), [*created, *touched]),
        )
        .subquery()
    )
    of_own = select(own.c.lead_id).distinct()
    found: set[int] = set()
    brought = _comments(session, import_id, [*created, *touched])
    not_brought = ~among(session, col(Comment.id), brought)
    for table, condition in (
        (
            LeadEvent,
            and_(
                col(LeadEvent.id) > own.c.id,
                _not_of(LeadEvent, import_id),
                # A merge of centers is no work on a lead.
                col(LeadEvent.kind) != EventKind.MOVED,
            ),
        ),
        (Comment, and_(col(Comment.timestamp) >= own.c.at, not_brought)),
    ):
        same = and_(col(table.lead_id) == own.c.lead_id, condition)
        found.update(_ids(session, of_own.join(table, same)))
    for one in (NotDuplicate.first_id, NotDuplicate.second_id):
        verdict = and_(col(one) == own.c.lead_id, col(NotDuplicate.at) >= own.c.at)
        found.update(_ids(session, of_own.join(NotDuplicate, verdict)))
    found &= {*created, *touched}
    # A lead that the import made belongs to another delivery, too, if that brought it as well.
    elsewhere = and_(col(Delivery.lead_id) == own.c.lead_id, _not_of(Delivery, import_id))
    found.update({*created} & _ids(session, of_own.join(Delivery, elsewhere)))
    return found


def _comments(session: Session, import_id: int, leads: Iterable[int]) -> list[int]:
    """Return the ids of the comments that an import has brought with its leads."""
    query = select(col(LeadEvent.data)).where(
        col(LeadEvent.import_id) == import_id,
        col(LeadEvent.kind) == EventKind.COMMENT,
        among(session, col(LeadEvent.lead_id), leads),
    )
    return [orjson.loads(data)["comment_id"] for data in session.connection().scalars(query)]


def _not_of(table: type[LeadEvent] | type[Delivery], import_id: int) -> ColumnElement[bool]:
    return or_(col(table.import_id).is_(None), col(table.import_id) != import_id)


def _ids(session: Session, query: Select[Any]) -> set[int]:
    return {id for (id,) in session.connection().execute(query)}


def _dismissed(user_id: int | None) -> dict[str, Any]:
    return {
        "state": DeliveryState.DISMISSED,
        "reason": ReasonCode.IMPORT_UNDONE.value,
        "details": None,
        "closed_by": user_id,
        "lead_id": None,
        "leadgen_id": None,
        "due_at": None,
        "claimed_until": None,
        "held_by": None,
    }


def _close_deliveries(
    session: Session, user_id: int | None, import_id: int, undone: Iterable[int]
) -> None:
    """Dismiss the import's deliveries of leads that are undone.

    This frees Meta's ids: the same leads may come in again.
    """
    own = col(Delivery.import_id) == import_id
    change = update(Delivery).values(**_dismissed(user_id))
    for batch in batches(sorted(undone)):
        session.connection().execute(
            change.where(own, among(session, col(Delivery.lead_id), batch))
        )


def _name(session: Session, import_id: int, leads: Iterable[int]) -> list[LeftAlone]:
    """Return the leads that stay, each with its row and the reason."""
    numbers: dict[int, int] = {}
    query = select(col(ImportRow.lead_id), col(ImportRow.number)).where(
        col(ImportRow.import_id) == import_id
    )
    named = sorted(leads)
    for batch in batches(named):
        same = among(session, col(ImportRow.lead_id), batch)
        for id, number in session.connection().execute(query.where(same)):
            assert id is not None
            numbers[id] = min(number, numbers.get(id, number))
    joined = {*merged.parts(session, named).values()}
    why = {id: _MERGED_SINCE if id in joined else _CHANGED_SINCE for id in named}
    return [
        {"lead_id": id, "row": numbers.get(id), "code": reason.code, "message": reason.text}
        for id, reason in why.items()
    ]
