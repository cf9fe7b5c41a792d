"""A column that is named by a status, and ticked where a lead has got so far."""

import pytest

from backend.core.vocabulary import ticks
from backend.core.vocabulary.ticks import Tick
from backend.models import Status


@pytest.mark.parametrize(
    "name",
    [
        "Joined", "JOINED?", "Has joined", "Joined (Y/N)", "Enrolled", "Admission done",
        "Trial done", "Trial attended?", "Converted", "Interested", "Not Interested", "Closed",
        "DNP", "Is Enrolled", "admission_done", "Demo done Yes/No", "Called", "जुड़ गया",
    ],
)  # fmt: skip
def test_columns_that_are_named_by_a_status(name: str) -> None:
    assert ticks.is_named(name)


@pytest.mark.parametrize(
    "name",
    [
        "", "Status", "Lead status", "Follow up status", "Follow up", "Name", "Phone", "Subscribed",
        "Active", "Joined on", "Interested sport", "Trial date", "WhatsApp", "Remarks",
    ],
)  # fmt: skip
def test_other_columns(name: str) -> None:
    assert not ticks.is_named(name)


@pytest.mark.parametrize(
    ("text", "tick"),
    [
        ("Yes", Tick.YES), ("y", Tick.YES), ("TRUE", Tick.YES), ("1", Tick.YES), ("1.0", Tick.YES),
        ("✓", Tick.YES), ("✔\ufe0f", Tick.YES), ("हाँ", Tick.YES), ("Yes.", Tick.YES),
        ("No", Tick.NO), ("N", Tick.NO), ("FALSE", Tick.NO), ("0", Tick.NO), ("❌", Tick.NO),
        ("-", Tick.NO), ("x", Tick.UNCLEAR), ("Maybe", None), ("2026-11-05", None), ("", None),
    ],
)  # fmt: skip
def test_what_a_cell_says(text: str, tick: Tick | None) -> None:
    assert ticks.read(text) is tick


@pytest.mark.parametrize(
    ("column", "text", "status"),
    [
        ("Joined", "Yes", Status.JOINED),
        ("Has joined?", "1", Status.JOINED),
        ("Trial done", "✓", Status.TRIAL_SCHEDULED),
        ("Not interested", "true", Status.DEAD),
        ("DNP", "y", Status.CALLED),
        ("DNP", "2", Status.CALLED),
        ("Trial", "Done", Status.TRIAL_SCHEDULED),
        ("Joined", "not interested", Status.DEAD),
        ("Joined", "No", None),
        ("Joined", "x", None),
        ("Closed", "Yes", None),
        ("Joined", "sometime", None),
    ],
)
def test_the_status_that_it_sets(column: str, text: str, status: Status | None) -> None:
    assert ticks.status_of(column, text) is status
