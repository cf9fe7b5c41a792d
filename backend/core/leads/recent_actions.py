"""List what a person did to leads in the last day: calls, edits, bulk edits and merges.

Each kind has its own table, read by its index over the person and the time, a page at most.
Whether an action can be undone is decided here as by the undo itself.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among
from backend.core.errors import Invalid
from backend.core.leads import deleting, edit_records, lead_state, merged
from backend.models import (
    Attempt,
    BulkChange,
    Lead,
    LeadMerge,
    ListChange,
    ListChangeState,
    RecentEdit,
    User,
)
from backend.schemas.actions import Action, Actions, ActionsQuery, Kind, WhyNot
from backend.schemas.fields import MAX_ID

# What the web app shows of the new value of a field; the others are personal.
_SHOWN = (
    "status", "next_followup_date", "trial_at", "lost_reason", "trial_outcome", "center_id",
    "owner_id",
)  # fmt: skip
_TIMES = {"next_followup_date", "trial_at"}
# The fields of an action: what follows from them isn't named.
_NAMED = frozenset(
    {*lead_state.FIELDS, *_SHOWN, "lost_reason_text", "deleted"},
)
_READ: tuple[Any, ...] = (col(Lead.id), *(getattr(Lead, name) for name in edit_records.READ))


class _Place(NamedTuple):
    """The place of an action in the list, which is in the order of these, backwards."""

    at: datetime
    kind: str
    id: int


class _Found(NamedTuple):
    place: _Place
    row: Any


def show(session: Session, person: Person, wanted: ActionsQuery) -> Actions:
    """Return a page of what a person has done in the last day, the newest first.

    Raises `Invalid`.
    """
    after = _read(wanted.after) if wanted.after else None
    many = wanted.limit + 1
    found = [
        one
        for kind, table in _TABLES.items()
        for one in _latest(session, person, cast(Kind, kind), table, after, many)
    ]
    found.sort(key=lambda one: one.place, reverse=True)
    page = found[: wanted.limit]
    known = _Known.of(session, person, [one.row for one in page])
    actions = [_HOW[one.place.kind](known, one.row) for one in page]
    return {"actions": actions, "next": _text(page[-1].place) if len(found) >= many else None}


_TABLES: dict[str, Any] = {
    "bulk": BulkChange, "call": Attempt, "edit": RecentEdit, "list": ListChange,
    "merge": LeadMerge,
}  # fmt: skip
# The parts of a change of a whole list are one action, once something has changed.
_COUNTS: dict[str, ColumnElement[bool]] = {
    "bulk": col(BulkChange.list_change_id).is_(None), "list": col(ListChange.changed) > 0,
}  # fmt: skip


def _latest(
    session: Session, person: Person, kind: Kind, table: Any, after: _Place | None, many: int
) -> list[_Found]:
    query = (
        select(table)
        .where(
            col(table.user_id) == person.id,
            col(table.at) > times.now() - edit_records.KEPT,
            _COUNTS.get(kind, true()),
            _comes_after(kind, table, after),
        )
        .order_by(col(table.at).desc(), col(table.id).desc())
        .limit(many)
    )
    return [_Found(_Place(row.at, kind, row.id), row) for row in session.scalars(query)]


def _comes_after(kind: Kind, table: Any, place: _Place | None) -> ColumnElement[bool]:
    if place is None:
        return true()
    at = col(table.at)
    if kind != place.kind:
        return at <= place.at if kind < place.kind else at < place.at
    return and_(at <= place.at, or_(at < place.at, col(table.id) < place.id))


def _text(place: _Place) -> str:
    return f"{place.at.astimezone(UTC).strftime('%Y%m%dT%H%M%S%f')}-{place.kind}-{place.id}"


def _read(text: str) -> _Place:
    moment, _, rest = text.partition("-")
    kind, _, id = rest.partition("-")
    try:
        at = datetime.strptime(f"{moment}+0000", "%Y%m%dT%H%M%S%f%z")
        if kind not in _TABLES or not 0 < int(id) <= MAX_ID:
            raise ValueError("no place")
    except ValueError:
        raise Invalid.at(
            "query", "after", msg="Use the value of next from the previous page"
        ) from None
    return _Place(at, kind, int(id))


class _Known(NamedTuple):
    """What is read once for a page: the leads that the person sees, merges, names of owners.

    `became` are the new values of the columns that changes of whole lists have changed.
    """

    leads: Mapping[int, Any]
    merged: Mapping[int, int]
    owners: Mapping[int, str]
    became: Mapping[int, dict[str, Any]]

    @classmethod
    def of(cls, session: Session, person: Person, rows: Sequence[Any]) -> "_Known":
        ids = {id for row in rows for id in _leads_of(row)}
        now = merged.current_ids(session, ids) if ids else {}
        query = select(*_READ).where(among(session, col(Lead.id), sorted({*ids, *now.values()})))
        found = session.connection().execute(query.where(visible_to(person))) if ids else ()
        became = _of_lists(session, rows)
        changed = [one for row in rows for one in _owners_of(_became(row))]
        changed += [one for columns in became.values() for one in _owners_of(columns)]
        names = select(col(User.id), col(User.full_name)).where(col(User.id).in_({*changed}))
        owners = session.connection().execute(names) if changed else ()
        named = {one.id: one.full_name for one in owners}
        return cls({one.id: one for one in found}, now, named, became)

    def action(
        self, kind: Kind, row: Any, lead_id: int | None, why_not: WhyNot | None, **more: Any
    ) -> Action:
        """Return an action; a lead that was merged is shown as the one that it's part of."""
        lead = self.leads.get(self.merged.get(lead_id, lead_id)) if lead_id else None
        if lead is None and lead_id is not None:
            why_not = why_not or "gone"
        action: dict[str, Any] = {
            "kind": kind,
            "id": row.id,
            "at": row.at,
            "lead_id": lead and lead.id,
            "name": lead and (lead.player_name or lead.phone or lead.email),
            "leads": 1,
            "outcome": None,
            "fields": [],
            "to": {},
            "can_undo": why_not is None,
            "why_not": why_not,
        }
        return cast(Action, action | more)

    def said(self, became: Mapping[str, Any]) -> dict[str, Any]:
        """Return the fields that were changed, and the new values of those that aren't personal."""
        to = {name: became[name] for name in _SHOWN if name in became}
        for name in _TIMES & to.keys():
            # As all times are written.
            to[name] = to[name] and f"{to[name].removesuffix('+00:00')}Z"
        if to.get("owner_id") is not None:
            to["owner"] = self.owners.get(to["owner_id"])
        return {"fields": [name for name in became if name in _NAMED], "to": to}


def _leads_of(row: Any) -> tuple[int, ...]:
    if isinstance(row, BulkChange | ListChange):
        return ()
    return (row.survivor_id,) if isinstance(row, LeadMerge) else (row.lead_id,)


def _owners_of(became: Mapping[str, Any]) -> list[int]:
    return [became["owner_id"]] if became.get("owner_id") is not None else []


def _became(row: Any) -> dict[str, Any]:
    """Return the new values of the columns that an action has changed."""
    if isinstance(row, BulkChange):
        if deleting.is_deletion(row):
            return {"deleted": True}
        # The same for all leads, or almost: a date may be there already, or the owner.
        return {name: to for one in row.changes for name, to in one.get("to", {}).items()}
    if isinstance(row, RecentEdit):
        return {name: to for name, (_, to) in row.changes.items()}
    return {}


def _of_lists(session: Session, rows: Sequence[Any]) -> dict[int, dict[str, Any]]:
    """Return what changes of whole lists have changed, by their ids: the first part says it."""
    ids = [row.id for row in rows if isinstance(row, ListChange)]
    if not ids:
        return {}
    of_list = col(BulkChange.list_change_id)
    firsts = select(func.min(col(BulkChange.id))).where(of_list.in_(ids)).group_by(of_list)
    parts = session.scalars(select(BulkChange).where(col(BulkChange.id).in_(firsts)))
    return {part.list_change_id or 0: _became(part) for part in parts}


def _call(known: _Known, row: Attempt) -> Action:
    undone: WhyNot | None = "undone" if row.undone_at else None
    return known.action("call", row, row.lead_id, undone, outcome=row.outcome)


def _edit(known: _Known, row: RecentEdit) -> Action:
    why_not: WhyNot | None = None
    if row.undone_at is not None:
        why_not = "undone"
    elif row.lead_id in known.merged:
        why_not = "merged"
    elif (lead := known.leads.get(row.lead_id)) is not None:
        columns = {name: lead._mapping[name] for name in edit_records.READ}
        why_not = "changed" if edit_records.disputed(row, columns) else None
    return known.action("edit", row, row.lead_id, why_not, **known.said(_became(row)))


def _bulk(known: _Known, row: BulkChange) -> Action:
    said = known.said(_became(row))
    undone: WhyNot | None = "undone" if row.undone else None
    return known.action("bulk", row, None, undone, leads=len(row.changes), **said)


def _list(known: _Known, row: ListChange) -> Action:
    is_undone = row.state in (ListChangeState.UNDOING, ListChangeState.UNDONE)
    said = known.said(known.became.get(row.id or 0, {}))
    undone: WhyNot | None = "undone" if is_undone else None
    return known.action("list", row, None, undone, leads=row.changed, **said)


def _merge(known: _Known, row: LeadMerge) -> Action:
    why_not: WhyNot | None = None
    if row.undone_at is not None:
        why_not = "undone"
    elif row.current_id != row.survivor_id:
        why_not = "merged"
    return known.action("merge", row, row.survivor_id, why_not, leads=2)


_HOW: dict[str, Callable[[_Known, Any], Action]] = {
    "bulk": _bulk, "call": _call, "edit": _edit, "list": _list, "merge": _merge,
}  # fmt: skip
