"""Takes an import back: the leads that it made go, those that it touched are as they were.

Whatever someone has worked on since stays as it is, and is named. The lines of history tell: an
import's own carry its id, and any other line, any comment, and any other delivery that became the
lead is somebody's work.
"""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, or_, select, update
from sqlmodel import Session, col

from backend.core import placing
from backend.core.access import Person
from backend.core.bulk import among, batches
from backend.core.imports import store
from backend.core.leads import search
from backend.models import (
    Capture,
    CaptureState,
    Comment,
    EventKind,
    ImportRow,
    ImportState,
    Lead,
    LeadEvent,
    LeadOrigin,
    NotDuplicate,
    Status,
)
from backend.schemas.imports import LeftAlone, Undone

WORKED_ON = "Someone has worked on it since"


def undo(session: Session, person: Person, import_id: int) -> Undone:
    """Takes back what an import did. Raises `ImportNotFound`, and `Conflict` for one that did
    nothing yet, or is undone.
    """
    placing.keep_others_out(session)
    found = store.to_change(session, import_id, ImportState.COMMITTED, "undone")
    created = _leads(session, import_id, col(LeadEvent.kind) == EventKind.CREATED)
    touched = _leads(session, import_id, col(LeadEvent.kind) != EventKind.CREATED) - created
    _hold(session, created | touched)
    worked_on = _worked_on(session, import_id, created, touched)
    gone, restored = created - worked_on, touched - worked_on
    _restore(session, import_id, restored)
    _close_captures(session, person, import_id, gone | restored)
    _remove(session, gone)
    if gone:
        _forget(session)
    found.state = ImportState.UNDONE
    return {
        "state": found.state,
        "leads_removed": len(gone),
        "leads_restored": len(restored),
        "kept": _name(session, import_id, worked_on),
    }


def _leads(session: Session, import_id: int, kind: ColumnElement[bool]) -> set[int]:
    query = select(col(LeadEvent.lead_id)).where(col(LeadEvent.import_id) == import_id, kind)
    return {id for (id,) in session.connection().execute(query.distinct())}


def _hold(session: Session, leads: Iterable[int]) -> None:
    """Waits for those who are at work on the leads: what they do then counts as done since."""
    for batch in batches(sorted(leads)):
        query = select(col(Lead.id)).where(among(session, col(Lead.id), batch))
        session.connection().execute(query.order_by(col(Lead.id)).with_for_update())


def _worked_on(
    session: Session, import_id: int, created: Collection[int], touched: Collection[int]
) -> set[int]:
    """Those of the leads that something has happened to after the import."""
    own = (
        select(col(LeadEvent.id), col(LeadEvent.lead_id), col(LeadEvent.at))
        .where(col(LeadEvent.import_id) == import_id)
        .subquery()
    )
    of_own = select(own.c.lead_id).distinct()
    found: set[int] = set()
    for table, condition in (
        (LeadEvent, and_(col(LeadEvent.id) > own.c.id, _not_of(LeadEvent, import_id))),
        (Comment, col(Comment.timestamp) >= own.c.at),
    ):
        same = and_(col(table.lead_id) == own.c.lead_id, condition)
        found.update(_ids(session, of_own.join(table, same)))
    for one in (NotDuplicate.first_id, NotDuplicate.second_id):
        verdict = and_(col(one) == own.c.lead_id, col(NotDuplicate.at) >= own.c.at)
        found.update(_ids(session, of_own.join(NotDuplicate, verdict)))
    found &= {*created, *touched}
    # What the import made and another delivery brought as well is that one's lead too.
    elsewhere = and_(col(Capture.lead_id) == own.c.lead_id, _not_of(Capture, import_id))
    found.update({*created} & _ids(session, of_own.join(Capture, elsewhere)))
    return found


def _not_of(table: type[LeadEvent] | type[Capture], import_id: int) -> ColumnElement[bool]:
    return or_(col(table.import_id).is_(None), col(table.import_id) != import_id)


def _ids(session: Session, query: Select[Any]) -> set[int]:
    return {id for (id,) in session.connection().execute(query)}


def _restore(session: Session, import_id: int, leads: Iterable[int]) -> None:
    """Takes the import's lines out of the history of leads, and a dead one is dead again."""
    for batch in batches(sorted(leads)):
        lines = (
            col(LeadEvent.import_id) == import_id,
            among(session, col(LeadEvent.lead_id), batch),
        )
        reopened = select(col(LeadEvent.lead_id)).where(
            *lines, col(LeadEvent.kind) == EventKind.STATUS
        )
        dead = update(Lead).where(col(Lead.id).in_(reopened)).values(status=Status.DEAD)
        session.connection().execute(dead)
        session.connection().execute(delete(LeadEvent).where(*lines))


def _close_captures(
    session: Session, person: Person, import_id: int, undone: Iterable[int]
) -> None:
    """Puts away what is in the ledger by this import: what still waits, and what is undone.

    Meta's ids are free again: the same leads may come in once more.
    """
    put_away = {
        "state": CaptureState.DISCARDED,
        "note": "The import was undone",
        "closed_by": person.id,
        "lead_id": None,
        "leadgen_id": None,
        "due_at": None,
        "claimed_until": None,
        "held_by": None,
    }
    own = col(Capture.import_id) == import_id
    change = update(Capture).values(**put_away)
    session.connection().execute(
        change.where(own, col(Capture.lead_id).is_(None), col(Capture.state) != CaptureState.DONE)
    )
    for batch in batches(sorted(undone)):
        session.connection().execute(change.where(own, among(session, col(Capture.lead_id), batch)))


def _remove(session: Session, leads: Iterable[int]) -> None:
    for batch in batches(sorted(leads)):
        connection = session.connection()
        for table in (LeadOrigin, LeadEvent):
            connection.execute(delete(table).where(among(session, col(table.lead_id), batch)))
        connection.execute(delete(Lead).where(among(session, col(Lead.id), batch)))
        search.drop(session, batch)


def _forget(session: Session) -> None:
    """An id may be given to another lead, of whom the rows of older imports must not tell."""
    there = select(col(Lead.id)).where(col(Lead.id) == col(ImportRow.lead_id)).exists()
    gone = and_(col(ImportRow.lead_id).is_not(None), ~there)
    session.connection().execute(update(ImportRow).where(gone).values(lead_id=None))


def _name(session: Session, import_id: int, leads: Iterable[int]) -> list[LeftAlone]:
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
    return [{"lead_id": id, "row": numbers.get(id), "reason": WORKED_ON} for id in named]
