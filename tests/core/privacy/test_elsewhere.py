"""A person's data that people have written where it doesn't belong."""

import json
from dataclasses import replace

from sqlmodel import col, select

from backend.core.intake import center_aliases
from backend.core.leads import adding
from backend.core.leads.history import event
from backend.core.leads.matching import Candidate
from backend.core.privacy import person_export
from backend.models import CenterAlias, EventKind, LeadEvent, Source
from tests.core.privacy.test_erasing import LEADER, erase, finish
from tests.world import EPOCH, LEAD_OF_GACHIBOWLI, TELLAPUR, World


def test_what_was_changed_in_another_lead_goes(world: World) -> None:
    """Someone has opened the wrong lead, typed the phone into it, and corrected that."""
    with world.db.write() as session:
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Priya Rao", phone="98480 99001")
        added = adding.add(session, replace(new, email="priya@parent.example"), "IN").lead_id
        for field, typed in (
            ("phone", "98480 99001"), ("email", "priya@parent.example"), ("address", "7 Lake Road"),
        ):  # fmt: skip
            edited = {field: {"from": None, "to": typed}}
            session.add(event(LEAD_OF_GACHIBOWLI, EPOCH, EventKind.EDITED, 1, **edited))
    copies = person_export.collect(world.db, LEADER, added)["copies"]
    assert [one["data"] for one in copies["leadevent"]] == [
        {"phone": {"from": None, "to": "98480 99001"}},
        {"email": {"from": None, "to": "priya@parent.example"}},
    ]
    erase(world, added)
    finish(world.db)
    with world.db.read() as session:
        left = session.scalars(select(col(LeadEvent.data)).order_by(col(LeadEvent.id))).all()
    assert [json.loads(one) for one in left[-3:]] == [
        {"phone": {"from": None, "to": "[erased]"}},
        {"email": {"from": None, "to": "[erased]"}},
        {"address": {"from": None, "to": "7 Lake Road"}},
    ]


def test_an_alias_that_the_parent_has_typed_goes(world: World) -> None:
    """A form's question for the center was answered with more, and matched to a center."""
    with world.db.write() as session:
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Priya Rao", phone="98480 99001")
        added = adding.add(session, new, "IN").lead_id
        for text in ("Tellapur, call 98480 99001", "Tellapur new"):
            center_aliases.add(session, LEADER, text, TELLAPUR)
    copies = person_export.collect(world.db, LEADER, added)["copies"]
    assert [one["text"] for one in copies["centeralias"]] == ["Tellapur, call 98480 99001"]
    erase(world, added)
    finish(world.db)
    with world.db.read() as session:
        assert session.scalars(select(col(CenterAlias.text))).all() == ["Tellapur new"]


def test_a_broken_line_in_another_lead_stops_nothing(world: World) -> None:
    """A script has stored text that is no JSON, with the person's phone in it."""
    with world.db.write() as session:
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Priya Rao", phone="98480 99001")
        added = adding.add(session, new, "IN").lead_id
        line = event(LEAD_OF_GACHIBOWLI, EPOCH, EventKind.EDITED, 1)
        line.data = "{98480 99001"
        session.add(line)
    copies = person_export.collect(world.db, LEADER, added)["copies"]
    assert [one["data"] for one in copies["leadevent"]] == ["{98480 99001"]
    erase(world, added)
    finish(world.db)
    with world.db.read() as session:
        left = session.scalars(select(col(LeadEvent.data)).order_by(col(LeadEvent.id))).all()
    assert json.loads(left[-1]) == {}
