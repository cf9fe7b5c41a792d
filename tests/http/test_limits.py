"""On PostgreSQL a request waits for a lock for a moment, and a delivery for no reader."""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import text

from backend.core.db import Database
from backend.core.errors import Busy
from backend.models import Role, User
from tests.servers import Client
from tests.told import signed
from tests.waiting import PATIENCE, wait_until
from tests.world import LEAD, World

pytestmark = pytest.mark.parametrize(
    ("adapter", "database"),
    [("fastapi", "postgresql"), ("flask", "postgresql")],
    indirect=["database"],
)


@contextmanager
def locked(db: Database, table: str) -> Iterator[None]:
    with db.engine.connect() as connection:
        connection.execute(text(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE"))
        yield
        connection.rollback()


def test_a_request_that_gets_no_lock(
    serve: Callable[..., Client], world: World, caplog: pytest.LogCaptureFixture
) -> None:
    client = serve(db_lock_seconds=0.05)
    client.token = world.token(LEAD)
    assert client.get("/readyz").status == 200
    with locked(world.db, "lead"), caplog.at_level(logging.WARNING):
        for answer in (client.get("/leads/1"), client.put("/leads/1?status=Called")):
            assert (answer.status, answer.json()) == (503, {"detail": Busy.detail})
            assert answer.headers["retry-after"] == "2"
    assert "took too long in the database" in caplog.text
    assert "Traceback" not in caplog.text
    assert client.put("/leads/1?status=Called").status == 200


READERS = 45


def test_readers_that_are_stuck_delay_no_delivery(
    serve: Callable[..., Client], world: World
) -> None:
    """More of them than a server has threads, and than it has connections."""
    client = serve(db_lock_seconds=600, db_statement_seconds=600, meta_app_secret="s")
    tokens = _tokens(world)
    assert client.get("/readyz").status == 200
    answered: list[int] = []

    def read(token: str) -> None:
        answered.append(client.get("/reports/", token=token).status)

    readers = [threading.Thread(target=read, args=(token,)) for token in tokens]
    with locked(world.db, "dailytotal"):
        for reader in readers:
            reader.start()
        _wait_until_stuck(world)
        told = client.post("/leads/meta-webhook/", **signed("s", 7))
        assert (told.status, answered) == (200, [])
    for reader in readers:
        reader.join(PATIENCE)
    assert answered == [200] * READERS


def _tokens(world: World) -> list[str]:
    """Tokens of readers of their own: one person's lists wait for one another."""
    emails = [f"reader{number}@tofa.example" for number in range(READERS)]
    with world.db.write() as session:
        for email in emails:
            user = User(
                email=email,
                email_key=email,
                hashed_password="",
                full_name="Reader",
                role=Role.OBSERVER,
            )
            session.add(user)
    return [world.token(email) for email in emails]


def _wait_until_stuck(world: World) -> None:
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND wait_event_type = 'Lock'"
    )

    def is_stuck() -> bool:
        with world.db.engine.connect() as connection:
            return (connection.scalar(waiting) or 0) >= 4

    wait_until(is_stuck)
