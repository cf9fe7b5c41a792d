"""Saved views of the list of leads: own and shared ones, and their counts."""

from collections.abc import Callable
from typing import Any

import pytest

from backend.core.leads import saved_views
from tests.servers import Client
from tests.world import GACHIBOWLI, LEAD, MEMBER, OBSERVER, OTHER_MEMBER, TELLAPUR

PATH = "/saved-views/"


@pytest.fixture
def lead(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(LEAD)


@pytest.fixture
def member(sign_in: Callable[[str], Client]) -> Client:
    return sign_in(MEMBER)


def save(client: Client, name: str, query: str = "status=New", **more: Any) -> int:
    answer = client.post(PATH, json={"name": name, "query": query, **more})
    assert answer.status == 200, answer.body
    id: int = answer.json()["id"]
    return id


def seen(client: Client) -> list[str]:
    return [one["name"] for one in client.get(PATH).json()]


def test_own_and_shared_views(
    lead: Client, member: Client, sign_in: Callable[[str], Client]
) -> None:
    own = save(member, " Mine ", "status=New,Called&owner=me&sort=due")
    save(lead, "for all", "due=overdue", shared=True)
    of_center = save(lead, "Tellapur", f"center_id={TELLAPUR}", shared=True, center_id=TELLAPUR)
    private = save(lead, "private", center_id=TELLAPUR)
    assert member.get(PATH).json()[1] == {
        "id": own, "name": "Mine", "query": "status=New,Called&owner=me&sort=due",
        "shared": False, "center_id": None, "mine": True,
    }  # fmt: skip
    assert seen(member) == ["for all", "Mine", "Tellapur"]
    assert seen(lead) == ["for all", "private", "Tellapur"]
    assert seen(sign_in(OBSERVER)) == ["for all", "Tellapur"]
    assert seen(sign_in(OTHER_MEMBER)) == ["for all"]
    # Nobody changes what is someone else's alone; team leads change what is shared.
    for client, view in ((member, private), (member, of_center), (lead, own)):
        assert client.patch(f"{PATH}{view}", json={"name": "x"}).status == 404
        assert client.delete(f"{PATH}{view}").status == 404
    changed = lead.patch(f"{PATH}{of_center}", json={"center_id": GACHIBOWLI}).json()
    assert (changed["name"], changed["center_id"]) == ("Tellapur", GACHIBOWLI)
    assert seen(member) == ["for all", "Mine"]
    assert member.patch(f"{PATH}{own}", json={}).json()["name"] == "Mine"
    renamed = member.patch(f"{PATH}{own}", json={"name": "Hot", "query": ""}).json()
    assert (renamed["name"], renamed["query"]) == ("Hot", "")
    assert member.delete(f"{PATH}{own}").json()["id"] == own
    assert seen(member) == ["for all"]


REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"name": " ", "query": ""}, 422, "name"),
    ({"name": "x" * 61, "query": ""}, 422, "60"),
    ({"name": "x"}, 422, "query of a list"),
    ({"name": "x", "query": "q=zoe"}, 422, "save the list without its search"),
    ({"name": "x", "query": "limit=5"}, 422, "use the filters of the list"),
    ({"name": "x", "query": "sort=shoe"}, 422, "sort order"),
    ({"name": "x", "query": "created_from=soon"}, 422, "use a date"),
    ({"name": "x", "query": "status=New", "shared": True}, 403, "only team leads can share views"),
]


@pytest.mark.parametrize(("body", "status", "detail"), REFUSED)
def test_what_is_refused(member: Client, body: dict[str, Any], status: int, detail: str) -> None:
    answer = member.post(PATH, json=body)
    assert answer.status == status
    assert detail in answer.json()["detail"].lower()
    assert seen(member) == []


def test_a_center_that_is_none(lead: Client) -> None:
    body = {"name": "x", "query": "", "shared": True, "center_id": 99}
    assert lead.post(PATH, json=body).status == 404


def test_counts(lead: Client, member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    views = [save(lead, "all", "", shared=True), save(lead, "none", "due=overdue", shared=True)]
    expected = [(views[0], 2, False), (views[1], 0, False)]
    path = f"{PATH}counts"
    counted = [tuple(one.values()) for one in lead.get(path).json()]
    assert counted == expected
    assert [one["count"] for one in member.get(path).json()] == [1, 0]
    monkeypatch.setattr(saved_views, "COUNTED", 1)
    assert lead.get(path).json()[0] == {"id": views[0], "count": 1, "more": True}
    monkeypatch.setattr(saved_views, "PATIENCE", 0.0)
    assert [one["count"] for one in lead.get(path).json()] == [None, None]


def test_a_limited_number(member: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST", 1)
    save(member, "first")
    answer = member.post(PATH, json={"name": "second", "query": ""})
    assert (answer.status, "You can have at most" in answer.json()["detail"]) == (400, True)


def test_what_happens_to_shared_views_is_in_the_audit_trail(lead: Client, member: Client) -> None:
    own = save(member, "Mine")
    member.patch(f"{PATH}{own}", json={"name": "Zo"})
    member.delete(f"{PATH}{own}")
    view = save(lead, "Zo", shared=True, center_id=TELLAPUR)
    path = f"{PATH}{view}"
    changes: list[dict[str, Any]] = [
        {}, {"name": "Zo", "shared": True}, {"name": "New", "query": ""}, {"shared": False},
        {"name": "Private"}, {"shared": True},
    ]  # fmt: skip
    for change in changes:
        assert lead.patch(path, json=change).status == 200
    lead.delete(path)
    events = lead.get("/audit/?subject=saved_view").json()
    assert {(one["user_id"], one["subject_id"]) for one in events} == {(1, view)}
    assert [(one["event"], one["data"]) for one in reversed(events)] == [
        ("view_shared", {"center_id": TELLAPUR}),
        ("shared_view_changed", {"center_id": TELLAPUR, "fields": ["name", "query"]}),
        ("view_unshared", {"center_id": None}),
        ("view_shared", {"center_id": None}),
        ("shared_view_removed", {"center_id": None}),
    ]
