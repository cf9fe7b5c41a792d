"""The flat form's way in: deliveries that come at once are understood and kept in one transaction.

It waits for nobody. A delivery that would have to wait, or that can't be made sense of, is left to
its request, which keeps it first and understands it after that.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from math import ceil
from time import time
from typing import Any

from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlmodel import Session

from backend.core.database import pipeline
from backend.core.errors import Busy, TooManyAttempts
from backend.core.intake import center_names, deliveries, outcomes, parsing
from backend.core.intake.outcomes import Outcome
from backend.core.leads import adding, matching, one_round_trip
from backend.core.leads.matching import Candidate
from backend.models import DeliveryState, Source
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
    # The lead that it asks for again, as far as is known.
    twin: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """A delivery that is counted and not kept yet, and the lead that it may ask for again."""

    twin: int | None = None


# What is noted of a delivery, or why it is refused, or that it is left.
Taken = Outcome | TooManyAttempts | Left


def create(send: pipeline.Send, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Keeps the deliveries that become new leads, as most do, in one round trip to PostgreSQL.

    All others are left. Raises `NotTaken`.
    """
    try:
        return _Creation(arrivals).send(send)
    except (OperationalError, Busy):
        raise  # it may be committed
    except Exception as error:
        raise NotTaken from error


def join(send: pipeline.Send, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Keeps deliveries that ask again for their `twin`, in one round trip to PostgreSQL.

    All others are left, and where the twin is dead: more is to be done then. Raises `NotTaken`.
    """
    try:
        steps: list[pipeline.Step] = []
        for one in arrivals:
            candidate = parsing.from_form(one.value, one.form, one.received_at)
            assert isinstance(candidate, Candidate)
            assert one.twin is not None
            steps += one_round_trip.joining(candidate, _kept(one), one.region, one.twin)
        joined = [one_round_trip.joined(rows) for rows in send(steps)[1::2]]
        return [outcomes.done(placed) if placed else Left() for placed in joined]
    except (OperationalError, Busy):
        raise  # it may be committed
    except Exception as error:
        raise NotTaken from error


def take(session: Session, arrivals: Sequence[Arrival]) -> list[Taken]:
    """Keeps deliveries with what they become. Left is one that somebody is in the way of.

    Raises `NotTaken`.
    """
    try:
        refusals = _count(session, arrivals)
        let_in = [one for number, one in enumerate(arrivals) if number not in refusals]
        kept = iter(_keep(session, let_in) if let_in else ())
        return [refusals.get(number) or next(kept) for number in range(len(arrivals))]
    except Exception as error:
        raise NotTaken from error


class _Creation:
    """What is sent to make leads of deliveries, and what the answer to each part of it means."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self._arrivals = arrivals
        self._steps: list[pipeline.Step] = []
        # By the number of the step that answers it.
        self._counts: dict[int, _Group] = {}
        self._leads: dict[int, tuple[int, Candidate]] = {}
        for group in _groups(arrivals):
            self._add(group)

    def send(self, send: pipeline.Send) -> list[Taken]:
        taken: list[Taken] = [Left()] * len(self._arrivals)
        answers = send(self._steps) if self._steps else []
        for step, (number, candidate) in self._leads.items():
            placed = one_round_trip.created(answers[step], candidate)
            if placed and placed.verdict is matching.Verdict.CREATE:
                taken[number] = outcomes.done(placed)
            elif placed:
                taken[number] = Left(placed.lead_id)
        for step, group in self._counts.items():
            ((count, ends, _),) = answers[step]
            for number in group.refused(count):
                taken[number] = _refusal(ends)
            if count == len(group.numbers):
                from backend.core import rate_limits

                with suppress(SQLAlchemyError):  # all is committed already
                    send([rate_limits.tidying(sqlite=False)])
        return taken

    def _add(self, group: "_Group") -> None:
        if group.limit is not None:
            text, values = group.counting()
            # For the conditions of those that follow: beyond the limit nothing is kept.
            told = f"WITH counted AS ({text}) SELECT *, {_TELL_COUNT} FROM counted"  # noqa: S608
            self._counts[len(self._steps)] = group
            self._steps.append((told, values))
        for place, number in enumerate(group.numbers):
            one = self._arrivals[number]
            delivery = parsing.from_form(one.value, one.form, one.received_at)
            if isinstance(delivery, Candidate):
                only_if = group.condition(place)
                self._steps += one_round_trip.creating(delivery, _kept(one), one.region, only_if)
                self._leads[len(self._steps) - 1] = (number, delivery)


_TELL_COUNT = "set_config('tofa.count', count::text, true)"


@dataclass(frozen=True, slots=True)
class _Group:
    """The deliveries that count against one limit, by their numbers, or those without one."""

    limit: Limit | None
    numbers: list[int]

    def counting(self) -> pipeline.Step:
        from backend.core import rate_limits

        assert self.limit is not None
        return rate_limits.counting(self.limit.key, self.limit.seconds, len(self.numbers))

    def condition(self, place: int) -> str:
        """Whether one is within the limit, in SQL; `place` is how many of the group precede it."""
        if self.limit is None:
            return "true"
        most = self.limit.most + len(self.numbers) - 1 - place
        return f"current_setting('tofa.count')::bigint <= {most}"

    def refused(self, count: int) -> list[int]:
        """Those that are too many, where all of them together make the count this."""
        assert self.limit is not None
        over = count - self.limit.most
        return self.numbers[-over:] if over > 0 else []


def _groups(arrivals: Sequence[Arrival]) -> list[_Group]:
    """In one order: two processes that count the same addresses must not wait for each other."""
    groups: dict[Limit | None, _Group] = {}
    for number, one in enumerate(arrivals):
        groups.setdefault(one.limit, _Group(one.limit, [])).numbers.append(number)
    return sorted(groups.values(), key=lambda group: group.limit.key if group.limit else "")


def _count(session: Session, arrivals: Sequence[Arrival]) -> dict[int, TooManyAttempts]:
    """Counts those that are limited. Answers which of them are too many, by their numbers."""
    groups = [group for group in _groups(arrivals) if group.limit is not None]
    if not groups:
        return {}
    from backend.core import rate_limits

    refusals = {}
    answers = pipeline.run(session, *(group.counting() for group in groups))
    for group, ((count, ends),) in zip(groups, answers, strict=True):
        refusals.update(dict.fromkeys(group.refused(count), _refusal(ends)))
        if count == len(group.numbers):
            sqlite = session.get_bind().dialect.name == "sqlite"
            pipeline.run(session, rate_limits.tidying(sqlite=sqlite))
    return refusals


def _refusal(ends: float) -> TooManyAttempts:
    return TooManyAttempts(max(1, ceil(ends - time())))


def _keep(session: Session, arrivals: Sequence[Arrival]) -> list[Outcome | Left]:
    read = [parsing.from_form(one.value, one.form, one.received_at) for one in arrivals]
    coming = [
        (delivery, _kept(one))
        for one, delivery in zip(arrivals, read, strict=True)
        if isinstance(delivery, Candidate)
    ]
    placed = iter(adding.add_together(session, coming, arrivals[0].region) if coming else ())
    return [
        _note(session, one, delivery, next(placed))
        if isinstance(delivery, Candidate)
        else _wait(session, one, delivery)
        for one, delivery in zip(arrivals, read, strict=True)
    ]


def _note(
    session: Session,
    one: Arrival,
    candidate: Candidate,
    placed: matching.Placed | adding.NotAdded,
) -> Outcome | Left:
    if placed is adding.NotAdded.UNKNOWN_CENTER:
        tag = candidate.center_tag or ""
        center_id = center_names.find(session, tag)
        if center_id is None and not candidate.is_test:
            return _wait(session, one, parsing.unknown_center(tag))
        known = replace(candidate, center_tag=None, center_id=center_id)
        (placed,) = adding.add_together(session, [(known, _kept(one))], one.region)
    return outcomes.done(placed) if isinstance(placed, matching.Placed) else Left()


def _wait(session: Session, one: Arrival, delivery: parsing.Waiting) -> Outcome:
    outcome = outcomes.waiting(delivery)
    deliveries.keep(session, Source.FLAT, one.body, **_tried(one), **outcome)
    return outcome


def _kept(one: Arrival) -> dict[str, Any]:
    """The columns of a delivery that has become a lead."""
    state = DeliveryState.PROCESSED.value
    return {"source": Source.FLAT.value, "state": state, "body": one.body, **_tried(one)}


def _tried(one: Arrival) -> dict[str, Any]:
    return {"received_at": one.received_at, "attempts": 1, "due_at": None}
