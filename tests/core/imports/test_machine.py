"""Plans, commits and undoings, between whatever else is done to the leads.

A commit does exactly what its plan says, or does nothing and says what has changed; an undo puts
the leads back as they were, but for those that someone has worked on.
"""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select
from sqlmodel import col

from backend.core import times
from backend.core.db import Database
from backend.core.imports import commit
from backend.core.leads import adding, changes, matching
from backend.models import Delivery, Lead, LeadEvent, Status
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import (
    LEADER,
    Outcome,
    commit_it,
    planned,
    row,
    show,
    undo,
    upload,
    verdicts,
)  # fmt: skip
from tests.dump import dump
from tests.world import World, settings_for

OF_LEADS = ("lead", "leadevent", "leadorigin", "comment")
HEADER = "id,created_time,player_name,phone,email,_which_is_the_nearest_tofa_center_to_you?"

# Few of each, so that they meet.
phones = st.sampled_from(["9848000001", "+91 98480 00002", "9848000003", "NA", ""])
names = st.sampled_from(["Zoë Khan", "zoe  KHAN", "Tara", ""])
days = st.sampled_from(["", "2025-12-01", "2025-12-02", "soon"])
emails = st.sampled_from(["", "", "parent1@example.com"])
centers = st.sampled_from(["TOFA Tellapur", "TOFA Gachibowli", "TOFA Mars", ""])
ids = st.sampled_from(["", "", "l:1", "l:2"])
rows = st.builds(
    lambda id, **given: f"{id},{row(**given)}",
    id=ids, name=names, phone=phones, center=centers, at=days, email=emails,
)  # fmt: skip
files = st.lists(rows, min_size=1, max_size=6)

Verdicts = list[Outcome]


def matches_nothing(one: str) -> bool:
    """Whether a row is a lead of its own each time: it has neither a key nor a time."""
    id, at, _, phone, email, center = one.split(",")
    return phone == "NA" and bool(center) and not (id or email or at.startswith("20"))


class Imports(RuleBasedStateMachine):
    """The academy in a SQLite database of its own."""

    plans = Bundle("plans")
    done = Bundle("done")

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name, "world.db")
        shutil.copy(self.template, path)
        made = settings_for(f"sqlite:///{path}")
        self.world = World(made, Database(made.url))
        # What the leads were before each import, and whether they have been left alone since.
        self.before: dict[int, dict[str, Any]] = {}
        self.alone: set[int] = set()

    def teardown(self) -> None:
        self.world.db.close()
        self._folder.cleanup()

    def leads(self) -> dict[str, Any]:
        everything = dump(self.world.db)
        return {name: everything[name] for name in OF_LEADS}

    def touched(self) -> None:
        """Someone else changed something: no undo restores exactly the state before."""
        self.alone.clear()

    @rule(target=plans, file=files)
    def plan(self, file: list[str]) -> int:
        before = dump(self.world.db, "import", "importrow")
        import_id = planned(self.world, *file, header=HEADER)
        assert dump(self.world.db, "import", "importrow") == before
        return import_id

    @rule(target=done, import_id=consumes(plans))
    def commit(self, import_id: int) -> int:
        plan, before = verdicts(self.world, import_id), dump(self.world.db)
        while said := self.refusal(import_id):
            now = dump(self.world.db, "import", "importrow")
            assert {name: before[name] for name in now} == now
            anew = verdicts(self.world, import_id)
            differing = [
                str(old[0])
                for old, new in zip(plan, anew, strict=True)
                if (old[1], old[3]) != (new[1], new[3])
            ]
            assert differing, "it says that it changed, and it did not"
            assert ", ".join(differing) in said
            plan = anew
        self.check(import_id, plan, before)
        self.note(import_id, before)
        return import_id

    def refusal(self, import_id: int) -> str:
        """What a commit that is not done says; nothing where it is done."""
        try:
            commit_it(self.world, import_id)
        except commit.PlanChanged as changed:
            return str(changed.detail)
        return ""

    def check(self, import_id: int, plan: Verdicts, before: dict[str, Any]) -> None:
        """That exactly the plan was done."""
        made = sum(verdict in ("create", "sibling") for _, verdict, *_ in plan)
        after = dump(self.world.db)
        assert len(after["lead"]) == len(before["lead"]) + made
        waiting = sum(verdict == "waiting" for _, verdict, *_ in plan)
        with self.world.db.read() as session:
            put_aside = select(func.count()).where(
                col(Delivery.import_id) == import_id, col(Delivery.state) == "waiting"
            )
            assert session.connection().scalar(put_aside) == waiting
        for (number, verdict, _, lead), now in zip(
            plan, verdicts(self.world, import_id), strict=True
        ):
            assert now[:2] == (number, verdict)
            if verdict in ("create", "sibling"):
                assert now[3] is not None
            elif lead is not None:
                assert now[3] == lead

    def note(self, import_id: int, before: dict[str, Any]) -> None:
        self.alone = {import_id}
        self.before[import_id] = {name: before[name] for name in OF_LEADS}

    @rule(target=done, file=files.filter(lambda file: not any("Mars" in one for one in file)))
    def upload(self, file: list[str]) -> int:
        before = dump(self.world.db)
        upload(self.world, *file, header=HEADER)
        newest = max((line[0] for line in dump(self.world.db)["import"]), default=0)
        if newest == max((line[0] for line in before["import"]), default=0):
            assert dump(self.world.db) == before
        else:
            self.note(newest, before)
        once = dump(self.world.db)
        answer = upload(self.world, *file, header=HEADER)
        assert answer["leads_added"] == sum(map(matches_nothing, file))
        if all(",20" in one for one in file):
            assert dump(self.world.db) == once
        else:
            # A row without a time may be a repeat enquiry.
            self.touched()
        return newest

    @rule(import_id=done)
    def undo(self, import_id: int) -> None:
        if import_id == 0 or show(self.world, import_id)["state"] != "committed":
            return
        before = dump(self.world.db)
        answer = undo(self.world, import_id)
        after = self.leads()
        kept = {one["lead_id"] for one in answer["kept"]}
        for lead in before["lead"]:
            if lead[0] in kept:
                assert lead in after["lead"]
        with self.world.db.read() as session:
            own = select(col(LeadEvent.lead_id)).where(col(LeadEvent.import_id) == import_id)
            assert set(session.scalars(own)) <= kept
        if import_id in self.alone:
            assert kept == set()
            assert after == self.before[import_id]
        else:
            self.touched()

    @rule(name=names, phone=phones.filter(bool))
    def webhook(self, name: str, phone: str) -> None:
        self.touched()
        with self.world.db.write() as session:
            candidate = matching.Candidate(
                created_time=times.now(), center_id=1, source="webhook", player_name=name,
                phone=phone,
            )  # fmt: skip
            adding.add(session, candidate, "IN")

    @rule(lead=st.integers(1, 8), status=st.sampled_from(Status), comment=st.booleans())
    def work(self, lead: int, status: str, comment: bool) -> None:
        with self.world.db.write() as session:
            if session.get(Lead, lead) is None:
                return
            self.touched()
            said = LeadChange(status=status, comment="Hi" if comment else None)
            changes.update(session, LEADER, lead, said, self.world.settings.zone)

    @invariant()
    def every_lead_has_its_history(self) -> None:
        with self.world.db.read() as session:
            made = select(col(LeadEvent.lead_id)).where(col(LeadEvent.kind) == "created")
            bare = select(func.count()).where(col(Lead.id) > 2, col(Lead.id).not_in(made))
            assert session.connection().scalar(bare) == 0
            twice = (
                select(col(Lead.phone_key))
                .where(col(Lead.phone_key).is_not(None), col(Lead.name_key) != "")
                .where(col(Lead.id) > 2)
                .group_by(col(Lead.phone_key), col(Lead.name_key), col(Lead.is_test))
                .having(func.count() > 1)
            )
            assert session.scalars(twice).all() == []


@pytest.mark.slow
def test_imports(sqlite_template: Path) -> None:
    Imports.template = sqlite_template
    run(Imports, settings=settings(max_examples=25, stateful_step_count=15))
