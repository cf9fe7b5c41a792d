"""Erase a lead in two steps: restricted at once, destroyed when its time is over.

Restricted, the lead's rows are gone from their tables, as after a merge: no list, search, queue,
export or match can find it, whatever is added later. A row in `erasedlead` keeps what reports count
and, for nobody to see, a snapshot of all rows. Destroyed, the snapshot is gone, too. Keyed hashes
recognise the person if an old enquiry comes in again: see `leads.erased_keys`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import delete, insert, literal, or_, select, update
from sqlmodel import Session, col

from backend.core import audit, idempotency, phones, times
from backend.core.access import Person, visible_to
from backend.core.alerts import withdrawing
from backend.core.audit import Event, Subject
from backend.core.database import rows
from backend.core.database.bulk_insert import among, batches
from backend.core.database.rows import written
from backend.core.errors import Conflict, ErasureNotFound, Forbidden, LeadNotFound
from backend.core.leads import erased_keys, match_keys, match_locks, merged, search
from backend.core.outbox import messages
from backend.core.privacy import held
from backend.core.privacy.columns import KEPT, OWN
from backend.core.privacy.held import Held
from backend.core.reasons import ReasonCode
from backend.core.settings import Settings
from backend.models import (
    Attempt,
    BulkChange,
    Delivery,
    DeliveryState,
    ErasedAttempt,
    ErasedLead,
    Import,
    ImportRow,
    ImportState,
    Lead,
    LeadMerge,
    LeadPhone,
    NotDuplicate,
)
from backend.schemas.privacy import ErasedOut

# What is kept of a lead: what reports count.
_COUNTED = (
    "created_time", "center_id", "status", "source", "is_test", "campaign", "lost_reason",
    "called_at", "trialled_at", "attended_at", "joined_at", "lost_at",
)  # fmt: skip
_NOT_AT_ONCE = "ERASURE_AT_ONCE isn't set: the data will be destroyed when its time is up"
_OPEN = (
    DeliveryState.RECEIVED,
    DeliveryState.WAITING,
    DeliveryState.RETRYING,
    DeliveryState.FAILED,
)
# What empties a delivery.
EMPTY: dict[str, Any] = {
    "body": "",
    # Headers that the sender has written, with a file's name in some.
    "content_type": None,
    "content_encoding": None,
    "fetched": None,
    "leadgen_id": None,
    "center_text": None,
    "details": None,
    "lead_id": None,
}


def erase(
    session: Session, settings: Settings, person: Person | None, lead_id: int, *, at_once: bool
) -> ErasedOut:
    """Erase a lead, with those that were merged into it. `person` is None on the command line.

    With `at_once` its data is destroyed now. Raises `LeadNotFound`, and `Forbidden` where the
    settings don't allow that.
    """
    if at_once and not (settings.erasure_at_once or settings.erasure_days == 0):
        raise Forbidden(_NOT_AT_ONCE)
    match_locks.keep_others_out(session)
    lead = _find(session, person, lead_id)
    assert lead.id is not None
    found = held.collect(session, lead.id)
    now = times.now()
    erased = ErasedLead(
        lead_id=lead.id,
        last_id=max(held.ids_of(session, lead.id)),
        **{name: getattr(lead, name) for name in _COUNTED},
        erased_at=now,
        erased_by=person.id if person else None,
        destroy_at=now + timedelta(days=0 if at_once else settings.erasure_days),
        snapshot=dict(found),
    )
    session.expunge(lead)
    session.add(erased)
    session.flush()
    assert erased.id is not None
    _count_attempts(session, found, erased.id)
    _remove(session, found, lead.id)
    texts = _recognized_by(session, settings, found)
    erased_keys.keep(session, settings.erasure_secret, texts, erased.id, now)
    audit.record(
        session,
        Event.LEAD_ERASED,
        by=erased.erased_by,
        subject=Subject.LEAD,
        subject_id=lead.id,
        erasure_id=erased.id,
    )
    return show(session, erased.id)


def _find(session: Session, person: Person | None, lead_id: int) -> Lead:
    """Return a lead, locked; of a merged lead, the one that it's part of now."""
    seen = () if person is None else (visible_to(person),)
    for id in (lead_id, merged.current_id(session, lead_id)):
        query = select(Lead).where(col(Lead.id) == id, *seen).with_for_update()
        if id is not None and (lead := session.scalar(query)) is not None:
            return lead
    raise LeadNotFound


def _count_attempts(session: Session, found: Held, erased_id: int) -> None:
    """Keep what reports count of the attempts to reach the lead."""
    ids = [row["id"] for row in found.get("attempt", ())]
    kept = ("user_id", "at", "outcome")
    counted = select(literal(erased_id), *(getattr(Attempt, name) for name in kept)).where(
        among(session, col(Attempt.id), ids), col(Attempt.undone_at).is_(None)
    )
    into = insert(ErasedAttempt).from_select(["erased_id", *kept], counted)
    session.connection().execute(into)


def _remove(session: Session, found: Held, lead_id: int) -> None:
    ids = sorted({lead_id, *(row["merged_id"] for row in _merges_into(found, lead_id))})
    connection = session.connection()
    withdrawing.leave_all(session, [lead_id])
    for name in (one for one in OWN if one not in KEPT):
        own = held.table(name)
        connection.execute(delete(own).where(among(session, own.c.lead_id, ids)))
    connection.execute(delete(LeadMerge).where(held.merges_of(session, ids)))
    pairs = (col(NotDuplicate.first_id), col(NotDuplicate.second_id))
    connection.execute(
        delete(NotDuplicate).where(or_(*(among(session, one, ids) for one in pairs)))
    )
    remove_rows(session, ((row["import_id"], row["number"]) for row in found.get("importrow", ())))
    empty_deliveries(session, [row["id"] for row in found.get("delivery", ())])
    _forget_changes(session, found, ids)
    idempotency.forget_answers(session)
    search.drop(session, ids)
    messages.forget_leads(session, ids)
    connection.execute(delete(Lead).where(col(Lead.id) == lead_id))


def _merges_into(found: Held, lead_id: int) -> Iterator[dict[str, Any]]:
    for row in found.get("leadmerge", ()):
        if row["current_id"] == lead_id and row["undone_at"] is None:
            yield row


def remove_rows(session: Session, found: Iterable[tuple[int, int]]) -> None:
    """Remove rows of imports, each by its import's id and its number in that."""
    of_import: dict[int, list[int]] = {}
    for import_id, number in found:
        of_import.setdefault(import_id, []).append(number)
    for import_id, numbers in sorted(of_import.items()):
        _remove_rows(session, import_id, numbers)


def _remove_rows(session: Session, import_id: int, numbers: Sequence[int]) -> None:
    """Remove rows of an import; those of a plan no longer count in its totals."""
    found = session.get_one(Import, import_id, with_for_update=True)
    gone: Counter[str] = Counter()
    for batch in batches(numbers):
        own = (
            col(ImportRow.import_id) == import_id,
            among(session, col(ImportRow.number), batch),
        )
        gone.update(session.scalars(select(col(ImportRow.verdict)).where(*own)))
        session.connection().execute(delete(ImportRow).where(*own))
    if found.state == ImportState.PLANNED:
        found.totals = {name: count - gone[name] for name, count in found.totals.items()}


def empty_deliveries(session: Session, ids: Sequence[int]) -> None:
    """Empty deliveries, and dismiss those that are open."""
    own = among(session, col(Delivery.id), ids)
    connection = session.connection()
    connection.execute(
        update(Delivery)
        .where(own, col(Delivery.state).in_(_OPEN))
        .values(
            state=DeliveryState.DISMISSED,
            reason=ReasonCode.ERASED_PERSON,
            due_at=None,
            claimed_until=None,
            held_by=None,
        )
    )
    connection.execute(update(Delivery).where(own).values(**EMPTY))


def _forget_changes(session: Session, found: Held, ids: Sequence[int]) -> None:
    """Take the leads out of the changes of several leads, which can still be undone for others."""
    changes = [row["id"] for row in found.get("bulkchange", ())]
    for change in session.scalars(
        select(BulkChange).where(among(session, col(BulkChange.id), changes)).with_for_update()
    ):
        change.changes = [one for one in change.changes if one.get("id") not in ids]


def _recognized_by(session: Session, settings: Settings, found: Held) -> Iterator[str]:
    """Yield the texts by which the person would be recognised."""
    is_test = any(lead["is_test"] for lead in found["lead"])
    region = settings.phone_region
    name_keys = {match_keys.name_key(name) for name in held.texts_of(found, "player_name")} | {
        lead["name_key"] for lead in found["lead"]
    }
    numbers = {*held.texts_of(found, "phone_key", "phones")}
    typed = set()
    for text in held.texts_of(found, "phone"):
        read = phones.read(text, region)
        numbers.update(read.numbers if read.e164 else ())
        if read.e164 is None:
            typed.add(text)
    emails = {*held.texts_of(found, "email")}
    found_by = {
        *erased_keys.places(sorted(numbers), None, None, is_test=is_test),
        *(one for text in typed for one in erased_keys.places((), None, text, is_test=is_test)),
        *(one for text in emails for one in erased_keys.places((), text, None, is_test=is_test)),
    }
    for place in sorted(found_by):
        if not _has_other_lead(session, place):
            yield place
        yield from (erased_keys.with_name(place, name_key) for name_key in name_keys)
    for leadgen_id in held.texts_of(found, "leadgen_id"):
        yield erased_keys.of_id(leadgen_id)


def _has_other_lead(session: Session, place: str) -> bool:
    """Return whether another lead has the number or the email; the erased one is gone already."""
    key = place.removeprefix(match_keys.TEST)
    if key.startswith(erased_keys.TYPED):
        # Some text in the place of a phone, such as `na`, may be anyone's.
        return True
    if key.startswith(match_keys.EMAIL):
        own = select(col(Lead.id)).where(col(Lead.email_key) == key.removeprefix(match_keys.EMAIL))
        return session.connection().scalar(own.limit(1)) is not None
    main = select(col(Lead.id)).where(col(Lead.phone_key) == key)
    further = select(col(LeadPhone.lead_id)).where(col(LeadPhone.phone_key) == key)
    return session.connection().scalar(main.union_all(further).limit(1)) is not None


def destroy(session: Session, person: Person | None, erased_id: int, now: datetime) -> None:
    """Destroy what is left of a lead's data. It can't be had back."""
    session.connection().execute(
        update(ErasedLead)
        .where(col(ErasedLead.id) == erased_id)
        .values(snapshot=None, destroyed_at=now)
    )
    audit.record(
        session,
        Event.ERASURE_COMPLETED,
        by=person.id if person else None,
        subject=Subject.ERASURE,
        subject_id=erased_id,
    )


def destroy_now(session: Session, settings: Settings, person: Person, erased_id: int) -> ErasedOut:
    """Have the data destroyed by the next run of the work.

    Raises `ErasureNotFound`, `Conflict` if it is destroyed already, and `Forbidden`.
    """
    erased = session.get(ErasedLead, erased_id, with_for_update=True)
    if erased is None:
        raise ErasureNotFound
    if erased.destroyed_at is not None:
        raise Conflict("This data has already been destroyed")
    if not settings.erasure_at_once:
        raise Forbidden(_NOT_AT_ONCE)
    erased.destroy_at = times.now()
    audit.record(
        session,
        Event.ERASURE_HASTENED,
        by=person.id,
        subject=Subject.ERASURE,
        subject_id=erased_id,
    )
    session.flush()
    return show(session, erased_id)


_SHOWN: tuple[Any, ...] = (
    col(ErasedLead.id),
    col(ErasedLead.lead_id),
    col(ErasedLead.center_id),
    written(col(ErasedLead.erased_at)).label("erased_at"),
    col(ErasedLead.erased_by),
    written(col(ErasedLead.destroy_at)).label("destroy_at"),
    written(col(ErasedLead.destroyed_at)).label("destroyed_at"),
)


def show(session: Session, erased_id: int) -> ErasedOut:
    """Return an erasure. Raises `ErasureNotFound`."""
    found = rows.fetch(session, select(*_SHOWN).where(col(ErasedLead.id) == erased_id))
    if not found:
        raise ErasureNotFound
    return cast(ErasedOut, found[0])


def list_page(session: Session, before: int | None, limit: int) -> list[ErasedOut]:
    """Return a page of erasures, the newest first."""
    query = select(*_SHOWN).order_by(col(ErasedLead.id).desc()).limit(limit)
    if before is not None:
        query = query.where(col(ErasedLead.id) < before)
    return cast(list[ErasedOut], rows.fetch(session, query))
