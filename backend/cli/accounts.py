"""The commands for accounts: `create-admin` and `set-password`."""

import sys
from argparse import Namespace
from getpass import getpass

from pydantic import ValidationError

from backend.cli.context import opened
from backend.core import audit, auth, users
from backend.core.accounts import notices, passkeys
from backend.core.accounts.notices import Notice
from backend.core.audit import Event, Subject
from backend.core.errors import BadRequest, Invalid
from backend.models import Role
from backend.schemas.users import NewUser


def create_admin(arguments: Namespace) -> int:
    """Create a team lead's account."""
    with opened(first_account=False) as (_, db):
        new = _new_admin(arguments.email, arguments.name, _password(arguments))
        with db.read() as session:
            words = users.known_words(session, new.full_name)
        hashed = users.hash_new(new.password, new.email, words)
        with db.write() as session:
            users.create(session, new, hashed)
    print(f"Created the account {new.email} (team lead).")
    return 0


def set_password(arguments: Namespace) -> int:
    """Set a new password for an account, and end its sessions."""
    with opened(first_account=False) as (settings, db):
        with db.read() as session:
            found = auth.find(session, arguments.email)
            if found is None:
                raise BadRequest(f"There is no account {arguments.email}")
            words = users.known_words(session, found.full_name)
        hashed = users.hash_new(_password(arguments), found.email, words)
        with db.write() as session:
            user = auth.find(session, arguments.email)
            if user is None:
                raise BadRequest(f"There is no account {arguments.email}")
            users.set_password(session, user, hashed)
            if arguments.remove_second_factor:
                assert user.id is not None
                session.flush()
                passkeys.remove_all_factors(session, settings, user.id, by=None)
                session.refresh(user)
            audit.record(
                session,
                Event.PASSWORD_CHANGED,
                by=None,
                subject=Subject.USER,
                subject_id=user.id,
            )
            notices.put(session, settings, Notice.PASSWORD_CHANGED, user, None)
            disabled = user.disabled
    print(f"Changed the password of {arguments.email}.")
    if disabled:
        print("The account is disabled. A team lead must enable it before it can be used.")
    return 0


def _new_admin(email: str, name: str, password: str) -> NewUser:
    try:
        return NewUser(
            email=email, full_name=name, password=password, role=Role.TEAM_LEAD, center_ids=[]
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None


def _password(arguments: Namespace) -> str:
    """Return the password from stdin, or prompt for it twice. Raises `BadRequest`."""
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadRequest("There is no terminal to type the password in: use --password-stdin")
    password = getpass("Password: ")
    if getpass("Repeat the password: ") != password:
        raise BadRequest("The passwords don't match. Nothing was changed")
    return password
