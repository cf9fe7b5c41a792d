"""Add leads by hand, and edit them field by field."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import emails, names, phones, times
from backend.core.access import Person, visible_to
from backend.core.calling.targets import PLAIN, Handling
from backend.core.errors import CenterNotFound, Invalid, Outdated
from backend.core.leads import (
    adding,
    changes,
    choices,
    detail,
    edit_records,
    first_calls,
    lead_claims,
    lead_phones,
    lead_state,
    match_keys,
    matching,
    owners,
    search,
)
from backend.core.leads.filter_times import start_of_day
from backend.core.leads.history import event
from backend.core.vocabulary import values
from backend.models import Center, EventKind, Lead, Role
from backend.schemas.actions import EditedLead
from backend.schemas.attempts import NewAttempt
from backend.schemas.leads import Added, LeadEdit, NewLead, WorkChange

# Trials can be noted long after they were, and next dates and trials so many years ahead.
FIRST_YEAR, MOST_YEARS = 2000, 5


def edit(
    session: Session,
    person: Person,
    lead_id: int,
    given: LeadEdit,
    zone: ZoneInfo,
    region: str,
    versions: Collection[int] | None = None,
) -> EditedLead:
    """Change the given fields. Times without an offset are in the `zone`.

    What is changed is recorded, for an undo: see `edit_undo`. Raises `LeadNotFound`, `Invalid`,
    `CenterNotFound`, and `Outdated` if the lead is at none of the `versions` that the person has
    seen.
    """
    lead = changes.find(session, person, lead_id)
    assert lead.id is not None
    if versions is not None and detail.version(session, lead.id) not in versions:
        raise Outdated
    now = times.now()
    has_phone = "phone" in given.model_fields_set and given.phone != lead.phone
    before = edit_records.Before.of(session, lead, has_phone=has_phone)
    set_work(session, lead, given, person.id, zone, now)
    if "trial_outcome" in given.model_fields_set:
        changes.set_trial_outcome(session, lead, given.trial_outcome, person.id, now)
    center_id, owner_id = lead.center_id, lead.owner_id
    _edit(session, person, lead, given.model_dump(exclude_unset=True), region, now)
    if lead.center_id != center_id:
        owners.follow_center(session, lead, person.id, now)
    if "owner_id" in given.model_fields_set:
        owners.assign(session, [lead], given.owner_id, person.id, now)
    if (lead.center_id, lead.owner_id) != (center_id, owner_id):
        first_calls.restart(session, [lead], zone, now)
    if given.comment:
        changes.add_comment(session, lead, given.comment, person.id, now)
    lead_claims.release(session, person, lead.id)
    kept = before.keep(session, lead, person.id, now)
    session.flush()
    return {**detail.show(session, person, lead.id), "edit_id": kept.id if kept else None}


def set_work(
    session: Session,
    lead: Lead,
    given: LeadEdit | WorkChange | NewAttempt,
    by: int,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Set those of status, next date, trial and lost reason that are given.

    Times without an offset are in the `zone`. Raises `Invalid`.
    """
    fields = given.model_fields_set
    if given.status is not None:
        changes.check_status(lead, given.status, "body")
        changes.set_status(session, lead, given.status, by, now)
    if "next_followup_date" in fields:
        at = moment(lead, "next_followup_date", given.next_followup_date, zone, now)
        changes.set_follow_up(session, lead, at, by, now)
    if "trial_at" in fields:
        at = moment(lead, "trial_at", given.trial_at, zone, now)
        changes.set_trial(session, lead, at, by, now)
    if given.status is not None and "next_followup_date" not in fields:
        changes.settle(session, lead, by, now)
    if "lost_reason" in fields or "lost_reason_text" in fields:
        reason = given.lost_reason if "lost_reason" in fields else lead.lost_reason
        changes.set_reason(session, lead, reason, given.lost_reason_text, by, now)


def _edit(
    session: Session,
    person: Person,
    lead: Lead,
    given: dict[str, Any],
    region: str,
    now: datetime,
) -> None:
    edited = {}
    given = _with_choices(session, lead, given)
    # Fields without a rule of their own; their edits share one line of history.
    for name in lead_state.FIELDS:
        was = getattr(lead, name)
        value = given.get(name, was)
        if isinstance(value, str) and value != was:
            value = _CLEANED.get(name, _said)(value)
        if value != was:
            edited[name] = {"from": was, "to": value}
            setattr(lead, name, value)
    if not edited:
        return
    if "center_id" in edited:
        check_center(session, person, lead.center_id)
    if lead.phone is None and lead.email is None and {"phone", "email"} & edited.keys():
        raise Invalid.at("body", "phone", msg="Enter a phone or an email")
    if "phone" in edited:
        lead_phones.change(session, lead, edited["phone"]["from"], region)
        # There is another number to try.
        changes.try_again(lead, now)
    lead.name_key = match_keys.name_key(lead.player_name)
    lead.email_key = match_keys.email_key(lead.email)
    if {"player_name", "phone", "email"} & edited.keys():
        search.forget(lead)
    assert lead.id is not None
    session.add(event(lead.id, now, EventKind.EDITED, person.id, **edited))


def _said(text: str | None) -> str | None:
    """Return a text without the spaces around it; None for one that nobody sees."""
    return None if text is None or names.is_blank(text) else text.strip()


# How the texts of fields are cleaned that have more around them than spaces.
_CLEANED = {"email": lambda text: emails.clean(_said(text)), "player_name": names.clean}


def _with_choices(session: Session, lead: Lead, given: dict[str, Any]) -> dict[str, Any]:
    """Return the given fields with the spelling of the lead's lists. Raises `Invalid`."""
    center_id = given.get("center_id", lead.center_id)
    age = given.get("player_age_category")
    if age is not None and age != lead.player_age_category:
        given = given | {"player_age_category": choices.spelled(session, age, center_id)}
    if "source" in given and given["source"] != lead.source:
        was = lead.source or ""
        given = given | {"source": choices.check_source(session, center_id, given["source"], was)}
    return given


def moment(
    lead: Lead, name: str, value: datetime | None, zone: ZoneInfo, now: datetime
) -> datetime | None:
    """Return a new time of a lead in UTC. One that it has already is as it is.

    Raises `Invalid` for a time that must be a mistake, such as the year 26 or a next call on an
    earlier day. One earlier today isn't: it may be saved late, and the lead is due at once.
    """
    if value is None:
        return None
    try:
        at = times.to_utc(value, zone)
    except ValueError:
        at = None
    if at is not None and at == getattr(lead, name):
        return at
    if at is None or not (FIRST_YEAR <= at.year <= now.year + MOST_YEARS):
        raise Invalid.at("body", name, type="datetime", msg="Use a date closer to today")
    if name == "next_followup_date" and at < start_of_day(now, zone):
        raise Invalid.at("body", name, type="datetime", msg="Choose today or a later day")
    return at


# What a text with several emails is an answer to, beside the lead's own email.
_EMAILS = "email"


def create(
    session: Session,
    person: Person,
    new: NewLead,
    region: str,
    handling: Handling = PLAIN,
) -> Added:
    """Add a lead, or join it to the one that exists, if the person may see that.

    Beside one at a center of other people it is a lead of its own, and tells nothing of that: team
    leads find both among the possible duplicates. `handling` is as in `adding.add`. Raises
    `CenterNotFound` and `Invalid`.
    """
    if names.is_blank(new.phone or "") and names.is_blank(new.email or ""):
        raise Invalid.at("body", "phone", msg="Enter a phone or an email")
    if names.is_blank(new.player_name):
        raise Invalid.at("body", "player_name", msg="Enter the player's name")
    check_center(session, person, new.center_id)
    now = times.now()
    name, phone, email = values.in_place(new.player_name, new.phone, new.email)
    email, more = emails.split(email)
    candidate = matching.Candidate(
        created_time=now,
        center_id=new.center_id,
        source=choices.check_source(session, new.center_id, new.source),
        player_name=names.clean(name or new.player_name),
        player_age_category=_said(new.player_age_category),
        phone=phone,
        email=_said(email),
        address=_said(new.address),
        answers={_EMAILS: more} if more else {},
        birth_date=new.birth_date,
    )
    seen = visible_to(person)
    placed = adding.add(session, candidate, region, by=person.id, visible=seen, handling=handling)
    if new.comment:
        changes.add_comment(
            session, session.get_one(Lead, placed.lead_id), new.comment, person.id, now
        )
    session.flush()
    joined = placed.verdict is matching.Verdict.JOIN
    shown = detail.show(session, person, placed.lead_id)
    issue = phones.read(phone, region).issue
    return {"lead": shown, "joined": joined, "phone_issue": issue.value if issue else None}


def check_center(session: Session, person: Person, center_id: int | None) -> None:
    """Check that a person may give leads to a center. Raises `CenterNotFound`.

    They may for their own centers; a team lead for all; nobody for archived ones.
    """
    if person.role != Role.TEAM_LEAD and center_id not in person.centers:
        raise CenterNotFound
    is_open = col(Center.archived_at).is_(None)
    query = select(col(Center.id)).where(col(Center.id) == center_id, is_open)
    if session.connection().scalar(query) is None:
        raise CenterNotFound
