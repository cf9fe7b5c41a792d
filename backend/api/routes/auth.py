"""Sign-in, and one's own account."""

from backend.api.operation import ANYONE, SIGNED_IN, Body, Call, Operation, Unit
from backend.core import auth, users
from backend.core.errors import Conflict, IncorrectLogin, TooManyAttempts
from backend.schemas.users import Login, NewPassword, SignedIn, UserOut


def sign_in(call: Call[None, None, Login]) -> SignedIn:
    # Imported at the first sign-in: it costs a third of the import of everything else.
    from backend.core.rate_limits import Throttle

    login = call.body
    return auth.sign_in(
        call.db, call.settings, Throttle(call.db), login.username, login.password, call.address
    )


def show_me(call: Call) -> UserOut:
    return users.show(call.session, call.person.id)


def change_my_password(call: Call[None, None, NewPassword]) -> SignedIn:
    user = users.change_own_password(call.db, call.person, call.body)
    return auth.signed_in(call.settings, user)


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
        errors=(IncorrectLogin, TooManyAttempts),
    ),
    Operation(
        name="show_me",
        method="GET",
        path="/users/me",
        summary="Show who is signed in",
        access=SIGNED_IN,
        unit=Unit.READ,
        handler=show_me,
        answer=UserOut,
    ),
    Operation(
        name="change_my_password",
        method="PUT",
        path="/users/me/password",
        summary="Change your own password; all tokens end, and a new one is returned",
        access=SIGNED_IN,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=change_my_password,
        answer=SignedIn,
        errors=(Conflict,),
    ),
)
