"""A second factor: the codes of an authenticator app (RFC 6238), and recovery codes.

Passkeys are one as well: see `passkeys`. Recovery codes stand in for either.

A code is good in the 30 seconds that it belongs to and one such step before and after, and once. A
recovery code is good once, whenever that is.
"""

import secrets
from hashlib import sha256
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, or_, update
from sqlmodel import Session, col, select

from backend.core import audit, times
from backend.core.accounts import notices, sessions
from backend.core.accounts.notices import Notice
from backend.core.audit import Event, Subject
from backend.core.database import locks
from backend.core.errors import CodeNeeded, Conflict, Invalid, PasskeyNeeded
from backend.core.settings import Settings
from backend.models import Passkey, RecoveryCode, Role, SecondFactor, User
from backend.schemas.users import FactorState, NewFactor

if TYPE_CHECKING:
    import pyotp

ISSUER = "TOFA CRM"
STEP = 30
DIGITS = 6
# How many recovery codes there are.
CODES = 10
# 24 of 32 letters are 120 bits, which ASVS 5.0, V6.5.2, takes for enough without a slow hash.
CODE_LENGTH = 24
# No two of these look alike.
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"


def is_on(session: Session, user_id: int | None) -> bool:
    """Return whether a person signs in with a second factor."""
    return has_app(session, user_id) or has_passkey(session, user_id)


def has_passkey(session: Session, user_id: int | None) -> bool:
    """Return whether a person has a passkey."""
    return _passkeys(session, user_id) > 0


def _passkeys(session: Session, user_id: int | None) -> int:
    own = select(func.count(col(Passkey.id))).where(col(Passkey.user_id) == user_id)
    return session.exec(own).one()


def has_app(session: Session, user_id: int | None) -> bool:
    """Return whether a person has an authenticator app."""
    query = select(SecondFactor.user_id).where(
        col(SecondFactor.user_id) == user_id, col(SecondFactor.confirmed_at).is_not(None)
    )
    return session.exec(query).first() is not None


def show(session: Session, settings: Settings, user_id: int, role: str) -> FactorState:
    """Return the state of a person's second factors."""
    left = select(func.count(col(RecoveryCode.id))).where(
        col(RecoveryCode.user_id) == user_id, col(RecoveryCode.used_at).is_(None)
    )
    return {
        "enabled": has_app(session, user_id),
        "required": settings.require_second_factor and role == Role.TEAM_LEAD,
        "recovery_codes": session.exec(left).one(),
        "passkeys": _passkeys(session, user_id),
    }


def begin(session: Session, user_id: int) -> NewFactor:
    """Return a new secret for an authenticator app. It counts once a code of it is confirmed.

    Raises `Conflict` if the person has one already.
    """
    import pyotp
    import segno

    if has_app(session, user_id):
        raise Conflict("Two-step sign-in is already on. Turn it off first")
    user = session.get_one(User, user_id)
    secret = pyotp.random_base32()
    _forget(session, SecondFactor, user_id)
    session.add(SecondFactor(user_id=user_id, secret=secret, created_at=times.now()))
    uri = pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=ISSUER)
    rows = segno.make(uri, error="m", micro=False).matrix
    return {"secret": secret, "uri": uri, "qr": ["".join(map(str, row)) for row in rows]}


def confirm(
    session: Session, settings: Settings, user_id: int, code: str, session_id: int | None
) -> list[str]:
    """Turn the second factor on with the first code of the app. Returns the recovery codes.

    Ends the person's other sessions. Raises `Invalid` if the code is wrong, and `Conflict`.
    """
    user = session.get_one(User, user_id, with_for_update=locks.ACCOUNT)
    factor = session.get(SecondFactor, user_id, with_for_update=True)
    if factor is None or factor.confirmed_at is not None:
        raise Conflict("There is no new authenticator app to confirm. Start again")
    step = _step_of(factor.secret, code)
    if step is None:
        raise Invalid.at("body", "code", msg="This code is wrong. Enter the one shown now")
    factor.confirmed_at, factor.last_step = times.now(), step
    session.flush()
    what = Event.SECOND_FACTOR_ADDED
    audit.record(session, what, by=user_id, subject=Subject.USER, subject_id=user_id)
    notices.put(session, settings, Notice.SECOND_FACTOR_ADDED, user, user_id)
    return start(session, user_id, session_id)


def start(session: Session, user_id: int, session_id: int | None) -> list[str]:
    """Begin to ask a person for a second factor, which they have just used in one session.

    Ends their other sessions. Returns new recovery codes; those before are no longer good.
    """
    sessions.end_all(session, user_id, session_id)
    if session_id is not None:
        sessions.mark_two_steps(session, session_id)
    return _new_codes(session, user_id)


def renew_codes(session: Session, settings: Settings, user_id: int) -> list[str]:
    """Return new recovery codes of a person; those before are no longer good.

    Raises `Conflict` if there is nothing that they stand in for.
    """
    # Of two at once, only one's codes may be shown as good: the other waits, and replaces them.
    user = session.get_one(User, user_id, with_for_update=locks.ACCOUNT)
    if not is_on(session, user_id):
        raise Conflict("Recovery codes need two-step sign-in or a passkey. Set one up first")
    what = Event.RECOVERY_CODES_RENEWED
    audit.record(session, what, by=user_id, subject=Subject.USER, subject_id=user_id)
    notices.put(session, settings, Notice.RECOVERY_CODES_RENEWED, user, user_id)
    return _new_codes(session, user_id)


def _new_codes(session: Session, user_id: int) -> list[str]:
    session.connection().execute(delete(RecoveryCode).where(col(RecoveryCode.user_id) == user_id))
    codes = ["".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH)) for _ in range(CODES)]
    session.add_all(RecoveryCode(user_id=user_id, code_hash=_hash(one)) for one in codes)
    session.flush()
    return ["-".join(one[at : at + 4] for at in range(0, CODE_LENGTH, 4)) for one in codes]


def turn_off(session: Session, settings: Settings, user_id: int, by: int | None) -> None:
    """Remove a person's authenticator app; `by` is who does it, None for the command line."""
    if has_app(session, user_id):
        what = Event.SECOND_FACTOR_REMOVED
        audit.record(session, what, by=by, subject=Subject.USER, subject_id=user_id)
        user = session.get_one(User, user_id)
        notices.put(session, settings, Notice.SECOND_FACTOR_REMOVED, user, by)
    _forget(session, SecondFactor, user_id)
    forget_codes(session, user_id)


def forget_codes(session: Session, user_id: int) -> None:
    """Forget the recovery codes of a person, unless there is something that they stand in for."""
    if not is_on(session, user_id):
        _forget(session, RecoveryCode, user_id)


def _forget(session: Session, table: type[RecoveryCode] | type[SecondFactor], user_id: int) -> None:
    session.connection().execute(delete(table).where(col(table.user_id) == user_id))
    # What was read before must not be taken for what is there now.
    session.expire_all()


def check(
    session: Session, user_id: int | None, code: str | None, *, two_steps: bool
) -> str | None:
    """Return which second factor a sign-in has used, "" if there is none, None if it's wrong.

    `two_steps` is whether there was one when the password was checked. One that was turned on in
    the meantime is asked for: raises `CodeNeeded` and `PasskeyNeeded`.
    """
    # What turns one on waits for this, and then ends the session.
    session.get(User, user_id, with_for_update=locks.ACCOUNT)
    if two_steps:
        return use(session, user_id, code or "")
    if has_app(session, user_id):
        raise CodeNeeded
    if has_passkey(session, user_id):
        raise PasskeyNeeded
    return ""


def use(session: Session, user_id: int | None, code: str) -> str | None:
    """Use a code of the app, or a recovery code. Returns which it was, if it was good.

    No code is good twice.
    """
    plain = "".join(code.split()).replace("-", "").upper()
    if len(plain) == DIGITS and plain.isascii() and plain.isdigit():
        return "app" if _use_step(session, user_id, plain) else None
    return "recovery_code" if _use_recovery_code(session, user_id, plain) else None


def _use_recovery_code(session: Session, user_id: int | None, plain: str) -> bool:
    used = session.connection().execute(
        update(RecoveryCode)
        .where(col(RecoveryCode.user_id) == user_id, col(RecoveryCode.code_hash) == _hash(plain))
        .where(col(RecoveryCode.used_at).is_(None))
        .values(used_at=times.now())
    )
    return used.rowcount > 0


def _use_step(session: Session, user_id: int | None, code: str) -> bool:
    factor = session.get(SecondFactor, user_id)
    # A secret that isn't confirmed yet signs nobody in, also beside a passkey.
    if factor is None or factor.confirmed_at is None:
        return False
    step = _step_of(factor.secret, code)
    if step is None:
        return False
    # A step that is still to come is of a clock that ran ahead, and doesn't count.
    is_new = or_(col(SecondFactor.last_step) < step, col(SecondFactor.last_step) > _now() + 1)
    used = session.connection().execute(
        update(SecondFactor)
        .where(col(SecondFactor.user_id) == user_id, is_new)
        .values(last_step=step)
    )
    return used.rowcount > 0


def _step_of(secret: str, code: str) -> int | None:
    """Return the time step that a code belongs to, now or one before or after."""
    plain = "".join(code.split()).encode("utf-8", "surrogatepass")
    totp, now = _totp(secret), _now()
    for step in (now, now - 1, now + 1):
        if secrets.compare_digest(totp.at(step * STEP).encode(), plain):
            return step
    return None


def _now() -> int:
    return int(times.now().timestamp()) // STEP


def _totp(secret: str) -> "pyotp.TOTP":
    import pyotp

    return pyotp.TOTP(secret, digits=DIGITS, interval=STEP)


def _hash(code: str) -> str:
    return sha256(code.encode("utf-8", "surrogatepass")).hexdigest()
