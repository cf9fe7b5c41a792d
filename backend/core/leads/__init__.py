"""The leads, and the work on them.

`mine` is the list of old, `listing` a page of a filtered one (`filters`, `search`). `one` shows a
lead, `timeline` its history. `noting` and `editing` change it, `many` changes several at once.
`upnext` says whom to call now. `by_name` is for scripts, and is imported when one asks for it.
"""

from typing import TYPE_CHECKING, Any

from backend.core.leads.mine import list_mine
from backend.core.leads.noting import update

if TYPE_CHECKING:
    from backend.core.leads.by_name import (
        create_lead_from_meta,
        get_lead_by_id,
        get_leads_for_user,
        import_leads_from_dataframe,
        update_lead,
    )

__all__ = [
    "create_lead_from_meta",
    "get_lead_by_id",
    "get_leads_for_user",
    "import_leads_from_dataframe",
    "list_mine",
    "update",
    "update_lead",
]


def __getattr__(name: str) -> Any:
    """Return a function of `by_name`."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend.core.leads import by_name

    return getattr(by_name, name)
