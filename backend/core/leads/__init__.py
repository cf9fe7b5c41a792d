"""Leads: which are the same, what is known about each, and the lists of them.

Scripts import functions from here by name (see docs/scripts.md). They are in `scripting`, which is
imported when one of them is asked for.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from backend.core.scripting import (
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
    "update_lead",
]


def __getattr__(name: str) -> Any:
    """Return a function for scripts."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from backend.core import scripting

    return getattr(scripting, name)
