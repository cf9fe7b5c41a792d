"""Passkeys (WebAuthn, level 3): they sign a person in without a password, and as a second factor.

Each one is checked with the person's finger, face or PIN on their own device ("user verification"),
so it is two factors by itself. It belongs to the host of `PUBLIC_URL`, which no request can change.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import delete, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import audit, rotation, times
from backend.core.accounts import challenges, notices, second_factor, sessions
from backend.core.accounts.notices import Notice
from backend.core.audit import Event, Subject
from backend.core.database import locks
from backend.core.errors import Conflict, IncorrectPasskey, PasskeyNotFound
from backend.core.settings import Settings
from backend.models import Passkey, User
from backend.schemas.passkeys import (
    NewPasskey,
    Options,
    PasskeyAdded,
    PasskeyOut,
    Passkeys,
    SignedCredential,
)

# The most that one person can have.
MOST = 20
# Where a development server runs, and what browsers trust without TLS.
LOCAL = "localhost"
SIGN_IN = "sign in"
_PORTS = {"http": 80, "https": 443}
_NOT_ADDED = "This passkey can't be added. Start again"


def host(settings: Settings) -> str:
    """Return the host that passkeys belong to (the "relying party")."""
    return urlsplit(settings.public_url).hostname or LOCAL


def list_of(session: Session, settings: Settings, user_id: int) -> Passkeys:
    """Return a person's passkeys, the oldest first, and where passkeys work."""
    found = [_out(one) for one in _of(session, user_id)]
    return {"host": host(settings), "passkeys": found}


def begin(session: Session, settings: Settings, user_id: int) -> Options:
    """Return what a browser needs to make a passkey. Raises `Conflict` if there are too many."""
    import webauthn
    from webauthn.helpers import structs

    user, there = session.get_one(User, user_id), _of(session, user_id)
    if len(there) >= MOST:
        raise Conflict(f"You can have at most {MOST} passkeys. Remove one first")
    options = webauthn.generate_registration_options(
        rp_id=host(settings),
        rp_name=second_factor.ISSUER,
        user_name=user.email,
        user_display_name=user.full_name,
        user_id=_bytes(_handle(settings, user_id, there)),
        challenge=challenges.make(settings, _adding(user_id)),
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[
            structs.PublicKeyCredentialDescriptor(id=_bytes(one.credential_id)) for one in there
        ],
    )
    return _json(webauthn.options_to_json(options))


def add(
    session: Session, settings: Settings, user_id: int, new: NewPasskey, session_id: int | None
) -> PasskeyAdded:
    """Add a passkey to a person.

    The first second factor of a person ends their other sessions, and comes with recovery codes.
    Raises `Conflict`.
    """
    import webauthn

    credential = new.credential.model_dump()
    try:
        challenge, origin = _said(settings, _adding(user_id), credential)
        with _refused():
            made = webauthn.verify_registration_response(
                credential=credential,
                expected_challenge=challenge,
                expected_rp_id=host(settings),
                expected_origin=origin,
                require_user_verification=True,
            )
    except IncorrectPasskey as error:
        raise Conflict(_NOT_ADDED) from error
    user = session.get_one(User, user_id, with_for_update=locks.ACCOUNT)
    there = _of(session, user_id)
    if not challenges.use(session, challenge) or len(there) >= MOST:
        raise Conflict(_NOT_ADDED)
    is_first = not second_factor.is_on(session, user_id)
    passkey = Passkey(
        user_id=user_id,
        credential_id=_text(made.credential_id),
        public_key=_text(made.credential_public_key),
        user_handle=_handle(settings, user_id, there),
        sign_count=made.sign_count,
        label=new.label,
        created_at=times.now(),
    )
    session.add(passkey)
    try:
        session.flush()
    except IntegrityError as error:
        raise Conflict("This passkey was already added") from error
    codes = second_factor.start(session, user_id, session_id) if is_first else []
    _record(session, Event.PASSKEY_ADDED, user_id, user_id)
    notices.put(session, settings, Notice.PASSKEY_ADDED, user, user_id)
    return {"passkey": _out(passkey), "recovery_codes": codes}


def rename(session: Session, user_id: int, passkey_id: int, label: str) -> PasskeyOut:
    """Give a person's passkey another name. Raises `PasskeyNotFound`."""
    passkey = _own(session, user_id, passkey_id)
    passkey.label = label
    session.flush()
    return _out(passkey)


def remove(
    session: Session, settings: Settings, user_id: int, passkey_id: int, but: int | None
) -> None:
    """Remove a person's passkey, and end the sessions that began with it, but for one.

    Raises `PasskeyNotFound`.
    """
    session.delete(_own(session, user_id, passkey_id))
    session.flush()
    sessions.end_of_passkeys(session, user_id, passkey_id, but)
    second_factor.forget_codes(session, user_id)
    _record(session, Event.PASSKEY_REMOVED, user_id, user_id)
    user = session.get_one(User, user_id)
    notices.put(session, settings, Notice.PASSKEY_REMOVED, user, user_id)


def remove_all_factors(session: Session, settings: Settings, user_id: int, by: int | None) -> None:
    """Remove a person's passkeys and authenticator app, for someone who has lost their phone.

    Ends the sessions that began with a passkey. `by` is who does it, None for the command line.
    """
    second_factor.turn_off(session, settings, user_id, by)
    if _of(session, user_id):
        session.connection().execute(delete(Passkey).where(col(Passkey.user_id) == user_id))
        session.expire_all()
        sessions.end_of_passkeys(session, user_id)
        second_factor.forget_codes(session, user_id)
        _record(session, Event.PASSKEY_REMOVED, by, user_id)
        user = session.get_one(User, user_id)
        notices.put(session, settings, Notice.PASSKEY_REMOVED, user, by)


def ask(settings: Settings) -> Options:
    """Return what a browser needs to sign someone in: any passkey that it has for this host."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_authentication_options(
        rp_id=host(settings),
        challenge=challenges.make(settings, SIGN_IN),
        user_verification=structs.UserVerificationRequirement.REQUIRED,
    )
    return _json(webauthn.options_to_json(options))


def find(session: Session, credential: SignedCredential) -> tuple[Passkey, User] | None:
    """Return the passkey that a credential names, and its person."""
    query = (
        select(Passkey, User)
        .join(User, col(User.id) == col(Passkey.user_id))
        .where(col(Passkey.credential_id) == credential.id)
    )
    found = session.execute(query).first()
    return None if found is None else (found[0], found[1])


def check(settings: Settings, passkey: Passkey, credential: SignedCredential) -> tuple[bytes, int]:
    """Check what a passkey has signed. Returns the challenge and the new count of signatures.

    Raises `IncorrectPasskey`.
    """
    import webauthn

    given = credential.model_dump()
    challenge, origin = _said(settings, SIGN_IN, given)
    with _refused():
        verified = webauthn.verify_authentication_response(
            credential=given,
            expected_challenge=challenge,
            expected_rp_id=host(settings),
            expected_origin=origin,
            credential_public_key=_bytes(passkey.public_key),
            credential_current_sign_count=passkey.sign_count,
            require_user_verification=True,
        )
    if credential.response.userHandle != passkey.user_handle:
        raise IncorrectPasskey
    return challenge, verified.new_sign_count


def use(session: Session, passkey: Passkey, challenge: bytes, count: int) -> bool:
    """Note that a passkey was used. Returns False if it was removed, or for a second use at once.

    A count that isn't higher than the last one is of a copy of the passkey; those that don't count
    say 0.
    """
    is_new = or_(col(Passkey.sign_count) < count, col(Passkey.sign_count) == 0)
    used = session.connection().execute(
        update(Passkey)
        .where(col(Passkey.id) == passkey.id, is_new)
        .values(sign_count=count, last_used_at=times.now())
    )
    return used.rowcount > 0 and challenges.use(session, challenge)


def _said(settings: Settings, purpose: str, credential: dict[str, Any]) -> tuple[bytes, str]:
    """Return the challenge that was answered, and the origin of the page, both checked."""
    with _refused():
        said = json.loads(_bytes(credential["response"]["clientDataJSON"]))
        challenge, origin = _bytes(said["challenge"]), str(said["origin"])
        parts = urlsplit(origin)
    if not challenges.is_good(settings, purpose, challenge):
        raise IncorrectPasskey
    if host(settings) == LOCAL:
        # In development, whatever the port.
        is_ours = parts.hostname == LOCAL and parts.scheme in _PORTS
    else:
        is_ours = origin == _origin(settings)
    if not is_ours:
        raise IncorrectPasskey
    return challenge, origin


def _origin(settings: Settings) -> str:
    """Return the origin of the installation's pages, as browsers write it (RFC 6454)."""
    parts = urlsplit(settings.public_url)
    port = parts.port
    name = f"{parts.scheme}://{parts.hostname}"
    return name if port in (None, _PORTS.get(parts.scheme)) else f"{name}:{port}"


@contextmanager
def _refused() -> Iterator[None]:
    """Raise `IncorrectPasskey` for what the library, or a reader of bytes, doesn't take."""
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        yield
    except (WebAuthnException, LookupError, RecursionError, TypeError, ValueError) as error:
        raise IncorrectPasskey from error


def _handle(settings: Settings, user_id: int, there: list[Passkey]) -> str:
    """Return by what authenticators know a person: of two installations on a host, never one."""
    if there:
        return there[0].user_handle
    key = rotation.signing_keys(settings)[0].encode()
    return _text(hmac.digest(key, f"passkeys of {user_id}".encode(), sha256))


def _adding(user_id: int) -> str:
    return f"add to {user_id}"


def _of(session: Session, user_id: int) -> list[Passkey]:
    query = select(Passkey).where(col(Passkey.user_id) == user_id).order_by(col(Passkey.id))
    return list(session.scalars(query))


def _own(session: Session, user_id: int, passkey_id: int) -> Passkey:
    found = session.get(Passkey, passkey_id)
    if found is None or found.user_id != user_id:
        raise PasskeyNotFound
    return found


def _out(passkey: Passkey) -> PasskeyOut:
    assert passkey.id is not None
    return {
        "id": passkey.id,
        "label": passkey.label,
        "created_at": passkey.created_at,
        "last_used_at": passkey.last_used_at,
    }


def _record(session: Session, event: Event, by: int | None, user_id: int) -> None:
    audit.record(session, event, by=by, subject=Subject.USER, subject_id=user_id)


def _json(text: str) -> Options:
    options: Options = json.loads(text)
    return options


def _bytes(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
