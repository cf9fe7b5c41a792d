"""Passkeys: your own, and signing in with one."""

from backend.api.operation import ANYONE, SIGNED_IN, Body, Call, Operation, Unit
from backend.core import passkey_sign_in
from backend.core.accounts import confirmation, passkeys
from backend.core.accounts.sessions import Origin
from backend.core.errors import Conflict, IncorrectPasskey, PasskeyNotFound, TooManyAttempts
from backend.schemas.passkeys import (
    NewPasskey,
    Options,
    PasskeyAdded,
    PasskeyId,
    PasskeyLabel,
    PasskeyLogin,
    PasskeyOut,
    Passkeys,
)
from backend.schemas.users import Confirmation, SignedIn


def list_my_passkeys(call: Call) -> Passkeys:
    return passkeys.list_of(call.session, call.settings, call.person.id)


def begin_my_passkey(call: Call[None, None, Confirmation]) -> Options:
    confirmation.confirm(call.db, call.settings, call.person.id, call.body.current_password)
    with call.db.read() as session:
        return passkeys.begin(session, call.settings, call.person.id)


def add_my_passkey(call: Call[None, None, NewPasskey]) -> PasskeyAdded:
    me = call.person
    return passkeys.add(call.session, call.settings, me.id, call.body, me.session_id)


def rename_my_passkey(call: Call[PasskeyId, None, PasskeyLabel]) -> PasskeyOut:
    return passkeys.rename(call.session, call.person.id, call.path.id, call.body.label)


def remove_my_passkey(call: Call[PasskeyId, None, Confirmation]) -> dict[str, str]:
    me = call.person
    confirmation.confirm(call.db, call.settings, me.id, call.body.current_password)
    with call.db.write() as session:
        passkeys.remove(session, call.settings, me.id, call.path.id, me.session_id)
    return {"status": "removed"}


def begin_passkey_sign_in(call: Call) -> Options:
    return passkeys.ask(call.settings)


def sign_in_with_passkey(call: Call[None, None, PasskeyLogin]) -> SignedIn:
    login = call.body
    origin = Origin(call.address, call.headers.get("user-agent", ""), login.device)
    return passkey_sign_in.sign_in(call.db, call.settings, login.credential, origin)


OPERATIONS = (
    Operation(
        name="list_my_passkeys",
        method="GET",
        path="/users/me/passkeys",
        summary="List your passkeys",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.READ,
        handler=list_my_passkeys,
        answer=Passkeys,
    ),
    Operation(
        name="begin_my_passkey",
        method="POST",
        path="/users/me/passkeys/options",
        summary="Get what a browser needs to make a passkey",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=begin_my_passkey,
        answer=Options,
        errors=(Conflict, TooManyAttempts),
    ),
    Operation(
        name="add_my_passkey",
        method="POST",
        path="/users/me/passkeys",
        summary="Add a passkey that a browser has made; the first one comes with recovery codes",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=add_my_passkey,
        answer=PasskeyAdded,
        errors=(Conflict,),
    ),
    Operation(
        name="rename_my_passkey",
        method="PATCH",
        path="/users/me/passkeys/{id}",
        summary="Give one of your passkeys another name",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.WRITE,
        body=Body.JSON,
        handler=rename_my_passkey,
        answer=PasskeyOut,
        errors=(PasskeyNotFound,),
    ),
    Operation(
        name="remove_my_passkey",
        method="POST",
        path="/users/me/passkeys/{id}/remove",
        summary="Remove one of your passkeys, and end the sessions that began with it",
        access=SIGNED_IN,
        before_setup=True,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=remove_my_passkey,
        answer=dict[str, str],
        errors=(PasskeyNotFound, TooManyAttempts),
    ),
    Operation(
        name="begin_passkey_sign_in",
        method="POST",
        path="/token/passkey/options",
        summary="Get what a browser needs to sign in with a passkey",
        access=ANYONE,
        unit=Unit.NONE,
        handler=begin_passkey_sign_in,
        answer=Options,
    ),
    Operation(
        name="sign_in_with_passkey",
        method="POST",
        path="/token/passkey",
        summary="Sign in with a passkey, without a password",
        access=ANYONE,
        unit=Unit.MANUAL,
        body=Body.JSON,
        handler=sign_in_with_passkey,
        answer=SignedIn,
        errors=(IncorrectPasskey, TooManyAttempts),
    ),
)
