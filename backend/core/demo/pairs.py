"""Make some of the demo's newest leads look like earlier ones: pairs for a person to judge."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from backend.core.leads import match_keys
from backend.models import Lead

# The fields that leads of one household share.
HOUSEHOLD = ("phone", "phone_key", "email", "email_key", "address", "center_id")
_NAME = ("player_name", "name_key", "player_age_category")
# How many leads come in between the two of a pair.
_APART = 9
_OTHER_AGE = {"U9": "U11"}


def make(leads: Sequence[Lead]) -> None:
    """Change leads that aren't stored yet, in the order of arrival: one pair of each kind."""
    numbers = Counter(lead.phone_key for lead in leads)
    # A lead of several children keeps its household.
    alone = [lead for lead in leads if numbers[lead.phone_key] == 1 and lead.email]
    for at, kind in enumerate((_mistyped_name, _other_phone, _other_age, _same_birth_date), 1):
        kind(alone[-at - _APART], alone[-at])


def _mistyped_name(first: Lead, second: Lead) -> None:
    """Fill in the form twice, with a slip in the name."""
    _take(first, second, *HOUSEHOLD, *_NAME)
    second.player_name = f"{first.player_name}{(first.player_name or '')[-1:]}"
    second.name_key = match_keys.name_key(second.player_name)


def _other_phone(first: Lead, second: Lead) -> None:
    """Fill it in again with the other parent's number."""
    _take(first, second, "email", "email_key", "address", "center_id", *_NAME)


def _other_age(first: Lead, second: Lead) -> None:
    """Choose another age category the second time."""
    _take(first, second, *HOUSEHOLD, *_NAME)
    second.player_age_category = _OTHER_AGE.get(first.player_age_category or "", "U9")


def _same_birth_date(first: Lead, second: Lead) -> None:
    """Have nothing in common but the child itself."""
    _take(first, second, "center_id", *_NAME)
    first.birth_date = second.birth_date = date(2016, 8, 20)


def _take(first: Lead, second: Lead, *names: str) -> None:
    for name in names:
        setattr(second, name, getattr(first, name))
