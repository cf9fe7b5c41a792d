"""How often a password may be tried: never more often, and never so that the owner is kept out."""

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import takewhile

import pytest

from backend.core.accounts import login_limits, windows
from backend.core.accounts.sessions import Origin
from backend.core.errors import TooManyAttempts
from backend.core.settings import Settings
from tests.world import MEMBER, World, settings_for

FAILURES = 3
DEVICE = "a text that only the owner's laptop has"
HOME, OFFICE = "203.0.113.1", "203.0.113.2"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [1_800_000_000.0]
    monkeypatch.setattr(time, "time", lambda: now[0])
    return now


def settings(world: World) -> Settings:
    return settings_for(world.settings.database_url, login_failures_per_minute=FAILURES)


def fail(world: World, at: str, device: str | None = None, email: str = MEMBER) -> bool:
    """Try and fail. Returns whether the password was checked at all."""
    try:
        login_limits.begin(world.db, settings(world), email, Origin(at, device=device))
    except TooManyAttempts:
        return False
    return True


def succeed(world: World, at: str, device: str | None = None, email: str = MEMBER) -> None:
    attempt = login_limits.begin(world.db, settings(world), email, Origin(at, device=device))
    with world.db.write() as session:
        attempt.succeeded(session)


def test_guesses_at_the_same_moment(world: World, clock: list[float]) -> None:
    with ThreadPoolExecutor(8) as pool:
        through = sum(pool.map(lambda _: fail(world, HOME), range(24)))
    assert through == FAILURES


def test_the_time_to_wait(world: World, clock: list[float]) -> None:
    for _ in range(FAILURES):
        fail(world, HOME)
    clock[0] += 20
    with pytest.raises(TooManyAttempts) as refusal:
        login_limits.begin(world.db, settings(world), MEMBER, Origin(HOME))
    assert refusal.value.headers == {"retry-after": "40"}
    clock[0] += 40
    assert fail(world, HOME)


def test_an_hour_has_a_limit_too(world: World, clock: list[float]) -> None:
    through = 0
    for _ in range(20):
        clock[0] += 61
        through += sum(fail(world, HOME) for _ in range(FAILURES + 1))
    assert through == FAILURES * login_limits.PER_HOUR


@pytest.mark.slow
def test_twenty_strangers_keep_nobody_out(world: World, clock: list[float]) -> None:
    """They go on for half an hour, each until refused; the owner has a new phone."""
    checked = 0
    for _ in range(30):
        clock[0] += 61
        for number in range(20):
            guesses = (fail(world, f"198.51.100.{number}") for _ in range(FAILURES))
            checked += sum(takewhile(bool, guesses))
    most = FAILURES * login_limits.OF_OTHERS + 20 * login_limits.FIRST
    assert checked == most
    succeed(world, "203.0.113.99")


def test_a_known_network_is_not_kept_out_by_any_number(world: World, clock: list[float]) -> None:
    succeed(world, HOME)
    for number in range(FAILURES * login_limits.OF_FIRST):
        assert fail(world, f"10.0.{number // 200}.{number % 200}")
    assert not fail(world, "10.9.9.9"), "a new network"
    succeed(world, HOME)
    with world.db.write() as session:
        login_limits.lift(session, 2, MEMBER.upper())
    succeed(world, "10.9.9.9")


def test_a_known_device_is_not_kept_out_by_its_neighbours(world: World, clock: list[float]) -> None:
    succeed(world, OFFICE, DEVICE)
    while fail(world, OFFICE):
        pass
    for number in range(FAILURES * login_limits.OF_NETWORK):
        fail(world, OFFICE, email=f"someone{number}@tofa.example")
    assert not fail(world, OFFICE, email="another@tofa.example"), "the network has no more"
    succeed(world, OFFICE, DEVICE)
    succeed(world, "192.0.2.50", DEVICE)
    # It has a limit of its own, and is known for this account only.
    assert [fail(world, OFFICE, DEVICE) for _ in range(FAILURES + 1)] == [True] * FAILURES + [False]
    assert not fail(world, OFFICE, DEVICE, email="another@tofa.example")
    assert not fail(world, OFFICE, "short"), "too short to be a device"


def test_an_office_signs_in_at_nine(world: World, clock: list[float]) -> None:
    """What succeeds doesn't count for the network."""
    for number in range(2 * FAILURES * login_limits.OF_NETWORK):
        succeed(world, OFFICE, email=f"person{number}@tofa.example")


def test_a_device_is_known_for_a_month(world: World, clock: list[float]) -> None:
    succeed(world, OFFICE, DEVICE)
    while fail(world, OFFICE):
        pass
    clock[0] += windows.KNOWN_SECONDS + 1
    while fail(world, OFFICE):
        pass
    assert not fail(world, OFFICE, DEVICE)


def test_a_clock_that_ran_ahead(world: World, clock: list[float]) -> None:
    """What it counted doesn't matter once it is right again."""
    clock[0] += 7 * 24 * 3600
    while fail(world, HOME):
        pass
    clock[0] -= 7 * 24 * 3600
    assert fail(world, HOME)


def test_confirming_has_counts_of_its_own(world: World, clock: list[float]) -> None:
    for _ in range(FAILURES):
        login_limits.begin_confirming(world.db, settings(world), 2)
    with pytest.raises(TooManyAttempts):
        login_limits.begin_confirming(world.db, settings(world), 2)
    succeed(world, HOME)
    login_limits.begin_confirming(world.db, settings(world), 1)
    with world.db.write() as session:
        login_limits.lift(session, 2, MEMBER)
    login_limits.begin_confirming(world.db, settings(world), 2)
