"""Versions of the Graph API: which end soon, and what an answer says of the one that was asked."""

import logging
from datetime import UTC, date, datetime, timedelta

import pytest

from backend.core import times
from backend.core.intake.meta import versions
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import load
from tests.world import World, settings_for

END = date(2027, 1, 21)


def text(version: str, today: date) -> str | None:
    found = versions.ends_soon(version, today)
    return found.reason.text if found is not None else None


def test_a_version_is_announced_sixty_days_before_its_end() -> None:
    assert text("v21.0", END - timedelta(days=61)) is None
    soon = (
        "Version v21.0 of Meta's Graph API ends on 2027-01-21: set META_GRAPH_VERSION to "
        f"{list(versions.ENDS)[-1]}"
    )
    assert text("v21.0", END - timedelta(days=60)) == soon
    assert text("v21.0", END) == soon
    ended = soon.replace("ends on 2027-01-21", "has ended")
    assert text("v21.0", END + timedelta(days=1)) == ended
    assert text("v3.2", END) == ended.replace("v21.0", "v3.2")


@pytest.mark.parametrize("version", ["v26.0", "v27.0", "v99.9", f"v{'9' * 50}.0"])
def test_a_version_whose_end_is_not_known(version: str) -> None:
    assert text(version, END) is None


def test_the_default_version_does_not_end_soon() -> None:
    assert text(load(database_url="").meta_graph_version, datetime.now(UTC).date()) is None


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, None),
        ({"facebook-api-version": "v26.0"}, None),
        ({"facebook-api-version": "nonsense"}, None),
        ({"facebook-api-version": ""}, None),
        ({"facebook-api-version": "v27.0"}, ReasonCode.VERSION_REPLACED),
        ({"x-ad-api-version-warning": "It has ended", "facebook-api-version": "v27.0"},
         ReasonCode.VERSION_WARNING),
    ],
)  # fmt: skip
def test_what_headers_say(headers: dict[str, str], code: str | None) -> None:
    found = versions.told(headers, "v26.0")
    assert (found and found.code) == code


def test_metas_words_are_kept_without_tokens() -> None:
    said = "'The call has been auto-upgraded to v27.0 as v26.0 will be deprecated'"
    found = versions.told({"x-ad-api-version-warning": said}, "v26.0")
    assert found == Reason(ReasonCode.VERSION_WARNING, {"said": said.strip("'")})
    found = versions.told({"x-ad-api-version-warning": "for access_token=abc"}, "v26.0")
    assert found is not None
    assert "abc" not in found.text


def test_it_is_logged_once_a_day(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    now = datetime(2026, 11, 28, tzinfo=UTC)
    settings = settings_for(world.settings.database_url)
    reason = Reason(ReasonCode.VERSION_WARNING, {"said": "It ends"})
    for hours in (0, 1, 23, 24, 25):
        monkeypatch.setattr(times, "now", lambda: now + timedelta(hours=hours))  # noqa: B023
        versions.keep(world.db, settings, reason)
        with world.db.read() as session:
            found = versions.notice(session, settings)
        assert found is not None
        assert found.reason == reason
    assert caplog.messages == [reason.text] * 2
    # Nothing has been said of it for a day.
    monkeypatch.setattr(times, "now", lambda: now + timedelta(hours=48))
    with world.db.read() as session:
        assert versions.notice(session, settings) is None
