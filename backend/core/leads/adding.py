"""Add an incoming lead, or join it to the one that exists, as `matching.decide` says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.calling.targets import PLAIN, Handling
from backend.core.database import pipeline
from backend.core.leads import (
    assignment,
    choices,
    consents,
    existing_lead,
    lead_phones,
    match_locks,
    one_round_trip,
    reopening,
)
from backend.core.leads.assignment import Arrival
from backend.core.leads.matching import Candidate, Decision, Existing, Placed, Verdict, decide
from backend.core.leads.new_lead import NewLead
from backend.core.leads.one_round_trip import Found
from backend.models import EventKind, Lead, Status

_REOPEN = "UPDATE lead SET status = %s, call_by = %s, handed_over_at = NULL WHERE id = %s"
_DUE_NOW = """UPDATE lead SET next_followup_date = %s, tries_since = %s, unreachable_since = NULL,
    call_by = %s, handed_over_at = NULL WHERE id = %s"""

_NEW = (Verdict.CREATE, Verdict.SIBLING)


class NotAdded(Enum):
    """The reasons why a candidate hasn't been added."""

    # Someone else is adding leads of that household, or many leads, at this moment.
    LOCKED = auto()
    # No center has the candidate's `center_tag`.
    UNKNOWN_CENTER = auto()
    # It repeats the enquiry of a lead, and its sender may be anyone: see `intake.webhook_access`.
    REPEAT = auto()


def add(
    session: Session,
    candidate: Candidate,
    region: str,
    by: int | None = None,
    import_id: int | None = None,
    visible: ColumnElement[bool] | None = None,
    handling: Handling = PLAIN,
) -> Placed:
    """Add the candidate's lead or join it, with a line of history; `by` is the id of a person.

    `handling` says by when a lead that is new, or begins again, is called. With a standard, from
    the settings, it is assigned by rule, unless it was worked on elsewhere: it gets the owner that
    it had there first.

    With `visible`, a condition in SQL, it joins such leads only, and is a lead of its own beside
    any other.

    With an `import_id` the lines belong to that import, which can be undone. Two calls for one
    household or one of Meta's ids, in any processes, run one after the other.
    """
    new = NewLead.of(candidate, region, by, import_id)
    new = replace(new, visible=visible, handling=handling)
    placed = _add(session, new)
    assert isinstance(placed, Placed), "it has waited for the locks, and its center is known"
    return placed


def add_unless_repeated(
    session: Session, candidate: Candidate, region: str, handling: Handling = PLAIN
) -> Placed | None:
    """Do the same, but return None, and change nothing, if the candidate would join a lead."""
    new = replace(NewLead.of(candidate, region), may_join=False, handling=handling)
    placed = _add(session, new)
    return placed if isinstance(placed, Placed) else None


def _add(session: Session, new: NewLead) -> Placed | NotAdded:
    candidate = new.candidate
    match_locks.wait_for_others(session, *new.keys.households, candidate.leadgen_id)
    if candidate.leadgen_id is not None:
        known = existing_lead.find_by_leadgen_id(session, candidate.leadgen_id)
        decision = decide(Existing(known=known), has_phone=new.has_phone)
        if decision.verdict is Verdict.KNOWN and decision.lead is not None:
            consents.add_missing(session, decision.lead, candidate.boxes)
            return Placed(decision.lead, decision.verdict)
    (found,) = _create_if_new(session, [new])
    placed = _settle(session, new, found)
    _assign(session, [(new, found, placed)])
    return placed


def add_together(
    session: Session,
    arrivals: Sequence[tuple[Candidate, Mapping[str, Any]]],
    region: str,
    handling: Handling = PLAIN,
) -> list[Placed | NotAdded]:
    """Add leads that have arrived together, without one of Meta's ids, and wait for nobody.

    Each is kept with its delivery (columns of `Delivery`), which then says what it has become.
    Raises `OperationalError` where someone is changing a lead that one of them joins.
    """
    news = [NewLead.delivered(*arrival, region, handling) for arrival in arrivals]
    placed: list[Placed | NotAdded] = []
    settled: list[tuple[NewLead, Found, Placed | NotAdded]] = []
    # The households that have changed since all arrivals were looked up.
    changed: set[str] = set()
    for new, found in zip(news, _create_if_new(session, news), strict=True):
        keys = new.keys.households
        if found.made is None and (len(keys) > 1 or changed.intersection(keys)):
            # What was found before may not be all: leads were made, or got further numbers.
            (found,) = _create_if_new(session, [new])
        placed.append(_settle(session, new, found))
        settled.append((new, found, placed[-1]))
        if found.made is None and (len(keys) > 1 or not _joined(placed[-1])):
            changed.update(keys)
    # All of them at once, so that rules are locked in one order.
    _assign(session, settled)
    return placed


def _assign(session: Session, settled: Sequence[tuple[NewLead, Found, Placed | NotAdded]]) -> None:
    """Give the leads that are new to people, by the rules of their centers."""
    arrivals = [
        (new.by_rule, Arrival.of(placed.lead_id, found.center_id, new.candidate))
        for new, found, placed in settled
        if found.is_ruled and isinstance(placed, Placed) and placed.verdict in _NEW
    ]
    standard = next((one for one, _ in arrivals if one is not None), None)
    if standard is not None:
        ruled = [arrival for by_rule, arrival in arrivals if by_rule is not None]
        import_id = settled[0][0].author.import_id
        # Their owners are told of new leads. Of what an import brings, only that it's theirs.
        is_told = import_id is None
        assignment.assign(session, ruled, standard, times.now(), import_id, is_told=is_told)


def _joined(placed: Placed | NotAdded) -> bool:
    return isinstance(placed, Placed) and placed.verdict is Verdict.JOIN


def _create_if_new(session: Session, news: Sequence[NewLead]) -> list[Found]:
    """Create the leads whose households have none. Nearly all are, so nothing is asked before.

    On PostgreSQL it is one round trip for all of them.
    """
    if session.get_bind().dialect.name == "sqlite":
        return [_create_if_new_sqlite(session, new) for new in news]
    answers = pipeline.run(session, *(step for new in news for step in one_round_trip.steps(new)))
    return [Found(*row) for (row,) in answers[1::2]]


def _create_if_new_sqlite(session: Session, new: NewLead) -> Found:
    """Do the same on SQLite, where nobody else writes meanwhile."""
    center, nearest = pipeline.run(
        session, one_round_trip.center(new.candidate), one_round_trip.nearest(new)
    )
    made = None
    if center and not nearest:
        made = _create(session, new, center[0][0], Verdict.CREATE)
    center_id, is_ruled = center[0] if center else (None, None)
    return Found(True, made, nearest, bool(center), center_id, is_ruled)


def _settle(session: Session, new: NewLead, found: Found) -> Placed | NotAdded:
    if not found.got_locks:
        return NotAdded.LOCKED
    if not found.has_center:
        return NotAdded.UNKNOWN_CENTER
    if found.made is not None:
        return Placed(found.made, Verdict.CREATE)
    if not existing_lead.is_whole(found.near or ()):
        (rows,) = pipeline.run(session, existing_lead.nearest(new.candidate, new.keys))
        found = replace(found, near=rows)
    if new.visible is not None:
        found = replace(found, near=_visible(session, found.near or (), new.visible))
    decision = found.decide(new.candidate, new.keys.name, has_phone=new.has_phone)
    if decision.verdict is not Verdict.JOIN:
        decision = _decide_by_merges(session, new, found)
    if decision.verdict is Verdict.JOIN and not new.may_join:
        return NotAdded.REPEAT
    if decision.verdict is Verdict.JOIN and decision.lead is not None:
        _join(session, decision.lead, new)
        return Placed(decision.lead, decision.verdict)
    return Placed(_create(session, new, found.center_id, decision.verdict), decision.verdict)


def _visible(
    session: Session, near: Sequence[Sequence[Any]], visible: ColumnElement[bool]
) -> list[Sequence[Any]]:
    """Return those of the leads of a household, as `Found.near` has them, that may be joined."""
    ids = [row[0] for row in near]
    query = select(col(Lead.id)).where(col(Lead.id).in_(ids), visible)
    allowed = set(session.connection().scalars(query))
    return [row for row in near if row[0] in allowed]


def _decide_by_merges(session: Session, new: NewLead, found: Found) -> Decision:
    """Decide again, now that no lead is the same: one that was merged may be."""
    is_test = new.candidate.is_test
    merged = existing_lead.near_by_merges(session, new.keys, is_test=is_test)
    if new.visible is not None:
        ids = _visible(session, [(one.lead,) for one in merged], new.visible)
        merged = [one for one in merged if (one.lead,) in ids]
    return found.decide(new.candidate, new.keys.name, has_phone=new.has_phone, merged=merged)


def _create(session: Session, new: NewLead, center_id: int | None, verdict: Verdict) -> int:
    age = choices.spelled(session, new.candidate.player_age_category, center_id)
    place = {"center_id": center_id, "call_by": new.call_by(center_id)}
    lead = {**new.lead, **place, "player_age_category": age}
    return pipeline.insert(session, ("lead", lead), *new.with_lead(verdict))


def _join(session: Session, lead_id: int, new: NewLead) -> None:
    """Add a repeat enquiry to a lead, which makes a dead one `New`, and an unreachable one due now.

    The same enquiry adds nothing.

    In both cases Meta's id and new numbers are kept.
    """
    held = _hold(session, lead_id, new)
    status, leadgen_id, phone_key, is_unreachable, center_id, decision = held
    call_by = new.call_by(center_id)
    rows = new.joining(adds_enquiry=decision.adds_enquiry)
    steps = [pipeline.adding(table, lead_id, row) for table, row in rows]
    if decision.adds_enquiry and status == Status.DEAD:
        data = {"from": status, "to": Status.NEW}
        reopened = new.author.event(EventKind.STATUS, data)
        steps.append((_REOPEN, (Status.NEW.value, call_by, lead_id)))
        steps.append(pipeline.adding("leadevent", lead_id, reopened))
    if decision.adds_enquiry and is_unreachable:
        is_import = new.author.import_id is not None
        kept = reopening.before(session, [lead_id])[lead_id] if is_import else {}
        steps += _try_again(lead_id, new, call_by, kept)
    if leadgen_id is None and new.candidate.leadgen_id is not None:
        keep = "UPDATE lead SET leadgen_id = %s WHERE id = %s"
        steps.append((keep, (new.candidate.leadgen_id, lead_id)))
    if steps:
        pipeline.run(session, *steps)
    numbers = [(lead_id, number) for number in new.keys.phone.numbers if number != phone_key]
    lead_phones.add(session, numbers, new.author.import_id)
    if not decision.adds_enquiry:
        consents.add_missing(session, lead_id, new.candidate.boxes)
    standard = new.handling.standard
    if decision.adds_enquiry and status == Status.DEAD and standard is not None:
        author = new.author
        assignment.reopen(session, [lead_id], standard, author.at, author.import_id)


def _try_again(
    lead_id: int, new: NewLead, call_by: datetime | None, kept: dict[str, Any]
) -> list[pipeline.Step]:
    """Return what makes an unreachable lead due now, for a parent who has enquired again."""
    now = new.author.at
    line = new.author.event(EventKind.FOLLOW_UP, {"from": None, "to": now, **kept})
    return [(_DUE_NOW, (now, now, call_by, lead_id)), pipeline.adding("leadevent", lead_id, line)]


def _hold(
    session: Session, lead_id: int, new: NewLead
) -> tuple[str, str | None, str | None, bool, int | None, Decision]:
    """Lock the lead that is joined.

    Return its status, Meta's id, its number, whether it is unreachable, its center, and if it gets
    a line.
    """
    at = new.candidate.enquiry_time
    query = (
        "SELECT status, leadgen_id, phone_key, created_time = %s, unreachable_since IS NOT NULL,"
        " center_id FROM lead WHERE id = %s"
    )
    if session.get_bind().dialect.name == "postgresql":
        # Someone who is working on the lead at this moment comes first.
        query += " FOR UPDATE" if new.waits else " FOR UPDATE NOWAIT"
    ((row,),) = pipeline.run(session, (query, (at, lead_id)))
    status, leadgen_id, phone_key, same_time, is_unreachable, center_id = row
    has_enquiry = at is not None and bool(
        same_time or existing_lead.has_repeat_enquiry(session, lead_id, at)
    )
    existing = Existing(same=lead_id, has_enquiry=has_enquiry)
    decision = decide(existing, has_phone=new.has_phone)
    return status, leadgen_id, phone_key, bool(is_unreachable), center_id, decision
