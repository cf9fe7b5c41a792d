"""What makes two leads the same."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.leads import adding, match_keys
from backend.core.leads.matching import Candidate
from backend.models import Lead
from tests.world import EPOCH, TELLAPUR, World


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("+91 98480 22338", "+919848022338"),
        ("09848022338", "+919848022338"),
        ("0091-98480-22338", "+919848022338"),
        ("919848022338", "+919848022338"),
        ("9198480223", "+919198480223"),
        ("+44 20 7946 0018", "+442079460018"),
        ("+91 98480 22338 ext. 5", "+919848022338"),
        ("9848022338 / 9848022339", "98480223389848022339"),
        ("ask the mother", None),
        ("", None),
        (None, None),
    ],
)
def test_phones(text: str | None, key: str | None) -> None:
    assert match_keys.phone_key(text, "IN") == key


@pytest.mark.parametrize(
    ("text", "key"),
    [(" Zoya@Example.com ", "zoya@example.com"), (" ", None), ("", None), (None, None)],
)
def test_emails(text: str | None, key: str | None) -> None:
    assert match_keys.email_key(text) == key


@pytest.mark.parametrize("letters", ["0123456789", "abc@.", "\U0001f3c6\u0390é9"])
def test_texts_without_end_can_be_kept(world: World, letters: str) -> None:
    """An index takes no text of any length: one such lead would keep up all that came with it."""
    text = "".join(random.Random(1).choices(letters, k=20_000))
    candidate = Candidate(
        created_time=EPOCH,
        center_id=TELLAPUR,
        source="upload",
        player_name=text,
        phone=text,
        email=text,
        origin={"campaign_name": text},
    )
    with world.db.write() as session:
        placed = adding.add(session, candidate, "IN")
    with world.db.read() as session:
        lead = session.get_one(Lead, placed.lead_id)
        assert (lead.phone, lead.email, lead.player_name) == (text, text, text)


digits = st.text("0123456789", min_size=251, max_size=5000)


@given(digits, digits)
def test_a_key_is_never_too_long_for_an_index(one: str, other: str) -> None:
    """And still tells one text from another."""
    keys = [match_keys.phone_key(f"x{text}", "IN") for text in (one, other)]
    keys += [match_keys.email_key(f"{text}@example.com") for text in (one, other)]
    assert all(key is not None and 0 < len(key) <= 250 for key in keys)
    assert (keys[0] == keys[1]) == (keys[2] == keys[3]) == (one == other)
