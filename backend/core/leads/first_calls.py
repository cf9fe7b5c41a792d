"""The clock of a lead that waits for its first call: `Lead.call_by`, set when it comes in.

Anyone's work on the lead stops it (`changes.worked_on`). A lead that is given to someone else, or
to another center, while it waits has a clock that begins again: the person who gets it has as long
as everyone.
"""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from backend.core.calling import targets
from backend.models import Lead


def is_waiting(lead: Lead) -> bool:
    """Return whether someone should call a lead for the first time by some moment."""
    return lead.call_by is not None or lead.handed_over_at is not None


def restart(session: Session, leads: Iterable[Lead], zone: ZoneInfo, at: datetime) -> None:
    """Let the clocks of those of the locked leads that wait begin again at a moment (UTC)."""
    waiting = [lead for lead in leads if is_waiting(lead)]
    if not waiting:
        return
    goals = targets.read(session, zone)
    for lead in waiting:
        lead.call_by = goals.call_by(at, lead.center_id)
        lead.handed_over_at = None
