"""Owners of leads and claims over HTTP: who works on which lead, and who has it in hand."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, update
from sqlmodel import col, select

from backend.core import times
from backend.models import LeadClaim, User, UserCenterLink
from tests.servers import Answer, Client
from tests.world import LEAD, MEMBER, OBSERVER, OTHER_MEMBER, World

# The ids of the people.
LEAD_ID, MEMBER_ID, OTHER_ID, OBSERVER_ID, DISABLED_ID = range(1, 6)
ZOE, ARJUN = "/leads/1", "/leads/2"


@pytest.fixture
def lead(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(LEAD)


@pytest.fixture
def member(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(MEMBER)


def queued(client: Client, view: str = "") -> list[int]:
    answer = client.get(f"/leads/next?view={view}" if view else "/leads/next")
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.json()["leads"]]


def listed(client: Client, query: str) -> list[int]:
    return [one["id"] for one in client.get(f"/leads/?{query}").json()["leads"]]


def told(answer: Answer) -> tuple[int, Any]:
    detail = answer.json()["detail"]
    return answer.status, detail


def newest(client: Client, path: str) -> dict[str, Any]:
    line: dict[str, Any] = client.get(f"{path}/history").json()[0]
    return line


def test_a_claim_keeps_a_lead_from_others(lead: Client, member: Client, world: World) -> None:
    before = lead.get(ZOE).json()
    claim = member.post(f"{ZOE}/claim")
    assert claim.status == 200
    assert list(claim.json()) == ["lead_id", "until", "seconds"]
    assert (claim.json()["lead_id"], claim.json()["seconds"]) == (1, 600)
    # It's no change of the lead.
    assert lead.get(ZOE).json() == before
    assert queued(lead) == [2]
    assert lead.get("/leads/next").json()["counts"]["new"] == 1
    assert queued(lead, "all") == [2]
    assert queued(member) == [1]
    who = "Tellapur is working on this lead. Continue with another one"
    assert told(lead.post(f"{ZOE}/claim")) == (409, who)
    # A person's own claim is renewed.
    again = member.post(f"{ZOE}/claim").json()
    assert again["until"] >= claim.json()["until"]
    # People give back only their own claims.
    assert lead.delete(f"{ZOE}/claim").json() == {"status": "released"}
    assert queued(lead) == [2]
    assert member.delete(f"{ZOE}/claim").json() == {"status": "released"}
    assert member.delete(f"{ZOE}/claim").status == 200
    assert sorted(queued(lead)) == [1, 2]
    assert lead.post(f"{ZOE}/claim").status == 200


def test_leads_are_assigned_and_shown_by_owner(lead: Client, member: Client) -> None:
    assigned = lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    assert (assigned.json()["owner_id"], assigned.json()["owner"]) == (MEMBER_ID, "Tellapur")
    line = newest(lead, ZOE)
    assert (line["kind"], line["who"]) == ("assigned", "Admin")
    assert line["data"] == {"from": None, "to": "Tellapur", "owner_id": MEMBER_ID}
    row = lead.get("/leads/?owner=2").json()["leads"][0]
    assert (row["id"], row["owner_id"], row["owner"]) == (1, 2, "Tellapur")
    # Newer members come behind those that clients know.
    assert list(row)[-5:-3] == ["owner_id", "owner"]
    assert listed(member, "owner=me") == [1]
    assert listed(lead, "owner=me") == []
    assert listed(lead, "owner=none") == [2]
    assert sorted(listed(lead, "owner=me,none,2&sort=created")) == [1, 2]
    assert listed(lead, "owner=2&sort=due") == [1]
    assert listed(lead, "owner=2&q=zo") == [1]
    assert lead.get("/leads/?owner=x").status == 422
    # The owner's queue has it, and nobody else's.
    assert queued(member) == queued(member, "mine") == [1]
    assert queued(member, "center") == []
    assert queued(lead) == queued(lead, "center") == [2]
    assert queued(lead, "mine") == []
    assert sorted(queued(lead, "all")) == [1, 2]
    # Back to the queue.
    lead.patch(ZOE, json={"owner_id": None})
    assert newest(lead, ZOE)["data"] == {"from": "Tellapur", "to": None, "owner_id": None}
    assert queued(member, "center") == [1]
    # Sent again, it changes nothing.
    version = lead.get(ZOE).json()["version"]
    assert lead.patch(ZOE, json={"owner_id": None}).json()["version"] == version


def test_who_may_own_a_lead(lead: Client, member: Client, sign_in: Callable[[str], Client]) -> None:
    assert lead.get("/leads/owners").json() == [
        {"id": LEAD_ID, "full_name": "Admin", "center_ids": None},
        {"id": OTHER_ID, "full_name": "Gachibowli", "center_ids": [2]},
        {"id": MEMBER_ID, "full_name": "Tellapur", "center_ids": [1]},
    ]
    own = [LEAD_ID, MEMBER_ID]
    assert [one["id"] for one in member.get("/leads/owners").json()] == own
    assert [one["id"] for one in sign_in(OBSERVER).get("/leads/owners").json()] == own
    refused = (422, "Owner: choose a person who works at the lead's center")
    for id in (OTHER_ID, OBSERVER_ID, DISABLED_ID, 99):
        assert told(lead.patch(ZOE, json={"owner_id": id})) == refused
    # A team lead sees all centers, and members may give them leads too.
    assert member.patch(ZOE, json={"owner_id": LEAD_ID}).status == 200
    # With another center, the owner has to be of that one.
    moved = {"center_id": 2, "owner_id": MEMBER_ID}
    assert lead.patch(ZOE, json=moved).status == 422
    assert lead.patch(ZOE, json=moved | {"owner_id": OTHER_ID}).json()["owner"] == "Gachibowli"


def test_a_lead_that_moves_goes_to_the_queue_of_its_new_center(lead: Client) -> None:
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    assert lead.patch(ZOE, json={"center_id": 2}).json()["owner"] is None
    assert newest(lead, ZOE)["data"] == {"from": "Tellapur", "to": None, "owner_id": None}
    # One whose owner sees both keeps them.
    lead.patch(ARJUN, json={"owner_id": LEAD_ID})
    assert lead.patch(ARJUN, json={"center_id": 1}).json()["owner"] == "Admin"


def test_a_merge_of_centers_keeps_the_owners(lead: Client) -> None:
    """The people of the one become people of the other."""
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    assert lead.post("/centers/1/merge", json={"into_id": 2}).status == 200
    shown = lead.get(ZOE).json()
    assert (shown["center_id"], shown["owner"]) == (2, "Tellapur")


def test_several_are_assigned_and_that_is_undone(lead: Client) -> None:
    lead.patch(ARJUN, json={"owner_id": OTHER_ID})
    changed = lead.post("/leads/bulk", json={"ids": [1, 2], "owner_id": LEAD_ID})
    assert changed.json()["changed"] == 2
    assert listed(lead, "owner=me&sort=created") == [1, 2]
    undone = lead.post(f"/leads/bulk/{changed.json()['id']}/undo")
    assert undone.json() == {"restored": 2, "kept": []}
    assert [lead.get(path).json()["owner"] for path in (ZOE, ARJUN)] == [None, "Gachibowli"]
    # Nobody of one center can have both.
    both = lead.post("/leads/bulk", json={"ids": [1, 2], "owner_id": MEMBER_ID})
    assert both.status == 422
    assert listed(lead, "owner=2") == []


def test_an_undo_gives_no_lead_to_someone_who_left(lead: Client, world: World) -> None:
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    changed = lead.post("/leads/bulk", json={"ids": [1], "owner_id": LEAD_ID}).json()
    with world.db.write() as session:
        session.execute(delete(UserCenterLink).where(col(UserCenterLink.user_id) == MEMBER_ID))
    assert lead.post(f"/leads/bulk/{changed['id']}/undo").json()["restored"] == 1
    assert lead.get(ZOE).json()["owner"] is None


@pytest.mark.parametrize("how", ["patch", "call"])
def test_what_is_saved_gives_the_claim_back(
    lead: Client, member: Client, world: World, how: str
) -> None:
    member.post(f"{ZOE}/claim")
    # Someone else's claim stays, and keeps nobody from saving.
    assert lead.patch(ZOE, json={"comment": "Called back"}).status == 200
    assert queued(lead) == [2]
    if how == "patch":
        assert member.patch(ZOE, json={"comment": "Hi"}).status == 200
    else:
        sent = {"outcome": "spoke", "status": "New"}
        assert member.post(f"{ZOE}/calls/", json=sent).status == 200
    with world.db.read() as session:
        assert session.scalars(select(LeadClaim)).all() == []


def test_an_expired_claim_counts_for_nothing(lead: Client, member: Client, world: World) -> None:
    member.post(f"{ZOE}/claim")
    with world.db.write() as session:
        session.execute(update(LeadClaim).values(until=times.now()))
    assert sorted(queued(lead)) == [1, 2]
    assert lead.post(f"{ZOE}/claim").status == 200
    assert queued(member) == []


def test_nobody_claims_what_they_cannot_see(
    sign_in: Callable[[str], Client], lead: Client, member: Client
) -> None:
    assert sign_in(OTHER_MEMBER).post(f"{ZOE}/claim").status == 404
    assert sign_in(OBSERVER).post(f"{ZOE}/claim").status == 403
    assert lead.post("/leads/99/claim").status == 404


def test_observers_see_the_leads_of_everyone(
    lead: Client, sign_in: Callable[[str], Client]
) -> None:
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    observer = sign_in(OBSERVER)
    assert queued(observer) == [1]
    assert queued(observer, "center") == []


def test_a_claim_goes_with_a_merged_lead(lead: Client, member: Client, world: World) -> None:
    """The id of the merged lead claims the one that it's part of now."""
    lead.patch(ARJUN, json={"center_id": 1})
    member.post(f"{ARJUN}/claim")
    versions = [lead.get(path).json()["version"] for path in (ZOE, ARJUN)]
    wanted = {"other_id": 2, "version": versions[0], "other_version": versions[1]}
    assert lead.post(f"{ZOE}/merge", json=wanted).status == 200
    with world.db.read() as session:
        assert session.scalars(select(LeadClaim)).all() == []
    assert member.post(f"{ARJUN}/claim").json()["lead_id"] == 1
    assert queued(lead) == []
    member.delete(f"{ARJUN}/claim")
    assert queued(lead) == [1]


def test_a_merged_lead_keeps_its_owner_or_gets_the_others(lead: Client) -> None:
    lead.patch(ARJUN, json={"center_id": 1})
    lead.patch(ARJUN, json={"owner_id": MEMBER_ID})
    versions = [lead.get(path).json()["version"] for path in (ZOE, ARJUN)]
    wanted = {"other_id": 2, "version": versions[0], "other_version": versions[1]}
    merged = lead.post(f"{ZOE}/merge", json=wanted).json()
    assert merged["lead"]["owner"] == "Tellapur"


def test_a_lead_that_is_unmerged_goes_to_the_queue_if_its_owner_has_left(lead: Client) -> None:
    lead.patch(ARJUN, json={"center_id": 1})
    lead.patch(ARJUN, json={"owner_id": MEMBER_ID})
    versions = [lead.get(path).json()["version"] for path in (ZOE, ARJUN)]
    wanted = {"other_id": 2, "version": versions[0], "other_version": versions[1]}
    merged = lead.post(f"{ZOE}/merge", json=wanted).json()
    assert lead.patch(f"/users/{MEMBER_ID}", json={"disabled": True}).status == 200
    both = lead.post(f"/leads/merges/{merged['id']}/undo").json()
    assert (both["lead"]["owner"], both["restored"]["owner"]) == (None, None)
    assert newest(lead, ARJUN)["data"]["from"] == "Tellapur"


def test_a_merge_that_moves_the_lead_needs_an_owner_of_its_center(lead: Client) -> None:
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    versions = [lead.get(path).json()["version"] for path in (ZOE, ARJUN)]
    wanted = {
        "other_id": 2,
        "version": versions[0],
        "other_version": versions[1],
        "fields": {"center_id": "other"},
    }
    merged = lead.post(f"{ZOE}/merge", json=wanted).json()
    assert (merged["lead"]["center_id"], merged["lead"]["owner"]) == (2, None)
    assert lead.post(f"/leads/merges/{merged['id']}/undo").status == 200
    assert lead.get(ZOE).json()["center_id"] == 1


def test_an_export_names_the_owner(lead: Client) -> None:
    lead.patch(ZOE, json={"owner_id": MEMBER_ID})
    file = lead.get("/leads/export.csv?owner=2").body.decode("utf-8-sig")
    assert [row["Owner"] for row in csv.DictReader(io.StringIO(file))] == ["Tellapur"]


def test_a_person_who_is_removed_holds_nothing(member: Client, world: World) -> None:
    """A script may delete an account."""
    member.post(f"{ZOE}/claim")
    with world.db.write() as session:
        session.execute(delete(UserCenterLink).where(col(UserCenterLink.user_id) == MEMBER_ID))
        session.execute(delete(User).where(col(User.id) == MEMBER_ID))
    with world.db.read() as session:
        assert session.scalars(select(LeadClaim)).all() == []
