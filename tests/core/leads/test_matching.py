"""The rule that decides whether two leads are the same, and what is done as it says."""

import threading
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import phones
from backend.core.leads import adding
from backend.core.leads.matching import Candidate, Decision, Existing, Placed, Verdict, decide
from backend.models import Delivery, Lead, LeadEvent, LeadOrigin, LeadPhone, Status
from tests.waiting import PATIENCE, check_it_waits
from tests.world import EPOCH, GACHIBOWLI, LEAD_OF_TELLAPUR, TELLAPUR, World

WHEN = datetime(2026, 11, 9, 6, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def known(world: World) -> None:
    """Give the lead of Tellapur its keys."""
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
        return adding.add(session, candidate(**given), "IN")


def lead(world: World, id: int) -> Lead:
    with world.db.read() as session:
        return session.get_one(Lead, id)


def lines(world: World, lead_id: int) -> list[tuple[str, Any]]:
    with world.db.read() as session:
        found = session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id))
        return [(line.kind, orjson.loads(line.data)) for line in found]


JOINED = Placed(LEAD_OF_TELLAPUR, Verdict.JOIN)


@pytest.mark.parametrize(
    ("existing", "has_phone", "decision"),
    [
        (Existing(known=7, same=1, household=1), True, Decision(Verdict.KNOWN, 7)),
        (Existing(same=2, household=1), True, Decision(Verdict.JOIN, 2, adds_enquiry=True)),
        (Existing(same=2, household=1), False, Decision(Verdict.JOIN, 2, adds_enquiry=True)),
        (Existing(same=2, household=1, has_enquiry=True), True, Decision(Verdict.JOIN, 2)),
        (Existing(household=1), True, Decision(Verdict.SIBLING, 1)),
        (Existing(household=1), False, Decision(Verdict.CREATE)),
        (
            Existing(household=1, doubtful=2),
            False,
            Decision(Verdict.SIBLING, 2, is_doubt=True),
        ),
        (Existing(same=3, household=1, doubtful=2), True, Decision(Verdict.JOIN, 3, True)),
        (Existing(), True, Decision(Verdict.CREATE)),
        (Existing(), False, Decision(Verdict.CREATE)),
    ],
)
def test_the_rule(existing: Existing, has_phone: bool, decision: Decision) -> None:
    assert decide(existing, has_phone=has_phone) == decision


@pytest.mark.parametrize("name", ["Zoë Khan", "zoe  KHAN", " ZOË\tKhan", "Zoe\u0308 Khan"])
@pytest.mark.parametrize("phone", ["+919848000001", "098480-00001", "98480 00001"])
def test_the_same_phone_and_name(world: World, name: str, phone: str) -> None:
    assert place(world, player_name=name, phone=phone) == JOINED
    said = {"player_name": name, "phone": phone, "phones": ["+919848000001"]}
    at = "2026-11-09T06:00:00Z"
    assert lines(world, 1) == [("repeat_enquiry", {"source": "meta", "at": at, **said})]
    assert lead(world, 1).created_time == EPOCH


def test_another_center_is_the_same_lead(world: World) -> None:
    assert place(world, center_id=GACHIBOWLI) == JOINED
    assert lead(world, 1).center_id == TELLAPUR


def test_a_repeat_enquiry_makes_a_dead_lead_new(world: World) -> None:
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


def test_origin_and_answers_are_part_of_the_line(world: World) -> None:
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
    # And the sibling has repeat enquiries of its own.
    assert place(world, player_name="ZARA khan") == Placed(3, Verdict.JOIN)


@pytest.mark.parametrize("nameless", [None, "", " \t", "\u0301"])
def test_no_name_is_a_name_of_its_own(world: World, nameless: str | None) -> None:
    """It may be a brother, and a line in the history of a lead may lead to no call."""
    assert place(world, player_name=nameless) == Placed(3, Verdict.SIBLING)
    assert place(world, player_name=None) == Placed(3, Verdict.JOIN)
    assert place(world) == JOINED


def test_a_new_lead(world: World) -> None:
    assert place(world, phone="9848022338") == Placed(3, Verdict.CREATE)
    assert lead(world, 3).phone == "9848022338"
    assert lead(world, 3).phone_key == "+919848022338"
    assert lead(world, 3).name_key == "zoe khan"


def test_the_same_email_alone_is_another_lead(world: World) -> None:
    for phone in (None, "9848022338"):
        placed = place(world, phone=phone, email="PARENT1@example.com")
        assert placed.verdict is Verdict.CREATE
        assert lead(world, placed.lead_id).email_key == "parent1@example.com"


def test_without_a_phone_the_email_and_the_name_tell(world: World) -> None:
    first = {"phone": None, "email": "Parent3@example.com"}
    assert place(world, **first) == Placed(3, Verdict.CREATE)
    later = WHEN + timedelta(days=1)
    again = place(world, created_time=later, phone=" ", email="PARENT3@example.com ")
    assert again == Placed(3, Verdict.JOIN)
    assert [kind for kind, _ in lines(world, 3)] == ["created", "repeat_enquiry"]
    # Another name isn't called a sibling, and a phone tells more than an email.
    assert place(world, **first, player_name="Zara Khan") == Placed(4, Verdict.CREATE)
    assert place(world, **first | {"phone": "9848022338"}) == Placed(5, Verdict.CREATE)
    assert place(world, **first, is_test=True) == Placed(6, Verdict.CREATE)


@pytest.mark.parametrize("phone", ["ask the coach", "9.17013E+11", "12345"])
def test_a_phone_that_cannot_be_read_matches_nothing(world: World, phone: str) -> None:
    for lead_id in (3, 4):
        assert place(world, phone=phone, email=None) == Placed(lead_id, Verdict.CREATE)
        assert (lead(world, lead_id).phone, lead(world, lead_id).phone_key) == (phone, None)
        assert lead(world, lead_id).phone_issue == phones.read(phone, "IN").issue
    # Without a number the email tells.
    first = place(world, phone=phone, email="a@x.example")
    assert place(world, phone="another text", email="A@X.example") == Placed(
        first.lead_id, Verdict.JOIN
    )
    assert place(world, phone=None, email="a@x.example", player_name="Zara").verdict == "create"


# Several numbers


TWO = "98480 22338 / 98480 22339"


def further(world: World) -> set[tuple[int, str]]:
    with world.db.read() as session:
        return {(one.lead_id, one.phone_key) for one in session.scalars(select(LeadPhone))}


@pytest.mark.parametrize("source", ["meta", "webhook"])
@pytest.mark.parametrize("other", ["9848022339", "+91 98480 22338", "9848022340, 9848022339"])
def test_any_shared_number_is_a_household(world: World, source: str, other: str) -> None:
    assert place(world, phone=TWO, source=source) == Placed(3, Verdict.CREATE)
    assert further(world) == {(3, "+919848022339")}
    assert place(world, phone=other, player_name="Zara", source=source) == Placed(
        4, Verdict.SIBLING
    )
    assert place(world, phone=other, source=source) == Placed(3, Verdict.JOIN)


def test_the_new_numbers_of_an_enquiry_are_kept_with_the_lead(world: World) -> None:
    place(world, phone="9848022338")
    several = "9848022339 or 9848022338"
    assert place(world, phone=several, source="webhook") == Placed(3, Verdict.JOIN)
    assert further(world) == {(3, "+919848022339")}
    assert lead(world, 3).phone == "9848022338"
    assert lines(world, 3)[-1][1]["phone"] == several
    assert place(world, phone="9848022339") == Placed(3, Verdict.JOIN)
    # It bridges two households, and joins the older lead.
    assert place(world, phone="9848022350") == Placed(4, Verdict.CREATE)
    assert place(world, phone="9848022350, 9848022339") == Placed(3, Verdict.JOIN)
    assert further(world) == {(3, "+919848022339"), (3, "+919848022350")}
    # A number that two leads have is the older one's.
    assert place(world, phone="9848022350") == Placed(3, Verdict.JOIN)


def test_a_lead_with_a_further_number_has_one(world: World) -> None:
    """It is no lead that an email alone could join."""
    place(world, phone=None, email="a@x.example")
    with world.db.write() as session:
        session.add(LeadPhone(lead_id=3, phone_key="+919848022338"))
    assert place(world, phone=None, email="a@x.example") == Placed(4, Verdict.CREATE)
    assert place(world, phone="9848022338") == Placed(3, Verdict.JOIN)


@pytest.mark.parametrize("source", ["meta", "webhook"])
def test_hundreds_may_have_one_number(world: World, source: str) -> None:
    """The lead of the same name is found among them all, and so is another age."""
    with world.db.write() as session:
        for number in range(120):
            session.add(
                Lead(
                    created_time=EPOCH, player_name=f"Child {number % 60}", phone="9848022338",
                    name_key=f"child {number % 60}", phone_key="+919848022338",
                    player_age_category=f"U{number // 60}",
                )
            )  # fmt: skip
        session.flush()
    known = {"phone": "9848022338", "source": source}
    assert place(world, **known, player_name="Child 57") == Placed(60, Verdict.JOIN)
    old = place(world, **known, player_name="Child 57", player_age_category="U1")
    assert old == Placed(120, Verdict.JOIN)
    assert place(world, **known, player_name="Tara") == Placed(123, Verdict.SIBLING)


# Doubts


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"player_age_category": "U9"}, {"player_age_category": "U-13"}),
        ({"birth_date": date(2017, 5, 1)}, {"birth_date": date(2019, 5, 1)}),
    ],
)
@pytest.mark.parametrize("by", [{"phone": "9848022338"}, {"phone": "x", "email": "a@x.example"}])
def test_another_age_is_a_doubt(
    world: World, one: dict[str, Any], other: dict[str, Any], by: dict[str, Any]
) -> None:
    assert place(world, **by, **one) == Placed(3, Verdict.CREATE)
    assert place(world, **by, **other) == Placed(4, Verdict.SIBLING)
    # Each has its own repeat enquiries; what says nothing of the age joins the oldest.
    assert place(world, **by, **other) == Placed(4, Verdict.JOIN)
    assert place(world, **by, **one) == Placed(3, Verdict.JOIN)
    assert place(world, **by) == Placed(3, Verdict.JOIN)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("U9", "under 9"), ("U-9", "u09"), ("6-8 years", "6 to 8 Yrs"), ("U9", None),
        ("U9", "n/a"), ("Age group: U11", "u 11"), ("\u096f", "9"),
    ],
)  # fmt: skip
def test_the_same_age_otherwise_written(world: World, one: str, other: str | None) -> None:
    place(world, phone="9848022338", player_age_category=one)
    placed = place(world, phone="9848022338", player_age_category=other)
    assert placed == Placed(3, Verdict.JOIN)


@pytest.mark.parametrize("by", [{"phone": "9848022338"}, {"phone": "x", "email": "a@x.example"}])
def test_two_of_meta_s_ids_never_join_without_a_name(world: World, by: dict[str, Any]) -> None:
    first = place(world, **by, player_name=None, leadgen_id="71")
    second = place(world, **by, player_name=None, leadgen_id="72")
    assert (first.lead_id, second.lead_id, second.verdict) == (
        3, 4, Verdict.SIBLING if by["phone"] != "x" else Verdict.CREATE
    )  # fmt: skip
    # One that came without an id may be either: it joins the oldest.
    assert place(world, **by, player_name=None) == Placed(3, Verdict.JOIN)
    assert place(world, **by, player_name=None, leadgen_id="72") == Placed(4, Verdict.KNOWN)
    # With a name two ids are two forms about one child.
    assert place(world, **by, leadgen_id="73").lead_id == 5
    assert place(world, **by, leadgen_id="74") == Placed(5, Verdict.JOIN)


def test_an_id_that_joined_a_lead_without_a_name_is_one_of_meta_s_ids(world: World) -> None:
    """Also where only the delivery keeps it, as after an import."""
    place(world, phone="9848022338", player_name=None)
    with world.db.write() as session:
        session.add(
            Delivery(
                source="upload", state="processed", received_at=WHEN, body="", leadgen_id="71",
                lead_id=3,
            )
        )  # fmt: skip
    again = place(world, phone="9848022338", player_name=None, leadgen_id="72")
    assert again == Placed(4, Verdict.SIBLING)


def test_with_nothing_to_compare_by_each_is_a_lead(world: World) -> None:
    for lead_id in (3, 4):
        assert place(world, phone=None, is_test=True) == Placed(lead_id, Verdict.CREATE)


@pytest.mark.parametrize("source", ["meta", "backfill", "upload"])
def test_an_enquiry_of_the_same_time_is_the_same_enquiry(world: World, source: str) -> None:
    """It adds nothing to the history and brings no dead lead back; Meta's id is kept."""
    joined = place(world, source=source)
    with world.db.write() as session:
        session.execute(update(Lead).values(status=Status.DEAD))
    for at, leadgen_id in ((EPOCH, "7"), (WHEN, "8")):
        assert place(world, source=source, created_time=at, leadgen_id=leadgen_id) == joined
    assert [kind for kind, _ in lines(world, 1)] == ["repeat_enquiry"]
    assert (lead(world, 1).status, lead(world, 1).leadgen_id) == (Status.DEAD, "7")


@pytest.mark.parametrize("source", ["webhook", "manual"])
def test_two_requests_are_two_enquiries_whatever_their_time(world: World, source: str) -> None:
    for _ in range(2):
        assert place(world, source=source, created_time=EPOCH) == JOINED
    assert [kind for kind, _ in lines(world, 1)] == ["repeat_enquiry"] * 2


def test_an_answer_is_not_the_time_of_an_enquiry(world: World) -> None:
    later = WHEN + timedelta(days=1)
    place(world, answers={"at": "2026-11-10T06:00:00Z"})
    assert place(world, created_time=later) == JOINED
    assert [data["at"] for _, data in lines(world, 1)] == [
        "2026-11-09T06:00:00Z", "2026-11-10T06:00:00Z"
    ]  # fmt: skip


def test_a_known_id_of_meta_s(world: World) -> None:
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
    # The lead keeps one id; the delivery keeps the second one.
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
        ({"phone": TWO}, {"phone": "98480 22340 / 98480 22339"}, Verdict.JOIN),
        ({"phone": "1", "leadgen_id": "7"}, {"phone": "2", "leadgen_id": "7"}, Verdict.KNOWN),
    ],
)
def test_a_lead_that_comes_at_the_same_moment_waits(
    world: World, first: dict[str, Any], second: dict[str, Any], verdict: Verdict
) -> None:
    """The first isn't committed yet, so nothing would be found."""
    placed, done = threading.Event(), threading.Event()
    found = []

    def meanwhile() -> None:
        placed.wait(PATIENCE)
        found.append(place(world, **second))
        done.set()

    thread = threading.Thread(target=meanwhile)
    thread.start()
    with world.db.write() as session:
        one = adding.add(session, candidate(**first), "IN")
        check_it_waits(world.db, placed.set, done.is_set)
    thread.join(PATIENCE)
    assert found == [Placed(one.lead_id, verdict)]


def test_test_leads_and_real_leads_never_match(world: World) -> None:
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
