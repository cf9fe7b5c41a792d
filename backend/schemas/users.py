"""Users and sign-in: the input and output of their routes."""

from datetime import datetime
from typing import Annotated

from pydantic import AliasChoices, Field, StrictBool
from typing_extensions import TypedDict

from backend.models import Role
from backend.schemas.fields import BodyId, Email, Id, Line, Name, Password, Schema

CenterIds = Annotated[list[BodyId], Field(max_length=10_000)]


class Login(Schema):
    """The form of `POST /token`. `username` is the email; the name `email` works too."""

    username: Line = Field(validation_alias=AliasChoices("username", "email"))
    password: Password
    # A text that only this device has, at least 20 characters: see docs/sign-in.md.
    device: Line | None = None
    # The code of an authenticator app, or a recovery code.
    otp: Line | None = None


class SignedIn(TypedDict):
    """The answer to a sign-in."""

    access_token: str
    token_type: str
    role: str


class SessionOut(TypedDict):
    """A sign-in that is still good. `current` is the one that asks. Times are UTC.

    `passkey` says whether it began with a passkey.
    """

    id: int
    device: str
    address: str
    created_at: datetime
    last_used_at: datetime
    ends_at: datetime
    current: bool
    passkey: bool


class SessionId(Schema):
    """The path parameter of a session."""

    id: Id


class NewUser(Schema):
    """An account to add."""

    email: Email
    password: Password
    full_name: Name
    role: Role
    center_ids: CenterIds


class Invitation(Schema):
    """An account to add, whose person chooses the password."""

    email: Email
    full_name: Name
    role: Role
    center_ids: CenterIds


class Confirmation(Schema):
    """The current password of the person who makes a change."""

    current_password: Password | None = None


class Code(Schema):
    """The first code of a new authenticator app."""

    code: Line


class NewFactor(TypedDict):
    """What an authenticator app needs: `qr` has the rows of the QR code of `uri`, as 0 and 1."""

    secret: str
    uri: str
    qr: list[str]


class FactorState(TypedDict):
    """Whether a person has an authenticator app, how many recovery codes are left, and passkeys."""

    enabled: bool
    required: bool
    recovery_codes: int
    passkeys: int


class RecoveryCodes(TypedDict):
    """The recovery codes, shown once."""

    recovery_codes: list[str]


class LinkToken(Schema):
    """A one-time link: the part of its address that only its person has."""

    link: Line


class LinkUse(LinkToken):
    """A one-time link, and the password that its person has chosen."""

    password: Password


class LinkOut(TypedDict):
    """A one-time link: `path` follows the installation's address. `problem` says why it isn't sent.

    `problem` is also null if there is no mail server.
    """

    user_id: int
    path: str
    expires_at: datetime
    sent: bool
    problem: str | None


class Invited(TypedDict):
    """Who a one-time link is for."""

    email: str
    full_name: str
    expires_at: datetime


# The name that scripts use.
UserCreateSchema = NewUser


class UserOut(TypedDict):
    """A user. Never contains a password or its hash."""

    id: int
    email: str
    full_name: str
    role: str
    disabled: bool
    center_ids: list[int]


class Me(UserOut):
    """The person who is signed in, whether they may export leads, and the academy's time zone."""

    may_export: bool
    timezone: str


class UserId(Schema):
    """The path parameter of one user."""

    id: Id


class UserChange(Schema):
    """Changes to an account. Fields that are missing or null stay as they are."""

    full_name: Name | None = None
    email: Email | None = None
    role: Role | None = None
    center_ids: CenterIds | None = None
    disabled: StrictBool | None = None
    password: Password | None = None
    # Of the person who makes the change, for another email, role or password.
    current_password: Password | None = None
    leads_to: list[BodyId] | None = Field(
        None,
        max_length=100,
        description="Who gets the open leads that the person may not own any more, each about as "
        "many. Without anyone, the queues of the centers get them.",
    )
    leads_by_rule: StrictBool | None = Field(
        None,
        description="Whether the assignment rules say who gets these leads. Those that no rule is "
        "for, and those that nobody is there for, go to the queues.",
    )


class NewPassword(Schema):
    """The current password of the signed-in person, and the new one."""

    current_password: Password
    password: Password
