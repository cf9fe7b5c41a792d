"""The permissions that an access token needs, each tested by its name.

Source: Meta's documents 'Retrieving Leads', 'Webhooks for Lead Ads', 'Permissions Reference',
'User Permissions' and 'Debug Token'. A user, such as a system user, can list its permissions; the
token of a page can't, but can be inspected.
"""

from collections.abc import Mapping
from typing import Any

from backend.core.intake.meta.graph_client import Client
from backend.core.intake.meta.graph_errors import GraphError
from backend.core.reasons import Reason

# What each permission is for.
NEEDED: Mapping[str, str] = {
    "leads_retrieval": "reads the leads",
    "pages_show_list": "finds the pages",
    "pages_read_engagement": "reads the forms of a page",
    "pages_manage_metadata": "lets Meta announce new leads",
    "pages_manage_ads": "lists the forms of a page, and so finds new ones",
    "ads_management": "names the ad and the campaign of a lead",
}
# The state of a permission that a token has.
_GRANTED = "granted"


def read(client: Client) -> dict[str, str] | Reason:
    """Return the state of each permission that the token has or was refused, or why none is known.

    The states are Meta's: `granted`, `declined`, `expired`.
    """
    listed = client.read("me/permissions")
    found = {} if isinstance(listed, GraphError) else _listed(listed)
    if all(is_granted(found, name) for name in NEEDED):
        return found
    inspected = _inspected(client.inspect())
    if isinstance(listed, GraphError) and inspected is None:
        return listed.cause
    return found | (inspected or {})


def _inspected(answer: Mapping[str, Any] | GraphError) -> dict[str, str] | None:
    found = None if isinstance(answer, GraphError) else answer.get("data")
    scopes = found.get("scopes") if isinstance(found, dict) else None
    if not isinstance(scopes, list):
        return None
    return {name: _GRANTED for name in scopes if isinstance(name, str)}


def _listed(answer: Mapping[str, Any]) -> dict[str, str]:
    data = answer.get("data")
    return {
        one["permission"]: str(one.get("status"))
        for one in (data if isinstance(data, list) else [])
        if isinstance(one, dict) and isinstance(one.get("permission"), str)
    }


def is_granted(found: Mapping[str, str], name: str) -> bool:
    """Return whether the token has a permission."""
    return found.get(name) == _GRANTED


def message(found: Mapping[str, str] | Reason, name: str) -> str:
    """Return whether the token has a permission and, where it hasn't, what to do."""
    what = f"The permission {name}, which {NEEDED[name]},"
    if isinstance(found, Reason):
        return f"{what} couldn't be tested. {found.text}"
    if is_granted(found, name):
        return f"The permission {name} is granted"
    state = found.get(name)
    if state == "declined":
        why = "was declined"
    elif state == "expired":
        why = "has expired"
    else:
        why = "is missing"
    return (
        f"{what} {why}: in Meta's Business settings, System users, generate a new token with it, "
        "set META_ACCESS_TOKEN and restart the server"
    )
