"""A list's filter, parsed."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from backend.core.access import Person
from backend.core.errors import Invalid
from backend.core.leads.criteria import LeadCriteria
from backend.models import Lead
from backend.schemas.leads import LeadFilter
from tests.world import GACHIBOWLI, LEAD, TELLAPUR, World

INDIA = ZoneInfo("Asia/Kolkata")
NOW = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)
LEADER = Person(1, LEAD, "team_lead")


def parse(**given: Any) -> LeadCriteria:
    return LeadCriteria.parse(LeadFilter(**given), INDIA, NOW)


def test_nothing_is_asked_for() -> None:
    assert parse() == LeadCriteria()
    assert parse(status=" , ", center_id="", source=",", campaign=[""], q=" ") == LeadCriteria()


@pytest.mark.parametrize(
    ("given", "criteria"),
    [
        ({"status": "New"}, LeadCriteria(statuses=("New",))),
        # The whole text as well: an old installation may have a status with a comma.
        ({"status": "New, Old"}, LeadCriteria(statuses=("New", "Old", "New, Old"))),
        ({"source": "meta,none"}, LeadCriteria(sources=("meta", "none"))),
        ({"campaign": ["A, B", ""]}, LeadCriteria(texts={"campaign": ("A, B",)})),
        ({"center_id": "2,none"}, LeadCriteria(centers=(2, None))),
        (
            {"created_from": "2026-11-02", "created_to": "2026-11-02"},
            LeadCriteria(
                created_from=datetime(2026, 11, 1, 18, 30, tzinfo=UTC),
                created_to=datetime(2026, 11, 2, 18, 30, tzinfo=UTC),
            ),
        ),
        (
            {"created_to": "2026-11-02T10:00:00Z"},
            LeadCriteria(created_to=datetime(2026, 11, 2, 10, tzinfo=UTC)),
        ),
        ({"due": "overdue"}, LeadCriteria(due="overdue", due_until=NOW)),
        (
            {"due": "week"},
            LeadCriteria(due="week", due_until=datetime(2026, 11, 15, 18, 30, tzinfo=UTC)),
        ),
        ({"due": "any"}, LeadCriteria(due="any")),
        ({"q": "ZOË khan"}, LeadCriteria(words=("zoe", "khan"))),
        (
            {"reached": "joined", "first_call": "hour", "test": "no"},
            LeadCriteria(reached="joined", first_call="hour", test="no"),
        ),
    ],
)
def test_what_is_asked_for(given: dict[str, Any], criteria: LeadCriteria) -> None:
    assert parse(**given) == criteria


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"center_id": "1,x"}, "center_id"),
        ({"center_id": str(2**31)}, "center_id"),
        ({"created_from": "soon"}, "created_from"),
        ({"created_to": "9999-12-31"}, "created_to"),
    ],
)
def test_what_can_not_be_parsed(given: dict[str, Any], name: str) -> None:
    with pytest.raises(Invalid) as raised:
        parse(**given)
    assert [fault["loc"] for fault in raised.value.faults] == [("query", name)]


@pytest.mark.parametrize("in_order", [True, False])
@pytest.mark.parametrize(
    ("person", "centers", "count"),
    [
        (LEADER, (), 2),
        (LEADER, (GACHIBOWLI,), 1),
        (LEADER, (GACHIBOWLI, None), 1),
        (Person(2, "", "team_member", (TELLAPUR,)), (), 1),
        (Person(2, "", "team_member", (TELLAPUR,)), (GACHIBOWLI,), 0),
        (Person(2, "", "observer"), (), 0),
    ],
)
def test_nobody_sees_leads_of_other_centers(
    world: World, person: Person, centers: tuple[int | None, ...], count: int, in_order: bool
) -> None:
    conditions = LeadCriteria(centers=centers).conditions(person, in_order=in_order)
    query = select(func.count()).select_from(Lead).where(*conditions)
    with world.db.read() as session:
        assert session.scalar(query) == count
