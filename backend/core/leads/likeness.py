"""Why two leads are likely to be the same child: the one rule, without a database.

`duplicates` finds the pairs that may be alike, which is cheap, and this judges them:

| the two leads have | and | so the reason is |
| --- | --- | --- |
| a number in common | the same name, or a similar one | `same_phone_similar_name` |
| a number in common | the same name, another age category or birth date | `same_name_other_age` |
| a number in common | at least one has no name | `same_phone_no_name` |
| the same name, birth date and center | | `same_name_birth_date_center` |
| the same email | no number in common | `same_email` |

Names are similar if their words are, in order, as far as both have any: one begins with the other
(`Zoe K` and `Zoë Khan`, `Ravi` and `Raviteja Rao`), or they are the same but for a letter or two
(`Arjun` and `Arjunn`). The order of the words and the spaces don't matter. So `Sai Teja` and `Sai
Kiran`, who are brothers, aren't similar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from difflib import SequenceMatcher
from enum import StrEnum

from backend.core.leads.match_keys import Traits
from backend.core.leads.matching import differ

# Of the letters of two words, the share that must be the same, in order.
_ALIKE = 0.8
# Shorter first names, and initials, begin many others.
_FEWEST_LETTERS = 3


class Likeness(StrEnum):
    """A reason why two leads may be duplicates; `TEXTS` has the text of each."""

    SAME_PHONE_SIMILAR_NAME = "same_phone_similar_name"
    SAME_NAME_OTHER_AGE = "same_name_other_age"
    SAME_PHONE_NO_NAME = "same_phone_no_name"
    SAME_NAME_BIRTH_DATE_CENTER = "same_name_birth_date_center"
    SAME_EMAIL = "same_email"


TEXTS: Mapping[Likeness, str] = {
    Likeness.SAME_PHONE_SIMILAR_NAME: "Same phone and a similar name",
    Likeness.SAME_NAME_OTHER_AGE: (
        "Same phone and name, but another age category or date of birth"
    ),
    Likeness.SAME_PHONE_NO_NAME: "Same phone, and no name to compare",
    Likeness.SAME_NAME_BIRTH_DATE_CENTER: "Same name, date of birth and center",
    Likeness.SAME_EMAIL: "Same email, another phone",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is compared of a lead: its keys as in `match_keys`, and all its valid numbers."""

    name: str
    numbers: frozenset[str]
    email: str | None
    age: str | None
    birth_date: date | None
    center_id: int | None

    @property
    def traits(self) -> Traits:
        return Traits.of(self.age, self.birth_date, None)


def reasons(one: Known, other: Known) -> list[Likeness]:
    """Return why two leads may be the same child, the strongest reason first; often none."""
    found: list[Likeness] = []
    share = not one.numbers.isdisjoint(other.numbers)
    if share:
        found += _by_phone(one, other)
    if (
        one.name
        and one.name == other.name
        and one.birth_date is not None
        and (one.birth_date, one.center_id) == (other.birth_date, other.center_id)
    ):
        found.append(Likeness.SAME_NAME_BIRTH_DATE_CENTER)
    if not share and one.email and one.email == other.email:
        found.append(Likeness.SAME_EMAIL)
    return found


def _by_phone(one: Known, other: Known) -> list[Likeness]:
    if not (one.name and other.name):
        return [Likeness.SAME_PHONE_NO_NAME]
    if one.name == other.name and differ(one.traits, other.traits):
        return [Likeness.SAME_NAME_OTHER_AGE]
    return [Likeness.SAME_PHONE_SIMILAR_NAME] if are_similar(one.name, other.name) else []


def are_similar(one: str, other: str) -> bool:
    """Return whether two folded names may be one child's."""
    words, others = one.split(), other.split()
    if "".join(words) == "".join(others) or sorted(words) == sorted(others):
        return True
    if min(len(words[0]), len(others[0])) < _FEWEST_LETTERS and words[0] != others[0]:
        return False
    return all(
        word.startswith(another) or another.startswith(word) or _alike(word, another)
        for word, another in zip(words, others, strict=False)
    )


def _alike(one: str, other: str) -> bool:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.real_quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE
