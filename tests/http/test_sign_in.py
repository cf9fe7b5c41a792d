"""Signing in: the formats of `POST /token`, the token, old passwords, and rate limits."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace

import bcrypt
import jwt
import pytest
from sqlalchemy import text

from backend.core import auth, passwords, times
from tests.dump import dump
from tests.servers import Answer, Client
from tests.world import DISABLED, LEAD, MEMBER, OTHER_MEMBER, PASSWORD, SECRET_KEY, World

INCORRECT = b'{"detail":"Incorrect email or password"}'
# The hash of "password" in passlib's documentation.
PASSLIB = "$2a$12$NT0I31Sa7ihGEWpka9ASYeEFkhuTNeBQ2xfZskIiiJeyFXhRgS.Sy"


def sign_in(client: Client, email: str, password: str = PASSWORD, **sent: str) -> Answer:
    """Sign in. `sent` are headers, with `_` for `-`."""
    headers = {name.replace("_", "-"): value for name, value in sent.items()}
    return client.post("/token", form={"username": email, "password": password}, headers=headers)


def form_data(fields: Mapping[str, str]) -> bytes:
    parts = (
        f'--frontier\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return "".join([*parts, "--frontier--\r\n"]).encode()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed up refusals in tests that don't check their time."""
    monkeypatch.setattr(auth, "REFUSAL_TIME", 0.0)


def test_accepted_formats(client: Client) -> None:
    typed = {"username": LEAD, "password": PASSWORD}
    multipart = {"Content-Type": "multipart/form-data; boundary=frontier"}
    urlencoded = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
    answers = [
        client.post("/token", form=typed),
        client.post("/token", form={**typed, "grant_type": "password", "scope": "", "x": "1"}),
        client.post("/token", form={**typed, "client_id": "a", "client_secret": "b"}),
        client.post("/token", body=form_data(typed), headers=multipart),
        client.post("/token", json=typed),
        client.post("/token", json={"email": LEAD, "password": PASSWORD}),
        client.post(
            "/token",
            body=b"username=lead%40tofa.example&password=seven+hills%20academy",
            headers=urlencoded,
        ),
        *(sign_in(client, email) for email in ("LEAD@TOFA.EXAMPLE", "Lead@tofa.Example")),
    ]
    for answer in answers:
        assert answer.status == 200, answer.body
        assert list(answer.json()) == ["access_token", "token_type", "role"]
        assert answer.json()["token_type"] == "bearer"
        assert answer.json()["role"] == "team_lead"
        assert answer.headers["cache-control"] == "no-store"
        assert client.get("/users/me", token=answer.json()["access_token"]).status == 200
    assert sign_in(client, MEMBER).json()["role"] == "team_member"


def test_invalid_requests(client: Client) -> None:
    for form, missing in (
        ({}, ["username", "password"]),
        ({"username": LEAD}, ["password"]),
        ({"password": PASSWORD}, ["username"]),
    ):
        answer = client.post("/token", form={"x": "1", **form})
        assert answer.status == 422
        assert [fault["loc"] for fault in answer.json()["errors"]] == [
            ["body", name] for name in missing
        ]
        told = {"username": "Email: enter an email", "password": "Password: enter a password"}
        sentences = [told[name] for name in missing]
        expected = sentences[0] if len(sentences) == 1 else f"{'. '.join(sentences)}."
        assert answer.json()["detail"] == expected
    for json in ({"username": 1, "password": 2}, {"username": None, "password": None}):
        assert client.post("/token", json=json).status == 422
    query = client.post(f"/token?username={LEAD}&password=seven+hills+academy", form={"x": "1"})
    assert query.status == 422, "a password must not be in the address"


def test_token_claims(client: Client, world: World) -> None:
    before = int(times.now().timestamp())
    token = sign_in(client, "Tellapur@Tofa.Example").json()["access_token"]
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, SECRET_KEY, ["HS256"], audience="tofa-crm")
    assert (claims["sub"], claims["role"]) == (MEMBER, "team_member")
    assert claims["exp"] - claims["iat"] == world.settings.access_token_expire_minutes * 60
    assert before <= claims["iat"] <= times.now().timestamp()


def test_token_lifetime(serve: Callable[..., Client]) -> None:
    token = sign_in(serve(access_token_expire_minutes=7), LEAD).json()["access_token"]
    claims = jwt.decode(token, options={"verify_signature": False})
    assert claims["exp"] - claims["iat"] == 7 * 60


def store_hash(world: World, email: str, hashed: str) -> None:
    with world.db.write() as session:
        session.connection().execute(
            text('UPDATE "user" SET hashed_password = :hashed WHERE email = :email'),
            {"hashed": hashed, "email": email},
        )


def stored_hash(world: World, email: str) -> str:
    with world.db.read() as session:
        found = session.connection().scalar(
            text('SELECT hashed_password FROM "user" WHERE email = :email'), {"email": email}
        )
    assert isinstance(found, str)
    return found


def old_hash(password: bytes, prefix: bytes = b"2b") -> str:
    return bcrypt.hashpw(password, bcrypt.gensalt(4, prefix)).decode()


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_old_passwords(client: Client, world: World) -> None:
    """Old hashes still work, and are replaced."""
    for password, hashed in (
        ("password", PASSLIB),
        ("admin123", old_hash(b"admin123")),
        ("admin123", old_hash(b"admin123", b"2a")),
        ("Zoë çà és 日本", old_hash("Zoë çà és 日本".encode())),
        # passlib cut passwords at 72 bytes, even in the middle of a character.
        ("x" * 71 + "ëand more", old_hash(("x" * 71 + "ë").encode()[:72])),
    ):
        store_hash(world, MEMBER, hashed)
        if hashed != PASSLIB:  # which is slow, as it should be
            assert sign_in(client, MEMBER, "wrong").body == INCORRECT
            assert stored_hash(world, MEMBER) == hashed
        first = sign_in(client, MEMBER, password)
        assert first.status == 200, hashed
        assert stored_hash(world, MEMBER).startswith("$argon2id$")
        assert sign_in(client, MEMBER, password).status == 200
        assert client.get("/users/me", token=first.json()["access_token"]).status == 200


@pytest.mark.usefixtures("quick")
def test_invalid_hashes(client: Client, world: World) -> None:
    for hashed in ("", "!", "admin123", "$2b$12$short", "$argon2id$v=19$m=8", "$5$rounds=1$a$b"):
        store_hash(world, MEMBER, hashed)
        assert sign_in(client, MEMBER, "admin123").body == INCORRECT, hashed


def test_refusals_are_identical(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refusals have the same bytes, take the same time, and store nothing."""
    assert auth.REFUSAL_TIME >= 0.35, "the 0.25 s of an old hash would be noticeable"
    clock, verify = [1000.0], passwords.verify

    def take(seconds: float) -> None:
        clock[0] += seconds

    def verify_by_the_clock(password: str, hashed: str | None) -> tuple[bool, str | None]:
        old = (hashed or "").startswith("$2b$")
        take(0.25 if old else 0.05 if hashed else 0.04)
        return verify(password, hashed)

    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: clock[0], sleep=take))
    monkeypatch.setattr(passwords, "verify", verify_by_the_clock)
    store_hash(world, OTHER_MEMBER, bcrypt.hashpw(b"right", bcrypt.gensalt(10)).decode())
    tries = {
        "unknown": ("nobody@tofa.example", PASSWORD),
        "wrong": (LEAD, "wrong"),
        "wrong, with an old hash": (OTHER_MEMBER, "wrong"),
        "disabled": (DISABLED, PASSWORD),
    }
    before = dump(world.db)
    sign_in(client, LEAD, "wrong")  # loads modules that are imported late
    answers, took = [], {}
    for name, (email, password) in tries.items():
        started = clock[0]
        answers.append(sign_in(client, email, password))
        took[name] = round(clock[0] - started, 6)
    assert {answer.body for answer in answers} == {INCORRECT}
    assert {answer.status for answer in answers} == {400}
    assert all(answer.headers == answers[0].headers for answer in answers)
    assert took == dict.fromkeys(tries, auth.REFUSAL_TIME)
    assert dump(world.db) == before


@pytest.mark.usefixtures("quick")
def test_too_many_failures(serve: Callable[..., Client], world: World) -> None:
    client = serve(login_failures_per_minute=3, trusted_proxies=1)
    here, there = {"X_Forwarded_For": "203.0.113.1"}, {"X_Forwarded_For": "203.0.113.2"}
    for _ in range(3):
        assert sign_in(client, LEAD, "guess", **here).body == INCORRECT
    answers = [
        sign_in(client, LEAD, "guess", **here),
        sign_in(client, LEAD, PASSWORD, **here),
        sign_in(client, LEAD.upper(), PASSWORD, **here),
        # The client can add addresses, but only before the one that the proxy adds.
        sign_in(client, LEAD, PASSWORD, X_Forwarded_For="198.51.100.9, 203.0.113.1"),
    ]
    for answer in answers:
        assert answer.status == 429
        wait = int(answer.headers["retry-after"])
        assert 1 <= wait <= 60
        assert answer.json() == {"detail": f"Too many attempts: try again in {wait} seconds"}
    assert sign_in(client, LEAD, PASSWORD, **there).status == 200
    assert sign_in(client, MEMBER, PASSWORD, **here).status == 200, "another account"
    assert client.get("/users/me", token=world.token(LEAD)).status == 200, (
        "the existing session must stay"
    )


@pytest.mark.usefixtures("quick")
def test_a_successful_sign_in_clears_the_failures(serve: Callable[..., Client]) -> None:
    client = serve(login_failures_per_minute=3)
    for _ in range(2):
        assert [sign_in(client, LEAD, "typo").status for _ in range(2)] == [400, 400]
        assert sign_in(client, LEAD).status == 200


@pytest.mark.usefixtures("quick")
def test_unknown_accounts_have_the_same_limit(serve: Callable[..., Client]) -> None:
    """Otherwise a 429 would show whether an account exists."""
    client = serve(login_failures_per_minute=2)
    for email in ("nobody@tofa.example", DISABLED, MEMBER):
        statuses = [sign_in(client, email, "guess").status for _ in range(3)]
        assert statuses == [400, 400, 429], email


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_strangers_do_not_lock_the_owner_out(serve: Callable[..., Client], world: World) -> None:
    client = serve(login_failures_per_minute=1, trusted_proxies=1)
    home = {"X_Forwarded_For": "203.0.113.77"}
    assert sign_in(client, MEMBER, **home).status == 200
    strangers = [f"198.51.{number}.1" for number in range(42)]
    statuses = [
        sign_in(client, MEMBER, "guess", X_Forwarded_For=one).status for one in strangers[:20]
    ]
    assert set(statuses) == {400}
    new_phone = sign_in(client, MEMBER, X_Forwarded_For="203.0.113.99")
    assert new_phone.status == 200, "twenty strangers must not shut it out"
    statuses = [
        sign_in(client, MEMBER, "guess", X_Forwarded_For=one).status for one in strangers[20:]
    ]
    assert statuses[0] == 400
    assert statuses[-1] == 429, "the limit on the account must apply"
    assert sign_in(client, MEMBER, X_Forwarded_For="203.0.113.55").status == 429
    assert sign_in(client, MEMBER, **home).status == 200
    lead = {"Authorization": f"Bearer {world.token(LEAD)}"}
    unlocked = client.post("/users/2/unlock", headers=lead)
    assert (unlocked.status, unlocked.body) == (200, b'{"status":"unlocked"}')
    assert sign_in(client, MEMBER, X_Forwarded_For="203.0.113.55").status == 200
    assert sign_in(client, MEMBER, "typo", **home).status == 400
    assert sign_in(client, MEMBER, **home).status == 429, (
        "the limit on the address must still apply"
    )


@pytest.mark.usefixtures("quick")
def test_an_untrusted_forwarded_address(serve: Callable[..., Client]) -> None:
    client = serve(login_failures_per_minute=2, trusted_proxies=0)
    for number in range(4):
        answer = sign_in(client, LEAD, "guess", X_Forwarded_For=f"203.0.113.{number}")
        assert answer.status == (400 if number < 2 else 429)


@pytest.mark.usefixtures("quick")
def test_unusual_forwarded_addresses(serve: Callable[..., Client]) -> None:
    client = serve(trusted_proxies=1)
    for address in ("", ",", "[2001:db8::1]:443", "x" * 3000, "é", "::%"):
        assert sign_in(client, LEAD, X_Forwarded_For=address).status == 200, address
    client = serve(login_failures_per_minute=1, trusted_proxies=1)
    assert sign_in(client, LEAD, "guess", X_Forwarded_For="2001:db8::1").status == 400
    same_house = sign_in(client, LEAD, "guess", X_Forwarded_For="2001:db8::ffff")
    assert same_house.status == 429, "a subscriber has a whole /64"


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("first", "again"),
    [
        # Azure's gateways add the port, which is another one for each connection.
        ("203.0.113.7:50001", "203.0.113.7:50002"),
        ("203.0.113.7:50001", "203.0.113.7"),
        ("[2001:db8::1]:50001", "[2001:db8::2]:50002"),
        ("2001:db8::1%eth0", "2001:db8::1%eth1"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
    ],
)
def test_an_address_is_the_same_however_a_proxy_writes_it(
    serve: Callable[..., Client], first: str, again: str
) -> None:
    client = serve(login_failures_per_minute=1, trusted_proxies=1)
    assert sign_in(client, LEAD, "guess", X_Forwarded_For=first).status == 400
    assert sign_in(client, LEAD, "guess", X_Forwarded_For=again).status == 429


@pytest.mark.usefixtures("quick")
def test_ipv4_on_a_socket_for_both_is_not_one_network(serve: Callable[..., Client]) -> None:
    client = serve(login_failures_per_minute=1, trusted_proxies=1)
    for number in (7, 8, 9):
        address = f"::ffff:203.0.113.{number}"
        assert sign_in(client, LEAD, "guess", X_Forwarded_For=address).status == 400
