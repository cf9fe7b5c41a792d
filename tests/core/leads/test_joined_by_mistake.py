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


def test_a_trial_that_was_booked_is_not_attended_yet(world: World) -> None:
    """It is once its outcome says so; another time for it has no outcome yet."""

    def edit(**given: object) -> dict[str, int]:
        with world.db.write() as session:
            change = LeadEdit.model_validate(given)
            editing.edit(session, PERSON, 1, change, ZONE, "IN")
        found = stages(world)
        return {name: found[name] for name in ("trial", "attended")}

    booked = {"trial": 1, "attended": 0}
    assert edit(status="Trial Scheduled", trial_at="2026-12-05T16:30") == booked
    assert edit(trial_outcome="no_show") == booked
    assert edit(trial_outcome="attended") == {"trial": 1, "attended": 1}
    assert edit(trial_outcome="cancelled") == booked
    assert edit(trial_at="2026-12-06T16:30") == booked
    with world.db.read() as session:
        assert session.get_one(Lead, 1).trial_outcome is None
    assert edit(trial_outcome="attended", status="Joined") == {"trial": 1, "attended": 1}


def test_what_another_reason_was(world: World) -> None:
    def edit(**given: object) -> tuple[str | None, str | None]:
        with world.db.write() as session:
            change = LeadEdit.model_validate(given)
            shown = editing.edit(session, PERSON, 1, change, ZONE, "IN")
        return shown["lost_reason"], shown["lost_reason_text"]

    lost = {"status": "Dead/Not Interested"}
    assert edit(**lost, lost_reason="Other", lost_reason_text=" Moved ") == ("Other", "Moved")
    assert edit(lost_reason_text="Moved to Pune") == ("Other", "Moved to Pune")
    assert edit(lost_reason="Expensive fee") == ("Expensive fee", None)
    assert edit(lost_reason_text="No other") == ("Expensive fee", None)
