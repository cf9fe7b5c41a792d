"""Accounts, for whoever runs the host."""

import sys
from argparse import Namespace
from getpass import getpass

from pydantic import ValidationError

from backend.cli.context import opened
from backend.core import auth, users
from backend.core.errors import BadRequest, Invalid
from backend.models import Role
from backend.schemas.users import NewUser


def create_admin(arguments: Namespace) -> int:
    """Makes an account for a team lead."""
    with opened(first_account=False) as (_, db):
        new = _new_admin(arguments.email, arguments.name, _password(arguments))
        hashed = users.hash_new(new.password, new.email)
        with db.write() as session:
            users.create(session, new, hashed)
    print(f"{new.email} can sign in now, as a team lead.")
    return 0


def set_password(arguments: Namespace) -> int:
    """Gives an account a new password; who is signed in to it no longer is."""
    with opened(first_account=False) as (_, db):
        with db.read() as session:
            found = auth.find(session, arguments.email)
        if found is None:
            raise BadRequest(f"There is no account {arguments.email}")
        hashed = users.hash_new(_password(arguments), found.email)
        with db.write() as session:
            user = auth.find(session, arguments.email)
            if user is None:
                raise BadRequest(f"There is no account {arguments.email}")
            users.set_password(user, hashed)
            disabled = user.disabled
    print(f"The password of {arguments.email} is changed.")
    if disabled:
        print("The account is disabled: before it is of use, a team lead has to enable it.")
    return 0


def _new_admin(email: str, name: str, password: str) -> NewUser:
    try:
        return NewUser(
            email=email, full_name=name, password=password, role=Role.TEAM_LEAD, center_ids=[]
        )
    except ValidationError as error:
        raise Invalid.of(error, "body") from None


def _password(arguments: Namespace) -> str:
    """From stdin, or asked for twice. Raises `BadRequest`."""
    if arguments.password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise BadRequest("There is no terminal to ask for the password: use --password-stdin")
    password = getpass("Password: ")
    if getpass("The same again: ") != password:
        raise BadRequest("The passwords don't match: nothing is changed")
    return password
