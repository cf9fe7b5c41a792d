"""A page of leads: filtered, sorted, and going on where the one before has ended.

The place where a page ends is the values that it is sorted by, and not a number of rows to pass
over: the last page costs what the first one does, and a lead that comes in meanwhile moves nothing.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.core import rows, times
from backend.core.access import Person
from backend.core.bulk import among
from backend.core.errors import Invalid
from backend.core.leads import bycenter, filters, search
from backend.core.rows import written
from backend.models import Lead
from backend.schemas.leads import LeadPage, LeadPageQuery, LeadRow

# Among so many of the newest leads a common text is found before the index is asked.
_NEWEST = 5_000
# And a word that is too short for the index among so many.
_NEWEST_FOR_SHORT = 20_000

SHOWN = (
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
)
_SORTS = {
    "-created": (col(Lead.created_time), True),
    "created": (col(Lead.created_time), False),
    "due": (col(Lead.next_followup_date), False),
}


def page(session: Session, person: Person, wanted: LeadPageQuery, zone: ZoneInfo) -> LeadPage:
    """Raises `Invalid`."""
    column, down = _SORTS[wanted.sort]
    conditions = filters.conditions(person, wanted, zone, times.now())
    if wanted.sort == "due":
        conditions.append(column.is_not(None))
    after = _after(column, wanted.after, down=down) if wanted.after else true()
    words = search.words(wanted.q)
    conditions.append(after)
    many = wanted.limit + 1
    # By an index that knows the campaign, or the next date, there is little left to look through.
    if not words and wanted.status and wanted.sort != "due" and not (wanted.campaign or wanted.due):
        each = bycenter.firsts(session, person, conditions, column, many, down=down)
        found = _read(session, wanted.sort, [col(Lead.id).in_(each)], many, few=True)
    elif not words:
        found = _read(session, wanted.sort, conditions, many)
    else:
        found = _search(session, wanted, words, conditions, after, many)
    more = len(found) == many
    leads = found[: wanted.limit]
    last = _place(leads[-1]) if more else None
    return {"leads": cast(list[LeadRow], [_shown(lead) for lead in leads]), "next": last}


def _search(
    session: Session,
    wanted: LeadPageQuery,
    words: Sequence[str],
    conditions: list[ColumnElement[bool]],
    after: ColumnElement[bool],
    many: int,
) -> list[dict[str, Any]]:
    conditions = [*conditions, search.matching(words)]
    is_short = all(len(word) < search.GRAM for word in words)
    if wanted.sort == "-created":
        newest = _NEWEST_FOR_SHORT if is_short else _NEWEST
        near = [*conditions, search.newest(session, after, newest)]
        found = _read(session, wanted.sort, near, many)
        if len(found) == many or is_short:
            return found
    elif is_short:
        conditions.append(search.newest(session, true(), _NEWEST_FOR_SHORT))
    ids = search.candidates(session, words)
    if ids is None:
        return _read(session, wanted.sort, conditions, many)
    conditions.append(among(session, col(Lead.id), ids))
    return _read(session, wanted.sort, conditions, many, few=True)


def _read(
    session: Session,
    sort: str,
    conditions: Sequence[ColumnElement[bool]],
    many: int,
    *,
    few: bool = False,
) -> list[dict[str, Any]]:
    """With `few`, the conditions leave little, which is sorted: no index over all is walked."""
    column, down = _SORTS[sort]
    by = func.coalesce(column, column) if few else column
    order = (by.desc(), col(Lead.id).desc()) if down else (by, col(Lead.id))
    query = select(*SHOWN, column.label("place")).where(*conditions).order_by(*order).limit(many)
    return rows.fetch(session, query)


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
    except ValueError:
        raise Invalid.at("query", "after", msg="Send `next` of the page before") from None
    if down:
        return and_(column <= at, or_(column < at, col(Lead.id) < last))
    return and_(column >= at, or_(column > at, col(Lead.id) > last))
