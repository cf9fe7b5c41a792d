"""The further numbers of leads, whatever is done to the leads."""

import itertools
import shutil
import threading
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, ClassVar

import orjson
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import phones, times
from backend.core.access import Person
from backend.core.db import Database
from backend.core.leads import adding, editing, lead_phones, matching, search
from backend.models import Import, ImportState, Lead, LeadEvent, LeadPhone, Source
from backend.schemas.leads import LeadEdit
from tests.core.imports.sheets_of import row, show, undo, upload
from tests.waiting import PATIENCE
from tests.world import EPOCH, LEAD, TELLAPUR, World, settings_for

LEADER = Person(1, LEAD, "team_lead")
A, B, C, D = (f"98480 2233{n}" for n in range(4))
KEYS = {text: f"+91{text.replace(' ', '')}" for text in (A, B, C, D)}


def add(world: World, phone: str | None, name: str = "Zoya", **given: Any) -> int:
    candidate = matching.Candidate(times.now(), TELLAPUR, Source.FLAT, name, phone=phone, **given)
    with world.db.write() as session:
        return adding.add(session, candidate, "IN").lead_id


def edit(world: World, lead: int, **given: Any) -> None:
    with world.db.write() as session:
        editing.edit(session, LEADER, lead, LeadEdit(**given), world.settings.zone, "IN")


def numbers(world: World, lead: int) -> tuple[str | None, list[str]]:
    with world.db.read() as session:
        return session.get_one(Lead, lead).phone_key, lead_phones.of(session, lead)


def keys(*texts: str) -> list[str]:
    return [KEYS[text] for text in texts]


def test_an_edit_replaces_the_numbers_of_the_text(world: World) -> None:
    lead = add(world, f"{A} / {B}")
    edit(world, lead, phone=f"{C}, {A}")
    assert numbers(world, lead) == (KEYS[C], keys(A))
    edit(world, lead, player_name="Zoya Khan")
    assert numbers(world, lead) == (KEYS[C], keys(A))
    edit(world, lead, phone="ask the coach", email="a@x.example")
    assert numbers(world, lead) == (None, [])
    with world.db.read() as session:
        assert session.get_one(Lead, lead).phone_issue == "no_digits"
    edit(world, lead, phone=f"{A} ext. 12")
    with world.db.read() as session:
        edited = session.get_one(Lead, lead)
    assert (edited.phone_key, edited.phone_issue, edited.phone_extension) == (KEYS[A], None, "12")


def test_an_edit_keeps_what_enquiries_have_given(world: World) -> None:
    lead = add(world, A)
    assert add(world, f"{A} or {B}") == lead
    edit(world, lead, phone=C)
    # The second enquiry gave the first number, too.
    assert numbers(world, lead) == (KEYS[C], keys(A, B))
    edit(world, lead, phone=B)
    assert numbers(world, lead) == (KEYS[B], keys(A))


def test_undoing_an_import_takes_back_its_numbers(world: World) -> None:
    lead = add(world, A)
    upload(world, row("Zoya", f"{A} / {B} / {C}", at="2026-12-01"), row("Tara", f"{D} or {C}"))
    assert numbers(world, lead) == (KEYS[A], keys(B, C))
    answer = undo(world, 1)
    assert (answer["leads_removed"], answer["leads_restored"]) == (1, 1)
    assert numbers(world, lead) == (KEYS[A], [])
    assert all_numbers(world) == set()


def test_a_number_that_another_has_given_stays(world: World) -> None:
    lead = add(world, A)
    upload(world, row("Zoya", f"{A} / {B} / {C}"))
    upload(world, row("Zoya", f"{A} / {B}"))
    undo(world, 2)
    assert numbers(world, lead) == (KEYS[A], keys(B, C))
    undo(world, 1)
    # The second import had given one of them before it was undone.
    assert numbers(world, lead) == (KEYS[A], keys(B))


def test_numbers_without_a_line_are_taken_back_too(world: World) -> None:
    """The same enquiry again adds no line, and may bring a number."""
    upload(world, row("Zoya", A, at="2026-12-01"))
    upload(world, row("Zoya", f"{A} / {B}", at="2026-12-01"))
    assert numbers(world, 3) == (KEYS[A], keys(B))
    undo(world, 2)
    assert (numbers(world, 3), show(world, 2)["state"]) == ((KEYS[A], []), ImportState.UNDONE)


def all_numbers(world: World) -> set[tuple[int, str]]:
    with world.db.read() as session:
        return {(one.lead_id, one.phone_key) for one in session.scalars(select(LeadPhone))}


def test_a_search_finds_any_number_and_what_is_no_key(world: World) -> None:
    lead, other = add(world, A), add(world, "12 34-5", "test")
    add(world, f"{A} / {B}")
    for _ in range(2):
        for text, found in (
            (B, lead), ("2331", lead), (f"+91 {A}", lead), ("12345", other), ("TEST", other),
        ):  # fmt: skip
            assert look_for(world, text) == [found], text
        # And again, by the index.
        with world.db.write() as session:
            search.fill(session)


def look_for(world: World, text: str) -> list[int]:
    with world.db.read() as session:
        wanted = search.words(text)
        few = search.candidates(session, wanted)
        query = select(col(Lead.id)).where(search.matching(wanted), col(Lead.id) > 2)
        found = [id for (id,) in session.connection().execute(query) if id is not None]
        assert few is None or {*found} <= {*few}
        return found


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_enquiries_with_crossed_numbers_wait_for_each_other(world: World) -> None:
    """Many at once, each with two of four numbers: no deadlock, and no lead twice."""
    pairs = [(A, B), (B, A), (B, C), (C, D), (D, A), (C, A), (D, B), (A, D)]
    start, failures = threading.Barrier(len(pairs)), []

    def enquire(pair: Sequence[str]) -> None:
        start.wait(PATIENCE)
        for _ in range(5):
            try:
                add(world, " / ".join(pair))
            except Exception as error:  # noqa: BLE001  told below
                failures.append(error)

    threads = [threading.Thread(target=enquire, args=(pair,)) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert failures == []
    with world.db.read() as session:
        leads = session.scalars(select(col(Lead.id)).where(col(Lead.id) > 2)).all()
        asked = select(func.count()).where(col(LeadEvent.lead_id) > 2)
        assert session.scalar(asked) == 5 * len(pairs)
    # At the start two may have had no number in common; all later ones are of those.
    assert len(leads) <= 2
    assert len({key for _, key in all_numbers(world)}) >= 2


texts = st.lists(st.sampled_from([A, B, C, D]), min_size=1, max_size=3, unique=True).map(" / ".join)
phones_typed = texts | st.sampled_from(["ask the coach", "9.17013E+11"])


class Numbers(RuleBasedStateMachine):
    """Leads of one academy, in a SQLite database of its own."""

    template: ClassVar[Path]

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        path = Path(self._folder.name, "world.db")
        shutil.copy(self.template, path)
        made = settings_for(f"sqlite:///{path}")
        self.world = World(made, Database(made.url))
        self.is_undone = False
        self.minutes = itertools.count()

    def teardown(self) -> None:
        self.world.db.close()
        self._folder.cleanup()

    @rule(phone=phones_typed, name=st.sampled_from(["Zoya", "Tara", ""]))
    def enquire(self, phone: str, name: str) -> None:
        add(self.world, phone, name)

    @rule(phone=phones_typed, lead=st.integers(1, 8))
    def edit(self, phone: str, lead: int) -> None:
        if self.exists(lead):
            edit(self.world, lead, phone=phone)

    @rule(said=st.lists(st.tuples(st.sampled_from(["Zoya", "Tara"]), texts), min_size=1))
    def upload(self, said: list[tuple[str, str]]) -> None:
        times = (EPOCH + timedelta(minutes=next(self.minutes)) for _ in said)
        rows = (row(*one, at=at.isoformat()) for one, at in zip(said, times, strict=False))
        upload(self.world, *rows)

    @rule(number=st.integers(1, 4))
    def undo(self, number: int) -> None:
        with self.world.db.read() as session:
            found = session.get(Import, number)
        if found is not None and found.state == ImportState.COMMITTED:
            undo(self.world, number)
            self.is_undone = True

    @rule(lead=st.integers(3, 8))
    def delete(self, lead: int) -> None:
        if self.exists(lead):
            with self.world.db.write() as session:
                session.delete(session.get_one(Lead, lead))

    def exists(self, lead: int) -> bool:
        with self.world.db.read() as session:
            return session.get(Lead, lead) is not None

    @invariant()
    def each_number_is_said_by_the_text_or_an_enquiry(self) -> None:
        with self.world.db.read() as session:
            leads = {one.id: one for one in session.scalars(select(Lead))}
            further: dict[int, set[str]] = defaultdict(set)
            for one in session.scalars(select(LeadPhone)):
                assert one.lead_id in leads
                further[one.lead_id].add(one.phone_key)
            for id, lead in leads.items():
                assert id is not None
                read = phones.read(lead.phone, "IN")
                assert (lead.phone_key, lead.phone_issue) == (read.e164, read.issue)
                stated = {*read.others, *said_in_history(session, id)} - {read.e164}
                # A number that two imports have brought stays when both are undone.
                assert stated == further[id] or (self.is_undone and stated < further[id])


def said_in_history(session: Session, lead: int) -> set[str]:
    query = select(col(LeadEvent.data)).where(
        col(LeadEvent.lead_id) == lead, col(LeadEvent.kind) == "repeat_enquiry"
    )
    return {one for text in session.scalars(query) for one in orjson.loads(text).get("phones", ())}


@pytest.mark.slow
def test_the_numbers_of_leads(sqlite_template: Path) -> None:
    Numbers.template = sqlite_template
    run(Numbers, settings=settings(max_examples=25, stateful_step_count=12))
