"""An undo of an import makes the leads that it has reopened what they were before."""

from datetime import timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core.intake import center_aliases, processing
from backend.core.leads import assignment_rules
from backend.models import (
    CallingRules,
    EventKind,
    Lead,
    LeadEvent,
    Presence,
    Role,
    Status,
    User,
    UserCenterLink,
    WaitingLead,
)
from backend.schemas.assignment import NewRule
from tests.core.imports.sheets_of import LEADER, committed, row, undo
from tests.dump import dump
from tests.world import EPOCH, TELLAPUR, World

MEMBER, ASHA = 2, 11
ALWAYS = [[["00:00", "23:59"]]] * 7
ZOE = row("Zoë Khan", "+919848000001")
ZOE_OF_MARS = row("Zoë Khan", "+919848000001", "TOFA Mars")


@pytest.fixture
def ruled(world: World) -> World:
    """An academy that is always open, whose rule gives Tellapur's leads to the member, who is away,
    or else to Asha."""
    with world.db.write() as session:
        session.add(CallingRules(place=0, week=ALWAYS, first_call_minutes=30))
        session.add(
            User(
                id=ASHA, email="asha@x.example", email_key="asha@x.example", hashed_password="",
                full_name="Asha", role=Role.TEAM_MEMBER,
            )
        )  # fmt: skip
        session.flush()
        session.add(UserCenterLink(user_id=ASHA, center_id=TELLAPUR))
        session.add(Presence(user_id=MEMBER, away_since=EPOCH))
        shares = [{"user_id": MEMBER}, {"user_id": ASHA}]
        given = {"center_id": TELLAPUR, "shares": shares}
        assignment_rules.add(session, LEADER, NewRule.model_validate(given))
    return world


def set_lead(world: World, **columns: Any) -> None:
    with world.db.write() as session:
        session.connection().execute(update(Lead).where(col(Lead.id) == 1).values(**columns))


def lead(world: World) -> dict[str, Any]:
    with world.db.read() as session:
        return session.get_one(Lead, 1).model_dump()


def import_zoe(world: World, *, waits: bool) -> int:
    """Let Zoë's parent enquire again, at once or when the center of the row becomes known."""
    if not waits:
        return committed(world, ZOE)
    import_id = committed(world, ZOE_OF_MARS)
    with world.db.write() as session:
        center_aliases.add(session, LEADER, "TOFA Mars", TELLAPUR)
    while processing.run_once(world.db, world.settings):
        pass
    return import_id


@pytest.mark.parametrize("waits", [False, True])
@pytest.mark.parametrize("owner", [MEMBER, None])
def test_a_lost_lead_that_a_rule_has_given_away(
    ruled: World, owner: int | None, waits: bool
) -> None:
    set_lead(ruled, status=Status.DEAD, lost_reason="Too far", lost_at=EPOCH, owner_id=owner)
    before, lines = lead(ruled), dump(ruled.db)["leadevent"]
    import_id = import_zoe(ruled, waits=waits)
    assert (lead(ruled)["status"], lead(ruled)["owner_id"]) == ("New", ASHA)
    assert undo(ruled, import_id)["leads_restored"] == 1
    assert lead(ruled) == before
    assert dump(ruled.db)["leadevent"] == lines


@pytest.mark.parametrize("waits", [False, True])
def test_an_unreachable_lead(ruled: World, waits: bool) -> None:
    since = EPOCH + timedelta(days=3)
    set_lead(
        ruled, status=Status.CALLED, owner_id=MEMBER, called_at=EPOCH, tries_since=EPOCH,
        unreachable_since=since,
    )  # fmt: skip
    before = lead(ruled)
    import_id = import_zoe(ruled, waits=waits)
    assert lead(ruled)["next_followup_date"] is not None
    undo(ruled, import_id)
    assert lead(ruled) == before


def test_a_lead_that_waits_for_someone_waits_no_more(ruled: World) -> None:
    with ruled.db.write() as session:
        session.add(Presence(user_id=ASHA, away_since=EPOCH))
    set_lead(ruled, status=Status.DEAD)
    import_id = committed(ruled, ZOE)
    with ruled.db.read() as session:
        assert session.scalars(select(WaitingLead)).all()
    undo(ruled, import_id)
    with ruled.db.read() as session:
        assert not session.scalars(select(WaitingLead)).all()


def test_an_owner_who_has_lost_access_since(ruled: World) -> None:
    set_lead(ruled, status=Status.DEAD, owner_id=MEMBER)
    import_id = committed(ruled, ZOE)
    with ruled.db.write() as session:
        session.get_one(User, MEMBER).disabled = True
    undo(ruled, import_id)
    assert (lead(ruled)["status"], lead(ruled)["owner_id"]) == (Status.DEAD, None)


@pytest.mark.parametrize("told", ["a line of history", "a name"])
def test_an_import_of_an_older_version(ruled: World, told: str) -> None:
    """Its lines of history have no more than the name of the owner before."""
    set_lead(ruled, status=Status.DEAD, owner_id=MEMBER)
    with ruled.db.write() as session:
        name = session.get_one(User, MEMBER).full_name
        if told == "a line of history":
            data = orjson.dumps({"from": None, "to": name, "owner_id": MEMBER}).decode()
            line = LeadEvent(lead_id=1, at=EPOCH, kind=EventKind.ASSIGNED, user_id=1, data=data)
            session.add(line)
    import_id = committed(ruled, ZOE)
    with ruled.db.write() as session:
        own = col(LeadEvent.import_id) == import_id, col(LeadEvent.kind) == EventKind.ASSIGNED
        line = session.scalars(select(LeadEvent).where(*own)).one()
        said = orjson.loads(line.data)
        del said["from_id"]
        line.data = orjson.dumps(said).decode()
        if told == "a line of history":
            session.get_one(User, MEMBER).full_name = "Another name"
    undo(ruled, import_id)
    assert lead(ruled)["owner_id"] == MEMBER
