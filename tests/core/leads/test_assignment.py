"""New leads go to people by rule: those who are there, in turn, whichever way the leads come in."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update
from sqlmodel import col

from backend.core import times
from backend.core.access import Person
from backend.core.calling.rules import Standard
from backend.core.imports import upload
from backend.core.intake import placing, webhook, webhook_access
from backend.core.leads import assignment, assignment_rules, bulk_edit, waiting_leads
from backend.core.leads.assignment import Arrival
from backend.core.rate_limits import Throttle
from backend.models import (
    AssignmentShare,
    CallingRules,
    Delivery,
    EventKind,
    Lead,
    LeadEvent,
    Leave,
    Presence,
    Role,
    Status,
    User,
    UserCenterLink,
    WaitingLead,
)
from backend.schemas.assignment import NewRule, RuleChange
from backend.schemas.intake import Placement
from backend.schemas.leads import LeadsChange
from tests import runs
from tests.core.intake.arrivals import work_off
from tests.core.leads.test_every_way_in import Enquiry, Ways, host
from tests.graph_host import GraphHost
from tests.world import EPOCH, GACHIBOWLI, LEAD, TELLAPUR, World

__all__ = ["host"]

ZONE = ZoneInfo("Asia/Kolkata")
STANDARD = Standard(("1h",), ZONE)
LEADER = Person(1, LEAD, "team_lead")
ALWAYS = [[["00:00", "23:59"]]] * 7
# A Monday at noon, by the academy's clocks.
NOON = datetime(2026, 11, 30, 12, 0, tzinfo=ZONE).astimezone(UTC)
TEAM_LEAD, MEMBER, OTHER = 1, 2, 3
# More members of Tellapur.
ASHA, RAVI = 11, 12


@pytest.fixture
def staffed(world: World) -> World:
    """The academy with three members at Tellapur, and always open."""
    with world.db.write() as session:
        session.add(CallingRules(place=0, week=ALWAYS))
        for id, name in ((ASHA, "Asha"), (RAVI, "Ravi")):
            session.add(
                User(
                    id=id, email=f"{id}@x.example", email_key=f"{id}@x.example",
                    hashed_password="", full_name=name, role=Role.TEAM_MEMBER,
                )
            )  # fmt: skip
            session.flush()
            session.add(UserCenterLink(user_id=id, center_id=TELLAPUR))
    return world


def add_rule(world: World, *people: int, **given: Any) -> int:
    shares = [{"user_id": id} for id in people] or given.pop("shares")
    new = NewRule.model_validate({"center_id": TELLAPUR, "shares": shares, **given})
    with world.db.write() as session:
        return assignment_rules.add(session, LEADER, new)


def arrive(
    world: World, many: int = 1, at: datetime = NOON, center_id: int = TELLAPUR, **said: Any
) -> list[int | None]:
    """Let leads come in, and return whose they are."""
    with world.db.write() as session:
        leads = [Lead(created_time=at, center_id=center_id) for _ in range(many)]
        session.add_all(leads)
        session.flush()
        arrivals = [Arrival(one.id or 0, center_id, **said) for one in leads]
        session.expunge_all()
        assignment.assign(session, arrivals, STANDARD, at)
    owned = owners(world)
    return [owned[one.lead_id] for one in arrivals]


def owners(world: World) -> dict[int, int | None]:
    with world.db.read() as session:
        return {
            id: owner_id
            for id, owner_id in session.execute(
                select(col(Lead.id), col(Lead.owner_id)).order_by(col(Lead.id))
            )
            if id is not None
        }


def lines(world: World) -> list[dict[str, Any]]:
    with world.db.read() as session:
        found = session.scalars(
            select(LeadEvent)
            .where(col(LeadEvent.kind) == EventKind.ASSIGNED)
            .order_by(col(LeadEvent.id))
        )
        return [
            {"lead_id": one.lead_id, "by": one.user_id, **orjson.loads(one.data)} for one in found
        ]


def waiting(world: World) -> list[int]:
    with world.db.read() as session:
        return list(session.scalars(select(col(WaitingLead.lead_id))))


def set_away(world: World, user_id: int, *, away: bool = True) -> None:
    with world.db.write() as session:
        session.execute(delete(Presence).where(col(Presence.user_id) == user_id))
        session.add(Presence(user_id=user_id, away_since=EPOCH if away else None))


def test_without_rules_leads_are_in_the_queue(staffed: World) -> None:
    assert arrive(staffed, 2) == [None, None]
    assert (lines(staffed), waiting(staffed)) == ([], [])


def test_people_take_turns_by_weight(staffed: World) -> None:
    shares = [{"user_id": ASHA, "weight": 2}, {"user_id": RAVI}]
    rule_id = add_rule(staffed, shares=shares)
    assert arrive(staffed, 6) == [ASHA, RAVI, ASHA, ASHA, RAVI, ASHA]
    first = lines(staffed)[0]
    assert first | {"lead_id": 0} == {
        "lead_id": 0, "by": None, "from": None, "to": "Asha", "owner_id": ASHA, "rule_id": rule_id,
    }  # fmt: skip
    # People who stay keep their turn when a rule is changed.
    with staffed.db.write() as session:
        change = RuleChange.model_validate({"shares": [*shares, {"user_id": MEMBER}]})
        assignment_rules.change(session, LEADER, rule_id, change)
    assert Counter(arrive(staffed, 8)) == {ASHA: 4, RAVI: 2, MEMBER: 2}


def test_the_first_rule_that_is_met_counts(staffed: World) -> None:
    add_rule(staffed, MEMBER, center_id=None)
    add_rule(
        staffed, ASHA,
        conditions={"platforms": ["ig"], "age_categories": ["under 9"], "sources": ["manual"]},
    )  # fmt: skip
    add_rule(staffed, RAVI, conditions={"campaigns": ["Winter Camp"]})
    add_rule(
        staffed, TEAM_LEAD,
        conditions={"question": "Preferred language", "answers": ["Telugu", "Hindi"]},
    )  # fmt: skip
    of_ig: dict[str, Any] = {"source": "meta", "platform": "ig"}
    assert arrive(staffed, age="U-9", **of_ig) == [ASHA]
    assert arrive(staffed, age="U-11", **of_ig) == [MEMBER]
    assert arrive(staffed, age="U9", source="meta", platform="fb") == [MEMBER]
    assert arrive(staffed, age="U9", source="manual") == [ASHA]
    assert arrive(staffed, campaign="winter camp", **of_ig) == [RAVI]
    assert arrive(staffed, answers={"preferred_language?": "telugu"}) == [TEAM_LEAD]
    assert arrive(staffed, answers={"preferred_language?": "English"}) == [MEMBER]
    # The member of Tellapur may own nothing at Gachibowli: by the rule for all, nobody can.
    assert arrive(staffed, center_id=GACHIBOWLI) == [None]


def test_nobody_who_is_not_there_gets_anything(staffed: World) -> None:
    add_rule(staffed, ASHA, RAVI)
    set_away(staffed, ASHA)
    assert arrive(staffed, 2) == [RAVI, RAVI]
    with staffed.db.write() as session:
        day = date(2026, 11, 30)
        session.add(Leave(user_id=RAVI, first_day=day, last_day=day))
    assert arrive(staffed, 2) == [None, None]
    assert len(waiting(staffed)) == 2
    assert arrive(staffed, at=NOON + timedelta(days=1)) == [RAVI]


def test_a_cap_is_for_a_day_of_the_academy(staffed: World) -> None:
    add_rule(staffed, shares=[{"user_id": ASHA, "cap": 2}, {"user_id": RAVI, "cap": 1}])
    assert arrive(staffed, 4) == [ASHA, RAVI, ASHA, None]
    # Midnight in India is 18:30 in UTC.
    midnight = datetime(2026, 11, 30, 18, 30, tzinfo=UTC)
    assert arrive(staffed, at=midnight - timedelta(minutes=5)) == [None]
    assert Counter(arrive(staffed, 4, at=midnight)) == {ASHA: 2, RAVI: 1, None: 1}


def test_leads_that_wait_are_given_out_later(
    staffed: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(times, "now", lambda: NOON)
    old = arrive(staffed)
    rule_id = add_rule(staffed, ASHA, RAVI)
    set_away(staffed, ASHA)
    set_away(staffed, RAVI)
    ids = [*owners(staffed)][-1:]
    arrive(staffed, 5)
    ids = sorted(set(owners(staffed)) - {*ids, 1, 2})
    assert waiting_leads.give_out(staffed.db, STANDARD) == 0
    set_away(staffed, RAVI, away=False)
    with staffed.db.write() as session:
        # Someone has taken one, has called one, and one has moved.
        session.execute(update(Lead).where(col(Lead.id) == ids[0]).values(owner_id=MEMBER))
        session.execute(update(Lead).where(col(Lead.id) == ids[1]).values(attempts=1))
        session.execute(update(Lead).where(col(Lead.id) == ids[2]).values(center_id=GACHIBOWLI))
    assert waiting_leads.give_out(staffed.db, STANDARD) == 5
    assert [owners(staffed)[id] for id in ids] == [MEMBER, None, None, RAVI, RAVI]
    assert (old, waiting(staffed)) == ([None], [])
    assert {one["rule_id"] for one in lines(staffed)} == {rule_id}
    # What someone puts in the queue stays there.
    with staffed.db.write() as session:
        session.execute(update(Lead).values(owner_id=None))
    assert waiting_leads.give_out(staffed.db, STANDARD) == 0


def test_a_rule_that_is_removed_or_not_used_gives_nothing(staffed: World) -> None:
    rule_id = add_rule(staffed, ASHA)
    set_away(staffed, ASHA)
    arrive(staffed, 2)
    with staffed.db.write() as session:
        change = RuleChange.model_validate({"active": False})
        assignment_rules.change(session, LEADER, rule_id, change)
    set_away(staffed, ASHA, away=False)
    assert waiting(staffed) == []
    assert arrive(staffed) == [None]
    with staffed.db.write() as session:
        change = RuleChange.model_validate({"active": True})
        assignment_rules.change(session, LEADER, rule_id, change)
    assert arrive(staffed) == [ASHA]
    with staffed.db.write() as session:
        assignment_rules.remove(session, rule_id, STANDARD)
    assert arrive(staffed) == [None]


WAYS = Ways.named()


@pytest.mark.parametrize("way", WAYS)
def test_every_way_in_assigns(staffed: World, host: GraphHost, way: str) -> None:
    add_rule(staffed, ASHA, RAVI)
    many = [
        Enquiry(f"Child {number}", f"98480 1000{number}", None, NOON, str(10**15 + number))
        for number in range(4)
    ]
    WAYS[way](Ways(staffed, host), many)
    got = {id: owner for id, owner in owners(staffed).items() if id > 2}
    assert Counter(got.values()) == {ASHA: 2, RAVI: 2}
    assert [(one["lead_id"], one["owner_id"], one["by"]) for one in lines(staffed)] == [
        (id, owner, None) for id, owner in sorted(got.items(), key=lambda one: one[0])
    ] or way in ("import", "export of Meta's", "upload", "upload without times")
    # The same enquiries once more: each lead keeps its owner.
    again = [
        replace(one, at=NOON + timedelta(hours=1), leadgen_id=f"2{one.leadgen_id}") for one in many
    ]
    WAYS[way](Ways(staffed, host), again)
    assert {id: owner for id, owner in owners(staffed).items() if id > 2} == got


@pytest.mark.parametrize("way", WAYS)
def test_a_lost_lead_that_asks_again_goes_to_someone_who_is_there(
    staffed: World, host: GraphHost, way: str
) -> None:
    add_rule(staffed, ASHA, RAVI)
    one = Enquiry("Zoë Khan", "9848000001", None, NOON, "1", age="U9")
    for owner, away, expected in ((RAVI, False, RAVI), (RAVI, True, ASHA), (None, True, ASHA)):
        set_away(staffed, RAVI, away=away)
        with staffed.db.write() as session:
            lost = {"status": Status.DEAD, "owner_id": owner, "leadgen_id": None}
            session.execute(update(Lead).where(col(Lead.id) == 1).values(**lost))
        one = replace(one, at=one.at + timedelta(hours=1), leadgen_id=f"{one.leadgen_id}1")
        WAYS[way](Ways(staffed, host), [one])
        assert owners(staffed) == {1: expected, 2: None}


def test_test_leads_are_nobodys(staffed: World, host: GraphHost) -> None:
    add_rule(staffed, ASHA)
    one = Enquiry("<test lead: dummy data for full_name>", "9848010001", None, NOON, "7")
    Ways(staffed, host).meta([one])
    assert owners(staffed) == {1: None, 2: None, 3: None}
    assert waiting(staffed) == []


def test_the_owner_in_a_spreadsheet_comes_first(staffed: World) -> None:
    add_rule(staffed, ASHA)
    sheet = (
        "phone,player_name,lead owner,status,nearest_tofa\n"
        "9848010001,One,Ravi,,TOFA Tellapur\n"
        "9848010002,Two,,,TOFA Tellapur\n"
        "9848010003,Three,,Joined,TOFA Tellapur\n"
    )
    answer = upload.upload(staffed.db, staffed.settings, LEADER, "leads.csv", sheet.encode())
    assert answer["status"] == "success"
    assert owners(staffed) == {1: None, 2: None, 3: RAVI, 4: ASHA, 5: None}


@pytest.mark.slow
def test_turns_at_the_same_time(staffed: World) -> None:
    """Several connections at once: nobody is ahead of another, and no lead is given twice."""
    add_rule(staffed, ASHA, RAVI, MEMBER)

    def some(number: int) -> None:
        for _ in range(6):
            arrive(staffed, 1 + number % 2)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(some, range(4)))
    counts = Counter(owner for id, owner in owners(staffed).items() if id > 2)
    assert counts == {ASHA: 12, RAVI: 12, MEMBER: 12}
    assert Counter(one["lead_id"] for one in lines(staffed)).most_common(1)[0][1] == 1


MANY = 1000
PEOPLE = (ASHA, RAVI, MEMBER, OTHER, TEAM_LEAD)
happenings = st.one_of(
    st.tuples(st.just("arrive"), st.integers(1, 4), st.sampled_from([TELLAPUR, GACHIBOWLI])),
    st.tuples(st.just("away"), st.sampled_from(PEOPLE), st.booleans()),
    st.tuples(st.just("leave"), st.sampled_from(PEOPLE), st.just(0)),
    st.tuples(st.just("disable"), st.sampled_from(PEOPLE[:4]), st.booleans()),
    st.tuples(st.just("tomorrow"), st.just(0), st.just(0)),
)


@pytest.mark.slow
def test_people_come_and_go(staffed: World, database: str) -> None:
    """By any rule, whatever happens: nobody gets a lead who isn't there, or more than their cap."""

    @settings(max_examples=runs.on(database, 25), deadline=None)
    @given(
        caps=st.lists(st.none() | st.integers(1, 3), min_size=5, max_size=5),
        for_all=st.booleans(),
        happened=st.lists(happenings, max_size=14),
    )
    def check(caps: list[int | None], for_all: bool, happened: list[Any]) -> None:
        begin_again(staffed)
        members = PEOPLE if for_all else (ASHA, RAVI, MEMBER, TEAM_LEAD)
        cap_of = dict(zip(PEOPLE, caps, strict=True))
        shares = [{"user_id": id, "cap": cap_of[id]} for id in members]
        add_rule(staffed, center_id=None if for_all else TELLAPUR, shares=shares)
        at = NOON
        gone: dict[str, set[int]] = {"away": set(), "leave": set(), "disable": set()}
        today: Counter[int | None] = Counter()
        for what, one, more in happened:
            if what == "arrive":
                ruled = for_all or more == TELLAPUR
                of_center = {OTHER, TEAM_LEAD} if more == GACHIBOWLI else {*PEOPLE} - {OTHER}
                able = of_center.intersection(members) - set().union(*gone.values())
                for owner in arrive(staffed, one, at, more):
                    free = {id for id in able if today[id] < (cap_of[id] or MANY)}
                    assert (owner in free) if ruled and free else owner is None
                    today[owner] += 1
            elif what == "tomorrow":
                at += timedelta(days=1)
                today.clear()
                gone["leave"].clear()
            else:
                is_gone = what == "leave" or bool(more)
                (gone[what].add if is_gone else gone[what].discard)(one)
                change(staffed, what, one, at, is_gone=is_gone)

    check()


def change(world: World, what: str, user_id: int, at: datetime, *, is_gone: bool) -> None:
    if what == "away":
        set_away(world, user_id, away=is_gone)
        return
    with world.db.write() as session:
        if what == "disable":
            session.get_one(User, user_id).disabled = is_gone
        else:
            day = at.astimezone(ZONE).date()
            session.add(Leave(user_id=user_id, first_day=day, last_day=day))


def begin_again(world: World) -> None:
    with world.db.write() as session:
        for table in (WaitingLead, AssignmentShare, Presence, Leave):
            session.execute(delete(table))
        session.connection().exec_driver_sql("DELETE FROM assignmentrule")
        session.execute(update(User).where(col(User.id).in_(PEOPLE)).values(disabled=False))


@pytest.mark.parametrize("center", [TELLAPUR, None])
@pytest.mark.parametrize("how", ["disabled", "observer", "no center"])
def test_people_who_come_back_do_not_get_what_they_have_missed(
    staffed: World, how: str, center: int | None
) -> None:
    add_rule(staffed, MEMBER, ASHA, center_id=center)
    arrive(staffed, 2)

    def be(*, gone: bool) -> None:
        with staffed.db.write() as session:
            member = session.get_one(User, MEMBER)
            if how == "disabled":
                member.disabled = gone
            elif how == "observer":
                member.role = Role.OBSERVER if gone else Role.TEAM_MEMBER
            elif gone:
                session.delete(session.get_one(UserCenterLink, (MEMBER, TELLAPUR)))
            else:
                session.add(UserCenterLink(user_id=MEMBER, center_id=TELLAPUR))

    be(gone=True)
    assert arrive(staffed, 6) == [ASHA] * 6
    be(gone=False)
    assert Counter(arrive(staffed, 4)) == {MEMBER: 2, ASHA: 2}


def test_a_delivery_that_is_placed_by_hand_is_assigned(staffed: World) -> None:
    add_rule(staffed, ASHA)
    settings = staffed.settings
    said = orjson.dumps({"phone_number": "9848010001", "full_name": "One"})
    token = webhook_access.token(settings)
    posted = webhook.Posted(said, {}, token, "192.0.2.1")
    webhook.receive(staffed.db, settings, Throttle(staffed.db), posted)
    with staffed.db.write() as session:
        (waits,) = session.scalars(select(col(Delivery.id))).all()
        assert waits is not None
        wanted = Placement(center_id=TELLAPUR)
        assert placing.place(session, waits, wanted) == 1
    work_off(staffed.db, settings)
    assert owners(staffed) == {1: None, 2: None, 3: ASHA}


@pytest.mark.parametrize("kind", ["used", "not used", "removed"])
def test_a_deleted_lead_waits_again_once_it_is_restored(staffed: World, kind: str) -> None:
    """While its rule is used; otherwise it's in its center's queue, as it was."""
    rule = add_rule(staffed, ASHA)
    set_away(staffed, ASHA)
    assert arrive(staffed) == [None]
    (lead_id,) = waiting(staffed)
    with staffed.db.write() as session:
        wanted = LeadsChange(ids=[lead_id, TELLAPUR], delete=True)
        deletion = bulk_edit.change(session, LEADER, wanted, ZONE)
    assert waiting(staffed) == []
    with staffed.db.write() as session:
        if kind == "not used":
            assignment_rules.change(session, LEADER, rule, RuleChange(active=False))
        if kind == "removed":
            assignment_rules.remove(session, rule, STANDARD)
    set_away(staffed, ASHA, away=False)
    with staffed.db.write() as session:
        restored = bulk_edit.undo(session, staffed.settings, LEADER, deletion["id"] or 0)
    assert restored["restored"] == 2
    # One that was in the queue, and not waiting for anybody, stays there.
    assert waiting(staffed) == ([lead_id] if kind == "used" else [])
    waiting_leads.give_out(staffed.db, STANDARD)
    assert owners(staffed)[lead_id] == (ASHA if kind == "used" else None)
    assert owners(staffed)[TELLAPUR] is None
