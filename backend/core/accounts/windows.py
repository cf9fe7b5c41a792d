"""Attempts counted in windows of time, all windows of an attempt in one transaction.

An attempt is counted before it is made, so that attempts at the same moment don't slip through.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from sqlmodel import Session

from backend.core.database import pipeline
from backend.core.db import Database
from backend.core.errors import TooManyAttempts

MINUTE, HOUR = 60, 3600
# How long a device or network where the account was signed in stays known, in seconds.
KNOWN_SECONDS = 30 * 24 * 3600


@dataclass(frozen=True, slots=True)
class Window:
    """A number of attempts in some seconds."""

    key: str
    seconds: int
    most: int


# How often each window was counted, and when it ends, in seconds since the epoch.
Counts = dict[Window, tuple[int, float]]


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


def begin(
    db: Database,
    windows: Sequence[Window],
    refusal: type[TooManyAttempts] = TooManyAttempts,
) -> Attempt:
    """Count an attempt in each window. Raises `refusal` if one has too many; then none counts."""
    with db.write() as session:
        counts = count(session, windows)
        take_back_if_refused(session, counts)
    refuse(counts, refusal)
    return Attempt((), tuple(windows), ())


def count(session: Session, windows: Sequence[Window]) -> Counts:
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


def take_back_if_refused(session: Session, counts: Counts) -> None:
    """Count only what is checked: waiting is shorter for those who are refused again and again."""
    if _refused_until(counts):
        pipeline.run(session, *(_taking_back(key) for key in sorted(one.key for one in counts)))


def refuse(counts: Counts, refusal: type[TooManyAttempts] = TooManyAttempts) -> None:
    """Raise `refusal` if a window has too many attempts."""
    if ends := _refused_until(counts):
        raise refusal(max(1, ceil(max(ends) - time.time())))


def _refused_until(counts: Counts) -> list[float]:
    return [end for window, (count, end) in counts.items() if count > window.most]


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
