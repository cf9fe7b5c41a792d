"""Which values a merged lead has: what can be chosen, what is proposed, and what follows by itself.

`CHOICES` is the policy as a table. A field is chosen together with the columns that belong to it.
The times at which a lead first came to each stage aren't chosen: the earlier one counts.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Literal, NamedTuple

from backend.models import Status

Row = Mapping[str, Any]
Side = Literal["this", "other"]
THIS: Side = "this"
OTHER: Side = "other"

# The form, ad and campaign, and the answers: a row of `LeadOrigin` that is chosen like a column.
ORIGIN = "origin"

STAGES = ("called_at", "trialled_at", "attended_at", "joined_at", "lost_at")
# What neither is chosen nor compared.
UNCHOSEN = (
    "id", "is_test", "leadgen_id", "search_indexed", "do_not_contact", *STAGES,
    # Counted again from the attempts of both.
    "attempts", "unanswered", "last_attempt_at", "last_outcome", "unreachable_since", "tries_since",
    # A new lead is still to be called by the earlier time.
    "call_by", "handed_over_at",
)  # fmt: skip

# How far a lead came. A parent who enquires again about a dead lead counts as new.
_FURTHEST = {
    Status.DEAD.value: 0,
    Status.NEW.value: 1,
    Status.CALLED.value: 2,
    Status.TRIAL_SCHEDULED.value: 3,
    Status.JOINED.value: 4,
}
_LATEST = datetime.max.replace(tzinfo=UTC)
_FIRST = datetime.min.replace(tzinfo=UTC)


def _filled(name: str) -> Callable[[Row, Row], Side]:
    """Return the rule: the survivor's value, unless only the other lead has one."""

    def propose(this: Row, other: Row) -> Side:
        return OTHER if is_blank(this[name]) and not is_blank(other[name]) else THIS

    return propose


def _named(this: Row, other: Row) -> Side:
    # A name such as `test` has no key.
    if bool(this["name_key"]) != bool(other["name_key"]):
        return THIS if this["name_key"] else OTHER
    return _filled("player_name")(this, other)


def _callable(this: Row, other: Row) -> Side:
    """Prefer a valid number to a phone that can't be dialed."""
    if (this["phone_key"] is None) != (other["phone_key"] is None):
        return OTHER if this["phone_key"] is None else THIS
    return _filled("phone")(this, other)


def _furthest(this: Row, other: Row) -> Side:
    ranks = [_FURTHEST.get(one["status"]) for one in (this, other)]
    # An older installation has statuses of its own: a person decides.
    if None in ranks:
        return THIS
    return OTHER if _FURTHEST[other["status"]] > _FURTHEST[this["status"]] else THIS


def _with_status(name: str) -> Callable[[Row, Row], Side]:
    """Return the rule: the value of the lead whose status is proposed, if it has one."""

    def propose(this: Row, other: Row) -> Side:
        side = _furthest(this, other)
        return side if not is_blank((this if side == THIS else other)[name]) else _opposite(side)

    return propose


def _earlier(name: str) -> Callable[[Row, Row], Side]:
    """Return the rule: the earlier time, if any."""

    def propose(this: Row, other: Row) -> Side:
        return OTHER if (other[name] or _LATEST) < (this[name] or _LATEST) else THIS

    return propose


class Choice(NamedTuple):
    """The columns that a field stands for, and the rule that proposes a side."""

    columns: tuple[str, ...]
    propose: Callable[[Row, Row], Side]


CHOICES: Mapping[str, Choice] = {
    "player_name": Choice(("player_name", "name_key"), _named),
    "phone": Choice(
        ("phone", "phone_key", "phone_issue", "phone_extension", "wrong_phone"), _callable
    ),
    "email": Choice(("email", "email_key"), _filled("email")),
    "player_age_category": Choice(("player_age_category",), _filled("player_age_category")),
    "birth_date": Choice(("birth_date",), _filled("birth_date")),
    "address": Choice(("address",), _filled("address")),
    "center_id": Choice(("center_id",), _filled("center_id")),
    "status": Choice(("status",), _furthest),
    "lost_reason": Choice(("lost_reason", "lost_reason_text"), _furthest),
    # So that no call is forgotten.
    "next_followup_date": Choice(("next_followup_date",), _earlier("next_followup_date")),
    "trial_at": Choice(("trial_at", "trial_outcome"), _with_status("trial_at")),
    "owner_id": Choice(("owner_id",), _filled("owner_id")),
    # Reports count a lead at its first enquiry, with the source and campaign of that.
    "created_time": Choice(
        ("created_time", "source", "campaign", ORIGIN), _earlier("created_time")
    ),
}


def _opposite(side: Side) -> Side:
    return OTHER if side == THIS else THIS


def is_blank(value: Any) -> bool:
    """Return whether a value says nothing."""
    return value is None or (isinstance(value, str) and not value.strip())


def proposals(this: Row, other: Row) -> dict[str, Side]:
    """Return the proposed side of each field."""
    return {name: choice.propose(this, other) for name, choice in CHOICES.items()}


def changes(this: Row, other: Row, chosen: Mapping[str, Side]) -> dict[str, dict[str, Any]]:
    """Return the columns that the survivor gets, by group: what was chosen, and what follows.

    A group is the name of a field, or of a column that isn't chosen. A field that isn't in
    `chosen` becomes what is proposed.
    """
    sides = {**proposals(this, other), **chosen}
    groups = {
        name: {column: other[column] for column in choice.columns}
        for name, choice in CHOICES.items()
        if sides[name] == OTHER
    }
    for stage in STAGES:
        if _earlier(stage)(this, other) == OTHER:
            groups[stage] = {stage: other[stage]}
    if this["leadgen_id"] is None and other["leadgen_id"] is not None:
        groups["leadgen_id"] = {"leadgen_id": other["leadgen_id"]}
    if other["do_not_contact"]:
        groups["do_not_contact"] = {"do_not_contact": True}
    groups |= _tries(this, other)
    groups["call_by"] = _first_call(this, other, groups.get("status", this)["status"])
    return {
        name: columns
        for name, columns in groups.items()
        if any(this[column] != value for column, value in columns.items())
    }


def _tries(this: Row, other: Row) -> dict[str, dict[str, Any]]:
    """Return since when nobody has reached the parent by either, and the plan's later beginning."""
    since = this["unreachable_since"] or other["unreachable_since"]
    begun = max(this["tries_since"] or _FIRST, other["tries_since"] or _FIRST)
    return {
        "unreachable_since": {"unreachable_since": since},
        "tries_since": {"tries_since": None if begun == _FIRST else begun},
    }


def _first_call(this: Row, other: Row, status: str) -> dict[str, Any]:
    """Return by when someone calls for the first time, if nobody has called by either."""
    is_waiting = status == Status.NEW.value
    times = [one["call_by"] for one in (this, other) if one["call_by"] is not None]
    return {
        "call_by": min(times, default=None) if is_waiting else None,
        "handed_over_at": this["handed_over_at"] if is_waiting else None,
    }
