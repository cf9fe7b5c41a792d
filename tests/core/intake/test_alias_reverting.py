"""A wrong alias is reverted with the leads that came in by it, however they came."""

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import times
from backend.core.access import Person
from backend.core.errors import AliasNotFound, CenterNotFound, Invalid
from backend.core.imports import upload
from backend.core.intake import alias_reverting, center_aliases, center_changes, center_merging
from backend.core.leads import changes
from backend.models import Delivery, Lead, LeadEvent
from backend.schemas.centers import AliasReverted
from backend.schemas.leads import LeadChange
from tests.core.intake.arrivals import (
    all_deliveries,
    events,
    flat,
    leads,
    notify,
    states,
    with_token,
    work_off,
)
from tests.told import FakeGraph, lead
from tests.world import GACHIBOWLI, TELLAPUR, World

BY = Person(1, "lead@tofa.example", "team_lead")

CHILD = {"phone_number": "9848012001", "full_name": "Tara"}
HEADER = "player_name,phone,player_age_category,_which_is_the_nearest_tofa_center_to_you?,Shoe size"


def say(world: World, text: str = "Old ground", center_id: int = TELLAPUR) -> None:
    with world.db.write() as session:
        center_aliases.add(session, BY, text, center_id)


def arrive(world: World) -> list[int]:
    """Bring a lead in each way, by the alias. Return their ids."""
    flat(world.db, nearest_center="old  GROUND.", **CHILD)
    notify(world.db, "11")
    told = FakeGraph({"11": lead("11", center="Old ground", Shoe_size="4")})
    work_off(world.db, with_token(world), told)
    sheet = f"{HEADER}\nVed,9848012003,U9,Old Ground,31\nZoe,9848012004,U9,TOFA Tellapur,32\n"
    answer = upload.upload(world.db, world.settings, None, "leads.csv", sheet.encode())
    assert answer["status"] == "success"
    found = [one for one in leads(world.db) if one.player_name != "Zoe"]
    assert {one.center_id for one in found} == {TELLAPUR}
    return [one.id or 0 for one in found]


def revert(world: World, into_id: int | None, text: str = "OLD ground") -> AliasReverted:
    with world.db.write() as session:
        return alias_reverting.revert(session, BY, TELLAPUR, text, into_id)


def work_on(world: World, lead_id: int) -> None:
    with world.db.write() as session:
        one, now = session.get_one(Lead, lead_id), times.now()
        changes.note(session, one, LeadChange(status="Called"), 1, world.settings.zone, now)


def centers_of(world: World) -> dict[str | None, int | None]:
    return {one.player_name: one.center_id for one in leads(world.db)}


def test_leads_move_to_the_right_center(world: World) -> None:
    say(world)
    ids = arrive(world)
    work_on(world, ids[1])
    with world.db.read() as session:
        use = alias_reverting.use(session, TELLAPUR, " old ground")
    assert use == {"leads": 3, "worked_on": [ids[1]]}
    reverted = revert(world, GACHIBOWLI)
    assert (reverted["moved"], reverted["kept"]) == (2, [ids[1]])
    assert centers_of(world) == {"Tara": 2, "Child 11": 1, "Ved": 2, "Zoe": 1}
    line = events(world.db, ids[0])[-1]
    assert (line.kind, line.data, line.user_id) == ("moved", '{"from":1,"to":2}', 1)
    # What comes in later is the other center's too.
    flat(world.db, nearest_center="Old ground", phone_number="9848012009", full_name="Late")
    work_off(world.db, world.settings)
    assert centers_of(world)["Late"] == GACHIBOWLI
    # One has moved on since: the others move back.
    with world.db.write() as session:
        session.get_one(Lead, ids[0]).center_id = None
    undone = center_changes.undo(world.db, BY, reverted["id"])
    assert undone == {"restored": 1, "kept": [ids[0]]}
    assert centers_of(world) == {"Tara": None, "Child 11": 1, "Ved": 1, "Zoe": 1, "Late": 2}
    with world.db.read() as session:
        assert center_aliases.find(session, "Old ground") == TELLAPUR


def test_leads_wait_again(world: World) -> None:
    say(world)
    ids = arrive(world)
    before = {one.player_name: one for one in leads(world.db)}
    work_on(world, ids[0])
    reverted = revert(world, None)
    assert (reverted["moved"], reverted["kept"]) == (2, [ids[0]])
    assert centers_of(world) == {"Tara": 1, "Zoe": 1}
    waiting = [one for one in all_deliveries(world.db) if one.state == "waiting"]
    assert [(one.source, one.reason, one.center_text, one.lead_id) for one in waiting] == [
        ("meta", "unknown_center", "Old ground", None),
        ("upload", "unknown_center", "Old ground", None),
    ]
    with world.db.read() as session:
        assert not session.scalars(select(LeadEvent).where(col(LeadEvent.lead_id) == ids[2])).all()
        (unknown,) = center_aliases.unknown(session)
    assert (unknown["text"], unknown["count"]) == ("Old ground", 2)
    # The right one this time: nothing of them is lost.
    say(world, "Old ground", GACHIBOWLI)
    work_off(world.db, world.settings)
    assert centers_of(world) == {"Tara": 1, "Zoe": 1, "Child 11": 2, "Ved": 2}
    for one in leads(world.db):
        if one.center_id == GACHIBOWLI:
            was = before[one.player_name]
            for name in ("phone", "phone_key", "email", "player_age_category", "created_time",
                         "leadgen_id", "source"):  # fmt: skip
                assert getattr(one, name) == getattr(was, name), name


def test_an_undo_processes_what_waits_again(world: World) -> None:
    say(world)
    arrive(world)
    reverted = revert(world, None)
    assert centers_of(world) == {"Zoe": 1}
    assert center_changes.undo(world.db, BY, reverted["id"]) == {"restored": 0, "kept": []}
    work_off(world.db, world.settings)
    assert centers_of(world) == {"Zoe": 1, "Tara": 1, "Child 11": 1, "Ved": 1}
    # Nothing is left of the change: they came in by the alias once more.
    with world.db.read() as session:
        assert alias_reverting.use(session, TELLAPUR, "Old ground")["leads"] == 3


def test_a_delivery_that_has_waited_came_in_by_the_alias_too(world: World) -> None:
    flat(world.db, nearest_center="Old ground", **CHILD)
    work_off(world.db, world.settings)
    assert states(world.db) == {"waiting": 1}
    say(world)
    work_off(world.db, world.settings)
    assert revert(world, None)["moved"] == 1
    assert states(world.db) == {"waiting": 1}


def test_repeat_enquiries_keep_a_lead(world: World) -> None:
    """A lead that existed before isn't the alias's, and one with a second enquiry is kept."""
    flat(world.db, phone_number="9848000001", full_name="Zoe Khan", nearest_center="Old ground")
    say(world)
    for _ in range(2):
        flat(world.db, nearest_center="Old ground", **CHILD)
    work_off(world.db, world.settings)
    (tara,) = leads(world.db)
    assert revert(world, GACHIBOWLI) == {"id": 1, "moved": 0, "kept": [tara.id]}


def test_reverts_that_are_refused(world: World) -> None:
    say(world)
    with pytest.raises(AliasNotFound):
        revert(world, GACHIBOWLI, "Mars")
    with pytest.raises(CenterNotFound):
        revert(world, 9)
    with pytest.raises(Invalid):
        revert(world, TELLAPUR)
    center_merging.merge(world.db, BY, GACHIBOWLI, TELLAPUR)
    with pytest.raises(center_aliases.CenterArchived):
        revert(world, GACHIBOWLI)


def test_a_moved_lead_is_still_undone_with_its_import(world: World) -> None:
    say(world)
    arrive(world)
    with world.db.read() as session:
        assert session.scalars(select(Delivery).where(col(Delivery.source) == "upload")).all() == []
    revert(world, GACHIBOWLI)
    from backend.core.imports import undo

    undone = undo.undo(world.db, BY, 1)
    assert (undone["leads_removed"], undone["kept"]) == (2, [])
