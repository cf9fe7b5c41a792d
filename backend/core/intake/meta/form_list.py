"""What Meta says of its forms: which there are, their names, and what their consent boxes say.

Each hour one process lists the forms of the pages that the token may manage, so that a new form
has a name, and a backfill, before its first lead. A form that a lead has named first is read within
a minute. Nothing of this holds up a lead.

Source: Meta's documents 'Page Leadgen Forms' and 'Leadgen Form', and in its Business SDK
`LeadgenForm` and `LeadGenLegalContent`. A page lists its forms to its own token alone, which
`me/accounts` gives to a system user; a token of a page is that page itself.
"""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.db import Database, low_priority
from backend.core.intake import retry_policy
from backend.core.intake.meta import circuit_breaker, consent_boxes, notifications, turns, versions
from backend.core.intake.meta.graph_client import Client
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.leads import consents
from backend.core.reasons import ReasonCode
from backend.core.settings import Settings
from backend.models import Form, Pause
from backend.schemas.health import NewForm

log = logging.getLogger("tofa.work")

EVERY = timedelta(hours=1)
# How soon a form that couldn't be read is asked for again, and how many are read in one run.
AGAIN = timedelta(days=1)
MOST_READ = 20
# In seconds: a run ends after the request that it is at then.
LONGEST_RUN = 60.0
# A form is new for so long, unless Meta has had it for longer than that.
NEW = timedelta(days=7)
NEW_ON_META = timedelta(days=30)
MOST_NEW = 20
_NAME = "forms"
_ACTIVE = "ACTIVE"
_FIELDS = "id,name,status,created_time"
_ALL_FIELDS = f"{_FIELDS},page_id,legal_content{{custom_disclaimer{{checkboxes}}}}"
# In characters.
_LONGEST_NAME = 500


@dataclass(frozen=True, slots=True)
class Page:
    """A page on Meta, and a client that may list its forms."""

    id: str
    name: str
    client: Client


def run_if_due(db: Database, settings: Settings, longest: float | None = None) -> int:
    """List the forms where that is due, and read those that are unread. Returns how many.

    Asks nothing without a token, or while reading from Meta is paused.
    """
    with db.read() as session:
        if not circuit_breaker.is_open(session, settings):
            return 0
        is_due = turns.is_due(session.get(Pause, _NAME), EVERY)
        if not is_due and not _unread(session, 1):
            return 0
    if is_due:
        with db.write() as session:
            is_due = turns.take(session, _NAME, EVERY)
    ends = time.monotonic() + (LONGEST_RUN if longest is None else longest)
    done = 0
    with closing(Client.of(settings)) as client, low_priority():
        if is_due:
            done += _list_all(db, settings, client)
            _tell_version(db, settings)
        with db.read() as session:
            unread = _unread(session, MOST_READ)
        for form_id in unread:
            if time.monotonic() > ends or not _read(db, settings, client, form_id):
                break
            done += 1
        if client.notice is not None:
            versions.keep(db, settings, client.notice)
    return done


def new_forms(session: Session) -> list[NewForm]:
    """Return the forms that have appeared in the last days, the newest first."""
    now = times.now()
    query = (
        select(Form)
        .where(
            col(Form.seen_at) >= now - NEW,
            # The academy's own forms are not Meta's.
            col(Form.id).not_like("webhook%"),
            or_(col(Form.created_at).is_(None), col(Form.created_at) >= now - NEW_ON_META),
        )
        .order_by(col(Form.seen_at).desc(), col(Form.id))
        .limit(MOST_NEW)
    )
    return [
        {"form_id": one.id, "name": one.name, "page_id": one.page_id, "seen_at": one.seen_at}
        for one in session.scalars(query)
        if one.seen_at is not None
    ]


def pages(client: Client) -> Iterator[Page | GraphError]:
    """Yield the pages that the token may manage; ends at the first error."""
    for found in client.listed("me/accounts", fields="id,name,access_token"):
        if isinstance(found, GraphError):
            yield from _own_page(client, found)
            return
        for page in found:
            id, token = notifications.as_id(page.get("id")), page.get("access_token")
            if id is not None:
                own = client.as_page(token) if token and isinstance(token, str) else client
                yield Page(id, _text(page.get("name")) or id, own)


def _own_page(client: Client, refusal: GraphError) -> Iterator[Page | GraphError]:
    """Yield the page that the token itself stands for: it has no list of pages."""
    if retry_policy.TABLE[refusal.kind].pause is not None:
        yield refusal
        return
    found = client.read("me", fields="id,name")
    if isinstance(found, GraphError):
        yield refusal
    elif (id := notifications.as_id(found.get("id"))) is not None:
        yield Page(id, _text(found.get("name")) or id, client)


def forms_of(page: Page) -> Iterator[dict[str, Any] | GraphError]:
    """Yield the forms of a page; ends at the first error."""
    for found in page.client.listed(f"{page.id}/leadgen_forms", fields=_FIELDS):
        if isinstance(found, GraphError):
            yield found
            return
        yield from (one for one in found if notifications.as_id(one.get("id")) is not None)


def _list_all(db: Database, settings: Settings, client: Client) -> int:
    """Keep what is listed of all pages. Returns how many forms were new."""
    new = 0
    for page in pages(client):
        listed = [page] if isinstance(page, GraphError) else list(forms_of(page))
        with db.write() as session:
            for one in listed:
                if isinstance(one, GraphError):
                    _give_up(session, settings, one)
                elif isinstance(page, Page):
                    new += _keep_listed(session, settings, page, one)
    return new


def _keep_listed(session: Session, settings: Settings, page: Page, form: dict[str, Any]) -> bool:
    """Keep a form that is listed. Returns whether it is new.

    One that nobody can fill in any more is kept only if a lead has named it: a page may have
    hundreds, and each would be read by every backfill.
    """
    id = notifications.as_id(form.get("id"))
    known = session.get(Form, id)
    if id is None or (known is None and form.get("status") != _ACTIVE):
        return False
    if known is None:
        log.info("New form of %s on Meta: %s (%s)", page.name, _text(form.get("name")), id)
    values = _columns(form, settings) | {"page_id": page.id}
    statement = upsert.insert(session, Form).values(
        id=id, questions=[], mapping={}, seen_at=times.now(), **values
    )
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["id"], set_=values)
    )
    return known is None


def _read(db: Database, settings: Settings, client: Client, form_id: str) -> bool:
    """Read a form and keep what it says. Returns whether another one may be read."""
    found = client.read(form_id, fields=_ALL_FIELDS)
    if isinstance(found, GraphError) and retry_policy.TABLE[found.kind].pause is None:
        # A form without what is legal, or a token that may not see it: the name is worth having.
        found = client.read(form_id, fields=_FIELDS)
    with db.write() as session:
        if isinstance(found, GraphError):
            goes_on = _give_up(session, settings, found)
            values: dict[str, Any] = {"read_at": times.now()} if goes_on else {}
        else:
            goes_on, texts = True, consent_boxes.texts_of(found)
            values = _columns(found, settings) | {"read_at": times.now(), "boxes": texts}
            if (page_id := notifications.as_id(found.get("page_id"))) is not None:
                values["page_id"] = page_id
            consents.set_texts(session, form_id, texts)
        if values:
            session.connection().execute(
                update(Form).where(col(Form.id) == form_id).values(**values)
            )
    return goes_on


def _give_up(session: Session, settings: Settings, error: GraphError) -> bool:
    """Pause for all where Meta asked us to wait. Returns whether another request may be sent.

    No other error counts for leads: a token may be right for them and not for their forms.
    """
    log.info("Meta's forms can't be read: %s", error.cause.text)
    if error.kind == ReasonCode.THROTTLED:
        retry_policy.pause_for_all(session, settings, error)
    return retry_policy.TABLE[error.kind].pause is None


def _unread(session: Session, limit: int) -> list[str]:
    """Return forms that a lead has named, and that weren't read yet or couldn't be."""
    failed: ColumnElement[bool] = and_(
        col(Form.name).is_(None), col(Form.read_at) < times.now() - AGAIN
    )
    query = (
        select(col(Form.id))
        .where(or_(col(Form.read_at).is_(None), failed))
        .order_by(col(Form.newest_lead_at).desc(), col(Form.id))
        .limit(limit)
    )
    return [id for id in session.scalars(query) if notifications.as_id(id) is not None]


def _tell_version(db: Database, settings: Settings) -> None:
    ending = versions.ends_soon(settings.meta_graph_version, times.now().date())
    if ending is not None:
        versions.keep(db, settings, ending.reason)


def _columns(form: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Return the columns of a form that Meta has named, as far as it did."""
    found: dict[str, Any] = {
        name: text for name in ("name", "status") if (text := _text(form.get(name)))
    }
    if (created := _time(form.get("created_time"), settings)) is not None:
        found["created_at"] = created
    return found


def _time(value: object, settings: Settings) -> datetime | None:
    try:
        return times.read_iso(str(value), settings.zone)
    except ValueError:
        return None


def _text(value: object) -> str:
    return value.replace("\0", "").strip()[:_LONGEST_NAME] if isinstance(value, str) else ""
