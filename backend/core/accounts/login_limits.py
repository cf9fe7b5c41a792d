"""How often a password may be tried, without locking out the person whose password it is.

Each attempt is counted before the password is checked, so that guesses at the same moment don't
slip through; a sign-in that succeeds takes its counts back. An attempt counts

- on a device where the account has been signed in: for the account and that device, and nothing
  else. Strangers can't use that up, wherever they are;
- elsewhere: for the account and the network, and for the network alone;
- in a network where the account has never been signed in: also for the account as a whole. The
  first attempts of each network have a larger limit of their own, so that strangers who have used
  up the other one don't keep the owner out at a new place.
"""

import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil

from sqlalchemy import delete, or_
from sqlmodel import Session, col

from backend.core.accounts.sessions import Origin
from backend.core.database import pipeline
from backend.core.db import Database
from backend.core.errors import TooManyAttempts
from backend.core.settings import Settings
from backend.models import RateCount, email_key

MINUTE, HOUR = 60, 3600
# How long a device or network where the account was signed in stays known, in seconds.
KNOWN_SECONDS = 30 * 24 * 3600
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


@dataclass(frozen=True, slots=True)
class Window:
    """A number of attempts in some seconds."""

    key: str
    seconds: int
    most: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that has been counted: where its counts are, and what to remember."""

    own: tuple[Window, ...]
    shared: tuple[Window, ...]
    marks: tuple[str, ...]

    def succeeded(self, session: Session) -> None:
        """Clear the counts of this place or device, take back the others, and remember where."""
        pipeline.run(session, *(_clearing(one.key) for one in self.own))
        self.take_back(session, self.shared)
        until = time.time() + KNOWN_SECONDS
        pipeline.run(session, *(_remembering(mark, until) for mark in sorted(self.marks)))

    def take_back(self, session: Session, windows: Sequence[Window] = ()) -> None:
        """Take back what this attempt has counted, in all windows or in these."""
        back = sorted(one.key for one in windows or (*self.own, *self.shared))
        if back:
            pipeline.run(session, *(_taking_back(key) for key in back))


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
        counts = _count(session, [*own, *shared])
        if not known:
            shared.append(_of_account(account, failures, counts[own[1]][0]))
            counts |= _count(session, shared[-1:])
        _take_back_if_refused(session, counts)
    _refuse(counts)
    return Attempt(own, tuple(shared), tuple(marks))


def _of_account(account: str, failures: int, attempt: int) -> Window:
    """Return the window for the account as a whole, by the number of the network's attempt."""
    if attempt <= min(FIRST, failures):
        return Window(f"sign-in/{account}/first", HOUR, failures * OF_FIRST)
    return Window(f"sign-in/{account}/others", HOUR, failures * OF_OTHERS)


def begin_confirming(db: Database, settings: Settings, user_id: int) -> Attempt:
    """Count an attempt of a person who is signed in to confirm their password.

    Raises `TooManyAttempts`.
    """
    own = _pair(f"confirm/{user_id}", settings.login_failures_per_minute)
    with db.write() as session:
        counts = _count(session, own)
        _take_back_if_refused(session, counts)
    _refuse(counts)
    return Attempt(own, (), ())


def begin_use(db: Database, settings: Settings, purpose: str, address: str) -> Attempt:
    """Count an attempt of a network at another secret. Raises `TooManyAttempts`."""
    most = settings.login_failures_per_minute * OF_NETWORK
    with db.write() as session:
        window = Window(f"{purpose}-from/{network(address)}", MINUTE, most)
        counts = _count(session, [window])
        _take_back_if_refused(session, counts)
    _refuse(counts)
    return Attempt((), (window,), ())


def lift(session: Session, user_id: int, email: str) -> None:
    """Forget the attempts on an account. What is known of its devices and networks stays."""
    prefixes = (f"sign-in/{_account(email)}/", f"confirm/{user_id}/")
    session.connection().execute(
        delete(RateCount).where(or_(*(col(RateCount.key).startswith(one) for one in prefixes)))
    )


def _pair(key: str, failures: int) -> tuple[Window, Window]:
    return (
        Window(f"{key}/minute", MINUTE, failures),
        Window(f"{key}/hour", HOUR, failures * PER_HOUR),
    )


Counts = dict[Window, tuple[int, float]]


def _count(session: Session, windows: Sequence[Window]) -> Counts:
    """Count in each window. Returns the counts, and when the windows end."""
    # Imported at the first sign-in: `limits` costs a third of the import of everything else.
    from backend.core import rate_limits

    # Everyone takes the rows in one order, so that no two wait for each other.
    ordered = sorted(windows, key=lambda one: one.key)
    steps = [rate_limits.counting(one.key, one.seconds) for one in ordered]
    found = pipeline.run(session, *steps)
    counts = {
        one: (int(rows[0][0]), float(rows[0][1])) for one, rows in zip(ordered, found, strict=True)
    }
    if any(count == 1 for count, _ in counts.values()):
        sqlite = session.get_bind().dialect.name == "sqlite"
        pipeline.run(session, rate_limits.tidying(sqlite=sqlite))
    return counts


def _refused_until(counts: Counts) -> list[float]:
    return [end for window, (count, end) in counts.items() if count > window.most]


def _take_back_if_refused(session: Session, counts: Counts) -> None:
    """Count only what is checked: waiting is shorter for those who are refused again and again."""
    if _refused_until(counts):
        pipeline.run(session, *(_taking_back(key) for key in sorted(one.key for one in counts)))


def _refuse(counts: Counts) -> None:
    if ends := _refused_until(counts):
        raise TooManyAttempts(max(1, ceil(max(ends) - time.time())))


def _known(session: Session, marks: Sequence[str]) -> set[str]:
    places = ", ".join(["%s"] * len(marks))
    query = f"SELECT key FROM ratecount WHERE key IN ({places}) AND expires_at > %s"  # noqa: S608
    (rows,) = pipeline.run(session, (query, (*marks, time.time())))
    return {row[0] for row in rows}


def _clearing(key: str) -> pipeline.Step:
    return "DELETE FROM ratecount WHERE key = %s", (key,)


def _taking_back(key: str) -> pipeline.Step:
    return "UPDATE ratecount SET count = count - 1 WHERE key = %s AND count > 0", (key,)


def _remembering(key: str, until: float) -> pipeline.Step:
    return (
        "INSERT INTO ratecount (key, count, expires_at) VALUES (%s, 1, %s)"
        " ON CONFLICT (key) DO UPDATE SET expires_at = excluded.expires_at",
        (key, until),
    )


def _account(email: str) -> str:
    return sha256(email_key(email).encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _device(device: str | None) -> str | None:
    if device is None or len(device) < SHORTEST_DEVICE:
        return None
    return sha256(device.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@functools.lru_cache(maxsize=1024)
def network(address: str) -> str:
    """Return the address, or for IPv6 its /64 network, since one subscriber has a whole /64."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, IPv6Address):
        return str(ip_network((parsed, 64), strict=False))
    return str(parsed)
