"""Fill a database with a demo academy: four centers in Hyderabad, their staff, 90 days of leads.

The people don't exist, and their email addresses lead nowhere (RFC 2606, `example.com`). The same
seed and time give the same data, except for the passwords.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import auth, centers, passwords, users
from backend.core.access import Person
from backend.core.db import Database
from backend.core.demo import arrivals, lists, pairs, texts
from backend.core.demo.names import CHILDREN, FAMILIES
from backend.core.demo.story import Call, arrival, calls, known_by_upload, outcome_of, trials_today
from backend.core.errors import BadRequest
from backend.core.leads import attempt_counts, match_keys
from backend.core.leads.attempt_counts import Tried
from backend.core.leads.changes import reached
from backend.core.leads.history import event
from backend.core.settings import Settings
from backend.models import (
    AssignmentRule,
    AssignmentShare,
    Attempt,
    Center,
    Comment,
    EventKind,
    Lead,
    LeadEvent,
    Outcome,
    Role,
    Source,
    Status,
    TrialOutcome,
    UserCenterLink,
)
from backend.schemas.assignment import Conditions
from backend.schemas.centers import NewCenter
from backend.schemas.choices import REASONS

LEADS = 500
SIBLINGS = 0.05
UPLOADED = 0.3

TEAM_LEAD = "lead@example.com"
OBSERVER = "observer@example.com"

# The name and PIN code of each center's neighbourhood, and the team member who works there.
CENTERS = {
    "Tellapur": ("502032", "Kavya Reddy"),
    "Gachibowli": ("500032", "Imran Khan"),
    "Kompally": ("500014", "Sandhya Rao"),
    "Miyapur": ("500049", "Vikram Naidu"),
}

# How a comment begins that says so.
_CAME = "Came to the trial"
# The sources of leads that aren't uploaded. Meta sends two of three.
_SOURCES = ("meta", "meta", "webhook")
# Of those from the website, every so many is one that a person has added.
_BY_HAND = 4
_HOMES = (
    "Lake View",
    "Green Meadows",
    "Sai Residency",
    "Pearl Heights",
    "Silver Oak",
    "Lotus Park",
)


class Login(NamedTuple):
    """A login to show to the person who runs the demo."""

    email: str
    password: str
    role: str
    center: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A center, and the team member who calls its leads."""

    id: int
    name: str
    pin: str
    member_id: int


def is_filled(session: Session) -> bool:
    """Return whether the database contains the demo academy."""
    return auth.find(session, TEAM_LEAD) is not None and not _is_empty(session)


def fill(session: Session, zone: ZoneInfo, now: datetime, seed: int = 1) -> list[Login]:
    """Fill an empty database. `now` is in UTC; the centers keep their hours in `zone`.

    Return the logins. Their passwords aren't stored anywhere else. Raises `BadRequest` if the
    database has leads or centers, and `EmailTaken`.
    """
    if not _is_empty(session):
        raise BadRequest(
            "This database already has leads or centers. The demo needs an empty database"
        )
    logins, admin_id, places = _people(session)
    texts.add(session)
    lists.add(session)
    _add_rule(session, places[0], admin_id, now)
    rng = Random(seed)  # noqa: S311  demo data, not a secret
    leads = list(_leads(rng, now, zone, places))
    pairs.make(leads)
    session.add_all(leads)
    session.flush()
    members: dict[int | None, int] = {place.id: place.member_id for place in places}
    _add_history(session, rng, leads, members, admin_id, zone, now)
    answers = arrivals.add_adverts(session, rng, leads)
    arrivals.add_deliveries(session, rng, leads, answers, team_lead(session), now)
    return logins


def plan_a_spreadsheet(db: Database, settings: Settings, now: datetime) -> None:
    """Add an import to a filled database that is planned but not committed yet."""
    with db.read() as session:
        person = team_lead(session)
    arrivals.plan_school_fair(db, settings, person, now)


def team_lead(session: Session) -> Person:
    """Return the team lead of a filled database."""
    user = auth.find(session, TEAM_LEAD)
    assert user is not None
    assert user.id is not None
    return Person(user.id, user.email, user.role)


def _is_empty(session: Session) -> bool:
    return all(
        session.connection().scalar(select(column).limit(1)) is None
        for column in (col(Lead.id), col(Center.id))
    )


def _people(session: Session) -> tuple[list[Login], int, list[_Place]]:
    logins: list[Login] = []

    def account(email: str, name: str, role: Role, center: str) -> int:
        password = secrets.token_urlsafe(9)
        hashed = passwords.hash(password)
        user = users.add(session, email=email, hashed=hashed, full_name=name, role=role)
        logins.append(Login(email, password, role, center))
        assert user.id is not None
        return user.id

    admin_id = account(TEAM_LEAD, "Meghana Varma", Role.TEAM_LEAD, "all")
    places = []
    for name, (pin, member) in CENTERS.items():
        tag, ground = f"TOFA {name}", f"{name} Sports Ground, Hyderabad {pin}"
        new = NewCenter(display_name=tag, meta_tag_name=tag, city="Hyderabad", location=ground)
        center_id = centers.create(session, new)["id"]
        member_id = account(f"{name.lower()}@example.com", member, Role.TEAM_MEMBER, tag)
        session.add(UserCenterLink(user_id=member_id, center_id=center_id))
        places.append(_Place(center_id, name, pin, member_id))
    observer_id = account(OBSERVER, "Joseph Thomas", Role.OBSERVER, f"TOFA {places[0].name}")
    session.add(UserCenterLink(user_id=observer_id, center_id=places[0].id))
    return logins, admin_id, places


def _add_rule(session: Session, place: _Place, admin_id: int, now: datetime) -> None:
    """Let a center's new leads from forms go to its team member, and every third to the team lead.

    The leads of the demo came before that.
    """
    conditions = Conditions(sources=[Source.META, Source.FLAT]).model_dump(mode="json")
    rule = AssignmentRule(center_id=place.id, position=1, conditions=conditions, since=now)
    session.add(rule)
    session.flush()
    assert rule.id is not None
    for user_id, weight in ((place.member_id, 2), (admin_id, 1)):
        session.add(AssignmentShare(rule_id=rule.id, user_id=user_id, weight=weight))


def _leads(rng: Random, now: datetime, zone: ZoneInfo, places: Sequence[_Place]) -> Iterator[Lead]:
    """Return the leads in the order of arrival, all of them new."""
    last: Lead | None = None
    moments = sorted(arrival(rng, now, zone) for _ in range(LEADS))
    numbers = rng.sample(range(100_000), LEADS)
    for moment, number in zip(moments, numbers, strict=True):
        child, family = rng.choice(CHILDREN), rng.choice(FAMILIES)
        if last is not None and rng.random() < SIBLINGS:
            # The same parent fills in the form for another child.
            family = (last.player_name or "").rpartition(" ")[2]
            created = min(now, last.created_time + timedelta(minutes=2))
            household = last.model_dump(include={*pairs.HOUSEHOLD})
        else:
            created = moment
            (place,) = rng.choices(places, weights=(4, 3, 2, 3))
            home = f"Flat {rng.randint(1, 12)}{rng.randint(1, 20):02}, {rng.choice(_HOMES)}"
            parent = f"{rng.choice(CHILDREN)}.{family}{rng.randint(1, 99)}".lower()
            email = f"{parent}@example.com" if rng.random() < 0.9 else None
            household = {
                "phone": f"+91 98480 {number:05}",
                "phone_key": f"+9198480{number:05}",
                "email": email,
                "email_key": match_keys.email_key(email),
                "address": f"{home}, {place.name}, Hyderabad {place.pin}",
                "center_id": place.id,
            }
        name = f"{child} {family}"
        last = Lead(
            created_time=created,
            player_name=name,
            name_key=match_keys.name_key(name),
            player_age_category=rng.choice(lists.AGES),
            **household,
        )
        yield last


def _add_history(
    session: Session,
    rng: Random,
    leads: Sequence[Lead],
    members: Mapping[int | None, int],
    admin_id: int,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """Add the calls to each lead, with their comments and history."""
    created: list[LeadEvent] = []
    logged: list[tuple[Lead, Call, Comment]] = []
    for lead in leads:
        assert lead.id is not None
        upload = known_by_upload(lead.created_time, zone) if rng.random() < UPLOADED else None
        if upload is not None and upload <= now:
            known, by, source = upload, admin_id, "upload"
        else:
            known, by, source = lead.created_time, None, rng.choice(_SOURCES)
            if source == "webhook" and lead.id % _BY_HAND == 0:
                # Someone walked in, or called.
                by, source = members[lead.center_id], lists.SOURCES[lead.id % 3]
        lead.source = source
        created.append(event(lead.id, known, EventKind.CREATED, by, source=source))
        for call in calls(rng, known, now, zone):
            comment = Comment(
                text=call.comment,
                timestamp=call.at,
                user_id=members[lead.center_id],
                lead_id=lead.id,
            )
            logged.append((lead, call, comment))
    session.add_all(created)
    uploads = [pair for pair in zip(leads, created, strict=True) if pair[0].source == "upload"]
    arrivals.add_imports(session, uploads, admin_id, now)
    logged = _with_trials_today(logged, now, zone)
    session.add_all(comment for _, _, comment in logged)
    session.flush()
    tried: dict[int, list[Tried]] = {}
    for lead, call, comment in logged:
        session.add_all(_changes(lead, call, comment))
        if not comment.text.startswith(_CAME):
            attempt = _attempt(lead, call, comment)
            tried.setdefault(attempt.lead_id, []).append(Tried(attempt.at, attempt.outcome))
            for name, value in attempt_counts.count(tried[attempt.lead_id], None).items():
                setattr(lead, name, value)
            session.add(attempt)


def _with_trials_today(
    logged: Sequence[tuple[Lead, Call, Comment]], now: datetime, zone: ZoneInfo
) -> list[tuple[Lead, Call, Comment]]:
    last = {lead.id: call for lead, call, _ in logged}
    moved = trials_today(list(last.values()), now, zone)
    return [
        (lead, moved.get(call, call) if call is last[lead.id] else call, comment)
        for lead, call, comment in logged
    ]


def _attempt(lead: Lead, call: Call, comment: Comment) -> Attempt:
    """Return the record of a call, whose comment says how it went."""
    assert lead.id is not None
    outcome = outcome_of(call)
    is_answered = outcome in attempt_counts.ANSWERED
    if outcome is Outcome.WRONG_NUMBER:
        lead.wrong_phone = lead.phone_key
    return Attempt(
        lead_id=lead.id,
        user_id=comment.user_id,
        at=call.at,
        outcome=outcome,
        seconds=20 + (lead.id * 37 + call.at.minute) % (220 if is_answered else 25),
        comment_id=comment.id,
        changes={},
    )


def _changes(lead: Lead, call: Call, comment: Comment) -> Iterator[LeadEvent]:
    """Log a call on its lead, as `PUT /leads/{id}` does."""
    assert lead.id is not None
    if call.status != lead.status:
        change = {"from": lead.status, "to": call.status}
        yield event(lead.id, call.at, EventKind.STATUS, comment.user_id, **change)
        lead.status = call.status
        if call.status == Status.DEAD:
            lead.lost_reason = REASONS[lead.id % len(REASONS)]
        reached(lead, call.at)
    if comment.text.startswith(_CAME):
        lead.trial_outcome, lead.attended_at = TrialOutcome.ATTENDED, lead.attended_at or call.at
    if call.status == Status.TRIAL_SCHEDULED:
        lead.trial_at = call.follow_up
    if call.follow_up is not None:
        moved = {"from": lead.next_followup_date, "to": call.follow_up}
        yield event(lead.id, call.at, EventKind.FOLLOW_UP, comment.user_id, **moved)
        lead.next_followup_date = call.follow_up
    yield event(lead.id, call.at, EventKind.COMMENT, comment.user_id, comment_id=comment.id)
