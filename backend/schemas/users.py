"""Users and sign-in, as they come in."""

from typing import Annotated

from pydantic import AliasChoices, Field
from typing_extensions import TypedDict

from backend.models import Role
from backend.schemas.fields import Email, Id, Line, Name, Password, Schema

CenterIds = Annotated[list[Id], Field(max_length=10_000)]


class Login(Schema):
    """The form of `POST /token`; `username` is the email, and `email` is taken for it."""

    username: Line = Field(validation_alias=AliasChoices("username", "email"))
    password: Password


class SignedIn(TypedDict):
    """What a sign-in answers."""

    access_token: str
    token_type: str
    role: str


class NewUser(Schema):
    """An account to make."""

    email: Email
    password: Password
    full_name: Name
    role: Role
    center_ids: CenterIds


# As scripts call it.
UserCreateSchema = NewUser


class UserOut(TypedDict):
    """A user as it is answered; never a password or its hash."""

    id: int
    email: str
    full_name: str
    role: str
    disabled: bool
    center_ids: list[int]


class UserId(Schema):
    """The path of one user."""

    id: Id


class UserChange(Schema):
    """What to change of an account; what is not given, or null, stays."""

    full_name: Name | None = None
    role: Role | None = None
    center_ids: CenterIds | None = None
    disabled: bool | None = None
    password: Password | None = None


class NewPassword(Schema):
    """One's own password, and the one to come."""

    current_password: Password
    password: Password
