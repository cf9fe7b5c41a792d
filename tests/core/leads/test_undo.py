"""What people do to leads is undone: in the reverse order nothing of it is left, and no work of
another person is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.errors import ChangeNotFound, Conflict
from backend.core.leads import (
    attempts,
    bulk_edit,
    changes,
    edit_records,
    edit_undo,
    editing,
    recent_actions,
)
from backend.core.reports import figures
from backend.models import (
    Attempt,
    Center,
    Comment,
    Lead,
    LeadEvent,
    LeadPhone,
    Outcome,
    RecentEdit,
    Role,
    Status,
    User,
    UserCenterLink,
)
from backend.schemas.actions import ActionsQuery, EditedLead
from backend.schemas.attempts import NewAttempt
from backend.schemas.leads import LeadChange, LeadEdit, LeadsChange
from backend.schemas.reports import CountsFilter, ReportFilter
from tests.core.leads.merging_of import merge, unmerge
from tests.core.leads.test_attempts import NO_ANSWERS, STANDARD
from tests.core.leads.test_no_lead_out_of_sight import MEMBER, PERSON, ZONE
from tests.dump import dump
from tests.world import AHEAD, World

# How the index of searches is doing, and what the background jobs have to sum again.
ASIDE = ("search_indexed",)


def edit(world: World, by: Person = MEMBER, lead_id: int = 1, **given: Any) -> EditedLead:
    with world.db.write() as session:
        wanted = LeadEdit.model_validate(given)
        return editing.edit(session, by, lead_id, wanted, ZONE, "IN")


def undo(world: World, edit_id: int | None, by: Person = MEMBER, lead_id: int = 1) -> None:
    assert edit_id is not None
    with world.db.write() as session:
        edit_undo.undo(session, by, lead_id, edit_id)


def state_of(world: World) -> dict[str, Any]:
    """Return the leads with their numbers, and what reports say of them."""
    with world.db.read() as session:
        leads = [
            {name: value for name, value in lead.model_dump().items() if name not in ASIDE}
            for lead in session.scalars(select(Lead).order_by(col(Lead.id)))
        ]
        query = select(LeadPhone).order_by(col(LeadPhone.lead_id), col(LeadPhone.phone_key))
        numbers = [one.model_dump() for one in session.scalars(query)]
        report = figures.show(session, PERSON, ReportFilter(), ZONE)
        counts = figures.count(session, PERSON, CountsFilter())
    return {"leads": leads, "numbers": numbers, "report": report, "counts": counts}


def actions(world: World, by: Person = MEMBER, **query: Any) -> list[Any]:
    with world.db.read() as session:
        wanted = ActionsQuery.model_validate(query)
        return [dict(one) for one in recent_actions.show(session, by, wanted)["actions"]]


def test_an_edit_is_undone(world: World) -> None:
    before = state_of(world)
    given: dict[str, Any] = {
        "player_name": "Zoe K", "phone": "9848055555 / 9848066666", "email": "z@b.example",
        "birth_date": "2017-02-03", "status": "Dead/Not Interested", "lost_reason": "Other",
        "lost_reason_text": "Moved away", "comment": "They told me",
    }  # fmt: skip
    edited = edit(world, **given)
    (action,) = actions(world)
    assert action["can_undo"]
    assert action["to"] == {
        "status": "Dead/Not Interested",
        "lost_reason": "Other",
    }
    assert set(action["fields"]) == given.keys() - {"comment"}
    undo(world, edited["edit_id"])
    assert state_of(world) == before
    with world.db.read() as session:
        # What someone has written stays, and the history tells what was done.
        assert session.scalars(select(col(Comment.text))).all() == ["They told me"]
        last = session.scalars(select(LeadEvent).order_by(col(LeadEvent.id).desc())).first()
    assert last is not None
    assert '"undone":true' in last.data
    assert "Zoe K" in last.data
    (action,) = actions(world)
    assert (action["can_undo"], action["why_not"]) == (False, "undone")
    with pytest.raises(Conflict, match="already been undone"):
        undo(world, edited["edit_id"])


def test_an_old_client_s_put_is_undone(world: World) -> None:
    before = state_of(world)
    with world.db.write() as session:
        changes.update(
            session, MEMBER, 1, LeadChange(status="Trial Scheduled", next_date=AHEAD), ZONE
        )
    (action,) = actions(world)
    assert (action["kind"], action["fields"]) == ("edit", ["status", "next_followup_date"])
    assert action["to"]["next_followup_date"].endswith("-05T04:30:00Z")
    undo(world, action["id"])
    assert state_of(world) == before


def test_nothing_is_recorded_where_nothing_changes(world: World) -> None:
    assert edit(world)["edit_id"] is None
    assert edit(world, status="New", comment="Hello")["edit_id"] is None
    with world.db.write() as session:
        wanted = LeadsChange.model_validate({"ids": [1], "color": "red"})
        assert bulk_edit.change(session, MEMBER, wanted, ZONE) == {"id": None, "changed": 0}
    assert actions(world) == []


@pytest.mark.parametrize(
    ("mine", "theirs", "told"),
    [
        ({"status": "Called"}, {"status": "Joined"}, "Admin has changed the status since then"),
        (
            {"status": "Called", "next_followup_date": AHEAD},
            {"status": "New", "next_followup_date": None},
            "Admin has changed the status and next follow-up since then",
        ),
        ({"owner_id": 2}, {"owner_id": 1}, "Admin has changed the owner since then"),
        ({"phone": "98480 55555"}, {"phone": "98480 55556"}, "Admin has changed the phone"),
        # The status is the same again, but the lead has come further since.
        ({"status": "Called"}, ({"status": "Joined"}, {"status": "Called"}), "the status"),
    ],
)
def test_what_someone_else_has_changed_since_stays(
    world: World, mine: dict[str, Any], theirs: dict[str, Any] | tuple[dict[str, Any], ...],
    told: str,
) -> None:  # fmt: skip
    edited = edit(world, **mine)
    for one in theirs if isinstance(theirs, tuple) else (theirs,):
        edit(world, PERSON, **one)
    if isinstance(theirs, tuple):
        # As after a correction a day later, which doesn't take the stage back.
        with world.db.write() as session:
            session.get_one(Lead, 1).trialled_at = times.now()
    before = dump(world.db)
    assert [one["why_not"] for one in actions(world)] == ["changed"]
    with pytest.raises(Conflict, match=told):
        undo(world, edited["edit_id"])
    assert dump(world.db) == before


def test_a_call_since_keeps_the_status(world: World) -> None:
    called, owned = edit(world, status="Called"), edit(world, owner_id=2)
    with world.db.write() as session:
        wanted = NewAttempt.model_validate({"outcome": "spoke"})
        attempts.record(session, PERSON, 1, wanted, STANDARD)
    with pytest.raises(Conflict, match="Admin has changed the status since then"):
        undo(world, called["edit_id"])
    # That has nothing to do with the call.
    undo(world, owned["edit_id"])
    with world.db.read() as session:
        lead = session.get_one(Lead, 1)
        assert (lead.status, lead.owner_id) == (Status.CALLED, None)
        assert lead.called_at is not None


def test_who_may_undo_an_edit_and_until_when(world: World) -> None:
    edit_id = edit(world, status="Called")["edit_id"]
    colleague = Person(id=3, email="x", role=Role.TEAM_MEMBER, centers=(1,))
    with pytest.raises(ChangeNotFound):
        undo(world, edit_id, colleague)
    with pytest.raises(ChangeNotFound):
        undo(world, 99)
    with pytest.raises(ChangeNotFound):
        # It is another lead's.
        undo(world, edit_id, PERSON, lead_id=2)
    assert actions(world, colleague) == []
    undo(world, edit_id, PERSON)
    edit_id = edit(world, status="Called")["edit_id"]
    with world.db.write() as session:
        session.get_one(RecentEdit, edit_id).at -= edit_records.KEPT + timedelta(minutes=1)
    assert [one["why_not"] for one in actions(world)] == ["undone"]
    with pytest.raises(Conflict, match="more than a day old"):
        undo(world, edit_id)
    with world.db.write() as session:
        yesterday = times.now() - edit_records.KEPT
        assert edit_records.remove_old(session, yesterday, 10) == 1


def test_a_lead_that_was_moved_to_another_center(world: World) -> None:
    with world.db.write() as session:
        session.add(UserCenterLink(user_id=2, center_id=2))
    both = Person(id=2, email="tellapur@tofa.example", role=Role.TEAM_MEMBER, centers=(1, 2))
    edit(world, both, owner_id=2)
    before = state_of(world)
    moved = edit(world, both, center_id=2)["edit_id"]
    undo(world, moved, both)
    assert state_of(world) == before
    moved = edit(world, both, center_id=2)["edit_id"]
    # Without access to the lead nothing of it is shown.
    (hidden, *_) = actions(world, MEMBER)
    assert (hidden["lead_id"], hidden["name"], hidden["why_not"]) == (None, None, "gone")
    with world.db.write() as session:
        session.get_one(Center, 1).archived_at = times.now()
    with pytest.raises(Conflict, match="archived"):
        undo(world, moved, both)


def test_an_owner_who_can_t_own_it_any_more(world: World) -> None:
    edit(world, PERSON, owner_id=2)
    given = edit(world, PERSON, owner_id=1)["edit_id"]
    with world.db.write() as session:
        session.get_one(User, 2).disabled = True
    undo(world, given, PERSON)
    with world.db.read() as session:
        assert session.get_one(Lead, 1).owner_id is None


def test_a_merge_is_undone_before_the_edits_of_the_merged_lead(world: World) -> None:
    edited = edit(world, PERSON, 2, status="Called")["edit_id"]
    merge_id = merge(world, 1, 2)
    newest, older = actions(world, PERSON)
    assert (newest["kind"], newest["can_undo"]) == ("merge", True)
    assert (older["lead_id"], older["why_not"]) == (1, "merged")
    with pytest.raises(Conflict, match="merged into another one"):
        undo(world, edited, PERSON, 2)
    unmerge(world, merge_id)
    assert [one["why_not"] for one in actions(world, PERSON)] == ["undone", None]
    undo(world, edited, PERSON, 2)


def test_a_bulk_edit_is_undone_after_what_came_later_was(world: World) -> None:
    before = state_of(world)
    with world.db.write() as session:
        wanted = LeadsChange.model_validate({"ids": [1, 2], "status": "Called"})
        change_id = bulk_edit.change(session, PERSON, wanted, ZONE)["id"]
    later = edit(world, status="Joined")["edit_id"]
    undo(world, later)
    assert change_id is not None
    with world.db.write() as session:
        assert bulk_edit.undo(session, world.settings, PERSON, change_id) == {
            "restored": 2,
            "kept": [],
        }
    assert state_of(world) == before


def test_pages_of_actions(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of one moment are in pages, too, each once."""
    clock = [times.now()]
    monkeypatch.setattr(times, "now", lambda: clock[0])
    for number in range(3):
        edit(world, email=f"p{number}@b.example")
        with world.db.write() as session:
            wanted = LeadsChange(ids=[1], status=[*Status][number + 1])
            bulk_edit.change(session, MEMBER, wanted, ZONE)
            attempts.record(session, MEMBER, 1, NewAttempt(outcome=Outcome.WHATSAPP), STANDARD)
        if number == 1:
            clock[0] += timedelta(seconds=1)
    seen: list[tuple[str, int]] = []
    after: str | None = None
    for _ in range(5):
        with world.db.read() as session:
            page = recent_actions.show(session, MEMBER, ActionsQuery(limit=2, after=after))
        seen += [(one["kind"], one["id"]) for one in page["actions"]]
        after = page["next"]
    assert after is None
    kinds = ("merge", "edit", "call", "bulk")
    assert seen[:3] == [(kind, 3) for kind in kinds[1:]]
    assert len(set(seen)) == len(seen) == 9


class Done(NamedTuple):
    """Something that was done: the state before, who can undo it, and how."""

    before: dict[str, Any]
    undo: Callable[[], None]


GIVEN: list[dict[str, Any]] = [
    *({"status": status} for status in Status),
    {"status": "Trial Scheduled", "trial_at": AHEAD},
    {"status": "Dead/Not Interested", "lost_reason": "Other", "lost_reason_text": "Away"},
    {"next_followup_date": AHEAD},
    {"next_followup_date": None},
    {"trial_at": None},
]
FIELDS: list[dict[str, Any]] = [
    {"phone": "9848011111 / 9848022222"},
    {"phone": "9848022222"},
    {"phone": "no phone"},
    {"phone": None, "email": "c@b.example"},
    {"player_name": "Tara", "birth_date": "2017-01-02"},
    {"trial_outcome": "attended"},
    {"trial_outcome": "no_show"},
    {"center_id": 1},
    {"status": "Joined", "next_followup_date": AHEAD, "comment": "All at once"},
]
OWNERS: list[dict[str, Any]] = [{"owner_id": 1}, {"owner_id": 2}, {"owner_id": None}]
PEOPLE = st.sampled_from([PERSON, MEMBER])
LEADS = st.sampled_from([1, 2])


class Machine(RuleBasedStateMachine):
    """Edits, outcomes, bulk edits and assignments by two people, and the undo of the last one."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.done: list[Done] = []
        # Where nothing was done since it was read.
        self.known: dict[str, Any] | None = None
        with world.db.write() as session:
            for id in (1, 2):
                session.get_one(Lead, id).center_id = 1

    def state(self) -> dict[str, Any]:
        """Return the state before an action, which is that after the one before."""
        if self.known is None:
            self.known = state_of(self.world)
        return self.known

    def state_after(self) -> dict[str, Any]:
        self.known = None
        return self.state()

    @rule(by=PEOPLE, lead_id=LEADS, given=st.sampled_from([*GIVEN, *FIELDS, *OWNERS]))
    def edit(self, by: Person, lead_id: int, given: dict[str, Any]) -> None:
        before = self.state()
        edit_id = edit(self.world, by, lead_id, **given)["edit_id"]
        assert (edit_id is None) == (self.state_after() == before)
        if edit_id is not None:
            self.done.append(Done(before, lambda: undo(self.world, edit_id, by, lead_id)))

    @rule(by=PEOPLE, lead_id=LEADS, status=st.sampled_from([*Status]))
    def put(self, by: Person, lead_id: int, status: str) -> None:
        before = self.state()
        with self.world.db.write() as session:
            changes.update(session, by, lead_id, LeadChange(status=status), ZONE)
        if self.state_after() != before:
            edit_id = max(one["id"] for one in actions(self.world, by) if one["kind"] == "edit")
            self.done.append(Done(before, lambda: undo(self.world, edit_id, by, lead_id)))

    @rule(
        by=PEOPLE, lead_id=LEADS, given=st.sampled_from([*({},) * 4, *GIVEN]),
        outcome=st.sampled_from(["spoke", "whatsapp", "wrong_number", "call_back", *NO_ANSWERS]),
    )  # fmt: skip
    def call(self, by: Person, lead_id: int, outcome: str, given: dict[str, Any]) -> None:
        before = self.state()
        wanted = NewAttempt.model_validate({"outcome": outcome, **given})
        with self.world.db.write() as session:
            id = attempts.record(session, by, lead_id, wanted, STANDARD)["id"]

        def back() -> None:
            with self.world.db.write() as session:
                attempts.undo(session, by, lead_id, id)

        self.known = None
        self.done.append(Done(before, back))

    @rule(by=PEOPLE, ids=st.sampled_from([[1], [1, 2]]), given=st.sampled_from([*GIVEN, *OWNERS]))
    def bulk(self, by: Person, ids: list[int], given: dict[str, Any]) -> None:
        before = self.state()
        wanted = LeadsChange.model_validate({"ids": ids, **given})
        with self.world.db.write() as session:
            changed = bulk_edit.change(session, by, wanted, ZONE)

        def back() -> None:
            with self.world.db.write() as session:
                restored = bulk_edit.undo(session, self.world.settings, by, changed["id"] or 0)
                assert restored == {"restored": changed["changed"], "kept": []}

        self.known = None
        if changed["id"] is not None:
            self.done.append(Done(before, back))

    @precondition(lambda self: self.done)
    @rule()
    def undo_the_last(self) -> None:
        last = self.done.pop()
        last.undo()
        assert self.state_after() == last.before

    def teardown(self) -> None:
        while self.done:
            self.undo_the_last()


@pytest.mark.slow
def test_in_reverse_order_all_is_as_it_was(world: World) -> None:
    class OfTheWorld(Machine):
        def __init__(self) -> None:
            super().__init__(world)

    run_state_machine_as_test(
        OfTheWorld,
        settings=settings(
            max_examples=8, stateful_step_count=20, deadline=None, phases=[Phase.generate]
        ),
    )
    with world.db.read() as session:
        undone = session.scalars(select(Attempt).where(col(Attempt.undone_at).is_(None))).all()
        assert undone == []
