"""Summaries by email, in the morning and in the evening: numbers alone, and a link to the web app.

Those who want them get them when calling begins and when it ends, on open days, by the hours of all
centers. What an email says is counted when it is sent.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from backend.core import auth, mail, times
from backend.core.access import Person, visible_to
from backend.core.calling.rules import Standard
from backend.core.database import upsert
from backend.core.db import Database, low_priority
from backend.core.leads import call_queue, filter_times
from backend.core.outbox import emails, messages
from backend.core.outbox.channels import Message, Result
from backend.core.settings import Settings
from backend.models import AlertPreference, Lead, Role, Status, User
from backend.schemas.alerts import AlertSettings, AlertSettingsChange
from backend.schemas.call_queue import NextFilter

CHANNEL = "email"
# One that couldn't be planned in time, since no server ran, is of no use later.
_LATEST = timedelta(hours=3)


class Part(StrEnum):
    """The part of the day that a summary is for."""

    MORNING = "morning"
    EVENING = "evening"


def plan(db: Database, settings: Settings) -> int:
    """Add the summaries that are due, once for each person and part of a day. Returns how many."""
    now = times.now()
    with db.read() as session:
        due = dict(_due(session, settings, now))
        found = _missing(session, due) if due else []
    if found:
        with low_priority(), db.write() as session:
            messages.put(session, *found)
    return len(found)


def _due(session: Session, settings: Settings, now: datetime) -> Iterator[tuple[Part, str]]:
    """Yield the parts of today whose summaries are due, each with the day."""
    standard = Standard.of(settings)
    today = standard.today()
    hours = standard.of_center(session, None).hours.of_day(today)
    if not hours:
        return
    begins, ends = min(one.begins for one in hours), max(one.ends for one in hours)
    for part, at in ((Part.MORNING, begins), (Part.EVENING, ends)):
        if at <= now < at + _LATEST:
            yield part, today.isoformat()


def _missing(session: Session, due: dict[Part, str]) -> list[dict[str, Any]]:
    """Return the messages of the outbox that aren't there yet."""
    wanted = {
        f"summary:{id}:{day}:{part}": (id, part)
        for id in session.connection().scalars(_people(_wants()))
        for part, day in due.items()
    }
    there = messages.known_keys(session, wanted)
    return [
        messages.row(CHANNEL, f"{part}_summary", user_id=id, receiver=emails.RECEIVER, key=key)
        for key, (id, part) in sorted(wanted.items())
        if key not in there
    ]


def _wants() -> ColumnElement[bool]:
    """Return the condition that a person wants summaries: team leads do unless they say no."""
    chosen = (
        select(col(AlertPreference.summaries))
        .where(col(AlertPreference.user_id) == col(User.id))
        .scalar_subquery()
    )
    return func.coalesce(chosen, col(User.role) == Role.TEAM_LEAD)


def _people(*conditions: ColumnElement[bool]) -> Any:
    callers = col(User.role).in_((Role.TEAM_LEAD, Role.TEAM_MEMBER))
    return select(col(User.id)).where(col(User.disabled).is_(False), callers, *conditions)


def send(db: Database, settings: Settings, message: Message) -> Result:
    """Send a summary: the channel of emails."""
    with db.read() as session:
        user = session.get(User, message.user_id or 0)
        is_wanted = session.scalar(_people(_wants(), col(User.id) == message.user_id))
        if user is None or is_wanted is None:
            return Result.void()
        text = _text(_numbers(session, auth.person_of(session, user), settings), user, settings)
    name = "This morning" if message.kind.startswith(Part.MORNING) else "This evening"
    once = (message.key or str(message.id)).replace(":", ".")
    return emails.send(settings, user.email, f"{name} in TOFA CRM", text, once)


def _numbers(session: Session, person: Person, settings: Settings) -> Iterable[tuple[str, int]]:
    now, zone = times.now(), settings.zone
    counts = call_queue.show(session, person, NextFilter(limit=1), zone)["counts"]
    due = col(Lead.next_followup_date)
    today: list[ColumnElement[bool]] = [
        due >= filter_times.start_of_day(now, zone),
        due < filter_times.start_of_day(now, zone, 1),
        col(Lead.status).not_in((Status.JOINED, Status.DEAD)),
        col(Lead.is_test).is_(False),
        visible_to(person),
    ]
    if person.role != Role.TEAM_LEAD:
        today.append(func.coalesce(col(Lead.owner_id), person.id) == person.id)
    planned = session.connection().scalar(select(func.count()).select_from(Lead).where(*today))
    return (
        ("Follow-ups planned for today", int(planned or 0)),
        ("Overdue", counts["overdue"]),
        ("New", counts["new"]),
        ("Trials today", counts["trial"]),
        ("No next step", counts["no_next_step"]),
    )


def _text(numbers: Iterable[tuple[str, int]], user: User, settings: Settings) -> str:
    lines = "\n".join(f"{label}: {count:,}" for label, count in numbers)
    address = settings.public_url.rstrip("/")
    return (
        f"Hello {user.full_name},\n\n{lines}\n\n{address}/#/next\n\n"
        f"You can turn these emails off at {address}/#/security\n"
    )


def show_settings(session: Session, person: Person, settings: Settings) -> AlertSettings:
    """Return whether a person gets summaries, and whether this installation can send any."""
    query = select(_wants()).where(col(User.id) == person.id)
    is_wanted = bool(session.connection().scalar(query)) and person.role != Role.OBSERVER
    return {"summaries": is_wanted, "can_email": mail.is_set_up(settings)}


def change_settings(session: Session, person: Person, given: AlertSettingsChange) -> None:
    """Note whether a person wants summaries."""
    if "summaries" not in given.model_fields_set:
        return
    row = {"user_id": person.id, "summaries": given.summaries}
    statement = upsert.insert(session, AlertPreference).values(row)
    session.connection().execute(
        statement.on_conflict_do_update(index_elements=["user_id"], set_=row)
    )
