"""Add leads on PostgreSQL without asking first: nearly all are new, and a round trip costs most.

A statement makes the lead unless its household has one already, and returns what it has found.
Whatever else the lead becomes is decided from that by `matching.decide`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from backend.core.calling.targets import Handling
from backend.core.database import pipeline
from backend.core.leads import choices, erased_keys, existing_lead, match_locks
from backend.core.leads.assignment import RULED
from backend.core.leads.match_keys import MatchKeys, name_key
from backend.core.leads.matching import Candidate, Decision, Near, Placed, Verdict, compare, decide
from backend.core.leads.new_lead import NewLead
from backend.models import Status

_SAME = """SELECT id FROM lead WHERE id = %s AND phone_key = %s AND name_key = %s
    AND is_test = %s AND status <> %s AND unreachable_since IS NULL"""
_CENTER = f"""SELECT id, {RULED.format("center.id")} AS ruled FROM center
    WHERE meta_tag_name = %s AND archived_at IS NULL"""  # noqa: S608  our own text
_KNOWN = f"SELECT CAST(%s AS integer) AS id, {RULED.format('%s')} AS ruled"
# An age that may have to be spelled in another way takes a second round trip.
_IS_NEW = "NOT EXISTS (SELECT FROM near) AND NOT EXISTS (SELECT FROM spelling)"
_WHERE_NEW = f"FROM place WHERE {_IS_NEW} AND {match_locks.GOT}"
# The columns of `Found`.
_RETURNED = ", ".join(
    (
        match_locks.GOT,
        "(SELECT id FROM made)",
        "(SELECT json_agg(json_build_array(id, same_name, age, born, has_leadgen_id)) FROM near)",
        *("EXISTS (SELECT FROM place)", "(SELECT id FROM place)", "(SELECT ruled FROM place)"),
    )
)


@dataclass(frozen=True, slots=True)
class Found:
    """What a statement has found, and the id of the lead that it has `made`."""

    got_locks: bool
    made: int | None
    # The leads of the household, as `existing_lead.near` reads them.
    near: Sequence[Sequence[Any]] | None
    has_center: bool
    center_id: int | None
    # Whether there are assignment rules for the center.
    is_ruled: bool | None

    def decide(
        self,
        candidate: Candidate,
        name_key: str,
        *,
        has_phone: bool,
        merged: Sequence[Near] = (),
    ) -> Decision:
        """Return what becomes of the lead, as far as can be told without its history.

        `merged` are more leads of the household, found by those that were merged into them.
        """
        near = [*existing_lead.near(self.near or ()), *merged]
        existing = compare(near, candidate.traits, has_name=bool(name_key))
        return decide(existing, has_phone=has_phone)


def center(candidate: Candidate) -> pipeline.Step:
    """Return the query for the candidate's center, and whether there are rules for it.

    Its row has no id where the candidate has none.
    """
    if candidate.center_tag is not None:
        return _CENTER, (candidate.center_tag,)
    return _KNOWN, (candidate.center_id, candidate.center_id)


def nearest(new: NewLead) -> pipeline.Step:
    """Return the query for the leads of the household, which may not be all."""
    return existing_lead.first(new.candidate, new.keys)


def steps(new: NewLead, only_if: str = "true") -> list[pipeline.Step]:
    """Return the statements that lock the household and then make the lead, if it is new.

    There are two, since a statement sees what was committed when it began. The rows of the last
    one are columns of `Found`. `only_if` is a further condition, in SQL.
    """
    call_by = new.call_by(new.candidate.center_id, new.candidate.center_tag)
    make = pipeline.inserting(
        ("lead", {**new.lead, "center_id": pipeline.Raw("place.id"), "call_by": call_by}),
        new.with_lead(Verdict.CREATE),
        sources=(
            ("near", nearest(new)),
            ("place", center(new.candidate)),
            ("spelling", choices.other_spelling(new.candidate.player_age_category)),
        ),
        where=f"{_WHERE_NEW} AND {only_if}",
        tells=_RETURNED,
    )
    return [match_locks.attempt(new.keys.households), make]


def creating(
    candidate: Candidate,
    delivery: Mapping[str, Any],
    region: str,
    only_if: str,
    erasure_secret: bytes,
    handling: Handling,
) -> list[pipeline.Step]:
    """Return the statements that keep a delivery with its lead, if that is new.

    `only_if` is a further condition, in SQL. Nothing is made of an erased person's delivery: see
    `erased_keys`; nor where assignment rules have to be asked. `created` reads the rows of the last
    statement.
    """
    new = NewLead.delivered(candidate, delivery, region, handling)
    texts = erased_keys.Texts.of(candidate, new.keys)
    return steps(new, f"NOT ruled AND {only_if} AND {texts.condition(erasure_secret)}")


def created(rows: Sequence[pipeline.Row], candidate: Candidate) -> Placed | None:
    """Return the lead that `creating` has made, or the one that the candidate may join."""
    found = Found(*rows[0])
    if found.made is not None:
        return Placed(found.made, Verdict.CREATE)
    if not existing_lead.is_whole(found.near or ()):
        return None
    decision = found.decide(candidate, name_key(candidate.player_name), has_phone=True)
    if decision.verdict is Verdict.JOIN and decision.lead is not None and found.has_center:
        return Placed(decision.lead, Verdict.JOIN)
    return None


def joining(
    candidate: Candidate, delivery: Mapping[str, Any], region: str, lead_id: int
) -> list[pipeline.Step]:
    """Return the statements that keep a delivery as a repeat enquiry of an open lead.

    They do so only if that lead has the same phone and name, and the delivery no further number.
    `joined` reads the rows of the last.
    """
    new = NewLead.delivered(candidate, delivery, region)
    keys: MatchKeys = new.keys
    # Of several numbers some may be new: none is in that place.
    number = keys.phone.e164 if not keys.phone.others else None
    values = (lead_id, number, keys.name, candidate.is_test, Status.DEAD.value)
    same = f"{_SAME} AND {match_locks.GOT} FOR UPDATE SKIP LOCKED", values
    return [match_locks.attempt(keys.households), pipeline.following(same, new.joining())]


def joined(rows: Sequence[pipeline.Row]) -> Placed | None:
    """Return the lead that `joining` has joined."""
    return Placed(rows[0][0], Verdict.JOIN) if rows else None
