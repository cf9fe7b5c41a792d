"""Alerts and the outbox over HTTP: people see their own alone, and team leads what wasn't sent."""

from collections.abc import Callable

from sqlmodel import select

from backend.core.alerts import announcing, telling
from backend.core.alerts.announcing import AlertKind, announce
from backend.core.outbox import inside, messages
from backend.models import OutboxMessage, PushSubscription
from tests.core.alerts.test_web_push import AUTH, PUBLIC
from tests.servers import Client
from tests.shape import check_error
from tests.world import LEAD, MEMBER, OBSERVER, OTHER_MEMBER, World

BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/x",
    "keys": {"p256dh": PUBLIC, "auth": AUTH},
}
FORM = {"phone_number": "9848022338", "full_name": "Asha", "nearest_center": "TOFA Tellapur"}


def tell(world: World) -> None:
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass


def test_a_lead_that_comes_in_is_told(
    client: Client, sign_in: Callable[[str], Client], world: World
) -> None:
    member = sign_in(MEMBER)
    assert member.get("/alerts/unseen").json() == {"unseen": 0, "newest": None}
    made = client.post("/leads/meta-webhook/", json=FORM).json()
    tell(world)
    assert member.get("/alerts/unseen").json() == {"unseen": 1, "newest": 1}
    (alert,) = member.get("/alerts/").json()
    assert alert.pop("at").endswith("Z")
    assert alert == {
        "id": 1,
        "kind": "new_lead",
        "count": 1,
        "seen": False,
        "lead_id": made["lead_id"],
        "player_name": "Asha",
        "center_id": 1,
    }
    for other in (OTHER_MEMBER, OBSERVER, LEAD):
        assert sign_in(other).get("/alerts/").json() == []
        sign_in(other).post("/alerts/seen", json={})
    assert member.get("/alerts/unseen").json()["unseen"] == 1
    left = member.post("/alerts/seen", json={"ids": [1]})
    assert left.json() == {"unseen": 0, "newest": None}
    assert [one["seen"] for one in member.get("/alerts/").json()] == [True]


def test_alerts_are_listed_by_pages_and_seen_at_once(
    sign_in: Callable[[str], Client], world: World
) -> None:
    for kind in (AlertKind.MISSED_TARGET, AlertKind.DELIVERY_WAITING):
        with world.db.write() as session:
            announce(session, kind)
        tell(world)
    lead = sign_in(LEAD)
    assert [one["kind"] for one in lead.get("/alerts/").json()] == [
        "delivery_waiting",
        "missed_target",
    ]
    (first,) = lead.get("/alerts/?limit=1").json()
    (second,) = lead.get(f"/alerts/?before={first['id']}").json()
    assert second["kind"] == "missed_target"
    assert lead.post("/alerts/seen", json={}).json()["unseen"] == 0
    for query in ("?limit=0", "?limit=101", "?before=x"):
        answer = lead.get(f"/alerts/{query}")
        check_error(answer)
        assert answer.status == 422
    assert lead.post("/alerts/seen", json={"ids": ["x"]}).status == 422


def test_the_outbox(sign_in: Callable[[str], Client], world: World) -> None:
    failed = messages.row("web_push", "new_lead", user_id=3, receiver="push.example")
    failed |= {"state": "failed", "attempts": 14, "reason": "receiver_status"}
    with world.db.write() as session:
        session.add(OutboxMessage(**failed, details='{"status":400}'))
        session.add(OutboxMessage(**failed | {"state": "sent", "reason": None}))
    lead = sign_in(LEAD)
    (one,) = lead.get("/outbox/?state=failed").json()
    assert (one["kind"], one["message"]) == ("new_lead", "The receiver answered with status 400")
    assert one["person"] == OTHER_MEMBER.partition("@")[0].title()
    assert lead.get("/deliveries/health").json()["outbox"] == {"waiting": 0, "failed": 1}
    assert lead.post(f"/outbox/{one['id']}/retry").json() == {"status": "updated"}
    assert lead.get("/outbox/?state=waiting").json()[0]["attempts"] == 0
    assert lead.post(f"/outbox/{one['id']}/dismiss").status == 200
    for path, status in (("1/retry", 409), ("2/dismiss", 409), ("99/retry", 404)):
        answer = lead.post(f"/outbox/{path}")
        check_error(answer)
        assert answer.status == status, path
    assert sign_in(MEMBER).get("/outbox/").status == 403
    recorded = lead.get("/audit/?subject=message").json()
    assert [(line["event"], line["user_id"], line["subject_id"]) for line in recorded] == [
        ("message_dismissed", 1, one["id"]),
        ("message_retried", 1, one["id"]),
    ]


def test_people_choose_summaries(sign_in: Callable[[str], Client]) -> None:
    path = "/users/me/alerts"
    member, lead = sign_in(MEMBER), sign_in(LEAD)
    assert lead.get(path).json() == {"summaries": True, "can_email": False}
    assert member.get(path).json() == {"summaries": False, "can_email": False}
    assert member.patch(path, json={"summaries": True}).json()["summaries"]
    assert member.patch(path, json={}).json()["summaries"]
    assert not member.patch(path, json={"summaries": None}).json()["summaries"]
    answer = member.patch(path, json={"summaries": "maybe"})
    check_error(answer)
    assert answer.status == 422
    assert sign_in(OBSERVER).patch(path, json={"summaries": True}).status == 403


def test_a_browser_is_added_and_removed(sign_in: Callable[[str], Client], world: World) -> None:
    path, member = "/users/me/push", sign_in(MEMBER)
    assert len(member.get(path).json()["key"]) == 87
    assert member.post(path, json=BROWSER).status == 200
    assert member.post(path, json=BROWSER).status == 200
    for wrong in (
        {"endpoint": "https://169.254.169.254/x"},
        {"endpoint": "http://fcm.googleapis.com/x"},
        {"keys": {"p256dh": "x", "auth": "y"}},
        {"keys": None},
    ):
        answer = member.post(path, json=BROWSER | wrong)
        check_error(answer)
        assert answer.status == 422, wrong
    assert sign_in(OBSERVER).post(path, json=BROWSER).status == 403

    def browsers() -> int:
        with world.db.read() as session:
            return len(session.scalars(select(PushSubscription)).all())

    # Nobody removes another person's.
    given = {"endpoint": BROWSER["endpoint"]}
    assert sign_in(LEAD).post(f"{path}/remove", json=given).status == 200
    assert browsers() == 1
    member.post(f"{path}/remove", json=given)
    assert browsers() == 0
    for number in range(12):
        member.post(path, json=BROWSER | {"endpoint": f"{BROWSER['endpoint']}{number}"})
    assert browsers() == 10
