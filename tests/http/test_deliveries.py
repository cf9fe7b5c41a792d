"""Deliveries: list, show, retry and dismiss them; match unrecognised centers."""

from typing import get_args

import pytest

from backend.core.intake import deliveries
from backend.models import DeliveryState, Form, Source
from backend.schemas.intake import Origin, State
from tests.core.intake.arrivals import (
    all_deliveries,
    delivery,
    flat,
    leads,
    notify,
    states,
    with_token,
    work_off,
)
from tests.servers import Client
from tests.shape import check_error
from tests.told import FORM, FakeGraph
from tests.told import lead as graph_lead
from tests.world import World


@pytest.fixture
def ids(world: World) -> list[int]:
    """Deliveries: processed, two with an unknown center, one without a phone, one of Meta's."""
    made = [
        flat(world.db),
        flat(world.db, nearest_center="Miyapur", full_name="A"),
        flat(world.db, nearest_center="miyapur", full_name="B"),
        flat(world.db, phone_number=None),
    ]
    work_off(world.db, world.settings)
    return [*made, notify(world.db, 11, form_id=FORM)]


def test_the_filters_name_what_there_is() -> None:
    assert set(get_args(State)) == set(DeliveryState)
    # What is added by hand is no delivery.
    assert set(get_args(Origin)) == set(Source) - {Source.MANUAL}


def listed(lead: Client, query: str = "") -> list[int]:
    answer = lead.get(f"/deliveries/{query}")
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.json()]


def test_the_list(lead: Client, ids: list[int]) -> None:
    assert listed(lead) == ids[::-1]
    assert listed(lead, "?limit=2") == ids[:2:-1]
    assert listed(lead, f"?limit=2&before={ids[3]}") == [ids[2], ids[1]]
    assert listed(lead, "?state=waiting") == ids[3:0:-1]
    assert listed(lead, "?state=waiting&reason=unknown_center") == [ids[2], ids[1]]
    assert listed(lead, "?source=meta") == [ids[4]]
    assert listed(lead, f"?form_id={FORM}") == [ids[4]]
    assert listed(lead, "?form_id=1") == []
    for query in ("?state=lost", "?source=x", "?limit=0", "?limit=501", "?before=x"):
        answer = lead.get(f"/deliveries/{query}")
        check_error(answer)
        assert answer.status == 422, query


def test_one_of_the_list(lead: Client, ids: list[int]) -> None:
    (one,) = lead.get(f"/deliveries/?before={ids[2]}&limit=1").json()
    assert one.pop("received_at").endswith("Z")
    assert one == {
        "id": ids[1],
        "source": "webhook",
        "state": "waiting",
        "reason": "unknown_center",
        "message": "No center has this name",
        "attempts": 1,
        "due_at": None,
        "lead_id": None,
        "leadgen_id": None,
        "form_id": None,
        "center_text": "Miyapur",
        "center_id": None,
    }


def test_one_with_its_raw_body(lead: Client, ids: list[int], world: World) -> None:
    shown = lead.get(f"/deliveries/{ids[0]}").json()
    assert shown["body"] == delivery(world.db, ids[0]).body
    assert (shown["state"], shown["lead_id"], shown["fetched"]) == ("processed", 3, None)
    missing = lead.get("/deliveries/999")
    assert (missing.status, missing.json()) == (404, {"detail": "Delivery not found"})


def test_retry(lead: Client, ids: list[int], world: World) -> None:
    answer = lead.post(f"/deliveries/{ids[1]}/retry")
    assert (answer.status, answer.body) == (200, b'{"reopened":1}')
    assert delivery(world.db, ids[1]).state == "received"
    work_off(world.db, world.settings)
    # All that wait for the same reason.
    answer = lead.post(f"/deliveries/{ids[1]}/retry?all_of_reason=true")
    assert answer.json() == {"reopened": 2}
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 2, "waiting": 3, "received": 1}


def test_dismiss(lead: Client, ids: list[int], world: World) -> None:
    for empty in ({}, {"reason": " "}, {"reason": None}):
        assert lead.post(f"/deliveries/{ids[1]}/dismiss", json=empty).status == 422
    answer = lead.post(f"/deliveries/{ids[1]}/dismiss", json={"reason": "Tested by Asha"})
    assert (answer.status, answer.json()) == (200, {"status": "updated"})
    kept = lead.get(f"/deliveries/{ids[1]}").json()
    assert (kept["state"], kept["reason"]) == ("dismissed", "unknown_center")
    assert (kept["message"], kept["closed_by"]) == ("Tested by Asha", 1)
    assert work_off(world.db, world.settings) == 1, "of Meta's"
    assert delivery(world.db, ids[1]).state == "dismissed"


@pytest.mark.parametrize("what", ["retry", "dismiss"])
def test_only_open_deliveries_can_be_retried_or_dismissed(
    lead: Client, ids: list[int], what: str
) -> None:
    sent = {"json": {"reason": "x"}} if what == "dismiss" else {}
    lead.post(f"/deliveries/{ids[1]}/dismiss", json={"reason": "x"})
    for id, state in ((ids[0], "processed"), (ids[1], "dismissed"), (ids[4], "received")):
        answer = lead.post(f"/deliveries/{id}/{what}", **sent)
        check_error(answer)
        assert answer.status == 409
        assert f"is {state}" in answer.json()["detail"]
    assert lead.post(f"/deliveries/999/{what}", **sent).status == 404


def test_unknown_centers(lead: Client, ids: list[int], world: World) -> None:
    path = "/deliveries/unknown-centers/"
    (one,) = lead.get(path).json()
    assert (one["text"], one["count"]) == ("Miyapur", 2)
    assert one["oldest"].endswith("Z")
    assert lead.post(path, json={"text": "Miyapur", "center_id": 99}).status == 404
    known = lead.post(path, json={"text": "tofa tellapur", "center_id": 2})
    assert (known.status, known.json()) == (
        400,
        {"detail": "A center is already called 'tofa tellapur'"},
    )
    answer = lead.post(path, json={"text": " MIYAPUR", "center_id": 2})
    assert (answer.status, answer.json()) == (200, {"reopened": 2})
    assert lead.get(path).json() == []
    work_off(world.db, world.settings)
    assert [one.center_id for one in leads(world.db)] == [1, 2, 2]
    # The webhook knows it from now on.
    flat_form = {"phone_number": "1", "nearest_center": "miyapur"}
    assert lead.post("/leads/meta-webhook/", json=flat_form).json()["lead_id"] == 6


def test_a_new_center(lead: Client, ids: list[int], world: World) -> None:
    new = {"display_name": "Miyapur", "meta_tag_name": "Miyapur", "city": "Hyderabad"}
    assert lead.post("/centers/", json=new).json()["id"] == 3
    work_off(world.db, world.settings)
    assert [one.center_id for one in leads(world.db)] == [1, 3, 3]


def test_forms(lead: Client, world: World) -> None:
    assert lead.get("/forms/").body == b"[]"
    with world.db.write() as session:
        session.add(Form(id=FORM, questions=["Whose", "full_name"], mapping={}))
        id = deliveries.keep(
            session, "meta", "{}", state="waiting", reason="no_center", form_id=FORM
        )
    answer = lead.put(f"/forms/{FORM}", json={"mapping": {"whose": "player_name"}})
    assert answer.status == 200
    expected = {
        "id": FORM,
        "questions": [
            {"question": "Whose", "field": "player_name"},
            {"question": "full_name", "field": "player_name"},
        ],
        "mapping": {"whose": "player_name"},
        "newest_lead_at": None,
        "center_id": None,
        "page_id": None,
        "name": None,
        "status": None,
    }
    assert answer.json() == expected
    assert lead.get("/forms/").json() == [expected]
    assert delivery(world.db, id).state == "received"
    assert lead.put("/forms/8", json={"mapping": {}}).status == 404
    for wrong in ({"whose": "status"}, {"whose": None}, {"x" * 501: ""}, None):
        check_error(lead.put(f"/forms/{FORM}", json={"mapping": wrong}), "x" * 400)
    check_error(lead.put("/forms/x", json={"mapping": {}}))


@pytest.fixture
def without_center(world: World) -> list[int]:
    """Deliveries of a form that name no center, one of another form, and flat ones."""
    told = FakeGraph(
        {
            "11": graph_lead("11", center=None),
            "12": graph_lead("12", center=None),
            "13": graph_lead("13"),
            "14": {**graph_lead("14", center=None), "form_id": "7"},
        }
    )
    notify(world.db, *told.leads)
    work_off(world.db, with_token(world), told)
    flat(world.db, nearest_center=None, full_name="Flat")
    flat(world.db, nearest_center=None, full_name="Flat too", phone_number="9848022339")
    work_off(world.db, world.settings)
    waiting = [one.id or 0 for one in all_deliveries(world.db) if one.reason == "no_center"]
    assert len(waiting) == 5
    return waiting


def placed(world: World) -> dict[str | None, int | None]:
    work_off(world.db, world.settings)
    return {one.player_name: one.center_id for one in leads(world.db)}


def test_place_one(lead: Client, without_center: list[int], world: World) -> None:
    answer = lead.post(f"/deliveries/{without_center[0]}/place", json={"center_id": 2})
    assert (answer.status, answer.json()) == (200, {"reopened": 1})
    assert lead.get(f"/deliveries/{without_center[0]}").json()["center_id"] == 2
    assert placed(world) == {"Child 13": 1, "Child 11": 2}
    again = lead.post(f"/deliveries/{without_center[0]}/place", json={"center_id": 1})
    assert again.status == 409
    assert lead.post("/deliveries/999/place", json={"center_id": 1}).status == 404
    for center in (9, 0, None):
        answer = lead.post(f"/deliveries/{without_center[1]}/place", json={"center_id": center})
        assert answer.status == (404 if center else 422), center


def test_place_all_of_a_form(lead: Client, without_center: list[int], world: World) -> None:
    body = {"center_id": 2, "all_of_form": True}
    assert lead.post(f"/deliveries/{without_center[0]}/place", json=body).json() == {"reopened": 2}
    assert placed(world) == {"Child 13": 1, "Child 11": 2, "Child 12": 2}
    # Without a form: all that came in the same way.
    answer = lead.post(f"/deliveries/{without_center[3]}/place", json=body)
    assert answer.json() == {"reopened": 2}
    assert placed(world) == {"Child 13": 1, "Child 11": 2, "Child 12": 2, "Flat": 2, "Flat too": 2}
    assert states(world.db)["waiting"] == 1, "of the other form"


def test_place_an_unrecognised_one(lead: Client, ids: list[int], world: World) -> None:
    assert lead.post(f"/deliveries/{ids[1]}/place", json={"center_id": 2}).status == 200
    assert placed(world) == {None: 1, "A": 2}
    # The name means no center for that: the other one still waits.
    assert [one["count"] for one in lead.get("/deliveries/unknown-centers/").json()] == [1]
    no_phone = lead.post(f"/deliveries/{ids[3]}/place", json={"center_id": 2})
    assert (no_phone.status, no_phone.json()["detail"]) == (
        409, "Only a delivery waiting for a center can be placed",
    )  # fmt: skip


def test_a_form_has_a_center(lead: Client, without_center: list[int], world: World) -> None:
    answer = lead.put(f"/forms/{FORM}/center", json={"center_id": 2})
    assert answer.status == 200
    assert (answer.json()["center_id"], answer.json()["page_id"]) == (2, "153125381133")
    assert placed(world) == {"Child 13": 1, "Child 11": 2, "Child 12": 2}
    # What the answers say counts more, also if no center has that name.
    told = FakeGraph({
        "21": graph_lead("21", center=None),
        "22": graph_lead("22"),
        "23": graph_lead("23", center="Mars"),
    })  # fmt: skip
    notify(world.db, *told.leads)
    work_off(world.db, with_token(world), told)
    assert placed(world) == {
        "Child 13": 1, "Child 11": 2, "Child 12": 2, "Child 21": 2, "Child 22": 1,
    }  # fmt: skip
    assert lead.put(f"/forms/{FORM}/center", json={"center_id": None}).json()["center_id"] is None
    for path, center, status in ((FORM, 9, 404), ("9", 1, 404), (FORM, 0, 422), ("x", 1, 422)):
        assert lead.put(f"/forms/{path}/center", json={"center_id": center}).status == status
    check_error(lead.put(f"/forms/{FORM}/center", json={}))


def test_a_page_has_a_center(lead: Client, without_center: list[int], world: World) -> None:
    page = "153125381133"
    assert lead.get("/pages/").json() == [{"id": page, "center_id": None, "forms": 2}]
    assert lead.put(f"/forms/{FORM}/center", json={"center_id": 1}).status == 200
    answer = lead.put(f"/pages/{page}/center", json={"center_id": 2})
    assert (answer.status, answer.json()) == (200, {"id": page, "center_id": 2, "forms": 2})
    # The form's own center counts more.
    assert placed(world) == {"Child 13": 1, "Child 11": 1, "Child 12": 1, "Child 14": 2}
    assert lead.post("/centers/2/archive").status == 200
    assert lead.put(f"/pages/{page}/center", json={"center_id": 2}).status == 409
    told = FakeGraph({"24": {**graph_lead("24", center=None), "form_id": "7"}})
    notify(world.db, "24")
    work_off(world.db, with_token(world), told)
    assert states(world.db)["waiting"] == 3
    assert lead.post("/centers/2/restore").status == 200
    assert placed(world)["Child 24"] == 2
    assert lead.put("/pages/9/center", json={"center_id": 2}).status == 404


def test_similar_centers_are_offered_in_order(lead: Client, world: World) -> None:
    for name in ("Kompally", "Kondapur"):
        new = {"display_name": name, "meta_tag_name": f"TOFA {name}", "city": ""}
        assert lead.post("/centers/", json=new).status == 200
    for text in ("TOFA Kompalli", "tela pur", "Tellapur ground", "Konda pur", "Mars"):
        flat(world.db, nearest_center=text)
    work_off(world.db, world.settings)
    offered = {
        one["text"]: [near["center_id"] for near in one["similar"]]
        for one in lead.get("/deliveries/unknown-centers/").json()
    }
    assert {text: ids[:1] for text, ids in offered.items()} == {
        "TOFA Kompalli": [3], "tela pur": [1], "Tellapur ground": [1], "Konda pur": [4], "Mars": [],
    }  # fmt: skip
    (kompalli, *_) = lead.get("/deliveries/unknown-centers/").json()
    scores = [one["score"] for one in kompalli["similar"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0.5 <= one <= 1 for one in scores)
