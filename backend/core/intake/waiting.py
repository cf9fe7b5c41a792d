"""Deliveries that aren't leads yet, by who has to act: a person, or nobody but a worker."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, case, func, select
from sqlmodel import Session, col

from backend.core.reasons import ReasonCode
from backend.models import Delivery, DeliveryState


class Who(StrEnum):
    """Who has to act before a delivery becomes a lead."""

    # Match a center, complete a phone.
    TEAM_LEAD = "team_lead"
    # Give the token for Meta's leads a permission, or replace it.
    ADMINISTRATOR = "administrator"
    # Nobody: it is processed by itself.
    WORKER = "worker"


_OF_ADMINISTRATOR = (ReasonCode.PERMISSION, ReasonCode.MISSING, ReasonCode.TOKEN_EXPIRED)
_OPEN = (DeliveryState.RECEIVED, DeliveryState.WAITING, DeliveryState.RETRYING)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many deliveries wait, and when the oldest one arrived (UTC), if there is one."""

    count: int = 0
    oldest: datetime | None = None


def by_who(session: Session) -> dict[Who, Waiting]:
    """Return what waits for each."""
    state, reason = col(Delivery.state), col(Delivery.reason)
    who = case(
        (state == DeliveryState.WAITING, Who.TEAM_LEAD.value),
        (
            and_(state == DeliveryState.RETRYING, reason.in_(_OF_ADMINISTRATOR)),
            Who.ADMINISTRATOR.value,
        ),
        else_=Who.WORKER.value,
    )
    query = (
        select(who, func.count(), func.min(col(Delivery.received_at)))
        .where(state.in_(_OPEN))
        .group_by(who)
    )
    found = {
        Who(name): Waiting(count, oldest)
        for name, count, oldest in session.connection().execute(query)
    }
    return {one: found.get(one, Waiting()) for one in Who}


def failed(session: Session) -> int:
    """Return how many deliveries have failed, and wait for a person to retry or dismiss them."""
    query = select(func.count()).where(col(Delivery.state) == DeliveryState.FAILED)
    return int(session.connection().scalar(query) or 0)
