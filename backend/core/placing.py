"""Where a lead that comes in belongs: it is new, or asks again, or is a sibling of one that stands.

The same phone and the same player's name is the same lead: it joins the one that stands, as a line
of its history, and a dead one is `New` again. The same phone with another name is a sibling, a lead
of its own in the same household. A lead of Meta is known by its id before all that. The center does
not matter: who asks at two centers is called once. Test leads and real ones never meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import at_once, identity, locks, times
from backend.core.history import encode
from backend.models import Capture, EventKind, Lead, Status

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


@dataclass(frozen=True, slots=True)
class Nearest:
    """The oldest lead of a phone and a name, or else of the phone."""

    id: int
    name_key: str


@dataclass(frozen=True, slots=True)
class Looked:
    """What `nearest` has found for a candidate whose `turn` is held."""

    nearest: Nearest | None


def place(
    session: Session,
    candidate: Candidate,
    region: str,
    by: int | None = None,
    import_id: int | None = None,
    looked: Looked | None = None,
    delivery: Mapping[str, Any] | None = None,
) -> Placed:
    """Finds or makes the candidate's lead, with its line of history, `by` a person or by none.

    With an `import_id` the lines are that import's, which can be undone. A `delivery`, columns of
    `Capture`, is kept with them, and says which lead it has become.

    Two calls for one phone or one id of Meta's, in whatever processes, run one after the other.
    With what was `looked` up, no one is waited for: then it raises `OperationalError` where
    somebody is changing the lead at this moment.
    """
    phone = identity.phone_key(candidate.phone, region)
    name = identity.name_key(candidate.player_name)
    patient = looked is None
    if looked is None:
        _wait_for_others(session, phone, candidate.leadgen_id)
        known = candidate.leadgen_id and find_by_leadgen_id(session, candidate.leadgen_id)
        if known:
            return Placed(known, Verdict.KNOWN)
        looked = Looked(_nearest(session, phone, name, candidate.is_test))
    line = _Line(times.now(), by, import_id)
    nearest = looked.nearest
    if nearest is not None and nearest.name_key == name:
        _join(session, nearest.id, candidate, line, delivery, patient=patient)
        return Placed(nearest.id, Verdict.JOIN)
    verdict = Verdict.CREATE if nearest is None else Verdict.SIBLING
    return Placed(_create(session, candidate, phone, name, line, delivery, verdict), verdict)


def find_by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """The lead that a lead of Meta has become or joined."""
    own = session.scalar(select(col(Lead.id)).where(col(Lead.leadgen_id) == leadgen_id))
    return own or session.scalar(
        select(col(Capture.lead_id)).where(col(Capture.leadgen_id) == leadgen_id)
    )


def turn(phones: Sequence[str]) -> at_once.Step:
    """Takes the turn of each phone, if nobody has it, until the transaction ends; for PostgreSQL.

    Its row says whether any can be had now, and then of each whether it is ours.
    """
    return locks.attempt((_PLACING,), phones)


def nearest(phone: str, name: str, *, is_test: bool) -> at_once.Step:
    """Looks for the lead that a candidate may be, for `found`. Thousands may have one phone."""
    return (
        "SELECT id, name_key FROM lead WHERE phone_key = %s AND is_test = %s"
        " ORDER BY name_key <> %s, id LIMIT 1",
        (phone, is_test, name),
    )


def found(rows: Sequence[at_once.Row]) -> Looked:
    """What the rows of `nearest` say."""
    return Looked(Nearest(*rows[0]) if rows else None)


def _nearest(session: Session, phone: str | None, name: str, is_test: bool) -> Nearest | None:
    if phone is None:
        return None
    (rows,) = at_once.run(session, nearest(phone, name, is_test=is_test))
    return found(rows).nearest


@dataclass(frozen=True, slots=True)
class _Line:
    """What the lines of history of one call have in common."""

    at: datetime
    by: int | None
    import_id: int | None

    def of(self, kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "at": self.at,
            "user_id": self.by,
            "kind": kind.value,
            "data": encode(dict(data)),
            "import_id": self.import_id,
        }


def _join(
    session: Session,
    lead_id: int,
    candidate: Candidate,
    line: _Line,
    delivery: Mapping[str, Any] | None,
    *,
    patient: bool,
) -> None:
    """A lead that stands has come in once more: a line of history, and a dead one is `New`."""
    data: dict[str, Any] = {
        "source": candidate.source,
        "at": candidate.created_time,
        **candidate.origin,
    }
    if candidate.answers:
        data["answers"] = candidate.answers
    steps = [at_once.adding("leadevent", lead_id, line.of(EventKind.ASKED_AGAIN, data))]
    if delivery is not None:
        steps.append(at_once.adding("capture", lead_id, {**delivery, "reason": Verdict.JOIN.value}))
    # Whoever works on it at this moment comes first.
    one, *_ = at_once.run(session, _hold(session, lead_id, patient=patient), *steps)
    ((status, leadgen_id),) = one
    if status == Status.DEAD:
        reopened = line.of(EventKind.STATUS, {"from": status, "to": Status.NEW})
        at_once.run(
            session,
            ("UPDATE lead SET status = %s WHERE id = %s", (Status.NEW.value, lead_id)),
            at_once.adding("leadevent", lead_id, reopened),
        )
    if leadgen_id is None and candidate.leadgen_id is not None:
        keep = "UPDATE lead SET leadgen_id = %s WHERE id = %s"
        at_once.run(session, (keep, (candidate.leadgen_id, lead_id)))


def _hold(session: Session, lead_id: int, *, patient: bool) -> at_once.Step:
    query = "SELECT status, leadgen_id FROM lead WHERE id = %s"
    if session.get_bind().dialect.name == "postgresql":
        query += " FOR UPDATE" if patient else " FOR UPDATE NOWAIT"
    return query, (lead_id,)


def _create(
    session: Session,
    candidate: Candidate,
    phone: str | None,
    name: str,
    line: _Line,
    delivery: Mapping[str, Any] | None,
    verdict: Verdict,
) -> int:
    lead = {
        "created_time": candidate.created_time,
        "player_name": candidate.player_name,
        "player_age_category": candidate.player_age_category,
        "phone": candidate.phone,
        "email": candidate.email,
        "address": candidate.address,
        "status": Status.NEW.value,
        "center_id": candidate.center_id,
        "leadgen_id": candidate.leadgen_id,
        "source": candidate.source,
        "is_test": candidate.is_test,
        "phone_key": phone,
        "name_key": name,
        "email_key": identity.email_key(candidate.email),
        "campaign": campaign_of(candidate.origin),
    }
    others = [("leadevent", line.of(EventKind.CREATED, {"source": candidate.source}))]
    if candidate.origin or candidate.answers:
        others.append(("leadorigin", {**candidate.origin, "answers": candidate.answers}))
    if delivery is not None:
        others.append(("capture", {**delivery, "reason": verdict.value}))
    return at_once.insert(session, ("lead", lead), *others)


def campaign_of(origin: Mapping[str, Any]) -> str | None:
    """What a campaign is called, in lists and figures; of a text without end, its beginning."""
    named = origin.get("campaign_name") or origin.get("campaign_id")
    return str(named)[:_LONGEST_CAMPAIGN] if named else None


def keep_others_out(session: Session) -> None:
    """Until the transaction ends, nobody else places a lead: for those who place many at once."""
    locks.hold(session, _PLACING)


def _wait_for_others(session: Session, *keys: str | None) -> None:
    # In one order whoever asks, so that no two wait for each other.
    locks.wait(session, (_PLACING,), sorted(key for key in keys if key))
