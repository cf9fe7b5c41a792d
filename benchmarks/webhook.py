"""A lead sent to the flat webhook, compared with a handler that only commits the same row."""

import itertools
import json
from collections.abc import Iterator
from contextlib import closing

from sqlalchemy import func, select
from sqlmodel import col

from backend.core.db import Database
from backend.models import Delivery, DeliveryState, LeadEvent
from benchmarks import academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan, Race
from benchmarks.intake import per_second
from benchmarks.notifications import PATH, Line
from benchmarks.servers import Server, serve

# The product's servers, each with its floor.
PLAIN = {"fastapi": "plain-fastapi", "flask": "plain-flask"}
TOKEN = "of-the-benchmarks"
# Clients at once, each with a persistent connection.
CLIENTS = (1, 8)
BOUND = 1.5
# How often ours and the floor take turns, and the length of a turn in seconds.
ROUNDS = 6
SECONDS = 1.5
# How long to warm up each server, in seconds.
WARM = 0.5
# How many different leads the repeat enquiries are about.
KNOWN = 200
# The cases with their settings. With neither a token nor a secret the webhook is open, and counts
# the leads from each address.
CASES = {
    "a new lead": {"WEBHOOK_TOKEN": TOKEN},
    "a repeat enquiry": {"WEBHOOK_TOKEN": TOKEN},
    "a new lead, open to all": {"WEBHOOK_PER_MINUTE": "1000000"},
}


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    for kind in plan.databases:
        for name in plan.servers:
            for case in CASES:
                yield from _compare(plan, databases, kind, name, case)


def _compare(plan: Plan, databases: Databases, kind: str, name: str, case: str) -> Iterator[Figure]:
    made, bare = (academy.build(databases.create_with_tables(kind)) for _ in range(2))
    with (
        serve(name, made.url, **CASES[case]) as ours,
        serve(PLAIN[name], bare.url) as floor,
    ):
        sender, beside = (
            Sender(server, again="repeat" in case, warm=plan.share * WARM)
            for server in (ours, floor)
        )
        for clients in CLIENTS:
            race = Race()
            for _ in range(plan.rounds(ROUNDS)):
                seconds = plan.share * SECONDS
                race.add(sender.send(clients, seconds), beside.send(clients, seconds))
            at_once = f"{clients} client{'s' if clients > 1 else ''}"
            yield race.figure(f"{kind}, {name}, {case}, {at_once}", BOUND)
        lost = sender.sent - _kept(made.url)
    assert lost == 0, f"{kind}, {name}, {case}: {lost} leads are missing or too many"
    databases.drop(made.url)
    databases.drop(bare.url)


class Sender:
    """Sends leads to a server over persistent connections."""

    def __init__(self, server: Server, *, again: bool, warm: float) -> None:
        self._lines = [Line(lambda: server.port) for _ in range(max(CLIENTS))]
        self._numbers = itertools.count()
        self._again = again
        self.sent = 0
        # After this, the server has imported and opened everything it needs.
        self.send(max(CLIENTS), warm)

    def send(self, clients: int, seconds: float) -> float:
        """Return the time per lead in seconds, sent by so many clients at once."""
        before = next(self._numbers)
        rate = per_second(self._one, clients, seconds)
        self.sent += next(self._numbers) - before - 1
        # Servers close connections that are idle for a few seconds.
        for line in self._lines:
            line.close()
        return 1 / rate

    def _one(self, thread: int, _number: int) -> None:
        number = next(self._numbers)
        assert self._lines[thread].ask(_request(number % KNOWN if self._again else number)) == 200


def _request(number: int) -> bytes:
    lead = {
        "full_name": f"Zoë Khan {number}",
        "phone_number": f"+91{9_000_000_000 + number}",
        "email_address": f"zoe.{number}@example.com",
        "nearest_center": f"TOFA {academy.TOWNS[number % len(academy.TOWNS)]}",
        "player_age_category": "U9",
        "address_and_pincode": "Flat 1, Lake View, 502020",
    }
    body = json.dumps(lead).encode()
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"X-Webhook-Token: {TOKEN}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _kept(url: str) -> int:
    """How many deliveries have become a lead, or joined one, with a line of history each."""
    lines = select(func.count()).select_from(LeadEvent)
    done = select(func.count()).where(
        col(Delivery.state) == DeliveryState.PROCESSED, col(Delivery.lead_id).is_not(None)
    )
    with closing(Database(academy.settings_for(url).url)) as db, db.read() as session:
        kept = {session.scalar(query) or 0 for query in (lines, done)}
    assert len(kept) == 1, "deliveries without their line of history"
    return kept.pop()
