"""One-time links with which people choose their own password: invitations and resets.

The database has only a hash of a link's token. A link is good once and for PASSWORD_LINK_HOURS, and
a newer one for the same person takes its place. Its token is in the fragment of the address, which
browsers don't send: no access log has it.
"""

import secrets
from datetime import timedelta
from hashlib import sha256

from sqlalchemy import update
from sqlmodel import Session, col, select

from backend.core import audit, mail, times, users
from backend.core.access import Person
from backend.core.accounts import login_limits, notices, sessions
from backend.core.accounts.notices import Notice
from backend.core.audit import Event, Subject
from backend.core.database import locks
from backend.core.db import Database
from backend.core.errors import LinkNotFound, UserNotFound
from backend.core.settings import Settings
from backend.models import PasswordLink, User
from backend.schemas.users import Invitation, Invited, LinkOut

# What no password has as its hash.
NO_PASSWORD = "!"  # noqa: S105
# The web app's page, in the address of the installation.
PAGE = "#/set-password/"


def invite(db: Database, settings: Settings, by: Person, new: Invitation) -> LinkOut:
    """Add an account without a password, and return the link to set one.

    Raises `EmailTaken`, and `Invalid` if a center doesn't exist.
    """
    with db.write() as session:
        user = users.create(session, new, NO_PASSWORD, by.id)
        link, token = _make(session, settings, by, user)
    return _hand_over(settings, user, link, token, "You can now use TOFA CRM.")


def reset(db: Database, settings: Settings, by: Person, user_id: int) -> LinkOut:
    """Return a link with which a person sets a new password. The one they have stays until then.

    Raises `UserNotFound`.
    """
    with db.write() as session:
        user = session.get(User, user_id)
        if user is None:
            raise UserNotFound
        link, token = _make(session, settings, by, user)
    return _hand_over(settings, user, link, token, "You can set a new password for TOFA CRM.")


def _make(session: Session, settings: Settings, by: Person, user: User) -> tuple[PasswordLink, str]:
    assert user.id is not None
    token, now = secrets.token_urlsafe(32), times.now()
    sessions.end_link(session, user.id)
    link = PasswordLink(
        user_id=user.id,
        token_hash=_hash(token),
        created_at=now,
        created_by=by.id,
        expires_at=now + timedelta(hours=settings.password_link_hours),
    )
    session.add(link)
    session.flush()
    _record(session, Event.PASSWORD_LINK_MADE, by.id, user)
    return link, token


def _record(session: Session, event: Event, by: int | None, user: User) -> None:
    audit.record(session, event, by=by, subject=Subject.USER, subject_id=user.id)


def _hand_over(
    settings: Settings, user: User, link: PasswordLink, token: str, purpose: str
) -> LinkOut:
    """Send the link if emails can be sent, and return it for copying all the same."""
    assert user.id is not None
    sent, problem = False, None
    if mail.is_set_up(settings):
        address = f"{settings.public_url.rstrip('/')}/{PAGE}{token}"
        text = (
            f"Hello {user.full_name},\n\n{purpose} Choose your password here:\n\n{address}\n\n"
            f"The link works once, within {settings.password_link_hours} hours. If you didn't "
            "expect this email, ignore it.\n"
        )
        try:
            mail.send(settings, user.email, "Your password for TOFA CRM", text)
            sent = True
        except mail.NotSent as error:
            problem = str(error)
    return {
        "user_id": user.id,
        "path": f"{PAGE}{token}",
        "expires_at": link.expires_at,
        "sent": sent,
        "problem": problem,
    }


def show(session: Session, token: str) -> Invited:
    """Return who a link is for. Raises `LinkNotFound`."""
    link, user = _find(session, token)
    return {"email": user.email, "full_name": user.full_name, "expires_at": link.expires_at}


def use(db: Database, settings: Settings, token: str, password: str, address: str) -> Invited:
    """Set the password of the person who a link is for, and end their sessions.

    Raises `LinkNotFound`, `Invalid` if the password is too weak, which leaves the link as it is,
    and `TooManyAttempts`.
    """
    login_limits.begin_use(db, settings, "password-link", address)
    with db.read() as session:
        link, user = _find(session, token)
        words = users.known_words(session, user.full_name)
    hashed = users.hash_new(password, user.email, words)
    with db.write() as session:
        taken = session.connection().execute(
            update(PasswordLink)
            # By its token: another link may have the id by now.
            .where(
                col(PasswordLink.token_hash) == link.token_hash, col(PasswordLink.used_at).is_(None)
            )
            .values(used_at=times.now())
        )
        user = session.get_one(User, link.user_id, with_for_update=locks.ACCOUNT)
        if not taken.rowcount or user.disabled:
            raise LinkNotFound
        if user.hashed_password != NO_PASSWORD:
            notices.put(session, settings, Notice.PASSWORD_SET_BY_LINK, user, user.id)
        users.set_password(session, user, hashed)
        _record(session, Event.PASSWORD_CHANGED, user.id, user)
        login_limits.lift(session, link.user_id, user.email)
    return {"email": user.email, "full_name": user.full_name, "expires_at": link.expires_at}


def _find(session: Session, token: str) -> tuple[PasswordLink, User]:
    query = (
        select(PasswordLink, User)
        .join(User, col(User.id) == col(PasswordLink.user_id))
        .where(col(PasswordLink.token_hash) == _hash(token), col(PasswordLink.used_at).is_(None))
        .where(col(PasswordLink.expires_at) > times.now(), col(User.disabled).is_(False))
    )
    found = session.exec(query).first()
    if found is None:
        raise LinkNotFound
    return found


def _hash(token: str) -> str:
    return sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
