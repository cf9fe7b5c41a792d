"""Deliveries: list, show, retry and dismiss them; match unrecognised centers."""

from typing import get_args

import pytest

from backend.core.intake import deliveries
from backend.models import DeliveryState, Form, Source
from backend.schemas.intake import Origin, State
from tests.core.intake.arrivals import delivery, flat, leads, notify, states, work_off
from tests.servers import Client
from tests.shape import check_error
from tests.told import FORM
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
    }
    assert answer.json() == expected
    assert lead.get("/forms/").json() == [expected]
    assert delivery(world.db, id).state == "received"
    assert lead.put("/forms/8", json={"mapping": {}}).status == 404
    for wrong in ({"whose": "status"}, {"whose": None}, {"x" * 501: ""}, None):
        check_error(lead.put(f"/forms/{FORM}", json={"mapping": wrong}), "x" * 400)
    check_error(lead.put("/forms/x", json={"mapping": {}}))
