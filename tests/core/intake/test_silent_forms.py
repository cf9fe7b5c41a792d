"""Silent forms: those that used to bring leads."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.core import times
from backend.core.intake import silent_forms
from backend.models import Form, Lead, LeadOrigin
from tests.world import World

HOUR = timedelta(hours=1)


def add(world: World, form_id: str, moments: list[datetime], *, is_test: bool = False) -> None:
    with world.db.write() as session:
        form = Form(id=form_id, questions=[], mapping={}, newest_lead_at=max(moments))
        session.add(form)
        for moment in moments:
            lead = Lead(created_time=moment, center_id=1, is_test=is_test)
            session.add(lead)
            session.flush()
            assert lead.id is not None
            session.add(LeadOrigin(lead_id=lead.id, form_id=form_id, answers={}))


def silent(world: World) -> list[str]:
    with world.db.read() as session:
        return [form["form_id"] for form in silent_forms.silent_forms(session)]


@pytest.mark.parametrize(("hours", "is_silent"), [(5, False), (6.1, True), (700, True)])
def test_three_times_the_usual_gap(world: World, hours: float, is_silent: bool) -> None:
    newest = times.now() - hours * HOUR
    add(world, "1", [newest - 2 * number * HOUR for number in range(10)])
    assert silent(world) == (["1"] if is_silent else [])


def test_the_answer(world: World) -> None:
    newest = times.now() - 7 * HOUR
    add(world, "1", [newest - 2 * number * HOUR for number in range(10)])
    with world.db.read() as session:
        assert silent_forms.silent_forms(session) == [
            {"form_id": "1", "newest_lead_at": newest, "usual_gap_seconds": 7200}
        ]


def test_not_before_three_hours(world: World) -> None:
    for form, hours in (("1", 2.9), ("2", 3.1)):
        newest = times.now() - hours * HOUR
        add(world, form, [newest - number * timedelta(seconds=20) for number in range(30)])
    assert silent(world) == ["2"]


def test_too_few_leads(world: World) -> None:
    newest = times.now() - 500 * HOUR
    add(world, "1", [newest, newest - HOUR])
    with world.db.write() as session:
        session.add(Form(id="2", questions=[], mapping={}))
    assert silent(world) == []


def test_test_leads_do_not_count(world: World) -> None:
    newest = times.now() - 9 * HOUR
    add(world, "1", [newest - number * HOUR for number in range(9)], is_test=True)
    assert silent(world) == []


@pytest.mark.parametrize("a_day", [2, 10, 100])
def test_nights_are_usual(a_day: int) -> None:
    """All leads come within ten hours of a day, so there is a gap of 14 to 19 hours each night."""
    start = datetime(2026, 11, 2, 3, tzinfo=UTC)
    gap = 10 * HOUR / a_day
    moments = [
        start + number // a_day * timedelta(days=1) + number % a_day * gap
        for number in range(5 * a_day)
    ]
    assert silent_forms.usual_gap(moments) == timedelta(days=1) - (a_day - 1) * gap


def test_one_long_gap_is_not_usual() -> None:
    """A week without adverts."""
    start = datetime(2026, 11, 2, tzinfo=UTC)
    moments = [start + number * HOUR for number in range(100)]
    later = [moment + timedelta(days=7) for moment in moments]
    assert silent_forms.usual_gap([*moments, *later]) == HOUR
