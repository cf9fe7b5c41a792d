"""Where a lead that comes in belongs: it is new, or asks again, or is a sibling of one that stands.

The same phone and the same player's name is the same lead: it joins the one that stands, as a line
of its history, and a dead one is `New` again. The same phone with another name is a sibling, a lead
of its own in the same household. A lead of Meta is known by its id before all that. The center does
not matter: who asks at two centers is called once. Test leads and real ones never meet.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import identity, locks, times
from backend.core.history import encode
from backend.models import Capture, EventKind, Lead, LeadEvent, LeadOrigin, Status

# In characters: it is indexed, and an index of PostgreSQL takes no more than 2,704 bytes.
_LONGEST_CAMPAIGN = 500
# What all who place leads hold together, and who places many at once holds alone.
_PLACING = "placing"


class Verdict(StrEnum):
    """What becomes of a lead that comes in."""

    CREATE = "create"
    SIBLING = "sibling"
    JOIN = "join"
    # Meta's id is here already: nothing is to be done, and nothing is added to the history.
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A lead that comes in; `created_time` is in UTC. Only a test lead may have no center.

    `origin` are the columns of `LeadOrigin` that are known; `answers` what a form asked besides.
    """

    created_time: datetime
    center_id: int | None
    source: str
    player_name: str | None = None
    player_age_category: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    leadgen_id: str | None = None
    is_test: bool = False
    origin: dict[str, str | bool | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Which lead a candidate has become, or joined."""

    lead_id: int
    verdict: Verdict


def place(
    session: Session,
    candidate: Candidate,
    region: str,
    by: int | None = None,
    import_id: int | None = None,
) -> Placed:
    """Finds or makes the candidate's lead, with its line of history, `by` a person or by none.

    With an `import_id` the lines are that import's, which can be undone.

    Two calls for one phone or one id of Meta's, in whatever processes, run one after the other.
    """
    phone = identity.phone_key(candidate.phone, region)
    name = identity.name_key(candidate.player_name)
    _wait_for_others(session, phone, candidate.leadgen_id)
    known = candidate.leadgen_id and find_by_leadgen_id(session, candidate.leadgen_id)
    if known:
        return Placed(known, Verdict.KNOWN)
    nearest = _nearest(session, phone, name, candidate.is_test)
    twin = nearest if nearest is not None and nearest.name_key == name else None
    if twin is not None:
        # Whoever works on it at this moment comes first.
        session.refresh(twin, with_for_update=True)
        said: dict[str, Any] = dict(candidate.origin)
        if candidate.answers:
            said["answers"] = candidate.answers
        ask_again(session, twin, candidate.source, candidate.created_time, said, by, import_id)
        if twin.leadgen_id is None:
            twin.leadgen_id = candidate.leadgen_id
        assert twin.id is not None
        return Placed(twin.id, Verdict.JOIN)
    lead = _create(session, candidate, phone, name, by, import_id)
    assert lead.id is not None
    return Placed(lead.id, Verdict.CREATE if nearest is None else Verdict.SIBLING)


def find_by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """The lead that a lead of Meta has become or joined."""
    own = session.scalar(select(col(Lead.id)).where(col(Lead.leadgen_id) == leadgen_id))
    return own or session.scalar(
        select(col(Capture.lead_id)).where(col(Capture.leadgen_id) == leadgen_id)
    )


def ask_again(
    session: Session,
    lead: Lead,
    source: str,
    at: datetime,
    said: Mapping[str, Any] | None = None,
    by: int | None = None,
    import_id: int | None = None,
) -> None:
    """A lead that stands has come in once more: a line of history, and a dead one is `New`.

    `at` is when it was made, in UTC; `said` is what it tells besides, for the line's data.
    """
    assert lead.id is not None
    now = times.now()
    data = {"source": source, "at": at, **(said or {})}
    session.add(_line(lead.id, now, EventKind.ASKED_AGAIN, data, by, import_id))
    if lead.status == Status.DEAD:
        reopened = {"from": lead.status, "to": Status.NEW}
        session.add(_line(lead.id, now, EventKind.STATUS, reopened, by, import_id))
        lead.status = Status.NEW


def _nearest(session: Session, phone: str | None, name: str, is_test: bool) -> Lead | None:
    """The oldest lead of that phone and name, or else of that phone. Thousands may have one."""
    if phone is None:
        return None
    query = (
        select(Lead)
        .where(col(Lead.phone_key) == phone, col(Lead.is_test) == is_test)
        .order_by(col(Lead.name_key) != name, col(Lead.id))
        .limit(1)
    )
    return session.scalar(query)


def _create(
    session: Session,
    candidate: Candidate,
    phone: str | None,
    name: str,
    by: int | None,
    import_id: int | None,
) -> Lead:
    lead = Lead(
        created_time=candidate.created_time,
        player_name=candidate.player_name,
        player_age_category=candidate.player_age_category,
        phone=candidate.phone,
        email=candidate.email,
        address=candidate.address,
        center_id=candidate.center_id,
        leadgen_id=candidate.leadgen_id,
        phone_key=phone,
        name_key=name,
        email_key=identity.email_key(candidate.email),
        is_test=candidate.is_test,
        source=candidate.source,
        campaign=campaign_of(candidate.origin),
    )
    session.add(lead)
    session.flush()
    assert lead.id is not None
    if candidate.origin or candidate.answers:
        origin: dict[str, Any] = candidate.origin
        session.add(LeadOrigin(lead_id=lead.id, answers=candidate.answers, **origin))
    data = {"source": candidate.source}
    session.add(_line(lead.id, times.now(), EventKind.CREATED, data, by, import_id))
    return lead


def campaign_of(origin: Mapping[str, Any]) -> str | None:
    """What a campaign is called, in lists and figures; of a text without end, its beginning."""
    named = origin.get("campaign_name") or origin.get("campaign_id")
    return str(named)[:_LONGEST_CAMPAIGN] if named else None


def _line(
    lead_id: int,
    at: datetime,
    kind: EventKind,
    data: Mapping[str, Any],
    by: int | None,
    import_id: int | None,
) -> LeadEvent:
    text = encode(dict(data))
    return LeadEvent(lead_id=lead_id, at=at, user_id=by, kind=kind, data=text, import_id=import_id)


def keep_others_out(session: Session) -> None:
    """Until the transaction ends, nobody else places a lead: for those who place many at once."""
    locks.hold(session, _PLACING)


def _wait_for_others(session: Session, *keys: str | None) -> None:
    locks.hold(session, _PLACING, shared=True)
    # In one order whoever asks, so that no two wait for each other.
    for key in sorted(key for key in keys if key):
        locks.hold(session, key)
