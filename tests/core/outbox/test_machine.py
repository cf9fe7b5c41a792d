"""Whatever happens to messages, in whatever order: none is lost, and none is stuck."""

import secrets
from collections import Counter
from datetime import datetime, timedelta
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select
from sqlmodel import col

from backend.core import times
from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Conflict
from backend.core.outbox import messages, sending
from backend.core.outbox.channels import Message, Result
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.models import MessageState, OutboxMessage
from tests import runs
from tests.world import World

BY = Person(1, "lead@tofa.example", "team_lead")
RECEIVERS = ["a.example", "b.example"]
RESULTS = {
    "sent": Result.sent(),
    "again": Result.again(Reason(ReasonCode.RECEIVER_UNREACHABLE)),
    "busy": Result.busy(Reason(ReasonCode.RECEIVER_BUSY), 300),
    "failed": Result.failed(ReasonCode.RECEIVER_STATUS, status=400),
    "void": Result.void(),
}


class Outbox(RuleBasedStateMachine):
    """The life of messages; `world` and `clock` are set by the test."""

    world: ClassVar[World]
    clock: ClassVar[list[datetime]]
    held = Bundle("held")

    def __init__(self) -> None:
        super().__init__()
        self.got: Counter[int] = Counter()
        self.added = 0
        with self.world.db.write() as session:
            session.connection().execute(delete(OutboxMessage))

    def all(self) -> list[OutboxMessage]:
        with self.world.db.read() as session:
            return list(session.scalars(select(OutboxMessage).order_by(col(OutboxMessage.id))))

    @rule(receiver=st.sampled_from(RECEIVERS), count=st.integers(1, 3))
    def something_is_to_be_told(self, receiver: str, count: int) -> None:
        row = messages.row("test", "new_lead", receiver=receiver)
        with self.world.db.write() as session:
            messages.put(session, *([row] * count))
        self.added += count

    @rule(name=st.sampled_from(["x", "y"]))
    def something_is_told_once(self, name: str) -> None:
        with self.world.db.write() as session:
            before = session.scalars(select(OutboxMessage).where(col(OutboxMessage.key) == name))
            is_new = before.first() is None
            messages.put(session, messages.row("test", "summary", key=name, receiver="a.example"))
        self.added += is_new

    @rule(results=st.lists(st.sampled_from([*RESULTS]), min_size=1, max_size=4))
    def a_worker_sends(self, results: list[str]) -> None:
        left = list(results)

        def send(_db: Database, _settings: Settings, one: Message) -> Result:
            result = RESULTS[left.pop() if left else "sent"]
            self.got[one.id] += result.state == MessageState.SENT
            return result

        sending.run_once(self.world.db, self.world.settings, {"test": send}, at_once=1)

    @rule()
    def a_worker_meets_a_fault(self) -> None:
        def send(_db: Database, _settings: Settings, _one: Message) -> Result:
            raise LookupError("the moon")

        sending.run_once(self.world.db, self.world.settings, {"test": send}, 2, at_once=1)

    @rule(target=held)
    def a_worker_claims(self) -> object:
        holder = secrets.token_hex(4)
        with self.world.db.write() as session:
            claimed = sending.claim(session, holder, ["test"], 3)
        return multiple(*((holder, one) for one in claimed))

    @rule(taken=consumes(held), result=st.sampled_from([*RESULTS]))
    def a_worker_settles_perhaps_too_late(self, taken: tuple[str, Message], result: str) -> None:
        holder, one = taken
        self.got[one.id] += RESULTS[result].state == MessageState.SENT
        sending.settle(self.world.db, holder, one, RESULTS[result])

    @rule(seconds=st.sampled_from([1, 60, 130, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.clock[0] += timedelta(seconds=seconds)

    @rule(number=st.integers(0, 20), retries=st.booleans())
    def someone_acts(self, number: int, retries: bool) -> None:
        found = self.all()
        if not found:
            return
        one = found[number % len(found)]
        assert one.id is not None
        try:
            with self.world.db.write() as session:
                if retries:
                    messages.retry(session, one.id)
                else:
                    messages.dismiss(session, BY, one.id)
        except Conflict:
            assert one.state in (MessageState.SENT, MessageState.DISMISSED)

    @invariant()
    def all_is_well(self) -> None:
        found = self.all()
        assert len(found) == self.added
        for one in found:
            assert one.id is not None
            assert one.attempts >= 0
            if one.state == MessageState.SENT:
                assert self.got[one.id] >= 1
            assert (one.settled_at is None) == (one.state == MessageState.WAITING)
            if one.state != MessageState.WAITING:
                assert one.held_by is None

    def teardown(self) -> None:
        self.clock[0] += timedelta(days=2)
        while sending.run_once(
            self.world.db, self.world.settings, {"test": lambda *_: Result.sent()}, at_once=1
        ):
            pass
        assert MessageState.WAITING not in {one.state for one in self.all()}


@pytest.mark.slow
def test_the_life_of_messages(world: World, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Outbox.world, Outbox.clock = world, [times.now()]
    monkeypatch.setattr(times, "now", lambda: Outbox.clock[0])
    run_state_machine_as_test(
        Outbox,
        settings=settings(
            max_examples=runs.on(database, 20),
            stateful_step_count=25,
            suppress_health_check=[*HealthCheck],
        ),
    )
