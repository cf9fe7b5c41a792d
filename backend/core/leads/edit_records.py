"""Record edits of one lead for a day, so that each can be undone.

An edit that changes something adds one row, in its own transaction. `disputed` is the rule for an
undo: the fields must still have the values that the edit gave them.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import delete, select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among
from backend.core.leads import lead_state, merge_records
from backend.core.leads.merge_fields import STAGES
from backend.models import Lead, RecentEdit

# How long what a person has done can be undone from the list of it.
KEPT = timedelta(days=1)
# The further numbers of a lead, which are rows of their own.
NUMBERS = "numbers"
# The columns of a lead that `disputed` reads.
READ = (*lead_state.ALL, "attempts", "last_attempt_at")
_UNDISPUTED = {NUMBERS, *lead_state.CLOCK}
_PROGRESS = frozenset({"status", *STAGES})


class Before(NamedTuple):
    """A lead before an edit. `numbers` are None if the edit can't change them."""

    state: dict[str, Any]
    numbers: list[list[Any]] | None

    @classmethod
    def of(cls, session: Session, lead: Lead, *, has_phone: bool = False) -> Self:
        """Read a locked lead before an edit; `has_phone` is whether that gives it another phone."""
        assert lead.id is not None
        numbers = merge_records.numbers_of(session, lead.id) if has_phone else None
        return cls(lead_state.state(lead, lead_state.ALL), numbers)

    def keep(self, session: Session, lead: Lead, by: int, at: datetime) -> RecentEdit | None:
        """Add the record of what the edit has changed, if it has; it gets its id with a flush."""
        assert lead.id is not None
        changes = lead_state.differences(self.state, lead_state.state(lead, lead_state.ALL))
        if self.numbers is not None:
            numbers = merge_records.numbers_of(session, lead.id)
            if numbers != self.numbers:
                changes[NUMBERS] = [self.numbers, numbers]
        if not changes.keys() - lead_state.CLOCK:
            return None
        edit = RecentEdit(
            lead_id=lead.id, user_id=by, at=at, changes=changes, attempts=lead.attempts
        )
        session.add(edit)
        return edit


def disputed(edit: RecentEdit, lead: Mapping[str, Any]) -> list[str]:
    """Return the fields of an edit that were changed since; `lead` has the columns of `READ`.

    How far the lead came is one of them if it has come further since then, or was called.
    """
    now = merge_records.encode(lead)
    compared = {name: to for name, (_, to) in edit.changes.items() if name not in _UNDISPUTED}
    names = [name for name, to in compared.items() if now[name] != to]
    if edit.changes.keys() & _PROGRESS:
        later = [lead[name] for name in STAGES if name not in edit.changes]
        later.append(lead["last_attempt_at"])
        if lead["attempts"] > edit.attempts or any(at and at > edit.at for at in later):
            names.append("status")
    return [*dict.fromkeys(lead_state.FIELD_OF.get(name, name) for name in names)]


def remove_old(session: Session, before: datetime, many: int) -> int:
    """Remove so many records of a time before (UTC). Returns how many."""
    query = select(col(RecentEdit.id), col(RecentEdit.at)).order_by(col(RecentEdit.id)).limit(many)
    ids = [id or 0 for id, at in session.connection().execute(query) if at < before]
    session.connection().execute(delete(RecentEdit).where(among(session, col(RecentEdit.id), ids)))
    return len(ids)
