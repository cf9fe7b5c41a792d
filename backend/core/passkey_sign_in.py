"""Sign in with a passkey, without a password."""

from backend.core import auth
from backend.core.accounts import login_limits, passkeys, sessions
from backend.core.accounts.sessions import Origin
from backend.core.accounts.windows import Attempt
from backend.core.audit import Event
from backend.core.database import locks
from backend.core.db import Database
from backend.core.errors import IncorrectPasskey
from backend.core.settings import Settings
from backend.models import Passkey, User
from backend.schemas.passkeys import SignedCredential
from backend.schemas.users import SignedIn


def sign_in(
    db: Database, settings: Settings, credential: SignedCredential, origin: Origin
) -> SignedIn:
    """Check what a passkey has signed, start a session, and return its token.

    Attempts are counted by network: nobody can guess a passkey. Raises `IncorrectPasskey`, with the
    same text whatever is wrong, and `TooManyAttempts`.
    """
    attempt = login_limits.begin_use(db, settings, "passkey", origin.address)
    with db.read() as session:
        found = passkeys.find(session, credential)
    user = None if found is None else found[1]
    try:
        if found is None:
            raise IncorrectPasskey
        return _begin(db, settings, found[0], credential, origin, attempt)
    except IncorrectPasskey:
        auth.record_failure(db, user, origin, second="passkey")
        raise


def _begin(
    db: Database,
    settings: Settings,
    passkey: Passkey,
    credential: SignedCredential,
    origin: Origin,
    attempt: Attempt,
) -> SignedIn:
    challenge, count = passkeys.check(settings, passkey, credential)
    with db.write() as session:
        user = session.get(User, passkey.user_id, with_for_update=locks.ACCOUNT)
        # Both may have changed since they were read.
        if user is None or user.disabled:
            raise IncorrectPasskey
        if not passkeys.use(session, passkey, challenge, count):
            raise IncorrectPasskey
        opened = sessions.start(
            session, settings, user, origin, two_steps=True, passkey_id=passkey.id
        )
        attempt.take_back(session)
        auth.record(session, Event.SIGNED_IN, user, origin, by=user.id, second="passkey")
        return auth.signed_in(settings, user, opened)
