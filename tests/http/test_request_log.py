"""The line of each request in the log: the same on every server, and nothing personal in it."""

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from backend.core.leads import listing
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, MEMBER, World

PERSONAL = ("Zo", "9848000001", "secret", "ring+again", "seven")


def lines(caplog: pytest.LogCaptureFixture, count: int) -> list[dict[str, Any]]:
    """The fields of the requests' lines. The client may have its answer before the line."""

    def found() -> list[logging.LogRecord]:
        return [record for record in caplog.records if record.name == "tofa.request"]

    wait_until(lambda: len(found()) >= count)
    names = ("method", "route", "status", "user_id", "address", "request_id", "ms")
    return [{name: getattr(record, name) for name in names} for record in found()]


@pytest.mark.every_adapter
def test_one_line_a_request(
    serve: Callable[..., Client], world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tofa.request")
    client = serve(trusted_proxies=1)
    member = world.token(MEMBER)
    sent = {"X-Forwarded-For": "10.0.0.1, 203.0.113.7", "X-Request-ID": "mine-1"}
    client.put("/leads/1?status=Called&comment=ring+again+9848000001", token=member, headers=sent)
    client.get("/leads/?q=Zo%C3%AB", token=member, headers={"X-Forwarded-For": "not/an address"})
    client.get("/leads/777", token=world.token(LEAD))
    client.get("/leads/1?secret=9848000001")
    client.get("/nowhere/Zo%C3%AB?secret=1")
    client.get("/users?secret=1")
    client.request("BREW", "/users/")
    client.request("OPTIONS", "/users/")
    client.request("HEAD", "/centers/")
    client.post("/token", form={"username": "Zo", "password": "secret"})
    found = lines(caplog, 10)
    assert [(one["method"], one["route"], one["status"], one["user_id"]) for one in found] == [
        ("PUT", "/leads/{id}", 200, 2),
        ("GET", "/leads/", 200, 2),
        ("GET", "/leads/{id}", 404, 1),
        ("GET", "/leads/{id}", 401, None),
        ("GET", None, 404, None),
        ("GET", None, 307, None),
        ("_OTHER", None, 405, None),
        ("OPTIONS", None, 204, None),
        ("HEAD", "/centers/", 200, None),
        ("POST", "/token", 400, None),
    ]
    assert [one["address"] for one in found[:3]] == ["203.0.113.7", "-", "127.0.0.1"]
    assert found[0]["request_id"] == "mine-1"
    assert len({one["request_id"] for one in found}) == len(found)
    assert all(0 <= one["ms"] < 1e6 for one in found)
    written = json.dumps([found, [record.getMessage() for record in caplog.records]])
    assert [hidden for hidden in PERSONAL if hidden in written] == []


def test_a_failure_and_its_line_have_the_same_id(
    lead: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_given: object, **_more: object) -> None:
        raise RuntimeError("out of luck")

    caplog.set_level(logging.INFO, "tofa.request")
    monkeypatch.setattr(listing, "page", fail)
    answer = lead.get("/leads/?q=Zo%C3%AB")
    (line,) = lines(caplog, 1)
    assert (answer.status, line["status"], line["user_id"]) == (500, 500, 1)
    assert answer.headers["x-request-id"] == line["request_id"]
    (error,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error.getMessage() == f"GET /leads/ failed, request {line['request_id']}"


def test_a_streamed_answer_is_logged_at_its_end(
    lead: Client, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "tofa.request")
    assert lead.get("/leads/export.csv?q=Zo").status == 200
    (line,) = lines(caplog, 1)
    assert (line["route"], line["status"]) == ("/leads/export.csv", 200)
