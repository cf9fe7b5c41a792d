"""How a page of leads is read, by what is asked for."""

from typing import Any

import pytest
from sqlalchemy import update

from backend.core.access import Person
from backend.core.leads import index_partitions, list_plan
from backend.core.leads.call_filter import Calls
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.list_plan import Few, InOrder, Merge, Plan, Search
from backend.models import Lead
from tests.world import EPOCH, LEAD, TELLAPUR, World

LEADER = Person(1, LEAD, "team_lead")
MEMBER = Person(2, "", "team_member", (TELLAPUR,))
CAMPAIGN = {"campaign": ("Summer",)}


def choose(world: World, person: Person, sort: str = "-created", **asked: Any) -> Plan:
    with world.db.read() as session:
        return list_plan.choose(session, person, LeadCriteria(**asked), sort)


@pytest.fixture
def many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make each of two leads one of many: a single one is more than a few."""
    monkeypatch.setattr(list_plan, "FEW", 0)
    with world.db.write() as session:
        session.execute(update(Lead).values(campaign="Summer", source="meta", is_test=True))


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize(
    ("person", "sort", "asked", "plan"),
    [
        (LEADER, "-created", {}, InOrder),
        (LEADER, "created", {"sources": ("meta",)}, InOrder),
        (LEADER, "-created", {"created_from": EPOCH}, InOrder),
        (MEMBER, "-created", {}, Merge),
        (LEADER, "-created", {"centers": (TELLAPUR, None)}, Merge),
        (LEADER, "-created", {"texts": CAMPAIGN}, Merge),
        (LEADER, "-created", {"texts": {"campaign": ("Summer", "none")}}, InOrder),
        (LEADER, "-created", {"statuses": ("New",)}, Merge),
        (LEADER, "-created", {"statuses": ("New",), "sources": ("meta",)}, InOrder),
        (LEADER, "-created", {"words": ("zoe",)}, Search),
        (MEMBER, "-created", {"words": ("zoe",), "due": "any"}, Search),
        (MEMBER, "due", {}, InOrder),
        (MEMBER, "-due", {}, InOrder),
        (MEMBER, "-created", {"due": "overdue"}, InOrder),
        (MEMBER, "-created", {"due": "none"}, Merge),
        (LEADER, "due", {"texts": CAMPAIGN}, InOrder),
    ],
)
def test_by_what_many_leads_have(
    world: World, person: Person, sort: str, asked: dict[str, Any], plan: type[Plan]
) -> None:
    assert type(choose(world, person, sort, **asked)) is plan


@pytest.mark.usefixtures("many")
@pytest.mark.parametrize("asked", [{"reached": "joined"}, {"first_call": "1h"}])
def test_what_has_no_index(world: World, asked: dict[str, Any]) -> None:
    is_sqlite = world.db.engine.dialect.name == "sqlite"
    assert type(choose(world, MEMBER, **asked)) is (Merge if is_sqlite else InOrder)
    assert type(choose(world, LEADER, **asked)) is InOrder


@pytest.mark.parametrize(
    ("asked", "is_few"),
    [
        ({"sources": ("meta",)}, True),
        ({"sources": ("upload",)}, False),
        ({"sources": ("meta", "none")}, False),
        ({"texts": CAMPAIGN}, True),
        ({"texts": {"lost_reason": ("none",)}}, False),
        ({"test": "yes"}, True),
        ({"test": "no"}, False),
        ({"statuses": ("New",)}, False),
        ({"statuses": ("New",), "words": ("zoe",)}, True),
        ({"statuses": ("New",), "reached": "joined"}, True),
        ({"words": ("zoe",)}, False),
    ],
)
def test_by_what_few_leads_have(world: World, asked: dict[str, Any], is_few: bool) -> None:
    for person in (LEADER, MEMBER):
        assert (type(choose(world, person, **asked)) is Few) == is_few


@pytest.mark.parametrize("sort", ["name", "-status", "owner", "last_call"])
@pytest.mark.parametrize(
    "asked",
    [
        {"calls": Calls(most=0)}, {"calls": Calls(never=True)}, {"contact": "refused"},
        {"trial": "attended", "trial_now": EPOCH},
    ],
)  # fmt: skip
def test_what_has_no_index_is_looked_for_once(
    world: World, monkeypatch: pytest.MonkeyPatch, sort: str, asked: dict[str, Any]
) -> None:
    assert type(choose(world, LEADER, sort, **asked)) is Few
    # In the order of time, the newest ones are found first.
    assert type(choose(world, LEADER, "-created", **asked)) is InOrder
    if sort == "-status":
        assert type(choose(world, MEMBER, sort, **asked)) is not Few
    with world.db.write() as session:
        values = {"do_not_contact": True, "trial_outcome": "attended"}
        session.execute(update(Lead).values(**values))
    monkeypatch.setattr(list_plan, "FEW_BY_NAME", 0)
    assert type(choose(world, LEADER, sort, **asked)) is not Few


def test_a_statement_of_too_many_values(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert type(choose(world, MEMBER)) is Merge
    monkeypatch.setattr(index_partitions, "MOST_VALUES", 2)
    assert type(choose(world, MEMBER)) is InOrder
