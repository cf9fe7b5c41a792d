"""Passkeys over HTTP: adding one, signing in with it, and what is refused."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pyotp

from backend.core import times
from tests.authenticator import PRESENT, Authenticator, data, text
from tests.servers import Answer, Client
from tests.shape import check_error
from tests.world import DISABLED, LEAD, MEMBER, PASSWORD, World

OWN = {"current_password": PASSWORD}
REFUSED = "This passkey can't be used here. Try again, or sign in with your password"


def password(client: Client, email: str = MEMBER, **more: str) -> Answer:
    return client.post("/token", form={"username": email, "password": PASSWORD, **more})


def add(client: Client, token: str, phone: Authenticator, label: str = "Phone") -> Answer:
    options = client.post("/users/me/passkeys/options", json=OWN, token=token)
    assert options.status == 200, options.body
    new = {"label": label, "credential": phone.make(options.json())}
    return client.post("/users/me/passkeys", json=new, token=token)


def options_of(client: Client) -> dict[str, Any]:
    options: dict[str, Any] = client.post("/token/passkey/options").json()
    return options


def enter(client: Client, credential: dict[str, Any]) -> Answer:
    return client.post("/token/passkey", json={"credential": credential})


def is_open(client: Client, token: str) -> bool:
    return client.get("/users/me", token=token).status == 200


def test_a_passkey_from_its_first_day_to_its_last(
    client: Client, world: World, clock: list[datetime]
) -> None:
    first, other = (password(client).json()["access_token"] for _ in range(2))
    for own in ({}, {"current_password": "wrong"}):
        check_error(client.post("/users/me/passkeys/options", json=own, token=first))
    phone = Authenticator()
    added = add(client, first, phone).json()
    assert added["passkey"] == {
        "id": 1, "label": "Phone", "created_at": added["passkey"]["created_at"],
        "last_used_at": None,
    }  # fmt: skip
    assert len(added["recovery_codes"]) == 10
    assert [is_open(client, one) for one in (first, other)] == [True, False]
    # The password alone is no longer enough; a recovery code stands in.
    needed = password(client)
    assert (needed.status, needed.headers["x-second-factor"]) == (400, "passkey")
    assert needed.json()["detail"] == "Sign in with your passkey, or add a recovery code as otp"
    assert password(client, otp=added["recovery_codes"][0]).status == 200
    # Nor is a password needed.
    good = phone.sign(options_of(client))
    entered = enter(client, good)
    assert list(entered.json()) == ["access_token", "token_type", "role"]
    token = entered.json()["access_token"]
    sessions = client.get("/users/me/sessions", token=token).json()
    assert [one["passkey"] for one in sessions if one["current"]] == [True]
    again = enter(client, good)
    assert (again.status, again.json()["detail"]) == (400, REFUSED), "it was used"
    check_error(again)
    state = client.get("/users/me/second-factor", token=token).json()
    assert state == {"enabled": False, "required": False, "recovery_codes": 9, "passkeys": 1}
    # A second one comes with no codes, and ends nothing.
    assert add(client, token, Authenticator(), "Key").json()["recovery_codes"] == []
    listed = client.get("/users/me/passkeys", token=token).json()
    assert (listed["host"], [one["label"] for one in listed["passkeys"]]) == (
        "localhost",
        ["Phone", "Key"],
    )
    renamed = client.request(
        "PATCH", "/users/me/passkeys/2", json={"label": "Blue key"}, token=token
    )
    assert renamed.json()["label"] == "Blue key"
    # Removing it ends what began with it, but for the session that does.
    elsewhere = enter(client, phone.sign(options_of(client))).json()["access_token"]
    for own, status in (({}, 422), (OWN, 200), (OWN, 404)):
        gone = client.post("/users/me/passkeys/1/remove", json=own, token=token)
        assert gone.status == status
    assert [is_open(client, one) for one in (token, elsewhere, first)] == [True, False, True]
    assert enter(client, phone.sign(options_of(client))).status == 400
    assert client.post("/users/me/passkeys/2/remove", json=OWN, token=token).status == 200
    assert password(client).status == 200
    trail = client.get("/audit/?user_id=2", token=world.token(LEAD)).json()
    assert [(one["event"], *one["data"].values()) for one in trail] == [
        ("signed_in",),
        *(("passkey_removed",), ("passkey_removed",)),
        ("signed_in", "passkey"),
        ("passkey_added",),
        *(("signed_in", "passkey"), ("signed_in", "recovery_code")),
        ("passkey_added",),
        *(("signed_in",), ("signed_in",)),
    ]
    failed = client.get("/audit/?event=sign_in_failed", token=world.token(LEAD)).json()
    assert [(one["subject_id"], one["data"].get("second")) for one in failed] == [
        (None, "passkey"),
        (2, "passkey"),
    ]


def changed(credential: dict[str, Any], **parts: str) -> dict[str, Any]:
    return credential | {"response": credential["response"] | parts}


def test_what_is_refused(client: Client, world: World, clock: list[datetime]) -> None:
    token = password(client).json()["access_token"]
    phone, thief = Authenticator(), Authenticator()
    phone.count = 5
    assert add(client, token, phone).status == 200
    options = options_of(client)

    def signed(**own: Any) -> dict[str, Any]:
        was = {name: getattr(phone, name) for name in own}
        phone.__dict__.update(own)
        credential = phone.sign(options)
        phone.__dict__.update(was)
        return credential

    phone.count = 6
    good = signed()
    signature = data(good["response"]["signature"])
    adding = client.post("/users/me/passkeys/options", json=OWN, token=token).json()
    challenge = data(options["challenge"])
    forged = options | {"challenge": text(challenge[:-1] + bytes([challenge[-1] ^ 1]))}
    wrong = [
        signed(origin="https://evil.example"),
        signed(origin="http://localhost.evil.example"),
        signed(host="evil.example"),
        signed(flags=PRESENT),
        signed(flags=0x04),
        signed(count=5),
        signed(count=0),
        signed(key=thief.key),
        signed(id=thief.id),
        signed(handle=text(b"another")),
        changed(good, signature=text(signature[:-1] + bytes([signature[-1] ^ 1]))),
        changed(good, clientDataJSON=text(b"{}")),
        changed(good, clientDataJSON=text(b"[" * 9000)),
        changed(good, clientDataJSON=text(json.dumps({"challenge": 1, "origin": 2}).encode())),
        changed(good, authenticatorData=""),
        changed(good, authenticatorData=text(b"\xff" * 60)),
        changed(good, signature="x"),
        good | {"rawId": "other"},
        phone.sign(adding),
        phone.sign(forged),
    ]
    for number, one in enumerate(wrong):
        refused = enter(client, one)
        assert (refused.status, refused.json()["detail"]) == (400, REFUSED), number
    for broken in ({}, good | {"type": "password"}, good | {"id": "é"}, {"response": 1}):
        check_error(enter(client, broken))
    assert enter(client, good).status == 200
    late = phone.sign(options_of(client))
    clock[0] += timedelta(minutes=5, seconds=1)
    assert enter(client, late).status == 400


def test_one_that_is_made_for_another_person_or_twice(
    client: Client, world: World, clock: list[datetime]
) -> None:
    member, lead = (password(client, one).json()["access_token"] for one in (MEMBER, LEAD))
    options = client.post("/users/me/passkeys/options", json=OWN, token=member).json()
    phone = Authenticator()
    new = {"label": "x", "credential": phone.make(options)}
    refused = client.post("/users/me/passkeys", json=new, token=lead)
    assert (refused.status, refused.json()["detail"]) == (
        409,
        "This passkey can't be added. Start again",
    )
    phone.flags = PRESENT
    unverified = {"label": "x", "credential": phone.make(options)}
    assert client.post("/users/me/passkeys", json=unverified, token=member).status == 409
    signing = {"label": "x", "credential": Authenticator().make(options | options_of(client))}
    assert client.post("/users/me/passkeys", json=signing, token=member).status == 409
    for status in (200, 409):
        assert client.post("/users/me/passkeys", json=new, token=member).status == status
    phone.flags |= 0x04
    taken = add(client, lead, phone)
    assert (taken.status, taken.json()["detail"]) == (409, "This passkey was already added")
    # Someone else's can't be renamed or removed.
    for method, path, body in (
        ("PATCH", "/users/me/passkeys/1", {"label": "mine"}),
        ("POST", "/users/me/passkeys/1/remove", OWN),
    ):
        assert client.request(method, path, json=body, token=lead).status == 404


def test_a_lost_phone_and_a_disabled_account(
    client: Client, world: World, clock: list[datetime]
) -> None:
    phone, token = Authenticator(), password(client).json()["access_token"]
    add(client, token, phone)
    by_phone = enter(client, phone.sign(options_of(client))).json()["access_token"]
    client.token = world.token(LEAD)
    assert client.request("PATCH", "/users/2", json={"disabled": True}).status == 200
    assert enter(client, phone.sign(options_of(client))).status == 400
    assert client.request("PATCH", "/users/2", json={"disabled": False}).status == 200
    assert not is_open(client, by_phone)
    entered = enter(client, phone.sign(options_of(client)))
    by_phone = entered.json()["access_token"]
    assert client.post("/users/2/second-factor/remove", json=OWN).status == 200
    assert not is_open(client, by_phone)
    assert enter(client, phone.sign(options_of(client))).status == 400
    assert password(client).status == 200
    assert password(client, DISABLED).status == 400


def test_the_host_is_that_of_the_settings(
    serve: Callable[..., Client], world: World, clock: list[datetime]
) -> None:
    """Whatever the request says; a passkey counts where the setting requires a second factor."""
    client = serve(public_url="https://CRM.example.com:443/crm/", require_second_factor=True)
    token = password(client, LEAD).json()["access_token"]
    assert client.get("/users/", token=token).status == 403
    phone = Authenticator("https://crm.example.com", "crm.example.com")
    options = client.post(
        "/users/me/passkeys/options",
        json=OWN,
        token=token,
        headers={"x-forwarded-host": "evil.example"},
    ).json()
    assert options["rp"] == {"name": "TOFA CRM", "id": "crm.example.com"}
    assert options["authenticatorSelection"]["residentKey"] == "required"
    for origin in ("http://crm.example.com", "http://localhost:8000", "https://crm.example.com.x"):
        elsewhere = Authenticator(origin, "crm.example.com")
        new = {"label": "x", "credential": elsewhere.make(options)}
        assert client.post("/users/me/passkeys", json=new, token=token).status == 409
    assert add(client, token, phone).status == 200
    assert client.get("/users/", token=token).status == 200
    entered = enter(client, phone.sign(options_of(client)))
    assert client.get("/users/", token=entered.json()["access_token"]).status == 200


def test_beside_an_authenticator_app(client: Client, clock: list[datetime]) -> None:
    """Each can be removed alone; recovery codes stay as long as there is one of them."""
    token = password(client).json()["access_token"]
    codes = add(client, token, Authenticator()).json()["recovery_codes"]
    fresh = client.post("/users/me/second-factor", json=OWN, token=token).json()
    assert password(client, otp=codes[0]).status == 200, "beginning costs no codes"
    code = {"code": pyotp.TOTP(fresh["secret"]).at(times.now())}
    codes = client.post("/users/me/second-factor/confirm", json=code, token=token).json()[
        "recovery_codes"
    ]
    assert password(client).headers["x-second-factor"] == "code"
    assert client.post("/users/me/second-factor/remove", json=OWN, token=token).status == 200
    assert password(client).headers["x-second-factor"] == "passkey"
    assert password(client, otp=codes[0]).status == 200
    renewed = client.post("/users/me/second-factor/recovery-codes", json=OWN, token=token)
    assert password(client, otp=renewed.json()["recovery_codes"][0]).status == 200
    assert client.post("/users/me/passkeys/1/remove", json=OWN, token=token).status == 200
    state = client.get("/users/me/second-factor", token=token).json()
    assert state == {"enabled": False, "required": False, "recovery_codes": 0, "passkeys": 0}


def test_sign_ins_are_limited(serve: Callable[..., Client], clock: list[datetime]) -> None:
    client = serve(login_failures_per_minute=1)
    answers = [enter(client, Authenticator().sign(options_of(client))).status for _ in range(13)]
    assert answers == [400] * 12 + [429]


def test_an_app_that_is_not_confirmed_is_no_second_factor(client: Client, world: World) -> None:
    token = password(client).json()["access_token"]
    add(client, token, Authenticator())
    secret = client.post("/users/me/second-factor", json=OWN, token=token).json()["secret"]
    entered = password(client, otp=pyotp.TOTP(secret).now())
    assert entered.status == 400
    check_error(entered)
