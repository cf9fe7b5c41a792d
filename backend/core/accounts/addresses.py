"""The email address with which a person signs in, which a team lead may change.

A token of a session names its session. One without, from a script, names the address and the
account's `token_version`: so an account that gets an address which another one has had begins with
a version that no token has.
"""

import secrets

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import times
from backend.core.accounts import login_limits, notices, sessions
from backend.core.accounts.notices import Notice
from backend.core.database import upsert
from backend.core.errors import EmailTaken
from backend.core.settings import Settings
from backend.models import InstallationMark, PasswordLink, User, email_key

# The mark of an installation in which an account has left its address.
FREED = "address freed"
# Versions are raised one by one, from there on, in a column of 32 bits.
_VERSIONS = 1 << 30


def take(session: Session, user: User) -> None:
    """Give a new account its address. Raises `EmailTaken`."""
    _flush(session)
    # Only now: an account that has left it a moment ago has left the mark.
    if session.get(InstallationMark, FREED) is not None:
        user.token_version = _unused(user.token_version)


def change(session: Session, settings: Settings, user: User, email: str, by: int) -> bool:
    """Give an account another address. Returns False if it has this one already.

    All of its sessions and tokens end, and a one-time link that may have been sent to the address
    before. Both addresses are told; `by` is who changes it. Raises `EmailTaken`.
    """
    if email == user.email:
        return False
    notices.put(session, settings, Notice.EMAIL_LEFT, user, by, new=email)
    user.email, user.email_key = email, email_key(email)
    user.token_version = _unused(user.token_version)
    _flush(session)
    notices.put(session, settings, Notice.EMAIL_GIVEN, user, by)
    assert user.id is not None
    sessions.end_all(session, user.id)
    session.connection().execute(delete(PasswordLink).where(col(PasswordLink.user_id) == user.id))
    login_limits.forget(session, email)
    mark = {"name": FREED, "since": times.now()}
    kept = upsert.insert(session, InstallationMark).values(mark).on_conflict_do_nothing()
    session.connection().execute(kept)
    return True


def _flush(session: Session) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken from error


def _unused(version: int) -> int:
    """Return a version that an account hasn't had, nor any other one with its address."""
    return (version + 1 + secrets.randbelow(_VERSIONS - 1)) % _VERSIONS
