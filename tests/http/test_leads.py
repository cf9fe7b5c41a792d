"""The list of leads, and noting the outcome of a call."""

import pytest

from tests.servers import Client
from tests.stored import FIELDS, stored
from tests.world import (
    LEAD,
    LEAD_OF_GACHIBOWLI,
    LEAD_OF_TELLAPUR,
    MEMBER,
    OBSERVER,
    TELLAPUR,
    World,
)


def test_a_team_lead_sees_all_leads(lead: Client) -> None:
    answer = lead.get("/leads/my_leads")
    assert answer.status == 200
    assert [one["id"] for one in answer.json()] == [LEAD_OF_TELLAPUR, LEAD_OF_GACHIBOWLI]
    assert tuple(answer.json()[0]) == FIELDS


@pytest.mark.parametrize("email", [MEMBER, OBSERVER])
def test_others_see_the_leads_of_their_centers(client: Client, world: World, email: str) -> None:
    answer = client.get("/leads/my_leads", token=world.token(email))
    assert {one["center_id"] for one in answer.json()} == {TELLAPUR}


def test_the_bytes_of_a_lead(lead: Client) -> None:
    body = lead.get("/leads/my_leads").body
    expected = (
        '[{"id":1,"created_time":"2026-11-02T10:00:00","player_name":"Zoë Khan",'
        '"player_age_category":"U9","phone":"+919848000001","email":"parent1@example.com",'
        '"address":"1 Lake Road, 502020","status":"New","next_followup_date":null,"center_id":1},'
    )
    assert body.startswith(expected.encode())


def update(client: Client, query: str, lead_id: int = LEAD_OF_TELLAPUR) -> object:
    return client.put(f"/leads/{lead_id}?{query}").json()


def show(client: Client, lead_id: int = LEAD_OF_TELLAPUR) -> dict[str, object]:
    return next(lead for lead in stored(client) if lead["id"] == lead_id)


def test_the_outcome_of_a_call(lead: Client) -> None:
    query = "status=Trial+Scheduled&next_date=2026-12-05T16:30:00&comment=Saturday%20is%20fine"
    assert update(lead, query) == {"status": "updated"}
    shown = show(lead)
    assert shown["status"] == "Trial Scheduled"
    assert shown["next_followup_date"] == "2026-12-05T11:00:00Z"


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-12-05", "2026-12-04T18:30:00Z"),
        ("2026-12-05T16:30:00Z", "2026-12-05T16:30:00Z"),
        ("2026-12-05T16:30:00%2B05:30", "2026-12-05T11:00:00Z"),
        ("2026-12-05T16:30:00+05:30", "2026-12-05T11:00:00Z"),
        ("2026-12-05%2016:30", "2026-12-05T11:00:00Z"),
        ("2026-12-05T16:30:00.250", "2026-12-05T11:00:00.250000Z"),
    ],
)
def test_the_next_date(lead: Client, text: str, utc: str) -> None:
    update(lead, f"status=Called&next_date={text}")
    assert show(lead)["next_followup_date"] == utc


@pytest.mark.parametrize("text", ["", "None"])
def test_a_date_that_is_not_given_stays(lead: Client, text: str) -> None:
    update(lead, "status=Called&next_date=2026-12-05")
    update(lead, f"status=Called&next_date={text}")
    assert show(lead)["next_followup_date"] == "2026-12-04T18:30:00Z"


@pytest.mark.parametrize(
    "text",
    ["tomorrow", "2026-13-05", "05/12/2026", "20261205", "0001-01-01", "9999-12-31T23:59:59-23:59"],
)
def test_a_date_that_is_none(lead: Client, text: str) -> None:
    answer = lead.put(f"/leads/1?status=Called&next_date={text}")
    assert answer.status == 422
    assert answer.json()["errors"][0]["loc"] == ["query", "next_date"]
    assert answer.json()["detail"] == (
        "Follow-up date: use a date such as 2026-12-05, or a date and time such as 2026-12-05T16:30"
    )
    assert show(lead)["status"] == "New"


def test_a_status_that_is_none(lead: Client) -> None:
    answer = lead.put("/leads/1?status=Maybe")
    assert (answer.status, answer.json()["errors"][0]["loc"]) == (422, ["query", "status"])
    assert answer.json()["detail"] == (
        "Status: choose New, Called, Trial Scheduled, Joined or Dead/Not Interested"
    )


def test_a_lead_of_another_center_is_not_there(client: Client, world: World) -> None:
    token = world.token(MEMBER)
    there = client.put(f"/leads/{LEAD_OF_GACHIBOWLI}?status=Called", token=token)
    nowhere = client.put("/leads/999?status=Called", token=token)
    assert (there.status, there.json()) == (404, {"detail": "Lead not found"})
    assert (there.body, there.headers) == (nowhere.body, nowhere.headers)
    assert show_as_lead(client, world)["status"] == "New"


def show_as_lead(client: Client, world: World) -> dict[str, object]:
    client.token = world.token(LEAD)
    return show(client, LEAD_OF_GACHIBOWLI)


def test_a_lead_may_keep_a_status_that_no_one_knows(lead: Client, world: World) -> None:
    with world.db.write() as session:
        session.connection().exec_driver_sql("UPDATE lead SET status = 'Ringing' WHERE id = 1")
    assert update(lead, "status=Ringing&next_date=2026-12-05") == {"status": "updated"}
    assert lead.put("/leads/2?status=Ringing").status == 422
