"""Decide whether two leads are the same: the one rule for all ways in.

The webhook, Meta's deliveries, the backfill, manual entry, scripts and imports all look up what
exists (`existing_lead` for one, `imports.existing_leads` for many), and then call `decide`:

| Meta's id | leads of the household with     | other leads of | it becomes                        |
| is known  | that name                       | the household  |                                   |
| --------- | ------------------------------- | -------------- | --------------------------------- |
| yes       | any                             | any            | KNOWN: nothing is written         |
| no        | one that may be the same child  | any            | JOIN: adds an enquiry to it,      |
|           |                                 |                | unless it has one of exactly the  |
|           |                                 |                | same time                         |
| no        | all have another age category   | any            | SIBLING: a lead of its own, and a |
|           | or birth date                   |                | doubt                             |
| no        | none                            | yes, by phone  | SIBLING: a lead of its own        |
| no        | none                            | any other      | CREATE: a lead of its own         |

Leads share a household if they have a valid number in common, be it the first or a further one; if
both have none, if they have the same email (`match_keys.households`). A lead without either matches
no other, and a phone that can't be read is no number. No name is a name of its own, but two of
Meta's ids without a name are two leads. The center doesn't matter: a parent who asks at two centers
is called once. Test leads and real leads never match.

The oldest of several leads counts. The reasons: docs/decisions/0013-how-leads-are-matched.md and
docs/decisions/0040-only-valid-numbers-match.md.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple

from backend.core.leads.consents import Box
from backend.core.leads.imported_state import WorkState
from backend.core.leads.match_keys import MatchKeys, Traits
from backend.models import Source

# Their enquiries bring their own time. All others are timed by this server as they arrive.
_BRINGS_ITS_TIME = frozenset({Source.META, Source.BACKFILL, Source.UPLOAD})


class Verdict(StrEnum):
    """What an incoming lead becomes."""

    CREATE = "create"
    SIBLING = "sibling"
    JOIN = "join"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An incoming lead; `created_time` is in UTC. Only a test lead may have no center.

    `center_tag` replaces `center_id` where the center has yet to be looked up by its exact text.
    `origin` has the known columns of `LeadOrigin`, `answers` the answers to a form's own questions,
    `boxes` its consent boxes. `work` is what was done about the lead elsewhere.
    `alias_key` is the key of the alias by which the center was found.
    """

    created_time: datetime
    center_id: int | None
    source: str
    player_name: str | None = None
    player_age_category: str | None = None
    phone: str | None = None
    email: str | None = None
    address: str | None = None
    leadgen_id: str | None = None
    is_test: bool = False
    center_tag: str | None = None
    origin: dict[str, str | bool | None] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    birth_date: date | None = None
    work: WorkState | None = None
    alias_key: str | None = None
    boxes: tuple[Box, ...] = ()

    @property
    def enquiry_time(self) -> datetime | None:
        """The time that distinguishes two enquiries; None if they differ regardless of their time.

        Two requests to this server are two enquiries, even in the same microsecond.
        """
        return self.created_time if self.source in _BRINGS_ITS_TIME else None

    def keys(self, region: str) -> MatchKeys:
        """Return the keys by which it is compared; `region` is as `phones.read` takes it."""
        return MatchKeys.of(self.player_name, self.phone, self.email, region, is_test=self.is_test)

    @property
    def traits(self) -> Traits:
        """What can tell it apart from a lead of the same household and name."""
        return Traits.of(self.player_age_category, self.birth_date, self.leadgen_id)

    def said(self) -> dict[str, Any]:
        """Return what the enquiry says of the child and the parent, without the blanks."""
        return {name: value for name in SAID if (value := getattr(self, name)) is not None}


# What a repeat enquiry says of the child and the parent: kept in the history of its lead.
SAID = ("player_name", "player_age_category", "birth_date", "phone", "email", "address")


class Existing(NamedTuple):
    """What exists already for an incoming lead: ids of leads, or whatever stands for an id.

    `known` is the lead that has Meta's id, `same` the oldest one of the same household and name
    that it may be, `household` the oldest one of the household. `has_enquiry` is whether `same` has
    an enquiry of exactly the same time. `doubtful` is the oldest one of the same household and name
    that has another age category or birth date.
    """

    known: int | None = None
    same: int | None = None
    household: int | None = None
    has_enquiry: bool = False
    doubtful: int | None = None


class Near(NamedTuple):
    """The oldest lead of those of a household that have the same traits.

    Of leads with another name than the incoming lead's, `traits` are not told.
    """

    lead: int
    same_name: bool
    traits: Traits


class Decision(NamedTuple):
    """What an incoming lead becomes, and which lead decided that.

    `lead` is the lead that it is or joins, and for a sibling the oldest lead of the household, or
    the one of the same name if that makes it a doubt. `adds_enquiry` is whether a lead that is
    joined gets a line in its history.
    """

    verdict: Verdict
    lead: int | None = None
    adds_enquiry: bool = False
    is_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """The lead that a candidate has become or joined."""

    lead_id: int
    verdict: Verdict


# An import asks about each of its rows: most have neither.
NOTHING_EXISTS = Existing()
_CREATE = Decision(Verdict.CREATE)


def differ(one: Traits, other: Traits) -> bool:
    """Return whether two leads of one name have different age categories or birth dates."""
    ages = bool(one.age and other.age and one.age != other.age)
    return ages or bool(one.born and other.born and one.born != other.born)


def may_join(traits: Traits, other: Traits, *, has_name: bool) -> bool:
    """Return whether an incoming lead may be a lead of the same household and name."""
    if differ(traits, other):
        return False
    # Each of Meta's ids is a form that was sent: without a name nothing says it's the same child.
    return has_name or not (traits.has_leadgen_id and other.has_leadgen_id)


def compare(
    near: Iterable[Near],
    traits: Traits,
    *,
    has_name: bool,
    age: Callable[[int], int] | None = None,
) -> Existing:
    """Return what exists for an incoming lead among the leads of its household.

    `age` returns a number that is smaller the older a lead is; ids are such numbers themselves.
    """
    same: list[int] = []
    doubtful: list[int] = []
    household: list[int] = []
    for one in near:
        household.append(one.lead)
        if one.same_name and may_join(traits, one.traits, has_name=has_name):
            same.append(one.lead)
        elif one.same_name and differ(traits, one.traits):
            doubtful.append(one.lead)
    return Existing(
        same=min(same, default=None, key=age),
        household=min(household, default=None, key=age),
        doubtful=min(doubtful, default=None, key=age),
    )


def decide(existing: Existing, *, has_phone: bool) -> Decision:
    """Return what an incoming lead becomes; `has_phone` is whether it has a phone's key."""
    if existing.known is not None:
        return Decision(Verdict.KNOWN, existing.known)
    if existing.same is not None:
        return Decision(Verdict.JOIN, existing.same, adds_enquiry=not existing.has_enquiry)
    if existing.doubtful is not None:
        return Decision(Verdict.SIBLING, existing.doubtful, is_doubt=True)
    # Emails are shared and mistyped: only a phone makes two names a household.
    if existing.household is not None and has_phone:
        return Decision(Verdict.SIBLING, existing.household)
    return _CREATE
