"""Signs of life that processes share: which workers are at work, and when a backup was made.

A worker writes its row every half minute, with low priority, and never within a request.
"""

import os
import secrets
import socket
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import upsert
from backend.core.db import Database, low_priority
from backend.models import Heartbeat

# In seconds: how often a worker writes, and how long it counts as being at work.
EVERY = 30.0
ALIVE = 120.0
# How long the row of a worker is kept that has ended.
KEPT = timedelta(days=1)


class Kind(StrEnum):
    """What gives a sign of life."""

    # A thread of a server, the command `work`, a request on a host without threads.
    SERVER = "server"
    COMMAND = "command"
    REQUEST = "request"
    BACKUP = "backup"


WORKERS = (Kind.SERVER, Kind.COMMAND, Kind.REQUEST)


class Pulse:
    """The signs of life of one worker."""

    def __init__(self, db: Database, kind: Kind) -> None:
        self._db, self._kind = db, kind
        self._name = f"{socket.gethostname()}/{os.getpid()}/{secrets.token_hex(4)}"
        # By the monotonic clock.
        self._next = 0.0

    def beat(self) -> None:
        """Write that the worker is at work, unless it did a moment ago. It may wait."""
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + EVERY
        with low_priority(), self._db.write() as session:
            note(session, self._name, self._kind)
            over = times.now() - KEPT
            session.connection().execute(
                delete(Heartbeat).where(col(Heartbeat.kind).in_(WORKERS), col(Heartbeat.at) < over)
            )


def note(session: Session, name: str, kind: Kind) -> None:
    """Write a sign of life, at this moment."""
    row = {"name": name, "kind": kind, "at": times.now()}
    statement = upsert.insert(session, Heartbeat).values(row)
    session.connection().execute(statement.on_conflict_do_update(index_elements=["name"], set_=row))


def backed_up(db: Database) -> None:
    """Note that a backup has been made."""
    with db.write() as session:
        note(session, Kind.BACKUP, Kind.BACKUP)


def newest(session: Session, kinds: Sequence[Kind]) -> dict[Kind, datetime]:
    """Return the newest sign of life of each kind that has given any (UTC)."""
    query = (
        select(col(Heartbeat.kind), func.max(col(Heartbeat.at)))
        .where(col(Heartbeat.kind).in_(kinds))
        .group_by(col(Heartbeat.kind))
    )
    return {Kind(kind): at for kind, at in session.connection().execute(query)}


def alive(session: Session) -> dict[Kind, int]:
    """Return how many workers of each kind are at work."""
    since = times.now() - timedelta(seconds=ALIVE)
    query = (
        select(col(Heartbeat.kind), func.count())
        .where(col(Heartbeat.kind).in_(WORKERS), col(Heartbeat.at) >= since)
        .group_by(col(Heartbeat.kind))
    )
    found: dict[str, int] = {row[0]: row[1] for row in session.connection().execute(query)}
    return {kind: found.get(kind, 0) for kind in WORKERS}
