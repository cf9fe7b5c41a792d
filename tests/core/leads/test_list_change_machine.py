"""Whatever people do while a whole list is changed and undone, nobody's work is lost."""

from dataclasses import dataclass, field
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
from sqlalchemy import delete, func, update
from sqlmodel import col, select

from backend.core import times
from backend.core.access import Person
from backend.core.errors import BadRequest, Conflict
from backend.core.leads import changes, list_change_steps, list_changes
from backend.models import BulkChange, Lead, LeadEvent, ListChange, ListChangePart, Role, Status
from backend.schemas.leads import LeadChange
from backend.schemas.list_changes import NewListChange
from tests import runs
from tests.world import World

LEADER = Person(1, "lead@tofa.example", Role.TEAM_LEAD)
MEMBER = Person(2, "tellapur@tofa.example", Role.TEAM_MEMBER, (1,))
PART = 2
COUNT = 9
STATUSES = st.sampled_from([Status.NEW, Status.CALLED, Status.JOINED])


@dataclass
class Expected:
    """What is to become of a change: the parts that are left, and what was done."""

    status: str
    left: list[list[int]]
    touched: set[int] = field(default_factory=set)
    # By part, what the leads were that were changed.
    done: list[dict[int, str]] = field(default_factory=list)
    state: str = "changing"
    counts: dict[str, int] = field(default_factory=dict)


class Machine(RuleBasedStateMachine):
    """Two people change lists, while others work on the leads; steps come in between."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world = world
        with world.db.write() as session:
            for table in (ListChangePart, ListChange, BulkChange, LeadEvent):
                session.execute(delete(table))
            session.execute(update(Lead).values(status=Status.NEW))
            missing = COUNT - (session.scalar(select(func.count(col(Lead.id)))) or 0)
            session.add_all(
                Lead(created_time=times.now(), player_name=f"Child {number}", center_id=1)
                for number in range(missing)
            )
        with world.db.read() as session:
            self.status = {lead.id or 0: lead.status for lead in session.scalars(select(Lead))}
            of_tellapur = select(col(Lead.id)).where(col(Lead.center_id) == 1)
            self.seen = {2: {*session.scalars(of_tellapur)}, 1: {*self.status}}
        self.asked: list[int] = []
        self.all: dict[int, Expected] = {}

    @rule(who=st.sampled_from([LEADER, MEMBER]), of=STATUSES, to=STATUSES)
    def begin(self, who: Person, of: str, to: str) -> None:
        wanted = NewListChange(filter=f"status={of}", status=to)
        ids = sorted(id for id in self.seen[who.id] if self.status[id] == of)
        try:
            begun = list_changes.begin(self.world.db, self.world.settings, who, wanted)
        except BadRequest:
            assert not ids
            return
        except Conflict:
            assert any(self.all[id].state.endswith("ing") for id in self.asked)
            return
        assert begun["total"] == len(ids)
        parts = [ids[at : at + PART] for at in range(0, len(ids), PART)]
        self.all[begun["id"]] = Expected(to, parts)
        self.asked.append(begun["id"])

    @rule(data=st.data(), status=STATUSES)
    def work(self, data: st.DataObject, status: str) -> None:
        lead_id = data.draw(st.sampled_from(sorted(self.status)))
        change = LeadChange(status=status, comment="Called")
        with self.world.db.write() as session:
            changes.update(session, LEADER, lead_id, change, ZoneInfo("Asia/Kolkata"))
        self.status[lead_id] = status
        self.touch(lead_id)

    def touch(self, lead_id: int, but: int | None = None) -> None:
        for id, one in self.all.items():
            if id != but:
                one.touched.add(lead_id)

    @precondition(lambda self: self.asked)
    @rule()
    def step(self) -> None:
        assert list_change_steps.run(self.world.db, self.world.settings) == 1
        id = self.asked[0]
        one = self.all[id]
        if one.state == "changing" and one.left:
            self._change(id, one, one.left.pop(0))
        elif one.state == "undoing" and one.done:
            self._undo(id, one, one.done.pop(0))
        else:
            one.state = "changed" if one.state == "changing" else "undone"
            self.asked.pop(0)

    def _change(self, id: int, one: Expected, part: list[int]) -> None:
        was = {}
        for lead_id in part:
            if lead_id in one.touched:
                one.counts["skipped"] = one.counts.get("skipped", 0) + 1
            elif self.status[lead_id] == one.status:
                one.counts["unchanged"] = one.counts.get("unchanged", 0) + 1
            else:
                one.counts["changed"] = one.counts.get("changed", 0) + 1
                was[lead_id] = self.status[lead_id]
                self.status[lead_id] = one.status
                self.touch(lead_id, but=id)
        if was:
            one.done.append(was)

    def _undo(self, id: int, one: Expected, was: dict[int, str]) -> None:
        for lead_id, status in was.items():
            kind = "kept" if lead_id in one.touched else "restored"
            one.counts[kind] = one.counts.get(kind, 0) + 1
            if kind == "restored":
                self.status[lead_id] = status
                self.touch(lead_id, but=id)

    @precondition(lambda self: self.all)
    @rule(data=st.data())
    def undo(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.all)))
        one = self.all[id]
        try:
            with self.world.db.write() as session:
                list_changes.undo(session, LEADER, id)
        except Conflict:
            assert one.state in ("undoing", "undone")
            return
        assert one.state in ("changing", "changed")
        one.state = "undoing"
        self.asked = [*(other for other in self.asked if other != id), id]

    @invariant()
    def leads_are_as_expected(self) -> None:
        with self.world.db.read() as session:
            assert {lead.id: lead.status for lead in session.scalars(select(Lead))} == self.status
            for id, one in self.all.items():
                shown = list_changes.show(session, LEADER, id)
                assert shown["state"] == one.state
                names = ("changed", "unchanged", "skipped", "restored", "kept")
                counts = {name: shown[name] for name in names}  # type: ignore[literal-required]
                assert {name: n for name, n in counts.items() if n} == one.counts
                if one.state == "changed":
                    assert shown["done"] == shown["total"]


@pytest.mark.slow
def test_changes_of_lists(world: World, database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(list_changes, "PART", PART)
    monkeypatch.setattr(list_change_steps, "STEP", 0.0)
    wanted = world.settings.model_copy(update={"files_per_hour": 1_000_000})
    limitless = World(wanted, world.db)
    run_state_machine_as_test(
        lambda: Machine(limitless),  # type: ignore[arg-type]
        settings=settings(
            max_examples=runs.on(database, 25), stateful_step_count=25, deadline=None
        ),
    )
