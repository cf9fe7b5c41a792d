"""The email address with which a person signs in, which a team lead may change.

A token of a session names its session. One without, from a script, names the address and the
account's `token_version`: so an account that gets an address which another one has had begins with
a version that no token has. The same goes once any account was deleted, which only scripts do: the
ids have a gap then, since no id is given twice.
"""

import secrets
from typing import Any

from sqlalchemy import func, select, union_all
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import times
from backend.core.accounts import login_limits, notices, sessions
from backend.core.accounts.notices import Notice
from backend.core.audit import Subject
from backend.core.database import upsert
from backend.core.database.rows import id_in
from backend.core.errors import EmailTaken
from backend.core.settings import Settings
from backend.models import (
    AuditEvent,
    InstallationMark,
    Lead,
    Passkey,
    PasswordLink,
    PushSubscription,
    RecoveryCode,
    SecondFactor,
    User,
    UserCenterLink,
    UserSession,
    email_key,
)

# The mark of an installation in which an account has left its address.
FREED = "address freed"
# Versions are raised one by one, from there on, in a column of 32 bits.
_VERSIONS = 1 << 30


# SQLite keeps these rows of an account that a script deletes, unless it checks foreign keys; the
# audit trail stays in any case.
_NAMED: tuple[Any, ...] = (
    col(User.id),
    *(
        col(table.user_id)
        for table in (UserSession, Passkey, SecondFactor, RecoveryCode, PasswordLink)
    ),
    col(PushSubscription.user_id),
    col(UserCenterLink.user_id),
    id_in(col(Lead.owner_id)),
    col(AuditEvent.user_id),
)


def take(session: Session, user: User) -> None:
    """Give a new account its address, and on SQLite its id. Raises `EmailTaken`."""
    if user.id is None and session.get_bind().dialect.name == "sqlite":
        user.id = _next_id(session)
    _flush(session)
    # Only now: an account that has left it a moment ago has left the mark.
    if session.get(InstallationMark, FREED) is not None or _has_gap(session):
        user.token_version = _unused(user.token_version)


def _next_id(session: Session) -> int:
    """Return an id that no account has had: SQLite by itself gives the highest one again.

    Whatever an account has left under its id, such as sessions, passkeys and centers, would be the
    new one's.
    """
    of_accounts = select(func.max(col(AuditEvent.subject_id)))
    of_accounts = of_accounts.where(col(AuditEvent.subject) == Subject.USER)
    highest = union_all(*(select(func.max(column)) for column in _NAMED), of_accounts)
    return 1 + max(id or 0 for id in session.connection().scalars(highest))


def _has_gap(session: Session) -> bool:
    """Return whether an account was deleted; on PostgreSQL, one may also not have been added."""
    count, highest = session.execute(select(func.count(), func.max(col(User.id)))).one()
    return bool(count != highest)


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
    sessions.end_link(session, user.id)
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
