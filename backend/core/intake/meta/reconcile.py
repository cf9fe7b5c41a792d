"""Compare Meta's own export with what is stored: which of its leads are here, and which not."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import sheets
from backend.core.db import Database
from backend.core.errors import BadRequest
from backend.core.intake import deliveries
from backend.core.sheets import Cell
from backend.core.vocabulary import synonyms
from backend.core.vocabulary.folding import fold
from backend.models import Delivery, DeliveryState, Lead, Source

_LEAD = re.compile(r"l:([0-9]{1,40})")
_ANY_LEAD = re.compile(r"(?:l:)?([0-9]{1,40})")
_FORM = re.compile(r"f:([0-9]{1,40})")
_FORM_ID = fold("form_id")
_BATCH = 5000


@dataclass(frozen=True, slots=True)
class Comparison:
    """How many leads an export has, how many of them are leads here, and the others' states.

    `missing` are the ids of those that aren't stored at all.
    """

    there: int
    leads: int
    states: Mapping[str, int] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def reconcile(db: Database, filename: str, content: bytes, *, dry_run: bool) -> Comparison:
    """Compare an export with what is stored, and have the missing leads fetched.

    Failed deliveries are retried, since Meta has their leads. Raises `BadRequest` for a file that
    can't be read, and for one without Meta's ids.
    """
    try:
        found = _read(sheets.read_table(content, filename))
    except sheets.UnreadableFile as error:
        raise BadRequest(str(error)) from error
    with db.read() as session:
        compared = _compare(session, found)
    has_failed = DeliveryState.FAILED in compared.states
    if not dry_run and (compared.missing or has_failed):
        with db.write() as session:
            _announce(session, {id: found[id] for id in compared.missing})
            if has_failed:
                _try_again(session, list(found))
    return compared


def _read(table: sheets.Table) -> dict[str, str | None]:
    """Return the ids of the leads, each with the id of its form where the file has it."""
    keys = list(map(fold, table.columns))
    form = keys.index(_FORM_ID) if _FORM_ID in keys else None
    ids = synonyms.places(table.columns, "leadgen_id")
    found = {}
    for _, cells in table.rows if ids else ():
        # In a column `id`, a bare number may be any id.
        matched = (_match(_LEAD if keys[at] == "id" else _ANY_LEAD, cells[at]) for at in ids)
        if lead := next(filter(None, matched), None):
            found[lead] = None if form is None else _match(_FORM, cells[form])
    if not found:
        raise BadRequest(
            "The file has no ids of Meta's leads: in its own export, the column 'id' has them, "
            "and they look like l:1234567890"
        )
    return found


def _match(pattern: re.Pattern[str], cell: Cell) -> str | None:
    found = pattern.fullmatch(cell.strip()) if isinstance(cell, str) else None
    return found[1] if found else None


def _compare(session: Session, found: Collection[str]) -> Comparison:
    ids = list(found)
    leads: set[str] = set()
    states: dict[str, str] = {}
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        known = select(col(Lead.leadgen_id)).where(col(Lead.leadgen_id).in_(batch))
        leads.update(filter(None, session.connection().scalars(known)))
        kept = select(col(Delivery.leadgen_id), col(Delivery.state)).where(
            col(Delivery.leadgen_id).in_(batch)
        )
        states.update({id: state for id, state in session.connection().execute(kept) if id})
    # One that has joined another lead has none of its own.
    leads |= {id for id, state in states.items() if state == DeliveryState.PROCESSED}
    on_the_way = [state for id, state in states.items() if id not in leads]
    return Comparison(
        there=len(ids),
        leads=len(leads),
        states={state: on_the_way.count(state) for state in sorted(set(on_the_way))},
        missing=tuple(id for id in ids if id not in leads and id not in states),
    )


def _try_again(session: Session, ids: Sequence[str]) -> None:
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        deliveries.reopen(
            session,
            col(Delivery.state) == DeliveryState.FAILED,
            col(Delivery.leadgen_id).in_(batch),
        )


def _announce(session: Session, missing: Mapping[str, str | None]) -> None:
    deliveries.announce(
        session,
        [
            {
                "source": Source.BACKFILL,
                "body": orjson.dumps({"leadgen_id": id}).decode(),
                "leadgen_id": id,
                "form_id": form_id,
            }
            for id, form_id in missing.items()
        ],
    )
