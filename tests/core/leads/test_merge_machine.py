"""Whatever happens in whatever order, no event, comment, delivery or id of Meta's is lost."""

from datetime import UTC, datetime, timedelta
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
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from backend.core.errors import Conflict
from backend.core.intake import deliveries
from backend.core.leads import adding, changes, existing_lead, matching, merged
from backend.models import (
    Comment,
    Delivery,
    Import,
    ImportRow,
    Lead,
    LeadEvent,
    LeadMerge,
    LeadOrigin,
    LeadPhone,
)
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import committed, row, show, undo
from tests.core.leads.merging_of import LEADER, merge, unmerge
from tests.world import World

NAMES = ["Zoe K", "Zoe Khan", "Tara", ""]
PHONES = ["9848000401", "9848000402", "9848000403"]
START = datetime(2026, 11, 9, 6, tzinfo=UTC)
_ACTIVE = select(LeadMerge.merged_id).where(col(LeadMerge.undone_at).is_(None))


class Machine(RuleBasedStateMachine):
    """Leads that come in, are worked on, merged and unmerged, and imports that are undone."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        self.count = 0
        self.comments: set[str] = set()
        self.leadgen_ids: set[str] = set()
        self.deliveries = 0
        self.imports: list[int] = []
        self.merges: list[int] = []

    def leads(self, session: Session) -> list[int]:
        return [id for id in session.exec(select(Lead.id).order_by(col(Lead.id))) if id]

    def live(self) -> list[int]:
        with self.world.db.read() as session:
            return self.leads(session)

    @rule(name=st.sampled_from(NAMES), phone=st.sampled_from(PHONES), by_meta=st.booleans())
    def enquire(self, name: str, phone: str, by_meta: bool) -> None:
        self.count += 1
        leadgen_id = f"4{self.count}" if by_meta else None
        candidate = matching.Candidate(
            created_time=START + timedelta(minutes=self.count), center_id=1, source="meta",
            player_name=name or None, phone=phone, leadgen_id=leadgen_id,
            origin={"form_id": "7"} if by_meta else {},
        )  # fmt: skip
        with self.world.db.write() as session:
            lead_id = adding.add(session, candidate, "IN").lead_id
            deliveries.keep(
                session, "meta", "{}", state="processed", leadgen_id=leadgen_id, lead_id=lead_id
            )
        self.deliveries += 1
        if leadgen_id:
            self.leadgen_ids.add(leadgen_id)

    @rule(data=st.data(), status=st.sampled_from(["Called", "Joined", "Dead/Not Interested"]))
    def work(self, data: st.DataObject, status: str) -> None:
        self.count += 1
        text = f"Comment {self.count}"
        with self.world.db.write() as session:
            known = [*self.leads(session), *session.exec(_ACTIVE)]
            lead_id = data.draw(st.sampled_from(known))
            said = LeadChange(status=status, comment=text)
            changes.update(session, LEADER, lead_id, said, ZoneInfo("UTC"))
        self.comments.add(text)

    @rule(name=st.sampled_from(NAMES[:3]), phone=st.sampled_from(PHONES))
    def bring_in_a_sheet(self, name: str, phone: str) -> None:
        self.count += 1
        at = (START + timedelta(hours=self.count)).isoformat()
        other = f"98480005{self.count:02}"
        rows = [row(name, phone, at=at), row(f"Row {self.count}", other, at=at)]
        self.imports.append(committed(self.world, *rows))

    @precondition(lambda self: self.imports)
    @rule(data=st.data())
    def undo_an_import(self, data: st.DataObject) -> None:
        import_id = data.draw(st.sampled_from(self.imports))
        self.imports.remove(import_id)
        undo(self.world, import_id)
        assert show(self.world, import_id)["state"] == "undone"

    @precondition(lambda self: len(self.live()) > 1)
    @rule(data=st.data())
    def merge_two(self, data: st.DataObject) -> None:
        this, other = data.draw(st.permutations(self.live()))[:2]
        self.merges.append(merge(self.world, this, other))

    @precondition(lambda self: self.merges)
    @rule(data=st.data())
    def undo_a_merge(self, data: st.DataObject) -> None:
        merge_id = data.draw(st.sampled_from(self.merges))
        try:
            unmerge(self.world, merge_id)
        except Conflict:
            # The survivor was merged itself.
            with self.world.db.read() as session:
                record = session.get_one(LeadMerge, merge_id)
                assert record.current_id != record.survivor_id
        else:
            self.merges.remove(merge_id)

    @invariant()
    def nothing_is_lost(self) -> None:
        with self.world.db.read() as session:
            leads = {*self.leads(session)}
            for table in (LeadEvent, Comment, Delivery, LeadOrigin, LeadPhone):
                named = {*session.exec(select(table.lead_id).distinct())} - {None}
                assert named <= leads, table
            texts = {*session.exec(select(Comment.text))}
            assert self.comments == texts
            told = select(func.count()).where(LeadEvent.kind == "comment")
            assert session.exec(told).one() == len(self.comments)
            received = select(func.count()).where(Delivery.source == "meta")
            assert session.exec(received).one() == self.deliveries
            for leadgen_id in self.leadgen_ids:
                assert existing_lead.find_by_leadgen_id(session, leadgen_id) in leads
            active = select(LeadMerge).where(col(LeadMerge.undone_at).is_(None))
            for record in session.exec(active):
                assert record.merged_id not in leads
                assert merged.current_id(session, record.merged_id) in leads


@pytest.mark.slow
def test_nothing_is_lost(world: World, database: str) -> None:
    class OfTheWorld(Machine):
        def __init__(self) -> None:
            _clear(world)
            super().__init__(world)

    # What is done is decided in Python. On PostgreSQL the statements differ, in each run the same.
    examples = 25 if database == "sqlite" else 8
    run_state_machine_as_test(
        OfTheWorld, settings=settings(max_examples=examples, stateful_step_count=20, deadline=None)
    )


def _clear(world: World) -> None:
    """Begin again, with two leads and nothing else."""
    with world.db.write() as session:
        connection = session.connection()
        for table in (LeadMerge, Comment, LeadEvent, Delivery, LeadOrigin, LeadPhone, ImportRow):
            connection.execute(delete(table))
        connection.execute(delete(Import))
        connection.execute(delete(Lead))
        session.add_all(
            Lead(id=id, created_time=START, player_name=f"Child {id}", center_id=1) for id in (1, 2)
        )
