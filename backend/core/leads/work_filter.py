"""Filter leads by the work on them: who did what in a period, and what is left to do.

A person has worked on a lead if they made an attempt to reach it, or made the change with which it
first reached a stage (at `Lead.called_at` and so on). So each stage of a lead counts once, for one
person. An undone change doesn't count, since the lead no longer has that moment. Reports
(`core.reports.people`) count by the same conditions, so that each of their numbers is the length of
a list.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, literal_column, select
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.core.errors import Invalid
from backend.core.leads import missed as missed_targets
from backend.core.leads.attempt_counts import ANSWERED
from backend.core.leads.filter_times import moment
from backend.core.leads.owner_filter import IS_OPEN, ME, read_person
from backend.models import Attempt, Lead, LeadEvent, MissedTarget, Status, Target
from backend.schemas.work_filter import WorkFilter

# SQLite uses the indexes over these rows only for the indexes' own words.
# Leads that were added are left out: an import adds many at once.
IS_BY_PERSON: ColumnElement[bool] = literal_column(
    "(leadevent.user_id IS NOT NULL AND leadevent.kind <> 'created')"
)
WITHOUT_DATE: ColumnElement[bool] = literal_column(
    "(lead.next_followup_date IS NULL AND lead.status <> 'New' AND lead.status <> 'Joined' "
    "AND lead.status <> 'Dead/Not Interested' AND lead.unreachable_since IS NULL)"
)
_CONVERSATION = "conversation"
# The targets that each of these stands for: what was left undone, by who had the lead then.
_MISSED: dict[str, tuple[Target, ...]] = {
    "missed_target": (Target.FIRST_CALL, Target.FOLLOW_UP),
    "missed_first_call": (Target.FIRST_CALL,),
    "missed_follow_up": (Target.FOLLOW_UP,),
}
_OF_ANYONE = ("attempt", _CONVERSATION, *_MISSED)


@dataclass(frozen=True, slots=True)
class Done:
    """What a person, or `ME`, did from a time up to another one, which is left out, in UTC.

    `what` is an attempt, a conversation, a missed target, or a stage that a lead reached. Without
    `by`, anyone did.
    """

    what: str
    by: int | None
    begin: datetime | None = None
    end: datetime | None = None


def parse(wanted: WorkFilter, zone: ZoneInfo) -> Done | None:
    """Return what someone is asked to have done, if that is asked. Raises `Invalid`."""
    given = (wanted.did, wanted.did_by, wanted.did_from, wanted.did_to)
    if not any(given):
        return None
    begin, end = wanted.did_from, wanted.did_to
    # What anyone did is looked up by its time, and a stage by the person alone.
    may_be_anyone = wanted.did in _OF_ANYONE and begin
    if wanted.did is None or not (wanted.did_by or may_be_anyone):
        name = "did" if wanted.did is None else "did_by"
        raise Invalid.at("query", name, msg="Choose both what was done and who did it")
    return Done(
        wanted.did,
        _person(wanted.did_by.strip()) if wanted.did_by else None,
        moment("did_from", begin, zone) if begin else None,
        moment("did_to", end, zone, ends=True) if end else None,
    )


def _person(text: str) -> int:
    person = read_person(text)
    if person is None:
        raise Invalid.at("query", "did_by", msg="Use me or the id of a person")
    return person


def conditions(
    work: str | None, of_done: ColumnElement[bool] | None, missed: str | None
) -> Iterator[ColumnElement[bool]]:
    """Yield the conditions on what is left to do and which target was missed, and `of_done`."""
    if work == "open":
        yield IS_OPEN
    elif work == "no_next_step":
        yield has_no_next_step()
    if of_done is not None:
        yield of_done
    if missed is not None:
        yield missed_targets.of(missed)


def indexed(work: str | None, missed: str | None) -> Iterator[ColumnElement[bool]]:
    """Yield those conditions that are counted quickly if few leads meet them."""
    if work == "no_next_step":
        yield has_no_next_step()
    if missed == Target.FIRST_CALL:
        yield missed_targets.IS_HANDED_OVER


def has_no_next_step() -> ColumnElement[bool]:
    """Return whether nothing would bring up an open lead that was called: no date, no trial."""
    is_booked = col(Lead.status) == Status.TRIAL_SCHEDULED
    # Nobody has said yet how the trial went.
    is_unsettled = col(Lead.trial_outcome).is_(None)
    return and_(WITHOUT_DATE, ~(is_booked & col(Lead.trial_at).is_not(None) & is_unsettled))


def of_done(done: Done, stage: Any, me: int) -> ColumnElement[bool]:
    """Return the condition that a person has done something to a lead.

    `stage` is the lead's column for the stage that it reached, None for anything else.
    """
    by = me if done.by == ME else done.by
    if (kinds := _MISSED.get(done.what)) is not None:
        late = [*within(MissedTarget.missed_at, done.begin, done.end)]
        late.append(col(MissedTarget.kind).in_(kinds))
        if by is not None:
            late.append(col(MissedTarget.owner_id) == by)
        return col(Lead.id).in_(select(col(MissedTarget.lead_id)).where(*late))
    if stage is None:
        tried = [*within(Attempt.at, done.begin, done.end), col(Attempt.undone_at).is_(None)]
        if done.what == _CONVERSATION:
            tried.append(col(Attempt.outcome).in_(ANSWERED))
        if by is not None:
            tried.append(col(Attempt.user_id) == by)
        return col(Lead.id).in_(select(col(Attempt.lead_id)).where(*tried))
    changed = aliased(Lead)
    leads = (
        select(col(LeadEvent.lead_id))
        .join(changed, col(changed.id) == col(LeadEvent.lead_id))
        .where(
            IS_BY_PERSON,
            col(LeadEvent.user_id) == by,
            *within(LeadEvent.at, done.begin, done.end),
            col(LeadEvent.at) == col(getattr(changed, stage.key)),
        )
    )
    return col(Lead.id).in_(leads)


def within(
    column: Any, begin: datetime | None, end: datetime | None
) -> Sequence[ColumnElement[bool]]:
    """Return the conditions that a time is in a period."""
    found = []
    if begin is not None:
        found.append(col(column) >= begin)
    if end is not None:
        found.append(col(column) < end)
    return found
