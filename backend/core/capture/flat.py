"""The flat form's way in: deliveries that come at once are understood and kept in one transaction.

It waits for nobody. A delivery that would have to wait, or that can't be made sense of, is left to
its request, which keeps it first and understands it after that.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from time import time
from typing import Any, Self

from sqlmodel import Session

from backend.core import at_once, identity, placing
from backend.core.capture import aliases, becoming, ledger, mapping, reading
from backend.core.capture.becoming import Outcome
from backend.core.errors import TooManyAttempts
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
        outcomes = iter(_keep(session, let_in))
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


@dataclass(frozen=True, slots=True)
class _Read:
    """What a delivery says, and what its lead is known by."""

    arrival: Arrival
    mapped: mapping.Mapped
    phone: str | None
    name: str

    @classmethod
    def of(cls, one: Arrival) -> Self:
        mapped = reading.map_flat(one.value, one.form)
        phone = identity.phone_key(mapped.fields.get("phone"), one.region)
        return cls(one, mapped, phone, identity.name_key(mapped.fields.get("player_name")))

    @property
    def nearest(self) -> at_once.Step:
        return placing.nearest(self.phone or "", self.name, is_test=self.mapped.is_test)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is looked up for all at once. `taken` are the phones that have had a lead since."""

    in_the_way: set[str | None]
    centers: dict[str, int]
    nearest: list[placing.Looked]
    taken: set[str | None] = field(default_factory=set)


def _keep(session: Session, arrivals: Iterable[Arrival]) -> list[Outcome | None]:
    reads = [_Read.of(one) for one in arrivals]
    known = _look(session, reads) if reads else None
    return [_keep_one(session, one, number, known) for number, one in enumerate(reads) if known]


def _look(session: Session, reads: Sequence[_Read]) -> _Known:
    """Takes the turns of the phones, and looks up what there is, in one round trip."""
    phones = sorted({one.phone for one in reads if one.phone is not None})
    tags = sorted({one.mapped.fields["center"] for one in reads if "center" in one.mapped.fields})
    marks = ", ".join(["%s"] * len(tags)) or "NULL"
    centers = f"SELECT meta_tag_name, id FROM center WHERE meta_tag_name IN ({marks})"  # noqa: S608
    steps = [(centers, tags), *(one.nearest for one in reads)]
    if session.get_bind().dialect.name == "postgresql":
        ((free, *ours),), *found = at_once.run(session, placing.turn(phones), *steps)
        missed = {phone for phone, is_ours in zip(phones, ours, strict=True) if not is_ours}
        in_the_way = missed if free else {one.phone for one in reads}
    else:
        found, in_the_way = at_once.run(session, *steps), set()
    return _Known(in_the_way, dict(found[0]), [placing.found(rows) for rows in found[1:]])  # type: ignore[arg-type]


def _keep_one(session: Session, read: _Read, number: int, known: _Known) -> Outcome | None:
    if read.phone in known.in_the_way:
        return None
    one = read.arrival
    delivery = reading.from_mapped(
        read.mapped,
        one.received_at,
        # The exact text is looked up already; another case, spaces and aliases are not.
        lambda tag: known.centers.get(tag) or aliases.find(session, tag),
    )
    if isinstance(delivery, reading.Waiting):
        outcome = becoming.waiting(delivery)
        ledger.keep(session, Source.FLAT, one.body, **_tried(one), **outcome)
        return outcome
    looked = known.nearest[number]
    if read.phone in known.taken:
        looked = placing.found(*at_once.run(session, read.nearest))
    known.taken.add(read.phone)
    kept = {
        "source": Source.FLAT.value,
        "state": CaptureState.DONE.value,
        "body": one.body,
        **_tried(one),
    }
    placed = placing.place(session, delivery, one.region, looked=looked, delivery=kept)
    return becoming.done(placed)


def _tried(one: Arrival) -> dict[str, Any]:
    return {"received_at": one.received_at, "attempts": 1, "due_at": None}
