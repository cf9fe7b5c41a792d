"""Delete leads so that it can be undone: for test entries, junk, and what was imported by mistake.

Their rows leave the tables, as those of merged and erased leads do, so that no list, count, search,
queue, report or match has them. A change of several leads keeps them: until it's undone, until its
time in the settings is over, or until someone whose data they have is erased. A line of history
stays, which says who has deleted the lead.

The deliveries that a lead came from are dismissed, so that Meta's retries and the backfill don't
bring it again. An enquiry that is made after the deletion is a new lead.
See docs/decisions/0093-a-deletion-can-be-undone.md.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlmodel import Session, col

from backend.core import audit, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.database.bulk_insert import among
from backend.core.database.faults import fault_of
from backend.core.errors import Conflict, Forbidden, Invalid
from backend.core.leads import (
    deleted_rows,
    erased_keys,
    match_locks,
    merge_records,
    owners,
    removing,
)
from backend.core.leads.deleted_rows import Rows
from backend.core.leads.history import event
from backend.core.reasons import ReasonCode
from backend.models import (
    BulkChange,
    Delivery,
    DeliveryState,
    EventKind,
    Import,
    ImportState,
    Lead,
    LeadMerge,
    Role,
)
from backend.schemas.leads import WorkChange

_DISMISSED: dict[str, Any] = {
    "lead_id": None,
    "state": DeliveryState.DISMISSED,
    "reason": ReasonCode.LEAD_DELETED.value,
    "details": None,
}
# What is asked of a lead's own row before it's written back.
_NEEDED = {"id", "phone", "phone_key", "email", "name_key", "leadgen_id", "created_time", "is_test"}


def check(person: Person, wanted: WorkChange) -> None:
    """Check that a person may delete leads, and that nothing else is to be changed in them.

    Raises `Forbidden` and `Invalid`.
    """
    if not wanted.delete:
        return
    check_role(person)
    if wanted.changed_fields != ["delete"]:
        raise Invalid.at("body", "delete", msg="Delete the leads, or change them, but not both")


def prepare(session: Session, person: Person, wanted: WorkChange) -> None:
    """Check as `check` does, and let nobody add leads while some are deleted, before any is locked.

    An enquiry that comes in again would join a lead that is going. Raises what `check` raises.
    """
    check(person, wanted)
    if wanted.delete:
        match_locks.keep_others_out(session)


def check_role(person: Person) -> None:
    """Check that a person may delete leads and restore them. Raises `Forbidden`."""
    if person.role != Role.TEAM_LEAD:
        raise Forbidden("Only team leads can delete leads")


def delete(session: Session, leads: Sequence[Lead], by: int, now: datetime) -> BulkChange:
    """Delete locked leads. Return the change by which that can be undone.

    `prepare` comes before the leads are locked.
    """
    ids = [lead.id or 0 for lead in leads]
    kept = BulkChange(user_id=by, at=now, changes=[])
    if not ids:
        return kept
    session.flush()
    found = deleted_rows.read(session, ids)
    kept.changes = [{"id": id, "deleted": rows} for id, rows in found.items()]
    lines = [event(id, now, EventKind.DELETED, by) for id in ids]
    session.add_all([kept, *lines])
    session.flush()
    for lead in leads:
        session.expunge(lead)
    own = among(session, col(Delivery.lead_id), ids)
    dismissal = update(Delivery).where(own).values(**_DISMISSED, closed_by=by)
    session.connection().execute(dismissal)
    of_merged = [id for rows in found.values() for id in deleted_rows.merged_of(rows)]
    merges = [row["id"] for rows in found.values() for row in rows.get("leadmerge", ())]
    records = merge_records.table(LeadMerge)
    session.connection().execute(records.delete().where(among(session, records.c.id, merges)))
    removing.remove(session, [*ids, *of_merged], but_events_from=min(one.id or 0 for one in lines))
    audit.record(
        session,
        Event.LEADS_DELETED,
        by=by,
        subject=Subject.BULK_CHANGE,
        subject_id=kept.id,
        leads=len(ids),
        ids=ids,
    )
    return kept


def is_deletion(kept: BulkChange) -> bool:
    """Return whether a change has deleted its leads."""
    return any("deleted" in one for one in kept.changes)


def restore(session: Session, person: Person, kept: BulkChange, secret: bytes) -> set[int]:
    """Restore the leads of a locked change. Return the ids of those that are back.

    Those stay away that came in again meanwhile with their id of Meta's, that are of an import
    which was undone since, or whose person was erased. Raises `Forbidden`, and `Conflict` if what
    was kept of a lead can't be written back.
    """
    check_role(person)
    match_locks.keep_others_out(session)
    rows = {one["id"]: one["deleted"] for one in kept.changes if one["deleted"] is not None}
    _check_whole(rows)
    for gone in (
        _of_erased(session, rows, secret),
        _came_again(session, rows),
        _of_undone_imports(session, rows),
    ):
        rows = {id: one for id, one in rows.items() if id not in gone}
    now = times.now()
    if rows:
        _write(session, rows)
        # Their owners may have left since, or lost the center.
        owners.release(session, [*rows], person.id, now)
    session.add_all(event(id, now, EventKind.EDITED, person.id, undone=kept.id) for id in rows)
    kept.changes = [forgotten(one) if one["id"] in rows else one for one in kept.changes]
    return {*rows}


def _check_whole(rows: dict[int, Rows]) -> None:
    """Check that the leads' own rows are there. Raises `Conflict`."""
    for id, one in rows.items():
        lead = one.get("lead")
        own = lead[0] if isinstance(lead, list) and len(lead) == 1 else None
        if not isinstance(own, dict) or not own.keys() >= _NEEDED:
            raise _damaged(id)


def _write(session: Session, rows: dict[int, Rows]) -> None:
    """Write the rows of leads back. Raises `Conflict`, which names the lead that can't be."""
    error = _try_to_write(session, rows)
    if error is None:
        return
    for id, one in rows.items():
        if _try_to_write(session, {id: one}) is not None:
            raise _damaged(id) from error
    raise error


def _try_to_write(session: Session, rows: dict[int, Rows]) -> Exception | None:
    """Write the rows of leads back, or nothing and return why: a script may have changed them."""
    try:
        with session.begin_nested():
            deleted_rows.write(session, [*rows.values()])
    except (StatementError, LookupError, TypeError, ValueError, AttributeError) as error:
        # Not if the database can't write anything now.
        is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if is_lost or fault_of(error) or isinstance(error, OperationalError):
            raise
        return error
    return None


def _damaged(id: int) -> Conflict:
    return Conflict(f"Lead {id} can't be restored: what was kept of it is damaged")


def forgotten(change: dict[str, Any]) -> dict[str, Any]:
    """Return what is kept of a deleted lead once its rows are restored, or gone for good."""
    return change | {"deleted": None}


def _of_erased(session: Session, rows: dict[int, Rows], secret: bytes) -> Iterable[int]:
    if not rows or not erased_keys.is_anyone_erased(session, secret):
        return ()
    texts = [_recognized_by(one) for one in rows.values()]
    erased = erased_keys.find(session, secret, texts)
    return [id for id, is_erased in zip(rows, erased, strict=True) if is_erased]


def _recognized_by(rows: Rows) -> erased_keys.Texts:
    (lead,) = rows["lead"]
    numbers = [lead["phone_key"], *(one["phone_key"] for one in rows.get("leadphone", ()))]
    places = erased_keys.places(
        [one for one in numbers if one], lead["email"], lead["phone"], is_test=lead["is_test"]
    )
    made: datetime | None
    try:
        made = datetime.fromisoformat(lead["created_time"])
    except (ValueError, TypeError):
        # A script stored it, and it's no time: any erasure erases the lead.
        made = None
    return erased_keys.Texts(places, lead["name_key"], lead["leadgen_id"], made)


def _came_again(session: Session, rows: dict[int, Rows]) -> set[int]:
    """Return those of the leads whose id of Meta's another lead has now."""
    of_meta = {one["lead"][0]["leadgen_id"]: id for id, one in rows.items()}
    known = sorted(leadgen_id for leadgen_id in of_meta if leadgen_id is not None)
    again: set[int] = set()
    for column in (col(Lead.leadgen_id), col(LeadMerge.leadgen_id)):
        query = select(column).where(among(session, column, known))
        again.update(of_meta[one] for one in session.connection().scalars(query))
    return again


def _of_undone_imports(session: Session, rows: dict[int, Rows]) -> set[int]:
    """Return those of the leads that were made by an import which was undone since."""
    made_by: dict[int, set[int]] = {}
    for id, one in rows.items():
        for line in one.get("leadevent", ()):
            if line["kind"] == EventKind.CREATED and line["import_id"] is not None:
                made_by.setdefault(line["import_id"], set()).add(id)
    undone = select(col(Import.id)).where(
        among(session, col(Import.id), sorted(made_by)), col(Import.state) == ImportState.UNDONE
    )
    gone = session.connection().scalars(undone)
    return {id for import_id in gone for id in made_by[import_id or 0]}
