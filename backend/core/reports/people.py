"""What each person did in a period, and what they have to do now.

Whose a change is and what counts is said in `core.leads.work_filter`: each number is about the
leads of a list with its filter. Test leads don't count. Of a lead that was erased, the attempts
count; who brought it to a stage isn't kept.

Members see themselves. A team lead sees everyone; an observer those who did something to the leads
of their centers, or own some: their names are in the histories and lists that the observer reads.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, union_all
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.leads import criteria
from backend.core.leads.attempt_counts import ANSWERED
from backend.core.leads.owner_filter import IS_OPEN, IS_OWNED
from backend.core.leads.work_filter import IS_BY_PERSON, has_no_next_step, within
from backend.core.reports import figures
from backend.core.reports.cohort_totals import Cohort
from backend.models import (
    Attempt,
    ErasedAttempt,
    ErasedLead,
    Lead,
    LeadEvent,
    Role,
    User,
    UserCenterLink,
)
from backend.schemas.reports import PeopleReport, PersonReport, ReportFilter

# By the names of `PersonReport`, but for who it is.
COUNTS = (
    "attempts", "conversations", "trial", "attended", "joined", "lost", "called",
    "within_5m", "within_1h", "owned", "overdue", "no_next_step",
)  # fmt: skip
_TIMES = ("first_call_average_s", "first_call_median_s")
_WITHIN = {"within_5m": "5m", "within_1h": "hour"}


def show(session: Session, person: Person, wanted: ReportFilter, zone: ZoneInfo) -> PeopleReport:
    """Return the report on people; days are in the zone. Raises `Invalid`."""
    cohort = figures.cohort_of(person, wanted, zone)
    found: dict[int, dict[str, Any]] = {}
    for id, numbers in _numbers(session, cohort):
        if id is not None and any(numbers.values()):
            found.setdefault(id, {}).update(numbers)
    people: list[dict[str, Any]] = []
    for id, name in _people(session, cohort, found):
        numbers = found.get(id, {})
        people.append(
            {"user_id": id, "full_name": name}
            | {one: numbers.get(one, 0) for one in COUNTS[:9]}
            | {one: numbers.get(one) for one in _TIMES}
            | {one: numbers.get(one, 0) for one in COUNTS[9:]}
        )
    return {
        "from": cohort.first.isoformat(),
        "to": cohort.last.isoformat(),
        "people": cast(list[PersonReport], people),
    }


def _numbers(session: Session, cohort: Cohort) -> Iterator[tuple[int | None, dict[str, Any]]]:
    """Yield numbers of each person by their names."""
    for query in (tried(cohort), _reached(cohort), _owned(cohort), _without_next_step(cohort)):
        for row in session.connection().execute(query):
            # PostgreSQL returns sums and averages as decimals.
            numbers = {
                name: None if value is None else round(value)
                for name, value in row._mapping.items()
                if name != "user_id"
            }
            yield row.user_id, numbers


def _people(
    session: Session, cohort: Cohort, found: Mapping[int, Any]
) -> Iterator[tuple[int, str]]:
    """Yield who is in the report, by name."""
    query = select(col(User.id), col(User.full_name)).order_by(col(User.full_name), col(User.id))
    role = cohort.person.role
    if role not in (Role.TEAM_LEAD, Role.OBSERVER):
        query = query.where(col(User.id) == cohort.person.id)
        found = {cohort.person.id: None}
    members = _members(session, cohort) if role == Role.TEAM_LEAD else set()
    for id, name in session.connection().execute(query):
        if id is not None and (id in found or id in members):
            yield id, name


def _members(session: Session, cohort: Cohort) -> set[int]:
    """Return the ids of those who work at the center: they are in the report without a number."""
    query = select(col(User.id)).where(
        col(User.role) == Role.TEAM_MEMBER, col(User.disabled).is_(False)
    )
    if cohort.center_id is not None:
        link = col(UserCenterLink.user_id) == col(User.id)
        of_center = col(UserCenterLink.center_id) == cohort.center_id
        query = query.join(UserCenterLink, link).where(of_center)
    return {id for id in session.connection().scalars(query) if id is not None}


def _own(cohort: Cohort, user_id: Any) -> Iterable[ColumnElement[bool]]:
    """Return the condition that keeps a member to themselves."""
    if cohort.person.role in (Role.TEAM_LEAD, Role.OBSERVER):
        return []
    return [col(user_id) == cohort.person.id]


def tried(cohort: Cohort) -> Select[Any]:
    """Return the query for attempts and conversations, with those of erased leads."""
    standing = col(Attempt.undone_at).is_(None)
    of_leads = _tried_of(cohort, Attempt, Lead, col(Lead.id) == col(Attempt.lead_id), standing)
    erased = col(ErasedLead.id) == col(ErasedAttempt.erased_id)
    of_erased = _tried_of(cohort, ErasedAttempt, ErasedLead, erased)
    each = union_all(of_leads, of_erased).subquery().c
    return select(
        each.user_id,
        func.sum(each.attempts).label("attempts"),
        func.sum(each.conversations).label("conversations"),
    ).group_by(each.user_id)


def _tried_of(
    cohort: Cohort, attempt: Any, lead: Any, joined: ColumnElement[bool], *more: ColumnElement[bool]
) -> Select[Any]:
    return (
        select(
            attempt.user_id,
            func.count().label("attempts"),
            func.count(case((attempt.outcome.in_(ANSWERED), 1))).label("conversations"),
        )
        .join_from(attempt, lead, joined)
        .where(
            *within(attempt.at, *cohort.period()),
            lead.is_test.is_(False),
            *cohort.conditions(lead.center_id, in_order=True),
            *_own(cohort, attempt.user_id),
            *more,
        )
        .group_by(attempt.user_id)
    )


def _reached(cohort: Cohort) -> Select[Any]:
    """Return the query for the stages that leads reached by each person, and for first calls."""
    at = col(LeadEvent.at)
    of_stage = {
        stage: func.max(case((at == col(getattr(Lead, name)), 1), else_=0))
        for stage, name in criteria.REACHED_AT.items()
    }
    each = (
        select(
            col(LeadEvent.user_id),
            *(reached.label(stage) for stage, reached in of_stage.items()),
            func.max(case((at == col(Lead.called_at), criteria.waited()))).label("seconds"),
        )
        .join_from(LeadEvent, Lead, col(Lead.id) == col(LeadEvent.lead_id))
        .where(
            IS_BY_PERSON,
            # Each person is a part of the index that is in order of time.
            col(LeadEvent.user_id).in_(select(col(User.id))),
            *within(LeadEvent.at, *cohort.period()),
            or_(*(at == col(getattr(Lead, name)) for name in criteria.REACHED_AT.values())),
            col(Lead.is_test).is_(False),
            *cohort.conditions(Lead.center_id, in_order=True),
            *_own(cohort, LeadEvent.user_id),
        )
        .group_by(col(LeadEvent.user_id), col(LeadEvent.lead_id))
        .subquery()
    )
    return _totals(each.c)


def _totals(each: Any) -> Select[Any]:
    """Return the totals of each person; leads that were called are numbered to find the middle."""
    part = (each.user_id, each.called)
    # Leads called before they enquired again have a negative time: count it as zero.
    waited = case((each.seconds > 0, each.seconds), (each.called == 1, 0))
    numbered = select(
        each.user_id,
        *(each[stage] for stage in criteria.REACHED_AT),
        each.seconds,
        waited.label("waited"),
        func.row_number().over(partition_by=part, order_by=each.seconds).label("place"),
        func.count().over(partition_by=part).label("many"),
    ).subquery()
    one = numbered.c
    in_middle = and_(one.called == 1, (2 * one.place).between(one.many, one.many + 2))
    return select(
        one.user_id,
        *(func.sum(one[stage]).label(stage) for stage in criteria.REACHED_AT),
        *(
            func.count(case((criteria.first_call(span, one.seconds), 1))).label(name)
            for name, span in _WITHIN.items()
        ),
        func.avg(one.waited).label("first_call_average_s"),
        func.avg(case((in_middle, one.waited))).label("first_call_median_s"),
    ).group_by(one.user_id)


def _owned(cohort: Cohort) -> Select[Any]:
    """Return the query for the open leads that each person has now, and how many are overdue."""
    due = col(Lead.next_followup_date)
    counts: dict[str, Any] = {
        "owned": func.count(),
        "overdue": func.count(case((due < times.now(), 1))),
    }
    return _of_owners(cohort, counts, IS_OPEN)


def _without_next_step(cohort: Cohort) -> Select[Any]:
    """Return the query for the open leads of each person that nothing brings up again."""
    return _of_owners(cohort, {"no_next_step": func.count()}, has_no_next_step())


def _of_owners(
    cohort: Cohort, counts: Mapping[str, Any], condition: ColumnElement[bool]
) -> Select[Any]:
    owner: Any = col(Lead.owner_id)
    return (
        select(owner.label("user_id"), *(count.label(name) for name, count in counts.items()))
        .where(
            IS_OWNED,
            condition,
            col(Lead.is_test).is_(False),
            *cohort.conditions(Lead.center_id, in_order=True),
            *_own(cohort, Lead.owner_id),
        )
        .group_by(owner)
    )
