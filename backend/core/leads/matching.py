"""Where a lead that comes in belongs: it is new, or asks again, or is a sibling of one that stands.

The same phone and the same player's name is the same lead: it joins the one that stands, as a line
of its history, and a dead one is `New` again. The same phone with another name is a sibling, a lead
of its own in the same household. A lead of Meta is known by its id before all that. The center does
not matter: who asks at two centers is called once. Test leads and real ones never meet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
from typing import Any, Self

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import locks, pipeline
from backend.core.database.json_columns import encode
from backend.core.leads import match_keys
from backend.models import Delivery, EventKind, Lead, Status

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

    `center_tag` stands for `center_id` where that is to be found on the way, by its exact text.
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
    center_tag: str | None = None
    origin: dict[str, str | bool | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placed:
    """Which lead a candidate has become, or joined."""

    lead_id: int
    verdict: Verdict


class Unplaced(Enum):
    """Why nothing has become of a candidate yet."""

    # Somebody is placing leads of that phone, or many leads, at this moment.
    IN_THE_WAY = auto()
    # No center has its text for a tag.
    NO_SUCH_TAG = auto()


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
    one = _Coming.of(candidate, region, by=by, import_id=import_id)
    _wait_for_others(session, one.phone, candidate.leadgen_id)
    known = candidate.leadgen_id and find_by_leadgen_id(session, candidate.leadgen_id)
    if known:
        return Placed(known, Verdict.KNOWN)
    (found,) = _come_in(session, [one])
    placed = _settle(session, one, found)
    assert isinstance(placed, Placed), "it waits for the others, and knows its center"
    return placed


def place_at_once(
    session: Session, arrivals: Sequence[tuple[Candidate, Mapping[str, Any]]], region: str
) -> list[Placed | Unplaced]:
    """Places leads that have come together, without an id of Meta's. It waits for nobody.

    Each is kept with its delivery, columns of `Delivery`, which then says what it has become.
    Raises `OperationalError` where somebody is changing a lead that asks again.
    """
    ones = [
        _Coming.of(candidate, region, delivery=delivery, patient=False)
        for candidate, delivery in arrivals
    ]
    placed: list[Placed | Unplaced] = []
    siblings = set()
    for one, found in zip(ones, _come_in(session, ones), strict=True):
        if one.phone in siblings:
            (found,) = _come_in(session, [one])
        placed.append(_settle(session, one, found))
        if isinstance(placed[-1], Placed) and placed[-1].verdict is Verdict.SIBLING:
            siblings.add(one.phone)
    return placed


def creating(
    candidate: Candidate, delivery: Mapping[str, Any], region: str, only_if: str
) -> list[pipeline.Step]:
    """Makes the lead of a candidate as `place_at_once` does, if it is new; for PostgreSQL.

    `only_if` is a further condition, in SQL. What the last of them answers is for `created`.
    """
    one = _Coming.of(candidate, region, delivery=delivery, patient=False)
    return _steps_postgresql(one, only_if)


def created(rows: Sequence[pipeline.Row], candidate: Candidate) -> Placed | None:
    """The lead that `creating` has made, or the one that the candidate may join."""
    found = _Found(*rows[0])
    if found.made is not None:
        return Placed(found.made, Verdict.CREATE)
    same = found.has_center and found.name_key == match_keys.name_key(candidate.player_name)
    return Placed(found.nearest, Verdict.JOIN) if found.nearest is not None and same else None


def joining(
    candidate: Candidate, delivery: Mapping[str, Any], region: str, lead_id: int
) -> list[pipeline.Step]:
    """Lets a candidate ask again, if that is its lead and needs no more; for PostgreSQL.

    What the last of them answers is for `joined`.
    """
    one = _Coming.of(candidate, region, delivery=delivery, patient=False)
    values = (lead_id, one.phone, one.name, candidate.is_test, Status.DEAD.value)
    twin = f"{_TWIN} AND {locks.GOT} FOR UPDATE SKIP LOCKED", values
    return [one.turn, pipeline.following(twin, one.again)]


def joined(rows: Sequence[pipeline.Row]) -> Placed | None:
    """The lead that `joining` has joined."""
    return Placed(rows[0][0], Verdict.JOIN) if rows else None


def find_by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """The lead that a lead of Meta has become or joined."""
    own = session.scalar(select(col(Lead.id)).where(col(Lead.leadgen_id) == leadgen_id))
    return own or session.scalar(
        select(col(Delivery.lead_id)).where(col(Delivery.leadgen_id) == leadgen_id)
    )


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


@dataclass(frozen=True, slots=True)
class _Coming:
    """A candidate, what it is known by, and what is written with its lead."""

    candidate: Candidate
    phone: str | None
    name: str
    line: _Line
    delivery: Mapping[str, Any] | None
    patient: bool

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        region: str,
        *,
        by: int | None = None,
        import_id: int | None = None,
        delivery: Mapping[str, Any] | None = None,
        patient: bool = True,
    ) -> Self:
        phone = match_keys.phone_key(candidate.phone, region)
        name = match_keys.name_key(candidate.player_name)
        line = _Line(times.now(), by, import_id)
        return cls(candidate, phone, name, line, delivery, patient)

    @property
    def lead(self) -> dict[str, Any]:
        """The columns of its lead, but for the center."""
        candidate = self.candidate
        return {
            "created_time": candidate.created_time,
            "player_name": candidate.player_name,
            "player_age_category": candidate.player_age_category,
            "phone": candidate.phone,
            "email": candidate.email,
            "address": candidate.address,
            "status": Status.NEW.value,
            "leadgen_id": candidate.leadgen_id,
            "source": candidate.source,
            "is_test": candidate.is_test,
            "phone_key": self.phone,
            "name_key": self.name,
            "email_key": match_keys.email_key(candidate.email),
            "campaign": campaign_of(candidate.origin),
        }

    def others(self, verdict: Verdict) -> list[pipeline.New]:
        """What is added with its lead."""
        candidate = self.candidate
        others: list[pipeline.New] = [
            ("leadevent", self.line.of(EventKind.CREATED, {"source": candidate.source}))
        ]
        if candidate.origin or candidate.answers:
            others.append(("leadorigin", {**candidate.origin, "answers": candidate.answers}))
        if self.delivery is not None:
            others.append(("delivery", {**self.delivery, "reason": verdict.value}))
        return others

    @property
    def again(self) -> list[pipeline.New]:
        """What is added to the existing lead."""
        candidate = self.candidate
        data: dict[str, Any] = {
            "source": candidate.source,
            "at": candidate.created_time,
            **candidate.origin,
        }
        if candidate.answers:
            data["answers"] = candidate.answers
        again: list[pipeline.New] = [("leadevent", self.line.of(EventKind.REPEAT_ENQUIRY, data))]
        if self.delivery is not None:
            again.append(("delivery", {**self.delivery, "reason": Verdict.JOIN.value}))
        return again

    @property
    def turn(self) -> pipeline.Step:
        """Takes its turn, unless somebody else has it; for PostgreSQL."""
        return locks.attempt((_PLACING,), [self.phone] if self.phone is not None else [])

    @property
    def nearest(self) -> pipeline.Step:
        """The oldest lead of that phone and name, or else of that phone. Thousands may have one."""
        return _NEAREST, (self.phone or "", self.candidate.is_test, self.name)

    @property
    def center(self) -> pipeline.Step:
        if self.candidate.center_tag is not None:
            return _CENTER, (self.candidate.center_tag,)
        return "SELECT CAST(%s AS integer) AS id", (self.candidate.center_id,)


_NEAREST = """SELECT id, name_key FROM lead WHERE phone_key = %s AND is_test = %s
    ORDER BY name_key <> %s, id LIMIT 1"""
_TWIN = """SELECT id FROM lead WHERE id = %s AND phone_key = %s AND name_key = %s
    AND is_test = %s AND status <> %s"""
_CENTER = "SELECT id FROM center WHERE meta_tag_name = %s"
_WHERE_NEW = f"FROM place WHERE NOT EXISTS (SELECT FROM near) AND {locks.GOT}"
# What `_Found` is made of.
_TELLS = ", ".join(
    (
        locks.GOT,
        *("(SELECT id FROM made)", "(SELECT id FROM near)", "(SELECT name_key FROM near)"),
        *("EXISTS (SELECT FROM place)", "(SELECT id FROM place)"),
    )
)


@dataclass(frozen=True, slots=True)
class _Found:
    """What is there for a candidate, or is now: the id of the lead that it has `made`."""

    is_ours: bool
    made: int | None
    nearest: int | None
    name_key: str | None
    has_center: bool
    center_id: int | None


def _come_in(session: Session, ones: Sequence[_Coming]) -> list[_Found]:
    """Makes the leads of those whose phone nobody has. Nearly all are, so it is not asked before.

    On PostgreSQL it is one round trip for all of them.
    """
    if session.get_bind().dialect.name == "sqlite":
        return [_come_in_sqlite(session, one) for one in ones]
    found = pipeline.run(session, *(step for one in ones for step in _steps_postgresql(one)))
    return [_Found(*row) for (row,) in found[1::2]]


def _come_in_sqlite(session: Session, one: _Coming) -> _Found:
    """Nobody else writes meanwhile."""
    center, nearest = pipeline.run(session, one.center, one.nearest)
    made = None
    if center and not nearest:
        made = _create(session, one, center[0][0], Verdict.CREATE)
    nearest_id, name_key = nearest[0] if nearest else (None, None)
    center_id = center[0][0] if center else None
    return _Found(True, made, nearest_id, name_key, bool(center), center_id)


def _steps_postgresql(one: _Coming, only_if: str = "true") -> list[pipeline.Step]:
    """Takes its turn, and then makes its lead: a statement sees what was there when it began."""
    make = pipeline.inserting(
        ("lead", {**one.lead, "center_id": pipeline.Raw("place.id")}),
        one.others(Verdict.CREATE),
        sources=(("near", one.nearest), ("place", one.center)),
        where=f"{_WHERE_NEW} AND {only_if}",
        tells=_TELLS,
    )
    return [one.turn, make]


def _settle(session: Session, one: _Coming, found: _Found) -> Placed | Unplaced:
    if not found.is_ours:
        return Unplaced.IN_THE_WAY
    if not found.has_center:
        return Unplaced.NO_SUCH_TAG
    if found.made is not None:
        return Placed(found.made, Verdict.CREATE)
    assert found.nearest is not None
    if found.name_key == one.name:
        _join(session, found.nearest, one)
        return Placed(found.nearest, Verdict.JOIN)
    return Placed(_create(session, one, found.center_id, Verdict.SIBLING), Verdict.SIBLING)


def _create(session: Session, one: _Coming, center_id: int | None, verdict: Verdict) -> int:
    lead = {**one.lead, "center_id": center_id}
    return pipeline.insert(session, ("lead", lead), *one.others(verdict))


def _join(session: Session, lead_id: int, one: _Coming) -> None:
    """A lead that stands has come in once more: a line of history, and a dead one is `New`."""
    steps = [pipeline.adding(table, lead_id, row) for table, row in one.again]
    # Someone who is working on it at this moment comes first.
    held, *_ = pipeline.run(session, _hold(session, lead_id, patient=one.patient), *steps)
    ((status, leadgen_id),) = held
    if status == Status.DEAD:
        reopened = one.line.of(EventKind.STATUS, {"from": status, "to": Status.NEW})
        pipeline.run(
            session,
            ("UPDATE lead SET status = %s WHERE id = %s", (Status.NEW.value, lead_id)),
            pipeline.adding("leadevent", lead_id, reopened),
        )
    if leadgen_id is None and one.candidate.leadgen_id is not None:
        keep = "UPDATE lead SET leadgen_id = %s WHERE id = %s"
        pipeline.run(session, (keep, (one.candidate.leadgen_id, lead_id)))


def _hold(session: Session, lead_id: int, *, patient: bool) -> pipeline.Step:
    query = "SELECT status, leadgen_id FROM lead WHERE id = %s"
    if session.get_bind().dialect.name == "postgresql":
        query += " FOR UPDATE" if patient else " FOR UPDATE NOWAIT"
    return query, (lead_id,)


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
