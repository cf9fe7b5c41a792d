"""What the React app sends, and what it does with each answer, on every server."""

from typing import Any

import pytest

from backend.models import Lead
from tests.servers import Answer, Client, Upload
from tests.world import EPOCH, LEAD, MEMBER, OBSERVER, PASSWORD, TELLAPUR, World

ORIGIN = {"Origin": "http://localhost:3000"}
HEADER = b"created_time,player_name,phone,_which_is_the_nearest_tofa_center_to_you?\n"


def sign_in(client: Client, email: str, password: str = PASSWORD) -> Answer:
    return client.post("/token", form={"username": email, "password": password}, headers=ORIGIN)


def error_of(answer: Answer) -> str:
    """The error that the app prints; anything but a string is a crash to it."""
    assert answer.status >= 400
    detail = answer.json()["detail"]
    assert isinstance(detail, str)
    assert detail
    return detail


def preflight(client: Client, method: str, path: str) -> None:
    """What a browser asks before each request with a token."""
    asks = {
        **ORIGIN,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.request("OPTIONS", path, headers=asks)
    assert answer.status == 204
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    assert answer.headers["access-control-allow-credentials"] == "true"
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["access-control-allow-headers"] == "authorization,content-type"


@pytest.mark.parametrize("email", [LEAD, MEMBER, OBSERVER])
def test_the_pages_of_each_role(client: Client, world: World, email: str) -> None:
    answer = sign_in(client, email)
    assert answer.headers["access-control-allow-origin"] == ORIGIN["Origin"]
    signed = answer.json()
    assert signed["token_type"] == "bearer"
    client.token = signed["access_token"]
    pages = {path: client.get(path, headers=ORIGIN) for path in ("/users/", "/centers/")}
    assert pages["/centers/"].json()[0]["display_name"] == "Tellapur"
    if signed["role"] == "team_lead":
        assert {one["role"] for one in pages["/users/"].json()} >= {"team_lead", "observer"}
    else:
        assert error_of(pages["/users/"]) == "Not authorized"


def test_the_list_is_filtered_in_the_browser(lead: Client, world: World) -> None:
    with world.db.write() as session:
        session.add(Lead(created_time=EPOCH, center_id=TELLAPUR))
    preflight(lead, "GET", "/leads/my_leads")
    found: list[dict[str, Any]] = lead.get("/leads/my_leads", headers=ORIGIN).json()
    for one in found:
        for field in ("player_name", "phone", "player_age_category", "status"):
            assert isinstance(one[field], str), field
    assert [one["id"] for one in found if "khan" in one["player_name"].lower()] == [1]
    assert [one["id"] for one in found if "9848000002" in one["phone"]] == [2]
    assert [one["id"] for one in found if one["center_id"] == TELLAPUR] == [1, 3]
    assert [one["player_name"] for one in found if one["phone"] == ""] == ["Unknown"]


@pytest.mark.parametrize(
    ("date", "kept"), [("2026-12-05", "2026-12-05T00:00:00"), ("None", None), ("", None)]
)
def test_the_outcome_of_a_call(lead: Client, date: str, kept: str | None) -> None:
    target = f"/leads/1?status=Called&next_date={date}&comment=Comes+on+Saturday"
    preflight(lead, "PUT", target)
    assert lead.put(target, headers=ORIGIN).json() == {"status": "updated"}
    one = lead.get("/leads/my_leads", headers=ORIGIN).json()[0]
    assert (one["status"], one["next_followup_date"]) == ("Called", kept)


def test_a_file(lead: Client) -> None:
    preflight(lead, "POST", "/leads/upload/")
    row = "2026-11-05,Tara,98480000{:02},TOFA {}"
    for center, said in (
        ("Tellapur", {"status": "success", "leads_added": 1}),
        ("Mars", {"status": "error", "message": "Unknown Centers Found",
                  "unknown_tags": ["TOFA Mars"]}),
    ):  # fmt: skip
        content = HEADER + row.format(77, center).encode()
        answer = lead.post("/leads/upload/", file=Upload("leads.csv", content), headers=ORIGIN)
        assert (answer.status, answer.json()) == (200, said)


def test_people_and_centers(lead: Client) -> None:
    user = {
        "email": "new@tofa.example", "password": "seven hills", "full_name": "New",
        "role": "observer", "center_ids": [TELLAPUR],
    }  # fmt: skip
    preflight(lead, "POST", "/users/")
    assert lead.post("/users/", json=user).json() == {"status": "User created successfully"}
    assert error_of(lead.post("/users/", json=user)) == "Email already registered"
    assert "role" not in error_of(lead.post("/users/", json=user | {"password": "x"})).lower()
    center = {"display_name": "Kompally", "meta_tag_name": "TOFA Kompally", "city": "Hyderabad"}
    assert lead.post("/centers/", json=center).json()["location"] == ""
    assert error_of(lead.post("/centers/", json=center)) == (
        "Center with meta tag 'TOFA Kompally' already exists"
    )


def test_what_goes_wrong_is_a_sentence(client: Client, world: World) -> None:
    assert error_of(sign_in(client, LEAD, "wrong")) == "Incorrect email or password"
    assert error_of(client.get("/leads/my_leads")) == "Could not validate credentials"
    client.token = world.token(OBSERVER)
    assert error_of(client.put("/leads/1?status=Called")) == "Not authorized"
    content = Upload("leads.csv", HEADER)
    assert error_of(client.post("/leads/upload/", file=content)) == (
        "Only Team Leads can import data"
    )
    client.token = world.token(LEAD)
    assert error_of(client.put("/leads/99?status=Called")) == "Lead not found"
    for broken in ("/leads/1", "/leads/1?status=Perhaps", "/leads/1?status=Called&next_date=soon"):
        assert "Input should" not in error_of(client.put(broken))
