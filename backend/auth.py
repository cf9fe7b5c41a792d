"""Deprecated names of `backend.core.auth`, for code that was written for earlier versions."""

import functools
import warnings
from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from backend.core import auth, migrate, passwords, settings, times
from backend.core.db import Database
from backend.core.settings import Settings

if TYPE_CHECKING:
    from backend.fastapi_auth import get_current_user, oauth2_scheme

    SECRET_KEY: str
    ALGORITHM: str
    ACCESS_TOKEN_EXPIRE_MINUTES: int

__all__ = [
    "ACCESS_TOKEN_EXPIRE_MINUTES",
    "ALGORITHM",
    "SECRET_KEY",
    "create_access_token",
    "get_current_user",
    "get_password_hash",
    "oauth2_scheme",
    "verify_password",
]

warnings.warn(
    "backend.auth is deprecated: use backend.core.auth and backend.core.passwords, "
    "and backend.fastapi_auth for get_current_user",
    DeprecationWarning,
    stacklevel=2,
)


def verify_password(plain: str, hashed: str) -> bool:
    return passwords.verify(plain, hashed)[0]


def get_password_hash(password: str) -> str:
    return passwords.hash(password)


def create_access_token(data: Mapping[str, Any], expires_delta: timedelta | None = None) -> str:
    """A token with the data in it, which the servers take where `sub` is the email of an account.

    It asks the database for the account's `token_version`. Raises `ConfigurationError`.
    """
    import jwt

    made = _settings()
    now = times.now()
    lasts = expires_delta
    if lasts is None:
        lasts = timedelta(minutes=made.access_token_expire_minutes)
    claims = {"ver": _version(made, data.get("sub")), **data, "iat": now, "exp": now + lasts}
    return jwt.encode(claims, made.secret_key.get_secret_value(), made.algorithm)


def _version(made: Settings, email: object) -> int:
    """What the tokens of an account carry as `ver`; 0 where there is no account yet."""
    db = Database(made.url, pool_size=1)
    try:
        if not isinstance(email, str) or migrate.state(db) is not migrate.State.CURRENT:
            return 0
        with db.read() as session:
            user = auth.find(session, email)
            return user.token_version if user else 0
    finally:
        db.close()


@functools.cache
def _settings() -> Settings:
    return settings.load()


def __getattr__(name: str) -> object:
    """What depends on the settings or on FastAPI, made when it is asked for."""
    value: object
    match name:
        case "SECRET_KEY":
            value = _settings().secret_key.get_secret_value()
        case "ALGORITHM":
            value = _settings().algorithm
        case "ACCESS_TOKEN_EXPIRE_MINUTES":
            value = _settings().access_token_expire_minutes
        case "get_current_user" | "oauth2_scheme":
            from backend import fastapi_auth

            value = getattr(fastapi_auth, name)
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
