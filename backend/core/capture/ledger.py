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

from backend.core import locks, rows, times, upsert
from backend.core.access import Person
from backend.core.errors import CaptureNotFound, Conflict
from backend.core.rows import written
from backend.models import Capture, CaptureState, Source
from backend.schemas.captures import CaptureFilter, CaptureOut, CaptureRow

# The states from which a person may send a delivery through again, or put it away.
OPEN = (CaptureState.WAITING, CaptureState.FAILED, CaptureState.DEAD)
# What a delivery waits for whose center no one knows.
UNKNOWN_CENTER = "unknown_center"
# What those hold together who add leads of Meta in the order of their ids.
_IDS = "ids of Meta's leads"
# Made once, and of the table instead of its class: it runs for each delivery that comes in.
_KEEP = insert(cast(Table, inspect(Capture).local_table))


def keep(session: Session, source: str, body: str, **more: Any) -> int:
    """Keeps a delivery as it came. Answers its id; it is due at once.

    `more` are further columns of `Capture`: who holds it, and until when.
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
        "state": CaptureState.RECEIVED,
        "received_at": now,
        "due_at": now,
        "body": body,
    }


def announce(session: Session, found: Sequence[Mapping[str, Any]]) -> int:
    """Adds leads of Meta that are to be placed, each once. Answers how many were new.

    `found` are the columns of `Capture`, the same in each, with a `leadgen_id` among them.
    """
    locks.hold(session, _IDS, shared=True)
    # In one order whoever adds them: two that add the same ids must not wait for each other.
    ordered = sorted(found, key=lambda one: str(one["leadgen_id"]))
    now = times.now()
    common: Mapping[str, Any] = {"state": CaptureState.RECEIVED, "received_at": now, "due_at": now}
    if not ordered:
        return 0
    # Each with parameters of its own: thousands in one statement take longer to write than it, and
    # meanwhile nobody else can keep anything.
    statement = upsert.insert(session, Capture).on_conflict_do_nothing(
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

    `found` are columns of `Capture`, the same in each: `body`, which `reading.from_row` reads, and
    `center_text`, `leadgen_id` and `form_id` or None in their place.
    """
    now = times.now()
    common = {
        "source": Source.UPLOAD,
        "state": CaptureState.WAITING,
        "reason": UNKNOWN_CENTER,
        "note": "No one knows this center",
        "received_at": now,
    }
    if found:
        hold_ids(session)
        # Each with parameters of its own: thousands in one statement take longer to write than it.
        statement = upsert.insert(session, Capture).on_conflict_do_nothing(
            index_elements=["leadgen_id"]
        )
        session.connection().execute(statement, [common | dict(one) for one in found])


_SHOWN = (
    col(Capture.id),
    col(Capture.source),
    col(Capture.state),
    written(col(Capture.received_at)).label("received_at"),
    col(Capture.reason),
    col(Capture.note),
    col(Capture.attempts),
    written(col(Capture.due_at)).label("due_at"),
    col(Capture.lead_id),
    col(Capture.leadgen_id),
    col(Capture.form_id),
    col(Capture.center_text),
)
_SHOWN_ALONE = (
    col(Capture.parent_id),
    col(Capture.closed_by),
    col(Capture.body),
    col(Capture.fetched),
)


def list_page(session: Session, wanted: CaptureFilter) -> list[CaptureRow]:
    """The newest first; `before` is the id of the last one that was seen."""
    query = select(*_SHOWN).order_by(col(Capture.id).desc()).limit(wanted.limit)
    for name in ("state", "source", "reason", "form_id"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Capture, name) == value)
    if wanted.before is not None:
        query = query.where(col(Capture.id) < wanted.before)
    return cast(list[CaptureRow], rows.fetch(session, query))


def show(session: Session, capture_id: int) -> CaptureOut:
    """One delivery with its raw body. Raises `CaptureNotFound`."""
    query = select(*_SHOWN, *_SHOWN_ALONE).where(col(Capture.id) == capture_id)
    found = rows.fetch(session, query)
    if not found:
        raise CaptureNotFound
    return cast(CaptureOut, found[0])


def replay(session: Session, capture_id: int, *, all_of_reason: bool) -> int:
    """Sends a delivery, or all that are open for the same reason, through once more.

    Answers how many. Raises `CaptureNotFound`, and `Conflict` for one that is not open.
    """
    capture = _open(session, capture_id)
    if all_of_reason:
        return reopen(session, col(Capture.reason) == capture.reason)
    return reopen(session, col(Capture.id) == capture_id)


def reopen(session: Session, *conditions: Any) -> int:
    """Makes the open ones among deliveries due now, as if they had just come. Answers how many."""
    result = session.connection().execute(
        update(Capture)
        .where(col(Capture.state).in_(OPEN), *conditions)
        .values(
            state=CaptureState.RECEIVED,
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


def discard(session: Session, by: Person, capture_id: int, reason: str) -> None:
    """Puts a delivery away; it stays in the ledger, with the reason and who gave it.

    Raises `CaptureNotFound`, and `Conflict` for one that is not open.
    """
    capture = _open(session, capture_id)
    capture.state = CaptureState.DISCARDED
    capture.note = reason
    capture.closed_by = by.id
    capture.due_at = capture.claimed_until = capture.held_by = None


def _open(session: Session, capture_id: int) -> Capture:
    capture = session.get(Capture, capture_id, with_for_update=True)
    if capture is None:
        raise CaptureNotFound
    if capture.state not in OPEN:
        raise Conflict(f"This delivery is {capture.state}: there is nothing to do about it")
    return capture
