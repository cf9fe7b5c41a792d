"""Two-step sign-in: an authenticator app as a second factor, with recovery codes."""

from backend.api.operation import SIGNED_IN, TEAM_LEAD, Body, Call, Operation, Unit
from backend.core import users
from backend.core.accounts import confirmation, passkeys, second_factor
from backend.core.errors import Conflict, TooManyAttempts, UserNotFound
from backend.schemas.users import (
    Code,
    Confirmation,
    FactorState,
    NewFactor,
    RecoveryCodes,
    UserId,
)


def show_my_factor(call: Call) -> FactorState:
    return second_factor.show(call.session, call.settings, call.person.id, call.person.role)


def begin_my_factor(call: Call[None, None, Confirmation]) -> NewFactor:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    with call.db.write() as session:
        return second_factor.begin(session, call.person.id)


def confirm_my_factor(call: Call[None, None, Code]) -> RecoveryCodes:
    me = call.person
    codes = second_factor.confirm(call.session, call.settings, me.id, call.body.code, me.session_id)
    return {"recovery_codes": codes}


def remove_my_factor(call: Call[None, None, Confirmation]) -> dict[str, str]:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    with call.db.write() as session:
        second_factor.turn_off(session, call.settings, call.person.id, call.person.id)
    return {"status": "removed"}


def renew_my_codes(call: Call[None, None, Confirmation]) -> RecoveryCodes:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    with call.db.write() as session:
        codes = second_factor.renew_codes(session, call.settings, call.person.id)
    return {"recovery_codes": codes}


def remove_factor(call: Call[UserId, None, Confirmation]) -> dict[str, str]:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    with call.db.write() as session:
        users.show(session, call.path.id)
        passkeys.remove_all_factors(session, call.settings, call.path.id, call.person.id)
    return {"status": "removed"}


OPERATIONS = (
    Operation(
        name="show_my_factor",
        method="GET",
        path="/users/me/second-factor",
        summary="Show whether you sign in with an authenticator app or passkeys",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.READ,
        handler=show_my_factor,
        answer=FactorState,
    ),
    Operation(
        name="begin_my_factor",
        method="POST",
        path="/users/me/second-factor",
        summary="Get a secret for an authenticator app",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=begin_my_factor,
        answer=NewFactor,
        errors=(Conflict, TooManyAttempts),
    ),
    Operation(
        name="confirm_my_factor",
        method="POST",
        path="/users/me/second-factor/confirm",
        summary="Turn the second factor on with a first code, and get recovery codes",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=confirm_my_factor,
        answer=RecoveryCodes,
        errors=(Conflict,),
    ),
    Operation(
        name="remove_my_factor",
        method="POST",
        path="/users/me/second-factor/remove",
        summary="Remove your authenticator app; passkeys stay",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=remove_my_factor,
        answer=dict[str, str],
        errors=(TooManyAttempts,),
    ),
    Operation(
        name="renew_my_codes",
        method="POST",
        path="/users/me/second-factor/recovery-codes",
        summary="Get new recovery codes; the old ones stop working",
        access=SIGNED_IN,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=renew_my_codes,
        answer=RecoveryCodes,
        errors=(Conflict, TooManyAttempts),
    ),
    Operation(
        name="remove_factor",
        method="POST",
        path="/users/{id}/second-factor/remove",
        summary="Turn off a person's lost second factor, and remove their passkeys",
        access=TEAM_LEAD,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=remove_factor,
        answer=dict[str, str],
        errors=(UserNotFound, TooManyAttempts),
    ),
)
