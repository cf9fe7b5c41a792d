"""The flat form's way in: deliveries that come at once are understood and kept in one transaction.

It waits for nobody. A delivery that would have to wait, or that can't be made sense of, is left to
its request, which keeps it first and understands it after that.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from time import time
from typing import Any

from sqlmodel import Session

from backend.core import at_once, placing
from backend.core.capture import aliases, becoming, ledger, reading
from backend.core.capture.becoming import Outcome
from backend.core.errors import TooManyAttempts
from backend.core.placing import Candidate
from backend.models import CaptureState, Source
from backend.schemas.leads import FlatLead


class NotTaken(Exception):
    """A delivery is neither kept nor counted: it makes no sense, or somebody is in its way."""


@dataclass(frozen=True, slots=True)
class Limit:
    """How many deliveries are taken under a key in so many seconds."""

    key: str
    seconds: int
    most: int


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery of the flat form: its text, that as JSON, and as the form that it is."""

    body: str
    value: Mapping[str, Any]
    form: FlatLead
    received_at: datetime
    region: str
    limit: Limit | None = None


def take(session: Session, arrivals: Sequence[Arrival]) -> list[Outcome | TooManyAttempts | None]:
    """Keeps deliveries, with what they have become. Answers what is noted of each.

    None is one that is counted and not kept, since somebody is in its way. Raises `NotTaken`.
    """
    try:
        refusals = _count(session, arrivals)
        let_in = [one for number, one in enumerate(arrivals) if number not in refusals]
        outcomes = iter(_keep(session, let_in) if let_in else ())
        return [refusals.get(number) or next(outcomes) for number in range(len(arrivals))]
    except Exception as error:
        raise NotTaken from error


def _count(session: Session, arrivals: Sequence[Arrival]) -> dict[int, TooManyAttempts]:
    """Counts those that are limited. Answers which of them are too many, by their number."""
    counted: dict[Limit, list[int]] = {}
    for number, one in enumerate(arrivals):
        if one.limit is not None:
            counted.setdefault(one.limit, []).append(number)
    if not counted:
        return {}
    from backend.core import throttle

    # In one order: two processes that count the same addresses must not wait for each other.
    limits = sorted(counted, key=lambda limit: limit.key)
    steps = [throttle.counting(one.key, one.seconds, len(counted[one])) for one in limits]
    refusals = {}
    for limit, ((count, ends),) in zip(limits, at_once.run(session, *steps), strict=True):
        numbers = counted[limit]
        throttle.tidy(session, count, len(numbers))
        if count > limit.most:
            refusal = TooManyAttempts(max(1, ceil(ends - time())))
            refusals.update(dict.fromkeys(numbers[-(count - limit.most) :], refusal))
    return refusals


def _keep(session: Session, arrivals: Sequence[Arrival]) -> list[Outcome | None]:
    read = [reading.from_form(one.value, one.form, one.received_at) for one in arrivals]
    coming = [
        (delivery, _kept(one))
        for one, delivery in zip(arrivals, read, strict=True)
        if isinstance(delivery, Candidate)
    ]
    placed = iter(placing.place_at_once(session, coming, arrivals[0].region) if coming else ())
    return [
        _note(session, one, delivery, next(placed))
        if isinstance(delivery, Candidate)
        else _wait(session, one, delivery)
        for one, delivery in zip(arrivals, read, strict=True)
    ]


def _note(
    session: Session, one: Arrival, candidate: Candidate, placed: placing.Placed | placing.Unplaced
) -> Outcome | None:
    if placed is placing.Unplaced.NO_SUCH_TAG:
        tag = candidate.center_tag or ""
        center_id = aliases.find(session, tag)
        if center_id is None and not candidate.is_test:
            return _wait(session, one, reading.unknown_center(tag))
        known = replace(candidate, center_tag=None, center_id=center_id)
        (placed,) = placing.place_at_once(session, [(known, _kept(one))], one.region)
    return becoming.done(placed) if isinstance(placed, placing.Placed) else None


def _wait(session: Session, one: Arrival, delivery: reading.Waiting) -> Outcome:
    outcome = becoming.waiting(delivery)
    ledger.keep(session, Source.FLAT, one.body, **_tried(one), **outcome)
    return outcome


def _kept(one: Arrival) -> dict[str, Any]:
    """The columns of a delivery that has become a lead."""
    state = CaptureState.DONE.value
    return {"source": Source.FLAT.value, "state": state, "body": one.body, **_tried(one)}


def _tried(one: Arrival) -> dict[str, Any]:
    return {"received_at": one.received_at, "attempts": 1, "due_at": None}
