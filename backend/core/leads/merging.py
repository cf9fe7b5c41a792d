"""Merge a lead into another, the survivor, which keeps its id.

The merged lead's row is deleted, so that lists, counts, reports and exports are right without a
filter. Everything that belongs to it follows the survivor, and its id means the survivor from then
on (`merged`). A record of the merge keeps what `unmerging` restores. While leads are merged nobody
adds any, since what comes in may join one of them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, cast

from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.alerts import withdrawing
from backend.core.database.json_columns import encode
from backend.core.errors import Conflict, Outdated
from backend.core.leads import (
    attempt_counts,
    detail,
    duplicates,
    match_locks,
    merge_fields,
    merge_records,
    merged,
    owners,
    search,
)
from backend.core.leads.merge_fields import ORIGIN, Row, Side
from backend.models import EventKind, Lead, LeadEvent, LeadMerge, User
from backend.schemas.merging import Merged, MergeField, MergeLeads, MergePreview


class _Two(NamedTuple):
    """The survivor and the lead that is merged into it."""

    this: Row
    other: Row


def preview(session: Session, person: Person, lead_id: int, other_id: int) -> MergePreview:
    """Return both values of each field, the proposed one, and both versions.

    Raises `LeadNotFound`, `Invalid`, and `Conflict` for two leads that can't be merged.
    """
    this_id, other_id = merged.two(session, person, lead_id, ("other_id", other_id))
    two = _read(session, this_id, other_id)
    proposed = merge_fields.proposals(*two)
    return {
        "this": detail.show(session, person, this_id),
        "other": detail.show(session, person, other_id),
        "fields": [_field(name, two, side) for name, side in proposed.items()],
        "owners": _owners(session, two),
        "marked_not_duplicates": _is_marked(session, this_id, other_id),
    }


def _owners(session: Session, two: _Two) -> dict[str, str]:
    ids = {one["owner_id"] for one in two} - {None}
    query = select(col(User.id), col(User.full_name)).where(col(User.id).in_(ids))
    return {str(id): name for id, name in session.connection().execute(query)}


def _field(name: str, two: _Two, proposed: Side) -> MergeField:
    this, other = two.this[name], two.other[name]
    sides: list[Side] = ["this"] if this == other else ["this", "other"]
    return {"name": name, "this": this, "other": other, "proposed": proposed, "choices": sides}


def merge(session: Session, person: Person, lead_id: int, wanted: MergeLeads) -> Merged:
    """Merge a lead into another.

    Raises `LeadNotFound`, `Invalid`, `Conflict` for two leads that can't be merged, and `Outdated`
    if one of them has another version than the person has seen.
    """
    match_locks.keep_others_out(session)
    both = ("other_id", wanted.other_id)
    survivor, other_id = merged.two(session, person, lead_id, both, lock=True)
    two = _read(session, survivor, other_id)
    seen = {survivor: wanted.version, other_id: wanted.other_version}
    if any(detail.version(session, id) != version for id, version in seen.items()):
        raise Outdated
    merge_id = _merge(session, person, two, cast(Mapping[str, Side], wanted.fields))
    return {"id": merge_id, "lead": detail.show(session, person, survivor)}


def _read(session: Session, this_id: int, other_id: int) -> _Two:
    two = _Two(merge_records.read(session, this_id), merge_records.read(session, other_id))
    if two.this["is_test"] != two.other["is_test"]:
        raise Conflict("A test lead and a real lead can't be merged")
    return two


def _is_marked(session: Session, this_id: int, other_id: int) -> bool:
    one, other = sorted((this_id, other_id))
    return (one, other) in duplicates.judged(session, {one, other})


def _merge(session: Session, person: Person, two: _Two, chosen: Mapping[str, Side]) -> int:
    """Merge two locked leads; return the id of the record."""
    this, other = two
    changes = merge_fields.changes(this, other, chosen)
    _choose_owner(session, this, changes)
    groups = {
        name: {
            "before": merge_records.encode({column: this[column] for column in columns}),
            "after": merge_records.encode(columns),
        }
        for name, columns in changes.items()
    }
    further = merge_records.numbers_of(session, other["id"])
    own = numbers(this, merge_records.numbers_of(session, this["id"]))
    leaving = {other["id"]: other["owner_id"]}
    if "owner_id" in changes:
        leaving[this["id"]] = this["owner_id"]
    withdrawing.leave(session, leaving)
    record = LeadMerge(
        merged_id=other["id"],
        survivor_id=this["id"],
        current_id=this["id"],
        at=times.now(),
        user_id=person.id,
        leadgen_id=other["leadgen_id"],
        name_key=other["name_key"],
        email_key=None if other["phone_key"] or further else other["email_key"],
        player_age_category=other["player_age_category"],
        birth_date=other["birth_date"],
        snapshot={
            "lead": merge_records.encode({name: other[name] for name in other if name != ORIGIN}),
            ORIGIN: other[ORIGIN],
            "numbers": further,
            "moved": _take_over(session, other["id"], this["id"]),
            "groups": groups,
            "own_numbers": own,
        },
    )
    columns = {name: value for group in changes.values() for name, value in group.items()}
    merge_records.write(session, this["id"], columns)
    main = columns.get("phone_key", this["phone_key"])
    # Undoing an import mustn't remove the numbers that this merge has brought.
    both = dict.fromkeys(numbers(other, further)) | own
    both.pop(main or "", None)
    merge_records.set_numbers(session, this["id"], both)
    attempt_counts.recount(session, this["id"])
    session.add(record)
    session.flush()
    _note(session, record)
    session.flush()
    assert record.id is not None
    return record.id


def _choose_owner(session: Session, this: Row, changes: dict[str, dict[str, Any]]) -> None:
    """Leave the survivor to the queue if its owner may not own leads of its center.

    That is one of the changes that an unmerge takes back.
    """
    if not {"owner_id", "center_id"} & changes.keys():
        return
    chosen = {**this, **changes.get("owner_id", {}), **changes.get("center_id", {})}
    if chosen["owner_id"] is None or owners.is_able(
        session, chosen["owner_id"], chosen["center_id"]
    ):
        return
    changes.pop("owner_id", None)
    if this["owner_id"] is not None:
        changes["owner_id"] = {"owner_id": None}


def numbers(lead: Row, further: Sequence[Sequence[Any]]) -> dict[str, int | None]:
    """Return all valid numbers of a lead, each with the import that it's from."""
    first: dict[str, int | None] = {} if lead["phone_key"] is None else {lead["phone_key"]: None}
    first.update((number, import_id) for number, import_id in further)
    return first


def _take_over(session: Session, merged_id: int, survivor_id: int) -> merge_records.Moved:
    """Move what belongs to the merged lead, and delete its row."""
    moved = merge_records.move(session, merged_id, survivor_id)
    connection = session.connection()
    merge_records.write_origin(session, merged_id, None)
    merge_records.set_numbers(session, merged_id, {})
    search.drop(session, [merged_id])
    connection.execute(delete(Lead).where(col(Lead.id) == merged_id))
    was = (col(LeadMerge.current_id) == merged_id, col(LeadMerge.undone_at).is_(None))
    connection.execute(update(LeadMerge).where(*was).values(current_id=survivor_id))
    return moved


def _note(session: Session, record: LeadMerge) -> None:
    """Add the line to the survivor's history."""
    line = insert(LeadEvent).values(
        lead_id=record.survivor_id,
        at=record.at,
        user_id=record.user_id,
        kind=EventKind.MERGED.value,
        data=encode(line_data(record)),
    )
    record.event_id = session.connection().scalar(line.returning(col(LeadEvent.id)))


def line_data(record: LeadMerge) -> dict[str, Any]:
    """Return the data of the line: which lead it was, and its first enquiry, or the survivor's.

    The lead keeps the facts of one first enquiry. The line has those of the other one, as a line of
    a repeat enquiry has them, so that the same enquiry is recognised if it comes in again.
    """
    snapshot = record.snapshot or {}
    lead = snapshot["lead"]
    group = snapshot["groups"].get("created_time")
    given_up = group["before"] if group else {**lead, ORIGIN: snapshot[ORIGIN]}
    origin = dict(given_up[ORIGIN] or {})
    answers = origin.pop("answers", None)
    return {
        "merge_id": record.id,
        "lead_id": record.merged_id,
        "player_name": lead["player_name"],
        "source": given_up["source"],
        "at": datetime.fromisoformat(given_up["created_time"]),
        **{name: value for name, value in origin.items() if value is not None},
        **({"answers": answers} if answers else {}),
    }
