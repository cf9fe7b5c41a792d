"""Invent the story of each demo lead: when it arrived, the calls, and their outcomes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from backend.core.times import to_utc
from backend.models import Outcome, Status

DAYS = 90
# When the centers make calls, in local time.
OPENS, CLOSES = time(9, 30), time(19, 30)
# The share of leads that miss their next call, by status. They show as overdue, and are called
# after a few days.
FORGOTTEN = {Status.NEW: 0.45, Status.CALLED: 0.08, Status.TRIAL_SCHEDULED: 0.08}
MADE_UP_FOR = timedelta(days=4)
# Every day has trials at these times at least, in local time.
TRIALS = (time(11), time(16, 30), time(18))

# The possible outcomes of a call for each open status: the weight, the new status, the comments.
OUTCOMES: dict[Status, tuple[tuple[int, Status, tuple[str, ...]], ...]] = {
    Status.NEW: (
        (
            55,
            Status.CALLED,
            (
                "Interested, asked about fees and timings",
                "Will talk to the child and let us know",
                "Wants weekend batches only",
                "Asked for the location on WhatsApp",
            ),
        ),
        (
            33,
            Status.CALLED,
            ("No answer", "Busy, asked to call later", "Switched off", "Rang twice, no answer"),
        ),
        (12, Status.DEAD, ("Wrong number", "Filled in the form by mistake")),
    ),
    Status.CALLED: (
        (38, Status.TRIAL_SCHEDULED, ("Trial booked", "Will come with a parent for the trial")),
        (
            32,
            Status.CALLED,
            (
                "No answer again",
                "Travelling, call next week",
                "Exams now, call after they are over",
            ),
        ),
        (
            30,
            Status.DEAD,
            ("Too far from home", "Joined another academy", "Fees too high", "Not interested now"),
        ),
    ),
    Status.TRIAL_SCHEDULED: (
        (
            50,
            Status.JOINED,
            ("Liked the trial, paid for three months", "Joined the evening batch", "Joined"),
        ),
        (
            24,
            Status.TRIAL_SCHEDULED,
            ("Did not come, trial moved", "Child was ill, new date for the trial"),
        ),
        (26, Status.DEAD, ("Came to the trial, did not like it", "Did not come, no answer since")),
    ),
}


@dataclass(frozen=True, slots=True)
class Call:
    """A call and its outcome. Times are UTC; `follow_up` is None if no further call is due."""

    at: datetime
    status: Status
    comment: str
    follow_up: datetime | None


def arrival(rng: Random, now: datetime, zone: ZoneInfo) -> datetime:
    """Return a random time at which a form was filled in, in UTC.

    Evenings and recent days are more likely.
    """
    local = now.astimezone(zone) - timedelta(days=DAYS * rng.random() ** 1.2)
    minute = int(rng.triangular(7 * 60, 23.9 * 60, 20 * 60))
    moment = _at(local, time(minute // 60, minute % 60, rng.randrange(60)), zone)
    return moment if moment <= now else moment - timedelta(days=1)


def known_by_upload(created: datetime, zone: ZoneInfo) -> datetime:
    """Return the next morning in UTC, when someone imports the spreadsheet with the lead."""
    return _at(created.astimezone(zone) + timedelta(days=1), time(9, 5), zone)


def calls(rng: Random, known: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Call]:
    """Return the calls to a lead up to `now`. Each happens at the follow-up of the previous one."""
    status = Status.NEW
    at = _office(known + timedelta(hours=rng.expovariate(1 / 7)), zone)
    while at <= now and not (rng.random() < FORGOTTEN[status] and now - at < MADE_UP_FOR):
        outcomes = OUTCOMES[status]
        weights = [weight for weight, _, _ in outcomes]
        ((_, status, comments),) = rng.choices(outcomes, weights=weights)
        follow_up = _follow_up(rng, at, zone) if status in OUTCOMES else None
        yield Call(at, status, rng.choice(comments), follow_up)
        if follow_up is None:
            return
        late = timedelta(minutes=rng.randint(0, 50), days=rng.choice((0,) * 8 + (1, 2)))
        at = _office(follow_up + late, zone)


# How the comments on calls begin, but for those of conversations.
_BEGINNINGS = {
    "No answer": Outcome.NO_ANSWER,
    "Rang": Outcome.NO_ANSWER,
    "Busy": Outcome.BUSY,
    "Switched off": Outcome.SWITCHED_OFF,
    "Wrong number": Outcome.WRONG_NUMBER,
    "Travelling": Outcome.CALL_BACK,
}


def outcome_of(call: Call) -> Outcome:
    """Return how a call went, by its comment."""
    begins = (code for text, code in _BEGINNINGS.items() if call.comment.startswith(text))
    return next(begins, Outcome.SPOKE)


def trials_today(last: Sequence[Call], now: datetime, zone: ZoneInfo) -> dict[Call, Call]:
    """Return the last calls whose trials are next, each with a copy that has its trial today."""
    today = now.astimezone(zone)
    begins, ends = (_at(today + timedelta(days=days), time(), zone) for days in (0, 1))
    planned = sorted(
        (call.follow_up, call.at, call)
        for call in last
        if call.status == Status.TRIAL_SCHEDULED
        and call.follow_up is not None
        and call.follow_up >= ends
        and call.at < begins
    )
    return {
        call: replace(call, follow_up=_at(today, clock, zone))
        for (_, _, call), clock in zip(planned, TRIALS, strict=False)
    }


def _follow_up(rng: Random, at: datetime, zone: ZoneInfo) -> datetime:
    """Return a time one to ten days later, on the hour or half hour."""
    hour, minute = divmod(rng.randrange(20, 39), 2)
    day = at.astimezone(zone) + timedelta(days=rng.choice((1, 2, 2, 3, 5, 7, 10)))
    return _at(day, time(hour, 30 * minute), zone)


def _office(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return the time itself, or if the centers are closed, when they next open."""
    local = moment.astimezone(zone)
    if local.time() < OPENS:
        opens = _at(local, OPENS, zone)
    elif local.time() > CLOSES:
        opens = _at(local + timedelta(days=1), OPENS, zone)
    else:
        return moment.replace(microsecond=0)
    # Spread out the calls to the leads that arrived overnight.
    return opens + timedelta(seconds=moment.second * 37 + moment.minute * 13)


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return to_utc(datetime.combine(day.date(), clock), zone)
