"""Leads that no notification has brought: read from Meta's forms, each since its watermark.

Meta gives a notification up after 36 hours, and keeps the lead for 90 days. A read that was cut
short does not move the watermark: Meta's pages begin with the newest lead.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.db import Database, low_priority
from backend.core.intake import deliveries, retry_policy
from backend.core.intake.meta import circuit_breaker, graph_client, watermark
from backend.core.intake.meta.graph_errors import Trouble
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Pause, Source

EVERY = timedelta(minutes=15)
# In seconds: a run ends with the page that it is at then.
LONGEST_RUN = 600.0
# The marker by which one worker of many does it.
_NAME = "backfill"
_DONE, _TROUBLE = "done", "trouble"


@dataclass(slots=True)
class Read:
    """What was read of a form: how many leads, how many of them new, and what went wrong."""

    form_id: str
    leads: int = 0
    new: int = 0
    trouble: str | None = None


@dataclass(slots=True)
class Report:
    """What was read; `closed` says why nothing (more) could be."""

    forms: list[Read] = field(default_factory=list)
    closed: str | None = None

    def __str__(self) -> str:
        leads, new = (sum(getattr(one, name) for one in self.forms) for name in ("leads", "new"))
        said = [f"{len(self.forms)} forms read, {leads} leads, {new} of them new"]
        said += [f"form {one.form_id}: {one.trouble}" for one in self.forms if one.trouble]
        return "; ".join([*said, self.closed] if self.closed else said)


def run_if_due(db: Database, settings: Settings, longest: float | None = None) -> Report | None:
    """Reads all forms, where a token is set and no process has done so for a quarter of an hour.

    It ends after `longest` seconds, with the page that it is at then.
    """
    if not settings.meta_access_token.get_secret_value():
        return None
    # A look first, which keeps no writer waiting: mostly it is not due.
    with db.read() as session:
        marker = last(session)
    if marker is not None and times.now() < marker.until <= times.now() + 2 * EVERY:
        return None
    with db.write() as session:
        if not _take_turn(session):
            return None
    try:
        report = run(db, settings, longest=longest)
    except Exception:
        _mark(db, _TROUBLE, "It failed: see the log of the server")
        raise
    trouble = report.closed or any(one.trouble for one in report.forms)
    _mark(db, _TROUBLE if trouble else _DONE, str(report))
    return report


def _mark(db: Database, reason: str, note: str) -> None:
    with db.write() as session:
        marker = update(Pause).where(col(Pause.name) == _NAME)
        session.connection().execute(marker.values(reason=reason, note=note))


def last(session: Session) -> Pause | None:
    """The marker: when the next backfill is due, and what the last one has said."""
    return session.get(Pause, _NAME)


def run(
    db: Database,
    settings: Settings,
    *,
    since: datetime | None = None,
    form_id: str | None = None,
    longest: float | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Reads one form, or all that are known, and keeps what is new in the ledger.

    `since` (UTC) takes the place of the watermark; `longest` is in seconds, LONGEST_RUN where none
    is given; `progress` is told how many leads were read.
    """
    report = Report()
    ends = time.monotonic() + (LONGEST_RUN if longest is None else longest)
    with db.read() as session:
        forms = [form_id] if form_id else watermark.known_forms(session)
    # No form is always the last one, which a run may not come to.
    random.shuffle(forms)
    with closing(graph_client.Client.of(settings)) as client, low_priority():
        for id in forms:
            with db.read() as session:
                report.closed = _closed(session, settings)
                kept = watermark.begin(session, id)
            begin = since or kept
            if report.closed is None and time.monotonic() > ends:
                report.closed = "It took too long: the next one goes on"
            if report.closed is not None:
                break
            report.forms.append(read := Read(id))
            before = sum(one.leads for one in report.forms)
            newest = kept
            for leads in _pages(db, settings, client, read, begin, ends):
                with db.write() as session:
                    read.new += _keep(session, id, leads)
                read.leads += len(leads)
                newest = max(newest, *(_created(lead, settings) for lead in leads))
                if progress is not None:
                    progress(before + read.leads)
            # A read that began later has not seen what is between.
            if read.trouble is None and begin <= kept < newest:
                with db.write() as session:
                    watermark.move(session, id, newest)
    return report


def _pages(
    db: Database,
    settings: Settings,
    client: graph_client.Client,
    read: Read,
    begin: datetime,
    ends: float,
) -> Iterator[list[dict[str, Any]]]:
    """The pages of a form that have leads; notes the trouble that ends them early."""
    for page in client.pages(read.form_id, int(begin.timestamp())):
        if isinstance(page, Trouble):
            read.trouble = page.note
            with db.write() as session:
                _pause_for_all(session, settings, page)
            return
        if page:
            yield page
        if time.monotonic() > ends:
            read.trouble = "It took too long: the next one begins anew"
            return


def _pause_for_all(session: Session, settings: Settings, trouble: Trouble) -> None:
    pause = retry_policy.TABLE[trouble.kind].pause
    if pause is not None:
        wait = trouble.wait or pause
        circuit_breaker.pause(session, settings, trouble, times.now() + timedelta(seconds=wait))


def _keep(session: Session, form_id: str, leads: Sequence[dict[str, Any]]) -> int:
    """Keeps leads as they were answered; one that was announced and is still to be fetched, is."""
    found = {str(lead["id"]): orjson.dumps(lead).decode() for lead in leads}
    added = deliveries.announce(
        session,
        [
            {
                "source": Source.BACKFILL,
                "body": orjson.dumps({"leadgen_id": id}).decode(),
                "leadgen_id": id,
                "form_id": form_id,
                "fetched": lead,
            }
            for id, lead in found.items()
        ],
    )
    if added < len(found):
        _spare_fetching(session, found)
    return added


def _spare_fetching(session: Session, found: dict[str, str]) -> None:
    """Gives deliveries that wait for Meta, or were given up, the lead that is here now."""
    query = select(Delivery).where(
        col(Delivery.leadgen_id).in_(found),
        col(Delivery.fetched).is_(None),
        col(Delivery.state).in_(
            (DeliveryState.RECEIVED, DeliveryState.RETRYING, DeliveryState.FAILED)
        ),
    )
    for delivery in session.scalars(query.order_by(col(Delivery.id)).with_for_update()):
        assert delivery.leadgen_id is not None
        delivery.fetched = found[delivery.leadgen_id]
        delivery.state, delivery.attempts, delivery.due_at = DeliveryState.RECEIVED, 0, times.now()
        # Whoever is fetching it at this moment finds that it is not theirs any more.
        delivery.held_by = delivery.claimed_until = None


def _closed(session: Session, settings: Settings) -> str | None:
    """Why the graph host can't be asked."""
    if circuit_breaker.is_open(session, settings):
        return None
    pause = circuit_breaker.current(session, settings)
    return f"The graph host is paused: {pause.note}" if pause else "META_ACCESS_TOKEN is not set"


def _created(lead: dict[str, Any], settings: Settings) -> datetime:
    """When a lead was made (UTC). One of a time to come must not move the watermark there."""
    try:
        created = times.read_iso(str(lead.get("created_time")), settings.zone)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return min(created, times.now())


def _take_turn(session: Session) -> bool:
    """Whether it is due, and nobody else has taken it at this moment."""
    now = times.now()
    statement = upsert.insert(session, Pause).values(
        name=_NAME, until=now + EVERY, reason=_DONE, note="It runs", held_for=""
    )
    taken = session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["name"],
            set_={"until": now + EVERY},
            # One that is further ahead was made by a clock that ran ahead.
            where=(col(Pause.until) <= now) | (col(Pause.until) > now + 2 * EVERY),
        ).returning(col(Pause.name))
    )
    return taken.first() is not None
