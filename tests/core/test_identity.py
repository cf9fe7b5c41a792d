"""The keys by which leads are found again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core import identity

digits = st.text("0123456789", min_size=251, max_size=5000)


@given(digits, digits)
def test_a_key_is_never_too_long_for_an_index(one: str, other: str) -> None:
    """And still tells one text from another."""
    keys = [identity.phone_key(f"x{text}", "IN") for text in (one, other)]
    keys += [identity.email_key(f"{text}@example.com") for text in (one, other)]
    assert all(key is not None and 0 < len(key) <= 250 for key in keys)
    assert (keys[0] == keys[1]) == (keys[2] == keys[3]) == (one == other)


@pytest.mark.parametrize("text", [None, "", " ", "NA"])
def test_no_phone(text: str | None) -> None:
    assert identity.phone_key(text, "IN") is None


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("98480 22338", "+919848022338"),
        ("0091-9848022338", "+919848022338"),
        ("+1 415 555 2671", "+14155552671"),
        ("1 (a)", "1"),
    ],
)
def test_a_phone(text: str, key: str) -> None:
    assert identity.phone_key(text, "IN") == key


@pytest.mark.parametrize(
    ("text", "key"), [(None, None), ("  ", None), (" A@X.Example ", "a@x.example")]
)
def test_an_email(text: str | None, key: str | None) -> None:
    assert identity.email_key(text) == key
