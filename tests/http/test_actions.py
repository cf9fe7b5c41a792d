"""What one has done lately, and its undo, over HTTP."""

import pytest

from tests.dump import dump
from tests.servers import Client
from tests.world import LEAD, MEMBER, OBSERVER, OTHER_MEMBER, World


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.token = world.token(MEMBER)
    return client


def test_edits_are_listed_and_undone(member: Client, world: World) -> None:
    before = member.get("/leads/1").json()
    edited = member.patch("/leads/1", json={"status": "Called", "email": "z@b.example"})
    edit = edited.json()
    assert (edit["status"], edited.headers["etag"]) == ("Called", f'"{edit["version"]}"')
    undo = f"/leads/1/edits/{edit['edit_id']}/undo"
    assert member.put("/leads/1?status=Called&next_date=None").json() == {"status": "updated"}
    (action,) = member.get("/actions/").json()["actions"]
    assert action.pop("at").endswith("Z")
    assert action == {
        "kind": "edit", "id": edit["edit_id"], "lead_id": 1, "name": "Zoë Khan", "leads": 1,
        "outcome": None, "fields": ["status", "email"], "to": {"status": "Called"},
        "can_undo": True, "why_not": None,
    }  # fmt: skip
    for email, status in ((OTHER_MEMBER, 404), (OBSERVER, 403)):
        assert member.post(undo, token=world.token(email)).status == status
    undone = member.post(undo)
    lead = undone.json()["lead"]
    assert undone.headers["etag"] == f'"{lead["version"]}"'
    assert lead | {"version": 0} == before | {"version": 0}
    again = member.post(undo)
    assert (again.status, again.json()["detail"]) == (409, "This change has already been undone")


def test_a_change_of_someone_else_is_named_and_stays(member: Client, world: World) -> None:
    edit_id = member.patch("/leads/1", json={"status": "Called"}).json()["edit_id"]
    lead = world.token(LEAD)
    assert member.patch("/leads/1", json={"status": "Joined"}, token=lead).status == 200
    before = dump(world.db)
    refused = member.post(f"/leads/1/edits/{edit_id}/undo")
    told = "Admin has changed the status since then. Edit the lead instead"
    assert (refused.status, refused.json()["detail"]) == (409, told)
    assert dump(world.db) == before
    (action,) = member.get("/actions/").json()["actions"]
    assert (action["can_undo"], action["why_not"]) == (False, "changed")
    # A team lead can undo what others did, and lists only their own.
    (own,) = member.get("/actions/", token=lead).json()["actions"]
    assert member.post(f"/leads/1/edits/{own['id']}/undo", token=lead).status == 200
    assert member.post(f"/leads/1/edits/{edit_id}/undo", token=lead).status == 200


def test_all_kinds_page_by_page(member: Client, world: World) -> None:
    lead = world.token(LEAD)
    member.token = lead
    member.patch("/leads/1", json={"owner_id": 1})
    member.post("/leads/1/calls/", json={"outcome": "no_answer"})
    member.post("/leads/bulk", json={"ids": [1, 2], "status": "Trial Scheduled"})
    versions = [member.get(f"/leads/{id}").json()["version"] for id in (1, 2)]
    both = {"other_id": 2, "version": versions[0], "other_version": versions[1]}
    assert member.post("/leads/1/merge", json=both).status == 200
    first = member.get("/actions/?limit=3").json()
    second = member.get(f"/actions/?limit=3&after={first['next']}").json()
    assert [one["kind"] for one in first["actions"]] == ["merge", "bulk", "call"]
    (edit,) = second["actions"]
    assert edit["to"] == {"owner_id": 1, "owner": "Admin"}
    assert second["next"] is None
    assert member.get("/actions/?after=yesterday").status == 422
    # Nothing is recorded where nothing changes.
    nothing = member.post("/leads/bulk", json={"ids": [1], "colour": "red"})
    assert nothing.json() == {"id": None, "changed": 0}
