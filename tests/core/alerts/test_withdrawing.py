"""An alert of leads that aren't the person's any more goes, or counts fewer."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import delete, select, update
from sqlmodel import col

from backend.core.access import Person
from backend.core.alerts import inbox, pushing
from backend.core.leads import bulk_edit, detail, edit_undo, editing, merging, owners, removing
from backend.core.outbox.channels import Message
from backend.models import Alert, Lead, LeadEvent, OutboxMessage, User
from backend.schemas.leads import LeadEdit, LeadsChange
from backend.schemas.merging import MergeLeads
from tests import runs
from tests.core.alerts.test_telling import LEADER, MEMBER, Told, add, tell
from tests.world import LEAD_OF_TELLAPUR, TELLAPUR, World

LEAD = LEADER.id
# Another team lead, who sees all leads.
SECOND = 21
Leave = Callable[[World, list[int]], None]


def three(world: World) -> list[int]:
    ids = [add(world, f"98480223{number:02}", player_name=str(number)) for number in range(3)]
    tell(world)
    return ids


def give(world: World, ids: list[int], owner_id: int | None, by: Person = LEADER) -> int | None:
    with world.db.write() as session:
        wanted = LeadsChange(ids=ids, owner_id=owner_id)
        return bulk_edit.change(session, by, wanted, world.settings.zone)["id"]


def assigned(world: World, user_id: int = MEMBER) -> set[tuple[int | None, int]]:
    """Pass on what was announced. Returns the leads and counts of the alerts of a person."""
    return {
        (lead, count)
        for user, kind, lead, count in tell(world)
        if (user, kind) == (user_id, "assigned")
    }


def to_the_queue(world: World, ids: list[int]) -> None:
    give(world, ids, None)


def to_someone_else(world: World, ids: list[int]) -> None:
    give(world, ids, LEAD)


def removed(world: World, ids: list[int]) -> None:
    with world.db.write() as session:
        removing.remove(session, ids)


def released(world: World, ids: list[int]) -> None:
    with world.db.write() as session:
        session.get_one(User, MEMBER).disabled = True
        session.flush()
        owners.release(session, ids, LEAD, session.get_one(Lead, ids[0]).created_time)
        session.get_one(User, MEMBER).disabled = False


WAYS = [to_the_queue, to_someone_else, removed, released]


@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("is_told", [True, False])
def test_an_alert_of_one_lead_goes(world: World, leave: Leave, is_told: bool) -> None:
    ids = three(world)
    give(world, ids[:1], MEMBER)
    if is_told:
        assert assigned(world) == {(ids[0], 1)}
    leave(world, ids[:1])
    assert assigned(world) == set()


@pytest.mark.parametrize("leave", WAYS)
@pytest.mark.parametrize("is_told", [True, False])
def test_an_alert_of_several_counts_fewer(world: World, leave: Leave, is_told: bool) -> None:
    ids = three(world)
    give(world, ids, MEMBER)
    if is_told:
        assert assigned(world) == {(None, 3)}
    leave(world, ids[:1])
    assert assigned(world) == {(None, 2)}
    leave(world, ids[1:])
    assert assigned(world) == set()


def test_undoing_an_assignment(world: World) -> None:
    ids = three(world)
    change = give(world, ids, MEMBER)
    assert assigned(world) == {(None, 3)}
    with world.db.write() as session:
        bulk_edit.undo(session, world.settings, LEADER, change or 0)
    assert assigned(world) == set()


def test_undoing_an_edit(world: World) -> None:
    with world.db.write() as session:
        given = LeadEdit(owner_id=MEMBER)
        edited = editing.edit(session, LEADER, LEAD_OF_TELLAPUR, given, world.settings.zone, "IN")
    assert assigned(world) == {(LEAD_OF_TELLAPUR, 1)}
    with world.db.write() as session:
        edit_undo.undo(session, LEADER, LEAD_OF_TELLAPUR, edited["edit_id"] or 0)
    assert assigned(world) == set()


def test_a_merged_lead(world: World) -> None:
    ids = three(world)
    give(world, ids, MEMBER)
    assert assigned(world) == {(None, 3)}
    with world.db.write() as session:
        last = detail.versions(session, ids)
        wanted = MergeLeads(other_id=ids[1], version=last[ids[0]], other_version=last[ids[1]])
        merging.merge(session, LEADER, ids[0], wanted)
    assert assigned(world) == {(None, 2)}


def test_what_was_seen_before_is_not_counted(world: World) -> None:
    ids = three(world)
    give(world, ids[:2], MEMBER)
    assert assigned(world) == {(None, 2)}
    see(world, MEMBER)
    more = [add(world, f"98480224{number:02}", player_name=str(number)) for number in range(2)]
    give(world, more, MEMBER)
    assert assigned(world) == {(None, 2)}
    give(world, ids, None)
    assert assigned(world) == {(None, 2)}


def test_a_lead_that_comes_back_was_theirs(world: World) -> None:
    """It isn't told a second time, nor taken away twice."""
    ids = three(world)
    give(world, ids, MEMBER)
    tell(world)
    change = give(world, ids[:1], LEAD)
    assert assigned(world) == {(None, 2)}
    with world.db.write() as session:
        bulk_edit.undo(session, world.settings, LEADER, change or 0)
    give(world, ids[:1], LEAD)
    assert assigned(world) == {(None, 2)}


def see(world: World, user_id: int) -> None:
    with world.db.write() as session:
        inbox.mark_seen(session, Person(user_id, "", "team_lead"), None)


@pytest.mark.parametrize("many", [1, 3])
def test_a_browser_is_not_sent_what_is_no_longer_true(world: World, many: int) -> None:
    ids = three(world)[:many]
    give(world, ids, MEMBER)
    tell(world)
    lead_id = ids[0] if many == 1 else None
    message = Message(
        1, "web_push", "assigned", 0, user_id=MEMBER, lead_id=lead_id, data={"count": many}
    )

    def count() -> int:
        with world.db.read() as session:
            return pushing.count(session, message)

    assert count() == many
    give(world, ids[:1], None)
    tell(world)
    assert count() == many - 1
    see(world, MEMBER)
    assert count() == many - 1


class Inboxes(RuleBasedStateMachine):
    """People get leads, lose them, and look at their alerts; the alerts are always right."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.people = (LEAD, SECOND, None)
        with world.db.write() as session:
            if session.get(User, SECOND) is None:
                session.add(
                    User(
                        id=SECOND, email="second@x.example", email_key="second@x.example",
                        hashed_password="", full_name="Second", role="team_lead",
                    )
                )  # fmt: skip
            connection = session.connection()
            connection.execute(delete(Alert))
            connection.execute(delete(OutboxMessage))
            connection.execute(delete(LeadEvent))
            connection.execute(update(Lead).values(owner_id=None))
            session.flush()
            missing = 5 - len([*session.scalars(select(col(Lead.id)))])
            leads = [
                Lead(created_time=session.get_one(Lead, 1).created_time, center_id=TELLAPUR)
                for _ in range(missing)
            ]
            session.add_all(leads)
        with world.db.read() as session:
            self.leads = [*session.scalars(select(col(Lead.id)).order_by(col(Lead.id)))]
        self.owner: dict[int, int | None] = {}
        # Of each person, the leads that their alerts tell: of several at once, and of one.
        self.of_many: dict[int, set[int]] = {LEAD: set(), SECOND: set()}
        self.of_one: dict[int, set[int]] = {LEAD: set(), SECOND: set()}

    @rule(
        at=st.sets(st.integers(0, 4), min_size=1),
        to=st.integers(0, 2),
        by=st.sampled_from((LEAD, SECOND)),
        tells=st.booleans(),
    )
    def assign(self, at: set[int], to: int, by: int, tells: bool) -> None:
        owner = self.people[to]
        ids = [self.leads[one] or 0 for one in sorted(at)]
        given = [id for id in ids if self.owner.get(id) != owner]
        if owner == by:
            # Someone who takes a lead may still be told that it was given to them just before.
            tell(self.world)
        give(self.world, ids, owner, Person(by, "", "team_lead"))
        for id in given:
            for told in (*self.of_many.values(), *self.of_one.values()):
                told.discard(id)
            self.owner[id] = owner
        if owner is not None and owner != by:
            (self.of_one if len(given) == 1 else self.of_many)[owner].update(given)
        if tells:
            tell(self.world)

    @rule(person=st.sampled_from((LEAD, SECOND)))
    def look(self, person: int) -> None:
        tell(self.world)
        see(self.world, person)
        self.of_many[person].clear()
        self.of_one[person].clear()

    @invariant()
    def they_are_right(self) -> None:
        if not self.is_told():
            return
        with self.world.db.read() as session:
            unseen = session.scalars(select(Alert).where(col(Alert.seen_at).is_(None)))
            found: Told = {(one.user_id, one.kind, one.lead_id, one.count) for one in unseen}
        expected: Told = set()
        for person in (LEAD, SECOND):
            expected |= {(person, "assigned", id, 1) for id in self.of_one[person]}
            if count := len(self.of_many[person]):
                expected.add((person, "assigned", None, count))
        assert found == expected

    def is_told(self) -> bool:
        with self.world.db.read() as session:
            return session.scalar(select(col(OutboxMessage.id)).limit(1)) is None


def test_alerts_are_always_right(world: World) -> None:
    def inboxes() -> Inboxes:
        return Inboxes(world)

    run_state_machine_as_test(
        inboxes,  # type: ignore[arg-type]
        settings=settings(
            max_examples=runs.on(world.db.engine.name, 25), stateful_step_count=15, deadline=None
        ),
    )
