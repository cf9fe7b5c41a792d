"""A calling day: leads come in, people come, go and call, and servers are killed on the way.

`--leads 1000` is a day of the full size.
"""

import sys
from pathlib import Path

import pytest

from backend.models import User, UserCenterLink
from tests.graph_host import GraphHost
from tests.reliability import calling_day, day_checks, day_plan
from tests.reliability.calling_day import Day
from tests.reliability.day_server import Board, Servers
from tests.told import FORM
from tests.world import World

ADAPTERS = {"sqlite": "fastapi", "postgresql": "flask"}

pytestmark = pytest.mark.skipif("sys.platform == 'win32'", reason="there is no kill -9")


@pytest.fixture
def people(world: World) -> dict[int, str]:
    """Eight people at two centers, with their tokens."""
    emails = {id: f"caller{id}@tofa.example" for id in day_plan.CENTER_OF}
    with world.db.write() as session:
        for id, email in emails.items():
            session.add(
                User(
                    id=id, email=email, email_key=email, hashed_password="",
                    full_name=f"Caller {id}", role="team_member",
                )
            )  # fmt: skip
        session.flush()
        for id, center in day_plan.CENTER_OF.items():
            session.add(UserCenterLink(user_id=id, center_id=center))
    return {id: world.token(email) for id, email in emails.items()}


def test_a_day(
    world: World,
    people: dict[int, str],
    database: str,
    tmp_path: Path,
    pytestconfig: pytest.Config,
) -> None:
    plan = day_plan.make(pytestconfig.getoption("--leads"), seed=7)
    crashes = len(plan.kills)
    board = Board.create(tmp_path / "board")
    with GraphHost(forms={FORM: []}) as host:
        given = calling_day.given(world.settings.database_url, host)
        with Servers(ADAPTERS[database], given, tmp_path / "board") as servers:
            day = Day(world, servers, board, plan, host, people)
            day.begin()
            day.run()
    found = day_checks.look(world.db)
    sys.stdout.write(
        f"\n{database}: {crashes} crashes, {day.lost_answers} lost answers of {day.requests},"
        f" {day.calls} calls, {day.refused} claims refused; {found.told}\n"
    )
    assert day.faults + day_checks.faults(found, plan, day.acknowledged, day.calls) == []
    assert plan.kills == {}
    assert day.acknowledged == set(plan.children())
    assert found.handovers
    assert found.missed
