"""A page of leads: filtered, sorted, and continued where the page before has ended.

A page begins at the values by which the list is sorted, not after a number of rows: the last page
costs what the first one does, and a lead that comes in meanwhile moves nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, assert_never, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.core import phones, times
from backend.core.access import Person
from backend.core.database import rows
from backend.core.database.bulk_insert import among
from backend.core.database.rows import written
from backend.core.errors import Invalid
from backend.core.leads import index_partitions, list_plan, missed, owners, search
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.list_plan import Few, InOrder, Merge, Search
from backend.models import Lead
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadPage, LeadPageQuery, LeadRow

# A common text is found among that many of the first leads, before the index is asked.
_NEAR = 5_000
# And a word that is too short for the index among that many.
_NEAR_FOR_SHORT = 20_000

SHOWN: tuple[Any, ...] = (
    col(Lead.id),
    written(col(Lead.created_time)).label("created_time"),
    col(Lead.player_name),
    col(Lead.player_age_category),
    col(Lead.phone),
    col(Lead.email),
    col(Lead.address),
    col(Lead.status),
    written(col(Lead.next_followup_date)).label("next_followup_date"),
    col(Lead.center_id),
    col(Lead.source),
    col(Lead.campaign),
    col(Lead.is_test),
    written(col(Lead.trial_at)).label("trial_at"),
    col(Lead.lost_reason),
    written(col(Lead.called_at)).label("called_at"),
    col(Lead.phone_key).label("phone_e164"),
    col(Lead.phone_issue),
    col(Lead.phone_extension),
    col(Lead.do_not_contact),
    col(Lead.trial_outcome),
    col(Lead.lost_reason_text),
    col(Lead.attempts),
    col(Lead.unanswered),
    written(col(Lead.last_attempt_at)).label("last_attempt_at"),
    col(Lead.last_outcome),
    written(col(Lead.unreachable_since)).label("unreachable_since"),
    col(Lead.wrong_phone),
    col(Lead.owner_id),
    owners.NAME.label("owner"),
    written(col(Lead.call_by)).label("call_by"),
    written(col(Lead.handed_over_at)).label("handed_over_at"),
    missed.HANDED_OVER_FROM.label("handed_over_from"),
)
# What rows got later, and so have last.
NEWER = (
    "phone_issue", "phone_extension", "phone_shown", "do_not_contact", "trial_outcome",
    "lost_reason_text", "attempts", "unanswered", "last_attempt_at", "last_outcome",
    "unreachable_since", "wrong_phone", "owner_id", "owner",
    "call_by", "handed_over_at", "handed_over_from",
)  # fmt: skip
_SORTS = {
    "-created": (col(Lead.created_time), True),
    "created": (col(Lead.created_time), False),
    # Without those that have no next date, or that nobody has tried to reach.
    "due": (col(Lead.next_followup_date), False),
    "-due": (col(Lead.next_followup_date), True),
    "last_call": (col(Lead.last_attempt_at), False),
    "-last_call": (col(Lead.last_attempt_at), True),
}
_PARTIAL = {"due", "-due", "last_call", "-last_call"}


def page(session: Session, person: Person, wanted: LeadPageQuery, zone: ZoneInfo) -> LeadPage:
    """Return a page of the leads that a person may see. Raises `Invalid`."""
    criteria = LeadCriteria.parse(wanted, zone, times.now())
    column, down = _SORTS[wanted.sort]
    after = _after(column, wanted.after, down=down) if wanted.after else true()
    has_date = [column.is_not(None)] if wanted.sort in _PARTIAL else []
    conditions = criteria.conditions(person, *has_date, after)
    many = wanted.limit + 1
    plan = list_plan.choose(session, person, criteria, wanted.sort)
    match plan:
        case Few():
            found = _read(session, wanted.sort, [*conditions, plan.among], many, few=True)
        case Search():
            found = _search(session, wanted.sort, plan.words, conditions, after, many)
        case Merge():
            leads = index_partitions.firsts(plan.partitions, conditions, column, many, down=down)
            found = _read(session, wanted.sort, [col(Lead.id).in_(leads)], many, few=True)
        case InOrder():
            found = _read(session, wanted.sort, conditions, many)
        case _:
            assert_never(plan)
    shown = found[: wanted.limit]
    last = _place(shown[-1]) if len(found) == many else None
    return {"leads": cast(list[LeadRow], [_shown(lead) for lead in shown]), "next": last}


def _search(
    session: Session,
    sort: str,
    words: Sequence[str],
    conditions: list[ColumnElement[bool]],
    after: ColumnElement[bool],
    many: int,
) -> list[dict[str, Any]]:
    """Look among the first leads after the page before, and in the index if they aren't enough."""
    is_short = all(len(word) < search.GRAM for word in words)
    column, down = _SORTS[sort]
    if sort not in _PARTIAL:
        first = _NEAR_FOR_SHORT if is_short else _NEAR
        near = [*conditions, search.near(session, after, column, first, down=down)]
        found = _read(session, sort, near, many)
        if len(found) == many or is_short:
            return found
    elif is_short:
        newest = search.near(session, true(), col(Lead.created_time), _NEAR_FOR_SHORT, down=True)
        conditions = [*conditions, newest]
    ids = search.candidates(session, words)
    if ids is None:
        return _read(session, sort, conditions, many)
    known = among(session, col(Lead.id), ids)
    return _read(session, sort, [*conditions, known], many, few=True)


def _read(
    session: Session,
    sort: str,
    conditions: Sequence[ColumnElement[bool]],
    many: int,
    *,
    few: bool = False,
) -> list[dict[str, Any]]:
    """Return leads in order; with `few`, the conditions leave few, so no index is read in order."""
    column, down = _SORTS[sort]
    by = func.coalesce(column, column) if few else column
    order = (by.desc(), col(Lead.id).desc()) if down else (by, col(Lead.id))
    query = select(*SHOWN, column.label("place")).where(*conditions).order_by(*order).limit(many)
    return fetch(session, query)


def fetch(session: Session, query: Select[*tuple[Any, ...]]) -> list[dict[str, Any]]:
    """Return leads by a query of `SHOWN`, with their phones as people write them."""
    found = rows.fetch(session, query)
    for lead in found:
        number = lead["phone_e164"]
        lead["phone_shown"] = number and phones.shown(number, lead["phone_extension"])
        for name in NEWER[3:]:
            lead[name] = lead.pop(name)
    return found


def _shown(lead: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in lead.items() if name != "place"}


def _place(lead: dict[str, Any]) -> str:
    at: datetime = lead["place"].astimezone(UTC)
    return f"{at.strftime('%Y%m%dT%H%M%S%f')}-{lead['id']}"


def _after(column: Any, text: str, *, down: bool) -> ColumnElement[bool]:
    moment, _, id = text.partition("-")
    try:
        at = datetime.strptime(f"{moment}+0000", "%Y%m%dT%H%M%S%f%z")
        last = int(id)
        if not 0 < last <= MAX_ID:
            raise ValueError("no id")
    except ValueError:
        raise Invalid.at(
            "query", "after", msg="Use the value of next from the page before"
        ) from None
    if down:
        return and_(column <= at, or_(column < at, col(Lead.id) < last))
    return and_(column >= at, or_(column > at, col(Lead.id) > last))
