"""Sign users in, issue their tokens, and identify the user behind a request.

A token says who the user is. What they may do is read from the database on each request. A token
expires at its `exp`, or as soon as the account is disabled or its password changes: both raise the
account's `token_version`, which the token carries as `ver`.
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

from backend.core import audit, installation, passwords, times
from backend.core.access import Person
from backend.core.audit import Event, Subject
from backend.core.audit.budget import Budget
from backend.core.db import Database
from backend.core.errors import IncorrectLogin, Unauthenticated
from backend.core.settings import Settings
from backend.models import Role, User, UserCenterLink
from backend.models import email_key as email_key
from backend.schemas.users import SignedIn

if TYPE_CHECKING:
    from backend.core.rate_limits import Rule, Throttle

# In seconds. Every refusal takes this long, so that the time doesn't show whether an account
# exists or which kind of hash it has.
REFUSAL_TIME = 0.4
# How long an address where the owner signed in is exempt from the limit on the whole account.
KNOWN_ADDRESS_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token whose signature and times have been checked."""

    email: str
    version: int


def issue_token(settings: Settings, email: str, role: str, version: int) -> str:
    """Return a JWT with `sub` (the email), `role`, `iat`, `exp` and `ver`."""
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
    """Return the claims in an `Authorization` header, without reading the database.

    The algorithm comes from the settings, never from the token (RFC 8725, section 3.1). A token
    without `exp` is refused. Raises `Unauthenticated`.
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
            # A server whose clock is slightly behind must accept the other servers' tokens.
            options={"require": ["exp", "sub"], "verify_iat": False},
        )
    except jwt.InvalidTokenError as error:
        raise Unauthenticated from error
    return claims


def identify(session: Session, claims: Claims) -> Person:
    """Return the person a token belongs to.

    Raises `Unauthenticated` if the account is gone, disabled, or has a newer token version.
    """
    found = find(session, claims.email)
    if found is None or found.disabled or found.token_version != claims.version:
        raise Unauthenticated
    return person_of(session, found)


def person_of(session: Session, user: User) -> Person:
    """Return the person who owns an account, with the centers assigned to them now."""
    assert user.id is not None
    if user.role == Role.TEAM_LEAD:
        return Person(user.id, user.email, user.role)
    links = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == user.id)
    centers = session.connection().scalars(links.order_by(col(UserCenterLink.center_id)))
    return Person(user.id, user.email, user.role, tuple(centers))


def find(session: Session, email: str) -> User | None:
    """Return the account for an email: an exact match first, then one that differs only in case."""
    query = select(User).where(
        or_(col(User.email) == email, col(User.email_key) == email_key(email))
    )
    found = session.scalars(query).all()
    return next((user for user in found if user.email == email), found[0] if found else None)


def sign_in(
    db: Database, settings: Settings, throttle: "Throttle", email: str, password: str, address: str
) -> SignedIn:
    """Check an email and a password, and return a token.

    Opens short units of work itself: checking a password is slow, and no database connection should
    be held meanwhile.

    Raises `IncorrectLogin`, with the same text and after the same time whatever is wrong, and
    `TooManyAttempts`.
    """
    started = time.monotonic()
    limits = _Limits(throttle, settings, email, address)
    limits.check()
    with db.read() as session:
        user = find(session, email)
    right, new_hash = passwords.verify(password, user.hashed_password if user else None)
    if user is None or not right or user.disabled:
        _record_failure(db, user, address)
        time.sleep(max(0.0, started + REFUSAL_TIME - time.monotonic()))
        limits.failed()
        raise IncorrectLogin
    if new_hash:
        with db.write() as session:
            # Compare the old hash, so that a password changed in the meantime isn't overwritten.
            session.connection().execute(
                update(User)
                .where(col(User.id) == user.id, col(User.hashed_password) == user.hashed_password)
                .values(hashed_password=new_hash)
            )
    limits.succeeded()
    with db.write() as session:
        audit.record(
            session,
            Event.SIGNED_IN,
            by=user.id,
            subject=Subject.USER,
            subject_id=user.id,
            address=network(address),
        )
    return signed_in(settings, user)


def signed_in(settings: Settings, user: User) -> SignedIn:
    """Return the answer to a sign-in, with a new token."""
    token = issue_token(settings, user.email, user.role, user.token_version)
    return {"access_token": token, "token_type": "bearer", "role": user.role}


# How many failed sign-ins for no account one process records in a minute: anyone can cause them.
STRANGERS_PER_MINUTE = 60
_strangers = Budget(STRANGERS_PER_MINUTE)


def _record_failure(db: Database, user: User | None, address: str) -> None:
    """Record a failed sign-in. The email isn't recorded, only the account if there is one."""
    if user is None and not _strangers.take():
        return
    with db.write() as session:
        audit.record(
            session,
            Event.SIGN_IN_FAILED,
            by=None,
            subject=Subject.USER if user else None,
            subject_id=user.id if user else None,
            address=network(address),
        )


class _Limits:
    """The limits on failed sign-ins: for an address and an account, and for an address alone.

    Failures on one account from all addresses are limited too, except at an address where its owner
    has signed in before, so that strangers can't lock the owner out.
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
    """Return the address, or for IPv6 its /64 network, since one subscriber has a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)


def verify_password(plain: str, hashed: str) -> bool:
    """Return whether a password matches an Argon2 or bcrypt hash."""
    return passwords.verify(plain, hashed)[0]


def get_password_hash(password: str) -> str:
    """Return the Argon2id hash of a password, without checking how strong the password is."""
    return passwords.hash(password)


def create_access_token(data: Mapping[str, Any], expires_delta: timedelta | None = None) -> str:
    """Return a token that contains the data. Servers accept it if `sub` is an account's email.

    It is valid for `expires_delta`, or for the time in the settings. Reads the account's
    `token_version` from the database. Raises `ConfigurationError`.
    """
    import jwt

    settings = installation.settings()
    lifetime = expires_delta
    if lifetime is None:
        lifetime = timedelta(minutes=settings.access_token_expire_minutes)
    now = times.now()
    claims = {"ver": _version(data.get("sub")), **data, "iat": now, "exp": now + lifetime}
    return jwt.encode(claims, settings.secret_key.get_secret_value(), settings.algorithm)


def decode_access_token(token: str | None) -> dict[str, Any] | None:
    """Return the claims of a token, or None if it is forged, expired, missing or not a token.

    Doesn't check that the account still exists. Raises `ConfigurationError`.
    """
    try:
        return _decode(installation.settings(), token or "")
    except Unauthenticated:
        return None


def get_user_email_from_token(token: str | None) -> str | None:
    """Return the email a token was issued for, or None if the token isn't valid."""
    claims = decode_access_token(token)
    return claims["sub"] if claims else None


def _version(email: object) -> int:
    """Return the token version (`ver`) of an account, or 0 if there is no account yet."""
    from backend.core.lifecycle import migrate

    if not isinstance(email, str):
        return 0
    # Use a separate connection: the caller's session may hold the only one in the pool.
    db = Database(installation.settings().url, pool_size=1)
    try:
        if migrate.state(db) is not migrate.State.CURRENT:
            return 0
        with db.read() as session:
            user = find(session, email)
            return user.token_version if user else 0
    finally:
        db.close()
