"""A storm in which Meta throttles: every lead comes in, and soon.

The clock is the test's own: it goes on when nothing is due, so that what counts is how long this
program has itself told everyone to wait. `python -m benchmarks intake` measures it for real.
"""

import json
import random
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from backend.core import times
from backend.core.db import Database
from backend.core.intake import deliveries, processing, retry_policy
from backend.core.intake.meta import circuit_breaker, graph_client
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Lead, Pause, Source
from tests import graph_host
from tests.graph_host import FIRST_LEAD, Asked, Behaviour, GraphHost
from tests.told import notification
from tests.world import World, settings_for

# When to wait is decided in Python, so a short storm shows that it works on PostgreSQL too.
LEADS = {"sqlite": 1000, "postgresql": 200}
# In seconds: what a storm with one throttle in twenty answers may cost in waiting, of the three
# minutes in which it has to be over.
MOST_WAITING = 120.0
CODES = (4, 17, 32, 613, *range(80000, 80015))


@dataclass
class Clock:
    """A clock that only goes on where it is told to; it counts the waits that were told."""

    now: datetime = datetime(2026, 11, 28, 10, tzinfo=UTC)
    waits: list[float] = field(default_factory=list)

    def wait_for_the_pause(self, db: Database) -> bool:
        """Go on to the end of the pause. Returns whether there was one."""
        with db.read() as session:
            pause = session.get(Pause, "graph")
        if pause is None or pause.until <= self.now:
            return False
        self.waits.append((pause.until - self.now).total_seconds())
        self.now = pause.until
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(times, "now", lambda: made.now)
    return made


def settings_of(world: World, host: GraphHost) -> Settings:
    return settings_for(
        world.settings.database_url, meta_access_token="token", meta_graph_url=host.url
    )


def announce(world: World, count: int) -> None:
    with world.db.write() as session:
        ids = [FIRST_LEAD + number for number in range(count)]
        deliveries.keep(session, Source.META, json.dumps(notification(*ids)))


def work_off(world: World, settings: Settings, clock: Clock, at_once: int = 8) -> None:
    with closing(graph_client.Client.of(settings)) as client:
        while True:
            while processing.run_once(world.db, settings, client, at_once=at_once):
                pass
            if not clock.wait_for_the_pause(world.db):
                break


def leads(world: World) -> int:
    with world.db.read() as session:
        query = select(func.count()).where(col(Lead.leadgen_id).is_not(None))
        return session.connection().scalar(query) or 0


def unsettled(world: World) -> int:
    with world.db.read() as session:
        query = select(func.count()).where(col(Delivery.state) != DeliveryState.PROCESSED)
        return session.connection().scalar(query) or 0


def test_one_answer_in_twenty_is_a_throttle(world: World, clock: Clock, database: str) -> None:
    """It names no time: each pause is short, since Meta answers in between."""
    count = LEADS[database]
    chance = random.Random(20)

    def throttle(_asked: Asked) -> Behaviour | None:
        if chance.random() >= 1 / 20:
            return None
        return graph_host.throttle(None, chance.choice(CODES))

    with GraphHost(behaviour=throttle) as host:
        announce(world, count)
        work_off(world, settings_of(world, host), clock)
    assert (leads(world), unsettled(world)) == (count, 0)
    assert len(clock.waits) >= count / 100, "the storm was none"
    assert sum(clock.waits) <= MOST_WAITING
    # No request was sent in vain but those that were under way: eight at once.
    assert len(host.asked) <= count + 8 * len(clock.waits)


def test_a_long_throttle_is_asked_about_ever_more_rarely(world: World, clock: Clock) -> None:
    """An hour long, and without a time: a few dozen requests, and then everything goes on."""
    ends = clock.now + timedelta(hours=1)
    refuse = graph_host.throttle(None, 4)
    with GraphHost(behaviour=lambda _asked: refuse if clock.now < ends else None) as host:
        announce(world, 50)
        work_off(world, settings_of(world, host), clock)
        refused = len(host.asked) - 50
    assert (leads(world), unsettled(world)) == (50, 0)
    doubled = [
        min(retry_policy.FIRST_PAUSE * 2.0**number, retry_policy.LONGEST_PAUSE)
        for number in range(len(clock.waits))
    ]
    assert clock.waits == doubled
    assert refused <= 8 * len(clock.waits)
    with world.db.read() as session:
        assert circuit_breaker.in_a_row(session, settings_of(world, host)) == 0


def test_a_time_that_meta_names_is_kept_to(world: World, clock: Clock) -> None:
    ends = clock.now + timedelta(minutes=20)
    refuse = graph_host.throttle(20, 80005)
    with GraphHost(behaviour=lambda _asked: refuse if clock.now < ends else None) as host:
        announce(world, 50)
        work_off(world, settings_of(world, host), clock)
        assert len(host.asked) <= 50 + 8
    assert (leads(world), unsettled(world)) == (50, 0)
    assert clock.waits == [20 * 60.0]


def test_the_pauses_of_several_processes_are_one(world: World, clock: Clock) -> None:
    """Each process has its own connections and clients, and all share the pause."""
    refuse = graph_host.throttle(None, 17)
    with GraphHost(behaviour=lambda _asked: refuse) as host:
        announce(world, 50)
        settings = settings_of(world, host)
        others = [Database(world.settings.url) for _ in range(3)]
        processing.run_once(world.db, settings)  # what the notification announces
        for number in range(5):
            for db in others:
                processing.run_once(db, settings, at_once=1)
            assert len(host.asked) == number + 1, "one asks, and the others know its answer"
            assert clock.wait_for_the_pause(world.db)
        for db in others:
            db.close()
    first = retry_policy.FIRST_PAUSE
    assert clock.waits == [first * 2**number for number in range(5)]
