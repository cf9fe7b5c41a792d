"""Names, centers and columns are folded by three rules: what counts in which of them."""

from collections.abc import Callable

import pytest

from backend.core import names
from backend.core.center_keys import center_key
from backend.core.vocabulary.folding import fold

ALL, NONE = "name center column", ""


@pytest.mark.parametrize(
    ("one", "other", "same_in"),
    [
        ("Zoë", "ZOE", ALL),
        ("Jose\u0301", "José", ALL),
        ("TO\u00adFA\u200b", "tofa", ALL),
        ("Ａｂ", "ab", ALL),  # noqa: RUF001  full width
        ("a \u00a0 b", "A b", ALL),
        ("D\u2019Souza", "D'Souza", ALL),
        ("Al-Amin", "Al Amin", "center column"),
        ("first_name", "First name", "center column"),
        ("(TOFA)", "TOFA.", "center column"),
        ("A. B", "A B", "column"),
        ("Ravi & Ved", "Ravi Ved", "column"),
        ("D'Souza", "DSouza", "column"),
        ("firstName", "first name", "column"),
        ("Whats App", "WhatsApp", "column"),
        ("ज़ारा", "जारा", "name column"),
        ("प्रिया", "परिया", "column"),
        ("మీనా", "మిన", NONE),
        ("Om", "Omi", NONE),
    ],
)
def test_what_is_the_same(one: str, other: str, same_in: str) -> None:
    ways: dict[str, Callable[[str], str]] = {
        "name": names.folded,
        "center": center_key,
        "column": fold,
    }
    assert " ".join(kind for kind, way in ways.items() if way(one) == way(other)) == same_in
