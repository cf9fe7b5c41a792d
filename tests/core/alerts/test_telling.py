"""Who is told what, at once: the owner, the people of the center, the team leads."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.alerts import announcing, follow_ups, inbox, telling
from backend.core.alerts.announcing import AlertKind, announce
from backend.core.imports import upload
from backend.core.leads import adding, assignment_rules, bulk_edit, leaving
from backend.core.leads.matching import Candidate
from backend.core.outbox import inside
from backend.models import Alert, CallingRules, Lead, OutboxMessage, User
from backend.schemas.alerts import AlertFilter
from backend.schemas.assignment import NewRule
from backend.schemas.leads import LeadsChange
from tests.core.intake.arrivals import flat, work_off
from tests.world import GACHIBOWLI, LEAD_OF_TELLAPUR, TELLAPUR, World

LEAD, MEMBER, OTHER, OBSERVER, DISABLED = range(1, 6)
LEADER = Person(LEAD, "lead@tofa.example", "team_lead")
Told = set[tuple[int, str, int | None, int]]


def tell(world: World) -> Told:
    """Pass on what was announced. Returns what everyone hasn't seen."""
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass
    with world.db.read() as session:
        unseen = select(Alert).where(col(Alert.seen_at).is_(None))
        return {(one.user_id, one.kind, one.lead_id, one.count) for one in session.scalars(unseen)}


def add(world: World, phone: str = "9848022338", by: int | None = None, **given: object) -> int:
    new: dict[str, object] = {"center_id": TELLAPUR, "player_name": "Asha"} | given
    candidate = Candidate(created_time=times.now(), source="webhook", phone=phone, **new)  # type: ignore[arg-type]
    with world.db.write() as session:
        return adding.add(session, candidate, "IN", by).lead_id


def own(world: World, lead_id: int, owner_id: int | None, **more: object) -> None:
    change = update(Lead).where(col(Lead.id) == lead_id).values(owner_id=owner_id, **more)
    with world.db.write() as session:
        session.connection().execute(change)


def test_a_new_lead_is_told_to_its_center(world: World) -> None:
    id = add(world)
    assert tell(world) == {(MEMBER, "new_lead", id, 1)}
    with world.db.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxMessage)) == 0


def test_nobody_is_told_of_what_they_did(world: World) -> None:
    add(world, by=MEMBER)
    assert tell(world) == set()


def test_a_center_without_people_has_its_team_leads(world: World) -> None:
    with world.db.write() as session:
        session.get_one(User, MEMBER).disabled = True
    id = add(world)
    assert tell(world) == {(LEAD, "new_lead", id, 1)}


def test_a_repeat_enquiry_is_told_to_the_owner(world: World) -> None:
    id = add(world)
    own(world, id, LEAD)
    tell(world)
    add(world)
    assert (LEAD, "repeat_enquiry", id, 1) in tell(world)
    add(world)
    assert (LEAD, "repeat_enquiry", id, 2) in tell(world)


def test_an_owner_who_has_no_access_is_not_told(world: World) -> None:
    id = add(world)
    own(world, id, OTHER)
    assert tell(world) == {(MEMBER, "new_lead", id, 1)}


def test_leads_that_are_assigned_are_told_with_a_count(world: World) -> None:
    ids = [add(world, f"98480223{number:02}") for number in range(3)]
    tell(world)
    with world.db.write() as session:
        wanted = LeadsChange(ids=ids, owner_id=MEMBER)
        bulk_edit.change(session, LEADER, wanted, world.settings.zone)
    assert (MEMBER, "assigned", None, 3) in tell(world)
    with world.db.write() as session:
        leaving.reassign(session, LEADER, MEMBER, [LEAD])
    # Team leads know what they have given themselves.
    assert not {one for one in tell(world) if one[0] == LEAD}


def test_a_new_lead_that_a_rule_assigns_is_told_once(world: World) -> None:
    always = [[["00:00", "23:59"]]] * 7
    with world.db.write() as session:
        session.add(CallingRules(place=0, week=always))
        rule = NewRule.model_validate({"center_id": TELLAPUR, "shares": [{"user_id": LEAD}]})
        assignment_rules.add(session, LEADER, rule)
    flat(world.db, full_name="Asha", phone_number="9848022338", nearest_center="TOFA Tellapur")
    work_off(world.db, world.settings)
    with world.db.read() as session:
        (id,) = session.scalars(select(col(Lead.id)).where(col(Lead.owner_id) == LEAD)).all()
    assert tell(world) == {(LEAD, "new_lead", id, 1)}


def test_one_lead_that_is_assigned_is_named(world: World) -> None:
    with world.db.write() as session:
        wanted = LeadsChange(ids=[LEAD_OF_TELLAPUR], owner_id=MEMBER)
        bulk_edit.change(session, LEADER, wanted, world.settings.zone)
    assert tell(world) == {(MEMBER, "assigned", LEAD_OF_TELLAPUR, 1)}


def test_imports_announce_nothing(world: World) -> None:
    rows = "".join(f"98480{number:05},TOFA Tellapur\n" for number in range(50))
    sheet = f"phone,_which_is_the_nearest_tofa_center_to_you?\n{rows}".encode()
    upload.upload(world.db, world.settings, LEADER, "leads.csv", sheet)
    assert tell(world) == set()


def test_team_leads_are_told_of_deliveries_that_wait(world: World) -> None:
    for number in range(3):
        flat(world.db, nearest_center="Mars", full_name=str(number))
    work_off(world.db, world.settings)
    assert tell(world) == {(LEAD, "delivery_waiting", None, 3)}


def test_a_missed_target_is_told_to_team_leads(world: World) -> None:
    with world.db.write() as session:
        announce(session, AlertKind.MISSED_TARGET, lead_id=LEAD_OF_TELLAPUR)
    assert tell(world) == {(LEAD, "missed_target", LEAD_OF_TELLAPUR, 1)}


def test_a_lead_that_was_removed_is_not_told(world: World) -> None:
    with world.db.write() as session:
        announce(session, AlertKind.NEW_LEAD, lead_id=12345)
    assert tell(world) == set()


@pytest.fixture
def open_at(world: World, monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """A clock that shows an hour at which parents are called."""
    noon = datetime.combine(times.now().date(), datetime.min.time(), world.settings.zone)
    now = [times.to_utc(noon + timedelta(days=1, hours=12), world.settings.zone)]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now


def test_a_follow_up_is_told_at_its_time(world: World, open_at: list[datetime]) -> None:
    soon = open_at[0] + timedelta(minutes=10)
    own(world, LEAD_OF_TELLAPUR, MEMBER, next_followup_date=soon)
    for wait in (0, 5):
        open_at[0] += timedelta(minutes=wait)
        assert follow_ups.run(world.db, world.settings) == 0
    open_at[0] += timedelta(minutes=6)
    assert follow_ups.run(world.db, world.settings) == 1
    assert follow_ups.run(world.db, world.settings) == 0
    assert tell(world) == {(MEMBER, "follow_up_due", LEAD_OF_TELLAPUR, 1)}


def test_a_follow_up_of_midnight_is_told_in_the_morning(
    world: World, open_at: list[datetime]
) -> None:
    midnight = open_at[0] + timedelta(hours=12)
    own(world, LEAD_OF_TELLAPUR, MEMBER, next_followup_date=midnight)
    follow_ups.run(world.db, world.settings)
    open_at[0] = midnight + timedelta(seconds=5)
    follow_ups.run(world.db, world.settings)
    assert tell(world) == set()
    open_at[0] = midnight + timedelta(hours=10)
    assert tell(world) == {(MEMBER, "follow_up_due", LEAD_OF_TELLAPUR, 1)}


def test_what_was_done_by_then_is_not_told(world: World, open_at: list[datetime]) -> None:
    own(world, LEAD_OF_TELLAPUR, MEMBER, next_followup_date=open_at[0] + timedelta(hours=12))
    follow_ups.run(world.db, world.settings)
    open_at[0] += timedelta(hours=12)
    follow_ups.run(world.db, world.settings)
    own(world, LEAD_OF_TELLAPUR, MEMBER, next_followup_date=open_at[0] + timedelta(days=3))
    open_at[0] += timedelta(days=1)
    assert tell(world) == set()


def test_a_lead_that_has_moved_is_not_listed(world: World) -> None:
    id = add(world)
    tell(world)
    member = Person(MEMBER, "", "team_member", (TELLAPUR,))

    def listed(session: Session) -> list[int | None]:
        found = inbox.list_page(session, member, AlertFilter())
        return [one["lead_id"] for one in found]

    with world.db.read() as session:
        assert listed(session) == [id]
    own(world, id, None, center_id=GACHIBOWLI)
    with world.db.read() as session:
        assert listed(session) == []
