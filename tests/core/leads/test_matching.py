"""What is the same lead, what is a sibling, and what is new."""

import threading
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core.leads import matching
from backend.core.leads.matching import Candidate, Placed, Verdict
from backend.models import Delivery, Lead, LeadEvent, LeadOrigin, Status
from tests.waiting import PATIENCE, check_it_waits
from tests.world import EPOCH, GACHIBOWLI, LEAD_OF_TELLAPUR, TELLAPUR, World

WHEN = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def known(world: World) -> None:
    """The lead that Tellapur has, as it is known by its phone and name."""
    keys = {"phone_key": "+919848000001", "name_key": "zoe khan"}
    with world.db.write() as session:
        session.execute(update(Lead).where(col(Lead.id) == LEAD_OF_TELLAPUR).values(**keys))


def candidate(**given: Any) -> Candidate:
    defaults: dict[str, Any] = {
        "created_time": WHEN,
        "center_id": TELLAPUR,
        "source": "meta",
        "player_name": "Zoë Khan",
        "phone": "+91 98480 00001",
    }
    return Candidate(**(defaults | given))


def place(world: World, **given: Any) -> Placed:
    with world.db.write() as session:
        return matching.place(session, candidate(**given), "IN")


def lead(world: World, id: int) -> Lead:
    with world.db.read() as session:
        return session.get_one(Lead, id)


def lines(world: World, lead_id: int) -> list[tuple[str, Any]]:
    with world.db.read() as session:
        found = session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id))
        return [(line.kind, orjson.loads(line.data)) for line in found]


JOINED = Placed(LEAD_OF_TELLAPUR, Verdict.JOIN)


@pytest.mark.parametrize("name", ["Zoë Khan", "zoe  KHAN", " ZOË\tKhan", "Zoe\u0308 Khan"])
@pytest.mark.parametrize("phone", ["+919848000001", "098480-00001", "98480 00001"])
def test_the_same_phone_and_name(world: World, name: str, phone: str) -> None:
    assert place(world, player_name=name, phone=phone) == JOINED
    assert lines(world, 1) == [("repeat_enquiry", {"source": "meta", "at": "2026-11-09T06:00:00Z"})]
    assert lead(world, 1).created_time == EPOCH


def test_another_center_is_no_other_lead(world: World) -> None:
    assert place(world, center_id=GACHIBOWLI) == JOINED
    assert lead(world, 1).center_id == TELLAPUR


def test_a_dead_lead_that_asks_again_is_new(world: World) -> None:
    with world.db.write() as session:
        session.execute(update(Lead).values(status=Status.DEAD))
    assert place(world) == JOINED
    assert lead(world, 1).status == "New"
    assert lead(world, 2).status == Status.DEAD
    assert lines(world, 1)[1] == ("status", {"from": "Dead/Not Interested", "to": "New"})


@pytest.mark.parametrize("status", ["New", "Called", "Trial Scheduled", "Joined", "Ringing"])
def test_any_other_status_stays(world: World, status: str) -> None:
    with world.db.write() as session:
        session.execute(update(Lead).values(status=status))
    assert place(world) == JOINED
    assert lead(world, 1).status == status


def test_what_it_says_besides_is_a_part_of_the_line(world: World) -> None:
    place(world, origin={"campaign_name": "Summer"}, answers={"shoe_size": "4"})
    ((_, data),) = lines(world, 1)
    assert data["campaign_name"] == "Summer"
    assert data["answers"] == {"shoe_size": "4"}


def test_a_sibling(world: World) -> None:
    placed = place(world, player_name="Zara Khan")
    assert placed == Placed(3, Verdict.SIBLING)
    assert lead(world, 3).phone_key == lead(world, 1).phone_key
    assert lines(world, 3) == [("created", {"source": "meta"})]
    assert lines(world, 1) == []
    # And the sibling asks again for itself.
    assert place(world, player_name="ZARA khan") == Placed(3, Verdict.JOIN)


@pytest.mark.parametrize("nameless", [None, "", " \t", "\u0301"])
def test_who_gives_no_name_is_no_one_that_has_one(world: World, nameless: str | None) -> None:
    """It may be a brother, and for a line in the history of a lead nobody may be called."""
    assert place(world, player_name=nameless) == Placed(3, Verdict.SIBLING)
    assert place(world, player_name=None) == Placed(3, Verdict.JOIN)
    assert place(world) == JOINED


def test_a_new_one(world: World) -> None:
    assert place(world, phone="9848022338") == Placed(3, Verdict.CREATE)
    assert lead(world, 3).phone == "9848022338"
    assert lead(world, 3).phone_key == "+919848022338"
    assert lead(world, 3).name_key == "zoe khan"


def test_the_same_email_alone_is_another_lead(world: World) -> None:
    for phone in (None, "9848022338"):
        placed = place(world, phone=phone, email="PARENT1@example.com")
        assert placed.verdict is Verdict.CREATE
        assert lead(world, placed.lead_id).email_key == "parent1@example.com"


def test_an_id_of_meta_s_that_is_here(world: World) -> None:
    first = place(world, leadgen_id="7", phone="9848022338")
    assert first == Placed(3, Verdict.CREATE)
    # Whatever else it says now.
    again = place(world, leadgen_id="7", phone="9848022339", player_name="Another")
    assert again == Placed(3, Verdict.KNOWN)
    assert lines(world, 3) == [("created", {"source": "meta"})]


def test_an_id_of_meta_s_that_has_joined_a_lead(world: World) -> None:
    assert place(world, leadgen_id="7") == JOINED
    assert lead(world, 1).leadgen_id == "7"
    assert place(world, leadgen_id="7", phone="1") == Placed(1, Verdict.KNOWN)
    # A second id finds no room with the lead: the ledger knows it.
    with world.db.write() as session:
        session.add(
            Delivery(
                source="meta",
                state="processed",
                received_at=WHEN,
                body="",
                leadgen_id="8",
                lead_id=1,
            )
        )
    assert place(world, leadgen_id="8", phone="1") == Placed(1, Verdict.KNOWN)
    assert lead(world, 1).leadgen_id == "7"


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ({"phone": "9848022338"}, {"phone": "098480 22338"}, Verdict.JOIN),
        ({"phone": "1", "leadgen_id": "7"}, {"phone": "2", "leadgen_id": "7"}, Verdict.KNOWN),
    ],
)
def test_who_comes_at_the_same_moment_waits(
    world: World, first: dict[str, Any], second: dict[str, Any], verdict: Verdict
) -> None:
    """The first is not committed yet: to look for it now would find nobody."""
    placed, done = threading.Event(), threading.Event()
    found = []

    def meanwhile() -> None:
        placed.wait(PATIENCE)
        found.append(place(world, **second))
        done.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    with world.db.write() as session:
        one = matching.place(session, candidate(**first), "IN")
        check_it_waits(world.db, placed.set, done.is_set)
    thread.join(PATIENCE)
    assert found == [Placed(one.lead_id, verdict)]


def test_test_leads_and_real_ones_never_meet(world: World) -> None:
    assert place(world, is_test=True) == Placed(3, Verdict.CREATE)
    assert place(world, is_test=True) == Placed(3, Verdict.JOIN)
    assert place(world) == JOINED


def test_where_it_comes_from(world: World) -> None:
    origin = {"campaign_name": "Summer", "is_organic": True}
    placed = place(world, phone="1", origin=origin, answers={"shoe_size": "4"})
    with world.db.read() as session:
        kept = session.get_one(LeadOrigin, placed.lead_id)
    assert (kept.campaign_name, kept.is_organic) == ("Summer", True)
    assert kept.answers == {"shoe_size": "4"}
