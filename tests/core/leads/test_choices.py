"""However the lists are edited, every lead stays as it is, can be saved, and is counted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, func, text
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.errors import Conflict, Invalid
from backend.core.leads import bulk_edit, choice_editing, choice_leads, choices, editing
from backend.core.reports import figures
from backend.models import Choice, ChoiceKind, Lead, LeadEvent, Role
from backend.schemas.choices import (
    REASONS,
    ChoiceChange,
    ChoiceOrder,
    LeadsQuery,
    NewChoice,
    OwnList,
)
from backend.schemas.leads import LeadEdit
from backend.schemas.reports import ReportFilter
from tests import runs
from tests.world import EPOCH, LEAD, MEMBER, World

ZONE = ZoneInfo("Asia/Kolkata")
LEADER = Person(1, LEAD, Role.TEAM_LEAD)
MEMBER_OF_ONE = Person(2, MEMBER, Role.TEAM_MEMBER, (1,))
TEXTS = ("U9", "Under 9", "u-9", "Adults", "ADULTS", "Walk-in", "Expensive fee", "Other", "none")
texts = st.sampled_from(TEXTS)
kinds = st.sampled_from(ChoiceKind)
places = st.sampled_from((None, 1, 2))
COLUMNS = {kind: column.key for kind, column in choices.COLUMNS.items()}


class Machine(RuleBasedStateMachine):
    """Team leads who edit the lists of two centers, and people who give leads what is offered."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        # By lead: what it is to have in each column.
        self.expected: dict[int, dict[str, str | None]] = {}
        self.changes: list[int] = []
        with world.db.write() as session:
            for table in (LeadEvent, Choice):
                session.execute(delete(table))
            for lead in session.scalars(select(Lead)):
                lead.status, lead.lost_at, lead.source = "Dead/Not Interested", EPOCH, "manual"
                lead.lost_reason, lead.player_age_category = REASONS[0], "U9"
                assert lead.id is not None
                self.expected[lead.id] = {name: getattr(lead, name) for name in COLUMNS.values()}

    def entries(self) -> list[Choice]:
        query = select(Choice).where(col(Choice.removed_at).is_(None)).order_by(col(Choice.id))
        with self.world.db.read() as session:
            return list(session.scalars(query))

    @rule(kind=kinds, place=places, text=texts)
    def add(self, kind: ChoiceKind, place: int | None, text: str) -> None:
        new = NewChoice(kind=kind, text=text, center_id=place)
        try:
            with self.world.db.write() as session:
                choice_editing.add(session, new)
        except Conflict:
            pass
        except Invalid:
            assert text in ("Other", "none")

    @precondition(lambda self: self.entries())
    @rule(data=st.data(), text=texts, on_leads=st.booleans())
    def rename(self, data: st.DataObject, text: str, on_leads: bool) -> None:
        entry = data.draw(st.sampled_from(self.entries()))
        id = entry.id or 0
        try:
            with self.world.db.write() as session:
                _, was = choice_editing.rename(session, id, ChoiceChange(text=text))
        except (Conflict, Invalid):
            return
        if on_leads:
            self.rename_leads(id, was)

    def rename_leads(self, id: int, was: str) -> None:
        with self.world.db.write() as session:
            entry = session.get_one(Choice, id)
            said = {"kind": entry.kind, "center_id": entry.center_id, "was": was}
            wanted = LeadsQuery.model_validate(said)
            counted = choice_leads.count(session, LEADER, wanted)["leads"]
            renamed = choice_leads.rename(session, LEADER, id, was)
            name, now = COLUMNS[ChoiceKind(entry.kind)], entry.text
            own = set(
                session.scalars(
                    select(Choice.place).where(
                        col(Choice.kind) == entry.kind, col(Choice.removed_at).is_(None)
                    )
                )
            )
        assert renamed["left"] == 0
        assert renamed["changed"] == (counted if was != now else 0)
        for lead_id, has in self.expected.items():
            # The leads 1 and 2 are of the centers 1 and 2.
            is_meant = lead_id == entry.place or (entry.place == 0 and lead_id not in own)
            if is_meant and has[name] == was:
                has[name] = now
        if renamed["id"] is not None:
            self.changes.append(renamed["id"])

    @precondition(lambda self: self.changes)
    @rule()
    def undo(self) -> None:
        id = self.changes.pop()
        with self.world.db.write() as session:
            bulk_edit.undo(session, self.world.settings, LEADER, id)
            for lead in session.scalars(select(Lead)):
                # A lead that was worked on since stays as it is.
                self.expected[lead.id or 0] = {
                    name: getattr(lead, name) for name in COLUMNS.values()
                }

    @precondition(lambda self: self.entries())
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(self.entries())).id or 0
        try:
            with self.world.db.write() as session:
                choice_editing.remove(session, id)
        except Conflict:
            pass

    @precondition(lambda self: self.entries())
    @rule(data=st.data())
    def reorder(self, data: st.DataObject) -> None:
        entries = self.entries()
        of = data.draw(st.sampled_from(entries))
        ids = [one.id or 0 for one in entries if (one.kind, one.place) == (of.kind, of.place)]
        order = ChoiceOrder(
            kind=ChoiceKind(of.kind), center_id=of.center_id, ids=data.draw(st.permutations(ids))
        )
        with self.world.db.write() as session:
            choice_editing.reorder(session, order)
            shown = choices.live(session, of.kind, of.center_id)
            assert [one.id for one in shown] == order.ids

    @rule(kind=kinds, place=places, own=st.booleans())
    def set_own(self, kind: ChoiceKind, place: int | None, own: bool) -> None:
        with self.world.db.write() as session:
            before = choices.offered(session, kind, place)
            choice_editing.set_own(session, OwnList(kind=kind, center_id=place, own=own))
            if own:
                assert choices.offered(session, kind, place) == before

    @rule(kind=kinds, lead_id=st.sampled_from((1, 2)), data=st.data())
    def choose(self, kind: ChoiceKind, lead_id: int, data: st.DataObject) -> None:
        """Give a lead what its center offers."""
        with self.world.db.read() as session:
            offered = choices.offered(session, kind, lead_id)
        if not offered:
            return
        given = data.draw(st.sampled_from(offered))
        self.edit(lead_id, {COLUMNS[kind]: given})
        self.expected[lead_id][COLUMNS[kind]] = given

    def edit(self, lead_id: int, given: dict[str, str | None]) -> None:
        with self.world.db.write() as session:
            editing.edit(session, LEADER, lead_id, LeadEdit.model_validate(given), ZONE, "IN")

    @invariant()
    def every_lead_is_saved_as_it_is(self) -> None:
        for lead_id, has in self.expected.items():
            self.edit(lead_id, has)
        with self.world.db.read() as session:
            found = {
                lead.id: {name: getattr(lead, name) for name in COLUMNS.values()}
                for lead in session.scalars(select(Lead))
            }
        assert found == self.expected

    def teardown(self) -> None:
        """Check at the end that every lead is counted, whatever its reason is called now."""
        day = str(EPOCH.astimezone(ZONE).date())
        wanted = ReportFilter.model_validate({"from": day, "to": day})
        with self.world.db.read() as session:
            report = figures.show(session, LEADER, wanted, ZONE)
        assert sum(one["count"] for one in report["reasons"]) == 2
        assert sum(one["leads"] for one in report["days"]) == 2

    @invariant()
    def lists_have_each_entry_once(self) -> None:
        with self.world.db.read() as session:
            for shown in choices.show(session, LEADER)["lists"]:
                folded = [choices.fold(shown["kind"], one["text"]) for one in shown["entries"]]
                assert len(folded) == len({*folded})
                assert shown["kind"] != "lost_reason" or folded[-1] == "other"
            places = {one["center_id"] for one in choices.show(session, MEMBER_OF_ONE)["lists"]}
            assert places <= {None, 1}
            once = select(func.count(col(Choice.id))).group_by(
                col(Choice.kind), col(Choice.place), col(Choice.folded)
            )
            assert {*session.connection().scalars(once)} <= {1}


@pytest.mark.slow
def test_lists_are_edited_in_any_order(world: World, database: str) -> None:
    run_state_machine_as_test(
        lambda: Machine(world),  # type: ignore[arg-type]
        settings=settings(max_examples=runs.on(database, 25), stateful_step_count=25),
    )


def test_many_leads_are_renamed_in_turns(world: World) -> None:
    at: datetime = times.now() - timedelta(days=1)
    many = choice_leads.MOST + 5
    with world.db.write() as session:
        session.add_all(
            Lead(created_time=at, center_id=1, player_age_category="U11") for _ in range(many)
        )
        entry = choice_editing.add(session, NewChoice(kind=ChoiceKind.AGE_GROUP, text="Under 11"))
        assert entry.id is not None
        path = entry.id
    answers = []
    for _ in range(2):
        with world.db.write() as session:
            answers.append(choice_leads.rename(session, LEADER, path, "U11"))
    assert [(one["changed"], one["left"]) for one in answers] == [(choice_leads.MOST, 5), (5, 0)]
    with world.db.write() as session:
        undone = [
            bulk_edit.undo(session, world.settings, LEADER, one["id"] or 0) for one in answers
        ]
        assert sum(one["restored"] for one in undone) == many
        session.flush()
        old = text("SELECT count(*) FROM lead WHERE player_age_category = 'U11'")
        assert session.connection().scalar(old) == many
