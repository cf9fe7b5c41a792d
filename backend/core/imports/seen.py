"""What the cells of a table's first rows say of its columns, where a name leaves it open.

`Category` may be the age category, or `Hot` and `Cold`; a column `Joined` may be ticked, or have
dates; a column `Response` may have the statuses, and `Number` the phones. It is looked at once for
each column, and never for each row.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from backend.core import phones
from backend.core.imports.cells import age_of, plain
from backend.core.sheets import Cell
from backend.core.vocabulary import statuses, synonyms, ticks
from backend.core.vocabulary.folding import fold, words
from backend.core.vocabulary.phone_codes import NOWHERE
from backend.core.vocabulary.synonyms import PHONE_CODE
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
# Either the dialling code of a city, or the class of a child.
_STD = "std"
# Of the codes of India's cities: Delhi's is 11.
_LEAST_CODE = 11
# Of a phone with its area code.
_LEAST_DIGITS = 10
# In seconds or milliseconds: some are numbers of landlines, too.
_UNIX_TIME = re.compile(r"1\d{9}(?:\d{3})?")
# How much a lead is liked is said beside its status.
_HEAT = re.compile(r"(?:(?:very|highly) )?(?:hot|warm|cold)(?: leads?)?")


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen, by the places of columns.

    `ticked` are named by a status, and their cells say yes or no. `no_ages` are called a category,
    and their cells are no ages; `no_codes` are called `Std`, and their cells are classes at school,
    not codes of phones. `statuses` and `phones` have names that stand for no field; the cells say
    how far leads have got, or are phones in a table that has no other column for these.
    """

    ticked: frozenset[int] = frozenset()
    no_ages: frozenset[int] = frozenset()
    no_codes: frozenset[int] = frozenset()
    statuses: frozenset[int] = frozenset()
    phones: frozenset[int] = frozenset()

    @classmethod
    def of(
        cls, names: Sequence[str], rows: Sequence[Sequence[Cell]], region: str = NOWHERE
    ) -> Self:
        """Look at the first rows of a table; `region` is the one of its phones."""
        known = [synonyms.known(name) for name in names]
        nameless = [at for at, found in enumerate(known) if found is None]
        has_phones = any(one and one[0] == "phone" and one[1] < PHONE_CODE for one in known)

        def texts_of(at: int) -> list[str]:
            return [text for cells in rows if at < len(cells) and (text := plain(cells[at]))]

        def fit(at: int, fits: Callable[[str], bool]) -> bool:
            texts = texts_of(at)
            return sum(map(fits, texts)) * _OF >= len(texts)

        def are(places: Iterable[int], fits: Callable[[int], bool]) -> frozenset[int]:
            return frozenset(at for at in places if fits(at))

        every = range(len(names))
        return cls(
            are(every, lambda at: ticks.is_named(names[at]) and fit(at, _is_tick)),
            are(every, lambda at: _is_open(names[at]) and not fit(at, _is_age)),
            are(every, lambda at: fold(names[at]) == _STD and any(map(_is_class, texts_of(at)))),
            are(nameless, lambda at: _are_statuses(texts_of(at))),
            are(
                () if has_phones else nameless,
                lambda at: texts_of(at) != [] and fit(at, lambda text: _is_phone(text, region)),
            ),
        )


NOTHING_SEEN = Seen()


def _are_statuses(texts: Sequence[str]) -> bool:
    """Return whether most texts are statuses, of several kinds, and some say how a call went.

    `New` and `Existing` may be kinds of customers, `Paid` and `Pending` are of fees.
    """
    counted = Counter(text.strip().casefold() for text in texts)
    found = {text: statuses.status_of(text) for text in counted if not _HEAT.fullmatch(text)}
    fit = sum(counted[text] for text, status in found.items() if status is not None)
    said = {*found.values()} - {None}
    return fit * _OF >= len(texts) and len(said) > 1 and Status.CALLED in said


def _is_class(text: str) -> bool:
    """Return whether a text is a class at school, and can't be the code of a city: `4`, `LKG`."""
    return any(map(str.isalpha, text)) or (text.isdecimal() and 0 < int(text) < _LEAST_CODE)


def _is_phone(text: str, region: str) -> bool:
    is_long = sum(map(str.isdecimal, text)) >= _LEAST_DIGITS
    return is_long and not _UNIX_TIME.fullmatch(text) and phones.read(text, region).e164 is not None


def _is_open(name: str) -> bool:
    said = words(name)
    return _MAY_BE_AGES.search(said) is not None and not _ARE_AGES.search(said)


def _is_tick(text: str) -> bool:
    return ticks.read(text) is not None


def _is_age(text: str) -> bool:
    # A date may be an age that Excel has changed.
    return _AGES.fullmatch(text) is not None or age_of(text) is None
