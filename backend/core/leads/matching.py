"""Decide whether two leads are the same: the one rule for all ways in.

The webhook, Meta's deliveries, the backfill, manual entry, scripts and imports all look up what
exists (`existing_lead` for one, `imports.existing_leads` for many), and then call `decide`:

| Meta's id is known | same household and name | same household | it becomes                    |
| ------------------ | ----------------------- | -------------- | ----------------------------- |
| yes                | any                     | any            | KNOWN: nothing is written     |
| no                 | yes                     | yes            | JOIN: adds an enquiry to that |
|                    |                         |                | lead, unless it has one of    |
|                    |                         |                | exactly the same time         |
| no                 | no                      | yes, by phone  | SIBLING: a lead of its own    |
| no                 | no                      | any other      | CREATE: a lead of its own     |

Leads share a household if they have the same phone; if both have no phone, the same email; if both
have neither, the same text in the phone's place (`match_keys.household`). A lead without any of
these matches no other. No name is a name of its own. The center doesn't matter: a parent who asks
at two centers is called once. Test leads and real leads never match.

The oldest of several leads counts. The reasons: docs/decisions/0013-how-leads-are-matched.md.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from backend.core.leads.consents import Box
from backend.core.leads.match_keys import MatchKeys
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
    `boxes` its consent boxes.
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
    boxes: tuple[Box, ...] = ()

    @property
    def enquiry_time(self) -> datetime | None:
        """The time that distinguishes two enquiries; None if they differ regardless of their time.

        Two requests to this server are two enquiries, even in the same microsecond.
        """
        return self.created_time if self.source in _BRINGS_ITS_TIME else None

    def keys(self, region: str) -> MatchKeys:
        """Return the keys by which it is compared; `region` is as `phone_key` takes it."""
        return MatchKeys.of(self.player_name, self.phone, self.email, region, is_test=self.is_test)


class Existing(NamedTuple):
    """What exists already for an incoming lead: ids of leads, or whatever stands for an id.

    `known` is the lead that has Meta's id, `same` the oldest one of the same household and name,
    `household` the oldest one of the household. `has_enquiry` is whether `same` has an enquiry of
    exactly the same time.
    """

    known: int | None = None
    same: int | None = None
    household: int | None = None
    has_enquiry: bool = False


class Decision(NamedTuple):
    """What an incoming lead becomes, and which lead decided that.

    `lead` is the lead that it is or joins, and for a sibling the oldest lead of the household.
    `adds_enquiry` is whether a lead that is joined gets a line in its history.
    """

    verdict: Verdict
    lead: int | None = None
    adds_enquiry: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """The lead that a candidate has become or joined."""

    lead_id: int
    verdict: Verdict


# An import asks about each of its rows: most have neither.
NOTHING_EXISTS = Existing()
_CREATE = Decision(Verdict.CREATE)


def decide(existing: Existing, *, has_phone: bool) -> Decision:
    """Return what an incoming lead becomes; `has_phone` is whether it has a phone's key."""
    if existing.known is not None:
        return Decision(Verdict.KNOWN, existing.known)
    if existing.same is not None:
        return Decision(Verdict.JOIN, existing.same, adds_enquiry=not existing.has_enquiry)
    # Emails are shared and mistyped: only a phone makes two names a household.
    if existing.household is not None and has_phone:
        return Decision(Verdict.SIBLING, existing.household)
    return _CREATE
