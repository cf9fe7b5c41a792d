"""What is sent to Sentry, and what never is."""

import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sentry_sdk.envelope import Envelope
from sentry_sdk.transport import Transport

from backend.core.errors import ConfigurationError
from backend.core.logs import error_reports, setting_up
from tests.world import settings_for

DSN = "https://key@sentry.example/1"
PERSONAL = ("Zoë", "9848000001", "secret-token", "203.0.113.7", "tofa.example")
log = logging.getLogger("tofa")


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.events: list[dict[str, Any]] = []

    def capture_envelope(self, envelope: Envelope) -> None:
        event = envelope.get_event()
        assert event is not None
        self.events.append(json.loads(json.dumps(event, default=str)))


@pytest.fixture
def kept() -> Iterator[Kept]:
    transport = Kept()
    settings = settings_for("sqlite:///x.db", sentry_dsn=DSN)
    error_reports.set_up(settings, transport)
    setting_up.set_up(settings)  # a second time changes nothing
    yield transport
    error_reports.tear_down()


def fail(name: str) -> None:
    phone = "9848000001"
    raise ValueError(f"{name} can't be called at {phone}")


def log_failure() -> None:
    try:
        try:
            fail("Zoë")
        except ValueError as error:
            raise ConnectionRefusedError(111, "refused by lead@tofa.example") from error
    except ConnectionRefusedError:
        log.exception(
            "GET %s failed for %s",
            "/leads/?q=Zoë",
            "lead@tofa.example",
            extra={
                "request_id": "abc",
                "route": "/leads/",
                "method": "GET",
                "status": 500,
                "address": "203.0.113.7",
                "user_id": 7,
                "headers": {"cookie": "secret-token"},
            },
        )


def test_a_report_says_what_failed_and_nothing_of_people(kept: Kept) -> None:
    log_failure()
    (event,) = kept.events
    text = json.dumps(event, ensure_ascii=False)
    for hidden in PERSONAL:
        # The test's own source lines have them, as code.
        lines = [frame["context_line"] for frame in frames(event)]
        assert all(hidden in line for line in lines if hidden in text and hidden in line)
    for one in event["exception"]["values"]:
        for frame in one["stacktrace"]["frames"]:
            frame["context_line"] = ""
    text = json.dumps(event, ensure_ascii=False)
    assert [hidden for hidden in PERSONAL if hidden in text] == []
    assert not {"request", "user", "extra", "breadcrumbs", "modules"} & {
        name for name, value in event.items() if value
    }
    assert event["tags"] == {
        "request_id": "abc", "route": "/leads/", "method": "GET", "status": "500"
    }  # fmt: skip
    assert event["logentry"] == {"message": "GET %s failed for %s"}
    assert [(one["type"], one["value"]) for one in event["exception"]["values"]] == [
        ("ValueError", ""),
        ("ConnectionRefusedError", "111"),
    ]


def frames(event: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for one in event["exception"]["values"]:
        yield from one["stacktrace"]["frames"]


def test_frames_have_code_and_no_variables(kept: Kept) -> None:
    log_failure()
    (event,) = kept.events
    found = list(frames(event))
    assert [frame["function"] for frame in found] == ["log_failure", "fail", "log_failure"]
    assert all("vars" not in frame for frame in found)
    assert found[1]["filename"] == "tests/core/logs/test_error_reports.py"
    assert found[1]["context_line"].strip().startswith("raise ValueError")


def test_repeats_warnings_and_other_programs_are_not_reported(kept: Kept) -> None:
    for _ in range(3):
        log_failure()
    log.warning("Not an error")
    logging.getLogger("another").error("Zoë")
    assert len(kept.events) == 1


def test_without_the_package_the_start_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentry_sdk", None)
    with pytest.raises(ConfigurationError, match="needs the package sentry-sdk"):
        setting_up.set_up(settings_for("sqlite:///x.db", sentry_dsn=DSN))


def test_a_wrong_address_is_told_in_a_sentence() -> None:
    with pytest.raises(ConfigurationError, match="SENTRY_DSN can't be used"):
        setting_up.set_up(settings_for("sqlite:///x.db", sentry_dsn="nonsense"))
