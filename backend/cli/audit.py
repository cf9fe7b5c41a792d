"""The command `audit verify`: check that the audit trail is whole."""

import re
from argparse import Namespace

from backend.cli.context import opened
from backend.core.audit import chain, verifying
from backend.core.audit.chain import Link
from backend.core.errors import BadRequest

_HEAD = re.compile(r"([0-9]{1,18}):([0-9a-f]{64})")


def verify(arguments: Namespace) -> int:
    """Check the chain, and print whether it holds or where it breaks."""
    noted = _noted(arguments.head)
    with opened(first_account=False) as (_, db), db.read() as session:
        found = verifying.verify(session, noted)
    if found.fault is not None:
        print(f"The audit trail is broken at event {found.event_id}: {found.fault}.")
        print(f"The {found.events:,} events before it are intact.")
        return 1
    print(f"The audit trail is intact: {found.events:,} {_events(found.events)}.")
    if found.since.hash != chain.GENESIS:
        print(f"Events up to {found.since.id:,} were removed because they were too old.")
    print(f"Its head, to compare later with --head: {found.head.id}:{found.head.hash}")
    return 0


def _events(count: int) -> str:
    return "event" if count == 1 else "events"


def _noted(text: str | None) -> Link | None:
    if text is None:
        return None
    if (match := _HEAD.fullmatch(text.strip())) is None:
        raise BadRequest("Give --head what an earlier `audit verify` has printed")
    return Link(int(match[1]), match[2])
