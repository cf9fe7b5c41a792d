"""A page of leads: filtered, sorted, and continued where the page before has ended.

A page begins at the values by which the list is sorted, not after a number of rows: the last page
costs what the first one does, and a lead that comes in meanwhile moves nothing.
"""

from base64 import b64decode, urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, assert_never, cast
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, true
from sqlmodel import Session, col

from backend.core import phones, times
from backend.core.access import Person
from backend.core.database import rows
from backend.core.database.bulk_insert import among
from backend.core.database.rows import written
from backend.core.errors import Invalid
from backend.core.leads import index_partitions, list_order, list_plan, missed, owners, search
from backend.core.leads.criteria import LeadCriteria
from backend.core.leads.list_order import Part
from backend.core.leads.list_plan import Few, InOrder, Merge, Plan, Search
from backend.models import Lead
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadPage, LeadPageQuery, LeadRow, Sort

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


def page(session: Session, person: Person, wanted: LeadPageQuery, zone: ZoneInfo) -> LeadPage:
    """Return a page of the leads that a person may see. Raises `Invalid`."""
    criteria = LeadCriteria.parse(wanted, zone, times.now())
    begin = _begin(wanted)
    parts = list_order.parts(session, person, criteria, wanted.sort, begin.key if begin else "")
    reader = _Reader(session, person, wanted.sort, wanted.limit + 1)
    found = reader.read(criteria, _from(parts, begin), begin)
    shown = found[: wanted.limit]
    last = _place(*shown[-1]) if len(found) > wanted.limit else None
    return {"leads": cast(list[LeadRow], [_shown(lead) for _, lead in shown]), "next": last}


# A lead, after the key of its part.
Found = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads so `many` leads of a list in its order."""

    session: Session
    person: Person
    sort: Sort
    many: int

    def read(
        self, criteria: LeadCriteria, parts: Sequence[Part], begin: "_Begin | None"
    ) -> list[Found]:
        """Return the leads after the beginning; the first of the parts is the one that has it."""
        whole = None
        if len(parts) > 1:
            whole = list_plan.choose(self.session, self.person, criteria, self.sort)
            if (few := self._few(whole)) is not None:
                return self._of_few(criteria, parts, begin, few)
        found: list[Found] = []
        for part in parts:
            left = self.many - len(found)
            after = _after(begin, part.sort) if begin and part is parts[0] else true()
            # In the order of the list, all parts are planned as it is.
            plan = whole if whole and part.sort == self.sort else self._planned(part)
            found += [(part.key, lead) for lead in self._part(part, plan, after, left)]
            if len(found) == self.many:
                break
        return found

    def _planned(self, part: Part) -> Plan:
        return list_plan.of_part(self.session, self.person, part)

    def _few(self, plan: Plan) -> ColumnElement[bool] | None:
        """Return the condition of the leads that are left, if they are few enough to sort them."""
        if isinstance(plan, Few):
            return plan.among
        if not isinstance(plan, Search):
            return None
        ids = search.candidates(self.session, plan.words)
        return None if ids is None else among(self.session, col(Lead.id), ids)

    def _of_few(
        self,
        criteria: LeadCriteria,
        parts: Sequence[Part],
        begin: "_Begin | None",
        few: ColumnElement[bool],
    ) -> list[Found]:
        """Return the leads among a few, which are sorted by their parts here."""
        ranks = [(part.where, at) for at, part in enumerate(parts) if part.where is not None]
        rank: ColumnElement[int] = case(*ranks, else_=len(parts))
        after = true() if begin is None else or_(rank > 0, _after(begin, parts[0].sort))
        conditions = [*criteria.conditions(self.person), rank < len(parts), few, after]
        column, order = _of_mixed(self.sort)
        query = select(*SHOWN, column.label("place"), rank.label("part")).where(*conditions)
        leads = fetch(self.session, query.order_by(rank, *order).limit(self.many))
        return [(parts[lead.pop("part")].key, lead) for lead in leads]

    def _part(
        self, part: Part, plan: Plan, after: ColumnElement[bool], many: int
    ) -> list[dict[str, Any]]:
        column, down = list_order.COLUMNS[part.sort]
        where = [] if part.where is None else [part.where]
        conditions = [*part.criteria.conditions(self.person, *where), after]
        match plan:
            case Few():
                return self._select(part.sort, [*conditions, plan.among], many, few=True)
            case Search():
                return self._search(part.sort, plan.words, conditions, after, many)
            case Merge():
                leads = index_partitions.firsts(
                    plan.partitions, conditions, column, many, down=down
                )
                return self._select(part.sort, [col(Lead.id).in_(leads)], many, few=True)
            case InOrder():
                return self._select(part.sort, conditions, many)
            case _:
                assert_never(plan)

    def _search(
        self,
        sort: Sort,
        words: Sequence[str],
        conditions: list[ColumnElement[bool]],
        after: ColumnElement[bool],
        many: int,
    ) -> list[dict[str, Any]]:
        """Look among the first leads after the page before, then in the index for what is left."""
        is_short = all(len(word) < search.GRAM for word in words)
        column, down = list_order.COLUMNS[sort]
        if column is list_order.CREATED:
            first = _NEAR_FOR_SHORT if is_short else _NEAR
            near = [*conditions, search.near(self.session, after, column, first, down=down)]
            found = self._select(sort, near, many)
            if len(found) == many or is_short:
                return found
        elif is_short:
            newest = search.near(
                self.session, true(), list_order.CREATED, _NEAR_FOR_SHORT, down=True
            )
            conditions = [*conditions, newest]
        ids = search.candidates(self.session, words)
        if ids is None:
            return self._select(sort, conditions, many)
        known = among(self.session, col(Lead.id), ids)
        return self._select(sort, [*conditions, known], many, few=True)

    def _select(
        self, sort: Sort, conditions: Sequence[ColumnElement[bool]], many: int, *, few: bool = False
    ) -> list[dict[str, Any]]:
        """Return leads in order; with `few` they are sorted, so that no index is read in order."""
        column, down = list_order.COLUMNS[sort]
        by = func.coalesce(column, column) if few else column
        order = (by.desc(), col(Lead.id).desc()) if down else (by, col(Lead.id))
        query = select(*SHOWN, column.label("place")).where(*conditions)
        return fetch(self.session, query.order_by(*order).limit(many))


def _of_mixed(sort: Sort) -> tuple[Any, Sequence[Any]]:
    """Return by what leads of all parts of a list are sorted, within their parts."""
    dated = sort in list_order.HAS_DATE
    column, down = list_order.COLUMNS[sort if dated else list_order.NEWEST]
    id = col(Lead.id)
    if not dated:
        return column, (column.desc(), id.desc())
    newest = case((column.is_(None), list_order.CREATED)).desc()
    by_id = id.desc() if down else case((column.is_(None), -id), else_=id)
    order = (column.desc() if down else column, newest, by_id)
    return func.coalesce(column, list_order.CREATED), order


def _after(begin: "_Begin", sort: Sort) -> ColumnElement[bool]:
    column, down = list_order.COLUMNS[sort]
    if down:
        return and_(column <= begin.at, or_(column < begin.at, col(Lead.id) < begin.id))
    return and_(column >= begin.at, or_(column > begin.at, col(Lead.id) > begin.id))


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


@dataclass(frozen=True, slots=True)
class _Begin:
    """Where a page begins: after this lead, in the part with this key."""

    key: str
    at: datetime | str
    id: int


def _place(key: str, lead: dict[str, Any]) -> str:
    place = lead["place"]
    if isinstance(place, str):
        at = urlsafe_b64encode(place.encode()).decode()
    else:
        at = place.astimezone(UTC).strftime("%Y%m%dT%H%M%S%f")
    return f"{key}{'.' if key else ''}{at}-{lead['id']}"


def _begin(wanted: LeadPageQuery) -> _Begin | None:
    if not wanted.after:
        return None
    key, _, place = wanted.after.rpartition(".")
    text, _, id = place.rpartition("-")
    try:
        last = int(id)
        if not 0 < last <= MAX_ID:
            raise ValueError("no id")
        return _Begin(key, _at(text, wanted.sort), last)
    except ValueError:
        raise _wrong_place() from None


def _at(text: str, sort: Sort) -> datetime | str:
    """Return the value by which the last lead was sorted. Raises `ValueError`."""
    if sort not in list_order.BY_NAME:
        return datetime.strptime(f"{text}+0000", "%Y%m%dT%H%M%S%f%z")
    name = b64decode(text, altchars=b"-_", validate=True).decode()
    if "\0" in name:
        raise ValueError("no name")
    return name


def _from(parts: Sequence[Part], begin: _Begin | None) -> Sequence[Part]:
    """Return the parts from the one where the page begins. Raises `Invalid`."""
    if begin is None:
        return parts
    for at, part in enumerate(parts):
        if part.key == begin.key:
            return parts[at:]
    raise _wrong_place()


def _wrong_place() -> Invalid:
    return Invalid.at("query", "after", msg="Use the value of next from the previous page")
