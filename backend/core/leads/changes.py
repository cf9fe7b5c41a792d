"""Change a lead: its status, next date, trial, comments; each change with a line of history."""

import re
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy import ColumnElement, delete, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.error_text import listed
from backend.core.errors import Invalid, LeadNotFound
from backend.core.leads import choices, edit_records, merged
from backend.core.leads.history import event
from backend.models import Comment, EventKind, Lead, LeadEvent, Status, TrialOutcome
from backend.schemas.choices import OTHER_REASON
from backend.schemas.leads import LeadChange

# What clients without a null send for 'not given'.
_NOT_GIVEN = (None, "", "None")
_STATUSES = frozenset(Status)
# By status, the columns that say when a lead first came that far.
REACHED: dict[str, tuple[str, ...]] = {
    Status.CALLED: ("called_at",),
    Status.TRIAL_SCHEDULED: ("called_at", "trialled_at"),
    Status.JOINED: ("called_at", "trialled_at", "attended_at", "joined_at"),
    Status.DEAD: ("called_at", "lost_at"),
}
# A child who has joined and is lost within this time had not joined.
CORRECTED_WITHIN = timedelta(days=1)
# The `+` of an offset that a client did not encode reads as a space.
_LOST_PLUS = re.compile(r"(T[\d:.]+) (\d\d:?\d\d)")


def update(
    session: Session, person: Person, lead_id: int, change: LeadChange, zone: ZoneInfo
) -> None:
    """Note the outcome of a call: a status, and a follow-up and a comment if they are given.

    Raises `LeadNotFound`, also for a lead of another center, and `Invalid`.
    """
    lead = find(session, person, lead_id)
    before = edit_records.Before.of(session, lead)
    now = times.now()
    note(session, lead, change, person.id, zone, now)
    before.keep(session, lead, person.id, now)


def note(
    session: Session,
    lead: Lead,
    change: LeadChange,
    by: int | None,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Note the outcome of a call on a locked lead. Raises `Invalid`."""
    check_status(lead, change.status, "query")
    set_status(session, lead, change.status, by, now)
    if change.next_date not in _NOT_GIVEN:
        set_follow_up(session, lead, _follow_up(change.next_date or "", zone), by, now)
    if change.comment:
        add_comment(session, lead, change.comment, by, now)


def find(session: Session, person: Person, lead_id: int) -> Lead:
    """Return a lead that a person can see, locked as by `lock`. Raises `LeadNotFound`."""
    return lock(session, lead_id, visible_to(person))


def lock(session: Session, lead_id: int, *conditions: ColumnElement[bool]) -> Lead:
    """Return a lead, locked until the transaction ends; of a merged lead, the one it's part of now.

    Raises `LeadNotFound`.
    """
    at: int | None = lead_id
    while at is not None:
        query = select(Lead).where(col(Lead.id) == at, *conditions).with_for_update()
        lead = session.scalars(query).one_or_none()
        if lead is not None:
            return lead
        # While this waited for the lock, the lead may have been merged.
        now = merged.current_id(session, lead_id)
        at = now if now != at else None
    raise LeadNotFound


def check_status(lead: Lead, status: str, place: str) -> None:
    """Check a new status; a lead may keep an old installation's own. Raises `Invalid`."""
    if status not in _STATUSES and status != lead.status:
        raise Invalid.at(place, "status", type="enum", msg=f"Choose {listed(list(Status))}")


def set_reason(
    session: Session,
    lead: Lead,
    reason: str | None,
    text: str | None,
    by: int | None,
    at: datetime,
) -> None:
    """Set why a lead was lost: a reason from its list, or the one that it has. Raises `Invalid`.

    Only the reason "Other" has a `text`, which says what it was.
    """
    reason = (reason or "").strip() or None
    choices.check_reason(session, lead, reason)
    given = {"lost_reason": reason, "lost_reason_text": _other(reason, text)}
    edited = {
        name: {"from": getattr(lead, name), "to": value}
        for name, value in given.items()
        if value != getattr(lead, name)
    }
    if not edited:
        return
    assert lead.id is not None
    session.add(event(lead.id, at, EventKind.EDITED, by, **edited))
    lead.lost_reason, lead.lost_reason_text = given["lost_reason"], given["lost_reason_text"]


def _other(reason: str | None, text: str | None) -> str | None:
    return ((text or "").strip() or None) if reason == OTHER_REASON else None


def set_status(session: Session, lead: Lead, status: str, by: int | None, at: datetime) -> None:
    """Set a lead's status, and the time at which it first came that far."""
    if status == lead.status:
        return
    session.add(_change(lead, at, EventKind.STATUS, by, lead.status, status))
    worked_on(lead)
    try_again(lead, at)
    if lead.status == Status.JOINED:
        _take_back_joining(lead, status, at)
    lead.status = status
    reached(lead, at)


def _take_back_joining(lead: Lead, status: str, at: datetime) -> None:
    """Forget that a lead has joined, and what followed from that alone, if that was a mistake.

    It was if the lead goes back to an earlier status, or to any other within a day. One that is
    lost later had joined, and left.
    """
    joined = lead.joined_at
    if joined is None or (status == Status.DEAD and at - joined > CORRECTED_WITHIN):
        return
    for column in stages_of(Status.JOINED):
        # What was noted at the same moment is only there because of the status.
        if getattr(lead, column) == joined:
            setattr(lead, column, None)


def reached(lead: Lead, at: datetime) -> None:
    """Keep the time at which a lead first came as far as its status says."""
    for column in stages_of(lead.status):
        if getattr(lead, column) is None:
            setattr(lead, column, at)


def stages_of(status: str) -> tuple[str, ...]:
    """Return the columns of the stages that a lead with a status has reached."""
    return REACHED.get(status, ())


def set_follow_up(
    session: Session, lead: Lead, at: datetime | None, by: int | None, now: datetime
) -> None:
    """Set or clear the next date, in UTC."""
    if at != lead.next_followup_date:
        session.add(_change(lead, now, EventKind.FOLLOW_UP, by, lead.next_followup_date, at))
        worked_on(lead)
        lead.next_followup_date = at
    if at is not None:
        try_again(lead, now)


def try_again(lead: Lead, at: datetime) -> None:
    """Restart the retry plan of an unreachable lead at a time."""
    if lead.unreachable_since is not None:
        lead.unreachable_since, lead.tries_since = None, at


def worked_on(lead: Lead) -> None:
    """Stop the clock of a lead that was waiting for a call: someone is working on it."""
    lead.call_by = lead.handed_over_at = None


def settle(session: Session, lead: Lead, by: int | None, now: datetime) -> None:
    """Clear the next date of a lead that has joined, is lost, or has a trial booked instead."""
    is_booked = lead.status == Status.TRIAL_SCHEDULED and lead.trial_at is not None
    if is_booked or lead.status in (Status.JOINED, Status.DEAD):
        set_follow_up(session, lead, None, by, now)


def set_trial(
    session: Session, lead: Lead, at: datetime | None, by: int | None, now: datetime
) -> None:
    """Set or clear the time of a trial, in UTC."""
    if at != lead.trial_at:
        session.add(_change(lead, now, EventKind.TRIAL, by, lead.trial_at, at))
        worked_on(lead)
        lead.trial_at = at
        # The trial at the other time has no outcome yet.
        lead.trial_outcome = None


def set_trial_outcome(
    session: Session, lead: Lead, outcome: str | None, by: int | None, now: datetime
) -> None:
    """Set or clear how the trial went; reports count a trial as attended only then."""
    if outcome == lead.trial_outcome:
        return
    assert lead.id is not None
    edited = {"trial_outcome": {"from": lead.trial_outcome, "to": outcome}}
    session.add(event(lead.id, now, EventKind.EDITED, by, **edited))
    if outcome == TrialOutcome.ATTENDED:
        lead.attended_at = lead.attended_at or now
    elif lead.trial_outcome == TrialOutcome.ATTENDED and lead.joined_at is None:
        lead.attended_at = None
    lead.trial_outcome = outcome


def add_comment(session: Session, lead: Lead, text: str, by: int | None, at: datetime) -> int:
    """Add a comment to a lead; return its id."""
    assert lead.id is not None
    worked_on(lead)
    comment = Comment(text=text, timestamp=at, user_id=by, lead_id=lead.id)
    session.add(comment)
    session.flush()
    assert comment.id is not None
    session.add(event(lead.id, at, EventKind.COMMENT, by, comment_id=comment.id))
    return comment.id


def remove_comment(session: Session, lead_id: int, comment_id: int) -> None:
    """Remove a comment, and its line of history, because the change that added it is undone."""
    connection = session.connection()
    own_comment = (col(Comment.id) == comment_id, col(Comment.lead_id) == lead_id)
    connection.execute(delete(Comment).where(*own_comment))
    lines = select(col(LeadEvent.id), col(LeadEvent.data)).where(
        col(LeadEvent.lead_id) == lead_id, col(LeadEvent.kind) == EventKind.COMMENT
    )
    own = [
        line.id
        for line in connection.execute(lines)
        if orjson.loads(line.data).get("comment_id") == comment_id
    ]
    connection.execute(delete(LeadEvent).where(col(LeadEvent.id).in_(own)))


def _change(
    lead: Lead, at: datetime, kind: EventKind, by: int | None, before: object, after: object
) -> object:
    assert lead.id is not None
    return event(lead.id, at, kind, by, **{"from": before, "to": after})


def _follow_up(text: str, zone: ZoneInfo) -> datetime:
    try:
        return times.read_iso(_LOST_PLUS.sub(r"\1+\2", text.strip()), zone)
    except ValueError as error:
        raise Invalid.at(
            "query",
            "next_date",
            type="datetime",
            msg="Use a date such as 2026-12-05, or a date and time such as 2026-12-05T16:30",
        ) from error
