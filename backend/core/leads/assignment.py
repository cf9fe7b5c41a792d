"""Give new leads to people by the rules that team leads have set, as part of adding them.

The first active rule that a lead meets counts: those of its center come first, then those of all
centers. It gives the lead to one of its people who are present, as `turns` says. If none of them is
there, or all have their most for the day, the lead is in its center's queue, and `waiting_leads`
gives it out later. Leads that no rule is for are in the queue, too; test leads always are.

Two transactions take turns one after the other: the first locks the shares of a rule, in the order
of the rules. Without rules nothing is asked: `RULED` is part of a statement that runs anyway.
docs/decisions/0082-leads-are-assigned-by-rule.md has the reasons.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from typing import Any, Self

from sqlalchemy import and_, or_, select, update
from sqlmodel import Session, col

from backend.core.calling import presence
from backend.core.calling.rules import Standard
from backend.core.database import bulk_insert, upsert
from backend.core.database.bulk_insert import among, batches
from backend.core.leads import owners, turns
from backend.core.leads.match_keys import age_key
from backend.core.leads.matching import Candidate
from backend.core.leads.new_lead import campaign_of
from backend.core.leads.owner_filter import IS_OPEN
from backend.core.leads.turns import Share
from backend.core.vocabulary.folding import fold
from backend.models import AssignmentRule, AssignmentShare, Lead, LeadOrigin, User, WaitingLead

# Whether there are rules for a center, in SQL, with its id put in.
RULED = """EXISTS (SELECT 1 FROM assignmentrule WHERE active
    AND (assignmentrule.center_id IS NULL OR assignmentrule.center_id = {}))"""
_SHARE = tuple(one.name for one in fields(Share))


@dataclass(frozen=True, slots=True)
class Arrival:
    """A lead to assign, and what rules ask about it.

    `waits` is whether it is given out later if nobody is there now.
    """

    lead_id: int
    center_id: int | None
    source: str | None = None
    campaign: str | None = None
    age: str | None = None
    platform: str | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    waits: bool = True

    @classmethod
    def of(cls, lead_id: int, center_id: int | None, candidate: Candidate) -> Self:
        """Return the arrival of a candidate's new lead."""
        origin = candidate.origin
        return cls(
            lead_id,
            center_id,
            candidate.source,
            campaign_of(origin),
            candidate.player_age_category,
            str(origin.get("platform") or ""),
            candidate.answers,
        )

    def meets(self, conditions: Mapping[str, Any]) -> bool:
        """Return whether a rule with these conditions is for it; without any, it is."""
        return (
            self._is_from(conditions)
            and all(
                not conditions[name] or key(said) in map(key, conditions[name])
                for name, key, said in (
                    ("campaigns", fold, self.campaign or ""),
                    ("age_categories", age_key, self.age or ""),
                )
            )
            and self._has_answered(conditions)
        )

    def _is_from(self, conditions: Mapping[str, Any]) -> bool:
        """Return whether it came by one of the sources, or from one of the platforms."""
        sources, platforms = conditions["sources"], conditions["platforms"]
        is_any = not sources and not platforms
        return is_any or self.source in sources or self.platform in platforms

    def _has_answered(self, conditions: Mapping[str, Any]) -> bool:
        """Return whether it has given one of the answers to the rule's question, if any."""
        question = conditions["question"]
        if question is None:
            return True
        given = [text for name, text in self.answers.items() if fold(name) == fold(question)]
        return any(fold(one) in map(fold, conditions["answers"]) for one in given)


def assign(
    session: Session,
    arrivals: Sequence[Arrival],
    standard: Standard,
    at: datetime,
    import_id: int | None = None,
    *,
    is_told: bool = False,
) -> None:
    """Give leads that this transaction has added or locked to people, by the current rules.

    Their lines of history say by which rule, and belong to the import if there is one. The people
    aren't told that leads are theirs if they are told of them anyway: `is_told`. No object of the
    session may stand for any of the leads.
    """
    matched = _match(session, arrivals)
    if matched:
        give(session, matched, standard, at, import_id, is_told=is_told)


def _match(session: Session, arrivals: Sequence[Arrival]) -> list[tuple[Arrival, int]]:
    """Return the arrivals that a rule is for, each with the id of the rule."""
    centers = sorted({one.center_id for one in arrivals if one.center_id is not None})
    center = col(AssignmentRule.center_id)
    query = select(col(AssignmentRule.id), center, col(AssignmentRule.conditions)).where(
        col(AssignmentRule.active), or_(center.is_(None), center.in_(centers))
    )
    in_order = query.order_by(
        center.is_(None), col(AssignmentRule.position), col(AssignmentRule.id)
    )
    rules = session.connection().execute(in_order).all() if centers else ()
    matched = []
    for one in arrivals:
        if one.center_id is None:
            continue
        for rule in rules:
            if rule.center_id in (None, one.center_id) and one.meets(rule.conditions):
                matched.append((one, rule.id))
                break
    return matched


def give(
    session: Session,
    matched: Sequence[tuple[Arrival, int]],
    standard: Standard,
    at: datetime,
    import_id: int | None = None,
    *,
    is_told: bool = False,
) -> int:
    """Give leads to people of the rules that are for them. Returns how many were given."""
    plan, rules = _choose(session, matched, standard, at)
    owners.give(session, plan, None, at, rules=rules, import_id=import_id, is_told=is_told)
    return len(plan)


def plan_again(
    session: Session, lead_ids: Sequence[int], standard: Standard, at: datetime, leaver_id: int
) -> tuple[dict[int, int], dict[int, int]]:
    """Return who gets locked leads that a person gives up, and by which rules, by lead.

    The leads that are missing there are for the queues. Of those, the ones that nobody can get now
    are given out later. The turns of the people who get some are over: give them the leads.
    """
    arrivals = [replace(one, waits=True) for one, _ in read(session, lead_ids)]
    return _choose(session, _match(session, arrivals), standard, at, leaver_id)


def _choose(
    session: Session,
    matched: Sequence[tuple[Arrival, int]],
    standard: Standard,
    at: datetime,
    leaver_id: int | None = None,
) -> tuple[dict[int, int], dict[int, int]]:
    """Return who gets leads, and by which rules, by lead; the others wait. Counts the turns."""
    shares, before = _locked(session, sorted({rule_id for _, rule_id in matched}))
    people = {one.user_id for of_rule in shares.values() for one in of_rule}
    centers = sorted({one.center_id for one, _ in matched if one.center_id is not None})
    staff = presence.staff(session, centers, at, standard, people)
    able = {id: {one.id for one, _ in some} for id, some in staff.items()}
    there = {
        id: {one.id for one, is_there in some if is_there and one.id != leaver_id}
        for id, some in staff.items()
    }
    day = at.astimezone(standard.zone).date()
    plan: dict[int, int] = {}
    rules: dict[int, int] = {}
    waiting: list[tuple[int, int, int]] = []
    for one, rule_id in matched:
        if rule_id not in shares:
            continue  # the rule has been removed since
        center_id = one.center_id or 0
        user_id = turns.take(shares[rule_id], able[center_id], there[center_id], day)
        if user_id is not None:
            plan[one.lead_id], rules[one.lead_id] = user_id, rule_id
        elif one.waits:
            waiting.append((one.lead_id, rule_id, center_id))
    _save(session, shares, before)
    _let_wait(session, waiting)
    return plan, rules


def _locked(
    session: Session, rule_ids: Sequence[int]
) -> tuple[dict[int, list[Share]], dict[int, list[dict[str, Any]]]]:
    """Return the shares of rules, locked in one order, by rule; and the same as they are stored.

    Those of people who can't get any lead by the rule now, such as after their account was
    disabled, aren't in turn: otherwise they would get all that they have missed once they are back.
    """
    center = col(AssignmentRule.center_id)
    may = or_(owners.able(center), and_(center.is_(None), owners.able_somewhere()))
    query = (
        select(
            *(col(AssignmentShare.rule_id), may.label("may")),
            *(getattr(AssignmentShare, name) for name in _SHARE),
        )
        .join_from(
            AssignmentShare, AssignmentRule, col(AssignmentRule.id) == col(AssignmentShare.rule_id)
        )
        .join(User, col(User.id) == col(AssignmentShare.user_id))
        .where(col(AssignmentShare.rule_id).in_(rule_ids))
        .order_by(col(AssignmentShare.rule_id), col(AssignmentShare.user_id))
        .with_for_update(of=AssignmentShare)
    )
    found: dict[int, list[Share]] = {}
    stored: dict[int, list[dict[str, Any]]] = {}
    for rule_id, may_get, *columns in session.connection().execute(query):
        share = Share(*columns)
        stored.setdefault(rule_id, []).append(asdict(share))
        share.in_turn = share.in_turn and bool(may_get)
        found.setdefault(rule_id, []).append(share)
    return found, stored


def _save(
    session: Session,
    shares: Mapping[int, Sequence[Share]],
    before: Mapping[int, Sequence[Mapping[str, Any]]],
) -> None:
    """Write the shares that have changed."""
    for rule_id, of_rule in shares.items():
        for one, was in zip(of_rule, before[rule_id], strict=True):
            if (now := asdict(one)) != was:
                same = (
                    col(AssignmentShare.rule_id) == rule_id,
                    col(AssignmentShare.user_id) == one.user_id,
                )
                change = update(AssignmentShare).where(*same).values(**now)
                session.connection().execute(change)


def _let_wait(session: Session, waiting: Sequence[tuple[int, int, int]]) -> None:
    names = ("lead_id", "rule_id", "center_id")
    for batch in batches(waiting, 500):
        rows = [dict(zip(names, row, strict=True)) for row in batch]
        statement = upsert.insert(session, WaitingLead).values(rows)
        session.connection().execute(statement.on_conflict_do_nothing())


def read(session: Session, lead_ids: Sequence[int]) -> list[tuple[Arrival, int | None]]:
    """Return leads as arrivals, each with its owner, in the order of their ids.

    Test leads, and those that have joined or are lost, are left out.
    """
    found: list[tuple[Arrival, int | None]] = []
    for batch in bulk_insert.batches(sorted(lead_ids)):
        query = (
            select(
                *(col(Lead.id), col(Lead.center_id), col(Lead.source), col(Lead.campaign)),
                *(col(Lead.player_age_category), col(Lead.owner_id)),
                *(col(LeadOrigin.platform), col(LeadOrigin.answers)),
            )
            .join_from(Lead, LeadOrigin, col(LeadOrigin.lead_id) == col(Lead.id), isouter=True)
            .where(among(session, col(Lead.id), batch), col(Lead.is_test).is_(False), IS_OPEN)
            .order_by(col(Lead.id))
        )
        for (
            id,
            center_id,
            source,
            campaign,
            age,
            owner_id,
            platform,
            answers,
        ) in session.connection().execute(query):
            assert id is not None
            waits = owner_id is None
            one = Arrival(id, center_id, source, campaign, age, platform, answers or {}, waits)
            found.append((one, owner_id))
    return found


def assign_unowned(
    session: Session,
    lead_ids: Sequence[int],
    standard: Standard,
    at: datetime,
    import_id: int | None = None,
) -> None:
    """Do the same with those of the leads that have no owner yet."""
    if lead_ids and has_rules(session):
        unowned = [one for one, owner_id in read(session, lead_ids) if owner_id is None]
        assign(session, unowned, standard, at, import_id)


def reopen(
    session: Session,
    lead_ids: Sequence[int],
    standard: Standard,
    at: datetime,
    import_id: int | None = None,
) -> None:
    """Do the same with leads that were lost and are `New` again.

    One whose owner is present keeps the owner, and so does one that nobody else can get now.
    """
    if not lead_ids or not has_rules(session):
        return
    leads = read(session, lead_ids)
    centers = sorted({one.center_id for one, _ in leads if one.center_id is not None})
    holders = [owner_id for _, owner_id in leads if owner_id is not None]
    there = presence.present(session, centers, at, standard, with_team_leads=True, among=holders)
    left = [one for one, owner_id in leads if owner_id not in there.get(one.center_id or 0, ())]
    assign(session, left, standard, at, import_id)


def has_rules(session: Session) -> bool:
    """Return whether there are any rules."""
    query = select(col(AssignmentRule.id)).where(col(AssignmentRule.active)).limit(1)
    return session.connection().scalar(query) is not None
