"""What people type into the form for a lead, or paste from elsewhere, is read as it is meant."""

from typing import Any

import pytest

from backend.core.access import Person
from backend.core.leads import editing
from backend.models import Lead
from backend.schemas.leads import LeadEdit, NewLead
from tests.world import LEAD, LEAD_OF_TELLAPUR, TELLAPUR, World

LEADER = Person(1, LEAD, "team_lead")
TYPED = [
    ("player_name", " Naira\u200b  Probe\u00a0", "Naira Probe"),
    ("player_name", "\ufeffJose\u0301", "José"),
    ("email", " n@x.example ", "n@x.example"),
    ("email", "Naira <n@x.example>", "n@x.example"),
    ("email", "mailto:n@x.example", "n@x.example"),
    ("email", "at home", "at home"),
    ("player_age_category", " U9 ", "U9"),
    ("player_age_category", " ", None),
    ("address", " 12 Lake Road\n", "12 Lake Road"),
    ("address", "\u200b", None),
]


def add(world: World, **typed: Any) -> Any:
    usual: dict[str, Any] = {"player_name": "Naira", "phone": "70130 65001"}
    given = usual | {"center_id": TELLAPUR} | typed
    with world.db.write() as session:
        return editing.create(session, LEADER, NewLead(**given), "IN")["lead"]


@pytest.mark.parametrize(("field", "typed", "read"), TYPED)
def test_a_new_lead(world: World, field: str, typed: str, read: str | None) -> None:
    assert add(world, **{field: typed})[field] == read


def edit(world: World, **typed: Any) -> Any:
    with world.db.write() as session:
        zone = world.settings.zone
        return editing.edit(session, LEADER, LEAD_OF_TELLAPUR, LeadEdit(**typed), zone, "IN")


@pytest.mark.parametrize(("field", "typed", "read"), TYPED)
def test_an_edit(world: World, field: str, typed: str, read: str | None) -> None:
    assert edit(world, **{field: typed})[field] == read


def test_of_several_emails_the_first_is_the_email_and_all_are_kept(world: World) -> None:
    lead = add(world, email="Asha <a@x.example>, v@x.example")
    assert lead["email"] == "a@x.example"
    assert lead["answers"] == {"email": "Asha <a@x.example>, v@x.example"}
    assert add(world, player_name="Ved", email="mailto:a@x.example")["answers"] == {}


def test_a_text_that_is_sent_back_as_it_was_is_no_edit(world: World) -> None:
    """An old lead may have a text that would be cleaned today."""
    with world.db.write() as session:
        session.get_one(Lead, LEAD_OF_TELLAPUR).player_name = "Naira  Probe "
    assert edit(world, player_name="Naira  Probe ")["edit_id"] is None
    assert edit(world, player_name="Naira  Probe")["player_name"] == "Naira Probe"
