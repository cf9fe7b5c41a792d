"""Sessions: a sign-in makes one, and its token is good until the session ends.

A session ends when someone ends it, when the account's `token_version` is raised (a new password, a
disabled account), and by two times, which are compared at each request and never stored as an end:
so a clock that ran ahead ends no session for longer than it is wrong.
"""

import logging
import secrets
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock

from sqlalchemy import ColumnElement, Row, delete, select, true, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.accounts import devices
from backend.core.database import locks
from backend.core.db import Database
from backend.core.errors import Busy, SessionNotFound
from backend.core.settings import Settings
from backend.models import PasswordLink, Role, User, UserSession
from backend.schemas.users import SessionOut

log = logging.getLogger("tofa")

# How old the stored last use may get before it is written again.
LAST_USE_EVERY = timedelta(minutes=5)
# Where sessions end sooner, it is written more often: in as many parts of that time. Otherwise
# someone would be signed out while they work.
PARTS_OF_IDLE = 10
# In seconds: how long a last use that couldn't be written is left alone.
AFTER_BUSY = 10.0
# How long a session is kept after its end, and how many old ones a sign-in removes.
KEPT = timedelta(days=30)
REMOVED_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from: the client's address, and what its program calls itself.

    `device` is a text that only this device has and sends at each sign-in; None if it has none.
    """

    address: str
    user_agent: str = ""
    device: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Started:
    """A session that has just been made or renewed, for its token."""

    jti: str
    created_at: datetime
    ends_at: datetime


def start(
    session: Session,
    settings: Settings,
    user: User,
    origin: Origin,
    *,
    two_steps: bool = False,
    passkey_id: int | None = None,
) -> Started:
    """Add a session of an account, and remove a few that have long been over.

    `passkey_id` is the passkey that it begins with.
    """
    assert user.id is not None
    made = _started(settings)
    session.add(
        UserSession(
            jti=made.jti,
            user_id=user.id,
            version=user.token_version,
            two_steps=two_steps,
            device=devices.name_of(origin.user_agent),
            address=origin.address[:64],
            created_at=made.created_at,
            last_used_at=made.created_at,
            ends_at=made.ends_at,
            passkey_id=passkey_id,
        )
    )
    _remove_old(session, made.created_at)
    session.flush()
    return made


def renew(session: Session, settings: Settings, user: User, session_id: int) -> Started:
    """Give a session a new token and its whole time again. The token before is no longer good."""
    made = _started(settings)
    session.connection().execute(
        update(UserSession)
        .where(col(UserSession.id) == session_id)
        .values(
            jti=made.jti,
            version=user.token_version,
            last_used_at=made.created_at,
            ends_at=made.ends_at,
        )
    )
    return made


def _started(settings: Settings) -> Started:
    now = times.now().replace(microsecond=0)
    ends_at = now + timedelta(minutes=settings.access_token_expire_minutes)
    return Started(secrets.token_urlsafe(18), now, ends_at)


def _remove_old(session: Session, now: datetime) -> None:
    over = (
        select(col(UserSession.id))
        .where(col(UserSession.ends_at) < now - KEPT)
        .order_by(col(UserSession.ends_at))
        .limit(REMOVED_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    old = list(session.scalars(over))
    if old:
        session.connection().execute(delete(UserSession).where(col(UserSession.id).in_(old)))


def find(session: Session, jti: str) -> Row[User, UserSession] | None:
    """Return the account and the session that a token belongs to, in one query."""
    query = (
        select(User, UserSession)
        .join(UserSession, col(UserSession.user_id) == col(User.id))
        .where(col(UserSession.jti) == jti)
    )
    return session.execute(query).first()


def is_valid(row: UserSession, user: User, now: datetime, idle: timedelta) -> bool:
    """Return whether a session is still good at a time."""
    return (
        row.ended_at is None
        and row.version == user.token_version
        and now < row.ends_at
        and now - row.last_used_at < idle
    )


def list_of(
    session: Session, settings: Settings, user_id: int, current: int | None = None
) -> list[SessionOut]:
    """Return a person's valid sessions, the last used first; `current` is the caller's own."""
    now, idle = times.now(), timedelta(minutes=settings.session_idle_minutes)
    query = (
        select(UserSession)
        .join(User, col(User.id) == col(UserSession.user_id))
        .where(_is_open(user_id), col(UserSession.version) == col(User.token_version))
        .where(col(UserSession.ends_at) > now, col(UserSession.last_used_at) > now - idle)
        .order_by(col(UserSession.last_used_at).desc(), col(UserSession.id).desc())
        .limit(200)
    )
    return [_out(row, current) for row in session.scalars(query)]


def _out(row: UserSession, current: int | None) -> SessionOut:
    assert row.id is not None
    return {
        "id": row.id,
        "device": row.device,
        "address": row.address,
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
        "ends_at": row.ends_at,
        "current": row.id == current,
        "passkey": row.passkey_id is not None,
    }


def _is_open(user_id: int) -> ColumnElement[bool]:
    return (col(UserSession.user_id) == user_id) & col(UserSession.ended_at).is_(None)


def end(session: Session, by: Person, session_id: int) -> int:
    """End a session: a person's own, and for team leads anyone's. Returns the id of its person.

    Raises `SessionNotFound` if there is no such open one.
    """
    is_theirs = true() if by.role == Role.TEAM_LEAD else col(UserSession.user_id) == by.id
    ended = session.connection().execute(
        update(UserSession)
        .where(col(UserSession.id) == session_id, col(UserSession.ended_at).is_(None), is_theirs)
        .values(ended_at=times.now())
        .returning(col(UserSession.user_id))
    )
    owner = ended.scalar()
    if owner is None:
        raise SessionNotFound
    return int(owner)


def end_all(session: Session, user_id: int, but: int | None = None) -> None:
    """End all sessions of a person, but one if it is given. Other tokens stay good."""
    _end(session, user_id, but)


def end_of_passkeys(
    session: Session, user_id: int, passkey_id: int | None = None, but: int | None = None
) -> None:
    """End the sessions of a person that began with a passkey, or with any, but for one."""
    began = col(UserSession.passkey_id)
    _end(session, user_id, but, began.is_not(None) if passkey_id is None else began == passkey_id)


def _end(session: Session, user_id: int, but: int | None, *which: ColumnElement[bool]) -> None:
    others = () if but is None else (col(UserSession.id) != but,)
    ended = update(UserSession).where(_is_open(user_id), *others, *which)
    session.connection().execute(ended.values(ended_at=times.now()))


def mark_two_steps(session: Session, session_id: int) -> None:
    """Note that the person of a session has just used a second factor."""
    session.connection().execute(
        update(UserSession).where(col(UserSession.id) == session_id).values(two_steps=True)
    )


def end_link(session: Session, user_id: int | None) -> None:
    """End a person's link to choose a password, if there is one."""
    session.connection().execute(delete(PasswordLink).where(col(PasswordLink.user_id) == user_id))


def sign_out_everywhere(session: Session, user_id: int, but: int | None = None) -> None:
    """End all tokens of a person except one session, including tokens without a session."""
    user = session.get_one(User, user_id, with_for_update=locks.ACCOUNT, populate_existing=True)
    end_all(session, user_id, but)
    user.token_version += 1
    session.flush()
    if but is not None:
        session.connection().execute(
            update(UserSession)
            .where(_is_open(user_id), col(UserSession.id) == but)
            .values(version=user.token_version)
        )


@dataclass(frozen=True, slots=True)
class _Use:
    at: datetime
    address: str


class LastUses:
    """Notes the last use of sessions, and writes it once in some minutes, when nobody waits.

    A request only notes. What is noted is written after its response, if the database is free at
    that moment; if it isn't, a later request tries again. Losing a note does no harm.
    """

    def __init__(self, db: Database, settings: Settings) -> None:
        self._db = db
        self.idle = timedelta(minutes=settings.session_idle_minutes)
        self._every = min(LAST_USE_EVERY, self.idle / PARTS_OF_IDLE)
        self.requires_factor = settings.require_second_factor
        self._lock = Lock()
        self._noted: dict[int, _Use] = {}
        self._not_before = 0.0

    def note(self, row: UserSession, address: str, now: datetime) -> None:
        """Note that a session is in use, unless that has been written a moment ago.

        A last use in the future is from a clock that ran ahead, and is corrected.
        """
        assert row.id is not None
        age = now - row.last_used_at
        if abs(age) >= self._every:
            self._noted[row.id] = _Use(now, address[:64] or row.address)

    @property
    def is_due(self) -> bool:
        """Whether there is something to write, and no failure a moment ago."""
        return bool(self._noted) and time.monotonic() >= self._not_before

    def write(self) -> None:
        """Write what is noted, at once or not at all. Never raises."""
        if not self.is_due or not self._lock.acquire(blocking=False):
            return
        try:
            noted = dict(self._noted)
            with self._db.write_if_free() as session:
                _write(session, noted, self._every)
            for id, use in noted.items():
                if self._noted.get(id) is use:
                    del self._noted[id]
        except (Busy, OperationalError):
            self._not_before = time.monotonic() + AFTER_BUSY
        except Exception:
            self._noted.clear()
            log.exception("The last use of sessions wasn't written")
        finally:
            self._lock.release()


def _write(session: Session, noted: dict[int, _Use], every: timedelta) -> None:
    """Write each last use, unless another server has; a row that another one holds is left out."""
    free = (
        select(col(UserSession.id), col(UserSession.last_used_at))
        .where(col(UserSession.id).in_(list(noted)))
        .with_for_update(skip_locked=True)
    )
    for id, last in session.connection().execute(free).all():
        assert id is not None
        use = noted[id]
        if abs(use.at - last) >= every:
            session.connection().execute(
                update(UserSession)
                .where(col(UserSession.id) == id)
                .values(last_used_at=use.at, address=use.address)
            )
