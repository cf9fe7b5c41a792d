"""The current password of the person who is signed in, which some changes need again."""

from sqlmodel import Session, col, select

from backend.core import passwords
from backend.core.accounts import login_limits
from backend.core.db import Database
from backend.core.errors import Invalid, Unauthenticated
from backend.core.settings import Settings
from backend.models import User

FIELD = ("body", "current_password")


def confirm(db: Database, settings: Settings, user_id: int, typed: str | None) -> str:
    """Check the password that a person has typed, and return its hash.

    Opens short units of work itself, since checking is slow. Limited like a sign-in, by counts of
    its own: a stranger with a token can't use up the owner's. Raises `Invalid` and
    `TooManyAttempts`.
    """
    if not typed:
        raise Invalid.at(*FIELD, type="missing", msg="Enter your current password")
    attempt = login_limits.begin_confirming(db, settings, user_id)
    with db.read() as session:
        hashed = _hash(session, user_id)
    if not passwords.verify(typed, hashed)[0]:
        raise Invalid.at(*FIELD, msg="Enter the correct password")
    with db.write() as session:
        attempt.succeeded(session)
    return hashed


def _hash(session: Session, user_id: int) -> str:
    found = session.exec(select(User.hashed_password).where(col(User.id) == user_id)).first()
    if found is None:
        raise Unauthenticated
    return found
