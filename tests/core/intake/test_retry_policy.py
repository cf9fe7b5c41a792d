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


@pytest.mark.parametrize(("told", "wait"), [(None, 60.0), (0.0, 60.0), (1800.0, 1800.0)])
def test_throttling_pauses_for_all(world: World, told: float | None, wait: float) -> None:
    settings = settings_for(world.settings.database_url, meta_access_token="token")
    with world.db.write() as session:
        assert circuit_breaker.is_open(session, settings)
        outcome = retry_policy.after(session, settings, graph_error("throttled", told), 100)
    assert (outcome["state"], outcome["attempts"]) == ("retrying", 99)
    with world.db.read() as session:
        pause = circuit_breaker.current(session, settings)
        assert pause is not None
        assert pause.until == NOW + timedelta(seconds=wait)
        assert not circuit_breaker.is_open(session, settings)


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
