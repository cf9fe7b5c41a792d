"""People: who has an account, with which role, at which centers."""

from collections.abc import Sequence
from typing import cast

from pydantic import ValidationError
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import auth, installation, passwords
from backend.core.access import Person
from backend.core.auth import email_key
from backend.core.database import rows
from backend.core.db import Database
from backend.core.errors import Conflict, EmailTaken, Forbidden, Invalid, UserNotFound
from backend.models import Center, Role, User, UserCenterLink
from backend.schemas.users import NewPassword, NewUser, UserChange, UserOut


def list_all(session: Session) -> list[UserOut]:
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
    """Raises `UserNotFound`."""
    user = session.get(User, user_id)
    if user is None:
        raise UserNotFound
    return _out(session, user)


def create(session: Session, new: NewUser, hashed: str) -> None:
    """Makes an account; `hashed` is what `hash_new` makes of its password.

    Raises `EmailTaken`, and `Invalid` for no such center.
    """
    user = add(
        session,
        email=new.email,
        hashed=hashed,
        full_name=new.full_name,
        role=new.role,
    )
    _link(session, user, new.center_ids)


def add(session: Session, *, email: str, hashed: str, full_name: str, role: Role) -> User:
    """An account without centers. Raises `EmailTaken`."""
    user = User(
        email=email,
        email_key=email_key(email),
        hashed_password=hashed,
        full_name=full_name,
        role=role,
    )
    session.add(user)
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken from error
    return user


def change(
    session: Session, by: Person, user_id: int, change: UserChange, hashed: str | None = None
) -> UserOut:
    """Changes what is given. Raises `UserNotFound`, `Invalid`, and `Forbidden`.

    `hashed` is what `hash_new` makes of a new password.

    A new password and a disabled account end the user's tokens; a new role holds at once, since it
    is read at each request. One can't take one's own role or account away: somebody must be left
    to give it back.
    """
    # Both rows at once, in one order: two team leads can't put each other out at the same time.
    both = select(User).where(col(User.id).in_((user_id, by.id))).order_by(col(User.id))
    both = both.with_for_update().execution_options(populate_existing=True)
    locked = {user.id: user for user in session.scalars(both)}
    user = locked.get(user_id)
    if user is None:
        raise UserNotFound
    if locked[by.id].disabled or locked[by.id].role != Role.TEAM_LEAD:
        raise Forbidden
    given = change.model_dump(exclude_unset=True)
    if user.id == by.id and (change.disabled or given.get("role", user.role) != user.role):
        raise Invalid.at("body", msg="Ask another team lead to change your own role or access")
    for name in ("full_name", "role", "disabled"):
        if given.get(name) is not None:
            setattr(user, name, given[name])
    if hashed is not None:
        set_password(user, hashed)
    if change.disabled:
        user.token_version += 1
    if change.center_ids is not None:
        session.connection().execute(
            delete(UserCenterLink).where(col(UserCenterLink.user_id) == user.id)
        )
        _link(session, user, change.center_ids)
    session.flush()
    return _out(session, user)


def change_own_password(db: Database, person: Person, new: NewPassword) -> User:
    """Changes one's own password, and ends one's tokens. Raises `Invalid`."""
    with db.read() as session:
        current = session.get_one(User, person.id).hashed_password
    if not passwords.verify(new.current_password, current)[0]:
        raise _wrong_password()
    hashed = hash_new(new.password, person.email)
    with db.write() as session:
        user = session.get_one(User, person.id, with_for_update=True)
        if user.hashed_password != current:
            raise Conflict("Your password was changed in the meantime. Sign in again")
        set_password(user, hashed)
    return user


def _wrong_password() -> Invalid:
    return Invalid.at("body", "current_password", msg="Enter the password that you use now")


def hash_new(password: str, email: str) -> str:
    """Return the hash of a new password. Raises `Invalid` for a poor one.

    It takes a tenth of a second: no transaction and no connection should wait for it.
    """
    check_password(password, email)
    return passwords.hash(password)


def set_password(user: User, hashed: str) -> None:
    """Gives a user a password, as `hash_new` makes it, and ends their tokens."""
    user.hashed_password = hashed
    user.token_version += 1


def check_password(password: str, email: str) -> None:
    """Raises `Invalid` for a password that must not be used."""
    if faults := passwords.faults(password, email):
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
    """Return the account of an email, in whatever case, or None."""
    return None if email is None else auth.find(db, email)


def get_user_by_id(db: Session, user_id: int) -> User | None:
    """Return the account, or None."""
    return db.get(User, user_id)


def get_all_users(db: Session) -> list[User]:
    """Return all accounts, in the order of their ids."""
    return list(db.scalars(select(User).order_by(col(User.id))))


def create_user(
    db: Session, email: str, password: str, full_name: str, role: str, center_ids: Sequence[int]
) -> User:
    """Make an account as `POST /users/` does, and commit.

    Raises `EmailTaken`, and `Invalid` for a poor password, an unknown role or center.
    """
    try:
        new = NewUser(
            email=email,
            password=password,
            full_name=full_name,
            role=cast(Role, role),
            center_ids=list(center_ids),
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None
    hashed = hash_new(new.password, new.email)
    with installation.writing(db):
        create(db, new, hashed)
    user = auth.find(db, new.email)
    assert user is not None
    return user


def verify_user_credentials(db: Session, email: str | None, password: str | None) -> User | None:
    """Return the account if the password is right and it isn't disabled, or None.

    It takes equally long if there is no such account. A hash that has aged is replaced, and that is
    committed. Failures aren't counted: a page that strangers reach should use `POST /token`.
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
