"""Leads that no notification has brought: read from Meta's forms, each since its watermark.

Meta gives up a notification after 36 hours, and keeps the lead for 90 days. A read that was cut
short doesn't move the watermark, since Meta's pages begin with the newest lead.
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
from backend.core.db import Database, low_priority
from backend.core.intake import deliveries, retry_policy
from backend.core.intake.meta import circuit_breaker, graph_client, turns, watermark
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.reasons import Reason, ReasonCode
from backend.core.reasons.two_columns import encode
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Pause, Source

EVERY = timedelta(minutes=15)
# In seconds: a run ends after the page that it is at then.
LONGEST_RUN = 600.0
# The name of the marker by which one worker of many does it.
_NAME = "backfill"


@dataclass(slots=True)
class FormRead:
    """What was read of a form: how many leads, how many of them new, and why not all."""

    form_id: str
    leads: int = 0
    new: int = 0
    problem: Reason | None = None


@dataclass(slots=True)
class Report:
    """What was read; `stopped` says why nothing (more) could be."""

    forms: list[FormRead] = field(default_factory=list)
    stopped: Reason | None = None

    @property
    def leads(self) -> int:
        return sum(one.leads for one in self.forms)

    @property
    def reason(self) -> Reason:
        """The report as a code with parameters."""
        params: dict[str, Any] = {
            "forms": len(self.forms),
            "leads": self.leads,
            "new": sum(one.new for one in self.forms),
        }
        problems = [
            Reason(ReasonCode.FORM_PROBLEM, {"form_id": one.form_id, "cause": one.problem})
            for one in self.forms
            if one.problem is not None
        ]
        problems += [self.stopped] if self.stopped is not None else []
        if not problems:
            return Reason(ReasonCode.DONE, params)
        return Reason(ReasonCode.PROBLEMS, params | {"problems": problems})

    def __str__(self) -> str:
        return self.reason.text


def run_if_due(db: Database, settings: Settings, longest: float | None = None) -> Report | None:
    """Read all forms, where a token is set and no process has read them for `EVERY`.

    It ends after `longest` seconds, with the page that it is at then. Returns None where it wasn't
    due.
    """
    if not settings.meta_access_token.get_secret_value():
        return None
    # Look before taking the turn, so that no writer has to wait: mostly it isn't due.
    with db.read() as session:
        marker = last(session)
    if not turns.is_due(marker, EVERY):
        return None
    with db.write() as session:
        if not turns.take(session, _NAME, EVERY):
            return None
    try:
        report = run(db, settings, longest=longest)
    except Exception:
        _mark(db, Reason(ReasonCode.CRASHED))
        raise
    _mark(db, report.reason)
    return report


def last(session: Session) -> Pause | None:
    """Return the marker: when the next backfill is due, and the report of the last one."""
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
    """Read one form, or all known ones, and store what is new as deliveries.

    `since` (UTC) takes the place of the watermark; `longest` is in seconds, LONGEST_RUN where none
    is given; `progress` gets the number of leads that were read.
    """
    ends = time.monotonic() + (LONGEST_RUN if longest is None else longest)
    with db.read() as session:
        forms = [form_id] if form_id else watermark.known_forms(session)
    # Where a run may end early, no form is always the last one.
    random.shuffle(forms)
    report = Report()
    with closing(graph_client.Client.of(settings)) as client, low_priority():
        reader = _Reader(db, settings, client, ends, report, progress)
        for id in forms:
            report.stopped = reader.why_not()
            if report.stopped is not None:
                break
            reader.read(id, since)
    return report


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads forms, one after the other, until a time by the monotonic clock."""

    db: Database
    settings: Settings
    client: graph_client.Client
    ends: float
    report: Report
    progress: Callable[[int], None] | None

    def why_not(self) -> Reason | None:
        """Return why no other form can be read now."""
        with self.db.read() as session:
            closed = circuit_breaker.closed(session, self.settings)
        if closed is None and time.monotonic() > self.ends:
            return Reason(ReasonCode.OUT_OF_TIME)
        return closed

    def read(self, form_id: str, since: datetime | None) -> None:
        """Read a form from its watermark on, or from `since` on, and move the watermark."""
        with self.db.read() as session:
            known = watermark.begin(session, form_id)
        begin = since or known
        newest = known
        self.report.forms.append(read := FormRead(form_id))
        for leads in self._pages(read, begin):
            with self.db.write() as session:
                read.new += _store(session, form_id, leads)
                circuit_breaker.answered(session)
            read.leads += len(leads)
            newest = max(newest, *(_created(lead, self.settings) for lead in leads))
            if self.progress is not None:
                self.progress(self.report.leads)
        # A read that began after the watermark hasn't seen what is between.
        if read.problem is None and begin <= known < newest:
            with self.db.write() as session:
                watermark.move(session, form_id, newest)

    def _pages(self, read: FormRead, begin: datetime) -> Iterator[list[dict[str, Any]]]:
        """Yield the pages that have leads; writes down the problem that ends them early."""
        for page in self.client.pages(read.form_id, int(begin.timestamp())):
            if isinstance(page, GraphError):
                read.problem = page.cause
                self._pause_for_all(page)
                return
            if page:
                yield page
            if time.monotonic() > self.ends:
                read.problem = Reason(ReasonCode.FORM_OUT_OF_TIME)
                return

    def _pause_for_all(self, error: GraphError) -> None:
        if retry_policy.TABLE[error.kind].pause is not None:
            with self.db.write() as session:
                retry_policy.pause_for_all(session, self.settings, error)


def _store(session: Session, form_id: str, leads: Sequence[dict[str, Any]]) -> int:
    """Store leads as they were answered. Returns how many were new."""
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
    """Give the lead to deliveries that wait for it, or have failed without it."""
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
        # A worker that is fetching it at this moment finds that its claim has ended.
        delivery.held_by = delivery.claimed_until = None


def _created(lead: dict[str, Any], settings: Settings) -> datetime:
    """Return when a lead was made (UTC). A future time must not move the watermark there."""
    try:
        created = times.read_iso(str(lead.get("created_time")), settings.zone)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return min(created, times.now())


def _mark(db: Database, report: Reason) -> None:
    """Write the report of this run to the marker."""
    found = {"reason": report.code, "details": encode(report.code, report)}
    with db.write() as session:
        marker = update(Pause).where(col(Pause.name) == _NAME)
        session.connection().execute(marker.values(**found))
