"""What a change causes happens once the change is on disk, and only then."""

from collections.abc import Callable

import pytest
from sqlmodel import col, select

from backend.core.background import Worker
from backend.core.intake import deliveries
from backend.models import Center, Delivery
from tests.servers import Client
from tests.world import LEAD, World

pytestmark = pytest.mark.every_adapter
NEW = {"display_name": "Mars", "meta_tag_name": "TOFA Mars", "city": "Mars"}


@pytest.fixture
def seen(world: World, monkeypatch: pytest.MonkeyPatch) -> list[set[str]]:
    """Return what a worker finds each time that it is woken: states of deliveries, and centers."""
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
    with world.db.read() as session:
        assert "TOFA Mars" not in set(session.scalars(select(col(Center.meta_tag_name))))


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
    with world.db.read() as session:
        assert "TOFA Mars" in set(session.scalars(select(col(Center.meta_tag_name))))
    assert "POST /centers/ failed, request one" in caplog.text
