"""What is undone in the status of a lead is undone in reports, too."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from backend.core import times
from backend.core.access import Person
from backend.core.leads import changes, editing
from backend.core.reports import figures
from backend.models import Lead, Role
from backend.schemas.leads import LeadChange, LeadEdit
from backend.schemas.reports import ReportFilter
from tests.world import EPOCH, World

PERSON = Person(id=1, email="lead@tofa.example", role=Role.TEAM_LEAD, centers=())
ZONE = ZoneInfo("Asia/Kolkata")


def stages(world: World) -> dict[str, int]:
    day = f"{EPOCH:%Y-%m-%d}"
    days = ReportFilter.model_validate({"from": day, "to": day})
    with world.db.read() as session:
        funnel = figures.show(session, PERSON, days, ZONE)["funnel"]
    return {one["stage"]: one["count"] for one in funnel}


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("New", "New", (0, 0, 0)),
        ("New", "Called", (1, 0, 0)),
        ("Called", "Called", (1, 0, 0)),
        ("Trial Scheduled", "Called", (1, 1, 0)),
        ("New", "Trial Scheduled", (1, 1, 0)),
        ("New", "Dead/Not Interested", (1, 0, 0)),
    ],
)
def test_a_mistaken_joined(
    world: World, before: str, after: str, expected: tuple[int, int, int]
) -> None:
    for status in (before, "Joined", after):
        with world.db.write() as session:
            changes.update(session, PERSON, 1, LeadChange(status=status), ZONE)
    found = stages(world)
    assert (found["called"], found["trial"], found["joined"]) == expected


@pytest.mark.parametrize("after", ["Called", "Dead/Not Interested"])
def test_someone_who_joined_and_left(world: World, after: str) -> None:
    with world.db.write() as session:
        editing.edit(session, PERSON, 1, LeadEdit(status="Joined"), ZONE, "IN")
        lead = session.get_one(Lead, 1)
        lead.joined_at = times.now() - timedelta(days=2)
    with world.db.write() as session:
        editing.edit(session, PERSON, 1, LeadEdit(status=after), ZONE, "IN")
    # Going back to calls says that nobody has joined, however late.
    assert stages(world)["joined"] == (after != "Called")
