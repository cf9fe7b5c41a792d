"""Assignment rules as team leads edit them: who gets which new leads. `assignment` goes by them."""

from collections.abc import Iterable
from typing import Any, cast

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.errors import Invalid, RuleNotFound
from backend.core.leads import owners
from backend.models import AssignmentRule, AssignmentShare, Center, WaitingLead
from backend.schemas.assignment import (
    Conditions,
    ConditionsOut,
    NewRule,
    NewShare,
    RuleChange,
    RuleOrder,
    RuleOut,
    ShareOut,
)


def list_all(session: Session, standard: Standard) -> list[RuleOut]:
    """Return the rules: of each center and then of all, in the order in which they are asked."""
    center = col(AssignmentRule.center_id)
    query = select(AssignmentRule).order_by(
        center.is_(None), center, col(AssignmentRule.position), col(AssignmentRule.id)
    )
    query = query.execution_options(populate_existing=True)
    shares: dict[int, list[ShareOut]] = {}
    for one in session.scalars(
        select(AssignmentShare)
        .order_by(col(AssignmentShare.user_id))
        .execution_options(populate_existing=True)
    ):
        given = one.given if one.day == standard.today() else 0
        told: ShareOut = {
            "user_id": one.user_id,
            "weight": one.weight,
            "cap": one.cap,
            "given_today": given,
        }
        shares.setdefault(one.rule_id, []).append(told)
    return [
        {
            "id": one.id or 0,
            "center_id": one.center_id,
            "conditions": cast(ConditionsOut, one.conditions),
            "shares": shares.get(one.id or 0, []),
            "active": one.active,
            "since": one.since,
        }
        for one in session.scalars(query)
    ]


def show(session: Session, rule_id: int, standard: Standard) -> RuleOut:
    """Return one rule. Raises `RuleNotFound`."""
    for one in list_all(session, standard):
        if one["id"] == rule_id:
            return one
    raise RuleNotFound


def add(session: Session, by: Person, new: NewRule) -> int:
    """Add a rule after the others of its center, and return its id. Raises `Invalid`."""
    if new.center_id is not None and session.get(Center, new.center_id) is None:
        raise Invalid.at("body", "center_id", msg="Choose a center")
    _check(session, by, new.center_id, new.shares)
    last = select(func.max(col(AssignmentRule.position))).where(_of(new.center_id))
    rule = AssignmentRule(
        center_id=new.center_id,
        position=(session.scalar(last) or 0) + 1,
        conditions=_stored(new.conditions),
        since=times.now(),
    )
    session.add(rule)
    session.flush()
    assert rule.id is not None
    _add(session, rule.id, new.shares)
    return rule.id


def change(session: Session, by: Person, rule_id: int, given: RuleChange) -> None:
    """Change a rule. People who stay keep their turn. Raises `RuleNotFound` and `Invalid`."""
    rule = _find(session, rule_id)
    if given.conditions is not None:
        rule.conditions = _stored(given.conditions)
    if given.active is not None:
        rule.active = given.active
        if not given.active:
            # What came in meanwhile isn't given out when the rule is used again.
            waiting = delete(WaitingLead).where(col(WaitingLead.rule_id) == rule_id)
            session.connection().execute(waiting)
    session.flush()
    if given.shares is not None:
        _check(session, by, rule.center_id, given.shares)
        _change_shares(session, rule_id, given.shares)


def _change_shares(session: Session, rule_id: int, wanted: Iterable[NewShare]) -> None:
    kept = _locked_shares(session, rule_id)
    new: list[NewShare] = []
    for one in wanted:
        share = kept.pop(one.user_id, None)
        if share is None:
            new.append(one)
        else:
            share.weight, share.cap = one.weight, one.cap
    for gone in kept.values():
        session.delete(gone)
    _add(session, rule_id, new)


def remove(session: Session, rule_id: int, standard: Standard) -> RuleOut:
    """Remove a rule, and return what it was. Raises `RuleNotFound`."""
    was = show(session, rule_id, standard)
    _locked_shares(session, rule_id)
    for table in (WaitingLead, AssignmentShare):
        session.connection().execute(delete(table).where(col(table.rule_id) == rule_id))
    own = col(AssignmentRule.id) == rule_id
    session.connection().execute(delete(AssignmentRule).where(own))
    return was


def _locked_shares(session: Session, rule_id: int) -> dict[int, AssignmentShare]:
    """Return the shares of a rule by person, locked as `assignment` locks them."""
    query = select(AssignmentShare).where(col(AssignmentShare.rule_id) == rule_id)
    locked = query.order_by(col(AssignmentShare.user_id)).with_for_update()
    locked = locked.execution_options(populate_existing=True)
    return {one.user_id: one for one in session.scalars(locked)}


def order(session: Session, given: RuleOrder) -> None:
    """Put the rules of a center, or of all centers, in order. Raises `Invalid`."""
    query = select(AssignmentRule).where(_of(given.center_id)).order_by(col(AssignmentRule.id))
    rules = {one.id: one for one in session.scalars(query.with_for_update(key_share=True))}
    if sorted(rules, key=lambda id: id or 0) != sorted(given.rule_ids):
        raise Invalid.at("body", "rule_ids", msg="List each rule of the center once")
    for position, id in enumerate(given.rule_ids, 1):
        rules[id].position = position
    session.flush()


def _find(session: Session, rule_id: int) -> AssignmentRule:
    # A lead that is about to wait for the rule needs its key, and has locked its shares already.
    query = select(AssignmentRule).where(col(AssignmentRule.id) == rule_id)
    rule = session.scalars(query.with_for_update(key_share=True)).one_or_none()
    if rule is None:
        raise RuleNotFound
    return rule


def _of(center_id: int | None) -> Any:
    own = col(AssignmentRule.center_id)
    return own.is_(None) if center_id is None else own == center_id


def _check(session: Session, by: Person, center_id: int | None, shares: Iterable[NewShare]) -> None:
    """Check that people may own leads of a center, or of any for None. Raises `Invalid`."""
    may = {one["id"]: one["center_ids"] for one in owners.choices(session, by)}
    for one in shares:
        centers = may.get(one.user_id, [])
        if one.user_id not in may or (
            center_id is not None and centers is not None and center_id not in centers
        ):
            raise Invalid.at("body", "shares", msg="Choose people who work at the center")


def _stored(given: Conditions) -> dict[str, Any]:
    return given.model_dump(mode="json")


def _add(session: Session, rule_id: int, shares: Iterable[NewShare]) -> None:
    session.add_all(AssignmentShare(rule_id=rule_id, **one.model_dump()) for one in shares)
    session.flush()
