"""How a lead of the example academy fares: when it came, who called when, and what was said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from backend.core.times import to_utc
from backend.models import Status

DAYS = 90
# When people at the centers call, on the clock of the zone.
OPENS, CLOSES = time(9, 30), time(19, 30)
# The part of the new leads that nobody has called, and of the follow-ups that nobody has kept. What
# is forgotten shows, and after some days somebody makes up for it.
FORGOTTEN = {Status.NEW: 0.45, Status.CALLED: 0.08, Status.TRIAL_SCHEDULED: 0.08}
MADE_UP_FOR = timedelta(days=4)
# The trials that there are on any day at least, on the clock of the zone.
TRIALS = (time(11), time(16, 30), time(18))

# For each status that is open: what a call leads to, how often, and what may be noted.
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
    """A call and what was noted of it; times are UTC, `follow_up` is None where none is due."""

    at: datetime
    status: Status
    comment: str
    follow_up: datetime | None


def arrival(rng: Random, now: datetime, zone: ZoneInfo) -> datetime:
    """When a form was filled in, in UTC: in the evening mostly, and lately more often."""
    local = now.astimezone(zone) - timedelta(days=DAYS * rng.random() ** 1.2)
    minute = int(rng.triangular(7 * 60, 23.9 * 60, 20 * 60))
    moment = _at(local, time(minute // 60, minute % 60, rng.randrange(60)), zone)
    return moment if moment <= now else moment - timedelta(days=1)


def known_by_upload(created: datetime, zone: ZoneInfo) -> datetime:
    """The next morning, when somebody imports the spreadsheet; in UTC."""
    return _at(created.astimezone(zone) + timedelta(days=1), time(9, 5), zone)


def calls(rng: Random, known: datetime, now: datetime, zone: ZoneInfo) -> Iterator[Call]:
    """The calls up to `now`, of which each waits for the follow-up of the one before."""
    status = Status.NEW
    at = _office(known + timedelta(hours=rng.expovariate(1 / 7)), zone)
    while at <= now and not (rng.random() < FORGOTTEN[status] and now - at < MADE_UP_FOR):
        outcomes = OUTCOMES[status]
        ((_, status, notes),) = rng.choices(outcomes, weights=[often for often, _, _ in outcomes])
        follow_up = _follow_up(rng, at, zone) if status in OUTCOMES else None
        yield Call(at, status, rng.choice(notes), follow_up)
        if follow_up is None:
            return
        late = timedelta(minutes=rng.randint(0, 50), days=rng.choice((0,) * 8 + (1, 2)))
        at = _office(follow_up + late, zone)


def trials_today(last: Sequence[Call], now: datetime, zone: ZoneInfo) -> dict[Call, Call]:
    """Of the last calls of leads, those whose trials come next; each with a trial today instead."""
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
    """One to ten days later, at half an hour."""
    hour, minute = divmod(rng.randrange(20, 39), 2)
    day = at.astimezone(zone) + timedelta(days=rng.choice((1, 2, 2, 3, 5, 7, 10)))
    return _at(day, time(hour, 30 * minute), zone)


def _office(moment: datetime, zone: ZoneInfo) -> datetime:
    """The moment, or where it is night the time that the centers open next."""
    local = moment.astimezone(zone)
    if local.time() < OPENS:
        opens = _at(local, OPENS, zone)
    elif local.time() > CLOSES:
        opens = _at(local + timedelta(days=1), OPENS, zone)
    else:
        return moment.replace(microsecond=0)
    # Not all leads of a night are called in the same second.
    return opens + timedelta(seconds=moment.second * 37 + moment.minute * 13)


def _at(day: datetime, clock: time, zone: ZoneInfo) -> datetime:
    return to_utc(datetime.combine(day.date(), clock), zone)
