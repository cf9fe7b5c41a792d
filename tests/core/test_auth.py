"""Tokens, the people they belong to, and signing in."""

import base64
import json
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import auth, passwords, times, users
from backend.core.accounts.sessions import Origin
from backend.core.auth import Claims
from backend.core.errors import IncorrectLogin, TooManyAttempts, Unauthenticated
from backend.core.settings import Settings
from backend.models import User
from tests.world import DISABLED, LEAD, MEMBER, PASSWORD, SECRET_KEY, World, settings_for

SETTINGS = Settings(secret_key=SECRET_KEY)  # type: ignore[arg-type]
NOW = int(time.time())
# Later than any test ends.
LATER = NOW + 86_400
GOOD: dict[str, Any] = {"sub": LEAD, "role": "team_lead", "exp": LATER, "iat": NOW, "ver": 0}


def raw(header: object, payload: object, key: str | None = SECRET_KEY) -> str:
    """Build a token manually, signed with HS256 whatever its header says."""
    parts = [json.dumps(part).encode() for part in (header, payload)]
    signed = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    if key is None:
        return f"{signed.decode()}."
    signature = jwt.get_algorithm_by_name("HS256").sign(signed, key.encode())
    return f"{signed.decode()}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"


def read(token: str, settings: Settings = SETTINGS) -> Claims:
    return auth.read_token(settings, f"Bearer {token}")


def test_token_claims() -> None:
    token = auth.issue_token(SETTINGS, LEAD, "team_lead", 3)
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    claims = jwt.decode(token, options={"verify_signature": False})
    assert list(claims) == ["sub", "role", "iat", "exp", "ver"]
    assert claims["exp"] - claims["iat"] == 1440 * 60
    assert read(token) == Claims(LEAD, 3)


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_only_the_algorithm_in_the_settings_is_accepted(algorithm: str) -> None:
    settings = SETTINGS.model_copy(update={"algorithm": algorithm})
    token = auth.issue_token(settings, LEAD, "team_lead", 0)
    assert read(token, settings).email == LEAD
    for other in {"HS256", "HS384", "HS512"} - {algorithm}:
        with pytest.raises(Unauthenticated):
            read(token, SETTINGS.model_copy(update={"algorithm": other}))


def test_a_manually_built_token_is_accepted() -> None:
    """Make sure that the tokens below are refused for the right reason."""
    assert read(raw({"alg": "HS256", "typ": "JWT"}, GOOD)) == Claims(LEAD, 0)


@pytest.mark.parametrize("alg", ["none", "None", "NONE", "", None, "RS256", "HS512", "hs256", 1])
def test_the_algorithm_in_the_token_is_ignored(alg: object) -> None:
    for key in (SECRET_KEY, None):
        with pytest.raises(Unauthenticated):
            read(raw({"alg": alg, "typ": "JWT"}, GOOD, key))


@pytest.mark.parametrize(
    "change",
    [
        {"exp": None}, {"exp": NOW - 1}, {"exp": "soon"}, {"exp": float("nan")}, {"exp": []},
        {"exp": float("-inf")}, {"exp": float("inf")}, {"exp": {}}, {"exp": -1}, {"exp": True},
        {"sub": None}, {"sub": 1}, {"sub": ["a"]}, {"sub": "a\0b"}, {"sub": {}},
        {"ver": None}, {"ver": "0"}, {"ver": False}, {"ver": 0.0}, {"ver": [0]},
        {"nbf": LATER},
    ],
    # The ids must be the same in every process that collects the tests.
    ids=lambda change: str(change).replace(str(LATER), "later").replace(str(NOW - 1), "past"),
)  # fmt: skip
def test_invalid_claims(change: dict[str, Any]) -> None:
    with pytest.raises(Unauthenticated):
        read(raw({"alg": "HS256"}, GOOD | change))


@pytest.mark.parametrize("name", ["exp", "sub"])
def test_missing_claims(name: str) -> None:
    claims = {key: value for key, value in GOOD.items() if key != name}
    with pytest.raises(Unauthenticated):
        read(raw({"alg": "HS256"}, claims))


def test_a_token_without_a_version() -> None:
    """Tokens issued before an upgrade stay valid."""
    claims = {key: value for key, value in GOOD.items() if key not in ("ver", "iat")}
    assert read(raw({"alg": "HS256"}, claims)) == Claims(LEAD, 0)


def test_an_expiry_in_the_far_future() -> None:
    assert read(raw({"alg": "HS256"}, GOOD | {"exp": 10**30})).email == LEAD


def test_a_server_whose_clock_is_ahead() -> None:
    """Its tokens are valid on other servers immediately."""
    assert read(raw({"alg": "HS256"}, GOOD | {"iat": NOW + 120})).email == LEAD


@pytest.mark.parametrize("payload", [[], "text", 1, None, [GOOD]])
def test_a_payload_that_is_not_an_object(payload: object) -> None:
    with pytest.raises(Unauthenticated):
        read(raw({"alg": "HS256"}, payload))


@given(st.text(max_size=60))
def test_any_other_header_is_refused(text: str) -> None:
    for header in (text, f"Bearer {text}", f"Basic {text}", None, "Bearer", "Bearer "):
        with pytest.raises(Unauthenticated):
            auth.read_token(SETTINGS, header)


def test_the_scheme_ignores_case() -> None:
    token = auth.issue_token(SETTINGS, LEAD, "team_lead", 0)
    assert auth.read_token(SETTINGS, f"bEARER  {token} ").email == LEAD
    for header in (token, f"Token {token}", f"Bearer {token} x", f"Bearer,{token}"):
        with pytest.raises(Unauthenticated):
            auth.read_token(SETTINGS, header)


def test_a_signature_with_another_key() -> None:
    other = Settings(secret_key="k" * 40)  # type: ignore[arg-type]
    with pytest.raises(Unauthenticated):
        read(auth.issue_token(other, LEAD, "team_lead", 0))


def test_an_expired_token(monkeypatch: pytest.MonkeyPatch) -> None:
    past = times.now() - timedelta(minutes=1441)
    monkeypatch.setattr(times, "now", lambda: past)
    token = auth.issue_token(SETTINGS, LEAD, "team_lead", 0)
    with pytest.raises(Unauthenticated):
        read(token)


# The person behind a token


def test_the_role_comes_from_the_database(world: World) -> None:
    with world.db.read() as session:
        person = auth.identify(session, Claims(MEMBER.upper(), 0))
    assert (person.email, person.role) == (MEMBER, "team_member")


@pytest.mark.parametrize(
    "claims",
    [Claims("nobody@x", 0), Claims(DISABLED, 0), Claims(LEAD, 1), Claims(LEAD, -1),
     Claims(LEAD, 10**30)],
)  # fmt: skip
def test_unknown_or_outdated_claims(world: World, claims: Claims) -> None:
    with world.db.read() as session, pytest.raises(Unauthenticated):
        auth.identify(session, claims)


def test_a_new_password_ends_the_tokens(world: World) -> None:
    token = world.token(MEMBER)
    with world.db.write() as session:
        user = auth.find(session, MEMBER)
        assert user is not None
        users.set_password(session, session.merge(user), passwords.hash("another good password"))
    with world.db.read() as session, pytest.raises(Unauthenticated):
        auth.identify(session, auth.read_token(world.settings, f"Bearer {token}"))


# Signing in


def sign_in(
    world: World, email: str = MEMBER, password: str = PASSWORD, at: str = "10.0.0.1"
) -> str:
    settings = settings_for(world.settings.database_url, login_failures_per_minute=3)
    return auth.sign_in(world.db, settings, email, password, Origin(at))["access_token"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "REFUSAL_TIME", 0.0)


@pytest.mark.parametrize(
    ("email", "password"),
    [("nobody@x", PASSWORD), (MEMBER, "wrong"), (DISABLED, PASSWORD), ("", ""), (MEMBER, "\0")],
)
def test_every_refusal_takes_the_same_time(
    world: World, monkeypatch: pytest.MonkeyPatch, email: str, password: str
) -> None:
    slept: list[float] = []
    clock, verify = [1000.0], passwords.verify

    def slow_verify(typed: str, hashed: str | None) -> tuple[bool, str | None]:
        clock[0] += 0.25
        return verify(typed, hashed)

    fake = SimpleNamespace(monotonic=lambda: clock[0], sleep=slept.append)
    monkeypatch.setattr(auth, "time", fake)
    monkeypatch.setattr(passwords, "verify", slow_verify)
    with pytest.raises(IncorrectLogin) as refusal:
        sign_in(world, email, password)
    assert (refusal.value.status, refusal.value.detail) == (400, "Incorrect email or password")
    # The rest of the time that every refusal takes.
    assert slept == [pytest.approx(auth.REFUSAL_TIME - 0.25)]


@pytest.mark.usefixtures("quick")
def test_too_many_failures(world: World) -> None:
    for _ in range(3):
        with pytest.raises(IncorrectLogin):
            sign_in(world, password="wrong")
    with pytest.raises(TooManyAttempts) as refusal:
        sign_in(world)
    assert 1 <= int(refusal.value.headers["retry-after"]) <= 60
    with pytest.raises(TooManyAttempts):
        sign_in(world, MEMBER.upper())
    sign_in(world, LEAD)
    sign_in(world, at="10.0.0.2")


@pytest.mark.usefixtures("quick")
def test_a_successful_sign_in_clears_the_failures(world: World) -> None:
    for _ in range(3):
        for _ in range(2):
            with pytest.raises(IncorrectLogin):
                sign_in(world, password="wrong")
        sign_in(world)


@pytest.mark.usefixtures("quick")
def test_an_ipv6_subscriber_is_one_address(world: World) -> None:
    for host in range(3):
        with pytest.raises(IncorrectLogin):
            sign_in(world, password="wrong", at=f"2001:db8:1:2::{host}")
    with pytest.raises(TooManyAttempts):
        sign_in(world, at="2001:db8:1:2:ffff::1")
    sign_in(world, at="2001:db8:1:3::1")


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_one_ipv6_household_does_not_lock_the_owner_out(world: World) -> None:
    """It has thousands of networks, each of which would be a stranger's first attempt."""
    refused = 0
    for number in range(50):
        for _ in range(3):
            with pytest.raises((IncorrectLogin, TooManyAttempts)) as error:
                sign_in(world, password="wrong", at=f"2001:db8:1:{number:x}::1")
            refused += error.type is TooManyAttempts
    assert refused
    sign_in(world, at="2001:db8:2:1::1")
    sign_in(world, at="10.2.0.1")


@pytest.mark.usefixtures("quick")
@pytest.mark.slow
def test_strangers_do_not_lock_the_owner_out(world: World) -> None:
    """Twenty addresses use up all that they may; the owner signs in at home and at a new place."""
    sign_in(world, at="10.0.0.1")
    for address in range(20):
        for _ in range(3):
            with pytest.raises(IncorrectLogin):
                sign_in(world, password="wrong", at=f"10.1.0.{address}")
        with pytest.raises(TooManyAttempts):
            sign_in(world, password="wrong", at=f"10.1.0.{address}")
    sign_in(world, at="10.2.0.1")
    sign_in(world, at="10.0.0.1")


def test_a_password_changed_in_the_meantime_is_kept(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An outdated hash is replaced only if it is still the account's hash."""
    new = passwords.hash("the new password")

    def verify(*_: object) -> tuple[bool, str]:
        with world.db.write() as session:
            user = auth.find(session, MEMBER)
            assert user is not None
            session.merge(user).hashed_password = new
        return True, "a new hash of the old password"

    monkeypatch.setattr(passwords, "verify", verify)
    sign_in(world)
    with world.db.read() as session:
        user = auth.find(session, MEMBER)
    assert isinstance(user, User)
    assert user.hashed_password == new
