"""What several of the HTTP tests need."""

from datetime import datetime

import pytest

from backend.core import auth, times


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[datetime]:
    """The time of a server that refuses sign-ins at once, as a list of one."""
    monkeypatch.setattr(auth, "REFUSAL_TIME", 0.0)
    now = [times.now()]
    monkeypatch.setattr(times, "now", lambda: now[0])
    return now
