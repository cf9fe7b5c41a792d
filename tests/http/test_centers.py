"""Centers: listing and adding them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from backend.models import Center
from tests.core.intake.arrivals import leads, notify, with_token, work_off
from tests.dump import dump
from tests.servers import Client, Upload
from tests.shape import check_error
from tests.told import FakeGraph
from tests.told import lead as graph_lead
from tests.world import World

NEW = {"display_name": "Kompally", "meta_tag_name": "TOFA Kompally", "city": "Hyderabad"}
SHOWN = (
    b'{"id":1,"display_name":"Tellapur","meta_tag_name":"TOFA Tellapur",'
    b'"city":"Hyderabad","location":""}'
)


def test_list(client: Client) -> None:
    answer = client.get("/centers/")
    assert answer.status == 200
    assert answer.body == (
        b"[" + SHOWN + b',{"id":2,"display_name":"Gachibowli","meta_tag_name":"TOFA Gachibowli",'
        b'"city":"Hyderabad","location":""}]'
    )


def test_add(lead: Client) -> None:
    answer = lead.post("/centers/", json=NEW)
    assert answer.status == 200
    assert answer.body == (
        b'{"id":3,"display_name":"Kompally","meta_tag_name":"TOFA Kompally",'
        b'"city":"Hyderabad","location":""}'
    )
    other = {
        "display_name": "Zoë",
        "meta_tag_name": " Zoë's «Center» ⚽ ",
        "city": "",
        "location": "Lake Road",
    }
    made = lead.post("/centers/", json=other).json()
    assert made == {"id": 4, **other, "meta_tag_name": "Zoë's «Center» ⚽"}
    assert lead.get("/centers/").json()[2:] == [answer.json(), made]


def test_names_are_unique(lead: Client, world: World) -> None:
    lead.post("/centers/", json={**NEW, "meta_tag_name": 'O\'Brien "é"'})
    before = dump(world.db)
    for tag, written in (
        ("TOFA Tellapur", "TOFA Tellapur"),
        ("  TOFA Tellapur ", "TOFA Tellapur"),
        ('O\'Brien "é"', 'O\'Brien \\"é\\"'),
        ("tofa\u00a0\u200bTELLAPUR.", "TOFA Tellapur"),
        ("\uff34OFA – Tellápur", "TOFA Tellapur"),
        ("o’brien “E”", 'O\'Brien \\"é\\"'),
    ):
        answer = lead.post("/centers/", json={**NEW, "meta_tag_name": tag})
        expected = f'{{"detail":"Center with meta tag \'{written}\' already exists"}}'
        assert (answer.status, answer.body) == (400, expected.encode()), tag
        assert lead.patch("/centers/2", json={"meta_tag_name": tag}).body == expected.encode()
    for name in ("Tellapur", " TELLAPUR\u200e", "tellapur!"):
        answer = lead.post("/centers/", json={**NEW, "display_name": name})
        expected = '{"detail":"A center called \'Tellapur\' already exists"}'
        assert (answer.status, answer.body) == (400, expected.encode()), name
        assert lead.patch("/centers/2", json={"display_name": name}).body == expected.encode()
    assert dump(world.db) == before
    # Its own names in another way are none of another center.
    assert lead.patch("/centers/1", json={"meta_tag_name": "tofa tellapur"}).status == 200


def test_a_name_of_which_nobody_sees_anything(lead: Client, world: World) -> None:
    before = dump(world.db)
    for name in ("display_name", "meta_tag_name"):
        answer = lead.post("/centers/", json={**NEW, name: "\u200b\u00ad"})
        check_error(answer)
        assert answer.json()["errors"][0]["loc"] == ["body", name]
    assert dump(world.db) == before


def test_adding_the_same_center_at_once(lead: Client) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = pool.map(lambda _: lead.post("/centers/", json=NEW).status, range(8))
    assert sorted(answers) == [200] + [400] * 7
    assert len(lead.get("/centers/").json()) == 3


def test_invalid_fields(lead: Client, world: World) -> None:
    before = dump(world.db)
    bad: dict[str, list[Any]] = {
        "display_name": ["", "  ", "x" * 501, "a\u0000", 1, None, [], True],
        "meta_tag_name": ["", "\t", "x" * 501, "\u0000", 1, None, {}],
        "city": ["x" * 501, "\u0000", 1, None],
        "location": ["x" * 501, "\u0000", 1, None],
    }
    for name, values in bad.items():
        for value in values:
            answer = lead.post("/centers/", json={**NEW, name: value})
            check_error(answer, "x" * 400)
            assert [fault["loc"] for fault in answer.json()["errors"]] == [["body", name]], value
    missing = lead.post("/centers/", json={})
    assert [fault["loc"][1] for fault in missing.json()["errors"]] == list(NEW)
    assert dump(world.db) == before


@pytest.mark.parametrize("text", ["\u200b", " \u00a0\ufeff", "-", "–", "_"])
def test_a_text_of_which_nobody_sees_anything_names_no_center(lead: Client, text: str) -> None:
    flat = {"phone_number": "9848000021", "nearest_center": text}
    answer = lead.post("/leads/meta-webhook/", json=flat).json()
    assert answer == {"status": "error", "message": "Center/Location is required"}
    (waiting,) = lead.get("/deliveries/?state=waiting").json()
    assert waiting["reason"] == "no_center"
    placed = lead.post(f"/deliveries/{waiting['id']}/place", json={"center_id": 1})
    assert placed.json() == {"reopened": 1}


def test_archive_and_restore(lead: Client, client: Client) -> None:
    before = client.get("/centers/").body
    assert lead.get("/centers/1/use").json() == {
        "leads": 1, "people": 2, "aliases": 0, "forms": 0, "pages": 0, "waiting": 0,
    }  # fmt: skip
    archived = lead.post("/centers/1/archive")
    assert (archived.status, archived.body) == (200, SHOWN[:-1] + b',"archived":true}')
    # Old clients still find its name.
    assert client.get("/centers/").body == before.replace(SHOWN, archived.body)
    flat = {"phone_number": "9848000009", "nearest_center": "TOFA Tellapur"}
    refused = client.post("/leads/meta-webhook/", json=flat)
    assert (refused.status, refused.json()) == (
        200, {"status": "error", "message": "Center 'TOFA Tellapur' not found"},
    )  # fmt: skip
    (waiting,) = lead.get("/deliveries/?state=waiting").json()
    assert (waiting["reason"], waiting["message"]) == ("archived_center", "This center is archived")
    assert lead.get("/centers/1/use").json()["waiting"] == 1
    new = {"player_name": "New", "phone": "9848000010", "center_id": 1}
    assert lead.post("/leads/", json=new).json() == {"detail": "Center not found"}
    taken = lead.post("/centers/", json={**NEW, "meta_tag_name": "tofa tellapur"})
    assert (taken.status, taken.json()) == (400, {
        "detail": "Center with meta tag 'TOFA Tellapur' already exists and is archived. "
        "Restore it instead"
    })  # fmt: skip
    # Its leads stay where they are, and can be worked on.
    assert lead.put("/leads/1?status=Called").status == 200
    assert [one["id"] for one in lead.get("/leads/?center_id=1").json()["leads"]] == [1]
    restored = lead.post("/centers/1/restore")
    assert (restored.status, restored.body) == (200, SHOWN)
    assert lead.get(f"/deliveries/{waiting['id']}").json()["state"] == "received"
    for path in ("archive", "restore", "use"):
        method = "GET" if path == "use" else "POST"
        assert lead.request(method, f"/centers/9/{path}").status == 404


def test_an_import_for_an_archived_center(lead: Client) -> None:
    assert lead.post("/centers/1/archive").status == 200
    sheet = Upload(
        "leads.csv",
        b"phone,_which_is_the_nearest_tofa_center_to_you?\n9848000012,tofa tellapur\n",
    )
    assert lead.post("/leads/upload/", file=sheet).json() == {
        "status": "error",
        "message": "Unknown Centers Found",
        "unknown_tags": ["tofa tellapur"],
    }
    planned = lead.post("/imports/", file=sheet).json()
    (row,) = lead.get(f"/imports/{planned['id']}/rows").json()
    assert row["verdict"] == "waiting"
    assert [(one["code"], one["message"]) for one in row["reasons"]] == [
        ("archived_center", "This center is archived: tofa tellapur")
    ]
    assert lead.post(f"/imports/{planned['id']}/commit").status == 200
    (waiting,) = lead.get("/deliveries/?state=waiting").json()
    assert waiting["reason"] == "archived_center"


def test_merge_and_undo(lead: Client, client: Client, world: World) -> None:
    merged = lead.post("/centers/1/merge", json={"into_id": 2})
    assert (merged.status, merged.json()) == (200, {"id": 1, "moved": 1})
    assert client.get("/centers/").json()[0]["merged_into"] == 2
    assert lead.get("/leads/1").json()["center_id"] == 2
    flat = {"phone_number": "9848000009", "nearest_center": "TOFA Tellapur"}
    added = client.post("/leads/meta-webhook/", json=flat).json()["lead_id"]
    assert lead.get(f"/leads/{added}").json()["center_id"] == 2
    (change,) = lead.get("/centers/changes/").json()
    assert change.pop("at").endswith("Z")
    assert change == {
        "id": 1, "kind": "merge", "center_id": 1, "into_id": 2, "text": None,
        "who": lead.get("/users/me").json()["full_name"], "undone": False,
    }  # fmt: skip
    (moved, *_) = lead.get("/leads/1/history").json()
    assert (moved["kind"], moved["data"]) == ("moved", {"from": 1, "to": 2})
    for id, into, status in ((1, 2, 409), (2, 1, 409), (2, 2, 422), (2, 9, 404), (9, 2, 404)):
        answer = lead.post(f"/centers/{id}/merge", json={"into_id": into})
        assert answer.status == status, (id, into)
    undone = lead.post("/centers/changes/1/undo")
    assert (undone.status, undone.json()) == (200, {"restored": 1, "kept": []})
    assert lead.get("/leads/1").json()["center_id"] == 1
    assert lead.post("/centers/changes/1/undo").status == 409
    assert lead.post("/centers/changes/9/undo").status == 404


def test_revert_an_alias(lead: Client, client: Client) -> None:
    assert lead.post("/centers/1/aliases", json={"text": "Old ground"}).status == 200
    flat = {"phone_number": "9848000009", "nearest_center": "old ground "}
    added = client.post("/leads/meta-webhook/", json=flat).json()["lead_id"]
    (listed,) = lead.get("/centers/aliases/").json()
    assert listed.pop("created_at").endswith("Z")
    assert listed == {"text": "Old ground", "center_id": 1}
    use = lead.get("/centers/1/aliases/use?text=OLD%20ground")
    assert use.json() == {"leads": 1, "worked_on": []}
    reverted = lead.post("/centers/1/aliases/revert", json={"text": "Old ground", "center_id": 2})
    assert reverted.json() == {"id": 1, "moved": 1, "kept": []}
    assert lead.get(f"/leads/{added}").json()["center_id"] == 2
    assert lead.get("/centers/2/aliases").json()[0]["text"] == "Old ground"
    assert lead.post("/centers/changes/1/undo").json() == {"restored": 1, "kept": []}
    reverted = lead.post("/centers/1/aliases/revert", json={"text": "Old ground"})
    assert reverted.json() == {"id": 2, "moved": 1, "kept": []}
    assert lead.get(f"/leads/{added}").status == 404
    (unknown,) = lead.get("/deliveries/unknown-centers/").json()
    assert (unknown["text"], unknown["count"]) == ("Old ground", 1)
    assert lead.get("/centers/1/aliases/use?text=Old").status == 404


def test_merging_at_once(lead: Client) -> None:
    """Many people merge and add the same at once: one of each succeeds."""
    with ThreadPoolExecutor(8) as pool:
        merges = pool.map(
            lambda way: lead.post(f"/centers/{way}/merge", json={"into_id": 3 - way}).status,
            [1, 2] * 4,
        )
        assert sorted(merges) == [200] + [409] * 7
        written = ("TOFA Kompally", "tofa kompally", "TOFA-Kompally", "TOFA\u00a0Kompally") * 2
        added = pool.map(
            lambda tag: lead.post("/centers/", json={**NEW, "meta_tag_name": tag}).status, written
        )
        assert sorted(added) == [200] + [400] * 7


# What a sender writes, and the name that the center has.
@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("\u200bTOFA Kompally", "TOFA Kompally"),
        ("TOFA\u00a0Kom\u00adpally\u200e", "TOFA Kompally"),
        ("tofa_kompally", "TOFA Kompally"),
        ("\uff34OFA\u3000Kómpally.", "TOFA Kompally"),
        ("TOFA Kompally", "\u2060TOFA\u00a0Kompally\ufeff"),
        ("TOFA - Kompally", "TOFA – Kompally"),
    ],
)
def test_every_way_in_knows_a_name_however_written(
    lead: Client, client: Client, world: World, text: str, tag: str
) -> None:
    with world.db.write() as session:
        # As an older version stored it.
        session.add(Center(id=3, display_name="Kompally", meta_tag_name=tag, city=""))
    flat = {"phone_number": "9848000021", "nearest_center": text}
    assert client.post("/leads/meta-webhook/", json=flat).json()["status"] == "success"
    sheet = f"phone,_which_is_the_nearest_tofa_center_to_you?\n9848000022,{text}\n"
    file = Upload("leads.csv", sheet.encode())
    assert lead.post("/leads/upload/", file=file).json() == {"status": "success", "leads_added": 1}
    planned = lead.post("/imports/", file=Upload("more.csv", file.content.replace(b"22,", b"23,")))
    assert lead.post(f"/imports/{planned.json()['id']}/commit").status == 200
    notify(world.db, "11")
    told = FakeGraph({"11": graph_lead("11", center=text)})
    work_off(world.db, with_token(world), told)
    assert [one.center_id for one in leads(world.db)] == [3] * 4
