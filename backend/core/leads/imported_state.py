"""The state of a lead that was worked on elsewhere, before it came here.

Only a lead that is new here gets it: what people have done here is never overwritten. When the lead
came as far as its status says isn't known, so its own time stands for that: reports count it in the
funnel of its day, and no import is a day of many calls.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.leads import changes
from backend.core.leads.history import event
from backend.core.vocabulary.folding import fold
from backend.models import Comment, EventKind, Lead, LeadOrigin, Status, User, email_key

# The columns of a lead that it fills, in the order of `WorkState.values`.
COLUMNS = (
    "status", "next_followup_date", "lost_reason", "called_at", "trialled_at", "attended_at",
    "joined_at", "lost_at", "owner_id",
)  # fmt: skip
_STAGES = COLUMNS[3:8]


@dataclass(frozen=True, slots=True)
class WorkState:
    """What was done about a lead; `said` are the texts that it was read from, by column.

    `owner` is the text that names a person, in the column `owner_column`.
    """

    status: str | None = None
    next_followup_date: datetime | None = None
    lost_reason: str | None = None
    comment: str | None = None
    owner: str | None = None
    owner_column: str = ""
    said: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, value: Mapping[str, Any] | None) -> Self | None:
        """Return the state that a row's `extra` has, if it has one."""
        if not value:
            return None
        next_date = value.get("next_followup_date")
        return cls(
            **{
                **value,
                "next_followup_date": datetime.fromisoformat(next_date) if next_date else None,
            }
        )

    def values(self, created: datetime, owner_id: int | None) -> tuple[Any, ...]:
        """Return the values of `COLUMNS`, for a lead of that time."""
        reached = changes.stages_of(self.status or "")
        return (
            self.status or Status.NEW.value,
            self.next_followup_date,
            self.lost_reason,
            *(created if stage in reached else None for stage in _STAGES),
            owner_id,
        )

    def events(self) -> Iterator[tuple[EventKind, dict[str, Any]]]:
        """Yield the lines of history of what it sets, but for the comment."""
        if self.status is not None and self.status != Status.NEW:
            yield EventKind.STATUS, {"from": Status.NEW, "to": self.status}
        if self.next_followup_date is not None:
            yield EventKind.FOLLOW_UP, {"from": None, "to": self.next_followup_date}
        if self.lost_reason is not None:
            yield EventKind.EDITED, {"lost_reason": {"from": None, "to": self.lost_reason}}


class Owners:
    """Finds the person that a text names, by email or by full name."""

    def __init__(self, session: Session) -> None:
        self._by_email: dict[str, int | None] = {}
        self._by_name: dict[str, int | None] = {}
        query = select(col(User.id), col(User.email), col(User.full_name)).order_by(col(User.id))
        for id, email, name in session.connection().execute(query):
            self._by_email[email_key(email)] = id
            key = fold(name or "")
            # Two people of one name: the text says nothing.
            self._by_name[key] = None if key in self._by_name else id

    def find(self, text: str | None) -> int | None:
        """Return the id of a person, or None if the text names no one, or more than one."""
        if not text:
            return None
        by_email = self._by_email.get(email_key(text))
        return self._by_name.get(fold(text) or " ") if by_email is None else by_email


def give(
    session: Session, lead_id: int, work: WorkState, at: datetime, import_id: int | None
) -> None:
    """Give a new lead its state, with lines of history that belong to an import."""
    lead = session.get_one(Lead, lead_id)
    owner_id = Owners(session).find(work.owner)
    for name, value in zip(COLUMNS, work.values(lead.created_time, owner_id), strict=True):
        setattr(lead, name, value)
    if work.owner is not None and owner_id is None:
        _keep_owner(session, lead_id, work)
    lines = list(work.events())
    if work.comment is not None:
        comment = Comment(text=work.comment, timestamp=at, lead_id=lead_id)
        session.add(comment)
        session.flush()
        lines.append((EventKind.COMMENT, {"comment_id": comment.id}))
    for kind, data in lines:
        line = event(lead_id, at, kind, None, **data)
        line.import_id = import_id
        session.add(line)
    session.flush()


def _keep_owner(session: Session, lead_id: int, work: WorkState) -> None:
    """Keep the name of an owner that no user has as an answer."""
    assert work.owner is not None
    answer = {work.owner_column: work.owner}
    origin = session.get(LeadOrigin, lead_id)
    if origin is None:
        session.add(LeadOrigin(lead_id=lead_id, answers=answer))
    else:
        origin.answers = answer | origin.answers
