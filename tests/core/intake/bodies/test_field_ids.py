"""Forms that send the ids of their fields and no questions, such as Gravity Forms."""

from typing import Any

import pytest
from sqlmodel import col, select

from backend.core.intake import forms
from backend.core.intake.bodies import field_ids
from backend.core.intake.bodies.submission import single
from backend.models import Lead, LeadOrigin
from tests.core.intake.arrivals import states, work_off
from tests.core.intake.test_flat_form import send
from tests.world import TELLAPUR, World

# As Gravity Forms' webhooks send an entry.
ENTRY: dict[str, Any] = {
    "id": "123",
    "form_id": "7",
    "post_id": None,
    "date_created": "2026-11-29 10:00:00",
    "ip": "192.0.2.7",
    "status": "active",
    "transaction_id": "9848000299",
    "1.3": "Zoya",
    "1.6": "Test",
    "2": "+919848000201",
    "3": "zoya@example.com",
    "4": "TOFA Tellapur",
    "5": "U10",
    "7.1": "Football",
}
PLAIN = {"1": "Zoya Test", "2": "9848000201", "3": "tofa tellapur", "4": "502020"}


def fields(said: dict[str, Any], **mapping: str) -> dict[str, str]:
    return dict(single(said).map(mapping, "IN", by_value=True).fields)


def lead_of(world: World, answer: dict[str, Any]) -> Lead:
    assert answer["status"] == "success"
    with world.db.read() as session:
        return session.get_one(Lead, answer["lead_id"])


@pytest.mark.parametrize(
    "said",
    [ENTRY, {"entry": ENTRY}, {f"input_{name.replace('.', '_')}": one
                               for name, one in ENTRY.items() if name[0].isdigit()}],
)  # fmt: skip
def test_a_lead_comes_of_it_and_its_form_asks_for_a_mapping(
    said: dict[str, Any], world: World
) -> None:
    made = lead_of(world, send(world.db, world.settings, said))
    assert (made.player_name, made.phone_key, made.email, made.center_id) == (
        "Zoya Test", "+919848000201", "zoya@example.com", TELLAPUR
    )  # fmt: skip
    with world.db.read() as session:
        origin = session.get_one(LeadOrigin, made.id)
        (form,) = forms.list_all(session)
    assert "U10" in str(origin.answers)
    asked = [one["question"] for one in form["questions"] if field_ids.is_id(one["question"])]
    assert len(asked) >= 7


def test_its_form_is_known_even_if_the_center_has_a_name(world: World) -> None:
    said = {"2": "9848000201", "nearest_center": "TOFA Tellapur", "form_id": "9"}
    lead_of(world, send(world.db, world.settings, said))
    with world.db.read() as session:
        assert [form["id"] for form in forms.list_all(session)] == ["webhook:9"]


def test_the_mapping_counts_then(world: World) -> None:
    send(world.db, world.settings, ENTRY)
    with world.db.write() as session:
        mapping = {"2": "", "5": "player_age_category", "8": "phone", "4": "center"}
        forms.set_mapping(session, "webhook:7", mapping)
    said = ENTRY | {"4": "TOFA Gachibowli", "8": "9848000202"}
    made = lead_of(world, send(world.db, world.settings, said))
    assert (made.player_name, made.phone_key, made.player_age_category, made.center_id) == (
        "Zoya Test", "+919848000202", "U10", 2
    )  # fmt: skip


def test_one_that_waits_comes_in_by_the_mapping(world: World) -> None:
    said = PLAIN | {"2": "call 98480 00201 after 5", "form_id": "9"}
    assert send(world.db, world.settings, said)["message"] == "Phone number is required"
    with world.db.write() as session:
        forms.set_mapping(session, "webhook:9", {"1": "player_name", "2": "phone"})
    work_off(world.db, world.settings)
    assert states(world.db) == {"processed": 1}
    with world.db.read() as session:
        made = session.scalars(select(Lead).order_by(col(Lead.id).desc())).first()
    assert made is not None
    assert (made.player_name, made.phone_key) == ("Zoya Test", "+919848000201")


def test_what_can_be_told_by_its_value() -> None:
    assert fields(PLAIN) == {"phone": "9848000201"}
    assert fields({"field_1": "a@b.co", "item_meta": {"2": "9848000201"}}) == {
        "email": "a@b.co",
        "phone": "9848000201",
    }
    elementors = {"field_2a3b4c": "9848000201", "field_f3d9e1": "Evenings", "form_id": "a1b2"}
    assert fields(elementors) == {"phone": "9848000201"}
    assert fields({"field_cafe": "9848000202"}) == {}
    # The first phone: another one may be a friend's.
    assert fields({"1": "9848000201", "2": "9848000202"}) == {"phone": "9848000201"}
    assert fields({"phone": "9848000203", "2": "9848000202"}) == {"phone": "9848000203"}
    # No numbers of a phone, and nothing with a name.
    assert fields({"1": "502020", "2": "2026-11-29", "3": "12345", "order": "9848000201"}) == {}
    assert fields({"2": "9848000201", "3": "9848000202"}, **{"3": "phone"}) == {
        "phone": "9848000202"
    }


def test_the_parts_of_a_name() -> None:
    assert fields({"1.3": "Zoya", "1.4": "K", "1.6": "Test"})["player_name"] == "Zoya Test"
    # Two people, an address, and choices of a list: those that weren't chosen are blank.
    assert fields({"1.3": "Zoya", "1.6": "Test", "2.3": "Asma", "2.6": "Test"}) == {}
    assert fields({"5.1": "Lake View", "5.3": "Hyderabad", "5.6": "India"}) == {}
    assert fields({"5.1": "", "5.3": "Cricket", "5.4": "Tennis"}) == {}
    assert fields({"5.3": "Under 10", "5.6": "Under 12"}) == {}


def test_an_entry_with_the_labels_of_its_form(world: World) -> None:
    form = {
        "id": 7,
        "title": "Free trial",
        "fields": [
            {"id": 1, "label": "Name", "inputs": [{"id": "1.3", "label": "First"},
                                                  {"id": "1.6", "label": "Last"}]},
            {"id": 2, "label": "Phone"},
            {"id": 4, "label": "Nearest center"},
            {"id": 5, "label": "Age category"},
        ],
    }  # fmt: skip
    made = lead_of(world, send(world.db, world.settings, {"entry": ENTRY, "form": form}))
    assert (made.player_name, made.player_age_category, made.phone_key, made.center_id) == (
        "Zoya Test", "U10", "+919848000201", TELLAPUR
    )  # fmt: skip
    assert single({"entry": ENTRY, "form": form}).form_id == "webhook:7"
