"""Sessions over HTTP: what a sign-in gives, where it is listed, and that it ends on the server."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest

from backend.core import times
from backend.core.accounts import sessions
from tests.dump import dump
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, MEMBER, PASSWORD, SECRET_KEY, World

GONE = b'{"detail":"Session not found, or it has ended"}'


def sign_in(client: Client, email: str = MEMBER, agent: str = "curl/8.9") -> str:
    form = {"username": email, "password": PASSWORD}
    answer = client.post("/token", form=form, headers={"User-Agent": agent})
    token: str = answer.json()["access_token"]
    return token


def listed(client: Client, token: str, path: str = "/users/me/sessions") -> list[dict[str, Any]]:
    answer = client.get(path, token=token)
    assert answer.status == 200, answer.body
    found: list[dict[str, Any]] = answer.json()
    return found


def test_a_sign_in_is_a_session(client: Client) -> None:
    token = sign_in(client)
    claims = jwt.decode(token, SECRET_KEY, ["HS256"], audience="tofa-crm")
    assert list(claims) == ["sub", "role", "iat", "exp", "ver", "aud", "jti"]
    (one,) = listed(client, token)
    assert list(one) == [
        "id", "device", "address", "created_at", "last_used_at", "ends_at", "current",
        "passkey",
    ]  # fmt: skip
    assert (one["device"], one["address"], one["current"]) == ("curl", "127.0.0.1", True)
    assert client.get("/leads/my_leads", token=token).status == 200


def test_signing_out(client: Client, world: World) -> None:
    token, other = sign_in(client), sign_in(client)
    answer = client.post("/users/me/sign-out", token=token)
    assert (answer.status, answer.body) == (200, b'{"status":"ended"}')
    gone = client.get("/users/me", token=token)
    assert (gone.status, gone.body) == (401, b'{"detail":"Could not validate credentials"}')
    assert gone.headers["www-authenticate"] == "Bearer"
    assert client.post("/users/me/sign-out", token=token).status == 401
    assert len(listed(client, other)) == 1
    # A token without a session, as a script makes it, is good until it expires.
    script = world.token(MEMBER)
    assert client.post("/users/me/sign-out", token=script).status == 200
    assert client.get("/users/me", token=script).status == 200


def test_ending_sessions(client: Client, world: World) -> None:
    mine, other, leader = sign_in(client), sign_in(client, agent="wget"), sign_in(client, LEAD)
    assert {one["device"] for one in listed(client, mine)} == {"curl", "wget"}
    (theirs,) = [one["id"] for one in listed(client, leader)]
    (id,) = [one["id"] for one in listed(client, mine) if not one["current"]]
    before = dump(world.db)
    for wrong in (theirs, 2**31 - 1):
        answer = client.delete(f"/sessions/{wrong}", token=mine)
        assert (answer.status, answer.body) == (404, GONE)
    assert dump(world.db) == before
    assert client.delete(f"/sessions/{id}", token=mine).status == 200
    assert client.get("/users/me", token=other).status == 401
    third = sign_in(client)
    assert client.delete("/users/me/sessions", token=third).body == b'{"status":"ended"}'
    assert [client.get("/users/me", token=one).status for one in (mine, third)] == [401, 200]
    assert client.get("/users/me", token=leader).status == 200


def test_a_team_lead_ends_sessions_of_others(client: Client) -> None:
    member, again, leader = sign_in(client), sign_in(client), sign_in(client, LEAD)
    assert client.get("/users/1/sessions", token=member).status == 403
    assert client.delete("/users/1/sessions", token=member).status == 403
    found = listed(client, leader, "/users/2/sessions")
    assert [one["current"] for one in found] == [False, False]
    newest = found[0]["id"]
    assert client.delete(f"/sessions/{newest}", token=leader).status == 200
    assert client.delete(f"/sessions/{newest}", token=leader).body == GONE
    assert [client.get("/users/me", token=one).status for one in (member, again)] == [200, 401]
    assert client.delete("/users/2/sessions", token=leader).status == 200
    assert client.get("/users/me", token=member).status == 401
    assert client.get("/users/me", token=leader).status == 200
    for method in ("GET", "DELETE"):
        assert client.request(method, "/users/99/sessions", token=leader).status == 404


def test_a_new_role_or_password_ends_sessions(client: Client) -> None:
    member, leader = sign_in(client), sign_in(client, LEAD)
    client.token = leader
    assert (
        client.patch("/users/2", json={"role": "observer", "current_password": PASSWORD}).status
        == 200
    )
    assert client.get("/users/me", token=member).status == 401
    assert client.get("/users/me").status == 200
    member, other = sign_in(client), sign_in(client)
    new = {"current_password": PASSWORD, "password": "three green hills"}
    changed = client.put("/users/me/password", json=new, token=member).json()["access_token"]
    statuses = [client.get("/users/me", token=one).status for one in (member, other, changed)]
    assert statuses == [401, 401, 200]
    assert len(listed(client, changed)) == 1


@pytest.mark.every_adapter
def test_the_last_use_is_written_after_the_response(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = sign_in(client)
    (first,) = listed(client, token)
    now = times.now() + sessions.LAST_USE_EVERY + timedelta(seconds=1)
    monkeypatch.setattr(times, "now", lambda: now)
    assert client.get("/centers/", token=token).status == 200, "nobody is identified here"
    assert listed(client, token)[0]["last_used_at"] == first["last_used_at"]
    wait_until(lambda: listed(client, token)[0]["last_used_at"] != first["last_used_at"])


def test_what_a_page_asks_by_itself_is_no_use(
    serve: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(session_idle_minutes=10)
    token, real = sign_in(client), times.now()
    for minute in range(1, 10):
        monkeypatch.setattr(times, "now", lambda at=minute: real + timedelta(minutes=at))
        queue = client.get("/leads/next", token=token, headers={"X-Unattended": "1"})
        assert queue.status == 200
    monkeypatch.setattr(times, "now", lambda: real + timedelta(minutes=11))
    assert client.get("/users/me", token=token).status == 401


def test_an_idle_session_ends(
    serve: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(session_idle_minutes=10)
    token = sign_in(client)
    opened = client.get("/users/me/session", token=token)
    assert (opened.status, opened.body) == (200, b'{"status":"open"}')
    real = times.now()
    monkeypatch.setattr(times, "now", lambda: real + timedelta(minutes=11))
    assert client.get("/users/me", token=token).status == 401
    monkeypatch.setattr(times, "now", lambda: real)
    assert client.get("/users/me", token=token).status == 200, "the clock was wrong, and put right"
