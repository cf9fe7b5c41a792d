"""The ledger: every delivery from outside, as it came, and what has become of it.

received ──► done          it has become a lead, or joined one
    │  ╲───► waiting       a person must act: an unknown center, no phone
    ├──────► failed        tried, and tried again at `due_at`
    └──────► dead          given up; replayed or discarded by a person
waiting, failed, dead ──► received (replay) or discarded (by a person, with a reason)
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from sqlalchemy import Table, insert, inspect, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.database import locks, rows, upsert
from backend.core.database.rows import written
from backend.core.errors import Conflict, DeliveryNotFound
from backend.models import Delivery, DeliveryState, Source
from backend.schemas.intake import DeliveryFilter, DeliveryOut, DeliveryRow

# The states from which a person may send a delivery through again, or put it away.
OPEN = (DeliveryState.WAITING, DeliveryState.RETRYING, DeliveryState.FAILED)
# What a delivery waits for whose center no one knows.
UNKNOWN_CENTER = "unknown_center"
# What those hold together who add leads of Meta in the order of their ids.
_IDS = "ids of Meta's leads"
# Made once, and of the table instead of its class: it runs for each delivery that comes in.
_KEEP = insert(cast(Table, inspect(Delivery).local_table))


def keep(session: Session, source: str, body: str, **more: Any) -> int:
    """Keeps a delivery as it came. Answers its id; it is due at once.

    `more` are further columns of `Delivery`: who holds it, and until when.
    """
    key = session.connection().execute(_KEEP, row(source, body) | more).inserted_primary_key
    assert key is not None
    return int(key[0])


def keep_all(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Keeps deliveries, each a `row`."""
    session.connection().execute(_KEEP, found)


def row(source: str, body: str) -> dict[str, Any]:
    """The columns of a delivery that has come now; it is due at once."""
    now = times.now()
    return {
        "source": source,
        "state": DeliveryState.RECEIVED,
        "received_at": now,
        "due_at": now,
        "body": body,
    }


def announce(session: Session, found: Sequence[Mapping[str, Any]]) -> int:
    """Adds leads of Meta that are to be placed, each once. Answers how many were new.

    `found` are the columns of `Delivery`, the same in each, with a `leadgen_id` among them.
    """
    locks.hold(session, _IDS, shared=True)
    # In one order whoever adds them: two that add the same ids must not wait for each other.
    ordered = sorted(found, key=lambda one: str(one["leadgen_id"]))
    now = times.now()
    common: Mapping[str, Any] = {"state": DeliveryState.RECEIVED, "received_at": now, "due_at": now}
    if not ordered:
        return 0
    # Each with parameters of its own: thousands in one statement take longer to write than it, and
    # meanwhile nobody else can keep anything.
    statement = upsert.insert(session, Delivery).on_conflict_do_nothing(
        index_elements=["leadgen_id"]
    )
    counting = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(counting, [{**common, **one} for one in ordered]).rowcount


def hold_ids(session: Session) -> None:
    """Until the transaction ends, nobody else adds leads of Meta: for who adds them in any order.

    Else the two could wait for each other.
    """
    locks.hold(session, _IDS)


def put_aside(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Adds rows of a spreadsheet that wait for their center; one of Meta's that is here stays so.

    `found` are columns of `Delivery`, the same in each: `body`, which `reading.from_row` reads, and
    `center_text`, `leadgen_id` and `form_id` or None in their place.
    """
    now = times.now()
    common = {
        "source": Source.UPLOAD,
        "state": DeliveryState.WAITING,
        "reason": UNKNOWN_CENTER,
        "note": "No one knows this center",
        "received_at": now,
    }
    if found:
        hold_ids(session)
        # Each with parameters of its own: thousands in one statement take longer to write than it.
        statement = upsert.insert(session, Delivery).on_conflict_do_nothing(
            index_elements=["leadgen_id"]
        )
        session.connection().execute(statement, [common | dict(one) for one in found])


_SHOWN = (
    col(Delivery.id),
    col(Delivery.source),
    col(Delivery.state),
    written(col(Delivery.received_at)).label("received_at"),
    col(Delivery.reason),
    col(Delivery.note),
    col(Delivery.attempts),
    written(col(Delivery.due_at)).label("due_at"),
    col(Delivery.lead_id),
    col(Delivery.leadgen_id),
    col(Delivery.form_id),
    col(Delivery.center_text),
)
_SHOWN_ALONE = (
    col(Delivery.parent_id),
    col(Delivery.closed_by),
    col(Delivery.body),
    col(Delivery.fetched),
)


def list_page(session: Session, wanted: DeliveryFilter) -> list[DeliveryRow]:
    """The newest first; `before` is the id of the last one that was seen."""
    query = select(*_SHOWN).order_by(col(Delivery.id).desc()).limit(wanted.limit)
    for name in ("state", "source", "reason", "form_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Delivery, name) == value)
    if wanted.before is not None:
        query = query.where(col(Delivery.id) < wanted.before)
    return cast(list[DeliveryRow], rows.fetch(session, query))


def show(session: Session, delivery_id: int) -> DeliveryOut:
    """One delivery with its raw body. Raises `DeliveryNotFound`."""
    query = select(*_SHOWN, *_SHOWN_ALONE).where(col(Delivery.id) == delivery_id)
    found = rows.fetch(session, query)
    if not found:
        raise DeliveryNotFound
    return cast(DeliveryOut, found[0])


def retry(session: Session, delivery_id: int, *, all_of_reason: bool) -> int:
    """Sends a delivery, or all that are open for the same reason, through once more.

    Answers how many. Raises `DeliveryNotFound`, and `Conflict` for one that is not open.
    """
    delivery = _open(session, delivery_id)
    if all_of_reason:
        return reopen(session, col(Delivery.reason) == delivery.reason)
    return reopen(session, col(Delivery.id) == delivery_id)


def reopen(session: Session, *conditions: Any) -> int:
    """Makes the open ones among deliveries due now, as if they had just come. Answers how many."""
    result = session.connection().execute(
        update(Delivery)
        .where(col(Delivery.state).in_(OPEN), *conditions)
        .values(
            state=DeliveryState.RECEIVED,
            due_at=times.now(),
            attempts=0,
            # Whoever works on it at this moment finds that it is not theirs any more.
            claimed_until=None,
            held_by=None,
            reason=None,
            note=None,
        )
    )
    return result.rowcount


def dismiss(session: Session, by: Person, delivery_id: int, reason: str) -> None:
    """Puts a delivery away; it stays in the ledger, with the reason and who gave it.

    Raises `DeliveryNotFound`, and `Conflict` for one that is not open.
    """
    delivery = _open(session, delivery_id)
    delivery.state = DeliveryState.DISMISSED
    delivery.note = reason
    delivery.closed_by = by.id
    delivery.due_at = delivery.claimed_until = delivery.held_by = None


def _open(session: Session, delivery_id: int) -> Delivery:
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise DeliveryNotFound
    if delivery.state not in OPEN:
        raise Conflict(f"This delivery is {delivery.state}: there is nothing to do about it")
    return delivery
