"""Assignment rules as team leads set them, and what new leads become by them."""

from collections import Counter
from typing import Any

import pytest
from sqlmodel import col, select

from backend.models import AssignmentRule, AuditEvent, Lead, User, UserCenterLink
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

RULES = "/assignment-rules/"
ALL_DAY = [[{"opens": "00:00", "closes": "23:59"}]] * 7
ANY: dict[str, Any] = {
    "sources": [], "platforms": [], "campaigns": [], "age_categories": [], "question": None,
    "answers": [],
}  # fmt: skip


@pytest.fixture
def lead(client: Client, world: World) -> Client:
    with world.db.write() as session:
        session.add(
            User(
                id=11, email="asha@x.example", email_key="asha@x.example", hashed_password="",
                full_name="Asha", role="team_member",
            )
        )  # fmt: skip
        session.flush()
        session.add(UserCenterLink(user_id=11, center_id=1))
    client.token = world.token(LEAD)
    assert client.patch("/calling-rules/", json={"week": ALL_DAY}).status == 200
    return client


def shares(*people: int) -> list[dict[str, int]]:
    return [{"user_id": id} for id in people]


def share(user_id: int, weight: int = 1, cap: int | None = None, given: int = 0) -> dict[str, Any]:
    return {"user_id": user_id, "weight": weight, "cap": cap, "given_today": given}


def send(client: Client, *numbers: int, center: str = "TOFA Tellapur") -> None:
    for number in numbers:
        said = {"phone_number": f"98480200{number:02}", "full_name": f"Child {number}",
                "nearest_center": center}  # fmt: skip
        assert client.post("/leads/meta-webhook/", json=said).json()["status"] == "success"


def owned(world: World) -> Counter[int | None]:
    with world.db.read() as session:
        return Counter(session.scalars(select(col(Lead.owner_id)).where(col(Lead.id) > 2)))


def test_a_rule_gives_new_leads_to_people(lead: Client, world: World) -> None:
    new = {
        "center_id": 1, "conditions": {"sources": ["webhook"]},
        "shares": [{"user_id": 2, "weight": 2, "cap": 3}, {"user_id": 11}],
    }  # fmt: skip
    rule = lead.post(RULES, json=new).json()
    assert rule["conditions"] == ANY | {"sources": ["webhook"]}
    assert rule["shares"] == [share(2, 2, 3), share(11)]
    assert (rule["center_id"], rule["active"]) == (1, True)
    send(lead, 1, 2, 3)
    assert owned(world) == {2: 2, 11: 1}
    assert lead.get(RULES).json()[0]["shares"] == [share(2, 2, 3, 2), share(11, given=1)]
    # One who is away gets nothing new.
    lead.token = world.token(MEMBER)
    lead.put("/presence/me", json={"away": True})
    send(lead, 4, 5)
    assert owned(world) == {2: 2, 11: 3}
    lead.put("/presence/me", json={"away": False})
    added = {"player_name": "Typed In", "phone": "9848020006", "center_id": 1}
    # The rule is for the webhook alone.
    assert lead.post("/leads/", json=added).json()["lead"]["owner_id"] is None
    lead.token = world.token(LEAD)
    send(lead, 7, center="TOFA Gachibowli")
    assert owned(world) == {2: 2, 11: 3, None: 2}
    history = lead.get("/leads/3/history").json()
    (line,) = [one for one in history if one["kind"] == "assigned"]
    assert (line["who"], line["data"]["rule_id"]) == (None, rule["id"])


def test_rules_are_changed_and_ordered(lead: Client, world: World) -> None:
    ids = [
        lead.post(RULES, json={"center_id": center, "shares": shares(*people)}).json()["id"]
        for center, people in ((None, (1, 3)), (1, (2,)), (1, (11,)))
    ]
    # Those of a center come first.
    assert [one["id"] for one in lead.get(RULES).json()] == [ids[1], ids[2], ids[0]]
    order = {"center_id": 1, "rule_ids": [ids[2], ids[1]]}
    told = lead.put(f"{RULES}order", json=order).json()
    assert [one["id"] for one in told] == [ids[2], ids[1], ids[0]]
    send(lead, 1)
    assert owned(world) == {11: 1}
    changed = lead.patch(f"{RULES}{ids[2]}", json={"active": False}).json()
    assert not changed["active"]
    send(lead, 2)
    assert owned(world) == {11: 1, 2: 1}
    more = {"conditions": {"age_categories": ["U9"]}, "shares": [{"user_id": 11, "cap": 5}]}
    changed = lead.patch(f"{RULES}{ids[1]}", json=more).json()
    assert changed["conditions"] == ANY | {"age_categories": ["U9"]}
    assert changed["shares"] == [share(11, cap=5)]
    assert lead.patch(f"{RULES}{ids[1]}", json={}).json() == changed
    send(lead, 3)
    assert owned(world)[1] == 1
    assert lead.delete(f"{RULES}{ids[1]}").json() == changed
    for method in ("delete", "patch"):
        given: dict[str, Any] = {"json": {}} if method == "patch" else {}
        assert getattr(lead, method)(f"{RULES}{ids[1]}", **given).status == 404
    with world.db.read() as session:
        assert len(session.scalars(select(AssignmentRule)).all()) == 2
        events = [
            (one.event, one.subject, one.subject_id)
            for one in session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))
            if one.event.startswith("assignment")
        ]
    named = [("assignment_rule_added", "assignment_rule", id) for id in ids]
    assert events == [
        *named,
        ("assignment_rules_ordered", "center", 1),
        ("assignment_rule_changed", "assignment_rule", ids[2]),
        ("assignment_rule_changed", "assignment_rule", ids[1]),
        ("assignment_rule_removed", "assignment_rule", ids[1]),
    ]


WRONG: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", RULES, {"center_id": 1, "shares": []}),
    ("POST", RULES, {"center_id": 99, "shares": shares(1)}),
    # Of another center, an observer, a disabled one, and nobody.
    *[("POST", RULES, {"center_id": 1, "shares": shares(id)}) for id in (3, 4, 5, 99)],
    ("POST", RULES, {"shares": shares(4)}),
    ("POST", RULES, {"center_id": 1, "shares": shares(2, 2)}),
    ("POST", RULES, {"center_id": 1, "shares": [{"user_id": 2, "weight": 11}]}),
    ("POST", RULES, {"center_id": 1, "shares": [{"user_id": 2, "cap": 0}]}),
    ("POST", RULES, {"center_id": 1, "shares": shares(2), "conditions": {"question": "Age?"}}),
    ("POST", RULES, {"center_id": 1, "shares": shares(2), "conditions": {"sources": ["fax"]}}),
    ("PUT", f"{RULES}order", {"center_id": 1, "rule_ids": [7]}),
]


@pytest.mark.parametrize(("method", "path", "sent"), WRONG)
def test_what_makes_no_sense_is_refused(
    lead: Client, world: World, method: str, path: str, sent: dict[str, Any]
) -> None:
    answer = lead.request(method, path, json=sent)
    assert (answer.status, isinstance(answer.json()["detail"], str)) == (422, True)
    with world.db.read() as session:
        assert session.scalars(select(AssignmentRule)).all() == []
