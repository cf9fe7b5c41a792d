"""What a change causes happens once the change is on disk, and only then."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from backend.core.background import Worker
from backend.core.intake import deliveries
from backend.models import Center, Delivery
from tests.servers import Answer, Client
from tests.told import signed
from tests.world import LEAD, World

pytestmark = pytest.mark.every_adapter
SECRET = "app_secret_demo"
NEW = {"display_name": "Mars", "meta_tag_name": "TOFA Mars", "city": "Mars"}


@pytest.fixture
def seen(world: World, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return what a worker finds each time it is woken: states of deliveries, and centers."""
    found: list[set[str]] = []

    def look(_worker: Worker) -> None:
        with world.db.read() as session:
            states = session.scalars(select(col(Delivery.state)))
            tags = session.scalars(select(col(Center.meta_tag_name)))
            found.append({*states, *tags})

    monkeypatch.setattr(Worker, "wake", look)
    return found


def waiting(world: World) -> int:
    with world.db.write() as session:
        return deliveries.keep(session, "webhook", "{}", state="waiting", reason="no_phone")


def is_stored(world: World) -> bool:
    with world.db.read() as session:
        return "TOFA Mars" in set(session.scalars(select(col(Center.meta_tag_name))))


def notify(client: Client, leadgen_id: str) -> Answer:
    """Send a notification as Meta does, signed."""
    return client.post("/leads/meta-webhook/", **signed(SECRET, leadgen_id))


@contextmanager
def failing_commits() -> Iterator[None]:
    """Let every commit of a session fail, after all its statements."""

    def fail(_session: Session) -> None:
        raise LookupError("the moon")

    event.listen(Session, "before_commit", fail)
    try:
        yield
    finally:
        event.remove(Session, "before_commit", fail)


def test_a_worker_that_is_woken_sees_the_delivery(
    serve: Callable[..., Client], world: World, seen: list[set[str]]
) -> None:
    client = serve(meta_app_secret=SECRET)
    assert notify(client, "11").status == 200
    assert len(seen) == 1
    assert "received" in seen[0]


def test_a_worker_is_woken_when_the_change_is_on_disk(
    serve: Callable[..., Client], world: World, seen: list[set[str]]
) -> None:
    client = serve()
    client.token = world.token(LEAD)
    id = waiting(world)
    assert client.post(f"/deliveries/{id}/retry").status == 200
    assert client.post("/centers/", json=NEW).status == 200
    assert len(seen) == 2
    assert "received" in seen[0]
    assert "TOFA Mars" in seen[1]


def test_nothing_is_woken_by_a_change_that_is_rolled_back(
    serve: Callable[..., Client],
    world: World,
    seen: list[set[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(_answer: object) -> None:
        raise LookupError("the moon")

    client = serve()
    client.token = world.token(LEAD)
    with monkeypatch.context() as patched:
        # It comes after the handler, and before the commit.
        patched.setattr("backend.api.encode.answer", fail)
        assert client.post("/centers/", json=NEW).status == 500
    assert seen == []
    assert not is_stored(world)


def test_nothing_is_woken_when_the_commit_fails(
    serve: Callable[..., Client], world: World, seen: list[set[str]]
) -> None:
    client = serve()
    client.token = world.token(LEAD)
    with failing_commits():
        assert client.post("/centers/", json=NEW).status == 500
    assert seen == []
    assert not is_stored(world)


def test_nothing_is_woken_when_a_handler_with_manual_transactions_fails(
    serve: Callable[..., Client],
    world: World,
    seen: list[set[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object) -> None:
        raise LookupError("the moon")

    monkeypatch.setattr("backend.core.intake.webhook.keep_signed", fail)
    client = serve(meta_app_secret=SECRET)
    assert notify(client, "11").status == 500
    assert seen == []


def test_an_error_after_the_commit_changes_nothing(
    serve: Callable[..., Client],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_worker: Worker) -> None:
        raise LookupError("the moon")

    monkeypatch.setattr(Worker, "wake", fail)
    client = serve()
    client.token = world.token(LEAD)
    answer = client.post("/centers/", json=NEW, headers={"X-Request-ID": "one"})
    assert answer.status == 200
    assert answer.json()["meta_tag_name"] == "TOFA Mars"
    assert is_stored(world)
    assert "POST /centers/ failed, request one" in caplog.text
