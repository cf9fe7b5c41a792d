"""A call that is sent again: by a client that got no answer, or after more was typed.

The second one must not be answered as the first: what was typed would be lost.
"""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from sqlmodel import Session

from backend.core import times
from backend.core.leads import lead_state
from backend.models import Attempt, Comment, Lead
from backend.schemas.attempts import NewAttempt
from backend.schemas.choices import OTHER_REASON

# What a call can change on its lead: times, and texts.
_TIMES = ("next_followup_date", "trial_at")
_TEXTS = ("status", "trial_outcome", "lost_reason")


def says_more(
    session: Session, known: Attempt, lead: Lead, given: NewAttempt, zone: ZoneInfo
) -> bool:
    """Return whether a request says something that was not saved with its attempt.

    What the attempt left as it was is compared with the lead as it is now.
    """
    if known.outcome != given.outcome:
        return True
    if given.comment and given.comment != _comment(session, known, given.comment):
        return True
    wanted = dict(_wanted(given, zone))
    now = lead_state.state(lead, wanted)
    return any(
        value != known.changes.get(name, [None, now[name]])[1] for name, value in wanted.items()
    )


def _comment(session: Session, known: Attempt, given: str) -> str | None:
    """Return the text of an attempt's comment; of one that was removed, what is given."""
    if known.comment_id is None:
        return None
    comment = session.get(Comment, known.comment_id)
    return given if comment is None else comment.text


def _wanted(given: NewAttempt, zone: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Yield what a request sets, as `lead_state.state` has it."""
    for name in _TIMES:
        if (at := getattr(given, name)) is not None:
            yield name, times.to_utc(at, zone).isoformat()
    for name in _TEXTS:
        if text := (getattr(given, name) or "").strip():
            yield name, text
    if given.lost_reason == OTHER_REASON and (text := (given.lost_reason_text or "").strip()):
        yield "lost_reason_text", text
