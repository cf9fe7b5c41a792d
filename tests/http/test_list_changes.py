"""Changes of whole lists over HTTP: begun, done in steps, looked at, stopped and undone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, update
from sqlmodel import col, select

from backend.core import retention, times
from backend.core.leads import list_change_steps, list_changes
from backend.models import (
    BulkChange,
    Lead,
    ListChange,
    ListChangePart,
    RateCount,
    Role,
    Status,
    User,
    UserCenterLink,
)
from tests.servers import Client
from tests.world import AHEAD, GACHIBOWLI, LEAD, MEMBER, OTHER_MEMBER, TELLAPUR, World

PATH = "/list-changes/"
MEMBER_ID = 2
COUNT = 250


@pytest.fixture
def leads(world: World) -> list[int]:
    """Leads of two centers, in turn; every third was called."""
    with world.db.write() as session:
        made = [
            Lead(
                created_time=times.now(),
                player_name=f"Child {number}",
                status=Status.NEW if number % 3 else Status.CALLED,
                center_id=TELLAPUR if number % 2 else GACHIBOWLI,
            )
            for number in range(COUNT)
        ]
        session.add_all(made)
        session.flush()
        return [lead.id or 0 for lead in made]


@pytest.fixture
def lead(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(LEAD)


@pytest.fixture
def member(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(MEMBER)


def begin(client: Client, query: str, **wanted: Any) -> dict[str, Any]:
    answer = client.post(PATH, json={"filter": query, **wanted})
    assert answer.status == 200, answer.body
    begun: dict[str, Any] = answer.json()
    return begun


def work(world: World) -> int:
    steps = 0
    while list_change_steps.run(world.db, world.settings):
        steps += 1
    return steps


def show(client: Client, change: dict[str, Any]) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"{PATH}{change['id']}").json()
    return shown


def count(client: Client, query: str) -> int:
    total: int = client.get(f"/leads/total?{query}").json()["total"]
    return total


def test_a_change_of_all_and_its_undo(lead: Client, world: World, leads: list[int]) -> None:
    # With the two leads of the academy.
    new = count(lead, "status=New")
    assert new == sum(1 for n in range(COUNT) if n % 3) + 2
    begun = begin(lead, "status=New", status="Called", next_followup_date=AHEAD, comment="Spring")
    assert (begun["state"], begun["total"], begun["done"]) == ("changing", new, 0)
    work(world)
    done = show(lead, begun)
    assert (done["state"], done["done"], done["changed"]) == ("changed", new, new)
    assert done["ended_at"] is not None
    assert count(lead, "status=New") == 0
    history = lead.get(f"/leads/{leads[1]}/history").json()
    assert "Spring" in [line["data"].get("text") for line in history]
    undoing = lead.post(f"{PATH}{begun['id']}/undo").json()
    assert undoing["state"] == "undoing"
    work(world)
    undone = show(lead, begun)
    assert (undone["state"], undone["restored"], undone["kept"]) == ("undone", new, 0)
    assert count(lead, "status=New") == new
    history = lead.get(f"/leads/{leads[1]}/history").json()
    assert "Spring" not in [line["data"].get("text") for line in history]
    assert lead.get(f"/leads/{leads[1]}").json()["next_followup_date"] is None
    assert lead.post(f"{PATH}{begun['id']}/undo").status == 409
    assert [one["id"] for one in lead.get(PATH).json()] == [begun["id"]]


def test_a_change_is_one_of_the_recent_actions(
    member: Client, world: World, leads: list[int]
) -> None:
    """Its parts are none of their own: it's undone as a whole."""
    begun = begin(member, "", status="Joined")
    assert member.get("/actions/").json()["actions"] == []
    work(world)
    changed = show(member, begun)["changed"]
    with world.db.read() as session:
        parts = session.scalar(select(func.count()).select_from(BulkChange))
    assert changed > list_changes.PART
    assert parts == 2
    (action,) = member.get("/actions/").json()["actions"]
    assert action | {"at": None} == {
        "kind": "list", "id": begun["id"], "at": None, "lead_id": None, "name": None,
        "leads": changed, "outcome": None, "fields": ["status"], "to": {"status": "Joined"},
        "can_undo": True, "why_not": None,
    }  # fmt: skip
    # The pages of the list have their order.
    member.post("/leads/bulk", json={"ids": leads[1:4:2], "status": "Called"})
    first = member.get("/actions/?limit=1").json()
    second = member.get(f"/actions/?limit=1&after={first['next']}").json()
    kinds = [page["actions"][0]["kind"] for page in (first, second)]
    assert (kinds, second["next"]) == (["bulk", "list"], None)
    assert member.post(f"{PATH}{action['id']}/undo").status == 200
    work(world)
    (action,) = second["actions"]
    (undone,) = member.get(f"/actions/?after={first['next']}").json()["actions"]
    assert undone == action | {"can_undo": False, "why_not": "undone"}


def test_the_leads_are_those_of_the_beginning(
    lead: Client, member: Client, world: World, leads: list[int]
) -> None:
    begun = begin(lead, f"center_id={TELLAPUR}&status=Called", status="Joined")
    # One comes to the list, one leaves it, one is worked on, one goes.
    member.patch(f"/leads/{leads[1]}", json={"status": "Called"})
    member.patch(f"/leads/{leads[3]}", json={"status": "New"})
    member.patch(f"/leads/{leads[9]}", json={"comment": "Mine"})
    with world.db.write() as session:
        session.execute(delete(Lead).where(col(Lead.id) == leads[15]))
    work(world)
    done = show(lead, begun)
    assert done["skipped"] == 3
    assert done["changed"] == begun["total"] - 3
    assert member.get(f"/leads/{leads[1]}").json()["status"] == "Called"
    assert member.get(f"/leads/{leads[3]}").json()["status"] == "New"
    assert member.get(f"/leads/{leads[9]}").json()["status"] == "Called"
    assert member.get(f"/leads/{leads[21]}").json()["status"] == "Joined"
    # What was worked on since stays as it is.
    member.patch(f"/leads/{leads[21]}", json={"comment": "A cousin plays, too"})
    lead.post(f"{PATH}{begun['id']}/undo")
    work(world)
    undone = show(lead, begun)
    assert (undone["restored"], undone["kept"]) == (done["changed"] - 1, 1)
    assert member.get(f"/leads/{leads[21]}").json()["status"] == "Joined"


def test_members_change_the_leads_of_their_own_centers(
    member: Client, sign_in: Callable[[str], Client], world: World, leads: list[int]
) -> None:
    own = count(member, "")
    assert own == COUNT // 2 + 1
    begun = begin(member, "", status="Dead/Not Interested", lost_reason="Timing mismatch")
    work(world)
    assert show(member, begun)["changed"] == own
    other = sign_in(OTHER_MEMBER)
    assert count(other, "status=Dead/Not%20Interested") == 0
    assert other.get(f"{PATH}{begun['id']}").status == 404
    assert other.post(f"{PATH}{begun['id']}/undo").status == 404
    # A team lead may undo it.
    assert sign_in(LEAD).post(f"{PATH}{begun['id']}/undo").status == 200
    work(world)
    assert count(member, "status=Dead/Not%20Interested") == 0


def test_an_owner_gets_the_leads_of_their_own_centers(
    lead: Client, world: World, leads: list[int]
) -> None:
    everything = count(lead, "")
    begun = begin(lead, "", owner_id=MEMBER_ID)
    work(world)
    done = show(lead, begun)
    assert done["changed"] == count(lead, f"owner={MEMBER_ID}") == COUNT // 2 + 1
    assert done["skipped"] == everything - done["changed"]
    again = begin(lead, f"owner={MEMBER_ID}", owner_id=MEMBER_ID)
    work(world)
    done = show(lead, again)
    assert (done["changed"], done["unchanged"]) == (0, done["total"])


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"filter": "status=New"}, 422, "Choose what to change"),
    ({"filter": "stauts=New", "status": "Called"}, 422, "Use the filters of the list of leads"),
    ({"filter": "sort=due", "status": "Called"}, 422, "Use the filters of the list of leads"),
    ({"filter": "status=%FF", "status": "Called"}, 422, "Use the query of a list of leads"),
    ({"filter": "due=never", "status": "Called"}, 422, "Choose "),
    ({"filter": "owner=x", "status": "Called"}, 422, "Use me, none or ids of people"),
    ({"filter": "", "status": "Asleep"}, 422, "Choose New"),
    ({"filter": "", "status": "Dead/Not Interested", "lost_reason": "Rain"}, 422, "Choose "),
    ({"filter": "", "next_followup_date": "2020-01-01T10:00"}, 422, "Choose today or a later day"),
    ({"filter": "", "owner_id": 4}, 422, "Choose a person who can work on leads"),
    ({"filter": "", "owner_id": 5}, 422, "Choose a person who can work on leads"),
    ({"filter": "q=nobody", "status": "Called"}, 400, "None of your leads match"),
    ({"status": "Called"}, 422, "Use the query"),
]


@pytest.mark.parametrize(("body", "status", "detail"), REFUSED)
def test_what_is_refused(lead: Client, body: dict[str, Any], status: int, detail: str) -> None:
    answer = lead.post(PATH, json=body)
    assert answer.status == status
    assert detail.lower() in answer.json()["detail"].lower()
    assert lead.get(PATH).json() == []


def test_a_list_that_is_too_long(
    lead: Client, world: World, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(list_changes, "most", lambda _settings: 100)
    assert lead.get("/leads/total").json() == {"total": 100, "more": True}
    assert lead.get("/leads/total?q=nobody").json() == {"total": 0, "more": False}
    assert lead.get("/leads/total?up_to=2").json() == {"total": 2, "more": True}
    assert lead.get("/leads/total?up_to=100000").json() == {"total": COUNT + 2, "more": False}
    assert lead.get("/leads/total?up_to=0").status == 422
    answer = lead.post(PATH, json={"filter": "", "status": "Called"})
    assert (answer.status, answer.json()["detail"]) == (
        400,
        "At most 100 leads can be changed at once: filter the list further",
    )


def test_one_at_a_time_and_in_turn(
    lead: Client, member: Client, world: World, leads: list[int]
) -> None:
    first = begin(lead, f"center_id={GACHIBOWLI}", status="Called")
    answer = lead.post(PATH, json={"filter": "", "status": "Joined"})
    assert (answer.status, answer.json()["detail"]) == (
        409,
        "Your last change of a whole list is still running. Try again when it has finished",
    )
    second = begin(member, "", status="Called")
    # Undone before it began: nothing has happened.
    assert lead.post(f"{PATH}{first['id']}/undo").status == 200
    work(world)
    assert show(lead, first)["restored"] == show(lead, first)["changed"] == 0
    assert show(member, second)["state"] == "changed"


def test_a_person_who_leaves_stops_it(member: Client, world: World, leads: list[int]) -> None:
    begun = begin(member, "", status="Called")
    with world.db.write() as session:
        session.execute(update(User).where(col(User.id) == MEMBER_ID).values(disabled=True))
    assert work(world) == 1
    with world.db.write() as session:
        session.execute(update(User).where(col(User.id) == MEMBER_ID).values(disabled=False))
    failed = show(member, begun)
    assert (failed["state"], failed["done"]) == ("failed", 0)
    assert failed["problem"].startswith("The person who started this can no longer change leads")
    # Without a center there is nothing to change.
    begun = begin(member, "", status="Called")
    with world.db.write() as session:
        session.execute(delete(UserCenterLink).where(col(UserCenterLink.user_id) == MEMBER_ID))
    work(world)
    done = show(member, begun)
    assert (done["state"], done["skipped"]) == ("changed", done["total"])


def test_an_error_is_told_and_what_was_done_is_undone(
    lead: Client, world: World, leads: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = begin(lead, "", comment="Hello")
    monkeypatch.setattr(list_change_steps, "STEP", 0.0)
    assert list_change_steps.run(world.db, world.settings) == 1
    with world.db.write() as session:
        session.execute(update(ListChange).values(wanted={"status": "Asleep"}))
    work(world)
    failed = show(lead, begun)
    assert (failed["state"], failed["done"]) == ("failed", list_changes.PART)
    assert lead.post(f"{PATH}{begun['id']}/undo").status == 200
    work(world)
    assert show(lead, begun)["restored"] == list_changes.PART


def test_what_the_database_refuses_holds_up_no_other_change(
    lead: Client, member: Client, world: World, leads: list[int]
) -> None:
    begun = begin(lead, "status=Called", delete=True)
    work(world)
    with world.db.write() as session:
        kept = session.scalars(select(BulkChange).limit(1)).one()
        first, *others = kept.changes
        # As a script might have left it: without a text that is needed.
        row = first["deleted"]["lead"][0] | {"status": None}
        broken = first | {"deleted": first["deleted"] | {"lead": [row]}}
        kept.changes = [broken, *others]
    assert lead.post(f"{PATH}{begun['id']}/undo").status == 200
    other = begin(member, "", comment="Hello")
    work(world)
    failed = show(lead, begun)
    assert failed["state"] == "failed"
    (broken_id, *_) = (one["id"] for one in kept.changes)
    assert failed["problem"] == (
        f"Lead {broken_id} can't be restored: what was kept of it is damaged"
    )
    assert show(member, other)["state"] == "changed"
    with world.db.write() as session:
        session.get_one(BulkChange, kept.id).changes = [first, *others]
    assert lead.post(f"{PATH}{begun['id']}/undo").status == 200
    work(world)
    assert show(lead, begun)["restored"] == begun["total"]


@pytest.mark.every_adapter
def test_a_deletion_with_a_damaged_row_is_not_half_undone(client: Client, world: World) -> None:
    client.token = world.token(LEAD)
    deleted = client.post("/leads/bulk", json={"ids": [1, 2], "delete": True}).json()
    with world.db.write() as session:
        kept = session.scalars(select(BulkChange)).one()
        first, second = kept.changes
        row = second["deleted"]["lead"][0] | {"status": None}
        kept.changes = [first, second | {"deleted": second["deleted"] | {"lead": [row]}}]
    for _ in range(2):
        answer = client.post(f"/leads/bulk/{deleted['id']}/undo")
        assert (answer.status, answer.json()["detail"]) == (
            409,
            f"Lead {second['id']} can't be restored: what was kept of it is damaged",
        )
        assert client.get("/leads/").json()["leads"] == []


def test_too_many_in_an_hour(lead: Client, world: World) -> None:
    most = world.settings.files_per_hour
    begin(lead, "", status="Called")
    work(world)
    with world.db.write() as session:
        session.execute(
            update(RateCount).where(col(RateCount.key).contains("list-change")).values(count=most)
        )
    answer = lead.post(PATH, json={"filter": "", "status": "Called"})
    assert answer.status == 429
    assert answer.json()["detail"].startswith("There were too many changes of whole lists")


def test_old_ones_are_removed(lead: Client, world: World) -> None:
    begin(lead, "", status="Called")
    work(world)
    old = times.now() - timedelta(days=world.settings.bulk_change_days + 1)
    with world.db.write() as session:
        session.execute(update(BulkChange).values(at=old))
        session.execute(update(ListChange).values(ended_at=old))
    retention.remove(world.db, world.settings)
    with world.db.read() as session:
        for table in (BulkChange, ListChange, ListChangePart):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_a_whole_list_is_deleted_and_restored(lead: Client, world: World, leads: list[int]) -> None:
    called = count(lead, "status=Called")
    everyone = count(lead, "")
    before = lead.get(f"/leads/{leads[0]}").json()
    begun = begin(lead, "status=Called", delete=True)
    assert (begun["state"], begun["deletes"], begun["total"]) == ("changing", True, called)
    work(world)
    done = show(lead, begun)
    assert (done["state"], done["deletes"], done["changed"]) == ("changed", True, called)
    assert (count(lead, "status=Called"), count(lead, "")) == (0, everyone - called)
    assert lead.get(f"/leads/{leads[0]}").status == 404
    (action,) = lead.get("/actions/").json()["actions"]
    assert (action["kind"], action["leads"], action["fields"]) == ("list", called, ["deleted"])
    deleted = lead.get("/audit/?event=leads_deleted").json()
    assert sum(one["data"]["leads"] for one in deleted) == called
    lead.post(f"{PATH}{begun['id']}/undo")
    work(world)
    undone = show(lead, begun)
    assert (undone["state"], undone["restored"], undone["kept"]) == ("undone", called, 0)
    assert (count(lead, "status=Called"), count(lead, "")) == (called, everyone)
    after = lead.get(f"/leads/{leads[0]}").json()
    assert {**after, "version": 0} == {**before, "version": 0}


def test_a_lead_that_someone_works_on_meanwhile_is_not_deleted(
    lead: Client, member: Client, world: World, leads: list[int]
) -> None:
    begun = begin(lead, "status=New&center_id=1", delete=True)
    member.patch(f"/leads/{leads[1]}", json={"player_name": "Zara"})
    work(world)
    assert show(lead, begun)["skipped"] == 1
    assert lead.get(f"/leads/{leads[1]}").json()["player_name"] == "Zara"


def test_members_do_not_delete(member: Client, world: World, leads: list[int]) -> None:
    for path, body in ((PATH, {"filter": ""}), ("/leads/bulk", {"ids": [1]})):
        answer = member.post(path, json={**body, "delete": True})
        assert (answer.status, answer.json()["detail"]) == (
            403,
            "Only team leads can delete leads",
        )


def test_one_who_is_no_team_lead_any_more_does_not_go_on(
    lead: Client, world: World, leads: list[int]
) -> None:
    begun = begin(lead, "", delete=True)
    with world.db.write() as session:
        session.get_one(User, 1).role = Role.TEAM_MEMBER
    work(world)
    with world.db.read() as session:
        found = session.get_one(ListChange, begun["id"])
        assert (found.state, found.changed) == ("failed", 0)
        assert found.problem == "Only team leads can delete leads"


def test_leads_are_deleted_by_their_ids(lead: Client, world: World) -> None:
    deleted = lead.post("/leads/bulk", json={"ids": [1, 2, 99], "delete": True}).json()
    assert deleted["changed"] == 2
    assert lead.get("/leads/1").status == 404
    assert lead.post("/leads/bulk", json={"ids": [1], "delete": False}).json()["id"] is None
    both = lead.post("/leads/bulk", json={"ids": [1], "delete": True, "status": "Called"})
    assert (both.status, both.json()["detail"]) == (
        422,
        "Delete: delete the leads, or change them, but not both",
    )
    wrong = lead.post("/leads/bulk", json={"ids": [1], "delete": 1})
    assert (wrong.status, wrong.json()["detail"]) == (422, "Delete: use true or false")
    undone = lead.post(f"/leads/bulk/{deleted['id']}/undo").json()
    assert undone == {"restored": 2, "kept": []}
    history = lead.get("/leads/1/history").json()
    assert [line["kind"] for line in history][:2] == ["edited", "deleted"]
