"""Browsers show alerts as long as their person is signed in, and nothing personal."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update
from sqlmodel import col

from backend.core import times
from backend.core.alerts import announcing, browsers, pushing, telling
from backend.core.outbox import inside, sending
from backend.core.outbox.channels import Result
from backend.models import OutboxMessage, PushSubscription, User, UserSession
from tests.core.alerts.push_service import AUTH, PushService
from tests.core.alerts.test_telling import MEMBER, add
from tests.world import World


@pytest.fixture
def push(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[PushService]:
    """A push service that shows the member's alerts."""
    now = times.now()
    with PushService() as service:
        monkeypatch.setattr(browsers, "is_allowed", lambda endpoint: endpoint == service.url)
        with world.db.write() as session:
            session.add(
                UserSession(
                    jti="x",
                    user_id=MEMBER,
                    version=0,
                    device="Chrome",
                    address="127.0.0.1",
                    created_at=now,
                    last_used_at=now,
                    ends_at=now + timedelta(hours=8),
                )
            )
            session.flush()
            session.add(
                PushSubscription(
                    user_id=MEMBER,
                    session_id=1,
                    endpoint=service.url,
                    public_key=service.public_key,
                    auth=AUTH,
                    created_at=now,
                )
            )
        yield service


def tell(world: World) -> OutboxMessage:
    """Add a lead, tell of it, and return what has been sent."""
    add(world)
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass
    send(world)
    with world.db.read() as session:
        return session.scalars(select(OutboxMessage)).one()


def send(world: World) -> int:
    channels = {browsers.CHANNEL: pushing.send}
    return sending.run_once(world.db, world.settings, channels, at_once=1)


def subscribed(world: World) -> bool:
    with world.db.read() as session:
        return session.scalar(select(col(PushSubscription.id))) is not None


def change(world: World, table: Any, **values: Any) -> None:
    with world.db.write() as session:
        session.connection().execute(update(table).values(**values))


def test_a_browser_shows_an_alert(world: World, push: PushService) -> None:
    one = tell(world)
    assert one.state == "sent"
    (shown,) = push.shown
    assert shown == {
        "title": "New lead",
        "body": "Tellapur",
        "place": "#/lead/3",
        "tag": "new_lead 3",
    }


@pytest.mark.parametrize("status", [404, 410])
def test_a_browser_that_is_gone_is_forgotten(world: World, push: PushService, status: int) -> None:
    push.status = status
    one = tell(world)
    assert (one.state, one.reason, subscribed(world)) == ("dismissed", "receiver_gone", False)


@pytest.mark.parametrize("status", [401, 403])
def test_a_token_that_is_refused_is_tried_again(
    world: World, push: PushService, status: int
) -> None:
    """A clock that is wrong for a while costs nobody their alerts; a key that was replaced does."""
    push.status = status
    one = tell(world)
    assert (one.state, one.reason, subscribed(world)) == ("waiting", "receiver_status", True)
    change(world, OutboxMessage, attempts=sending.TRIES - 1, due_at=times.now())
    send(world)
    assert not subscribed(world)


def test_a_service_that_asks_to_wait(world: World, push: PushService) -> None:
    push.status, push.headers = 429, {"retry-after": "120"}
    began, wait = times.now(), timedelta(seconds=120)
    one = tell(world)
    assert (one.state, one.attempts, one.reason) == ("waiting", 0, "receiver_busy")
    assert began + wait <= one.due_at <= times.now() + wait


@pytest.mark.parametrize(("status", "state"), [(500, "waiting"), (400, "failed"), (302, "failed")])
def test_other_answers(world: World, push: PushService, status: int, state: str) -> None:
    push.status, push.headers = status, {"location": "http://127.0.0.1:1/"}
    one = tell(world)
    assert (one.state, one.reason) == (state, "receiver_status")
    assert subscribed(world)


def test_a_service_that_is_down_is_tried_again(
    world: World, push: PushService, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(world, PushSubscription, endpoint="http://127.0.0.1:1/")
    monkeypatch.setattr(browsers, "is_allowed", lambda _endpoint: True)
    one = tell(world)
    assert (one.state, one.reason) == ("waiting", "receiver_unreachable")


def test_another_host_is_never_sent_to(world: World, push: PushService) -> None:
    change(world, PushSubscription, endpoint="http://127.0.0.1:1/")
    one = tell(world)
    assert (one.state, one.reason) == ("failed", "receiver_not_allowed")


@pytest.mark.parametrize(
    ("table", "values"),
    [
        (UserSession, {"ended_at": times.now()}),
        (UserSession, {"ends_at": times.now() - timedelta(seconds=1)}),
        (UserSession, {"last_used_at": times.now() - timedelta(days=2)}),
        (User, {"token_version": 7}),
        (PushSubscription, {"session_id": None}),
        (PushSubscription, {"user_id": 3}),
    ],
)
def test_nothing_is_shown_once_the_session_is_over(
    world: World, push: PushService, table: Any, values: dict[str, Any]
) -> None:
    add(world)
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass
    change(world, table, **values)
    send(world)
    assert push.shown == []
    # It's kept if it's another person's by now.
    assert subscribed(world) is ("user_id" in values)


def test_a_browser_that_is_gone_already_costs_no_write(world: World, push: PushService) -> None:
    add(world)
    while inside.run_once(world.db, announcing.CHANNEL, telling.tell):
        pass
    with world.db.write() as session:
        session.connection().execute(delete(PushSubscription))
        (one,) = sending.claim(session, "x", [browsers.CHANNEL])
    with world.db.write():  # the only writer on SQLite
        assert pushing.send(world.db, world.settings, one) == Result.void()
