"""The fast way in for the flat form: deliveries that come at once are stored as what they become.

There are three ways, and none of them waits for anyone. `create` is for new leads and `join` for
repeat enquiries: on PostgreSQL each is one round trip. `store` is for everything, in a transaction.
What none of them can store is deferred to its request, which stores it first and processes it then.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from backend.core.alerts import announcing
from backend.core.calling.targets import PLAIN, Handling
from backend.core.database import pipeline
from backend.core.errors import Busy, TooManyAttempts
from backend.core.intake import (
    center_aliases,
    deliveries,
    flat_body,
    flat_form_limits,
    flat_form_mappings,
    forms,
    outcomes,
    parsing,
)
from backend.core.intake.flat_form_limits import Group, Limit
from backend.core.intake.outcomes import Outcome
from backend.core.intake.parsing import Waiting
from backend.core.leads import adding, erased_keys, matching, one_round_trip
from backend.core.leads.matching import Candidate
from backend.models import DeliveryState, Source


class NotStored(Exception):
    """A delivery is neither stored nor counted: it can't be processed, or another is in its way."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A delivery of the flat form: its text, what it says, and the columns of its headers."""

    body: str
    said: flat_body.Said
    received_at: datetime
    region: str
    limit: Limit | None = None
    # The existing lead that it is a repeat enquiry of, as far as is known.
    existing: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    # Whether anyone may have sent it: see `webhook_access`.
    is_unverified: bool = False
    # The key of the hashes by which erased people are recognised.
    erasure_secret: bytes = b""
    # By it, leads are assigned by rule, and called by a time.
    handling: Handling = PLAIN

    def read(self) -> Candidate | Waiting:
        """Return what it says, but for a mapping of its form."""
        if isinstance(self.said, Waiting):
            return self.said
        return parsing.from_submission(self.said, self.received_at, region=self.region)

    @property
    def mapped_form(self) -> str | None:
        """The form whose mapping counts for it, if that is of any use."""
        if isinstance(self.said, Waiting) or not self.said.asks_more:
            return None
        return self.said.form_id

    @property
    def columns(self) -> dict[str, Any]:
        """The columns of a delivery that was tried once."""
        return {
            "received_at": self.received_at,
            "attempts": 1,
            "due_at": None,
            "is_unverified": self.is_unverified,
            **self.headers,
        }

    @property
    def processed(self) -> dict[str, Any]:
        """The columns of a delivery that has become a lead."""
        state = DeliveryState.PROCESSED.value
        return {"source": Source.FLAT.value, "state": state, "body": self.body, **self.columns}


@dataclass(frozen=True, slots=True)
class Deferred:
    """A delivery that is counted and not stored, and the lead it may be a repeat enquiry of."""

    existing: int | None = None


# The columns of a stored delivery, or why it is refused, or that it is deferred.
Result = Outcome | TooManyAttempts | Deferred


def create(send: pipeline.Send, arrivals: Sequence[Arrival]) -> list[Result]:
    """Store the deliveries that become new leads, in one round trip to PostgreSQL.

    All others are deferred. Raises `NotStored`.
    """
    try:
        return _Creation(arrivals).send(send)
    except (OperationalError, Busy):
        raise  # it may be committed
    except Exception as error:
        raise NotStored from error


def join(send: pipeline.Send, arrivals: Sequence[Arrival]) -> list[Result]:
    """Store the repeat enquiries of the leads in `existing`, in one round trip to PostgreSQL.

    All others are deferred, and those of a dead lead, which needs more. Raises `NotStored`.
    """
    try:
        steps: list[pipeline.Step] = []
        for one in arrivals:
            candidate = one.read()
            assert isinstance(candidate, Candidate)
            assert one.existing is not None
            steps += one_round_trip.joining(candidate, one.processed, one.region, one.existing)
        # Each joins in two statements, and the second one answers.
        joined = [one_round_trip.joined(rows) for rows in send(steps)[1::2]]
        return [outcomes.done(placed) if placed else Deferred() for placed in joined]
    except (OperationalError, Busy):
        raise  # it may be committed
    except Exception as error:
        raise NotStored from error


def store(session: Session, arrivals: Sequence[Arrival]) -> list[Result]:
    """Store deliveries as what they become; one that another is in the way of is deferred.

    Raises `NotStored`.
    """
    try:
        refusals = flat_form_limits.count(session, [one.limit for one in arrivals])
        accepted = [one for number, one in enumerate(arrivals) if number not in refusals]
        stored = iter(_store(session, accepted) if accepted else ())
        return [refusals.get(number) or next(stored) for number in range(len(arrivals))]
    except Exception as error:
        raise NotStored from error


class _Creation:
    """The statements that make leads of deliveries, and what their answers mean."""

    def __init__(self, arrivals: Sequence[Arrival]) -> None:
        self._arrivals = arrivals
        self._steps: list[pipeline.Step] = []
        # By the number of the statement that answers.
        self._counts: dict[int, Group] = {}
        self._leads: dict[int, tuple[int, Candidate]] = {}
        self._forms = sorted({one.mapped_form for one in arrivals if one.mapped_form})
        if self._forms:
            self._steps.append(flat_form_mappings.asking(self._forms))
        for group in flat_form_limits.groups([one.limit for one in arrivals]):
            self._add(group)

    def _add(self, group: Group) -> None:
        if group.limit is not None:
            self._counts[len(self._steps)] = group
            self._steps.append(group.counting_for_conditions())
        for place, number in enumerate(group.numbers):
            one = self._arrivals[number]
            candidate = one.read()
            if isinstance(candidate, Candidate):
                # Beyond the limit nothing is stored.
                only_if = group.condition(place)
                if one.mapped_form:
                    only_if += f" AND {flat_form_mappings.condition(one.mapped_form)}"
                self._steps += one_round_trip.creating(
                    candidate,
                    one.processed,
                    one.region,
                    only_if,
                    one.erasure_secret,
                    one.handling,
                )
                self._leads[len(self._steps) - 1] = (number, candidate)

    def send(self, send: pipeline.Send) -> list[Result]:
        results: list[Result] = [Deferred()] * len(self._arrivals)
        answers = send(self._steps) if self._steps else []
        mapped = flat_form_mappings.mapped(answers[0]) if self._forms else ()
        for step, (number, candidate) in self._leads.items():
            placed = one_round_trip.created(answers[step], candidate)
            if self._arrivals[number].mapped_form in mapped:
                continue  # what it says isn't known without the mapping
            if placed and placed.verdict is matching.Verdict.CREATE:
                results[number] = outcomes.done(placed)
            elif placed:
                results[number] = Deferred(placed.lead_id)
        for step, group in self._counts.items():
            ((count, ends, _),) = answers[step]
            for number in group.refused(count):
                results[number] = flat_form_limits.refusal(ends)
            if group.begins_window(count):
                flat_form_limits.remove_old_windows(send)
        return results


def _store(session: Session, arrivals: Sequence[Arrival]) -> list[Outcome | Deferred]:
    read = [_read(session, one) for one in arrivals]
    erased = _erased(session, arrivals, read)
    candidates = [
        (delivery, one.processed)
        for number, (one, delivery) in enumerate(zip(arrivals, read, strict=True))
        if isinstance(delivery, Candidate) and number not in erased
    ]
    region, handling = arrivals[0].region, arrivals[0].handling
    placed = iter(adding.add_together(session, candidates, region, handling) if candidates else ())
    outcomes_: list[Outcome | Deferred] = []
    for number, (one, delivery) in enumerate(zip(arrivals, read, strict=True)):
        if number in erased:
            outcomes_.append(_keep_nothing(session, one))
        elif isinstance(delivery, Candidate):
            outcomes_.append(_settle(session, one, delivery, next(placed)))
        else:
            outcomes_.append(_wait(session, one))
    return outcomes_


def _erased(
    session: Session, arrivals: Sequence[Arrival], read: Sequence[Candidate | Waiting]
) -> set[int]:
    """Return the numbers of the deliveries that are retries of an erased person's."""
    if not erased_keys.is_anyone_erased(session, arrivals[0].erasure_secret):
        return set()
    said = {number: one for number, one in enumerate(read) if isinstance(one, Candidate)}
    one = arrivals[0]
    texts = [erased_keys.Texts.of(each, each.keys(one.region)) for each in said.values()]
    answers = erased_keys.find(session, one.erasure_secret, texts)
    return {number for number, erased in zip(said, answers, strict=True) if erased}


def _keep_nothing(session: Session, one: Arrival) -> Outcome:
    outcome = outcomes.nothing_kept()
    deliveries.keep(session, Source.FLAT, "", **one.columns | outcome)
    return outcome


def _read(session: Session, one: Arrival) -> Candidate | Waiting:
    form_id = one.mapped_form
    own = forms.known_mapping(session, form_id) if form_id else {}
    if isinstance(one.said, Waiting) or not own:
        return one.read()
    return parsing.from_submission(one.said, one.received_at, own, region=one.region, by_value=True)


def _settle(
    session: Session,
    one: Arrival,
    candidate: Candidate,
    placed: matching.Placed | adding.NotAdded,
) -> Outcome | Deferred:
    if placed is adding.NotAdded.UNKNOWN_CENTER:
        tag = candidate.center_tag or ""
        find = center_aliases.Finder(session)
        center_id = find(tag)
        if center_id is None and not candidate.is_test:
            return _wait(session, one)
        known = replace(candidate, center_tag=None, center_id=center_id)
        (placed,) = adding.add_together(session, [(known, one.processed)], one.region, one.handling)
        if isinstance(placed, matching.Placed):
            center_aliases.note_alias(session, placed, find.alias_key)
    if placed is adding.NotAdded.REPEAT:
        return _keep_waiting(session, one, outcomes.waiting(outcomes.UNVERIFIED))
    return outcomes.done(placed) if isinstance(placed, matching.Placed) else Deferred()


def _wait(session: Session, one: Arrival) -> Outcome | Deferred:
    """Store a delivery that waits for a person, unless it has stopped waiting at this moment."""
    delivery = flat_body.candidate(session, one.said, one.received_at, one.region)
    if isinstance(delivery, Candidate):
        return Deferred()
    outcome = outcomes.waiting(outcomes.explained(session, delivery)) | flat_body.form_of(one.said)
    return _keep_waiting(session, one, outcome)


def _keep_waiting(session: Session, one: Arrival, outcome: Outcome) -> Outcome:
    id = deliveries.keep(session, Source.FLAT, one.body, **one.columns, **outcome)
    announcing.delivery_waits(session, id)
    return outcome
