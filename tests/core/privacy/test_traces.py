"""Copies of a person's data are found however the person or a program has written them."""

import json
from typing import Any

import pytest

from backend.core.privacy.traces import Needles, needles_of, text_without
from backend.models import Lead
from tests.world import LEAD_OF_TELLAPUR, World

# What is read of the database is the same on both.
pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
HINDI = str.maketrans("0123456789", "०१२३४५६७८९")
WIDE = str.maketrans("0123456789", "０１２３４５６७８９")
PHONE, EMAIL = "9848099001", "priya@parent.example"


def needles(world: World, name: str, phone: str = f"+91{PHONE}") -> Needles:
    lead = {"id": 77, "player_name": name, "phone": phone, "phone_key": phone, "email": EMAIL}
    with world.db.read() as session:
        return needles_of(session, {"lead": [lead]})


@pytest.mark.parametrize(
    "text",
    [
        PHONE.translate(HINDI),
        json.dumps(PHONE.translate(HINDI)),
        PHONE.translate(WIDE),
        "98480\u00b799001",
        "9848,099,001",
        "98480_99001",
        "98480\u200b99001",
        "\u202a98480\u202c99001",
        json.dumps("98480\u00a099001"),
        json.dumps("98480\u201399001"),
        json.dumps("98480\t99001"),
        "98480&nbsp;99001",
        "9848&#48;99001",
        "98480%C2%A099001",
        "priya\\u0040parent.example",
        "priya&#64;parent.example",
        "priya%40parent.example",
    ],
)
def test_a_number_or_an_email_is_found_however_it_is_written(world: World, text: str) -> None:
    assert needles(world, "Priya").are_in(f'{{"x": 1, "text": "{text}"}}')


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Zoë Khan", json.dumps({"name": "Zoë Khan"})),
        ("प्रिया शर्मा", json.dumps({"name": "प्रिया शर्मा"})),
        ("Zoë Khan", "name=Zoe+Khan"),
        ("Zoë Khan", "name=Zo%C3%AB+Khan"),
        ("Zoë Khan", "<name>Zo&euml; Khan</name>"),
        ("K. Priya", json.dumps({"name": "K.Priya"})),
        ("Anne-Marie Rao", json.dumps({"name": "Anne-Marie Rao"})),
        ("Asha", json.dumps({"name": "Asha"})),
        ("Asha", "name=ASHA&x=1"),
        ("Om", json.dumps({"first": "Om", "last": "Rao"})),
        ("ओम", json.dumps({"name": "ओम"})),
    ],
)
def test_a_copy_with_a_shared_number_is_found_by_the_name(
    world: World, name: str, body: str
) -> None:
    # The lead of the academy has this number, too.
    found = needles(world, name, _phone_of(world))
    assert found.shared
    assert found.are_in(f"{_phone_of(world)} {body}")


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("Om", {"name": "Tara", "note": "Come from home"}),
        ("ओम", {"name": "ओमप्रकाश"}),
        ("Asha", {"name": "Natasha"}),
        ("Asha", {"name": "Ravi"}),
    ],
)
def test_a_copy_of_another_child_with_the_same_number_stays(
    world: World, name: str, body: dict[str, Any]
) -> None:
    found = needles(world, name, _phone_of(world))
    assert not found.are_in(f"{_phone_of(world)} {json.dumps(body)}")


def test_a_short_name_alone_is_a_word_of_any_text(world: World) -> None:
    assert text_without(needles(world, "Asha"), "Leads of Asha Nagar.csv") != "[erased]"
    assert text_without(needles(world, "Asha Rao"), "Leads of asha_rao.csv") == "[erased]"


def _phone_of(world: World) -> str:
    with world.db.read() as session:
        phone = session.get_one(Lead, LEAD_OF_TELLAPUR).phone_key
    assert phone is not None
    return phone
