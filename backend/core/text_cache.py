"""Remember what texts come to, and only short ones: strangers send texts of megabytes."""

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

Result = TypeVar("Result")

# In characters. Names of columns, questions and centers that come again are shorter.
LONGEST = 300


def cached_if_short(
    maxsize: int,
) -> Callable[[Callable[[str], Result]], Callable[[str], Result]]:
    """Return a decorator like `lru_cache` for a function of a text, which keeps no long ones.

    A cache of a few thousand results would keep as many texts of a megabyte.
    """

    def decorate(function: Callable[[str], Result]) -> Callable[[str], Result]:
        cached = lru_cache(maxsize)(function)

        @wraps(function)
        def call(text: str) -> Result:
            return cached(text) if len(text) <= LONGEST else function(text)

        remembering: Any = call
        remembering.cache_info = cached.cache_info
        return call

    return decorate
