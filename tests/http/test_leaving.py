"""What becomes of a person's open leads when they leave, over HTTP."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import update
from sqlmodel import col, select

from backend.core import times
from backend.core.calling.rules import Standard
from backend.core.jobs import JOBS, Work
from backend.core.leads import leaving, waiting_leads
from backend.models import AuditEvent, Lead, LeadEvent, Role, Status, User, UserCenterLink
from tests.servers import Client
from tests.world import MEMBER, OTHER_MEMBER, World

LEAD_ID, MEMBER_ID, OTHER_ID, OBSERVER_ID = range(1, 5)
ALL_DAY = [[{"opens": "00:00", "closes": "23:59"}]] * 7
REASSIGN = f"/users/{MEMBER_ID}/reassign-leads"


@pytest.fixture
def owned(world: World) -> None:
    """Seven leads of a member, the last of which has joined, and a colleague at the same center."""
    with world.db.write() as session:
        session.add(UserCenterLink(user_id=OTHER_ID, center_id=1))
        for number in range(3, 10):
            session.add(
                Lead(
                    id=number,
                    created_time=times.now() - timedelta(days=number),
                    player_name=f"Child {number}",
                    center_id=1,
                    owner_id=MEMBER_ID,
                    status=Status.JOINED if number == 9 else Status.CALLED,
                )
            )


def owners(world: World, since: int = 3) -> dict[int, int | None]:
    with world.db.read() as session:
        own = select(col(Lead.id), col(Lead.owner_id)).where(col(Lead.id) >= since)
        found = session.execute(own)
        return {id or 0: owner for id, owner in found}


def lines(world: World) -> list[tuple[int, Any]]:
    with world.db.read() as session:
        query = select(LeadEvent).where(col(LeadEvent.kind) == "assigned")
        return [(one.lead_id, one.data) for one in session.scalars(query)]


def test_colleagues_get_about_as_many_each(lead: Client, world: World, owned: None) -> None:
    before = owners(world)
    answer = lead.post(REASSIGN, json={"owner_ids": [LEAD_ID, OTHER_ID]})
    assert answer.json()["changed"] == 6
    now = owners(world)
    assert sorted(now[id] or 0 for id in range(3, 9)) == [LEAD_ID] * 3 + [OTHER_ID] * 3
    # One that has joined keeps its owner.
    assert now[9] == MEMBER_ID
    assert sorted(id for id, _ in lines(world)) == list(range(3, 9))
    undone = lead.post(f"/leads/bulk/{answer.json()['id']}/undo")
    assert undone.json() == {"restored": 6, "kept": []}
    assert owners(world) == before


def test_a_lead_that_was_worked_on_since_stays(lead: Client, world: World, owned: None) -> None:
    change = lead.post(REASSIGN, json={"owner_ids": [LEAD_ID]}).json()
    lead.patch("/leads/4", json={"comment": "Called"})
    undone = lead.post(f"/leads/bulk/{change['id']}/undo")
    assert undone.json() == {"restored": 5, "kept": [4]}
    assert owners(world)[4] == LEAD_ID


def test_who_can_be_chosen(lead: Client, world: World, owned: None) -> None:
    assert lead.post("/users/99/reassign-leads", json={"owner_ids": []}).status == 404
    for id in (MEMBER_ID, OBSERVER_ID, 5, 99):
        answer = lead.post(REASSIGN, json={"owner_ids": [id]})
        told = "Owners: choose other people who can work on leads"
        assert (answer.status, answer.json()["detail"]) == (422, told)
        gone = {"disabled": True, "leads_to": [id]}
        answer = lead.patch(f"/users/{MEMBER_ID}", json=gone)
        told = "Leads: choose other people who can work on leads"
        assert (answer.status, answer.json()["detail"]) == (422, told)
        assert not next(one for one in lead.get("/users/").json() if one["id"] == 2)["disabled"]
    assert set(owners(world).values()) == {MEMBER_ID}
    # A lead of a center where none of the chosen ones works goes to the queue.
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 2).values(owner_id=MEMBER_ID))
        session.delete(session.get_one(UserCenterLink, (OTHER_ID, 2)))
    assert lead.post(REASSIGN, json={"owner_ids": [OTHER_ID]}).json()["changed"] == 7
    with world.db.read() as session:
        assert session.get_one(Lead, 2).owner_id is None


@pytest.mark.parametrize(
    "change",
    [{"disabled": True}, {"center_ids": [2]}, {"center_ids": []}],
    ids=["disabled", "another center", "no center"],
)
def test_the_queue_gets_the_leads_of_someone_who_leaves(
    lead: Client, world: World, owned: None, change: dict[str, Any]
) -> None:
    answer = lead.patch(f"/users/{MEMBER_ID}", json=change)
    released = answer.json()["released"]
    assert list(answer.json())[-1] == "released"
    assert released["changed"] == 6
    assert [owners(world)[id] for id in (3, 8, 9)] == [None, None, MEMBER_ID]
    with world.db.read() as session:
        query = select(AuditEvent).where(col(AuditEvent.subject_id) == released["id"])
        said = [one.event for one in session.scalars(query) if one.subject == "bulk_change"]
    assert said == ["leads_changed"]
    # Nothing happens twice.
    assert lead.patch(f"/users/{MEMBER_ID}", json=change).json()["released"] is None
    # Back at the center, the person gets them again.
    lead.patch(f"/users/{MEMBER_ID}", json={"disabled": False, "center_ids": [1]})
    undone = lead.post(f"/leads/bulk/{released['id']}/undo")
    assert undone.json() == {"restored": 6, "kept": []}
    assert set(owners(world).values()) == {MEMBER_ID}


def test_colleagues_get_the_leads_of_someone_who_leaves(
    lead: Client, world: World, owned: None
) -> None:
    gone = {"disabled": True, "leads_to": [OTHER_ID, LEAD_ID]}
    released = lead.patch(f"/users/{MEMBER_ID}", json=gone).json()["released"]
    assert released["changed"] == 6
    now = owners(world)
    assert sorted(now[id] or 0 for id in range(3, 9)) == [LEAD_ID] * 3 + [OTHER_ID] * 3
    # While the person is gone, the queue gets what they had.
    assert lead.post(f"/leads/bulk/{released['id']}/undo").json()["restored"] == 6
    assert {owners(world)[id] for id in range(3, 9)} == {None}


@pytest.mark.parametrize("how", ["disabled", "other center", "stays"])
def test_the_rules_share_out_the_leads_of_someone_who_leaves(
    lead: Client, world: World, owned: None, how: str
) -> None:
    lead.patch("/calling-rules/", json={"week": ALL_DAY})
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == 2).values(owner_id=MEMBER_ID))
        session.add(UserCenterLink(user_id=MEMBER_ID, center_id=2))
    # Nobody else is for leads of the second center.
    shares = [{"user_id": id} for id in (LEAD_ID, MEMBER_ID, OTHER_ID)]
    rule = lead.post("/assignment-rules/", json={"center_id": 1, "shares": shares}).json()["id"]
    before = owners(world)
    if how == "stays":
        sent: dict[str, Any] = {"owner_ids": [], "by_rule": True}
        change = lead.post(REASSIGN, json=sent).json()
    else:
        gone: dict[str, Any] = {"disabled": True} if how == "disabled" else {"center_ids": []}
        answer = lead.patch(f"/users/{MEMBER_ID}", json={**gone, "leads_by_rule": True})
        change = answer.json()["released"]
    assert change["changed"] == 7
    now = owners(world)
    assert sorted(now[id] or 0 for id in range(3, 9)) == [LEAD_ID] * 3 + [OTHER_ID] * 3
    assert now[9] == MEMBER_ID
    said = {id: orjson.loads(data) for id, data in lines(world)}
    assert len(lines(world)) == len(said) == 7
    assert [said[id].get("rule_id") for id in range(2, 9)] == [None] + [rule] * 6
    assert said[2]["owner_id"] is None
    # One undo takes all of it back.
    lead.patch(f"/users/{MEMBER_ID}", json={"disabled": False, "center_ids": [1, 2]})
    undone = lead.post(f"/leads/bulk/{change['id']}/undo")
    assert undone.json() == {"restored": 7, "kept": []}
    assert owners(world) == before
    assert {MEMBER_ID} == {owner for id, owner in owners(world, since=2).items()}


def test_leads_that_nobody_is_there_for_wait(lead: Client, world: World, owned: None) -> None:
    shares = [{"user_id": OTHER_ID}]
    lead.patch("/calling-rules/", json={"week": ALL_DAY})
    lead.post("/assignment-rules/", json={"center_id": 1, "shares": shares})
    lead.put("/presence/me", json={"away": True}, token=world.token(OTHER_MEMBER))
    gone = {"disabled": True, "leads_by_rule": True}
    released = lead.patch(f"/users/{MEMBER_ID}", json=gone).json()["released"]
    assert {owners(world)[id] for id in range(3, 9)} == {None}
    # An undo before then leaves nothing that waits.
    lead.patch(f"/users/{MEMBER_ID}", json={"disabled": False})
    assert lead.post(f"/leads/bulk/{released['id']}/undo").json()["restored"] == 6
    lead.put("/presence/me", json={"away": False}, token=world.token(OTHER_MEMBER))
    waiting_leads.give_out(world.db, Standard.of(world.settings))
    assert {owners(world)[id] for id in range(3, 9)} == {MEMBER_ID}


def test_people_and_rules_are_not_chosen_at_once(lead: Client, world: World, owned: None) -> None:
    gone = {"disabled": True, "leads_by_rule": True, "leads_to": [OTHER_ID]}
    answer = lead.patch(f"/users/{MEMBER_ID}", json=gone)
    told = "Leads by rule: choose either people or the assignment rules"
    assert (answer.status, answer.json()["detail"]) == (422, told)
    answer = lead.post(REASSIGN, json={"owner_ids": [OTHER_ID], "by_rule": True})
    told = "By rule: choose either people or the assignment rules"
    assert (answer.status, answer.json()["detail"]) == (422, told)
    assert set(owners(world).values()) == {MEMBER_ID}


def test_a_change_that_takes_no_lead_away(lead: Client, world: World, owned: None) -> None:
    for change in ({"full_name": "Renamed"}, {"center_ids": [1, 2]}):
        assert lead.patch(f"/users/{MEMBER_ID}", json=change).json()["released"] is None
    assert set(owners(world).values()) == {MEMBER_ID}


def test_only_team_leads_reassign(client: Client, world: World, owned: None) -> None:
    for email in (MEMBER, OTHER_MEMBER):
        sent = {"owner_ids": [OTHER_ID]}
        assert client.post(REASSIGN, json=sent, token=world.token(email)).status == 403


@pytest.mark.parametrize("how", ["disabled", "observer", "no link"])
def test_what_a_script_leaves_behind_goes_to_the_queue(
    world: World, owned: None, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(leaving, "STEP", 4)
    with world.db.write() as session:
        member = session.get_one(User, MEMBER_ID)
        if how == "disabled":
            member.disabled = True
        elif how == "observer":
            member.role = Role.OBSERVER
        else:
            session.delete(session.get_one(UserCenterLink, (MEMBER_ID, 1)))
    run: Callable[[Work], int] = next(job.run for job in JOBS if job.name == "stray leads")
    work = Work(world.db, world.settings)
    assert [run(work), run(work), run(work)] == [4, 2, 0]
    assert [owners(world)[id] for id in (3, 8, 9)] == [None, None, MEMBER_ID]
    assert len(lines(world)) == 6
