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

from backend.core import times
from backend.core.access import Person
from backend.core.database import rows
from backend.core.database.bulk_insert import among
from backend.core.database.rows import written
from backend.core.errors import Invalid
from backend.core.leads import criteria, index_partitions, search
from backend.models import Lead, Role
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadPage, LeadPageQuery, LeadRow

# Among so many of the first leads a common text is found before the index is asked.
_NEAR = 5_000
# And a word that is too short for the index among so many.
_NEAR_FOR_SHORT = 20_000
# So many leads are sorted as they are found, whatever order they are to have.
_FEW = 2_000

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
)
_SORTS = {
    "-created": (col(Lead.created_time), True),
    "created": (col(Lead.created_time), False),
    "due": (col(Lead.next_followup_date), False),
}


def page(session: Session, person: Person, wanted: LeadPageQuery, zone: ZoneInfo) -> LeadPage:
    """Raises `Invalid`."""
    column, down = _SORTS[wanted.sort]
    conditions = criteria.conditions(person, wanted, zone, times.now())
    if wanted.sort == "due":
        conditions.append(column.is_not(None))
    after = _after(column, wanted.after, down=down) if wanted.after else true()
    words = search.words(wanted.q)
    conditions.append(after)
    many = wanted.limit + 1
    if words:
        conditions.append(search.matching(words))
    rare = _rare(session, person, wanted)
    if rare is not None:
        found = _read(session, wanted.sort, [*conditions, rare], many, few=True)
    elif words:
        found = _search(session, wanted, words, conditions, after, many)
    else:
        found = _walk(session, person, wanted, conditions, many)
    more = len(found) == many
    leads = found[: wanted.limit]
    last = _place(leads[-1]) if more else None
    return {"leads": cast(list[LeadRow], [_shown(lead) for lead in leads]), "next": last}


def _rare(session: Session, person: Person, wanted: LeadPageQuery) -> ColumnElement[bool] | None:
    """Where one of the filters alone leaves few leads, those: the rest is looked for among them.

    To go through all in order until a page is full would be to go through all.
    """
    kinds = [select(col(Lead.id)).where(condition) for condition in criteria.indexed(wanted)]
    if wanted.status and (wanted.q or wanted.source or wanted.reached or wanted.first_call):
        parts = _of_statuses(session, person, wanted, wanted.status)
        kinds.append(
            index_partitions.firsts(parts, [], col(Lead.created_time), _FEW + 1, down=True)
        )
    for kind in kinds:
        some = kind.limit(_FEW + 1)
        many = select(func.count()).select_from(some.subquery())
        if (session.connection().scalar(many) or 0) <= _FEW:
            return col(Lead.id).in_(some)
    return None


def _of_statuses(
    session: Session, person: Person, wanted: LeadPageQuery, status: str
) -> list[index_partitions.Piece]:
    statuses = index_partitions.of_values(Lead.status, criteria.statuses(status))
    centers = index_partitions.of_centers(session, person, criteria.centers(wanted))
    return index_partitions.within(centers, statuses)


def _pieces(
    session: Session, person: Person, wanted: LeadPageQuery
) -> list[index_partitions.Piece]:
    """By which pieces of an index a list is read; by none where the order of all is as good."""
    if wanted.sort == "due" or wanted.due not in (None, criteria.NONE):
        # There is an index over the next dates alone.
        return []
    for column, values in criteria.values(wanted):
        return index_partitions.of_values(column, values)
    has_no_index = wanted.reached or wanted.first_call
    if wanted.status and not (wanted.source or has_no_index):
        return _of_statuses(session, person, wanted, wanted.status)
    asked = criteria.centers(wanted)
    if not asked and person.role == Role.TEAM_LEAD:
        return []
    if has_no_index and session.get_bind().dialect.name == "postgresql":
        # It takes for rare what it knows nothing of, and would read each piece to its end.
        return []
    return index_partitions.of_centers(session, person, asked)


def _walk(
    session: Session,
    person: Person,
    wanted: LeadPageQuery,
    conditions: Sequence[ColumnElement[bool]],
    many: int,
) -> list[dict[str, Any]]:
    """Goes through the leads in order until there are so many."""
    parts = _pieces(session, person, wanted)
    # Each piece repeats all that is asked for.
    values = len(person.centers) + criteria.many_values(wanted)
    if not parts or len(parts) * values > index_partitions.MOST_VALUES:
        return _read(session, wanted.sort, conditions, many)
    column, down = _SORTS[wanted.sort]
    each = index_partitions.firsts(parts, conditions, column, many, down=down)
    return _read(session, wanted.sort, [col(Lead.id).in_(each)], many, few=True)


def _search(
    session: Session,
    wanted: LeadPageQuery,
    words: Sequence[str],
    conditions: list[ColumnElement[bool]],
    after: ColumnElement[bool],
    many: int,
) -> list[dict[str, Any]]:
    is_short = all(len(word) < search.GRAM for word in words)
    column, down = _SORTS[wanted.sort]
    if wanted.sort != "due":
        first = _NEAR_FOR_SHORT if is_short else _NEAR
        near = [*conditions, search.near(session, after, column, first, down=down)]
        found = _read(session, wanted.sort, near, many)
        if len(found) == many or is_short:
            return found
    elif is_short:
        newest = search.near(session, true(), col(Lead.created_time), _NEAR_FOR_SHORT, down=True)
        conditions = [*conditions, newest]
    ids = search.candidates(session, words)
    if ids is None:
        return _read(session, wanted.sort, conditions, many)
    known = among(session, col(Lead.id), ids)
    return _read(session, wanted.sort, [*conditions, known], many, few=True)


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
        if not 0 < last <= MAX_ID:
            raise ValueError("no id")
    except ValueError:
        raise Invalid.at(
            "query", "after", msg="Use the value of next from the page before"
        ) from None
    if down:
        return and_(column <= at, or_(column < at, col(Lead.id) < last))
    return and_(column >= at, or_(column > at, col(Lead.id) > last))
