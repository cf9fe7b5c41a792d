"""Sign-in, and your own account."""

from backend.api.operation import ANYONE, SIGNED_IN, Body, Call, Operation, Unit
from backend.core import auth, users
from backend.core.accounts.sessions import Origin
from backend.core.errors import CodeNeeded, Conflict, IncorrectLogin, TooManyAttempts
from backend.core.leads import export_access
from backend.schemas.users import Login, Me, NewPassword, SignedIn


def sign_in(call: Call[None, None, Login]) -> SignedIn:
    login = call.body
    origin = Origin(call.address, call.headers.get("user-agent", ""), login.device)
    return auth.sign_in(call.db, call.settings, login.username, login.password, origin, login.otp)


def show_me(call: Call) -> Me:
    me = users.show(call.session, call.person.id)
    may_export = export_access.allows(call.settings, call.person)
    return {**me, "may_export": may_export, "timezone": call.settings.timezone}


def change_my_password(call: Call[None, None, NewPassword]) -> SignedIn:
    origin = Origin(call.address, call.headers.get("user-agent", ""))
    return users.change_own_password(call.db, call.settings, call.person, call.body, origin)


OPERATIONS = (
    Operation(
        name="sign_in",
        method="POST",
        path="/token",
        summary="Sign in",
        access=ANYONE,
        unit=Unit.MANUAL,
        body=Body.FORM,
        handler=sign_in,
        answer=SignedIn,
        errors=(IncorrectLogin, CodeNeeded, TooManyAttempts),
    ),
    Operation(
        name="show_me",
        method="GET",
        path="/users/me",
        summary="Show who is signed in",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.READ,
        handler=show_me,
        answer=Me,
    ),
    Operation(
        name="change_my_password",
        method="PUT",
        path="/users/me/password",
        summary="Change your own password; all sessions end but this one, which gets a new token",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=change_my_password,
        answer=SignedIn,
        errors=(Conflict, TooManyAttempts),
    ),
)
