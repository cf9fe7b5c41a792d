"""Two-step sign-in over HTTP: what `POST /token` says, and a setting that requires it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pyotp
import pytest

from backend.core import times
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, PASSWORD, World

OWN = {"current_password": PASSWORD}
NEEDED = "Add the 6-digit code of your authenticator app, or a recovery code, as otp"


def sign_in(client: Client, email: str = MEMBER, password: str = PASSWORD, **more: str) -> Answer:
    return client.post("/token", form={"username": email, "password": password, **more})


def turn_on(client: Client, token: str) -> tuple[pyotp.TOTP, list[str]]:
    fresh = client.post("/users/me/second-factor", json=OWN, token=token).json()
    assert list(fresh) == ["secret", "uri", "qr"]
    app = pyotp.TOTP(fresh["secret"])
    code = {"code": app.at(times.now())}
    answer = client.post("/users/me/second-factor/confirm", json=code, token=token)
    assert answer.status == 200, answer.body
    return app, answer.json()["recovery_codes"]


@pytest.mark.slow
def test_signing_in_in_two_steps(client: Client, world: World, clock: list[datetime]) -> None:
    first, other = (sign_in(client).json()["access_token"] for _ in range(2))
    for own in ({}, {"current_password": "wrong"}):
        check_error(client.post("/users/me/second-factor", json=own, token=first))
    app, codes = turn_on(client, first)
    statuses = [client.get("/users/me", token=one).status for one in (first, other)]
    assert statuses == [200, 401], "the sessions without it end"
    clock[0] += timedelta(minutes=1)
    needed = sign_in(client)
    assert (needed.status, needed.json()) == (400, {"detail": NEEDED})
    assert needed.headers["x-second-factor"] == "code"
    wrong = sign_in(client, otp="000000")
    check_error(wrong)
    assert (wrong.status, wrong.headers["x-second-factor"]) == (400, "code")
    # A wrong password says nothing of it.
    for more in ({}, {"otp": app.at(clock[0])}):
        refused = sign_in(client, password="wrong", **more)
        assert refused.json() == {"detail": "Incorrect email or password"}
        assert "x-second-factor" not in refused.headers
    good = sign_in(client, otp=app.at(clock[0]))
    assert list(good.json()) == ["access_token", "token_type", "role"]
    assert sign_in(client, otp=app.at(clock[0])).status == 400, "it was used"
    assert sign_in(client, otp=codes[0]).status == 200
    token = good.json()["access_token"]
    state = client.get("/users/me/second-factor", token=token).json()
    assert state == {"enabled": True, "required": False, "recovery_codes": 9, "passkeys": 0}
    check_error(client.post("/users/me/second-factor/remove", json={}, token=token))
    for _ in range(2):
        assert client.post("/users/me/second-factor/remove", json=OWN, token=token).status == 200
    assert sign_in(client).status == 200
    trail = client.get("/audit/?user_id=2", token=world.token(LEAD)).json()
    trail += client.get("/audit/?event=sign_in_failed", token=world.token(LEAD)).json()
    assert [(one["event"], *one["data"].values()) for one in trail] == [
        ("signed_in",),
        ("second_factor_removed",),
        ("signed_in", "recovery_code"),
        ("signed_in", "app"),
        ("second_factor_added",),
        *(("signed_in",), ("signed_in",)),
        ("sign_in_failed", "wrong"),
        *(("sign_in_failed",), ("sign_in_failed",)),
        ("sign_in_failed", "wrong"),
    ]


def test_new_recovery_codes(client: Client, world: World, clock: list[datetime]) -> None:
    token = sign_in(client).json()["access_token"]
    path = "/users/me/second-factor/recovery-codes"
    nothing = client.post(path, json=OWN, token=token)
    assert nothing.status == 409
    check_error(nothing)
    _, before = turn_on(client, token)
    for own in ({}, {"current_password": "wrong"}):
        check_error(client.post(path, json=own, token=token))
    after = client.post(path, json=OWN, token=token).json()["recovery_codes"]
    assert len(set(after)) == 10 == len(before)
    assert not set(after) & set(before)
    assert sign_in(client, otp=before[0]).status == 400
    assert sign_in(client, otp=after[0]).status == 200
    trail = client.get("/audit/?user_id=2", token=world.token(LEAD)).json()
    assert "recovery_codes_renewed" in [one["event"] for one in trail]


def test_codes_are_limited(serve: Callable[..., Client], clock: list[datetime]) -> None:
    """Without a code nothing is counted, and nothing that was counted is cleared."""
    client = serve(login_failures_per_minute=3)
    app, _ = turn_on(client, sign_in(client).json()["access_token"])
    clock[0] += timedelta(minutes=1)
    details = []
    for code in ("000000", "", "000001", "", "", "000002", "", "000003", app.at(clock[0])):
        answer = sign_in(client, **({"otp": code} if code else {}))
        details.append(answer.status)
    assert details == [400] * 6 + [429] * 3


def test_a_team_lead_helps_someone_who_has_lost_it(
    client: Client, world: World, clock: list[datetime]
) -> None:
    turn_on(client, sign_in(client).json()["access_token"])
    client.token = world.token(LEAD)
    check_error(client.post("/users/2/second-factor/remove", json={}))
    assert sign_in(client).status == 400
    assert client.post("/users/2/second-factor/remove", json=OWN).status == 200
    assert sign_in(client).status == 200


def test_a_setting_requires_it_of_team_leads(
    serve: Callable[..., Client], world: World, clock: list[datetime]
) -> None:
    client = serve(require_second_factor=True)
    token = sign_in(client, LEAD).json()["access_token"]
    for path in ("/users/", "/leads/my_leads", "/onboarding/"):
        refused = client.get(path, token=token)
        check_error(refused)
        assert (refused.status, refused.headers["x-second-factor"]) == (403, "setup"), path
    assert client.get("/users/me", token=token).status == 200
    assert client.get("/users/me/sessions", token=token).status == 200
    assert client.get("/users/me/second-factor", token=token).json()["required"] is True
    app, _ = turn_on(client, token)
    assert client.get("/users/", token=token).status == 200
    clock[0] += timedelta(minutes=1)
    again = sign_in(client, LEAD, otp=app.at(clock[0])).json()["access_token"]
    assert client.get("/users/", token=again).status == 200
    # Others may do without, and so may what a script makes with the server's key.
    member = sign_in(client).json()["access_token"]
    assert client.get("/leads/my_leads", token=member).status == 200
    assert client.get("/users/", token=world.token(LEAD)).status == 200
