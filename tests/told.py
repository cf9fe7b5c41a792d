"""What Meta's Graph API tells, without a host: for tests of what is made of it."""

import hmac
import json
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from backend.core.intake.meta.graph_client import Answer
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.reasons import Reason, ReasonCode

# Reasons below a group, of which people see the server's own text only.
EXACT_REASONS = frozenset(
    {
        # Why a message of the outbox was not sent.
        ReasonCode.RECEIVER_UNREACHABLE, ReasonCode.RECEIVER_STATUS, ReasonCode.RECEIVER_BUSY,
        ReasonCode.RECEIVER_GONE, ReasonCode.RECEIVER_NOT_ALLOWED, ReasonCode.EMAIL_NOT_SENT,
        ReasonCode.UNREADABLE_CHANGES, ReasonCode.UNREADABLE_BODY, ReasonCode.EMPTY_BODY,
        ReasonCode.PACKED_BODY, ReasonCode.UNKNOWN_FORMAT, ReasonCode.NO_FIELDS,
        ReasonCode.TOO_MANY_FIELDS, ReasonCode.GRAPH_ERROR, ReasonCode.GRAPH_STATUS,
        ReasonCode.NOT_JSON, ReasonCode.UNEXPECTED_ANSWER, ReasonCode.COMPRESSED_ANSWER,
        ReasonCode.ANSWER_TOO_LARGE, ReasonCode.UNREACHABLE, ReasonCode.BAD_NEXT_PAGE,
        ReasonCode.OTHER_HOST, ReasonCode.TOO_MANY_PAGES, ReasonCode.NO_TOKEN, ReasonCode.PAUSED,
        ReasonCode.REFUSED_LEADS, ReasonCode.MISSING_LEADS, ReasonCode.VERSION_ENDS,
        ReasonCode.VERSION_ENDED, ReasonCode.VERSION_WARNING, ReasonCode.VERSION_REPLACED,
        ReasonCode.RUNNING, ReasonCode.DONE, ReasonCode.PROBLEMS, ReasonCode.CRASHED,
        ReasonCode.FORM_PROBLEM, ReasonCode.OUT_OF_TIME, ReasonCode.FORM_OUT_OF_TIME,
        ReasonCode.DISMISSED, ReasonCode.LEAD_CHANGED_SINCE, ReasonCode.LEAD_MERGED_SINCE,
        ReasonCode.IMPORT_UNDONE, ReasonCode.LEAD_DELETED, ReasonCode.OTHER,
    }
)  # fmt: skip

CENTER_QUESTION = "_which_is_the_nearest_tofa_center_to_you?"
FORM = "700000000000001"


def lead(
    leadgen_id: str,
    *,
    center: str | None = "TOFA Tellapur",
    created_time: str = "2026-08-20T08:49:14+0000",
    **answers: str,
) -> dict[str, Any]:
    """A lead of a form; its name, phone and email are its own where none are given."""
    said = {
        "full_name": f"Child {leadgen_id}",
        "phone_number": f"+9198{int(leadgen_id) % 10**8:08}",
        "email": f"parent{leadgen_id}@example.com",
    } | answers
    if center is not None:
        said[CENTER_QUESTION] = center
    return {
        "id": leadgen_id,
        "created_time": created_time,
        "form_id": FORM,
        "platform": "ig",
        "ad_id": "120210000000000000",
        "is_organic": False,
        "field_data": [{"name": name, "values": [value]} for name, value in said.items()],
    }


def signed(secret: str, *leadgen_ids: str | int) -> dict[str, Any]:
    """The body and the headers of a notification, signed with an app's secret."""
    body = json.dumps(notification(*leadgen_ids)).encode()
    signature = hmac.new(secret.encode(), body, sha256).hexdigest()
    return {"body": body, "headers": {"X-Hub-Signature-256": f"sha256={signature}"}}


def notification(*leadgen_ids: str | int, form_id: str | None = FORM) -> dict[str, Any]:
    """A notification of Meta's that announces leads."""
    changes = [
        {
            "field": "leadgen",
            "value": {
                "leadgen_id": id,
                "form_id": form_id,
                "page_id": 153125381133,
                "created_time": 1440120384,
            },
        }
        for id in leadgen_ids
    ]
    entry = {"id": 153125381133, "time": 1438292065, "changes": changes}
    return {"object": "page", "entry": [entry]}


def graph_error(kind: str, wait: float | None = None) -> GraphError:
    """Return an error of a kind, whatever its cause."""
    return GraphError(kind, Reason(ReasonCode.GRAPH_STATUS, {"status": 503}), wait)


@dataclass
class FakeGraph:
    """A reader that knows every lead, except those that have an error."""

    leads: dict[str, dict[str, Any]] = field(default_factory=dict)
    errors: dict[str, GraphError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def lead(self, leadgen_id: str, /) -> Answer:
        self.asked.append(leadgen_id)
        if leadgen_id in self.errors:
            return Answer(error=self.errors[leadgen_id])
        return Answer(lead=self.leads.get(leadgen_id) or lead(leadgen_id))
