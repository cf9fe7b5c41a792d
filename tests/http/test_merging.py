"""Leads are merged and unmerged over HTTP; the merged id still resolves."""

from typing import Any

import pytest

from backend.models import Lead
from tests.servers import Client
from tests.shape import check_error
from tests.world import MEMBER, OBSERVER, World

A = {"player_name": "Zoe K", "phone": "9848000201", "email": "zoe@example.com", "center_id": 1}
B = {"player_name": "Zoë Khan", "phone": "9848000202", "address": "1 Lake Road", "center_id": 1}


@pytest.fixture
def two(lead: Client) -> tuple[int, int]:
    ids = []
    for new in (A, B):
        answer = lead.post("/leads/", json=new)
        assert answer.status == 200, answer.body
        ids.append(answer.json()["lead"]["id"])
    return ids[0], ids[1]


def show(client: Client, lead_id: int) -> dict[str, Any]:
    answer = client.get(f"/leads/{lead_id}")
    assert answer.status == 200, answer.body
    found: dict[str, Any] = answer.json()
    return found


def history(client: Client, lead_id: int) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = client.get(f"/leads/{lead_id}/history").json()
    return lines


def merge(client: Client, this: int, other: int, **given: Any) -> dict[str, Any]:
    versions = {
        "version": show(client, this)["version"], "other_version": show(client, other)["version"]
    }  # fmt: skip
    answer = client.post(f"/leads/{this}/merge", json={"other_id": other, **versions, **given})
    assert answer.status == 200, answer.body
    done: dict[str, Any] = answer.json()
    return done


def test_a_preview(lead: Client, two: tuple[int, int]) -> None:
    answer = lead.get(f"/leads/{two[0]}/merge?other_id={two[1]}")
    assert answer.status == 200, answer.body
    found = answer.json()
    assert list(found) == ["this", "other", "fields", "owners", "marked_not_duplicates"]
    assert (found["this"]["id"], found["other"]["id"]) == two
    assert found["marked_not_duplicates"] is False
    fields = {one["name"]: one for one in found["fields"]}
    assert fields["player_name"] == {
        "name": "player_name", "this": "Zoe K", "other": "Zoë Khan",
        "proposed": "this", "choices": ["this", "other"],
    }  # fmt: skip
    assert fields["address"]["proposed"] == "other"
    assert fields["status"]["choices"] == ["this"]
    assert fields["created_time"]["this"].endswith("Z")


def test_a_merge_and_its_undo(lead: Client, two: tuple[int, int]) -> None:
    this, other = two
    lead.patch(f"/leads/{other}", json={"comment": "Likes evenings", "status": "Called"})
    before = show(lead, this), show(lead, other), history(lead, this), history(lead, other)
    done = merge(lead, this, other, fields={"player_name": "other", "phone": "other"})
    merged = done["lead"]
    assert merged["id"] == this
    assert merged["player_name"] == "Zoë Khan"
    assert (merged["phone_e164"], merged["phones"]) == ("+919848000202", ["+919848000201"])
    assert (merged["email"], merged["address"]) == ("zoe@example.com", "1 Lake Road")
    assert merged["status"] == "Called"
    lines = history(lead, this)
    assert [line["kind"] for line in lines] == ["merged", "comment", "status", "created", "created"]
    assert lines[0]["who"]
    assert lines[0]["data"]["lead_id"] == other
    assert lines[0]["data"]["merge_id"] == done["id"]
    # The merged id means the survivor.
    assert show(lead, other) == show(lead, this) == merged
    assert history(lead, other) == lines
    listed = [one["id"] for one in lead.get("/leads/").json()["leads"]]
    assert this in listed
    assert other not in listed
    answer = lead.post(f"/leads/merges/{done['id']}/undo")
    assert answer.status == 200, answer.body
    assert (answer.json()["lead"], answer.json()["restored"]) == before[:2]
    after = show(lead, this), show(lead, other), history(lead, this), history(lead, other)
    assert after == before
    again = lead.post(f"/leads/merges/{done['id']}/undo")
    check_error(again)
    assert (again.status, again.json()["detail"]) == (409, "This merge has already been undone")


def test_the_merged_id_is_edited_as_the_survivor(lead: Client, two: tuple[int, int]) -> None:
    this, other = two
    done = merge(lead, this, other)
    contract = lead.put(f"/leads/{other}?status=Called&comment=Hello&next_date=2026-12-05")
    assert (contract.status, contract.json()) == (200, {"status": "updated"})
    edited = lead.patch(f"/leads/{other}", json={"address": "2 Lake Road"})
    assert (edited.status, edited.json()["id"]) == (200, this)
    bulk = lead.post("/leads/bulk", json={"ids": [this, other], "status": "Joined"})
    assert bulk.json()["changed"] == 1
    found = show(lead, this)
    assert (found["status"], found["address"]) == ("Joined", "2 Lake Road")
    undone = lead.post(f"/leads/merges/{done['id']}/undo").json()
    # What was changed since stays with the survivor.
    assert (undone["lead"]["status"], undone["lead"]["address"]) == ("Joined", "2 Lake Road")
    assert undone["lead"]["called_at"] is not None
    assert undone["restored"]["status"] == "New"
    assert [line["kind"] for line in history(lead, this)][:1] == ["unmerged"]
    assert "merged" in [line["kind"] for line in history(lead, this)]
    # Undoing the change of many now would bring back what the merge has given.
    assert lead.post(f"/leads/bulk/{bulk.json()['id']}/undo").json() == {
        "restored": 0, "kept": [this]
    }  # fmt: skip


def test_what_names_a_merged_lead_follows_it(lead: Client, two: tuple[int, int]) -> None:
    this, other = two
    bulk = lead.post("/leads/bulk", json={"ids": [other], "status": "Called"}).json()
    assert lead.post("/leads/duplicates/", json={"first_id": other, "second_id": 1}).status == 200
    done = merge(lead, this, other)
    assert lead.get(f"/leads/{this}/merge?other_id=1").json()["marked_not_duplicates"] is True
    kept = lead.post(f"/leads/bulk/{bulk['id']}/undo").json()
    assert kept == {"restored": 0, "kept": [this]}
    lead.post(f"/leads/merges/{done['id']}/undo")
    assert lead.get(f"/leads/{this}/merge?other_id=1").json()["marked_not_duplicates"] is False
    assert lead.get(f"/leads/{other}/merge?other_id=1").json()["marked_not_duplicates"] is True


def test_a_chain_resolves(lead: Client, two: tuple[int, int]) -> None:
    this, other = two
    inner = merge(lead, this, other)
    outer = merge(lead, 1, this)
    assert show(lead, other)["id"] == show(lead, this)["id"] == 1
    early = lead.post(f"/leads/merges/{inner['id']}/undo")
    check_error(early)
    assert (early.status, early.json()["detail"]) == (
        409, f"Lead {this} was merged into lead 1 since then. Undo that merge first"
    )  # fmt: skip
    assert lead.post(f"/leads/merges/{outer['id']}/undo").status == 200
    assert (show(lead, other)["id"], show(lead, this)["id"]) == (this, this)
    assert lead.post(f"/leads/merges/{inner['id']}/undo").status == 200
    assert show(lead, other)["id"] == other


def test_who_has_changed_a_lead_meanwhile_is_not_overruled(
    lead: Client, two: tuple[int, int]
) -> None:
    this, other = two
    seen = {"version": show(lead, this)["version"], "other_version": show(lead, other)["version"]}
    lead.patch(f"/leads/{other}", json={"comment": "Wait"})
    answer = lead.post(f"/leads/{this}/merge", json={"other_id": other, **seen})
    check_error(answer)
    assert answer.status == 412
    assert show(lead, other)["id"] == other


def test_what_cannot_be_merged(lead: Client, world: World, two: tuple[int, int]) -> None:
    this, other = two
    with world.db.write() as session:
        session.get_one(Lead, other).is_test = True
    sent = {"other_id": other, "version": show(lead, this)["version"], "other_version": 1}
    for answer in (
        lead.get(f"/leads/{this}/merge?other_id={other}"),
        lead.post(f"/leads/{this}/merge", json=sent),
    ):
        check_error(answer)
        assert answer.status == 409
        assert answer.json()["detail"] == "A test lead and a real lead can't be merged"
    for wrong, status, told in (
        ({**sent, "other_id": this}, 422, "choose two different leads"),
        ({**sent, "other_id": 1_000_000}, 404, "Lead not found"),
    ):
        answer = lead.post(f"/leads/{this}/merge", json=wrong)
        check_error(answer)
        assert (answer.status, told in answer.json()["detail"]) == (status, True)
    for wrong in ({"fields": {"id": "other"}}, {"fields": {"phone": "both"}}, {"version": None}):
        assert lead.post(f"/leads/{this}/merge", json={**sent, **wrong}).status == 422
    missing = lead.post("/leads/merges/99/undo")
    assert (missing.status, missing.json()) == (404, {"detail": "Merge not found"})


def test_both_leads_must_be_visible(client: Client, world: World, two: tuple[int, int]) -> None:
    this, other = two
    client.token = world.token(OBSERVER)
    assert client.get(f"/leads/{this}/merge?other_id={other}").status == 403
    client.token = world.token(MEMBER)
    assert client.get(f"/leads/{this}/merge?other_id=2").status == 404
    done = merge(client, this, other)
    with world.db.write() as session:
        session.get_one(Lead, this).center_id = 2
    # The survivor is at another center now.
    assert client.get(f"/leads/{other}").status == 404
    assert client.post(f"/leads/merges/{done['id']}/undo").status == 404
