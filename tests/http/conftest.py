"""What several of the HTTP tests need."""

from collections.abc import Callable
from datetime import datetime

import pytest

from backend.core import auth, times
from tests.servers import Client
from tests.world import World


@pytest.fixture
def sign_in(client: Client, world: World) -> Callable[[str], Client]:
    """Sign people in beside each other: `sign_in(email)` is a client of theirs."""

    def sign_in(email: str) -> Client:
        person = Client(client.port)
        person.token = world.token(email)
        return person

    return sign_in


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of a server that refuses sign-ins at once, as a list of one."""
    monkeypatch.setattr(auth, "REFUSAL_TIME", 0.0)
    now = [times.now()]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now
