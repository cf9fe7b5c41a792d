"""Remove data in small steps when its time in the settings is over.

A step looks in a read first, and then writes a thousand rows at most, with low priority. Leads,
their history, daily totals and counts stay as they are, and so do reports.
"""

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Date, bindparam, delete, exists, or_, select, text, tuple_, update
from sqlmodel import Session, col

from backend.core import idempotency, times
from backend.core.database.bulk_insert import among
from backend.core.db import Database, low_priority
from backend.core.imports import store
from backend.core.leads import edit_records, lead_claims
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import (
    Alert,
    BulkChange,
    Delivery,
    DeliveryState,
    IdempotencyKey,
    Import,
    ImportRow,
    ImportState,
    Leave,
    ListChange,
    MessageState,
    Moment,
    OutboxMessage,
    RateCount,
    RetentionMark,
)

# How many rows one step changes or removes.
STEP = 1000
# How often the walk through the deliveries begins again, for those that were settled late.
AGAIN = timedelta(days=7)
# An expired claim is mostly taken again: by the next one who has the lead in hand.
_CLAIMS_KEPT = timedelta(days=1)
# Leave that has ended says nothing any more: long enough for every zone, and for a clock set back.
_LEAVE_KEPT = timedelta(days=7)

_SETTLED = (DeliveryState.PROCESSED, DeliveryState.DISMISSED)
# Imports that nobody is writing.
_AT_REST = (
    ImportState.PLANNED,
    ImportState.COMMITTED,
    ImportState.UNDONE,
    ImportState.FAILED,
)
_BODIES = "raw bodies"
_TIMES = (
    *("plans", "bodies", "changes", "before", "after", "claims", "keys"),
    *("alerts", "edits"),
)

# Whether there is anything to remove, for each of `_STEPS`. As a text: building these queries takes
# longer than running them, and mostly there is nothing.
_LOOK = text(
    """SELECT
    EXISTS (SELECT 1 FROM import WHERE created_at < :plans
        AND state IN ('planned', 'committed', 'undone', 'failed')
        AND EXISTS (SELECT 1 FROM importrow WHERE importrow.import_id = import.id)),
    EXISTS (SELECT 1 FROM (SELECT received_at FROM delivery WHERE id > coalesce(
        (SELECT last_id FROM retentionmark WHERE name = :name), 0) ORDER BY id LIMIT :step) AS next
        WHERE received_at < :bodies)
    OR EXISTS (SELECT 1 FROM retentionmark WHERE name = :name AND last_id > 0
        AND (at < :before OR at > :after)),
    EXISTS (SELECT 1 FROM bulkchange WHERE at < :changes)
    OR EXISTS (SELECT 1 FROM listchange WHERE ended_at < :changes),
    EXISTS (SELECT 1 FROM ratecount WHERE expires_at < :counts),
    EXISTS (SELECT 1 FROM leadclaim WHERE until < :claims),
    EXISTS (SELECT 1 FROM idempotencykey WHERE at < :keys),
    EXISTS (SELECT 1 FROM alert WHERE at < :alerts),
    EXISTS (SELECT 1 FROM outboxmessage WHERE created_at < :alerts
        AND state IN ('sent', 'dismissed')),
    EXISTS (SELECT 1 FROM (SELECT at FROM recentedit ORDER BY id LIMIT 1) AS first
        WHERE at < :edits),
    EXISTS (SELECT 1 FROM leave WHERE last_day < :leave)"""
).bindparams(
    *(bindparam(name, type_=Moment()) for name in _TIMES), bindparam("leave", type_=Date())
)

_Step = Callable[[Session, Settings, datetime], int]


def remove(db: Database, settings: Settings) -> int:
    """Do one step of the first kind that has something to remove. Returns how many rows."""
    now = times.now()
    with db.read() as session:
        found = session.connection().execute(_LOOK, _times(settings, now)).one()
    for step, is_needed in zip(_STEPS, found, strict=True):
        if is_needed:
            with low_priority(), db.write() as session:
                if done := step(session, settings, now):
                    return done
    return 0


def _times(settings: Settings, now: datetime) -> dict[str, Any]:
    return {
        "plans": now - timedelta(days=settings.plan_days),
        "bodies": now - timedelta(days=settings.body_days),
        "changes": now - timedelta(days=settings.bulk_change_days),
        "before": now - AGAIN,
        "after": now + AGAIN,
        "counts": _ended_before(),
        "claims": now - _CLAIMS_KEPT,
        "keys": now - idempotency.KEPT,
        "alerts": now - timedelta(days=settings.alert_days),
        "edits": now - edit_records.KEPT,
        "leave": (now - _LEAVE_KEPT).date(),
        "name": _BODIES,
        "step": STEP,
    }


def _old_import(session: Session, settings: Settings, now: datetime) -> int | None:
    """Return an import that is over its time and still has rows."""
    rows = exists().where(col(ImportRow.import_id) == col(Import.id))
    query = select(col(Import.id)).where(
        col(Import.created_at) < now - timedelta(days=settings.plan_days),
        col(Import.state).in_(_AT_REST),
        rows,
    )
    return session.scalar(query.order_by(col(Import.id)).limit(1))


def _remove_rows(session: Session, settings: Settings, now: datetime) -> int:
    """Remove rows of an old import. A plan that was never committed fails."""
    import_id = _old_import(session, settings, now)
    if import_id is None:
        return 0
    found = store.find(session, import_id, lock=True)
    if found.state not in _AT_REST:
        return 0
    if found.state == ImportState.PLANNED:
        found.state = ImportState.FAILED
        found.problem = Reason(ReasonCode.PLAN_EXPIRED).encode()
    own = col(ImportRow.import_id) == import_id
    first = select(col(ImportRow.number)).where(own).order_by(col(ImportRow.number)).limit(STEP)
    numbers = list(session.scalars(first))
    session.connection().execute(delete(ImportRow).where(own, col(ImportRow.number) <= numbers[-1]))
    return len(numbers)


def _mark(session: Session) -> RetentionMark:
    return session.get(RetentionMark, _BODIES) or RetentionMark(
        name=_BODIES, last_id=0, at=times.now()
    )


def _next_deliveries(session: Session, settings: Settings, now: datetime) -> list[int]:
    """Return the next deliveries of the walk that are over their time, and those between them."""
    query = (
        select(col(Delivery.id), col(Delivery.received_at))
        .where(col(Delivery.id) > _mark(session).last_id)
        .order_by(col(Delivery.id))
        .limit(STEP)
    )
    over = now - timedelta(days=settings.body_days)
    found = session.connection().execute(query).all()
    # A clock that ran ahead has times of the future: they don't keep the walk from going on.
    old = [at for at, (_, received_at) in enumerate(found) if received_at < over]
    return [id or 0 for id, _ in found[: old[-1] + 1]] if old else []


def _empty_bodies(session: Session, settings: Settings, now: datetime) -> int:
    """Empty the raw bodies of settled deliveries; the rows stay, with their outcome."""
    mark = session.merge(_mark(session))
    ids = _next_deliveries(session, settings, now)
    if not ids:
        mark.last_id, mark.at = 0, now
        return 0
    session.connection().execute(
        update(Delivery)
        .where(
            among(session, col(Delivery.id), ids),
            col(Delivery.state).in_(_SETTLED),
            col(Delivery.received_at) < now - timedelta(days=settings.body_days),
            or_(col(Delivery.body) != "", col(Delivery.fetched).is_not(None)),
        )
        .values(body="", fetched=None)
    )
    mark.last_id = ids[-1]
    return len(ids)


def _remove_changes(session: Session, settings: Settings, now: datetime) -> int:
    over = col(BulkChange.at) < now - timedelta(days=settings.bulk_change_days)
    query = select(col(BulkChange.id)).where(over).order_by(col(BulkChange.id)).limit(STEP)
    ids = [id for id in session.scalars(query) if id is not None]
    session.connection().execute(delete(BulkChange).where(among(session, col(BulkChange.id), ids)))
    of_lists = delete(ListChange).where(
        col(ListChange.ended_at) < now - timedelta(days=settings.bulk_change_days)
    )
    return len(ids) + session.connection().execute(of_lists).rowcount


def _ended_before() -> float:
    """Return when windows must have ended: those of just now go with the first new count."""
    return time.time() - 3600


def _remove_counts(session: Session, _settings: Settings, _now: datetime) -> int:
    over = col(RateCount.expires_at) < _ended_before()
    keys = list(session.scalars(select(col(RateCount.key)).where(over).limit(STEP)))
    session.connection().execute(delete(RateCount).where(col(RateCount.key).in_(keys)))
    return len(keys)


def _remove_claims(session: Session, _settings: Settings, now: datetime) -> int:
    return lead_claims.remove_expired(session, now - _CLAIMS_KEPT, STEP)


def _remove_keys(session: Session, _settings: Settings, now: datetime) -> int:
    """Remove the keys of requests that nobody sends again."""
    own = (col(IdempotencyKey.user_id), col(IdempotencyKey.key))
    over = select(*own).where(col(IdempotencyKey.at) < now - idempotency.KEPT).limit(STEP)
    gone = delete(IdempotencyKey).where(tuple_(*own).in_(over))
    return session.connection().execute(gone).rowcount


def _remove_alerts(session: Session, settings: Settings, now: datetime) -> int:
    over = col(Alert.at) < now - timedelta(days=settings.alert_days)
    ids = select(col(Alert.id)).where(over).limit(STEP)
    return session.connection().execute(delete(Alert).where(col(Alert.id).in_(ids))).rowcount


def _remove_messages(session: Session, settings: Settings, now: datetime) -> int:
    """Remove messages that were sent or dismissed; those that wait for a person stay."""
    over = (
        col(OutboxMessage.created_at) < now - timedelta(days=settings.alert_days),
        col(OutboxMessage.state).in_((MessageState.SENT, MessageState.DISMISSED)),
    )
    ids = select(col(OutboxMessage.id)).where(*over).limit(STEP)
    gone = delete(OutboxMessage).where(col(OutboxMessage.id).in_(ids))
    return session.connection().execute(gone).rowcount


def _remove_edits(session: Session, _settings: Settings, now: datetime) -> int:
    return edit_records.remove_old(session, now - edit_records.KEPT, STEP)


def _remove_leave(session: Session, _settings: Settings, now: datetime) -> int:
    """Remove leave that has ended, with what people have written to it."""
    over = select(col(Leave.id)).where(col(Leave.last_day) < (now - _LEAVE_KEPT).date())
    gone = delete(Leave).where(col(Leave.id).in_(over.limit(STEP)))
    return session.connection().execute(gone).rowcount


_STEPS: tuple[_Step, ...] = (
    _remove_rows,
    _empty_bodies,
    _remove_changes,
    _remove_counts,
    _remove_claims,
    _remove_keys,
    _remove_alerts,
    _remove_messages,
    _remove_edits,
    _remove_leave,
)
