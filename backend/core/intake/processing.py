"""Turn deliveries that are due into leads.

`run_once` may run in any number of processes and threads at once. Each claims some deliveries for
a while, does the slow part without a transaction, and settles each in a transaction of its own,
which checks again that the claim still counts. A worker that fails gives its claims back; those of
one that dies run out, and the next worker takes them.
"""

import logging
import secrets
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from threading import Event
from typing import Any, Protocol

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import Session, col

from backend.core import times
from backend.core.alerts import announcing
from backend.core.db import Database
from backend.core.intake import claims, retry_policy
from backend.core.intake.meta import circuit_breaker, graph_client, versions
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.intake.outcomes import Claimed, Outcome, become
from backend.core.leads import erased_keys
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import columns
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Source

log = logging.getLogger("tofa.work")

# How long a worker has its deliveries for itself: longer than a BATCH takes whose fetches, AT_ONCE
# at a time, all run into their deadline.
CLAIM = timedelta(seconds=90)
BATCH = 32
AT_ONCE = 8
# A claim that ends later than this was made by a clock that ran ahead, and doesn't count.
LONGEST_CLAIM = timedelta(hours=1)

# In this order: new deliveries don't wait for those that have failed before. A new one is due
# whenever it came: a clock that was set back must not make it wait.
_DUE = (DeliveryState.RECEIVED, DeliveryState.RETRYING)


class Reader(Protocol):
    """Reads a lead of Meta, as `graph_client.Client` does. Never raises for what the host does."""

    def lead(self, leadgen_id: str, /) -> graph_client.Answer: ...


def run_once(
    db: Database,
    settings: Settings,
    client: Reader | None = None,
    limit: int = BATCH,
    at_once: int = AT_ONCE,
    last: int | None = None,
) -> int:
    """Claim deliveries that are due, and settle them. Returns how many were claimed.

    With `at_once` 1 it needs no threads. With `last`, the id of a delivery, it leaves those that
    came after it, except for those that one of the others has announced.
    """
    claims.give_back(db)
    # Look first, so that no writer has to wait: mostly there is nothing to do.
    with db.read() as session:
        fetching = circuit_breaker.is_open(session, settings)
        paused = circuit_breaker.in_a_row(session, settings)
        if not _due(session, 1, fetching=fetching, lock=False, last=last):
            return 0
    holder = secrets.token_hex(8)
    with claims.held(db, holder):
        with db.write() as session:
            claimed = claim(session, holder, limit, fetching=fetching, last=last)
        erased = _of_erased(db, settings, claimed)
        for one in claimed:
            if not one.to_fetch or one.id in erased:
                settle(db, settings, holder, one)
        to_fetch = [one for one in claimed if one.to_fetch and one.id not in erased]
        if to_fetch:
            with ExitStack() as stack:
                reader = client or stack.enter_context(closing(graph_client.Client.of(settings)))
                answers = _fetch(reader, to_fetch, at_once, stack)
                _settle_fetched(db, settings, holder, zip(to_fetch, answers, strict=True), paused)
    return len(claimed)


def _of_erased(db: Database, settings: Settings, claimed: Sequence[Claimed]) -> set[int]:
    """Return the ids of the deliveries that Meta would have to be asked for, and must not."""
    asked = {one.leadgen_id: one.id for one in claimed if one.to_fetch and one.leadgen_id}
    if not asked:
        return set()
    with db.read() as session:
        ids = erased_keys.of_ids(session, settings.erasure_secret, asked)
    return {asked[id] for id in ids}


def _settle_fetched(
    db: Database,
    settings: Settings,
    holder: str,
    answered: Iterable[tuple[Claimed, graph_client.Answer | None]],
    paused: int,
) -> None:
    """Settle deliveries with their answers; those that weren't sent are due when the pause ends.

    `paused` is the number of pauses in a row before this batch.
    """
    not_sent: list[int] = []
    refusal: GraphError | None = None
    notice: Reason | None = None
    for one, answer in answered:
        if answer is None:
            not_sent.append(one.id)
            continue
        if answer.lead is not None and paused:
            with db.write() as session:
                circuit_breaker.answered(session)
            paused = 0
        refusal = answer.error if _asks_for_a_pause(answer) else refusal
        notice = answer.notice or notice
        settle(db, settings, holder, one, answer)
    if not_sent and refusal is not None:
        with db.write() as session:
            _give_back(session, holder, not_sent, refusal)
    if notice is not None:
        versions.keep(db, settings, notice)


def _fetch(
    reader: Reader, to_fetch: Sequence[Claimed], at_once: int, stack: ExitStack
) -> Iterable[graph_client.Answer | None]:
    """Return the answers, each as soon as it and those before it are there.

    Once one asks for a pause, the others aren't sent: None.
    """
    refused = Event()

    def ask(leadgen_id: str) -> graph_client.Answer | None:
        if refused.is_set():
            return None
        answer = reader.lead(leadgen_id)
        if _asks_for_a_pause(answer):
            refused.set()
        return answer

    ids = [one.leadgen_id or "" for one in to_fetch]
    if at_once == 1:
        return map(ask, ids)
    threads = stack.enter_context(ThreadPoolExecutor(min(at_once, len(ids))))
    return threads.map(ask, ids)


def _asks_for_a_pause(answer: graph_client.Answer) -> bool:
    return answer.error is not None and retry_policy.TABLE[answer.error.kind].pause is not None


def _give_back(session: Session, holder: str, ids: Sequence[int], refusal: GraphError) -> None:
    """Give back deliveries for which Meta wasn't asked: the try doesn't count."""
    session.connection().execute(
        update(Delivery)
        .where(col(Delivery.id).in_(ids), col(Delivery.held_by) == holder)
        .values(
            state=DeliveryState.RETRYING,
            due_at=times.now(),
            attempts=col(Delivery.attempts) - 1,
            held_by=None,
            claimed_until=None,
            **columns(refusal.kind, refusal.cause),
        )
    )


def newest(db: Database) -> int:
    """Return the id of the newest delivery, or 0."""
    with db.read() as session:
        return session.connection().scalar(select(func.max(col(Delivery.id)))) or 0


def claim(
    session: Session, holder: str, limit: int, *, fetching: bool, last: int | None = None
) -> list[Claimed]:
    """Claim up to `limit` due deliveries; `fetching` is whether Meta may be asked for leads."""
    ids = _due(session, limit, fetching=fetching, lock=True, last=last)
    return claim_ids(session, holder, ids) if ids else []


def claim_ids(session: Session, holder: str, ids: Sequence[int]) -> list[Claimed]:
    """Claim deliveries by their ids."""
    found: Iterable[Any] = session.connection().execute(
        update(Delivery)
        .where(col(Delivery.id).in_(ids))
        .values(
            held_by=holder,
            claimed_until=times.now() + CLAIM,
            attempts=col(Delivery.attempts) + 1,
        )
        .returning(
            col(Delivery.id),
            col(Delivery.source),
            col(Delivery.body),
            col(Delivery.leadgen_id),
            col(Delivery.fetched),
            col(Delivery.attempts),
            col(Delivery.received_at),
            col(Delivery.import_id),
            col(Delivery.center_id),
            col(Delivery.content_type),
            col(Delivery.content_encoding),
            col(Delivery.is_unverified),
        )
    )
    return sorted((Claimed(*row) for row in found), key=lambda one: one.id)


def _due(
    session: Session, limit: int, *, fetching: bool, lock: bool, last: int | None
) -> list[int]:
    """Return the ids of up to `limit` deliveries that are due and not claimed.

    With `lock`, those that another worker is about to claim are skipped.
    """
    now = times.now()
    ids: list[int] = []
    # A query for each state, so that each can stop at its limit by the index of both columns.
    for state in _DUE:
        query = (
            select(col(Delivery.id))
            .where(
                col(Delivery.state) == state,
                or_(
                    col(Delivery.claimed_until).is_(None),
                    col(Delivery.claimed_until) < now,
                    col(Delivery.claimed_until) > now + LONGEST_CLAIM,
                ),
            )
            .order_by(col(Delivery.due_at))
            .limit(limit - len(ids))
        )
        if state == DeliveryState.RETRYING:
            query = query.where(col(Delivery.due_at) <= now)
        else:
            query = query.where(col(Delivery.due_at).is_not(None))  # the index has no others
        if not fetching:
            query = query.where(~_to_fetch())
        if last is not None:
            query = query.where(or_(col(Delivery.id) <= last, col(Delivery.parent_id) <= last))
        if lock:
            query = query.with_for_update(skip_locked=True)
        ids += [id for id in session.scalars(query) if id is not None]
        if len(ids) == limit:
            break
    return ids


def _to_fetch() -> ColumnElement[bool]:
    return and_(
        col(Delivery.leadgen_id).is_not(None),
        col(Delivery.fetched).is_(None),
        col(Delivery.source) != Source.UPLOAD,
    )


def settle(
    db: Database,
    settings: Settings,
    holder: str,
    one: Claimed,
    answer: graph_client.Answer | None = None,
) -> Outcome | None:
    """Make of a delivery what it can become. Returns the columns that were written.

    None where the claim has ended. A delivery that can't be processed counts as an error, so that
    it doesn't hold up the others.
    """
    for _ in range(3):
        try:
            with db.write() as session:
                outcome = become(session, settings, one, answer)
                note(session, holder, one, outcome)
        except _ClaimEnded:
            return None
        except OperationalError:
            raise  # the database's fault: the delivery is given back
        except IntegrityError:
            continue  # the same lead was stored in another way at this moment: look again
        except Exception:
            log.exception("Delivery %s can't be processed", one.id)
            break
        return outcome
    return _fail(db, settings, holder, one)


class _ClaimEnded(Exception):
    """The claim has run out, and another worker has the delivery: all of this is undone."""


def _fail(db: Database, settings: Settings, holder: str, one: Claimed) -> Outcome | None:
    error = GraphError(ReasonCode.ERROR, Reason(ReasonCode.ERROR))
    try:
        with db.write() as session:
            outcome = retry_policy.after(session, settings, error, one.attempts)
            note(session, holder, one, outcome)
    except _ClaimEnded:
        return None
    return outcome


def note(session: Session, holder: str, one: Claimed, outcome: Outcome) -> None:
    """Write the outcome of a delivery. Raises if another worker has taken it over."""
    result = session.connection().execute(
        update(Delivery)
        .where(col(Delivery.id) == one.id, col(Delivery.held_by) == holder)
        .values(held_by=None, claimed_until=None, **({"due_at": None} | outcome))
    )
    if result.rowcount != 1:
        raise _ClaimEnded
    if outcome["state"] in (DeliveryState.WAITING, DeliveryState.FAILED):
        announcing.delivery_waits(session, one.id)
