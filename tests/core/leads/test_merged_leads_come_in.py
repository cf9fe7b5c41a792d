"""What comes in about a merged lead joins the survivor; undoing loses nothing."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import Session, col, select

from backend.core.leads import adding, matching
from backend.core.leads.matching import Verdict
from backend.models import Delivery, Lead, LeadEvent, LeadMerge
from tests.core.imports.sheets_of import (
    HEADER,
    committed,
    planned,
    row,
    show,
    undo,
    upload,
    verdicts,
)
from tests.core.leads.merging_of import everything, indexed, merge, unmerge
from tests.world import World

AT = datetime(2026, 11, 9, 6, tzinfo=UTC)
ONE: dict[str, Any] = {"player_name": "Ravi K", "phone": "9848000301", "leadgen_id": "71"}
TWO: dict[str, Any] = {
    "player_name": "Raviteja Rao", "phone": "9848000302", "leadgen_id": "72",
    "player_age_category": "U11",
}  # fmt: skip


def place(world: World, **said: Any) -> matching.Placed:
    with world.db.write() as session:
        return _place(session, **said)


def _place(session: Session, **said: Any) -> matching.Placed:
    return adding.add(session, matching.Candidate(**{
        "created_time": AT, "center_id": 1, "source": "meta", **said
    }), "IN")  # fmt: skip


@pytest.fixture
def two(world: World) -> tuple[int, int]:
    return place(world, **ONE).lead_id, place(world, **TWO).lead_id


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        # Meta's id alone.
        ({"leadgen_id": "72"}, Verdict.KNOWN),
        ({"leadgen_id": "71"}, Verdict.KNOWN),
        # Its phone and name, with and without the rest.
        ({**TWO, "leadgen_id": None}, Verdict.JOIN),
        ({**TWO, "leadgen_id": "73"}, Verdict.JOIN),
        ({"player_name": "RAVITEJA  RAO", "phone": "+919848000302"}, Verdict.JOIN),
        # One's phone and the other's name.
        ({"player_name": "Raviteja Rao", "phone": "9848000301"}, Verdict.JOIN),
        ({"player_name": "Ravi K", "phone": "9848000302"}, Verdict.JOIN),
        # Another child of the household, or another age.
        ({"player_name": "Tara", "phone": "9848000302"}, Verdict.SIBLING),
        (
            {"player_name": "Raviteja Rao", "phone": "9848000302", "player_age_category": "U15"},
            Verdict.SIBLING,
        ),
    ],
)
def test_it_comes_in_again(
    world: World, two: tuple[int, int], said: dict[str, Any], verdict: Verdict
) -> None:
    this, other = two
    merge(world, this, other)
    placed = place(world, **said)
    assert placed.verdict is verdict
    assert (placed.lead_id == this) is (verdict is not Verdict.SIBLING)


@pytest.mark.parametrize("side", ["this", "other"])
def test_the_same_enquiry_adds_nothing(world: World, two: tuple[int, int], side: str) -> None:
    this, other = two
    merge(world, this, other, {"created_time": side})
    before = everything(world)
    for said in (ONE, TWO):
        assert place(world, **{**said, "leadgen_id": None}) == matching.Placed(this, Verdict.JOIN)
    assert everything(world) == before


def test_an_email_without_a_phone(world: World) -> None:
    this = place(world, player_name="Zoe", phone="9848000303").lead_id
    other = place(world, player_name="Zoe M", email="zoe@example.com").lead_id
    merge(world, this, other)
    again = place(world, player_name="Zoe M", email="ZOE@example.com", created_time=AT)
    assert again == matching.Placed(this, Verdict.JOIN)
    assert place(world, player_name="Zoe", email="zoe@example.com").verdict is Verdict.CREATE


def test_rows_of_an_import(world: World, two: tuple[int, int]) -> None:
    this, other = two
    merge(world, this, other)
    header = f"id,{HEADER}"
    at = AT.isoformat()
    rows = [
        f"l:72,{row('Someone', '9848000399')}",
        f",{row('Raviteja Rao', '9848000302', at=at)}",
        f",{row('Raviteja Rao', '9848000302')}",
        f",{row('Ravi K', '9848000302')}",
        f",{row('Tara', '9848000302')}",
    ]
    found = verdicts(world, planned(world, *rows, header=header))
    assert [(verdict, lead) for _, verdict, _, lead in found] == [
        ("known", this), ("join", this), ("join", this), ("join", this), ("sibling", None)
    ]  # fmt: skip
    assert found[1][2][0]["code"] == "same_lead_and_time"


def test_an_id_of_a_deleted_row_is_given_to_no_other_lead(
    world: World, two: tuple[int, int]
) -> None:
    this, other = two
    done = merge(world, this, other)
    assert place(world, player_name="New", phone="9848000304").lead_id > other
    upload(world, row("A", "9848000305"))
    unmerge(world, done)
    with world.db.read() as session:
        assert session.get_one(Lead, other).player_name == "Raviteja Rao"


@pytest.mark.parametrize("which", ["this", "other", "both"])
def test_an_import_whose_lead_was_merged_is_undone(world: World, which: str) -> None:
    rows = [row("Ravi K", "9848000301"), row("Raviteja Rao", "9848000302")]
    if which == "both":
        committed(world, *rows)
        import_id = 1
    else:
        for each in rows:
            committed(world, each)
        import_id = 1 if which == "this" else 2
    this, other = 3, 4
    committed(world, row("Third", "9848000309"), rows[1])
    before = everything(world), indexed(world)
    done = merge(world, this, other)
    undone = undo(world, import_id)
    assert undone["leads_removed"] == 0
    assert [(one["lead_id"], one["code"]) for one in undone["kept"]] == [
        (this, "lead_merged_since")
    ]  # fmt: skip
    unmerge(world, done)
    after = everything(world), indexed(world)
    for name, rows_before in before[0].items():
        if name != "import":
            assert after[0][name] == rows_before, name
    assert after[1] == before[1]
    assert show(world, import_id)["state"] == "undone"


def test_an_import_that_joined_the_survivor_is_undone(world: World, two: tuple[int, int]) -> None:
    this, other = two
    before = everything(world), indexed(world)
    done = merge(world, this, other)
    during = everything(world)
    committed(world, row("Raviteja Rao", "9848000302", at="2026-11-12"))
    assert undo(world, 1)["leads_restored"] == 1
    after = everything(world)
    for name in ("lead", "leadevent", "leadphone", "comment", "leadorigin"):
        assert after[name] == during[name], name
    unmerge(world, done)
    for name in ("lead", "leadevent", "leadphone", "comment", "leadorigin"):
        assert everything(world)[name] == before[0][name], name


def test_what_happened_since_stays_with_the_survivor(world: World, two: tuple[int, int]) -> None:
    this, other = two
    done = merge(world, this, other)
    place(world, **{**TWO, "leadgen_id": "73", "created_time": datetime(2026, 11, 11, tzinfo=UTC)})
    unmerge(world, done)
    with world.db.read() as session:
        lines = session.exec(
            select(LeadEvent.kind).where(LeadEvent.lead_id == this).order_by(col(LeadEvent.id))
        ).all()
        assert lines == ["created", "merged", "repeat_enquiry", "unmerged"]
        assert session.exec(select(LeadEvent.kind).where(LeadEvent.lead_id == other)).all() == [
            "created"
        ]
        # Nothing of the restored lead is kept twice.
        record = session.get_one(LeadMerge, done)
        assert (record.snapshot, record.name_key, record.leadgen_id) == (None, None, None)
    # And it's matched as before.
    assert place(world, **{**TWO, "leadgen_id": None}).lead_id == other
    assert place(world, leadgen_id="72") == matching.Placed(other, Verdict.KNOWN)


def test_meta_sends_it_again(world: World, two: tuple[int, int]) -> None:
    this, other = two
    done = merge(world, this, other)
    with world.db.write() as session:
        session.add(
            Delivery(
                source="meta",
                state="processed",
                received_at=AT,
                body="{}",
                leadgen_id="72",
                lead_id=_place(session, leadgen_id="72").lead_id,
            )
        )
    unmerge(world, done)
    with world.db.read() as session:
        found = session.exec(select(Delivery.lead_id).where(Delivery.leadgen_id == "72")).one()
    assert found == other
