"""The legacy list: every lead that a person may see, as one JSON array.

A list is sent in two parts. The first is read in the request's unit of work; most lists end there.
The rest is read step by step, each in a short unit of work, so that no connection is held while
bytes go to a slow client. Each lead is in the list once, in the order of the ids. One that changes
while a long list is sent is there as before or as after the change.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, literal, select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.core.db import Database
from backend.core.leads import legacy_json
from backend.models import Lead, Role

# The first part ends after that many leads or bytes.
FIRST_LEADS = 12_000
FIRST_BYTES = 4 << 20
# How many leads the first step has, which tells how long leads are; how many bytes each later step
# should have, and how many leads at least.
STEP_FIRST = 1_000
STEP_BYTES = 1 << 20
STEP_LEAST = 100
# Up to this many leads are found by their centers; more, by reading all in order.
FEW = 5_000


def list_mine(
    db: Database, session: Session, person: Person, zone: ZoneInfo
) -> tuple[bytes, Iterator[bytes] | None]:
    """Return the first part of the JSON array, and the rest, if there is any.

    Times are on the wall clock of the zone, without an offset. The rest opens units of work of its
    own while it is read; if one fails, the array has no end.
    """
    reader = _Reader(person, zone, _in_order(session, person))
    steps = [reader.read(session, STEP_FIRST)]
    if not reader.is_done:
        steps.append(reader.read(session, reader.fitting(FIRST_BYTES, FIRST_LEADS)))
    first = b"".join([b"[", *steps, b"]" if reader.is_done else b""])
    return first, None if reader.is_done else _rest(db, reader)


def _rest(db: Database, reader: "_Reader") -> Iterator[bytes]:
    while not reader.is_done:
        with db.read() as session:
            step = reader.read(session, reader.fitting(STEP_BYTES))
        if step:
            yield step
    yield b"]"


def _in_order(session: Session, person: Person) -> bool:
    """Return whether to read the list in the order of the ids, not center by center."""
    if person.role == Role.TEAM_LEAD:
        return True
    seen = select(literal(1)).select_from(Lead).where(visible_to(person)).limit(FEW + 1)
    count = session.connection().scalar(select(func.count()).select_from(seen.subquery()))
    return (count or 0) > FEW


@dataclass(slots=True)
class _Reader:
    """Reads a list step by step, and keeps its place."""

    person: Person
    zone: ZoneInfo
    in_order: bool
    is_done: bool = False
    last: int | None = None
    # In bytes: how long the leads of the last step are.
    length: int = 1

    def fitting(self, size: int, most: int = FIRST_LEADS) -> int:
        """Return how many leads like the last ones have that many bytes."""
        return max(STEP_LEAST, min(most, size // self.length))

    def read(self, session: Session, many: int) -> bytes:
        """Return the next leads as JSON objects, with a comma before each that is not the first."""
        wanted = [visible_to(self.person, in_order=self.in_order)]
        if self.last is not None:
            wanted.append(col(Lead.id) > self.last)
        count, last, text = legacy_json.read(session, wanted, many, self.zone)
        self.is_done = count < many
        if not count:
            return b""
        if self.last is not None:
            text = b"," + text
        self.last, self.length = last, max(1, len(text) // count)
        return text
