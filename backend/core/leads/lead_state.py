"""The state of a lead that people change, as JSON has it: what an undo compares and restores."""

from collections.abc import Iterable, Mapping
from typing import Any

from backend.core.leads import merge_records
from backend.core.leads.merge_fields import STAGES
from backend.models import Lead

# What work on a lead changes, including how far it came.
WORK = (
    "status", "next_followup_date", "trial_at", "lost_reason",
    "called_at", "trialled_at", "joined_at", "lost_at",
    "attended_at", "trial_outcome", "lost_reason_text",
    "unreachable_since", "tries_since", "wrong_phone", "owner_id",
    "call_by", "handed_over_at",
)  # fmt: skip
# The clock of a lead that waits for a call, which others stop: it disputes no undo.
CLOCK = frozenset({"call_by", "handed_over_at"})
# What else an edit can change, and what follows from that.
FIELDS = (
    "player_name", "player_age_category", "birth_date", "phone", "email", "address", "center_id",
    "source",
)  # fmt: skip
KEYS = ("phone_key", "phone_issue", "phone_extension", "name_key", "email_key")
ALL = (*WORK, *FIELDS, *KEYS)
# The field that people know for a column that has no name of its own, or follows from another.
FIELD_OF = {
    **dict.fromkeys((*STAGES, "unreachable_since", "tries_since"), "status"),
    **dict.fromkeys(("wrong_phone", "phone_key", "phone_issue", "phone_extension"), "phone"),
    "lost_reason_text": "lost_reason",
    "name_key": "player_name",
    "email_key": "email",
}

Changes = dict[str, list[Any]]


def state(lead: Lead, columns: Iterable[str] = WORK) -> dict[str, Any]:
    """Return columns of a lead as JSON has them; `merge_records.decode` reads them back."""
    return merge_records.encode({name: getattr(lead, name) for name in columns})


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Return what differs between two states, as `[from, to]`."""
    return {name: [value, after[name]] for name, value in before.items() if value != after[name]}
