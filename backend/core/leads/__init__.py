"""The leads, and the work on them.

`mine` is the list of old, `listing` a page of a filtered one (`filters`, `search`). `one` shows a
lead, `timeline` its history. `noting` and `editing` change it, `many` changes several at once.
`upnext` says whom to call now.
"""

from backend.core.leads.mine import list_mine
from backend.core.leads.noting import update

__all__ = ["list_mine", "update"]
