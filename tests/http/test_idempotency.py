"""A request with an `Idempotency-Key` is carried out once, however often it is sent."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from backend.core import idempotency, times
from backend.core.leads import list_change_steps
from backend.models import Attempt, Comment, IdempotencyKey, Lead, ListChange, RateCount
from tests.servers import Answer, Client
from tests.world import LEAD, MEMBER, World

pytestmark = pytest.mark.every_adapter

CALLS = "/leads/1/calls/"
KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
SAID = {"outcome": "no_answer", "comment": "Rang twice"}


@pytest.fixture
def member(client: Client, world: World) -> Client:
    client.token = world.token(MEMBER)
    return client


def comments(world: World) -> int:
    with world.db.read() as session:
        return len(session.scalars(select(Comment)).all())


def same(one: Answer, other: Answer) -> bool:
    return (one.status, one.body, one.headers) == (other.status, other.body, other.headers)


def test_a_repetition_is_answered_as_before(member: Client, world: World) -> None:
    tag = member.get("/leads/1").headers["etag"]
    headers = KEY | {"If-Match": tag}
    first = member.post(CALLS, json=SAID, headers=headers)
    assert (first.status, first.json()["lead"]["attempts"]) == (200, 1)
    # Someone else works on the lead before it is sent again.
    theirs = member.patch("/leads/1", json={"comment": "Busy"}, token=world.token(LEAD))
    assert theirs.status == 200
    again = member.post(CALLS, json=SAID, headers=headers)
    assert same(first, again)
    # The key may be in quotes, as in the draft of the standard.
    quoted = {name: f'"{value}"' for name, value in KEY.items()}
    assert same(first, member.post(CALLS, json=SAID, headers=quoted))
    assert comments(world) == 2
    # Without a key, or with another one, it's another call.
    assert member.post(CALLS, json=SAID).json()["lead"]["attempts"] == 2


def test_each_route_that_takes_a_key(member: Client, world: World) -> None:
    edit = {"comment": "Wants the morning batch", "status": "Called"}
    new = {"player_name": "Mira", "phone": "9848500000", "center_id": 1, "comment": "By hand"}
    for number, (method, path, body) in enumerate(
        [
            *(("PATCH", "/leads/1", edit), ("POST", "/leads/", new), ("POST", CALLS, SAID)),
            ("POST", "/leads/bulk", {"ids": [1], "comment": "On Saturday"}),
        ],
        1,
    ):
        key = {"Idempotency-Key": f"one-of-mine-{number}"}
        answers = [member.request(method, path, json=body, headers=key) for _ in range(3)]
        assert answers[0].status == 200
        assert all(same(answers[0], one) for one in answers[1:]), path
        assert comments(world) == number


LIST = {"filter": "status=New", "status": "Called"}


def begin(client: Client, _number: int = 0) -> Answer:
    return client.post("/list-changes/", json=LIST, headers=KEY)


def list_changes(world: World) -> int:
    with world.db.read() as session:
        return len(session.scalars(select(ListChange)).all())


def test_a_change_of_a_whole_list_begins_once(member: Client, world: World) -> None:
    first = begin(member)
    assert (first.status, first.json()["state"]) == (200, "changing")
    # It is still running, has emptied its list, and uses up nothing.
    assert same(first, begin(member))
    while list_change_steps.run(world.db, world.settings):
        pass
    assert same(first, begin(member))
    assert list_changes(world) == 1
    with world.db.read() as session:
        counted = session.scalars(
            select(col(RateCount.count)).where(col(RateCount.key).contains("list-change"))
        )
        assert {*counted} == {1}
    assert member.get(f"/list-changes/{first.json()['id']}").json()["state"] == "changed"
    # What was refused is tried again with the same key.
    other = LIST | {"filter": "q=nobody"}
    assert member.post("/list-changes/", json=other, headers=KEY).status == 422
    mine = {"Idempotency-Key": "another-of-mine"}
    assert member.post("/list-changes/", json=other, headers=mine).status == 400
    again = member.post("/list-changes/", json=LIST | {"filter": ""}, headers=mine)
    assert (again.status, list_changes(world)) == (200, 2)


def test_two_changes_of_a_whole_list_at_the_same_time(member: Client, world: World) -> None:
    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(lambda number: begin(member, number), range(4)))
    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    assert list_changes(world) == 1


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", CALLS, SAID | {"outcome": "busy"}),
        ("POST", "/leads/2/calls/", SAID),
        ("PATCH", "/leads/1", {"comment": "Rang twice"}),
    ],
)
def test_another_request_with_the_same_key(
    member: Client, world: World, method: str, path: str, body: dict[str, Any]
) -> None:
    assert member.post(CALLS, json=SAID, headers=KEY).status == 200
    refused = member.request(method, path, json=body, headers=KEY)
    assert refused.status == 422
    assert "another request" in refused.json()["detail"]
    assert comments(world) == 1


def test_another_persons_key_is_another_key(member: Client, world: World) -> None:
    first = member.post(CALLS, json=SAID, headers=KEY)
    other = member.post(CALLS, json=SAID, headers=KEY, token=world.token(LEAD))
    assert (first.status, other.status) == (200, 200)
    assert first.json()["id"] != other.json()["id"]
    assert comments(world) == 2


def test_two_at_the_same_time(member: Client, world: World) -> None:
    def send(_number: int) -> Answer:
        return member.post(CALLS, json=SAID, headers=KEY)

    with ThreadPoolExecutor(4) as senders:
        answers = list(senders.map(send, range(8)))
    assert {one.status for one in answers} == {200}
    assert len({one.body for one in answers}) == 1
    with world.db.read() as session:
        assert len(session.scalars(select(Attempt)).all()) == 1


def test_a_refused_request_is_tried_again(member: Client, world: World) -> None:
    headers = KEY | {"If-Match": '"999999"'}
    assert member.post(CALLS, json=SAID, headers=headers).status == 412
    assert member.post(CALLS, json={"outcome": "sang"}, headers=KEY).status == 422
    tag = member.get("/leads/1").headers["etag"]
    assert member.post(CALLS, json=SAID, headers=KEY | {"If-Match": tag}).status == 200
    assert comments(world) == 1


@pytest.mark.parametrize("key", ["short", "x" * 65, "with a space", '""'])
def test_keys_that_cannot_be(member: Client, world: World, key: str) -> None:
    refused = member.post(CALLS, json=SAID, headers={"Idempotency-Key": key})
    assert refused.status == 422
    assert "8 to 64 characters" in refused.json()["detail"]
    assert comments(world) == 0


def test_an_erasure_forgets_the_answers(member: Client, world: World) -> None:
    assert member.post(CALLS, json=SAID, headers=KEY).status == 200
    erased = member.post("/leads/2/erase", json={"at_once": False}, token=world.token(LEAD))
    assert erased.status == 200, erased.body
    again = member.post(CALLS, json=SAID, headers=KEY)
    assert (again.status, comments(world)) == (409, 1)
    with world.db.read() as session:
        assert session.scalars(select(col(IdempotencyKey.answer))).all() == [None]


def test_a_call_keeps_its_time(member: Client, world: World) -> None:
    now = times.now()
    made = now - timedelta(hours=5)
    said = SAID | {"at": made.isoformat()}
    lead = member.post(CALLS, json=said, headers=KEY).json()["lead"]
    assert lead["last_attempt_at"] == made.isoformat().replace("+00:00", "Z")
    with world.db.read() as session:
        assert session.get_one(Lead, 1).called_at == made
    # One that was made before is counted before it.
    earlier = {"outcome": "spoke", "at": (made - timedelta(hours=1)).isoformat()}
    lead = member.post(CALLS, json=earlier).json()["lead"]
    assert (lead["last_outcome"], lead["attempts"]) == ("no_answer", 2)
    # A clock that runs ahead doesn't put calls into the future.
    ahead = {"outcome": "busy", "at": (now + timedelta(hours=1)).isoformat()}
    shown = member.post(CALLS, json=ahead).json()["lead"]["last_attempt_at"]
    assert shown < (now + timedelta(minutes=30)).isoformat()
    old = {"outcome": "busy", "at": (now - idempotency.KEPT - timedelta(hours=1)).isoformat()}
    assert member.post(CALLS, json=old).status == 422
