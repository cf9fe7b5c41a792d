"""What strangers send can be long: it doesn't stay in the memory."""

from typing import Any

import pytest

from backend.core import center_keys
from backend.core.text_cache import LONGEST, cached_if_short
from backend.core.vocabulary import country_names, folding


def test_short_texts_are_remembered() -> None:
    asked: list[str] = []

    @cached_if_short(maxsize=2)
    def upper(text: str) -> str:
        asked.append(text)
        return text.upper()

    long = "x" * (LONGEST + 1)
    for text in ("a", "a", "b", long, long):
        assert upper(text) == text.upper()
    assert asked == ["a", "b", long, long]


@pytest.mark.parametrize(
    "function", [folding.fold, country_names.region_of, center_keys.center_key]
)
def test_a_long_name_is_read_and_not_kept(function: Any) -> None:
    before = function.cache_info().currsize
    for number in range(3):
        function(f"{number}" + "é" * 10_000)
    assert function.cache_info().currsize == before
