"""Deprecated aliases of `backend.core.auth`, for code written for earlier versions."""

import warnings
from typing import TYPE_CHECKING

from backend.core import installation
from backend.core.auth import (
    create_access_token,
    decode_access_token,
    get_password_hash,
    get_user_email_from_token,
    verify_password,
)

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
    "decode_access_token",
    "get_current_user",
    "get_password_hash",
    "get_user_email_from_token",
    "oauth2_scheme",
    "pwd_context",
    "verify_password",
]

warnings.warn(
    "backend.auth is deprecated: use backend.core.auth and backend.core.passwords, "
    "and backend.fastapi_auth for get_current_user",
    DeprecationWarning,
    stacklevel=2,
)


class _PasswordContext:
    """A stand-in for passlib's `CryptContext`, as earlier versions exported it."""

    def hash(self, secret: str) -> str:
        """Return a new hash of a password."""
        return get_password_hash(secret)

    def verify(self, secret: str, hash: str) -> bool:
        """Return whether a password matches a hash."""
        return verify_password(secret, hash)


pwd_context = _PasswordContext()


def __getattr__(name: str) -> object:
    """Return a name that depends on the settings or on FastAPI, loaded on first use."""
    value: object
    match name:
        case "SECRET_KEY":
            value = installation.settings().secret_key.get_secret_value()
        case "ALGORITHM":
            value = installation.settings().algorithm
        case "ACCESS_TOKEN_EXPIRE_MINUTES":
            value = installation.settings().access_token_expire_minutes
        case "get_current_user" | "oauth2_scheme":
            from backend import fastapi_auth

            value = getattr(fastapi_auth, name)
        case _:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value
