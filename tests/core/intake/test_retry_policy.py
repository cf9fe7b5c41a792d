"""How long to wait after an error of the graph host, and when to stop."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core import times
from backend.core.intake import retry_policy
from backend.core.intake.meta import circuit_breaker
from tests.told import graph_error
from tests.world import World, settings_for

NOW = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stop the clock."""
    monkeypatch.setattr(times, "now", lambda: NOW)


def test_the_waits_double_and_are_never_the_same() -> None:
    first = [retry_policy.delay(1) for _ in range(50)]
    assert 1.0 <= min(first) < max(first) <= 2.0
    assert len(set(first)) > 40
    assert 1024 <= retry_policy.delay(11) <= 2048
    assert retry_policy.delay(10_000) <= retry_policy.LONGEST_WAIT


def test_it_is_tried_for_as_long_as_meta_does() -> None:
    tries = retry_policy.TABLE["upstream"].tries
    assert tries is not None
    mean = sum(
        sum(retry_policy.delay(number) for _ in range(50)) / 50 for number in range(1, tries)
    )
    assert 36 * 3600 <= mean < 72 * 3600


@pytest.mark.parametrize("kind", ["upstream", "missing", "permission", "error"])
def test_the_last_try(world: World, kind: str) -> None:
    tries = retry_policy.TABLE[kind].tries
    assert tries is not None
    error = graph_error(kind)
    with world.db.write() as session:
        before = retry_policy.after(session, world.settings, error, tries - 1)
        last = retry_policy.after(session, world.settings, error, tries)
    details = '{"code":"graph_status","status":503}'
    assert (before["state"], before["details"]) == ("retrying", details)
    assert before["due_at"] > NOW
    assert last == {"state": "failed", "reason": kind, "details": details}


def throttle(world: World, told: float | None = None) -> datetime | None:
    """Throttle a request now. Returns when the pause ends."""
    settings = settings_for(world.settings.database_url, meta_access_token="token")
    with world.db.write() as session:
        outcome = retry_policy.after(session, settings, graph_error("throttled", told), 100)
    assert (outcome["state"], outcome["attempts"]) == ("retrying", 99)
    with world.db.read() as session:
        pause = circuit_breaker.current(session, settings)
        assert circuit_breaker.is_open(session, settings) == (pause is None)
    return pause.until if pause is not None else None


@pytest.mark.parametrize(
    ("told", "wait"),
    [(None, retry_policy.FIRST_PAUSE), (0.0, retry_policy.FIRST_PAUSE), (1800.0, 1800.0)],
)
def test_throttling_pauses_for_all(world: World, told: float | None, wait: float) -> None:
    assert throttle(world, told) == NOW + timedelta(seconds=wait)


def test_pauses_double_until_meta_answers(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now, waits = NOW, []
    for number in range(14):
        monkeypatch.setattr(times, "now", lambda: now)  # noqa: B023  used in this round only
        until = throttle(world)
        assert until is not None
        waits.append((until - now).total_seconds())
        # One of the requests that were under way doesn't lengthen it.
        assert throttle(world) == until
        with world.db.write() as session:
            circuit_breaker.answered(session)  # one of them was answered: the pause goes on
        now = until + timedelta(milliseconds=number)
    first = retry_policy.FIRST_PAUSE
    expected = [min(first * 2**number, retry_policy.LONGEST_PAUSE) for number in range(14)]
    assert waits == expected
    assert waits[-1] == waits[-2] == retry_policy.LONGEST_PAUSE
    with world.db.write() as session:
        circuit_breaker.answered(session)
    assert throttle(world) == now + timedelta(seconds=first)


def test_a_named_time_takes_the_place_of_a_guess(world: World) -> None:
    throttle(world)
    assert throttle(world, 120.0) == NOW + timedelta(seconds=120)
    assert throttle(world) == NOW + timedelta(seconds=120)
    assert throttle(world, 30.0) == NOW + timedelta(seconds=120)


def test_a_longer_pause_stays_and_a_new_token_ends_it(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    url = world.settings.database_url
    old, new = (settings_for(url, meta_access_token=token) for token in ("old", "new"))
    with world.db.write() as session:
        retry_policy.after(session, old, graph_error("token_expired"), 1)
        retry_policy.after(session, old, graph_error("throttled"), 1)
    with world.db.read() as session:
        pause = circuit_breaker.current(session, old)
        assert pause is not None
        assert pause.reason == "token_expired"
        assert circuit_breaker.cause(pause).text == "Meta answered with status 503"
        assert circuit_breaker.is_open(session, new)
        assert not circuit_breaker.is_open(session, settings_for(url))
    assert (
        "Meta answered with status 503. No lead is read from Meta until 2026-11-02" in caplog.text
    )
    assert "old" not in pause.held_for
