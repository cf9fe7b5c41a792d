"""What the cells of a table's first rows say of its columns, where a name leaves it open.

`Category` may be the age category, or `Hot` and `Cold`; a column `Joined` may be ticked, or have
dates; a column `Response` may have the statuses. It is looked at once for each column, and never
for each row.
"""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from backend.core.imports.cells import age_of, plain
from backend.core.sheets import Cell
from backend.core.vocabulary import statuses, synonyms, ticks
from backend.core.vocabulary.folding import fold, words
from backend.models import Status

# How many rows are looked at, and of how many cells one must fit.
ROWS, _OF = 200, 2

# Names that ages have, and other things. One that says `age` means ages.
_MAY_BE_AGES = re.compile(r"\b(?:category|categories)\b")
_ARE_AGES = re.compile(r"\b(?:ages?|aged|years?|yrs?|u\d+)\b")
# `U12`, `Under-14`, `8-10`, `6 to 9 yrs`, `12+`, `Class of 2015`, and groups that stand for ages.
_AGES = re.compile(
    r"(?:(?:age|group|category|batch)s?\b[ :.-]*)?"
    r"(?:(?:u|under|above|over|below|upto|up to|from|till|<|>|≤|≥)[ -]?)?"
    r"\d{1,2}(?:\.\d)?(?: ?(?:-|–|—|to|&|and|/) ?(?:u-?)?\d{1,2})?"
    r" ?(?:\+|and (?:above|below|over|under)|(?:years?|yrs?|y)\b\.?)?"
    r"(?: (?:old|category|group|batch))?"
    r"(?: ?\([^()]*\))?"
    r"|(?:sub|super)?[ -]?(?:juniors?|seniors?|minis?|cadets?|kids?|tots?|toddlers?|teens?"
    r"|adults?|infants?|open|cubs?|tiny tots|grassroots?)(?: ?\([^()]*\))?",
    re.IGNORECASE,
)
# How much a lead is liked is said beside its status.
_HEAT = re.compile(r"(?:(?:very|highly) )?(?:hot|warm|cold)(?: leads?)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, by the places of columns.

    `ticked` are named by a status, and their cells say yes or no. `no_ages` are called a category,
    and their cells are no ages. `statuses` have names that stand for no field, and their cells say
    how far leads have got.
    """

    ticked: frozenset[int] = frozenset()
    no_ages: frozenset[int] = frozenset()
    statuses: frozenset[int] = frozenset()

    @classmethod
    def of(cls, names: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Self:
        """Look at the first rows of a table."""

        def texts_of(at: int) -> list[str]:
            return [text for cells in rows if at < len(cells) and (text := plain(cells[at]))]

        def fit(at: int, fits: Callable[[str], bool]) -> bool:
            texts = texts_of(at)
            return sum(map(fits, texts)) * _OF >= len(texts)

        return cls(
            frozenset(
                at for at, name in enumerate(names) if ticks.is_named(name) and fit(at, _is_tick)
            ),
            frozenset(
                at for at, name in enumerate(names) if _is_open(name) and not fit(at, _is_age)
            ),
            frozenset(
                at
                for at, name in enumerate(names)
                if synonyms.known(name) is None and _are_statuses(texts_of(at))
            ),
        )


NOTHING_SEEN = Seen()


def _are_statuses(texts: Sequence[str]) -> bool:
    """Return whether most texts are statuses, of several kinds, and some say how a call went.

    `New` and `Existing` may be kinds of customers, `Paid` and `Pending` are of fees.
    """
    counted = Counter(fold(text) for text in texts)
    found = {text: statuses.status_of(text) for text in counted if not _HEAT.fullmatch(text)}
    fit = sum(counted[text] for text, status in found.items() if status is not None)
    said = {*found.values()} - {None}
    return fit * _OF >= len(texts) and len(said) > 1 and Status.CALLED in said


def _is_open(name: str) -> bool:
    said = words(name)
    return _MAY_BE_AGES.search(said) is not None and not _ARE_AGES.search(said)


def _is_tick(text: str) -> bool:
    return ticks.read(text) is not None


def _is_age(text: str) -> bool:
    # A date may be an age that Excel has changed.
    return _AGES.fullmatch(text) is not None or age_of(text) is None
