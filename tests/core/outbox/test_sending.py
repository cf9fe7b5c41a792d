"""Messages are sent at least once, and no receiver keeps the others waiting."""

import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlmodel import Session, col

from backend.core import times
from backend.core.db import Database
from backend.core.outbox import inside, messages, sending
from backend.core.outbox.channels import Message, Result
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import MessageState, OutboxMessage
from tests.core.intake.test_claims import Outage
from tests.waiting import PATIENCE
from tests.world import World

ROOT = Path(__file__).resolve().parents[3]
SENDER = """
import sys, urllib.request
from backend.core.db import Database
from backend.core.outbox import sending
from backend.core.outbox.channels import Result
from tests.world import settings_for

def send(_db, _settings, one):
    request = urllib.request.Request(sys.argv[2], str(one.id).encode())
    urllib.request.urlopen(request).read()
    return Result.sent()

settings = settings_for(sys.argv[1])
db = Database(settings.url)
while sending.run_once(db, settings, {"test": send}, 4, at_once=1):
    pass
"""


def put(world: World, count: int, receiver: str = "a.example", **more: Any) -> None:
    row = messages.row("test", "new_lead", receiver=receiver, **more)
    with world.db.write() as session:
        messages.put(session, *([row] * count))


def all_messages(world: World) -> list[OutboxMessage]:
    with world.db.read() as session:
        return list(session.scalars(select(OutboxMessage).order_by(col(OutboxMessage.id))))


def states(world: World) -> Counter[str]:
    return Counter(one.state for one in all_messages(world))


class Receiver:
    """A channel that answers as it's told for each receiver, and notes what it was given."""

    def __init__(self, **results: Result) -> None:
        self.results = {name.replace("_", "."): one for name, one in results.items()}
        self.got: list[int] = []

    def __call__(self, _db: Database, _settings: Settings, one: Message) -> Result:
        self.got.append(one.id)
        return self.results.get(one.receiver or "", Result.sent())

    def run(self, world: World, **given: Any) -> int:
        return sending.run_once(world.db, world.settings, {"test": self}, **given)


def test_what_is_sent_is_sent_once(world: World) -> None:
    put(world, 40)
    receiver = Receiver()
    while receiver.run(world):
        pass
    assert sorted(receiver.got) == [one.id for one in all_messages(world)]
    assert states(world) == {"sent": 40}


def test_one_that_hangs_does_not_keep_the_others(world: World) -> None:
    put(world, 60, "down.example")
    put(world, 3, "up.example")
    down = Result.again(Reason(ReasonCode.RECEIVER_UNREACHABLE))
    receiver = Receiver(down_example=down)
    receiver.run(world)
    sent = {one.receiver for one in all_messages(world) if one.state == MessageState.SENT}
    assert sent == {"up.example"}
    assert len(receiver.got) == sending.OF_RECEIVER + 3


def test_one_that_asks_to_wait_gets_nothing_meanwhile(world: World) -> None:
    put(world, 12, "busy.example")
    put(world, 2, "up.example")
    receiver = Receiver(busy_example=Result.busy(Reason(ReasonCode.RECEIVER_BUSY), 600))
    receiver.run(world, at_once=1)
    assert len(receiver.got) == 3
    assert receiver.run(world) == 0
    waiting = [one for one in all_messages(world) if one.state == MessageState.WAITING]
    assert {one.attempts for one in waiting} == {0}
    assert all(one.due_at > times.now() + timedelta(minutes=9) for one in waiting)


def test_it_gives_up_after_many_tries(world: World) -> None:
    put(world, 1)
    receiver = Receiver(a_example=Result.again(Reason(ReasonCode.RECEIVER_UNREACHABLE)))
    for _ in range(sending.TRIES + 3):
        receiver.run(world)
        with world.db.write() as session:
            session.connection().execute(update(OutboxMessage).values(due_at=times.now()))
    assert len(receiver.got) == sending.TRIES
    (failed,) = all_messages(world)
    assert (failed.state, failed.reason) == ("failed", "receiver_unreachable")
    with world.db.write() as session:
        messages.retry(session, failed.id or 0)
    receiver.results.clear()
    receiver.run(world)
    assert states(world) == {"sent": 1}


def test_what_a_worker_has_claimed_is_due_when_it_fails(world: World) -> None:
    put(world, 3)
    receiver = Receiver()
    with Outage(2), pytest.raises(OperationalError):
        receiver.run(world, at_once=1)
    assert {(one.held_by, one.attempts) for one in all_messages(world)} == {(None, 0)}
    receiver.run(world, at_once=1)
    assert states(world) == {"sent": 3}


def test_two_workers_share_the_work(world: World) -> None:
    put(world, 60)
    receiver = Receiver()

    def work() -> None:
        while receiver.run(world, limit=4):
            pass

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(PATIENCE)
    assert Counter(receiver.got) == {one.id: 1 for one in all_messages(world)}
    assert states(world) == {"sent": 60}


@pytest.mark.slow
def test_a_process_that_is_killed_has_sent_at_least_once(world: World) -> None:
    """It dies after the receiver has a message, and before that is written down."""
    put(world, 6)
    got: list[int] = []
    victims: list[subprocess.Popen[bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            got.append(int(self.rfile.read(int(self.headers["content-length"]))))
            if len(got) == 2:
                victims[0].kill()
                victims[0].wait(PATIENCE)
                return
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    command = [sys.executable, "-c", SENDER, world.settings.database_url]
    command.append(f"http://127.0.0.1:{server.server_port}/")
    try:
        victims.append(subprocess.Popen(command, cwd=ROOT))
        victims[0].wait(PATIENCE)
        assert states(world) == {"sent": 1, "waiting": 5}
        with world.db.write() as session:
            over = times.now() - timedelta(seconds=1)
            claimed = col(OutboxMessage.claimed_until).is_not(None)
            change = update(OutboxMessage).where(claimed).values(claimed_until=over)
            session.connection().execute(change)
        subprocess.run(command, cwd=ROOT, check=True, timeout=PATIENCE)
    finally:
        server.shutdown()
        server.server_close()
    assert states(world) == {"sent": 6}
    assert len(got) == 7
    # The receiver knows by the id that it has had one before.
    assert set(got) == {one.id for one in all_messages(world)}


def test_one_that_cannot_be_passed_on_does_not_hold_up_the_others(world: World) -> None:
    put(world, 2)
    put(world, 1, data={"count": -1})
    passed: list[int] = []

    def pass_on(_session: Session, found: Any) -> None:
        if any(one.data for one in found):
            raise LookupError("the moon")
        passed.extend(one.id for one in found)

    assert inside.run_once(world.db, "test", pass_on) == 3
    (left,) = all_messages(world)
    assert (len(passed), left.attempts, left.state) == (2, 1, "waiting")
    with world.db.write() as session:
        tried = {"attempts": sending.TRIES - 1, "due_at": times.now()}
        session.connection().execute(update(OutboxMessage).values(**tried))
    inside.run_once(world.db, "test", pass_on)
    assert states(world) == {"failed": 1}
