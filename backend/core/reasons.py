"""Why something is as it is: a code with parameters, and its text for people.

The database and the API keep codes. `TEXTS` is the API's one catalogue of their texts, which are
made when they are read: nothing stores a text, and nothing compares or parses one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import orjson


class ReasonCode(StrEnum):
    """A reason; `TEXTS` has the text of each."""

    # Why a row is rejected, or what was changed in it.
    NO_CONTACT = "no_contact"
    NO_CENTER = "no_center"
    UNREADABLE_DATE = "unreadable_date"
    UNLIKELY_DATE = "unlikely_date"
    AMBIGUOUS_DATE = "ambiguous_date"
    UNREADABLE_CELL = "unreadable_cell"
    UNKNOWN_STATUS = "unknown_status"
    UNREADABLE_PHONE = "unreadable_phone"
    # Why a row has its outcome.
    SAME_PHONE_OTHER_NAME = "same_phone_other_name"
    SAME_PHONE_NO_NAME = "same_phone_no_name"
    SAME_NAME_OTHER_AGE = "same_name_other_age"
    SAME_PHONE_AND_NAME = "same_phone_and_name"
    SAME_NAME_AND_EMAIL = "same_name_and_email"
    SAME_LEAD_AND_TIME = "same_lead_and_time"
    META_LEAD_EXISTS = "meta_lead_exists"
    META_LEAD_DISMISSED = "meta_lead_dismissed"
    UNKNOWN_CENTER = "unknown_center"
    ARCHIVED_CENTER = "archived_center"
    ALREADY_WAITING = "already_waiting"
    OUTCOME_CHANGED = "outcome_changed"
    ERASED_PERSON = "erased_person"
    # Why an import failed.
    PLANNING_STOPPED = "planning_stopped"
    PLANNING_FAILED = "planning_failed"
    UPLOAD_FAILED = "upload_failed"
    PLAN_EXPIRED = "plan_expired"
    # What an undo leaves, and what it dismisses.
    LEAD_CHANGED_SINCE = "lead_changed_since"
    LEAD_MERGED_SINCE = "lead_merged_since"
    IMPORT_UNDONE = "import_undone"
    # A text from before there were codes.
    OTHER = "other"


# The codes of `phones.PhoneIssue`, for people.
PHONE_ISSUES: Mapping[str, str] = {
    "no_digits": "No phone number",
    "digits_lost": "A spreadsheet has rounded the phone number, and its last digits are lost",
    "too_short": "The phone number is too short",
    "too_long": "The phone number is too long",
    "not_valid": "No such phone number exists",
}

# `{lead}` stands for the parameter `lead_id` or `row`: "lead 12" or "row 2", `{phone_issue}` for
# the text of the parameter `issue`.
TEXTS: Mapping[ReasonCode, str] = {
    ReasonCode.NO_CONTACT: "No phone or email",
    ReasonCode.NO_CENTER: "No center",
    ReasonCode.UNREADABLE_DATE: "The date can't be read; the time of the import is used instead",
    ReasonCode.UNLIKELY_DATE: "The date is in the future or before 2000;"
    " the time of the import is used instead",
    ReasonCode.AMBIGUOUS_DATE: "'{column}' has dates day first and month first; check this one",
    ReasonCode.UNREADABLE_CELL: "'{column}' can't be read; its text is kept as an answer",
    ReasonCode.UNKNOWN_STATUS: "The status '{status}' is unknown; the lead is New",
    ReasonCode.UNREADABLE_PHONE: "{phone_issue}. The phone is kept as it is and matches no lead",
    ReasonCode.SAME_PHONE_OTHER_NAME: "Same phone as {lead}, another name",
    ReasonCode.SAME_PHONE_NO_NAME: "Same phone as {lead}, but no name to compare",
    ReasonCode.SAME_NAME_OTHER_AGE: (
        "Same name and household as {lead}, but another age category or date of birth"
    ),
    ReasonCode.SAME_PHONE_AND_NAME: "Same phone and name as {lead}",
    ReasonCode.SAME_NAME_AND_EMAIL: "Same name and email as {lead}",
    ReasonCode.SAME_LEAD_AND_TIME: "Same as {lead}, with the same time; nothing to add",
    ReasonCode.META_LEAD_EXISTS: "Meta's lead {leadgen_id} already exists: {lead}",
    ReasonCode.META_LEAD_DISMISSED: "Meta's lead {leadgen_id} was dismissed",
    ReasonCode.UNKNOWN_CENTER: "No center has the name '{center}'",
    ReasonCode.ARCHIVED_CENTER: "The center '{center}' is archived",
    ReasonCode.ALREADY_WAITING: "Already waiting for the center '{center}'",
    ReasonCode.OUTCOME_CHANGED: "Changed since the plan was made (before: {before})",
    ReasonCode.PLANNING_STOPPED: "The server stopped during planning. Send the file again",
    ReasonCode.PLAN_EXPIRED: "The plan is too old, and its rows were removed. Send the file again",
    ReasonCode.ERASED_PERSON: "This person's data was erased",
    ReasonCode.PLANNING_FAILED: "Planning failed, and no lead was changed. Send the file again",
    ReasonCode.UPLOAD_FAILED: "The upload failed, and no lead was added. Send the file again",
    ReasonCode.LEAD_CHANGED_SINCE: "Someone has changed this lead since the import",
    ReasonCode.LEAD_MERGED_SINCE: "This lead is merged with another one",
    ReasonCode.IMPORT_UNDONE: "The import was undone",
    ReasonCode.OTHER: "{text}",
}

# What a person should know of a row that is imported: read with the cells, and kept with the row.
WARNINGS = frozenset(
    {
        ReasonCode.UNREADABLE_DATE,
        ReasonCode.UNLIKELY_DATE,
        ReasonCode.AMBIGUOUS_DATE,
        ReasonCode.UNREADABLE_CELL,
        ReasonCode.UNKNOWN_STATUS,
    }
)
# What a plan counts above its rows, for a person to look at before the commit.
DOUBTS = WARNINGS | {
    ReasonCode.UNREADABLE_PHONE,
    ReasonCode.SAME_PHONE_NO_NAME,
    ReasonCode.SAME_NAME_OTHER_AGE,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """A code with its parameters."""

    code: ReasonCode
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The text for a person."""
        issue = PHONE_ISSUES.get(self.params.get("issue", ""))
        return TEXTS[self.code].format(
            **self.params, lead=_lead(self.params), phone_issue=issue or "The phone can't be read"
        )

    def shown(self) -> dict[str, Any]:
        """Return the reason as the API answers it: its code, its message and its parameters."""
        return {"code": self.code.value, "message": self.text, **self.params}

    def encode(self) -> str:
        """Return the reason as a JSON object, as a column keeps one reason."""
        return orjson.dumps(_as_json(self)).decode()


def lead_params(lead: int) -> dict[str, int]:
    """Return the parameter that names a lead: its id or, less than 0, the row that makes it."""
    return {"lead_id": lead} if lead > 0 else {"row": -lead}


def decode(text: str | None) -> Reason | None:
    """Return the reason that `Reason.encode` was called on; None where there is none."""
    return None if text is None else _from_json(orjson.loads(text))


def encode_list(reasons: Iterable[Reason]) -> str | None:
    """Return reasons as a JSON list, as a column keeps several; None where there are none."""
    listed = [_as_json(reason) for reason in reasons]
    return orjson.dumps(listed).decode() if listed else None


def decode_list(text: str | None) -> list[Reason]:
    """Return the reasons that `encode_list` was given."""
    return [] if text is None else [_from_json(value) for value in orjson.loads(text)]


def joined(reasons: Iterable[Reason]) -> str:
    """Return the texts of several reasons as one."""
    return "; ".join(reason.text for reason in reasons)


def _lead(params: Mapping[str, Any]) -> str:
    return f"lead {params['lead_id']}" if "lead_id" in params else f"row {params.get('row')}"


def _as_json(reason: Reason) -> dict[str, Any]:
    return {"code": reason.code, **reason.params}


def _from_json(value: dict[str, Any]) -> Reason:
    code = ReasonCode(value.pop("code"))
    return Reason(code, value)
