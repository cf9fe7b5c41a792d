"""Limit how often a password can be tried, without locking out its owner.

Each attempt is counted before the password is checked, so that guesses at the same moment don't
slip through; a sign-in that succeeds takes its counts back. An attempt counts

- on a device where the account has been signed in: for the account and that device, and nothing
  else. Strangers can't use that up, wherever they are;
- elsewhere: for the account and the network, and for the network alone;
- in a network where the account has never been signed in: also for the account as a whole. The
  first attempts of each network have a larger limit of their own, so that strangers who have used
  up the other one don't keep the owner out at a new place. For IPv6 they are those of a /48: one
  household has up to 65,536 networks there.
"""

import functools
import time
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from backend.core.accounts import windows
from backend.core.accounts.sessions import Origin
from backend.core.accounts.windows import HOUR, MINUTE, Attempt, Window
from backend.core.database import pipeline
from backend.core.db import Database
from backend.core.settings import Settings
from backend.models import RateCount, email_key

# The limits, in multiples of LOGIN_FAILURES_PER_MINUTE: for an account and a network or device in
# an hour, for a network in a minute, and for an account from all new networks in an hour: by their
# first attempts, and by all others.
PER_HOUR = 6
OF_NETWORK = 12
OF_FIRST = 40
OF_OTHERS = 20
# How many attempts of a new network in an hour are its first ones.
FIRST = 3
# Shorter texts could be guessed.
SHORTEST_DEVICE = 20


def begin(db: Database, settings: Settings, email: str, origin: Origin) -> Attempt:
    """Count an attempt to sign in. Raises `TooManyAttempts`."""
    failures = settings.login_failures_per_minute
    account, place = _account(email), network(origin.address)
    marks = [f"known/{account}/{place}"]
    device = _device(origin.device)
    if device:
        marks.append(f"known/{account}/device/{device}")
    with db.write() as session:
        known = _known(session, marks)
        on_device = len(marks) > 1 and marks[1] in known
        where = f"on/{device}" if on_device else f"at/{place}"
        own = _pair(f"sign-in/{account}/{where}", failures)
        shared: list[Window] = []
        if not on_device:
            shared.append(Window(f"sign-in-from/{place}", MINUTE, failures * OF_NETWORK))
        counts = windows.count(session, [*own, *shared])
        if not known:
            if site := _site(origin.address):
                most = failures * OF_OTHERS
                shared.append(Window(f"sign-in/{account}/site/{site}", HOUR, most))
                counts |= windows.count(session, shared[-1:])
            attempt = counts[shared[-1] if site else own[1]][0]
            shared.append(_of_account(account, failures, attempt))
            counts |= windows.count(session, shared[-1:])
        windows.take_back_if_refused(session, counts)
    windows.refuse(counts)
    return Attempt(own, tuple(shared), tuple(marks))


def _of_account(account: str, failures: int, attempt: int) -> Window:
    """Return the window for the account as a whole, by the number of the place's attempt."""
    if attempt <= min(FIRST, failures):
        return Window(f"sign-in/{account}/first", HOUR, failures * OF_FIRST)
    return Window(f"sign-in/{account}/others", HOUR, failures * OF_OTHERS)


def begin_confirming(db: Database, settings: Settings, user_id: int) -> Attempt:
    """Count an attempt of a person who is signed in to confirm their password.

    Raises `TooManyAttempts`.
    """
    own = _pair(f"confirm/{user_id}", settings.login_failures_per_minute)
    return replace(windows.begin(db, own), own=own, shared=())


def begin_use(db: Database, settings: Settings, purpose: str, address: str) -> Attempt:
    """Count an attempt of a network at another secret. Raises `TooManyAttempts`."""
    most = settings.login_failures_per_minute * OF_NETWORK
    return windows.begin(db, [Window(f"{purpose}-from/{network(address)}", MINUTE, most)])


def lift(session: Session, user_id: int, email: str) -> None:
    """Forget the attempts on an account. What is known of its devices and networks stays."""
    prefixes = (f"sign-in/{_account(email)}/", f"confirm/{user_id}/")
    session.connection().execute(
        delete(RateCount).where(or_(*(col(RateCount.key).startswith(one) for one in prefixes)))
    )


def forget(session: Session, email: str) -> None:
    """Forget the attempts on an address, and who had it: their devices and networks."""
    account = _account(email)
    prefixes = (f"sign-in/{account}/", f"known/{account}/")
    session.connection().execute(
        delete(RateCount).where(or_(*(col(RateCount.key).startswith(one) for one in prefixes)))
    )


def _pair(key: str, failures: int) -> tuple[Window, Window]:
    return (
        Window(f"{key}/minute", MINUTE, failures),
        Window(f"{key}/hour", HOUR, failures * PER_HOUR),
    )


def _known(session: Session, marks: Sequence[str]) -> set[str]:
    places = ", ".join(["%s"] * len(marks))
    query = f"SELECT key FROM ratecount WHERE key IN ({places}) AND expires_at > %s"  # noqa: S608
    (rows,) = pipeline.run(session, (query, (*marks, time.time())))
    return {row[0] for row in rows}


def _account(email: str) -> str:
    return sha256(email_key(email).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _device(device: str | None) -> str | None:
    if device is None or len(device) < SHORTEST_DEVICE:
        return None
    return sha256(device.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@functools.lru_cache(maxsize=1024)
def network(address: str) -> str:
    """Return the address, or for IPv6 its /64 network, since one subscriber has a whole /64."""
    return _wide(address, 64) or address[:64]


def _site(address: str) -> str | None:
    """Return the /48 of an IPv6 address: the most that providers give to one subscriber."""
    return _wide(address, 48)


def _wide(address: str, bits: int) -> str | None:
    """Return the network of an IPv6 address that has so many bits; None for any other address."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return None
    is_wide = isinstance(parsed, IPv6Address)
    return str(ip_network((parsed, bits), strict=False)) if is_wide else None
