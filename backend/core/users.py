"""User accounts, with their roles and centers."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlmodel import Session, col

from backend.core import audit, auth, installation, passwords
from backend.core.access import Person
from backend.core.accounts import addresses, confirmation, login_limits, notices, sessions
from backend.core.accounts.notices import Notice
from backend.core.accounts.sessions import Origin
from backend.core.audit import Event, Subject
from backend.core.auth import email_key
from backend.core.database import locks, rows
from backend.core.db import Database
from backend.core.errors import Conflict, Forbidden, Invalid, UserNotFound
from backend.core.settings import Settings
from backend.models import Center, Role, User, UserCenterLink
from backend.schemas.users import Invitation, NewPassword, NewUser, SignedIn, UserChange, UserOut


def list_all(session: Session) -> list[UserOut]:
    """Return all users, in the order of their ids."""
    query = select(
        col(User.id), col(User.email), col(User.full_name), col(User.role), col(User.disabled)
    ).order_by(col(User.id))
    found = rows.fetch(session, query)
    links = select(col(UserCenterLink.user_id), col(UserCenterLink.center_id)).order_by(
        col(UserCenterLink.center_id)
    )
    centers: dict[int, list[int]] = {}
    for user_id, center_id in session.connection().execute(links):
        centers.setdefault(user_id, []).append(center_id)
    return cast(list[UserOut], [one | {"center_ids": centers.get(one["id"], [])} for one in found])


def show(session: Session, user_id: int) -> UserOut:
    """Return one user. Raises `UserNotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise UserNotFound
    return _out(session, user)


def create(session: Session, new: NewUser | Invitation, hashed: str, by: int | None = None) -> User:
    """Add an account with its centers. `hashed` is the password's hash, from `hash_new`.

    `by` is who adds it, None for the command line and for scripts. Raises `EmailTaken`, and
    `Invalid` if a center doesn't exist.
    """
    user = add(
        session,
        email=new.email,
        hashed=hashed,
        full_name=new.full_name,
        role=new.role,
    )
    _link(session, user, new.center_ids)
    centers = sorted(new.center_ids)
    _record(session, Event.USER_CREATED, by, user, role=new.role.value, center_ids=centers)
    return user


def _record(session: Session, event: Event, by: int | None, user: User, **data: Any) -> None:
    audit.record(session, event, by=by, subject=Subject.USER, subject_id=user.id, **data)


def add(session: Session, *, email: str, hashed: str, full_name: str, role: Role) -> User:
    """Add an account without centers. Raises `EmailTaken`."""
    user = User(
        email=email,
        email_key=email_key(email),
        hashed_password=hashed,
        full_name=full_name,
        role=role,
    )
    session.add(user)
    addresses.take(session, user)
    return user


def change(
    session: Session,
    settings: Settings,
    by: Person,
    user_id: int,
    change: UserChange,
    hashed: str | None = None,
) -> UserOut:
    """Update the given fields of a user. `hashed` is a new password's hash, from `hash_new`.

    A new password or email, or disabling the account, ends the user's tokens and their link to
    choose a password. A new role ends their sessions; it applies at once to tokens without one,
    since it is read on each request. Team leads can't change their own role or disable themselves:
    someone must be left who can restore their access.

    Raises `UserNotFound`, `Invalid`, `Forbidden` and `EmailTaken`.
    """
    user = _to_change(session, by, user_id)
    given = change.model_dump(exclude_unset=True)
    was = {"role": user.role, "disabled": user.disabled, "email": user.email}
    if user.id == by.id and (change.disabled or given.get("role", user.role) != user.role):
        raise Invalid.at("body", msg="Ask another team lead to change your own role or access")
    if given.get("role", user.role) not in (None, user.role):
        sessions.end_all(session, user_id)
    for name in ("full_name", "role", "disabled"):
        if given.get(name) is not None:
            setattr(user, name, given[name])
    if hashed is not None:
        set_password(session, user, hashed)
        notices.put(session, settings, Notice.PASSWORD_CHANGED, user, by.id)
    if change.disabled:
        user.token_version += 1
        sessions.end_link(session, user.id)
    if change.center_ids is not None:
        session.connection().execute(
            delete(UserCenterLink).where(col(UserCenterLink.user_id) == user.id)
        )
        _link(session, user, change.center_ids)
    if change.email is not None:
        addresses.change(session, settings, user, change.email, by.id)
    session.flush()
    _record_change(session, by, user, change, was)
    return _out(session, user)


def _to_change(session: Session, by: Person, user_id: int) -> User:
    # Lock both rows in one order, so that two team leads can't disable each other at once.
    both = select(User).where(col(User.id).in_((user_id, by.id))).order_by(col(User.id))
    both = both.with_for_update(**locks.ACCOUNT).execution_options(populate_existing=True)
    locked = {user.id: user for user in session.scalars(both)}
    user = locked.get(user_id)
    if user is None:
        raise UserNotFound
    if locked[by.id].disabled or locked[by.id].role != Role.TEAM_LEAD:
        raise Forbidden
    return user


def _record_change(
    session: Session, by: Person, user: User, change: UserChange, was: Mapping[str, Any]
) -> None:
    """Record what was changed: for roles and access from what to what, else the field's name."""
    data: dict[str, Any] = {
        name: [was[name], getattr(user, name)]
        for name in ("role", "disabled")
        if getattr(user, name) != was[name]
    }
    if change.center_ids is not None:
        data["center_ids"] = sorted(change.center_ids)
    fields = change.model_fields_set - {"password", "current_password"}
    if user.email == was["email"]:
        fields -= {"email"}
    if fields:
        _record(session, Event.USER_CHANGED, by.id, user, fields=sorted(fields), **data)
    if change.password is not None:
        _record(session, Event.PASSWORD_CHANGED, by.id, user)


def change_own_password(
    db: Database, settings: Settings, person: Person, new: NewPassword, origin: Origin
) -> SignedIn:
    """Change a person's own password, and end all their sessions but this one.

    Returns a new token for the session; the one before is no longer good. Raises `Invalid`,
    `TooManyAttempts` and `Conflict`.
    """
    current = confirmation.confirm(db, settings, person.id, new.current_password)
    with db.read() as session:
        words = known_words(session, session.get_one(User, person.id).full_name)
    hashed = hash_new(new.password, person.email, words)
    with db.write() as session:
        user = session.get_one(User, person.id, with_for_update=locks.ACCOUNT)
        if user.hashed_password != current:
            raise Conflict("Your password has just been changed. Sign in again")
        set_password(session, user, hashed)
        _record(session, Event.PASSWORD_CHANGED, person.id, user)
        notices.put(session, settings, Notice.PASSWORD_CHANGED, user, person.id)
        session.flush()
        sessions.end_all(session, person.id, person.session_id)
        if person.session_id is None:
            started = sessions.start(session, settings, user, origin)
        else:
            started = sessions.renew(session, settings, user, person.session_id)
    return auth.signed_in(settings, user, started)


def known_words(session: Session, full_name: str) -> frozenset[str]:
    """Return the words that a person's password must not consist of: their name, the centers'."""
    names = select(col(Center.display_name), col(Center.meta_tag_name), col(Center.city))
    rows = session.connection().execute(names)
    return passwords.words_in(full_name, *(text or "" for row in rows for text in row))


def unlock(session: Session, user_id: int) -> None:
    """Lift the limits on a person's sign-in. Raises `UserNotFound`."""
    login_limits.lift(session, user_id, show(session, user_id)["email"])


def hash_new(password: str, email: str, words: Iterable[str] = ()) -> str:
    """Return the hash of a new password. Raises `Invalid` if the password is too weak.

    `words` are from `known_words`. Takes about 0.1 seconds: call it outside a transaction, without
    holding a connection.
    """
    check_password(password, email, words)
    return passwords.hash(password)


def set_password(session: Session, user: User, hashed: str) -> None:
    """Set a user's password to a hash from `hash_new`, and end their tokens.

    A link to choose a password ends, too: someone else may have it.
    """
    user.hashed_password = hashed
    user.token_version += 1
    sessions.end_link(session, user.id)


def check_password(password: str, email: str, words: Iterable[str] = ()) -> None:
    """Check a new password. Raises `Invalid` if it is too weak."""
    if faults := passwords.faults(password, email, words):
        raise Invalid(faults)


def _link(session: Session, user: User, center_ids: Sequence[int]) -> None:
    assert user.id is not None
    wanted = sorted(set(center_ids))
    known = set(session.scalars(select(col(Center.id)).where(col(Center.id).in_(wanted))))
    if missing := [id for id in wanted if id not in known]:
        listed = ", ".join(map(str, missing[:10]))
        raise Invalid.at("body", "center_ids", msg=f"Choose centers that exist, not {listed}")
    session.add_all(UserCenterLink(user_id=user.id, center_id=id) for id in wanted)


def _out(session: Session, user: User) -> UserOut:
    assert user.id is not None
    centers = select(col(UserCenterLink.center_id)).where(col(UserCenterLink.user_id) == user.id)
    return {
        "id": user.id,
        "email": user.email,
        "full_name": user.full_name,
        "role": user.role,
        "disabled": user.disabled,
        "center_ids": sorted(session.scalars(centers)),
    }


def get_user_by_email(db: Session, email: str | None) -> User | None:
    """Return the account with this email, ignoring case, or None."""
    return None if email is None else auth.find(db, email)


def get_user_by_id(db: Session, user_id: int | None) -> User | None:
    """Return the account, or None."""
    return None if user_id is None else db.get(User, user_id)


def get_all_users(db: Session) -> list[User]:
    """Return all accounts, in the order of their ids."""
    return list(db.scalars(select(User).order_by(col(User.id))))


def create_user(
    db: Session,
    email: str,
    password: str,
    full_name: str,
    role: str,
    center_ids: Sequence[int] | None,
) -> User:
    """Add an account as `POST /users/` does, and commit. None stands for no centers.

    Raises `EmailTaken`, and `Invalid` for a weak password, an unknown role or an unknown center.
    """
    try:
        new = NewUser(
            email=email,
            password=password,
            full_name=full_name,
            role=cast(Role, role),
            center_ids=list(center_ids or ()),
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
    hashed = hash_new(new.password, new.email, known_words(db, new.full_name))
    with installation.writing(db):
        create(db, new, hashed)
    user = auth.find(db, new.email)
    assert user is not None
    return user


def verify_user_credentials(db: Session, email: str | None, password: str | None) -> User | None:
    """Return the account if it is enabled and the password is correct, or None.

    Takes just as long if there is no such account. Replaces an outdated hash, and commits that.
    Doesn't limit failed attempts: a public page should use `POST /token` instead.
    """
    if email is None or password is None:
        return None
    user = auth.find(db, email)
    right, new_hash = passwords.verify(password, user.hashed_password if user else None)
    if user is None or not right or user.disabled:
        return None
    if new_hash:
        old_hash = user.hashed_password
        with installation.writing(db):
            db.connection().execute(
                update(User)
                .where(col(User.id) == user.id, col(User.hashed_password) == old_hash)
                .values(hashed_password=new_hash)
            )
        db.refresh(user)
    return user
