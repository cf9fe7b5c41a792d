"""Record how a call went, over HTTP."""

import pytest

from tests.servers import Client
from tests.world import MEMBER, OBSERVER, World

CALLS = "/leads/1/calls/"


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.token = world.token(MEMBER)
    return client


def test_a_call_and_its_undo(member: Client, world: World) -> None:
    observer = Client(member.port)
    observer.token = world.token(OBSERVER)
    tag = member.get("/leads/1").headers["etag"]
    said = {"outcome": "no_answer", "seconds": 31, "client_key": "one-of-mine", "comment": "Rang"}
    answers = [member.post(CALLS, json=said, headers={"If-Match": tag}) for _ in range(2)]
    assert [one.status for one in answers] == [200, 200]
    assert answers[0].body == answers[1].body
    recorded = answers[0].json()
    lead = recorded["lead"]
    assert (lead["attempts"], lead["last_outcome"]) == (1, "no_answer")
    assert answers[0].headers["etag"] == f'"{lead["version"]}"' != tag
    assert member.post(CALLS, json={"outcome": "spoke"}, headers={"If-Match": tag}).status == 412
    # All who see the lead see its calls.
    shown = observer.get(CALLS).json()
    assert [one["seconds"] for one in shown["calls"]] == [31]
    assert shown["next_try"] is not None
    history = observer.get("/leads/1/history").json()
    assert {"comment", "follow_up", "status", "call"} == {one["kind"] for one in history}
    undo = f"{CALLS}{recorded['id']}/undo"
    assert member.post("/leads/1/calls/99/undo").status == 404
    assert member.post(undo).json()["lead"]["attempts"] == 0
    assert member.post(undo).status == 409
    assert observer.get(CALLS).json()["calls"] == []


def test_what_a_repeated_call_says_in_addition(member: Client) -> None:
    """It was typed after the first request, whose answer was late; it isn't dropped in silence."""
    said = {"outcome": "spoke", "client_key": "one-of-mine"}
    assert member.post(CALLS, json=said).status == 200
    answer = member.post(CALLS, json=said | {"comment": "And has a brother"})
    assert answer.status == 409
    assert "already recorded" in answer.json()["detail"]
    assert member.post(CALLS, json=said).status == 200
    assert member.get("/leads/1").json()["attempts"] == 1


@pytest.mark.parametrize(
    "body",
    [
        {}, {"outcome": "sang"}, {"outcome": "spoke", "seconds": -1},
        {"outcome": "spoke", "client_key": "short"}, {"outcome": "spoke", "status": "Sold"},
    ],
)  # fmt: skip
def test_what_makes_no_sense(member: Client, body: dict[str, object]) -> None:
    assert member.post(CALLS, json=body).status == 422
    assert member.get("/leads/1").json()["attempts"] == 0
