"""A merge loses nothing, and undoing it gives what was before."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from backend.core import times
from backend.core.leads import adding, matching, merge_fields, merge_records
from backend.models import Import, Lead
from tests import runs
from tests.core.leads.merging_of import DAYS, add, described, everything, indexed, merge, unmerge
from tests.world import World

SIDES = st.dictionaries(
    st.sampled_from([*merge_fields.CHOICES]), st.sampled_from(["this", "other"])
)

# A lead with nothing but what it must have.
PLAIN = {
    "created_time": DAYS[0], "player_name": None, "player_age_category": None, "email": None,
    "status": "New", "source": "meta", "center_id": 1, "has_leadgen_id": False,
    "has_origin": False, "comments": 0, "deliveries": 0, "rows": 0,
}  # fmt: skip


@pytest.fixture
def an_import(world: World) -> None:
    with world.db.write() as session:
        session.add(
            Import(
                id=1,
                state="undone",
                filename="a.csv",
                created_at=times.now(),
                columns=[],
                mapping={},
                totals={},
            )
        )


def test_each_column_of_a_lead_has_a_rule() -> None:
    chosen = [name for choice in merge_fields.CHOICES.values() for name in choice.columns]
    columns = [name for name in (*chosen, *merge_fields.UNCHOSEN) if name != merge_fields.ORIGIN]
    assert sorted(columns) == sorted(merge_records.table(Lead).c.keys())
    assert all(name == choice.columns[0] for name, choice in merge_fields.CHOICES.items())


@pytest.mark.slow
def test_unmerging_in_any_order_gives_what_was_before(
    world: World, an_import: None, database: str
) -> None:
    @settings(max_examples=runs.on(database, 40))
    @given(data=st.data(), many=st.integers(2, 4))
    def check(data: st.DataObject, many: int) -> None:
        with world.db.write() as session:
            ids = [add(session, data.draw(described())) for _ in range(many)]
        before = everything(world), indexed(world)
        live = list(ids)
        merges: dict[int, tuple[int, int]] = {}
        for _ in range(data.draw(st.integers(1, many - 1))):
            this, other = data.draw(st.permutations(live))[:2]
            merges[merge(world, this, other, data.draw(SIDES))] = (this, other)
            live.remove(other)
        while merges:
            # A survivor that was merged itself is restored first.
            gone = {other for _, other in merges.values()}
            free = [id for id, (this, _) in merges.items() if this not in gone]
            merge_id = data.draw(st.sampled_from(free))
            unmerge(world, merge_id)
            del merges[merge_id]
        after = everything(world), indexed(world)
        for name, rows in before[0].items():
            assert after[0][name] == rows, name
        assert after == before

    check()


@pytest.mark.slow
def test_merges_into_one_lead_are_undone_in_any_order(
    world: World, an_import: None, database: str
) -> None:
    @settings(max_examples=runs.on(database, 40))
    @given(data=st.data(), order=st.permutations([0, 1, 2]))
    def check(data: st.DataObject, order: list[int]) -> None:
        with world.db.write() as session:
            this, *others = [add(session, data.draw(described())) for _ in range(4)]
        before = everything(world), indexed(world)
        merges = [merge(world, this, other, data.draw(SIDES)) for other in others]
        for place in order:
            unmerge(world, merges[place])
        after = everything(world), indexed(world)
        for name, rows in before[0].items():
            assert after[0][name] == rows, name
        assert after == before

    check()


def test_each_table_that_names_a_lead_has_a_rule() -> None:
    tables = SQLModel.metadata.sorted_tables
    naming = {one.name for one in tables if "lead_id" in one.c} | {
        key.parent.table.name
        for one in tables
        for key in one.foreign_keys
        if key.column.table.name == "lead"
    }
    moving = {one.name for one in merge_records.moving()}
    assert naming == moving | merge_records.OWN_RULE | merge_records.STAYS
    assert moving == {"leadevent", "comment", "delivery", "consent", "attempt"}


NUMBER = "+919848010002"
ORDERS = list(itertools.permutations(range(3)))


def with_a_number_of_an_import(world: World) -> list[int]:
    """Add leads: the first has the number from an import, and the second as its own."""
    with world.db.write() as session:
        return [
            add(session, PLAIN | {"player_name": name, "phone": phone, "further": further})
            for name, phone, further in (
                ("Tara", None, [NUMBER]),
                (None, NUMBER, []),
                (None, None, []),
                (None, None, []),
            )
        ]


@pytest.mark.parametrize("order", ORDERS)
def test_a_number_keeps_its_import_when_it_was_the_first_one_in_between(
    world: World, an_import: None, order: tuple[int, ...]
) -> None:
    """Undoing the import must still remove it."""
    this, *others = with_a_number_of_an_import(world)
    before = everything(world)
    merges = [merge(world, this, other, {}) for other in others[:2]]
    merges.append(merge(world, this, others[2], {"phone": "other"}))
    for place in order:
        unmerge(world, merges[place])
    assert everything(world) == before


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("merged_before", [1, 2])
def test_a_number_that_an_enquiry_gave_in_between_is_no_longer_of_the_import(
    world: World, an_import: None, order: tuple[int, ...], merged_before: int
) -> None:
    this, *others = with_a_number_of_an_import(world)
    merges = [merge(world, this, other, {}) for other in others[:merged_before]]
    enquiry = matching.Candidate(
        created_time=DAYS[2], center_id=1, source="webhook", player_name="Tara", phone=NUMBER
    )
    with world.db.write() as session:
        assert adding.add(session, enquiry, "IN").lead_id == this
    merges += [merge(world, this, other, {"phone": "other"}) for other in others[merged_before:]]
    for place in order:
        unmerge(world, merges[place])
    with world.db.read() as session:
        assert merge_records.numbers_of(session, this) == [[NUMBER, None]]
