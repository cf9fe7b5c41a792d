"""An example academy: four centers in Hyderabad, their people, and the leads of 90 days.

Its people do not exist, and its addresses of mail lead nowhere (RFC 2606, `example.com`). With
the same seed and the same time it is the same again, but for the passwords.
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
from backend.core.demo import arrivals
from backend.core.demo.names import CHILDREN, FAMILIES
from backend.core.demo.story import Call, arrival, calls, known_by_upload, trials_today
from backend.core.errors import BadRequest
from backend.core.leads import match_keys
from backend.core.leads.changes import reached
from backend.core.leads.history import event
from backend.core.settings import Settings
from backend.models import Center, Comment, EventKind, Lead, LeadEvent, Role, Status, UserCenterLink
from backend.schemas.centers import NewCenter
from backend.schemas.leads import REASONS

LEADS = 500
SIBLINGS = 0.05
UPLOADED = 0.3

TEAM_LEAD = "lead@example.com"
OBSERVER = "observer@example.com"

# The name and the PIN code of each center's neighbourhood, and who works there.
CENTERS = {
    "Tellapur": ("502032", "Kavya Reddy"),
    "Gachibowli": ("500032", "Imran Khan"),
    "Kompally": ("500014", "Sandhya Rao"),
    "Miyapur": ("500049", "Vikram Naidu"),
}

# What two children of one parent have in common.
_OF_A_PARENT = {"phone", "phone_key", "email", "email_key", "address", "center_id"}
_AGES = ("U7", "U9", "U11", "U13", "U15")
# How leads come that nobody uploads, and what Meta's are told by.
_WAYS = ("meta", "meta", "webhook")
_HOMES = (
    "Lake View",
    "Green Meadows",
    "Sai Residency",
    "Pearl Heights",
    "Silver Oak",
    "Lotus Park",
)


class Login(NamedTuple):
    """Who can sign in, in the words that are shown."""

    email: str
    password: str
    role: str
    center: str


@dataclass(frozen=True, slots=True)
class _Place:
    """A center, and who calls its leads."""

    id: int
    name: str
    pin: str
    member_id: int


def is_filled(session: Session) -> bool:
    """Whether this is the database of an example academy."""
    return auth.find(session, TEAM_LEAD) is not None and not _is_empty(session)


def fill(session: Session, zone: ZoneInfo, now: datetime, seed: int = 1) -> list[Login]:
    """Fills a database without centers and leads; `now` is in UTC, people live in the `zone`.

    Answers the logins, whose passwords are known to nobody else. Raises `BadRequest` for a
    database that is not empty, and `EmailTaken`.
    """
    if not _is_empty(session):
        raise BadRequest(
            "This database has leads or centers already: the example needs an empty one"
        )
    logins, admin_id, places = _people(session)
    rng = Random(seed)  # noqa: S311  a story, and no secret
    leads = list(_leads(rng, now, zone, places))
    session.add_all(leads)
    session.flush()
    members: dict[int | None, int] = {place.id: place.member_id for place in places}
    _tell(session, rng, leads, members, admin_id, zone, now)
    told = arrivals.tell_of_adverts(session, rng, leads)
    arrivals.tell_of_deliveries(session, rng, leads, told, _lead_of(session), now)
    return logins


def plan_a_spreadsheet(db: Database, settings: Settings, now: datetime) -> None:
    """Leaves a spreadsheet in a filled database that is planned, and not committed yet."""
    with db.read() as session:
        by = _lead_of(session)
    arrivals.plan_the_fair(db, settings, by, now)


def _lead_of(session: Session) -> Person:
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


def _leads(rng: Random, now: datetime, zone: ZoneInfo, places: Sequence[_Place]) -> Iterator[Lead]:
    """In the order in which they came, all of them new."""
    last: Lead | None = None
    moments = sorted(arrival(rng, now, zone) for _ in range(LEADS))
    numbers = rng.sample(range(100_000), LEADS)
    for moment, number in zip(moments, numbers, strict=True):
        child, family = rng.choice(CHILDREN), rng.choice(FAMILIES)
        if last is not None and rng.random() < SIBLINGS:
            # The same parent fills in the form again, for another child.
            family = (last.player_name or "").rpartition(" ")[2]
            created = min(now, last.created_time + timedelta(minutes=2))
            given = last.model_dump(include=_OF_A_PARENT)
        else:
            created = moment
            (place,) = rng.choices(places, weights=(4, 3, 2, 3))
            home = f"Flat {rng.randint(1, 12)}{rng.randint(1, 20):02}, {rng.choice(_HOMES)}"
            parent = f"{rng.choice(CHILDREN)}.{family}{rng.randint(1, 99)}".lower()
            email = f"{parent}@example.com" if rng.random() < 0.9 else None
            given = {
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
            player_age_category=rng.choice(_AGES),
            **given,
        )
        yield last


def _tell(
    session: Session,
    rng: Random,
    leads: Sequence[Lead],
    members: Mapping[int | None, int],
    admin_id: int,
    zone: ZoneInfo,
    now: datetime,
) -> None:
    """What became of each lead, with its comments and its history."""
    created: list[LeadEvent] = []
    noted: list[tuple[Lead, Call, Comment]] = []
    for lead in leads:
        assert lead.id is not None
        upload = known_by_upload(lead.created_time, zone) if rng.random() < UPLOADED else None
        if upload is not None and upload <= now:
            known, by, source = upload, admin_id, "upload"
        else:
            known, by, source = lead.created_time, None, rng.choice(_WAYS)
        lead.source = source
        created.append(event(lead.id, known, EventKind.CREATED, by, source=source))
        for call in calls(rng, known, now, zone):
            comment = Comment(
                text=call.comment,
                timestamp=call.at,
                user_id=members[lead.center_id],
                lead_id=lead.id,
            )
            noted.append((lead, call, comment))
    session.add_all(created)
    uploads = [pair for pair in zip(leads, created, strict=True) if pair[0].source == "upload"]
    arrivals.tell_of_spreadsheets(session, uploads, admin_id, now)
    noted = _with_trials_today(noted, now, zone)
    session.add_all(comment for _, _, comment in noted)
    session.flush()
    for lead, call, comment in noted:
        session.add_all(_changes(lead, call, comment))


def _with_trials_today(
    noted: Sequence[tuple[Lead, Call, Comment]], now: datetime, zone: ZoneInfo
) -> list[tuple[Lead, Call, Comment]]:
    last = {lead.id: call for lead, call, _ in noted}
    moved = trials_today(list(last.values()), now, zone)
    return [
        (lead, moved.get(call, call) if call is last[lead.id] else call, comment)
        for lead, call, comment in noted
    ]


def _changes(lead: Lead, call: Call, comment: Comment) -> Iterator[LeadEvent]:
    """Notes a call on its lead, as `leads.update` does."""
    assert lead.id is not None
    if call.status != lead.status:
        change = {"from": lead.status, "to": call.status}
        yield event(lead.id, call.at, EventKind.STATUS, comment.user_id, **change)
        lead.status = call.status
        if call.status == Status.DEAD:
            lead.lost_reason = REASONS[lead.id % len(REASONS)]
        reached(lead, call.at)
    if call.status == Status.TRIAL_SCHEDULED:
        lead.trial_at = call.follow_up
    if call.follow_up is not None:
        moved = {"from": lead.next_followup_date, "to": call.follow_up}
        yield event(lead.id, call.at, EventKind.FOLLOW_UP, comment.user_id, **moved)
        lead.next_followup_date = call.follow_up
    yield event(lead.id, call.at, EventKind.COMMENT, comment.user_id, comment_id=comment.id)
