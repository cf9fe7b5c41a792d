"""Missed targets: each once, and each lead handed over once, whatever happens meanwhile."""

import threading
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, update
from sqlmodel import col, select

from backend.core.access import Person
from backend.core.calling import rules
from backend.core.leads import call_queue, handovers, lead_claims, listing, owners
from backend.core.reports import figures
from backend.models import (
    Attempt,
    CallingRules,
    Comment,
    Holiday,
    Lead,
    LeadClaim,
    LeadEvent,
    MissedTarget,
    OutboxMessage,
    Presence,
    Role,
    User,
    UserCenterLink,
)
from backend.schemas.call_queue import NextFilter
from backend.schemas.calling_rules import CallingRulesChange, NewHoliday
from backend.schemas.leads import LeadPageQuery
from backend.schemas.reports import ReportFilter
from tests.core.leads.test_first_calls import (
    CALLER,
    HOUR,
    LEADER,
    NOW,
    arrive,
    call,
    call_by,
    change,
    clock,
    lead_of,
    set_target,
)
from tests.world import World

__all__ = ["clock"]
# At Tellapur: a team lead, who is at all centers, and three callers.
TEAM_LEAD, FIRST, SECOND, THIRD = 1, 2, 6, 7
CALLERS = (FIRST, SECOND, THIRD)


@pytest.fixture
def world(world: World) -> World:
    with world.db.write() as session:
        for number in (SECOND, THIRD):
            email = f"caller{number}@tofa.example"
            session.add(
                User(
                    id=number,
                    email=email,
                    email_key=email,
                    hashed_password="-",
                    full_name=f"Caller {number}",
                    role=Role.TEAM_MEMBER,
                )
            )
            session.flush()
            session.add(UserCenterLink(user_id=number, center_id=1))
        # What the academy begins with waits for nobody.
        session.connection().execute(delete(Lead))
    return world


def run(world: World) -> None:
    while handovers.run(world.db, world.settings):
        pass


def step_away(world: World, *people: int) -> None:
    with world.db.write() as session:
        session.connection().execute(delete(Presence))
        session.add_all(Presence(user_id=id, away_since=NOW) for id in people)


def rows(world: World, lead_id: int | None = None) -> list[MissedTarget]:
    with world.db.read() as session:
        query = select(MissedTarget).order_by(col(MissedTarget.id))
        found = session.exec(query).all()
    return [one for one in found if lead_id in (None, one.lead_id)]


def lines(world: World, lead_id: int) -> list[str]:
    """Return what the history says of the handovers of a lead."""
    with world.db.read() as session:
        query = select(LeadEvent).where(
            col(LeadEvent.lead_id) == lead_id, col(LeadEvent.kind) == "assigned"
        )
        found = session.exec(query.order_by(col(LeadEvent.id))).all()
    return [one.data for one in found if "missed" in str(one.data)]


def told(world: World) -> list[tuple[str, int | None]]:
    """Return what is announced of handovers: the kind, and the id of who is told; None for all
    team leads."""
    kinds = ("missed_target", "assigned")
    query = select(OutboxMessage).where(col(OutboxMessage.kind).in_(kinds))
    with world.db.read() as session:
        found = session.exec(query.order_by(col(OutboxMessage.id))).all()
    return [(one.kind, one.user_id) for one in found]


def test_people_are_told_once(world: World, clock: list[datetime]) -> None:
    set_target(world)
    arrive(world)
    clock[0] += HOUR
    run(world)
    run(world)
    once = [("missed_target", None), ("assigned", FIRST)]
    assert told(world) == once
    clock[0] += HOUR
    run(world)
    run(world)
    assert told(world) == [*once, ("missed_target", None), ("assigned", TEAM_LEAD)]


def test_a_lead_goes_on_to_a_colleague_and_then_to_a_team_lead(
    world: World, clock: list[datetime]
) -> None:
    set_target(world)
    id = arrive(world)
    clock[0] += HOUR - timedelta(seconds=1)
    run(world)
    assert (rows(world), lead_of(world, id).owner_id) == ([], None)
    clock[0] += timedelta(seconds=1)
    run(world)
    lead = lead_of(world, id)
    assert (lead.owner_id, lead.handed_over_at, call_by(world, id)) == (FIRST, clock[0], HOUR)
    run(world)
    (row,) = rows(world)
    assert (row.kind, row.due_at, row.missed_at) == ("first_call", NOW + HOUR, clock[0])
    assert (row.owner_id, row.center_id, row.handed_to) == (None, 1, FIRST)
    assert (shown(world, id)["handed_over_from"], len(lines(world, id))) == (None, 1)
    clock[0] += HOUR
    run(world)
    lead = lead_of(world, id)
    assert (lead.owner_id, lead.call_by, lead.handed_over_at) == (TEAM_LEAD, None, clock[0])
    assert shown(world, id)["handed_over_from"] == "Tellapur"
    clock[0] += 10 * HOUR
    run(world)
    assert [(one.owner_id, one.handed_to) for one in rows(world)] == [
        (None, FIRST), (FIRST, TEAM_LEAD),
    ]  # fmt: skip
    assert len(lines(world, id)) == 2
    # The team lead calls.
    change(world, id, status="Called")
    assert shown(world, id)["handed_over_from"] is None


def shown(world: World, lead_id: int) -> dict[str, Any]:
    with world.db.read() as session:
        found = listing.page(session, LEADER, LeadPageQuery(), world.settings.zone)
    return next(dict(one) for one in found["leads"] if one["id"] == lead_id)


def test_who_got_the_fewest_today_is_next(world: World, clock: list[datetime]) -> None:
    set_target(world)
    ids = [arrive(world, f"Child {number}") for number in range(7)]
    step_away(world, SECOND)
    change(world, ids[0], owner_id=FIRST)
    clock[0] += HOUR
    run(world)
    given = Counter(lead_of(world, id).owner_id for id in ids)
    assert given == {FIRST: 4, THIRD: 3}
    assert lead_of(world, ids[0]).owner_id == THIRD
    # On another day all begin again.
    step_away(world)
    clock[0] += timedelta(days=1)
    id = arrive(world, "Tomorrow")
    with world.db.write() as session:
        owners.assign(session, [session.get_one(Lead, id)], FIRST, 1, clock[0])
        waiting = update(Lead).where(col(Lead.id) != id).values(call_by=None)
        session.connection().execute(waiting)
    clock[0] += HOUR
    run(world)
    assert lead_of(world, id).owner_id == SECOND


def test_if_nobody_is_present_a_team_lead_gets_it(world: World, clock: list[datetime]) -> None:
    set_target(world)
    step_away(world, *CALLERS)
    id = arrive(world)
    clock[0] += HOUR
    run(world)
    assert (lead_of(world, id).owner_id, call_by(world, id)) == (TEAM_LEAD, None)
    # Even one who isn't present.
    step_away(world, TEAM_LEAD, *CALLERS)
    other = arrive(world, "Other")
    clock[0] += HOUR
    run(world)
    assert lead_of(world, other).owner_id == TEAM_LEAD
    # The team lead's own lead stays where it is, and is missed once.
    own = arrive(world, "Own")
    change(world, own, owner_id=TEAM_LEAD)
    clock[0] += HOUR
    run(world)
    lead = lead_of(world, own)
    assert (lead.owner_id, lead.call_by, lines(world, own)) == (TEAM_LEAD, None, [])
    assert [one.handed_to for one in rows(world, own)] == [None]


def test_what_is_missed_at_closing_time_goes_to_who_opens(
    world: World, clock: list[datetime]
) -> None:
    set_target(world)
    clock[0] = NOW.replace(hour=13, minute=30)  # an hour before closing
    id = arrive(world)
    clock[0] += HOUR + timedelta(seconds=5)
    run(world)
    opens = NOW.replace(hour=4, minute=30) + timedelta(days=1)
    lead = lead_of(world, id)
    assert (lead.owner_id, lead.call_by) == (FIRST, opens + HOUR)


def test_a_lead_in_hand_is_missed_and_stays(world: World, clock: list[datetime]) -> None:
    set_target(world)
    id = arrive(world)
    clock[0] += HOUR
    with world.db.write() as session:
        lead_claims.claim(session, CALLER, id, 10)
    run(world)
    assert (lead_of(world, id).owner_id, len(rows(world)), lines(world, id)) == (None, 1, [])
    clock[0] += timedelta(minutes=10)
    run(world)
    assert (lead_of(world, id).owner_id, len(rows(world))) == (FIRST, 1)
    assert rows(world)[0].missed_at == NOW + HOUR


def test_what_no_longer_waits_is_left_alone(world: World, clock: list[datetime]) -> None:
    set_target(world)
    id, other = arrive(world), arrive(world, "Other")
    # By a program that knows nothing of targets.
    with world.db.write() as session:
        called = update(Lead).where(col(Lead.id) == id).values(status="Called")
        session.connection().execute(called)
    clock[0] += HOUR
    set_target(world, None, center_id=2)
    handovers.run(world.db, world.settings)
    assert (lead_of(world, id).call_by, rows(world, id)) == (None, [])
    assert len(rows(world, other)) == 1
    # Without a target nothing is late any more.
    set_target(world, None)
    clock[0] += HOUR
    run(world)
    assert (len(rows(world)), lead_of(world, other).call_by) == (1, None)


def test_a_crash_leaves_nothing_half_done(
    world: World, clock: list[datetime], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_target(world)
    ids = [arrive(world, f"Child {number}") for number in range(3)]
    clock[0] += HOUR
    done: list[int] = []
    whole = handovers.hand_over

    def die(session: Any, lead: Lead, *rest: Any) -> None:
        whole(session, lead, *rest)
        done.append(lead.id or 0)
        if len(done) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(handovers, "hand_over", die)
        with pytest.raises(KeyboardInterrupt):
            handovers.run(world.db, world.settings)
    assert (rows(world), lines(world, ids[0])) == ([], [])
    run(world)
    assert [len(lines(world, id)) for id in ids] == [1, 1, 1]
    assert [(one.lead_id, one.handed_to) for one in rows(world)] == [
        (id, lead_of(world, id).owner_id) for id in ids
    ]


def test_any_number_of_workers_hand_over_once(world: World, clock: list[datetime]) -> None:
    set_target(world)
    ids = [arrive(world, f"Child {number}") for number in range(30)]
    clock[0] += HOUR
    start = threading.Barrier(3)
    done: list[bool] = []

    def work() -> None:
        start.wait()
        run(world)
        done.append(True)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(done) == 3
    run(world)
    assert sorted(one.lead_id for one in rows(world)) == ids
    assert [len(lines(world, id)) for id in ids] == [1] * 30
    assert all(call_by(world, id) == HOUR for id in ids)


def test_handed_over_leads_come_first(world: World, clock: list[datetime]) -> None:
    set_target(world)
    first = arrive(world, "Handed over")
    clock[0] += HOUR
    arrive(world, "New")
    run(world)
    nearly = arrive(world, "Nearly late")
    with world.db.write() as session:
        soon = update(Lead).where(col(Lead.id) == nearly)
        session.connection().execute(soon.values(call_by=clock[0] + timedelta(minutes=10)))
    with world.db.read() as session:
        queue = call_queue.show(session, CALLER, NextFilter(), world.settings.zone)
    assert [(one["player_name"], one["why"]) for one in queue["leads"]] == [
        ("Handed over", "new"), ("Nearly late", "new"), ("New", "new"),
    ]  # fmt: skip
    assert queue["counts"]["new"] == 3
    assert "urgent" not in queue["counts"]
    assert found(world, missed="first_call") == [first]


def found(world: World, **given: str) -> list[int]:
    wanted = LeadPageQuery.model_validate(given)
    with world.db.read() as session:
        page = listing.page(session, LEADER, wanted, world.settings.zone)
    return [one["id"] for one in page["leads"]]


def test_late_follow_ups_count_once_and_stay(world: World, clock: list[datetime]) -> None:
    ids = [arrive(world, f"Child {number}") for number in range(3)]
    for id in ids[:2]:
        change(world, id, owner_id=FIRST, next_followup_date=NOW + HOUR)
    change(world, ids[2], next_followup_date=NOW + HOUR)  # in the queue of the center
    old = arrive(world, "Old")
    change(world, old, owner_id=FIRST, next_followup_date=NOW)
    clock[0] += timedelta(seconds=1)
    with world.db.write() as session:
        rules.change(session, None, CallingRulesChange(follow_up_minutes=120))
    clock[0] = NOW + 3 * HOUR - timedelta(seconds=1)
    handovers.run_follow_ups(world.db, world.settings)
    assert rows(world) == []
    call(world, ids[1], "spoke")
    clock[0] += timedelta(seconds=1)
    for _ in range(2):
        handovers.run_follow_ups(world.db, world.settings)
    (row,) = rows(world)
    assert (row.lead_id, row.kind, row.due_at) == (ids[0], "follow_up", NOW + HOUR)
    assert (row.owner_id, row.handed_to, lead_of(world, ids[0]).owner_id) == (FIRST, None, FIRST)
    assert found(world, missed="follow_up") == [ids[0]]
    # Another date is another follow-up; over night the clock stops.
    later = NOW.replace(hour=13, minute=30)
    change(world, ids[0], next_followup_date=later)
    assert found(world, missed="follow_up") == []
    clock[0] = later + timedelta(hours=14, minutes=59)
    assert handovers.run_follow_ups(world.db, world.settings) == 0
    clock[0] += 2 * HOUR
    assert handovers.run_follow_ups(world.db, world.settings) == 1
    assert len(rows(world)) == 2


def test_reports_count_what_was_missed(world: World, clock: list[datetime]) -> None:
    set_target(world)
    arrive(world)
    elsewhere = arrive(world, "Elsewhere", center_id=2)
    clock[0] += HOUR
    run(world)
    clock[0] += timedelta(days=1)
    run(world)

    def report(by: Person, **given: Any) -> Any:
        day = NOW.date().isoformat()
        wanted = ReportFilter.model_validate({"from": day, "to": "2026-11-04", **given})
        with world.db.read() as session:
            return figures.show(session, by, wanted, world.settings.zone)["missed"]

    assert report(LEADER) == {
        "first_call": 4,
        "follow_up": 0,
        "days": [
            {"day": "2026-11-02", "first_call": 2, "follow_up": 0},
            {"day": "2026-11-03", "first_call": 2, "follow_up": 0},
        ],
    }
    assert report(CALLER)["first_call"] == report(LEADER, center_id=2)["first_call"] == 2
    assert len(rows(world, elsewhere)) == 2


class Machine(RuleBasedStateMachine):
    """Leads that come in, calls, claims, holidays, people who leave, and a clock that goes on."""

    def __init__(self, world: World, clock: list[datetime]) -> None:
        super().__init__()
        self.world, self.clock = world, clock
        clock[0] = NOW
        self.away: set[int] = set()
        self.worked_on: set[int] = set()
        self.arrived: list[int] = []
        with world.db.write() as session:
            for table in (
                *(MissedTarget, Presence, Holiday, CallingRules, Attempt, Comment, LeadClaim),
                *(LeadEvent, Lead),
            ):
                session.connection().execute(delete(table))
        set_target(world, 30)

    @rule()
    def come_in(self) -> None:
        self.arrived.append(arrive(self.world, f"Child {len(self.arrived)}"))

    @precondition(lambda self: self.arrived)
    @rule(data=st.data(), work=st.sampled_from(["spoke", "no_answer", "comment"]))
    def work(self, data: st.DataObject, work: str) -> None:
        id = data.draw(st.sampled_from(self.arrived))
        if work == "comment":
            change(self.world, id, comment="Hi")
        else:
            call(self.world, id, work)
        self.worked_on.add(id)

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def claim(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.arrived))
        with self.world.db.write() as session:
            lead_claims.claim(session, CALLER, id, 10)

    @rule(person=st.sampled_from([TEAM_LEAD, *CALLERS]))
    def come_or_go(self, person: int) -> None:
        self.away ^= {person}
        step_away(self.world, *self.away)

    @rule(days=st.integers(1, 3))
    def close_for_a_day(self, days: int) -> None:
        day: date = self.clock[0].date() + timedelta(days=days)
        with self.world.db.write() as session:
            rules.add_holiday(session, NewHoliday(label="Closed", first_day=day))

    @rule(minutes=st.sampled_from([5, 20, 30, 60, 700]))
    def go_on(self, minutes: int) -> None:
        self.clock[0] += timedelta(minutes=minutes)

    @invariant()
    def everything_is_done_once(self) -> None:
        before = {id: lead_of(self.world, id) for id in self.arrived}
        known = {one.id for one in rows(self.world) if one.handed_to is not None}
        run(self.world)
        with self.world.db.read() as session:
            held = {
                one.lead_id for one in session.exec(select(LeadClaim)) if one.until > self.clock[0]
            }
        for id in self.arrived:
            self.check(id, before[id], held, known)

    def check(self, id: int, before: Lead, held: set[int], known: set[int | None]) -> None:
        lead, own = lead_of(self.world, id), rows(self.world, id)
        now = self.clock[0]
        handed = [one for one in own if one.handed_to is not None]
        assert len({one.due_at for one in own}) == len(own) <= 2
        assert len(lines(self.world, id)) == len(handed)
        assert all(one.due_at <= one.missed_at for one in own)
        # Late leads don't stay where they are, unless someone has them in hand.
        if lead.call_by is not None and lead.call_by <= now:
            assert id in held
            assert own[-1].due_at == lead.call_by
        if id in self.worked_on:
            assert (lead.call_by, lead.handed_over_at) == (None, None)
            assert lead.owner_id == before.owner_id
        for one in handed:
            if one.id not in known and one.handed_to in CALLERS:
                assert one.handed_to not in self.away
                assert one.handed_to != one.owner_id
        if len(handed) == 2:
            assert handed[0].handed_to == handed[1].owner_id
            assert handed[1].handed_to == TEAM_LEAD


@pytest.mark.slow
def test_each_target_is_missed_once_whatever_happens(world: World, clock: list[datetime]) -> None:
    class OfTheWorld(Machine):
        def __init__(self) -> None:
            super().__init__(world, clock)

    run_state_machine_as_test(
        OfTheWorld,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, phases=[Phase.generate]
        ),
    )
