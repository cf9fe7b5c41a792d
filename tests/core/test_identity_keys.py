"""The keys by which leads are found again fit into an index, and still tell them apart."""

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
