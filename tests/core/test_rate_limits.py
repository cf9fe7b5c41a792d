"""Counting attempts in the database: for all processes together, and never too few."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import RateLimitItemPerHour, RateLimitItemPerMinute
from sqlalchemy import func, select

from backend.core.db import Database
from backend.core.errors import TooManyAttempts
from backend.core.rate_limits import DatabaseStorage, Rule, Throttle
from backend.models import RateCount
from tests.waiting import PATIENCE
from tests.warm import Warm
from tests.world import World

FIVE: Rule = (RateLimitItemPerMinute(5), ("login", "a"))
START = 1_800_000_000.0


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, in seconds since the epoch, as a list of one."""
    now = [START]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def hits(throttle: Throttle, *rules: Rule, times: int = 1) -> int:
    """How many of that many attempts get through."""
    through = 0
    for _ in range(times):
        try:
            throttle.hit(rules)
            through += 1
        except TooManyAttempts:
            pass
    return through


def attempts(db: Database) -> int:
    with db.read() as session:
        return session.scalar(select(func.count()).select_from(RateCount)) or 0


def test_as_many_as_the_rule_says(world: World, clock: list[float]) -> None:
    assert hits(Throttle(world.db), FIVE, times=7) == 5
    clock[0] += 20
    with pytest.raises(TooManyAttempts) as refusal:
        Throttle(world.db).hit([FIVE])
    assert refusal.value.headers == {"retry-after": "40"}
    assert refusal.value.detail == "Too many attempts: try again in 40 seconds"


def test_a_window_ends(world: World, clock: list[float]) -> None:
    throttle = Throttle(world.db)
    assert hits(throttle, FIVE, times=6) == 5
    clock[0] += 59.9
    assert hits(throttle, FIVE) == 0
    clock[0] += 0.1
    assert hits(throttle, FIVE, times=6) == 5


def test_the_longest_wait_of_the_rules_that_are_used_up(world: World, clock: list[float]) -> None:
    hour: Rule = (RateLimitItemPerHour(3), ("login", "a"))
    other: Rule = (RateLimitItemPerMinute(100), ("login", "b"))
    throttle = Throttle(world.db)
    assert hits(throttle, FIVE, hour, other, times=4) == 3
    with pytest.raises(TooManyAttempts) as refusal:
        throttle.hit([FIVE, hour, other])
    assert refusal.value.headers == {"retry-after": "3600"}
    clock[0] += 60
    throttle.hit([FIVE, other])


@pytest.mark.slow
def test_what_is_over_is_cleaned_up(world: World, clock: list[float]) -> None:
    with world.db.write() as session:
        session.add_all(
            RateCount(key=f"old/{n}", count=1, expires_at=START - n) for n in range(5000)
        )
        session.add(RateCount(key="live", count=1, expires_at=START + 1))
    assert hits(Throttle(world.db), FIVE) == 1
    assert attempts(world.db) == 2


def test_threads_count_together(world: World) -> None:
    throttle = Throttle(world.db)
    with ThreadPoolExecutor(6) as pool:
        through = sum(pool.map(lambda _: hits(throttle, FIVE, times=5), range(6)))
    assert through == 5


@pytest.mark.slow
def test_processes_count_together(world: World, warm: Warm) -> None:
    program = """if True:
        import sys
        from limits import RateLimitItemPerHour
        from sqlalchemy import make_url
        from backend.core.db import Database
        from backend.core.errors import TooManyAttempts
        from backend.core.settings import load
        from backend.core.rate_limits import Throttle
        throttle = Throttle(Database(load(database_url=sys.argv[2], secret_key="k" * 40).url))
        print("ready", flush=True)
        sys.stdin.readline()
        through = 0
        for _ in range(10):
            try:
                throttle.hit([(RateLimitItemPerHour(12), ("login", "a"))])
                through += 1
            except TooManyAttempts:
                pass
        print(through)"""
    command = ["tests.run_code", program, world.settings.database_url]
    processes = [warm.start(command, os.environ) for _ in range(3)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write(b"\n")
    through = [int(process.finish()) for process in processes]
    assert sum(through) == 12


def test_many_windows_that_end_at_once(world: World) -> None:
    """Each renews its own and cleans up the others': nobody waits for anybody in a circle."""
    storage = DatabaseStorage(world.db)
    barrier = threading.Barrier(4)

    def renew(number: int) -> None:
        for round_ in range(15):
            barrier.wait(PATIENCE)
            if number == 0:
                with world.db.write() as session:
                    for key in range(4):
                        session.merge(RateCount(key=f"{round_}/{key}", count=9, expires_at=1.0))
            barrier.wait(PATIENCE)
            assert storage.incr(f"{round_}/{number}", 60) == 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(renew, range(4)))
