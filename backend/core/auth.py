"""Signing in, and knowing who makes a request.

A token says who one is; what one may do is read from the database at each request. It ends at its
`exp`, and at once when the account is disabled or its password changes: both raise the account's
`token_version`, which the token carries as `ver`.
"""

import functools
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from typing import TYPE_CHECKING, Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from backend.core import installation, passwords, times
from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import IncorrectLogin, Unauthenticated
from backend.core.settings import Settings
from backend.models import Role, User, UserCenterLink
from backend.models import email_key as email_key
from backend.schemas.users import SignedIn

if TYPE_CHECKING:
    from backend.core.rate_limits import Rule, Throttle

# In seconds. Every refusal takes this long, whatever made it: neither the kind of hash an account
# has, nor whether there is an account, can be told from the time.
REFUSAL_TIME = 0.4
# How long an address where the owner signed in is not held to what strangers do to the account.
KNOWN_ADDRESS_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says, once its signature and its times are checked."""

    email: str
    version: int


def issue_token(settings: Settings, email: str, role: str, version: int) -> str:
    """A JWT with `sub` (the email), `role`, `iat`, `exp` and `ver`."""
    import jwt

    issued = times.now()
    claims = {
        "sub": email,
        "role": role,
        "iat": issued,
        "exp": issued + timedelta(minutes=settings.access_token_expire_minutes),
        "ver": version,
    }
    return jwt.encode(claims, settings.secret_key.get_secret_value(), settings.algorithm)


def read_token(settings: Settings, authorization: str | None) -> Claims:
    """The claims behind an `Authorization` header, without a look at the database.

    Raises `Unauthenticated`. The algorithm is the settings' and never the token's (RFC 8725, 3.1);
    a token without `exp` is not good.
    """
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    claims = _decode(settings, token)
    version = claims.get("ver", 0)
    if type(version) is not int or "\0" in claims["sub"]:
        raise Unauthenticated
    return Claims(claims["sub"], version)


def _decode(settings: Settings, token: str) -> dict[str, Any]:
    import jwt

    if not token.strip().isascii():
        raise Unauthenticated
    try:
        claims: dict[str, Any] = jwt.decode(
            token.strip(),
            settings.secret_key.get_secret_value(),
            algorithms=[settings.algorithm],
            # A server whose clock is a little behind takes the others' tokens too.
            options={"require": ["exp", "sub"], "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthenticated from error
    return claims


def identify(session: Session, claims: Claims) -> Person:
    """Whose token it is. Raises `Unauthenticated` when the account is gone, disabled or changed."""
    found = find(session, claims.email)
    if found is None or found.disabled or found.token_version != claims.version:
        raise Unauthenticated
    return person_of(session, found)


def person_of(session: Session, user: User) -> Person:
    """Whoever an account belongs to, with the centers that are theirs now."""
    assert user.id is not None
    if user.role == Role.TEAM_LEAD:
        return Person(user.id, user.email, user.role)
    links = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == user.id)
    centers = session.connection().scalars(links.order_by(col(UserCenterLink.center_id)))
    return Person(user.id, user.email, user.role, tuple(centers))


def find(session: Session, email: str) -> User | None:
    """The account of an email: the one typed so, else the one that differs only in case."""
    query = select(User).where(
        or_(col(User.email) == email, col(User.email_key) == email_key(email))
    )
    found = session.scalars(query).all()
    return next((user for user in found if user.email == email), found[0] if found else None)


def sign_in(
    db: Database, settings: Settings, throttle: "Throttle", email: str, password: str, address: str
) -> SignedIn:
    """Takes a password, and answers a token.

    Raises `IncorrectLogin`, alike and in the same time whatever is wrong, and `TooManyAttempts`.
    It opens short units of work of its own: a password takes long to check, and no database
    connection waits for it.
    """
    started = time.monotonic()
    limits = _Limits(throttle, settings, email, address)
    limits.check()
    with db.read() as session:
        user = find(session, email)
    right, new_hash = passwords.verify(password, user.hashed_password if user else None)
    if user is None or not right or user.disabled:
        time.sleep(max(0.0, started + REFUSAL_TIME - time.monotonic()))
        limits.failed()
        raise IncorrectLogin
    if new_hash:
        with db.write() as session:
            # The old hash in the condition: a password that was changed meanwhile stays changed.
            session.connection().execute(
                update(User)
                .where(col(User.id) == user.id, col(User.hashed_password) == user.hashed_password)
                .values(hashed_password=new_hash)
            )
    limits.succeeded()
    return signed_in(settings, user)


def signed_in(settings: Settings, user: User) -> SignedIn:
    token = issue_token(settings, user.email, user.role, user.token_version)
    return {"access_token": token, "token_type": "bearer", "role": user.role}


class _Limits:
    """How often one may fail, for an address on an account, and for an address on any.

    The failures of all addresses on one account are bounded too, but not for an address where its
    owner has signed in before: strangers can't lock the owner out.
    """

    def __init__(self, throttle: "Throttle", settings: Settings, email: str, address: str) -> None:
        from limits import RateLimitItemPerHour, RateLimitItemPerMinute

        self._throttle = throttle
        account = sha256(email_key(email).encode()).hexdigest()[:32]
        place = network(address)
        failures = settings.login_failures_per_minute
        self._known = f"known/{account}/{place}"
        self._account: list[Rule] = [
            (RateLimitItemPerMinute(failures), ("login", account, place)),
            (RateLimitItemPerHour(failures * 6), ("login", account, place)),
            (RateLimitItemPerHour(failures * 20), ("login", account)),
        ]
        self._rules = [*self._account, (RateLimitItemPerMinute(failures * 12), ("login", place))]
        if throttle.remembers(self._known):
            del self._rules[2]

    def check(self) -> None:
        self._throttle.check(self._rules)

    def failed(self) -> None:
        self._throttle.hit(self._rules)

    def succeeded(self) -> None:
        self._throttle.clear(self._account)
        if not self._throttle.remembers(self._known):
            self._throttle.remember(self._known, KNOWN_ADDRESS_SECONDS)


@functools.lru_cache(maxsize=1024)
def network(address: str) -> str:
    """The address, or for IPv6 its /64: one subscriber has a whole one."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def verify_password(plain: str, hashed: str) -> bool:
    """Return whether a password is the one of a hash, Argon2's or bcrypt's."""
    return passwords.verify(plain, hashed)[0]


def get_password_hash(password: str) -> str:
    """Return the Argon2id hash of a password, whatever the password is."""
    return passwords.hash(password)


def create_access_token(data: Mapping[str, Any], expires_delta: timedelta | None = None) -> str:
    """Return a token with the data in it, which the servers take if `sub` is an account's email.

    It lasts as the settings say, or for `expires_delta`. The database is asked for the account's
    `token_version`. Raises `ConfigurationError`.
    """
    import jwt

    settings = installation.settings()
    lasts = expires_delta
    if lasts is None:
        lasts = timedelta(minutes=settings.access_token_expire_minutes)
    now = times.now()
    claims = {"ver": _version(data.get("sub")), **data, "iat": now, "exp": now + lasts}
    return jwt.encode(claims, settings.secret_key.get_secret_value(), settings.algorithm)


def decode_access_token(token: str | None) -> dict[str, Any] | None:
    """Return the claims of a token, or None if it is not good: forged, ended, or no token at all.

    Whether the account is still there is not looked up. Raises `ConfigurationError`.
    """
    try:
        return _decode(installation.settings(), token or "")
    except Unauthenticated:
        return None


def get_user_email_from_token(token: str | None) -> str | None:
    """Return the email that a token was made for, or None as `decode_access_token` does."""
    claims = decode_access_token(token)
    return claims["sub"] if claims else None


def _version(email: object) -> int:
    """Return what the tokens of an account carry as `ver`; 0 if there is no account yet."""
    from backend.core.lifecycle import migrate

    if not isinstance(email, str):
        return 0
    # A connection of its own: the caller may have a session open, on the only one of the pool.
    db = Database(installation.settings().url, pool_size=1)
    try:
        if migrate.state(db) is not migrate.State.CURRENT:
            return 0
        with db.read() as session:
            user = find(session, email)
            return user.token_version if user else 0
    finally:
        db.close()
