"""Deliveries: everything from outside, stored as received, with its state.

received ──► processed     it has become a lead, or joined one
    │  ╲───► waiting       a person must act: an unknown center, no phone
    ├──────► retrying      an error; tried again at `due_at`
    └──────► failed        after many attempts
waiting, retrying, failed ──► received (retried by a person) or dismissed (with a person's reason)
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
from backend.core.intake.bodies import preview
from backend.core.reasons import Reason, ReasonCode, two_columns
from backend.models import Delivery, DeliveryState, Source
from backend.schemas.intake import DeliveryFilter, DeliveryOut, DeliveryRow

# The states from which a person may retry or dismiss a delivery.
OPEN = (DeliveryState.WAITING, DeliveryState.RETRYING, DeliveryState.FAILED)
# The reason of a delivery for an unrecognised center.
UNKNOWN_CENTER = ReasonCode.UNKNOWN_CENTER
# The reasons of deliveries that name a center which gets no leads.
UNKNOWN_CENTERS = (UNKNOWN_CENTER, ReasonCode.ARCHIVED_CENTER)
# The lock that several may hold together who add leads of Meta in the order of their ids.
_IDS = "ids of Meta's leads"
# Built once, from the table instead of its class: it runs for each delivery that comes in.
_KEEP = insert(cast(Table, inspect(Delivery).local_table))


def keep(session: Session, source: str, body: str, **more: Any) -> int:
    """Store a delivery unchanged, due at once. Returns its id.

    `more` are further columns of `Delivery`, such as `held_by`.
    """
    key = session.connection().execute(_KEEP, row(source, body) | more).inserted_primary_key
    assert key is not None
    return int(key[0])


def keep_all(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Store deliveries, each a `row`."""
    session.connection().execute(_KEEP, found)


def row(source: str, body: str) -> dict[str, Any]:
    """Return the columns of a delivery that has come now and is due at once."""
    now = times.now()
    return {
        "source": source,
        "state": DeliveryState.RECEIVED,
        "received_at": now,
        "due_at": now,
        "body": body,
    }


def announce(session: Session, found: Sequence[Mapping[str, Any]]) -> int:
    """Add leads of Meta that are to be processed, each once. Returns how many were new.

    `found` are the columns of `Delivery`, the same in each, with a `leadgen_id` among them.
    """
    locks.hold(session, _IDS, shared=True)
    # Always in one order: two that add the same ids must not wait for each other.
    ordered = sorted(found, key=lambda one: str(one["leadgen_id"]))
    now = times.now()
    common: Mapping[str, Any] = {"state": DeliveryState.RECEIVED, "received_at": now, "due_at": now}
    if not ordered:
        return 0
    # Each with parameters of its own: building one statement of thousands takes longer than
    # running it, and meanwhile no one else can write.
    statement = upsert.insert(session, Delivery).on_conflict_do_nothing(
        index_elements=["leadgen_id"]
    )
    counting = statement.execution_options(preserve_rowcount=True)
    return session.connection().execute(counting, [{**common, **one} for one in ordered]).rowcount


def hold_ids(session: Session) -> None:
    """Let no one else add leads of Meta until the transaction ends.

    Needed to add them in any order: two such transactions could wait for each other.
    """
    locks.hold(session, _IDS)


def put_aside(session: Session, found: Sequence[Mapping[str, Any]]) -> None:
    """Store rows of a spreadsheet that wait for their center, but no lead of Meta twice.

    `found` are columns of `Delivery`, the same in each: `body`, which `parsing.from_row` reads, and
    `center_text`, `leadgen_id` and `form_id` or None in their place. A `reason` other than an
    unknown center may be among them.
    """
    now = times.now()
    common = {
        "source": Source.UPLOAD,
        "state": DeliveryState.WAITING,
        "received_at": now,
        **two_columns.columns(ReasonCode.UNKNOWN_CENTER),
    }
    if found:
        hold_ids(session)
        statement = upsert.insert(session, Delivery).on_conflict_do_nothing(
            index_elements=["leadgen_id"]
        )
        session.connection().execute(statement, [common | dict(one) for one in found])


_SHOWN: tuple[Any, ...] = (
    col(Delivery.id),
    col(Delivery.source),
    col(Delivery.state),
    written(col(Delivery.received_at)).label("received_at"),
    col(Delivery.reason),
    col(Delivery.details).label("message"),
    col(Delivery.attempts),
    written(col(Delivery.due_at)).label("due_at"),
    col(Delivery.lead_id),
    col(Delivery.leadgen_id),
    col(Delivery.form_id),
    col(Delivery.center_text),
    col(Delivery.center_id),
)
_SHOWN_ALONE = (
    col(Delivery.parent_id),
    col(Delivery.closed_by),
    col(Delivery.body),
    col(Delivery.fetched),
    col(Delivery.content_type),
    col(Delivery.content_encoding),
)


def list_page(session: Session, wanted: DeliveryFilter) -> list[DeliveryRow]:
    """Return deliveries, the newest first; `before` is the id of the last one that was seen."""
    query = select(*_SHOWN).order_by(col(Delivery.id).desc()).limit(wanted.limit)
    for name in ("state", "source", "reason", "form_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Delivery, name) == value)
    if wanted.before is not None:
        query = query.where(col(Delivery.id) < wanted.before)
    return cast(list[DeliveryRow], [_with_message(one) for one in rows.fetch(session, query)])


def show(session: Session, delivery_id: int) -> DeliveryOut:
    """Return one delivery with its raw body. Raises `DeliveryNotFound`."""
    query = select(*_SHOWN, *_SHOWN_ALONE).where(col(Delivery.id) == delivery_id)
    found = rows.fetch(session, query)
    if not found:
        raise DeliveryNotFound
    (one,) = found
    one["text"] = preview.text(one["body"], one["content_type"], one["content_encoding"])
    return cast(DeliveryOut, _with_message(one))


def _with_message(one: dict[str, Any]) -> dict[str, Any]:
    one["message"] = two_columns.message(one["reason"], one["message"])
    return one


def retry(session: Session, delivery_id: int, *, all_of_reason: bool) -> int:
    """Retry a delivery, or all that are open for the same reason. Returns how many.

    Raises `DeliveryNotFound`, and `Conflict` for one that is not open.
    """
    delivery = find_open(session, delivery_id)
    if all_of_reason:
        return reopen(session, col(Delivery.reason) == delivery.reason)
    return reopen(session, col(Delivery.id) == delivery_id)


def reopen(session: Session, *conditions: Any) -> int:
    """Make the open ones among deliveries due now, as if they had just come. Returns how many."""
    result = session.connection().execute(
        update(Delivery)
        .where(col(Delivery.state).in_(OPEN), *conditions)
        .values(
            state=DeliveryState.RECEIVED,
            due_at=times.now(),
            attempts=0,
            # A worker that has it at this moment finds that its claim has ended.
            claimed_until=None,
            held_by=None,
            reason=None,
            details=None,
            # A person has looked at it.
            is_unverified=col(Delivery.is_unverified)
            & col(Delivery.reason).is_distinct_from(ReasonCode.UNVERIFIED_REPEAT),
        )
    )
    return result.rowcount


def dismiss(session: Session, by: Person, delivery_id: int, reason: str) -> None:
    """Close a delivery without a lead; it stays stored, with the reason and who gave it.

    Raises `DeliveryNotFound`, and `Conflict` for one that is not open.
    """
    delivery = find_open(session, delivery_id)
    delivery.state = DeliveryState.DISMISSED
    delivery.details = two_columns.encode(
        delivery.reason or "", Reason(ReasonCode.DISMISSED, {"text": reason})
    )
    delivery.closed_by = by.id
    delivery.due_at = delivery.claimed_until = delivery.held_by = None


def find_open(session: Session, delivery_id: int) -> Delivery:
    """Return an open delivery, locked. Raises `DeliveryNotFound` and `Conflict`."""
    delivery = session.get(Delivery, delivery_id, with_for_update=True)
    if delivery is None:
        raise DeliveryNotFound
    if delivery.state not in OPEN:
        raise Conflict(
            f"This delivery is {delivery.state}: only an open one can be retried, placed or "
            "dismissed"
        )
    return delivery
