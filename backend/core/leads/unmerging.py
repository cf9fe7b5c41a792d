"""Undo a merge: the merged lead is restored, and what has happened since stays with the survivor.

Merges into one lead can be undone in any order: what a later one found is corrected as if the
earlier one had never been. Only a survivor that was itself merged must be restored first.

If nothing has happened to the survivor since, the line of the merge is removed from its history, so
that all is as it was before. Otherwise the line stays, and another one says that it was undone.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, delete, func, insert, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, visible_to
from backend.core.database.bulk_insert import among
from backend.core.database.json_columns import encode
from backend.core.errors import Conflict, MergeNotFound
from backend.core.leads import (
    attempt_counts,
    changes,
    detail,
    match_locks,
    merge_fields,
    merge_records,
    merging,
    owners,
)
from backend.models import (
    Center,
    Delivery,
    EventKind,
    Lead,
    LeadEvent,
    LeadMerge,
    Role,
    User,
)
from backend.schemas.merging import Unmerged

_ACTIVE = col(LeadMerge.undone_at).is_(None)


class _Undo(NamedTuple):
    """A merge that is undone: its record and snapshot, and the later merges into the survivor."""

    record: LeadMerge
    snapshot: Mapping[str, Any]
    later: Sequence[LeadMerge]


def unmerge(session: Session, person: Person, merge_id: int) -> Unmerged:
    """Restore the lead that was merged.

    Raises `MergeNotFound`, also if one of the leads is at another center, and `Conflict` if the
    merge was undone already or can't be undone yet.
    """
    match_locks.keep_others_out(session)
    record = _find(session, person, merge_id)
    later = session.scalars(
        select(LeadMerge)
        .where(
            col(LeadMerge.survivor_id) == record.survivor_id,
            col(LeadMerge.id) > record.id,
            _ACTIVE,
        )
        .order_by(col(LeadMerge.id))
    )
    undo = _Undo(record, record.snapshot or {}, list(later))
    now = merge_records.read(session, record.survivor_id)
    _restore_survivor(session, undo, now)
    _restore_merged(session, undo, now["center_id"])
    _give_back(session, undo)
    _restore_numbers(session, undo, now["phone_key"])
    _note(session, person, undo)
    # Its owner may have left since, or lost the center.
    owners.release(session, [record.merged_id], person.id, times.now())
    for id in (record.survivor_id, record.merged_id):
        attempt_counts.recount(session, id)
    _close(record, person)
    session.flush()
    return {
        "lead": detail.show(session, person, record.survivor_id),
        "restored": detail.show(session, person, record.merged_id),
    }


def _find(session: Session, person: Person, merge_id: int) -> LeadMerge:
    """Return the record of a merge that can be undone, with its survivor locked."""
    record = session.get(LeadMerge, merge_id, with_for_update=True)
    if record is None:
        raise MergeNotFound
    current = col(Lead.id) == record.current_id
    survivor = select(col(Lead.id)).where(current, visible_to(person)).with_for_update()
    if session.connection().scalar(survivor) is None:
        raise MergeNotFound
    if record.undone_at is not None or record.snapshot is None:
        raise Conflict("This merge has already been undone")
    center_id = record.snapshot["lead"]["center_id"]
    if person.role != Role.TEAM_LEAD and center_id not in person.centers:
        raise MergeNotFound
    if record.current_id != record.survivor_id:
        raise Conflict(
            f"Lead {record.survivor_id} was merged into lead {record.current_id} since then. "
            "Undo that merge first"
        )
    taken = select(col(Lead.id)).where(col(Lead.id) == record.merged_id)
    if session.connection().scalar(taken) is not None:
        raise Conflict(f"Lead {record.merged_id} exists already, so it can't be restored")
    return record


def _restore_survivor(session: Session, undo: _Undo, now: Mapping[str, Any]) -> None:
    """Give the survivor back what the merge has changed, unless it was changed since then."""
    encoded = merge_records.encode(now)
    back: dict[str, Any] = {}
    for name, group in undo.snapshot["groups"].items():
        before, after = group["before"], group["after"]
        next_one = _next_of(undo.later, name)
        if next_one is not None:
            _correct(session, next_one, name, before, after)
        elif all(encoded[column] == value for column, value in after.items()):
            back |= merge_records.decode(before)
    merge_records.write(session, undo.record.survivor_id, back)


def _next_of(later: Iterable[LeadMerge], group: str) -> LeadMerge | None:
    """Return the first of the later merges that has changed the same group of columns."""
    return next((one for one in later if group in (one.snapshot or {})["groups"]), None)


def _correct(
    session: Session, later: LeadMerge, name: str, before: Any, after: Mapping[str, Any]
) -> None:
    """Let a later merge restore what was before this one, if that is what it has replaced."""
    snapshot = later.snapshot or {}
    group = snapshot["groups"][name]
    if group["before"] != after:
        return
    groups = {**snapshot["groups"], name: {**group, "before": before}}
    later.snapshot = {**snapshot, "groups": groups}
    if name == "created_time":
        line = encode(merging.line_data(later))
        session.connection().execute(
            update(LeadEvent).where(col(LeadEvent.id) == later.event_id).values(data=line)
        )


def _restore_numbers(session: Session, undo: _Undo, was_first: str | None) -> None:
    """Take the merged lead's numbers from the survivor, unless they came in otherwise, too.

    `was_first` was its first number until now: it's a further one now, if it is its own.
    """
    survivor, own = undo.record.survivor_id, undo.snapshot["own_numbers"]
    gone = _numbers(undo.record).keys() - own.keys()
    imports = _imports(session, undo)
    for one in undo.later:
        snapshot = one.snapshot or {}
        kept = {
            name: imports.get(name) if by is None else by
            for name, by in snapshot["own_numbers"].items()
            if name not in gone
        }
        one.snapshot = {**snapshot, "own_numbers": kept}
    of_others = {number for one in _others(session, undo.record) for number in _numbers(one)}
    gone -= of_others | _stated_since(session, undo)
    wanted = dict(merge_records.numbers_of(session, survivor))
    if was_first is not None:
        wanted.setdefault(was_first, None)
    for number in imports.keys() & wanted.keys() - of_others:
        if wanted[number] is None:
            wanted[number] = imports[number]
    first = session.connection().scalar(select(col(Lead.phone_key)).where(col(Lead.id) == survivor))
    gone.add(first or "")
    wanted = {number: by for number, by in wanted.items() if number not in gone}
    merge_records.set_numbers(session, survivor, wanted)


def _imports(session: Session, undo: _Undo) -> dict[str, int]:
    """Return the merged lead's numbers that the survivor had from an import, and which one that is.

    While they were its first number, or the merged lead's too, nothing else in the database may
    have said so. Those that an enquiry or a person has given since then aren't the import's.
    """
    own = undo.snapshot["own_numbers"]
    edits = _lines_since(session, undo, EventKind.EDITED)
    if any("phone" in data for _, data in edits):
        return {}
    given = _numbers(undo.record).keys() - _stated_since(session, undo)
    return {number: own[number] for number in given if own.get(number) is not None}


def _stated_since(session: Session, undo: _Undo) -> set[str]:
    """Return the numbers that the survivor's enquiries have given since the merge."""
    enquiries = _lines_since(session, undo, EventKind.REPEAT_ENQUIRY)
    return {number for _, data in enquiries for number in data.get("phones", ())}


def _others(session: Session, record: LeadMerge) -> list[LeadMerge]:
    """Return the other merges into the same survivor."""
    query = select(LeadMerge).where(
        col(LeadMerge.survivor_id) == record.survivor_id, col(LeadMerge.id) != record.id, _ACTIVE
    )
    return list(session.scalars(query))


def _numbers(record: LeadMerge) -> dict[str, int | None]:
    """Return all numbers of the lead that was merged, each with the import that it's from."""
    snapshot = record.snapshot or {}
    return merging.numbers(snapshot["lead"], snapshot["numbers"])


def _restore_merged(session: Session, undo: _Undo, center_id: int | None) -> None:
    """Add the merged lead's own row again, and what is stored beside it."""
    row = merge_records.decode(undo.snapshot["lead"])
    row["search_indexed"] = False
    for column, model, instead in (("center_id", Center, center_id), ("owner_id", User, None)):
        # A script may have deleted it.
        if row[column] is not None and session.get(model, row[column]) is None:
            row[column] = instead
    session.connection().execute(insert(Lead).values(**row))
    id = undo.record.merged_id
    merge_records.write_origin(session, id, undo.snapshot[merge_fields.ORIGIN])
    merge_records.add_numbers(session, id, undo.snapshot["numbers"])


def _give_back(session: Session, undo: _Undo) -> None:
    """Give the merged lead what is its own, and what it had been given by merges before."""
    record = undo.record
    merge_records.move_back(session, undo.snapshot["moved"], record.survivor_id, record.merged_id)
    within = [record, *_within(session, record.merged_id)]
    for one in within[1:]:
        one.current_id = record.merged_id
    # Meta may have sent them again since then.
    known = [one.leadgen_id for one in within if one.leadgen_id is not None]
    again = (
        among(session, col(Delivery.leadgen_id), known),
        col(Delivery.lead_id) == record.survivor_id,
    )
    change = update(Delivery).where(*again).values(lead_id=record.merged_id)
    session.connection().execute(change)


def _within(session: Session, lead_id: int) -> list[LeadMerge]:
    """Return the merges into a lead, directly or by way of others."""
    found: list[LeadMerge] = []
    last = [lead_id]
    while last:
        query = select(LeadMerge).where(among(session, col(LeadMerge.survivor_id), last), _ACTIVE)
        within = list(session.scalars(query))
        found += within
        last = [one.merged_id for one in within]
    return found


def _note(session: Session, person: Person, undo: _Undo) -> None:
    """Remove the line of the merge, or add another if something has happened since then."""
    record = undo.record
    connection = session.connection()
    happened = _happened_since(session, undo)
    if not happened:
        connection.execute(delete(LeadEvent).where(col(LeadEvent.id) == record.event_id))
        return
    connection.execute(
        insert(LeadEvent).values(
            lead_id=record.survivor_id,
            at=times.now(),
            user_id=person.id,
            kind=EventKind.UNMERGED.value,
            data=encode({"merge_id": record.id, "lead_id": record.merged_id}),
        )
    )
    for column, at in _stages_since(session, undo).items():
        blank = (col(Lead.id) == record.survivor_id, col(getattr(Lead, column)).is_(None))
        connection.execute(update(Lead).where(*blank).values({column: at}))


def _happened_since(session: Session, undo: _Undo) -> bool:
    """Return whether the survivor's history has a line since the merge, apart from other merges."""
    others = col(LeadEvent.kind).not_in([EventKind.MERGED, EventKind.UNMERGED])
    query = select(func.count()).where(*_since(session, undo), others)
    return bool(session.connection().scalar(query))


def _since(session: Session, undo: _Undo) -> list[ColumnElement[bool]]:
    """Return what is true of the survivor's lines since the merge, not of those merged into it."""
    conditions = [
        col(LeadEvent.lead_id) == undo.record.survivor_id,
        col(LeadEvent.id) > undo.record.event_id,
    ]
    brought = [id for one in undo.later for id in (one.snapshot or {})["moved"]["leadevent"]]
    return [*conditions, ~among(session, col(LeadEvent.id), brought)] if brought else conditions


def _stages_since(session: Session, undo: _Undo) -> dict[str, datetime]:
    """Return when the survivor first came to each stage since the merge."""
    found: dict[str, datetime] = {}
    for at, data in _lines_since(session, undo, EventKind.STATUS):
        for column in changes.stages_of(data["to"]):
            found.setdefault(column, at)
    return found


def _lines_since(
    session: Session, undo: _Undo, kind: EventKind
) -> list[tuple[datetime, dict[str, Any]]]:
    """Return the time and data of the survivor's lines of one kind since the merge, in order."""
    query = (
        select(col(LeadEvent.at), col(LeadEvent.data))
        .where(*_since(session, undo), col(LeadEvent.kind) == kind)
        .order_by(col(LeadEvent.id))
    )
    return [(at, orjson.loads(data)) for at, data in session.connection().execute(query)]


def _close(record: LeadMerge, person: Person) -> None:
    """Note that a merge is undone, and keep nothing of the lead that is restored."""
    record.undone_at, record.undone_by = times.now(), person.id
    record.snapshot = record.event_id = None
    record.leadgen_id = record.name_key = record.email_key = None
    record.player_age_category = record.birth_date = None
