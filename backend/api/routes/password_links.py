"""One-time links: team leads make them, and people choose their password with them."""

from backend.api.operation import ANYONE, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import password_links
from backend.core.accounts import confirmation
from backend.core.errors import EmailTaken, LinkNotFound, TooManyAttempts, UserNotFound
from backend.schemas.users import (
    Confirmation,
    Invitation,
    Invited,
    LinkOut,
    LinkToken,
    LinkUse,
    UserId,
)


def invite_user(call: Call[None, None, Invitation]) -> LinkOut:
    return password_links.invite(call.db, call.settings, call.person, call.body)


def make_password_link(call: Call[UserId, None, Confirmation]) -> LinkOut:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    return password_links.reset(call.db, call.settings, call.person, call.path.id)


def show_password_link(call: Call[None, None, LinkToken]) -> Invited:
    return password_links.show(call.session, call.body.link)


def use_password_link(call: Call[None, None, LinkUse]) -> Invited:
    used = call.body
    return password_links.use(call.db, call.settings, used.link, used.password, call.address)


OPERATIONS = (
    Operation(
        name="invite_user",
        method="POST",
        path="/users/invitations",
        summary="Add a user who chooses their own password, and get the link for it",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=invite_user,
        answer=LinkOut,
        errors=(EmailTaken,),
    ),
    Operation(
        name="make_password_link",
        method="POST",
        path="/users/{id}/password-link",
        summary="Get a link with which a person sets a new password",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=make_password_link,
        answer=LinkOut,
        errors=(UserNotFound, TooManyAttempts),
    ),
    Operation(
        name="show_password_link",
        method="POST",
        path="/password-links/show",
        summary="Show who a link is for",
        access=ANYONE,
        unit=Unit.READ,
        body=Body.JSON,
        handler=show_password_link,
        answer=Invited,
        errors=(LinkNotFound,),
    ),
    Operation(
        name="use_password_link",
        method="POST",
        path="/password-links/use",
        summary="Choose a password with a link; all sessions of the account end",
        access=ANYONE,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=use_password_link,
        answer=Invited,
        errors=(LinkNotFound, TooManyAttempts),
    ),
)
