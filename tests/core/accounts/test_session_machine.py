"""A session's life: whatever happens in whatever order, a token is good exactly as long as it may.

The model says for each session whether it has been ended, and computes the rest from its times.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, update
from sqlmodel import col

from backend.core import auth, times, users
from backend.core.access import Person
from backend.core.accounts import sessions
from backend.core.accounts.sessions import LastUses, Origin
from backend.core.auth import Claims
from backend.core.errors import SessionNotFound, Unauthenticated
from backend.models import User, UserSession
from backend.schemas.users import UserChange
from tests import runs
from tests.world import LEAD, MEMBER, World

START = datetime(2026, 11, 28, 10, tzinfo=UTC)
IDLE, LONGEST = timedelta(minutes=720), timedelta(minutes=1440)
ROLES = ("team_member", "observer")
BOSS = Person(1, LEAD, "team_lead")


@dataclass
class Known:
    """What the model knows of a session."""

    id: int
    claims: Claims
    ends_at: datetime
    last_used_at: datetime
    ended: bool = False


class Machine(RuleBasedStateMachine):
    """One account, its sessions, a team lead, and a clock that people put right."""

    def __init__(self, world: World, now: list[datetime]) -> None:
        super().__init__()
        self.world = world
        self.now = now
        self.known: list[Known] = []
        self.uses = LastUses(world.db, world.settings)
        self.disabled = False
        self.role = ROLES[0]

    @rule()
    def sign_in(self) -> None:
        with self.world.db.write() as session:
            user = auth.find(session, MEMBER)
            assert user is not None
            made = sessions.start(session, self.world.settings, user, Origin("10.0.0.1"))
            claims = Claims(MEMBER, user.token_version, made.jti)
            row = sessions.find(session, made.jti)
            assert row is not None
            id = row[1].id
        assert id is not None
        self.known.append(Known(id, claims, self.now[0] + LONGEST, self.now[0]))

    @rule(minutes=st.sampled_from([1, 6, 300, 721, -6, -300, 1500, -1500]))
    def the_clock_moves(self, minutes: int) -> None:
        self.now[0] += timedelta(minutes=minutes)

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.known))
        assert self.is_in(one) == self.should_be_in(one)
        if not self.should_be_in(one):
            return
        self.uses.write()
        if abs(self.now[0] - one.last_used_at) >= sessions.LAST_USE_EVERY:
            one.last_used_at = self.now[0]

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def end_one(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.known))
        with self.world.db.write() as session:
            try:
                sessions.end(session, BOSS, one.id)
            except SessionNotFound:
                assert one.ended
        one.ended = True

    @precondition(lambda self: self.known)
    @rule(data=st.data())
    def end_all_others(self, data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(self.known))
        if not self.should_be_in(one):
            return
        with self.world.db.write() as session:
            sessions.sign_out_everywhere(session, 2, one.id)
        self.end_all(but=one)

    @rule()
    def a_new_role(self) -> None:
        self.role = ROLES[1 - ROLES.index(self.role)]
        self.change(role=self.role)
        self.end_all()

    @rule()
    def a_new_password(self) -> None:
        with self.world.db.write() as session:
            users.change(session, self.world.settings, BOSS, 2, UserChange(), hashed="x")
        self.end_all()

    @rule()
    def disable_or_enable(self) -> None:
        self.disabled = not self.disabled
        self.change(disabled=self.disabled)
        if self.disabled:
            self.end_all()

    def change(self, **given: object) -> None:
        with self.world.db.write() as session:
            users.change(session, self.world.settings, BOSS, 2, UserChange(**given))  # type: ignore[arg-type]

    def end_all(self, but: Known | None = None) -> None:
        for one in self.known:
            one.ended = one.ended or one is not but

    def should_be_in(self, one: Known) -> bool:
        now = self.now[0]
        in_time = now < one.ends_at and now - one.last_used_at < IDLE
        return in_time and not one.ended and not self.disabled

    def is_in(self, one: Known) -> bool:
        with self.world.db.read() as session:
            try:
                auth.identify(session, one.claims, self.uses, "10.0.0.1")
            except Unauthenticated:
                return False
        return True

    @invariant()
    def the_list_is_what_is_good(self) -> None:
        with self.world.db.read() as session:
            listed = {one["id"] for one in sessions.list_of(session, self.world.settings, 2)}
        if not self.disabled:
            assert listed == {one.id for one in self.known if self.should_be_in(one)}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.slow
def test_any_order(world: World, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [START]
    monkeypatch.setattr(times, "now", lambda: now[0])

    class OfTheWorld(Machine):
        def __init__(self) -> None:
            now[0] = START
            _clear(world)
            super().__init__(world, now)

    examples = runs.on(database, 25)
    run_state_machine_as_test(
        OfTheWorld, settings=settings(max_examples=examples, stateful_step_count=25, deadline=None)
    )


def _clear(world: World) -> None:
    with world.db.write() as session:
        session.connection().execute(delete(UserSession))
        session.connection().execute(
            update(User).where(col(User.id) == 2).values(role=ROLES[0], disabled=False)
        )
