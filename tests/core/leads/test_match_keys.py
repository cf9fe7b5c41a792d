"""What makes two leads the same."""

import random
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.leads import adding, match_keys
from backend.core.leads.matching import Candidate
from backend.models import Lead
from tests.world import EPOCH, TELLAPUR, World


@pytest.mark.parametrize(
    ("phone", "email", "households"),
    [
        ("98480 22338", "a@x.example", ("+919848022338",)),
        ("98480 22338 / 98480 22339", None, ("+919848022338", "+919848022339")),
        ("ask the mother", "A@x.example", ("email:a@x.example",)),
        ("9.17013E+11", None, ()),
        (None, None, ()),
        # What stands in an email's place is no address.
        (None, "na", ()),
        ("ask the mother", "@", ()),
        (None, "a@x", ()),
        (None, "a b@x.example", ()),
    ],
)
@pytest.mark.parametrize("is_test", [False, True])
def test_households(
    phone: str | None, email: str | None, households: tuple[str, ...], is_test: bool
) -> None:
    keys = match_keys.MatchKeys.of("Zoya", phone, email, "IN", is_test=is_test)
    assert keys.households == tuple(f"test:{key}" if is_test else key for key in households)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("U9", "u 9"), ("u-09", "u 9"), ("Under 9 years", "u 9"), ("Below-9", "u 9"),
        ("6 - 8", "6 8"), ("6 to 8 yrs", "6 8"), ("6_to_8_years", "6 8"), ("\u096f+", "9 +"),
        ("Boys U9", "boys u 9"), ("N/A", ""), ("-", ""), (" ", ""), (None, ""), ("years", ""),
        ("1" * 300, "1" * 300),
    ],
)  # fmt: skip
def test_age_categories(text: str | None, key: str) -> None:
    found = match_keys.age_key(text)
    assert found == (key if len(key) <= 250 else f"sha256:{sha256(key.encode()).hexdigest()}")


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
    keys = [match_keys.email_key(f"{text}@example.com") for text in (one, other)]
    assert all(key is not None and 0 < len(key) <= 250 for key in keys)
    assert (keys[0] == keys[1]) == (one == other)


@pytest.mark.parametrize(
    "email",
    ["noemail@gmail.com", "NoMail@x.example", "test@test.com", "na@na.com", "abc@gmail.com",
     "not.available@x.example", "no-reply@x.example", "xxx@xxx.com", "none@yahoo.co.in"],
)  # fmt: skip
def test_an_address_that_is_nobody_s_makes_no_household(email: str) -> None:
    assert match_keys.MatchKeys.of("Zoya", None, email, "IN", is_test=False).households == ()
    keys = match_keys.MatchKeys.of("Zoya", "9848022338", email, "IN", is_test=False)
    assert keys.households == ("+919848022338",)


@pytest.mark.parametrize(
    "email",
    ["na@rao.example", "abc@academy.example", "noel@gmail.com", "testa@x.example",
     "nomi@gmail.com", "max@xyz.com", "xavier@gmail.com"],
)  # fmt: skip
def test_an_address_that_is_somebody_s(email: str) -> None:
    assert not match_keys.is_nobodys(email)
