"""The formats of the log, and tracebacks that repeat."""

import json
import logging
import re
from collections.abc import Callable
from logging.handlers import BufferingHandler
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from backend.core.errors import ConfigurationError
from backend.core.logs import repeats, setting_up, tracebacks
from backend.core.settings import load
from tests.world import World, settings_for

log = logging.getLogger("tofa")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def set_up(log_format: str) -> None:
    setting_up.set_up(settings_for("sqlite:///x.db", log_format=log_format))


def fail(cause: BaseException | None = None) -> None:
    raise RuntimeError("out of luck") from cause


def log_failure(number: int = 0) -> None:
    try:
        fail(KeyError("cause"))
    except RuntimeError:
        log.exception("Number %s failed", number, extra={"request_id": "abc"})


def test_text_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("text")
    log.info("Line 1\nLine 2")
    log_failure()
    lines = capsys.readouterr().err.splitlines()
    assert re.fullmatch(rf"{TIME} INFO Line 1\\nLine 2", lines[0])
    assert re.fullmatch(rf"{TIME} ERROR Number 0 failed", lines[1])
    assert [line for line in lines if line[:1].isalpha()] == [
        "KeyError",
        "which caused",
        "RuntimeError",
    ]


def test_json_has_one_object_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    set_up("json")
    log_failure()
    (line,) = capsys.readouterr().err.splitlines()
    found = json.loads(line)
    assert re.fullmatch(TIME, found.pop("time"))
    assert found.pop("traceback").endswith("\nRuntimeError")
    assert found == {
        "level": "ERROR",
        "logger": "tofa",
        "message": "Number 0 failed",
        "request_id": "abc",
        "error": "RuntimeError",
    }


def test_without_a_format_pythons_logging_stays_in_charge(
    capsys: pytest.CaptureFixture[str],
) -> None:
    set_up("")
    logging.getLogger("tofa.request").info("not wanted")
    assert (capsys.readouterr().err, log.propagate, log.level) == ("", True, logging.NOTSET)


def test_only_known_formats() -> None:
    with pytest.raises(ConfigurationError, match="LOG_FORMAT"):
        load(log_format="xml")


def test_a_traceback_is_logged_once_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it fails there is a line. The clock is the test's."""
    now = 1000.0
    monkeypatch.setattr(repeats, "time", SimpleNamespace(monotonic=lambda: now))
    set_up("")
    said: list[tuple[str, bool]] = []
    for number, moment in enumerate((1000.0, 1001.0, 1059.0, 1061.0, 1062.0)):
        now = moment
        caplog.clear()
        log_failure(number)
        (record,) = caplog.records
        said.append((record.getMessage(), record.exc_info is not None))
    assert said == [
        ("Number 0 failed", True),
        ("Number 1 failed (RuntimeError, as 1 seconds ago)", False),
        ("Number 2 failed (RuntimeError, as 59 seconds ago)", False),
        ("Number 3 failed (and 2 times since its last traceback)", True),
        ("Number 4 failed (RuntimeError, as 1 seconds ago)", False),
    ]


@pytest.mark.parametrize("name", setting_up.OF_SERVERS)
def test_a_traceback_of_a_server_is_logged_once_a_minute(
    name: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stranger can make servers fail with each request. What was sent isn't in the text."""
    set_up("")
    logger, kept = logging.getLogger(name), BufferingHandler(100)
    # A server that was started in this process says little, and shows it itself.
    caplog.set_level(logging.ERROR, name)
    monkeypatch.setattr(logger, "propagate", False)
    monkeypatch.setattr(logger, "handlers", [kept])
    sent = "+9198480" + "22338"
    for _ in range(3):
        try:
            fail(KeyError(sent))
        except RuntimeError:
            logger.exception("Exception in the application")
    assert [record.exc_info is not None for record in kept.buffer] == [True, False, False]
    assert sent not in " ".join(map(logging.Formatter().format, kept.buffer))


def test_other_errors_are_no_repeats(caplog: pytest.LogCaptureFixture) -> None:
    set_up("")
    raising: list[Callable[[], object]] = [lambda: 1 / 0, lambda: [][0], fail]
    for one in raising:
        try:
            one()
        except Exception:
            log.exception("It failed")
    assert [record.exc_info is not None for record in caplog.records] == [True] * 3


def test_what_the_database_says_of_a_row_is_left_out(world: World) -> None:
    with pytest.raises(IntegrityError) as refusal, world.db.write() as session:
        session.connection().execute(
            text(
                'INSERT INTO "user" (email, email_key, hashed_password, full_name, role)'
                " VALUES ('lead@tofa.example', 'Zoë', 'x', 'Zoë', 'observer')"
            )
        )
    told = tracebacks.text(refusal.value)
    assert "IntegrityError" in told
    assert "lead@tofa.example" not in told
    assert "Zoë" not in told


class OfDatabase(Exception):
    """An error of the driver."""


OfDatabase.__module__ = "psycopg.errors"


def test_what_an_error_may_say() -> None:
    for said, left in {
        'invalid input syntax for type date: "Zoë"\nLINE 1': "invalid input syntax for type date",
        "UNIQUE constraint failed: user.email_key": "UNIQUE constraint failed: user.email_key",
        "UNIQUE constraint failed: Zoë 98": "UNIQUE constraint failed",
        "malformed MATCH expression: [Zoë]": "malformed MATCH expression",
        "database is locked": "database is locked",
    }.items():
        assert tracebacks.message(OfDatabase(said)) == left
    assert tracebacks.message(ConfigurationError("Set it.")) == "Set it."
    assert tracebacks.message(FileNotFoundError(2, "No such file", "/Zoë")) == "No such file"
    assert tracebacks.message(ValueError("plain\nwords")) == ""


HIDDEN = "+919848012345"
AROUND = st.text(max_size=40) | st.sampled_from(["x" * 100_000, "\n", '"', "' [", "\r\n\t"])


@given(
    before=AROUND,
    after=AROUND,
    form=st.sampled_from([str, repr, quote, lambda text: text.encode().hex(" ")]),
    kinds=st.lists(st.sampled_from([ValueError, KeyError, RuntimeError, OSError]), min_size=1),
    log_format=st.sampled_from(["", "text", "json"]),
)
def test_no_error_brings_a_value_into_the_log(
    before: str,
    after: str,
    form: Callable[[str], str],
    kinds: list[type[Exception]],
    log_format: str,
) -> None:
    """Whatever is around it, however it is written, and whichever cause has it."""
    value = form(HIDDEN)
    error: BaseException | None = None
    for kind in kinds:
        made = kind(f"{before}{value}{after}")
        made.__cause__, error = error, made
    assert error is not None
    record = logging.LogRecord("tofa", logging.ERROR, "", 1, "It failed", (), None)
    record.exc_info = type(error), error, None
    repeats.Repeats().filter(record)
    formatter = setting_up.FORMATS[log_format]() if log_format else logging.Formatter()
    line = formatter.format(record)
    assert "It failed" in line
    assert value not in line
    assert HIDDEN not in line
