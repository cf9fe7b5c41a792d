"""Sign users in, issue their tokens, and identify the user behind a request.

A token says who the user is. What they may do is read from the database on each request. A token
from a sign-in belongs to a session, which it names as `jti`, and is good until that ends: see
`backend.core.accounts.sessions`. A token without `jti`, from before there were sessions or from a
script, expires at its `exp`, or as soon as the account is disabled or its password changes: both
raise the account's `token_version`, which it carries as `ver`.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlmodel import Session, col

from backend.core import audit, installation, passwords, rotation, times
from backend.core.access import Person
from backend.core.accounts import login_limits, second_factor, sessions
from backend.core.accounts.sessions import LastUses, Origin, Started
from backend.core.audit import Event, Subject
from backend.core.audit.budget import Budget
from backend.core.db import Database
from backend.core.errors import (
    CodeNeeded,
    IncorrectCode,
    IncorrectLogin,
    PasskeyNeeded,
    Unauthenticated,
)
from backend.core.settings import Settings
from backend.models import Role, User, UserCenterLink, email_as_typed_key
from backend.models import email_key as email_key
from backend.schemas.users import SignedIn

# Of the tokens that belong to a session.
AUDIENCE = "tofa-crm"
# In seconds. Every refusal takes this long, so that the time doesn't show whether an account
# exists or which kind of hash it has.
REFUSAL_TIME = 0.4


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token, after its signature and times have been checked."""

    email: str
    version: int
    # The session that the token belongs to; None for one without a session.
    jti: str | None = None


def issue_token(
    settings: Settings, email: str, role: str, version: int, started: Started | None = None
) -> str:
    """Return a JWT with `sub` (the email), `role`, `iat`, `exp` and `ver`.

    With a session it also has `aud` and `jti`, and the session's times.
    """
    import jwt

    issued = started.created_at if started else times.now()
    lifetime = timedelta(minutes=settings.access_token_expire_minutes)
    claims: dict[str, Any] = {
        "sub": email,
        "role": role,
        "iat": issued,
        "exp": started.ends_at if started else issued + lifetime,
        "ver": version,
    }
    if started:
        claims |= {"aud": AUDIENCE, "jti": started.jti}
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
    # A token of a script may have a `jti` of its own.
    jti = claims.get("jti") if "aud" in claims else None
    if "aud" in claims and (not jti or "\0" in jti):
        raise Unauthenticated
    return Claims(claims["sub"], version, jti)


def _decode(settings: Settings, token: str) -> dict[str, Any]:
    if not token.strip().isascii():
        raise Unauthenticated
    claims = _checked(settings, token.strip())
    if claims.get("aud", AUDIENCE) != AUDIENCE:
        raise Unauthenticated
    return claims


def _checked(settings: Settings, token: str) -> dict[str, Any]:
    """Return the claims of a token that one of the valid keys has signed, and that is in time."""
    import jwt

    for key in rotation.signing_keys(settings):
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                key,
                algorithms=[settings.algorithm],
                # A server whose clock is slightly behind must accept the other servers' tokens.
                options={"require": ["exp", "sub"], "verify_iat": False, "verify_aud": False},
            )
        except jwt.InvalidSignatureError:
            continue
        except jwt.InvalidTokenError as error:
            raise Unauthenticated from error
        return claims
    raise Unauthenticated


def identify(
    session: Session,
    claims: Claims,
    last_uses: LastUses | None = None,
    used_from: str | None = None,
) -> Person:
    """Return the person a token belongs to.

    Notes that their session is in use, if `used_from` is the address that it is used from, or empty
    where that isn't known. Raises `Unauthenticated` if the account is gone or disabled, if the
    session has ended, or if a token without a session is of an older version.
    """
    if claims.jti is not None:
        return _person_of_session(session, claims, last_uses, used_from)
    found = find(session, claims.email)
    if found is None or found.disabled or found.token_version != claims.version:
        raise Unauthenticated
    return person_of(session, found)


def _person_of_session(
    session: Session, claims: Claims, last_uses: LastUses | None, used_from: str | None
) -> Person:
    now, found = times.now(), sessions.find(session, claims.jti or "")
    if found is None:
        raise Unauthenticated
    user, row = found
    idle = last_uses.idle if last_uses else timedelta.max
    # A script may have deleted the account, and SQLite have given its id to another one.
    is_theirs = email_key(user.email) == email_key(claims.email)
    if user.disabled or not is_theirs or not sessions.is_valid(row, user, now, idle):
        raise Unauthenticated
    person = person_of(session, user, row.id)
    if last_uses is None:
        return person
    if used_from is not None:
        last_uses.note(row, used_from, now)
    is_required = last_uses.requires_factor and user.role == Role.TEAM_LEAD
    return replace(person, needs_factor=True) if is_required and not row.two_steps else person


def person_of(session: Session, user: User, session_id: int | None = None) -> Person:
    """Return the person who owns an account, with the centers assigned to them now."""
    assert user.id is not None
    if user.role == Role.TEAM_LEAD:
        return Person(
            user.id, user.email, user.role, session_id=session_id, full_name=user.full_name
        )
    links = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == user.id)
    centers = session.connection().scalars(links.order_by(col(UserCenterLink.center_id)))
    return Person(
        user.id, user.email, user.role, tuple(centers), session_id, full_name=user.full_name
    )


def find(session: Session, email: str) -> User | None:
    """Return the account for an email: the same, in another case, or one that looks the same."""
    typed = email_as_typed_key(email)
    keys = col(User.email_key).in_((typed, email_key(email)))
    found = session.scalars(select(User).where(or_(col(User.email) == email, keys)))
    return min(found, key=lambda user: (user.email != email, user.email_key != typed), default=None)


def sign_in(
    db: Database,
    settings: Settings,
    email: str,
    password: str,
    origin: Origin,
    code: str | None = None,
) -> SignedIn:
    """Check an email and a password, start a session, and return its token.

    Opens short units of work itself: checking a password is slow, and no database connection should
    be held meanwhile.

    Raises `IncorrectLogin`, with the same text and after the same time whatever is wrong, and
    `TooManyAttempts`; with the right password of an account that has a second factor `CodeNeeded`
    and `IncorrectCode`.
    """
    started = time.monotonic()
    attempt = login_limits.begin(db, settings, email, origin)
    with db.read() as session:
        user = find(session, email)
        has_app = user is not None and second_factor.has_app(session, user.id)
        two_steps = has_app or (user is not None and second_factor.has_passkey(session, user.id))
    right, new_hash = passwords.verify(password, user.hashed_password if user else None)
    if user is None or not right or user.disabled:
        record_failure(db, user, origin)
        time.sleep(max(0.0, started + REFUSAL_TIME - time.monotonic()))
        raise IncorrectLogin
    if two_steps and not code:
        with db.write() as session:
            attempt.take_back(session)
        raise CodeNeeded if has_app else PasskeyNeeded
    with db.write() as session:
        second = second_factor.check(session, user.id, code, two_steps=two_steps)
        opened = None
        if second is not None:
            if new_hash:
                _replace_hash(session, user, new_hash)
            # With the version that was read: a session of a password that is no longer good is
            # none.
            opened = sessions.start(session, settings, user, origin, two_steps=two_steps)
            attempt.succeeded(session)
            data = {"second": second} if second else {}
            record(session, Event.SIGNED_IN, user, origin, by=user.id, **data)
    if opened is None:
        record_failure(db, user, origin, second="wrong")
        raise IncorrectCode
    return signed_in(settings, user, opened)


def _replace_hash(session: Session, user: User, new_hash: str) -> None:
    """Store a better hash, unless the password was changed in the meantime."""
    session.connection().execute(
        update(User)
        .where(col(User.id) == user.id, col(User.hashed_password) == user.hashed_password)
        .values(hashed_password=new_hash)
    )


def signed_in(settings: Settings, user: User, started: Started) -> SignedIn:
    """Return the answer to a sign-in, with the token of a session."""
    token = issue_token(settings, user.email, user.role, user.token_version, started)
    return {"access_token": token, "token_type": "bearer", "role": user.role}


# How many failed sign-ins for no account one process records in a minute: anyone can cause them.
STRANGERS_PER_MINUTE = 60
_strangers = Budget(STRANGERS_PER_MINUTE)


def record_failure(db: Database, user: User | None, origin: Origin, **data: str) -> None:
    """Record a failed sign-in. The email isn't recorded, only the account if there is one."""
    if user is not None or _strangers.take():
        with db.write() as session:
            record(session, Event.SIGN_IN_FAILED, user, origin, by=None, **data)


def record(
    session: Session,
    event: Event,
    user: User | None,
    origin: Origin,
    *,
    by: int | None,
    **data: str,
) -> None:
    """Record a sign-in, with the network that it came from."""
    audit.record(
        session,
        event,
        by=by,
        subject=Subject.USER if user else None,
        subject_id=user.id if user else None,
        address=login_limits.network(origin.address),
        **data,
    )


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
        if not migrate.state(db).is_usable:
            return 0
        with db.read() as session:
            user = find(session, email)
            return user.token_version if user else 0
    finally:
        db.close()
