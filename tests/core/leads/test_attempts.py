"""Attempts to reach a lead: what each outcome does, and counts that equal the rows."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.calling.opening_hours import OpeningHours
from backend.core.calling.rules import Rules, Standard
from backend.core.errors import AttemptNotFound, Conflict, LeadNotFound, Outdated
from backend.core.leads import (
    adding,
    attempts,
    bulk_edit,
    call_queue,
    changes,
    detail,
    editing,
    lead_state,
    listing,
    matching,
)
from backend.core.reports import figures
from backend.models import Attempt, Lead, LeadEvent, LeadMerge, Outcome, Role, Status
from backend.schemas.attempts import NewAttempt, Recorded
from backend.schemas.call_queue import NextFilter
from backend.schemas.leads import LeadChange, LeadEdit, LeadPageQuery, LeadsChange
from backend.schemas.reports import CountsFilter, ReportFilter
from tests.core.imports.sheets_of import committed, row, undo
from tests.core.leads.merging_of import merge, unmerge
from tests.core.leads.test_no_lead_out_of_sight import MEMBER, PERSON, ZONE, is_later
from tests.world import AHEAD, EPOCH, World

STANDARD = Standard(("1h", "4h", "1d"), ZONE)
RULES = Rules(STANDARD.plan, OpeningHours(ZONE))
OTHER = Person(id=3, email="gachibowli@tofa.example", role=Role.TEAM_MEMBER, centers=(2,))
NO_ANSWERS = ("no_answer", "busy", "switched_off")
CLOSED = (Status.JOINED, Status.DEAD)


def call(
    world: World,
    outcome: str,
    lead_id: int = 1,
    by: Person = MEMBER,
    versions: set[int] | None = None,
    **given: Any,
) -> Recorded:
    wanted = NewAttempt.model_validate({"outcome": outcome, **given})
    with world.db.write() as session:
        return attempts.record(session, by, lead_id, wanted, STANDARD, versions)


def take_back(world: World, recorded: Recorded, by: Person = MEMBER, lead_id: int = 1) -> Lead:
    with world.db.write() as session:
        attempts.undo(session, by, lead_id, recorded["id"])
    return lead_of(world, lead_id)


def lead_of(world: World, lead_id: int = 1) -> Lead:
    with world.db.read() as session:
        return session.get_one(Lead, lead_id)


def edit(world: World, lead_id: int = 1, **given: Any) -> Lead:
    with world.db.write() as session:
        wanted = LeadEdit.model_validate(given)
        editing.edit(session, PERSON, lead_id, wanted, ZONE, "IN")
    return lead_of(world, lead_id)


def test_tries_follow_the_plan_until_nobody_tries_again(world: World) -> None:
    for number, outcome in enumerate((*NO_ANSWERS, "no_answer"), 1):
        before = times.now()
        lead = call(world, outcome, seconds=8)["lead"]
        assert (lead["attempts"], lead["unanswered"]) == (number, number)
        assert (lead["last_outcome"], lead["status"]) == (outcome, "Called")
        planned = RULES.next_try(number, before)
        is_due = lead["next_followup_date"] is not None
        assert is_due == (planned is not None) == (lead["unreachable_since"] is None)
    # Nobody is sent there again, and it is on no list but its own.
    with world.db.read() as session:
        queue = call_queue.show(session, MEMBER, NextFilter(), ZONE)
        assert queue["leads"] == []
        shown = attempts.show(session, MEMBER, 1, STANDARD)
        assert [one["outcome"] for one in shown["calls"]] == ["no_answer", *reversed(NO_ANSWERS)]
        assert {(one["who"], one["seconds"]) for one in shown["calls"]} == {("Tellapur", 8)}
        assert shown["next_try"] is None
        lines = session.exec(select(LeadEvent).where(LeadEvent.kind == "call")).all()
        assert len(lines) == 4
    # Trying once more doesn't change that; speaking does.
    assert call(world, "busy")["lead"]["unreachable_since"] is not None
    lead = call(world, "spoke")["lead"]
    assert (lead["unreachable_since"], lead["unanswered"], lead["attempts"]) == (None, 0, 6)


@pytest.mark.parametrize("way", ["enquiry", "sheet", "next call", "phone", "status", "old client"])
def test_how_a_lead_stops_being_unreachable(world: World, way: str) -> None:
    for _ in range(4):
        call(world, "no_answer")
    assert lead_of(world).unreachable_since is not None
    import_id = 0
    with world.db.write() as session:
        if way == "enquiry":
            candidate = matching.Candidate(
                created_time=times.now(), center_id=1, source="meta",
                player_name="Zoë Khan", phone="+919848000001",
            )  # fmt: skip
            assert adding.add(session, candidate, "IN").lead_id == 1
        elif way == "old client":
            changes.update(session, MEMBER, 1, LeadChange(status="New"), ZONE)
    if way == "sheet":
        at = (EPOCH + timedelta(days=9)).isoformat()
        import_id = committed(world, row("Zoë Khan", "9848000001", at=at))
    elif way == "next call":
        edit(world, next_followup_date=AHEAD)
    elif way == "phone":
        edit(world, phone="9848055555")
    elif way == "status":
        edit(world, status="Trial Scheduled")
    assert lead_of(world).unreachable_since is None
    if way in ("enquiry", "sheet"):
        with world.db.read() as session:
            queue = call_queue.show(session, MEMBER, NextFilter(), ZONE)
            assert [one["why"] for one in queue["leads"]] == ["due"]
    if way == "sheet":
        undo(world, import_id)
        restored = lead_of(world)
        assert (restored.unreachable_since is None, restored.next_followup_date) == (False, None)
        return
    # The plan begins again.
    lead = call(world, "no_answer")["lead"]
    assert (lead["unanswered"], lead["unreachable_since"]) == (1, None)


def test_one_save_has_all_that_was_said(world: World) -> None:
    lead = call(
        world, "spoke", status="Trial Scheduled", trial_at="2026-12-05T16:30", comment="Keen",
        seconds=95,
    )["lead"]  # fmt: skip
    assert (lead["status"], lead["next_followup_date"]) == ("Trial Scheduled", None)
    with world.db.read() as session:
        (attempt,) = session.exec(select(Attempt))
        assert (attempt.seconds, attempt.comment_id, attempt.user_id) == (95, 1, 2)
    # Who asks to be called back is, also if nobody says when.
    lead = call(world, "call_back")["lead"]
    assert (lead["next_followup_date"] is not None, lead["unanswered"]) == (True, 0)
    # An old date is settled by a conversation, and one ahead stays.
    with world.db.write() as session:
        session.get_one(Lead, 1).next_followup_date = EPOCH
    assert call(world, "spoke")["lead"]["next_followup_date"] is None
    ahead = edit(world, next_followup_date=AHEAD).next_followup_date
    call(world, "spoke")
    call(world, "whatsapp")
    assert lead_of(world).next_followup_date == ahead
    # A date that is given counts, however the call went; a closed lead has none.
    assert call(world, "busy", next_followup_date=None)["lead"]["next_followup_date"] is None
    assert call(world, "busy", status="Joined")["lead"]["next_followup_date"] is None


def test_a_message_is_no_call(world: World) -> None:
    lead = call(world, "whatsapp")["lead"]
    assert (lead["status"], lead["called_at"], lead["unanswered"]) == ("New", None, 0)
    assert (lead["attempts"], lead["next_followup_date"] is None) == (1, False)


def test_an_old_client_s_put_makes_up_no_call(world: World) -> None:
    with world.db.write() as session:
        changes.update(session, MEMBER, 1, LeadChange(status="Called", comment="Hi"), ZONE)
    assert (lead_of(world).attempts, lead_of(world).called_at is None) == (0, False)


def test_a_wrong_number_marks_the_phone(world: World) -> None:
    lead = call(world, "wrong_number")["lead"]
    assert lead["wrong_phone"] == lead["phone_e164"]
    assert lead["unreachable_since"] is not None
    # Where there is another number, that one is tried.
    edit(world, 2, phone="9848011111 / 9848022222")
    lead = call(world, "wrong_number", 2, OTHER)["lead"]
    assert (lead["next_followup_date"] is None, lead["unreachable_since"]) == (False, None)
    edited = edit(world, phone="9848033333")
    assert edited.wrong_phone != edited.phone_key


def test_who_must_not_be_contacted_is_not_planned(world: World) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).do_not_contact = True
    lead = call(world, "no_answer")["lead"]
    assert (lead["next_followup_date"], lead["unreachable_since"]) == (None, None)
    with world.db.read() as session:
        assert attempts.show(session, MEMBER, 1, STANDARD)["next_try"] is None


def test_a_request_that_is_sent_twice_counts_once(world: World) -> None:
    seen = {version_of(world)}
    first = call(world, "busy", client_key="a-key-of-mine", versions=seen, comment="Hm")
    # Its version is outdated by then, and that doesn't matter.
    again = call(world, "busy", client_key="a-key-of-mine", versions=seen, comment="Hm")
    assert again["id"] == first["id"]
    assert lead_of(world).attempts == 1
    call(world, "busy", 2, PERSON, client_key="a-key-of-mine")
    with pytest.raises(Conflict):
        call(world, "busy", 1, PERSON, client_key="a-key-of-mine")
    with pytest.raises(Outdated):
        call(world, "busy", versions=seen)
    with pytest.raises(LeadNotFound):
        call(world, "busy", 2)
    # One that was undone isn't recorded again by a late retry.
    take_back(world, first)
    call(world, "busy", client_key="a-key-of-mine", versions=seen)
    assert lead_of(world).attempts == 0


def version_of(world: World) -> int:
    with world.db.read() as session:
        return detail.version(session, 1)


def test_undo_takes_back_the_call_and_what_it_changed(world: World) -> None:
    before = lead_state.state(lead_of(world))
    recorded = call(world, "no_answer", comment="Nobody")
    lead = take_back(world, recorded)
    assert lead_state.state(lead) == before
    assert (lead.attempts, lead.last_outcome, lead.last_attempt_at) == (0, None, None)
    with pytest.raises(Conflict):
        take_back(world, recorded)
    # What was changed since stays; only the call is taken back.
    recorded = call(world, "spoke")
    edit(world, status="Joined")
    lead = take_back(world, recorded, PERSON)
    assert (lead.status, lead.attempts) == ("Joined", 0)
    # A colleague can't.
    recorded = call(world, "spoke", by=PERSON)
    with pytest.raises(AttemptNotFound):
        take_back(world, recorded)
    with world.db.write() as session:
        changed = LeadsChange(ids=[1], status="Called")
        change_id = bulk_edit.change(session, PERSON, changed, ZONE)["id"]
    assert change_id is not None
    with world.db.write() as session:
        bulk_edit.undo(session, world.settings, PERSON, change_id)
    assert (lead_of(world).status, lead_of(world).attempts) == ("Joined", 1)


def test_lists_counts_and_reports(world: World) -> None:
    for outcome in (*NO_ANSWERS, "no_answer"):
        call(world, outcome)
    call(world, "spoke", 2, OTHER)
    call(world, "whatsapp", 2, PERSON)
    undone = call(world, "spoke", 2, OTHER)
    take_back(world, undone, OTHER, 2)

    def ids(sort: str = "created", person: Person = PERSON, **asked: str) -> list[int]:
        query = LeadPageQuery.model_validate(asked | {"sort": sort})
        with world.db.read() as session:
            return [one["id"] for one in listing.page(session, person, query, ZONE)["leads"]]

    assert ids(unreachable="yes") == ids(attempts="3") == [1]
    assert ids(unreachable="no") == ids(attempts="2") == [2]
    assert ids(last_call="today") == ids(sort="last_call") == [1, 2]
    assert ids(sort="-last_call") == [2, 1]
    assert ids(last_call="earlier") == ids(last_call="none") == ids(attempts="0") == []
    assert ids(unreachable="yes", person=OTHER) == []
    day = times.now().astimezone(ZONE).date().isoformat()
    with world.db.read() as session:
        assert figures.count(session, PERSON, CountsFilter())["unreachable"] == 1
        assert figures.count(session, OTHER, CountsFilter())["unreachable"] == 0
        report = figures.show(session, PERSON, ReportFilter(), ZONE)["calls"]
        own = figures.show(session, OTHER, ReportFilter(), ZONE)["calls"]
    assert (report["attempts"], report["conversations"]) == (6, 1)
    assert report["days"] == [{"day": day, "attempts": 6, "conversations": 1}]
    assert [(one["center_id"], one["attempts"]) for one in report["centers"]] == [(1, 4), (2, 2)]
    people = {one["full_name"]: one["attempts"] for one in report["people"]}
    assert people == {"Tellapur": 4, "Gachibowli": 1, "Admin": 1}
    assert (own["attempts"], own["conversations"]) == (2, 1)


class Machine(RuleBasedStateMachine):
    """Calls, changes, merges, and the undoing of each, of three leads of one center."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.recorded: list[tuple[int, Recorded]] = []
        self.merges: list[int] = []
        with world.db.write() as session:
            for table in (LeadMerge, Attempt, LeadEvent, Lead):
                session.connection().execute(delete(table))
            session.add_all(
                Lead(id=id, created_time=EPOCH, center_id=1, player_name=f"Child {id}")
                for id in (1, 2, 3)
            )

    def live(self) -> list[int]:
        with self.world.db.read() as session:
            return [id for id in session.exec(select(Lead.id).order_by(col(Lead.id))) if id]

    @rule(
        data=st.data(),
        outcome=st.sampled_from([*Outcome, *NO_ANSWERS * 2]),
        given=st.sampled_from(
            [
                *({},) * 4, {"status": "Joined"}, {"status": "Dead/Not Interested"},
                {"next_followup_date": AHEAD}, {"next_followup_date": None},
                {"status": "Trial Scheduled", "trial_at": AHEAD},
            ]
        ),
    )  # fmt: skip
    def call(self, data: st.DataObject, outcome: str, given: dict[str, Any]) -> None:
        lead_id = data.draw(st.sampled_from(self.live()))
        self.recorded.append((lead_id, call(self.world, outcome, lead_id, **given)))

    @precondition(lambda self: self.recorded)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        lead_id, recorded = data.draw(st.sampled_from(self.recorded))
        self.recorded.remove((lead_id, recorded))
        with self.world.db.read() as session:
            lead_id = session.get_one(Attempt, recorded["id"]).lead_id
        take_back(self.world, recorded, lead_id=lead_id)

    @rule(
        data=st.data(),
        given=st.sampled_from(
            [*({"status": status} for status in Status), {"next_followup_date": None},
             {"next_followup_date": AHEAD}, {"trial_at": None}]
        ),
    )  # fmt: skip
    def change(self, data: st.DataObject, given: dict[str, Any]) -> None:
        edit(self.world, data.draw(st.sampled_from(self.live())), **given)

    @precondition(lambda self: len(self.live()) > 1)
    @rule(data=st.data())
    def merge_two(self, data: st.DataObject) -> None:
        this, other = data.draw(st.permutations(self.live()))[:2]
        self.merges.append(merge(self.world, this, other))

    @precondition(lambda self: self.merges)
    @rule()
    def undo_the_last_merge(self) -> None:
        unmerge(self.world, self.merges.pop())

    @invariant()
    def counts_equal_the_rows_and_nobody_is_forgotten(self) -> None:
        now = times.now()
        with self.world.db.read() as session:
            told = call_queue.show(session, PERSON, NextFilter(limit=100), ZONE)
            queued = {lead["id"] for lead in told["leads"]}
            rows = session.exec(select(Attempt).where(col(Attempt.undone_at).is_(None))).all()
            leads = session.exec(select(Lead)).all()
            assert {one.lead_id for one in rows} <= {lead.id for lead in leads}
            for lead in leads:
                self.check(lead, [one for one in rows if one.lead_id == lead.id])
                is_unreachable = lead.unreachable_since is not None
                ways = (lead.id in queued, is_unreachable, is_later(lead, now))
                assert any(ways) if lead.status not in CLOSED else not any(ways[:2]), ways

    def check(self, lead: Lead, own: list[Attempt]) -> None:
        own.sort(key=lambda one: (one.at, one.id))
        last = own[-1] if own else None
        assert lead.attempts == len(own)
        assert (lead.last_attempt_at, lead.last_outcome) == (
            (last.at, last.outcome) if last else (None, None)
        )
        tries = 0
        for one in reversed(own):
            is_old = lead.tries_since is not None and one.at < lead.tries_since
            if one.outcome in ("spoke", "call_back") or is_old:
                break
            tries += one.outcome != "whatsapp"
        assert lead.unanswered == tries


@pytest.mark.slow
def test_counts_equal_the_rows_whatever_happens(world: World) -> None:
    class OfTheWorld(Machine):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(
        OfTheWorld,
        settings=settings(
            max_examples=5, stateful_step_count=15, deadline=None, phases=[Phase.generate]
        ),
    )
