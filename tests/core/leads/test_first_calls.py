"""By when a new lead is called: set as it comes in, stopped by anyone's work on it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from backend.core import times
from backend.core.access import Person
from backend.core.calling import rules, targets
from backend.core.calling.targets import Handling
from backend.core.leads import (
    adding,
    attempts,
    bulk_edit,
    changes,
    contact,
    edit_undo,
    editing,
    leaving,
    matching,
)
from backend.models import Lead, Role, Status
from backend.schemas.attempts import NewAttempt
from backend.schemas.calling_rules import CallingRulesChange, NewHoliday
from backend.schemas.leads import LeadChange, LeadEdit, LeadsChange, NewLead
from tests.core.leads.merging_of import merge, unmerge
from tests.core.leads.test_attempts import STANDARD
from tests.world import AHEAD, LEAD, MEMBER, World

# A Monday, 10:30 in Hyderabad: half an hour after opening.
NOW = datetime(2026, 11, 2, 5, tzinfo=UTC)
LEADER = Person(1, LEAD, Role.TEAM_LEAD)
CALLER = Person(2, MEMBER, Role.TEAM_MEMBER, (1,))


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    now = [NOW]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now


def set_target(world: World, minutes: int | None = 60, center_id: int | None = None) -> None:
    wanted = CallingRulesChange(first_call_minutes=minutes)
    with world.db.write() as session:
        rules.change(session, center_id, wanted)


def arrive(world: World, name: str = "New", **given: Any) -> int:
    candidate = matching.Candidate(**{
        "created_time": times.now(), "center_id": 1, "source": "webhook", "player_name": name,
        "phone": "98480 11111", **given,
    })  # fmt: skip
    with world.db.write() as session:
        handling = Handling.read(session, world.settings)
        return adding.add(session, candidate, "IN", handling=handling).lead_id


def lead_of(world: World, lead_id: int) -> Lead:
    with world.db.read() as session:
        return session.get_one(Lead, lead_id)


def call_by(world: World, lead_id: int) -> timedelta | None:
    """Return how long after now a lead is to be called."""
    by = lead_of(world, lead_id).call_by
    return None if by is None else by - times.now()


HOUR = timedelta(hours=1)


def test_without_a_target_nothing_is_timed(world: World) -> None:
    assert call_by(world, arrive(world)) is None
    with world.db.read() as session:
        assert targets.read(session, world.settings.zone) is targets.NONE


def test_each_center_has_its_own_target(world: World) -> None:
    set_target(world)
    set_target(world, 15, center_id=2)
    assert call_by(world, arrive(world)) == HOUR
    assert call_by(world, arrive(world, "B", center_id=2)) == HOUR / 4
    assert call_by(world, arrive(world, "C", center_id=None, center_tag="TOFA Gachibowli")) == (
        HOUR / 4
    )
    assert call_by(world, arrive(world, "D", center_id=None, center_tag="TOFA Tellapur")) == HOUR
    # None at a center, and then as for all.
    set_target(world, 0, center_id=2)
    assert call_by(world, arrive(world, "E", center_id=2)) is None
    set_target(world, None, center_id=2)
    assert call_by(world, arrive(world, "F", center_id=2)) == HOUR
    set_target(world, None)
    assert call_by(world, arrive(world, "G")) is None


def test_the_clock_stops_while_the_center_is_closed(world: World, clock: list[datetime]) -> None:
    set_target(world)
    clock[0] = NOW.replace(hour=14)  # 19:30, and it closes at 20:00
    opens = NOW.replace(hour=4, minute=30)
    by = lead_of(world, arrive(world)).call_by
    assert by == opens + timedelta(days=1, minutes=30)
    holiday = NewHoliday(label="Diwali", first_day=opens.date() + timedelta(days=1))
    with world.db.write() as session:
        rules.add_holiday(session, holiday)
    assert lead_of(world, arrive(world, "B")).call_by == opens + timedelta(days=2, minutes=30)


@pytest.mark.parametrize(
    "given",
    [
        {"is_test": True},
        {"source": "upload"},
        {"source": "backfill", "created_time": NOW - timedelta(days=1, seconds=1)},
    ],
)
def test_what_has_no_target(world: World, given: dict[str, Any]) -> None:
    set_target(world)
    assert call_by(world, arrive(world, **given)) is None


def test_leads_of_a_backfill_and_of_a_person_have_one(world: World) -> None:
    set_target(world)
    recent = NOW - timedelta(hours=20)
    assert call_by(world, arrive(world, source="backfill", created_time=recent)) == HOUR
    new = NewLead(player_name="By hand", phone="98480 22222", center_id=1)
    with world.db.write() as session:
        handling = Handling.read(session, world.settings)
        added = editing.create(session, CALLER, new, "IN", handling)
    assert call_by(world, added["lead"]["id"]) == HOUR


def change(world: World, lead_id: int, **given: Any) -> None:
    wanted = LeadEdit.model_validate(given)
    with world.db.write() as session:
        editing.edit(session, LEADER, lead_id, wanted, world.settings.zone, "IN")


def call(world: World, lead_id: int, outcome: str) -> int:
    wanted = NewAttempt.model_validate({"outcome": outcome})
    with world.db.write() as session:
        return attempts.record(session, CALLER, lead_id, wanted, STANDARD)["id"]


def legacy(world: World, lead_id: int) -> None:
    said = LeadChange(status="New", comment="Hi")
    with world.db.write() as session:
        changes.update(session, CALLER, lead_id, said, world.settings.zone)


def refuse(world: World, lead_id: int) -> None:
    with world.db.write() as session:
        contact.set_allowed(session, CALLER, lead_id, allowed=False)


def change_together(world: World, lead_id: int, **given: Any) -> int:
    wanted = LeadsChange(ids=[lead_id], **given)
    with world.db.write() as session:
        return bulk_edit.change(session, LEADER, wanted, world.settings.zone)["id"] or 0


@pytest.mark.parametrize(
    "work",
    [
        lambda world, id: call(world, id, "no_answer"),
        lambda world, id: call(world, id, "whatsapp"),
        lambda world, id: change(world, id, status="Called"),
        lambda world, id: change(world, id, next_followup_date=AHEAD),
        lambda world, id: change(world, id, trial_at=AHEAD),
        lambda world, id: change(world, id, comment="Asked for the price"),
        lambda world, id: change_together(world, id, status="Dead/Not Interested"),
        legacy,
        refuse,
    ],
)
def test_work_stops_the_clock(world: World, work: Callable[[World, int], Any]) -> None:
    set_target(world)
    id = arrive(world)
    work(world, id)
    lead = lead_of(world, id)
    assert (lead.call_by, lead.handed_over_at) == (None, None)


def test_what_is_no_work_goes_on(world: World, clock: list[datetime]) -> None:
    set_target(world)
    id = arrive(world)
    clock[0] += HOUR / 4
    change(world, id, player_name="Other", address="1 Lake Road")
    arrive(world)  # another enquiry
    assert call_by(world, id) == HOUR * 3 / 4


def test_who_gets_a_lead_by_hand_has_the_whole_time(world: World, clock: list[datetime]) -> None:
    set_target(world)
    set_target(world, 15, center_id=2)
    id = arrive(world)
    clock[0] += HOUR / 2
    change(world, id, owner_id=2)
    assert call_by(world, id) == HOUR
    clock[0] += HOUR / 2
    change_together(world, id, owner_id=1)
    assert call_by(world, id) == HOUR
    clock[0] += HOUR / 2
    change(world, id, center_id=2)
    assert call_by(world, id) == HOUR / 4
    # The same owner again is no change.
    clock[0] += HOUR / 12
    change_together(world, id, owner_id=1)
    assert call_by(world, id) == HOUR / 6
    # Of a lead that someone has worked on, only the owner changes.
    change(world, id, comment="Hi")
    change(world, id, owner_id=None)
    assert call_by(world, id) is None


def test_what_is_undone_waits_again(world: World) -> None:
    set_target(world)
    id = arrive(world)
    made = call(world, id, "no_answer")
    with world.db.write() as session:
        attempts.undo(session, CALLER, id, made)
    assert call_by(world, id) == HOUR
    changed = change_together(world, id, status="Called")
    with world.db.write() as session:
        bulk_edit.undo(session, world.settings, LEADER, changed)
    assert call_by(world, id) == HOUR
    # One who leaves: the clock goes on, also where that is undone.
    change(world, id, owner_id=2)
    with world.db.write() as session:
        left = leaving.reassign(session, LEADER, 2, [])
    assert call_by(world, id) == HOUR
    with world.db.write() as session:
        bulk_edit.undo(session, world.settings, LEADER, left["id"] or 0)
    assert (lead_of(world, id).owner_id, call_by(world, id)) == (2, HOUR)


def test_work_since_an_edit_neither_keeps_it_from_being_undone_nor_is_forgotten(
    world: World, clock: list[datetime]
) -> None:
    set_target(world)
    id = arrive(world)

    def edit(**given: Any) -> int | None:
        with world.db.write() as session:
            wanted = LeadEdit.model_validate(given)
            return editing.edit(session, LEADER, id, wanted, world.settings.zone, "IN")["edit_id"]

    def undo(edit_id: int | None) -> None:
        with world.db.write() as session:
            edit_undo.undo(session, LEADER, id, edit_id or 0)

    # Alone, it changes nothing that could be undone.
    given = edit(owner_id=2)
    assert edit(comment="Called") is None
    undo(given)
    assert (lead_of(world, id).owner_id, call_by(world, id)) == (None, None)
    other = arrive(world, "Other")
    id = other
    clock[0] += timedelta(minutes=5)
    called = edit(status="Called")
    assert call_by(world, id) is None
    undo(called)
    assert call_by(world, id) == HOUR - timedelta(minutes=5)


def test_who_enquires_again_is_called_again(world: World, clock: list[datetime]) -> None:
    set_target(world)
    id = arrive(world)
    change(world, id, status="Dead/Not Interested")
    clock[0] += timedelta(days=30)
    assert arrive(world) == id
    assert (lead_of(world, id).status, call_by(world, id)) == (Status.NEW, HOUR)
    # Nor could they be reached.
    for _ in range(4):
        call(world, id, "no_answer")
    assert lead_of(world, id).unreachable_since is not None
    clock[0] += timedelta(days=1)
    assert arrive(world) == id
    assert (lead_of(world, id).next_followup_date, call_by(world, id)) == (clock[0], HOUR)
    # One that is called on a day has that day.
    change(world, id, next_followup_date=clock[0] + timedelta(days=3))
    clock[0] += HOUR
    arrive(world)
    assert call_by(world, id) is None


def test_merged_leads_are_called_by_the_earlier_time(world: World, clock: list[datetime]) -> None:
    set_target(world)
    this = arrive(world)
    clock[0] += HOUR / 4
    other = arrive(world, "Other")
    merged = merge(world, other, this)
    assert call_by(world, other) == HOUR * 3 / 4
    unmerge(world, merged)
    assert (call_by(world, other), call_by(world, this)) == (HOUR, HOUR * 3 / 4)
    call(world, this, "spoke")
    merged = merge(world, other, this)
    assert call_by(world, other) is None
    unmerge(world, merged)
    assert (call_by(world, other), call_by(world, this)) == (HOUR, None)


def test_what_is_known_is_a_few_seconds_old(world: World, clock: list[datetime]) -> None:
    zone = world.settings.zone
    assert targets.known(world.db, zone) is targets.NONE
    set_target(world)
    assert targets.known(world.db, zone) is targets.NONE
    clock[0] += targets.FRESH
    assert targets.known(world.db, zone).call_by(clock[0], 1) == clock[0] + HOUR
    set_target(world, None)
    targets.forget(world.db)
    assert targets.known(world.db, zone) is targets.NONE
