"""Revert a wrong alias together with the leads that came in by it, and undo that.

Leads that someone has worked on since stay where they are. All others move to another center, or
wait again: then each is a delivery once more, as it was before anyone knew the alias.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person
from backend.core.center_keys import center_key
from backend.core.centers import Directory, hold_names
from backend.core.database.bulk_insert import among, batches
from backend.core.database.json_columns import encode
from backend.core.errors import AliasNotFound, Invalid
from backend.core.intake import center_aliases, center_merging, deliveries
from backend.core.leads import match_locks, moving, new_lead, removing
from backend.core.reasons import ReasonCode, two_columns
from backend.models import (
    AliasedLead,
    CenterAlias,
    CenterChange,
    Delivery,
    DeliveryState,
    EventKind,
    Lead,
    LeadEvent,
    LeadOrigin,
)
from backend.schemas.centers import AliasReverted, AliasUse

ALIAS = "alias"
# The fields of a lead that a waiting row keeps, as `parsing.from_row` reads them.
_FIELDS = (
    "player_name", "player_age_category", "birth_date", "phone", "email", "address",
    "leadgen_id", "created_time",
)  # fmt: skip


def use(session: Session, center_id: int, text: str) -> AliasUse:
    """Return the leads at a center that came in by an alias, and those worked on since.

    Raises `AliasNotFound`.
    """
    alias = _find(session, center_id, text)
    leads = _leads_of(session, alias)
    return {"leads": len(leads), "worked_on": sorted(moving.worked_on(session, leads))}


def revert(
    session: Session, by: Person, center_id: int, text: str, into_id: int | None
) -> AliasReverted:
    """Take an alias back with its leads, and give both to another center if one is meant.

    Without `into_id` the leads wait again. Raises `AliasNotFound`, `CenterNotFound`,
    `CenterArchived`, and `Invalid` for the same center.
    """
    if into_id == center_id:
        raise Invalid.at("body", "center_id", msg="Choose another center")
    hold_names(session)
    if into_id is not None:
        center_aliases.check_open(session, into_id)
    alias = _find(session, center_id, text)
    # No one may join a lead that is about to be removed.
    match_locks.keep_others_out(session)
    leads = moving.hold(session, _leads_of(session, alias), center_id)
    worked_on = moving.worked_on(session, leads)
    free = [id for id in leads if id not in worked_on]
    now = times.now()
    said = {"text": alias.text, "key": alias.key, "created_at": alias.created_at.isoformat()}
    change = CenterChange(
        kind=ALIAS, center_id=center_id, into_id=into_id, user_id=by.id, at=now, data=said
    )
    session.add(change)
    session.flush()
    if into_id is None:
        session.delete(alias)
        session.flush()
        _let_wait(session, free, alias.text)
    else:
        alias.center_id = into_id
        center_merging.note_moved(session, change, free)
        moving.move(session, free, center_id, into_id, by.id, now)
    return {"id": change.id or 0, "moved": len(free), "kept": sorted(worked_on)}


def undo(session: Session, by: Person, change: CenterChange) -> None:
    """Give an alias back to its center; leads that still are where it put them follow in steps.

    What waited again is processed again.
    """
    text, key = change.data["text"], change.data["key"]
    alias = session.get(CenterAlias, key)
    if alias is None and Directory.read(session).find_any(text) is None:
        session.add(
            CenterAlias(
                key=key,
                text=text,
                center_id=change.center_id,
                created_at=datetime.fromisoformat(change.data["created_at"]),
                created_by=by.id,
            )
        )
    elif alias is not None and alias.center_id == change.into_id:
        alias.center_id = change.center_id
    session.flush()
    center_aliases.let_through(session, text)


def _find(session: Session, center_id: int, text: str) -> CenterAlias:
    alias = session.get(CenterAlias, center_key(text))
    if alias is None or alias.center_id != center_id:
        raise AliasNotFound
    return alias


def _leads_of(session: Session, alias: CenterAlias) -> list[int]:
    query = (
        select(col(AliasedLead.lead_id))
        .join(Lead, col(Lead.id) == col(AliasedLead.lead_id))
        .where(col(AliasedLead.alias_key) == alias.key, col(Lead.center_id) == alias.center_id)
    )
    return sorted(session.scalars(query))


def _let_wait(session: Session, leads: Sequence[int], text: str) -> None:
    """Make leads waiting deliveries again: those that brought them, or new ones for rows."""
    waiting = {
        "state": DeliveryState.WAITING,
        "lead_id": None,
        "due_at": None,
        "claimed_until": None,
        "held_by": None,
        **two_columns.columns(ReasonCode.UNKNOWN_CENTER),
    }
    for batch in batches(leads):
        of_leads = among(session, col(Delivery.lead_id), batch)
        brought = set(session.scalars(select(col(Delivery.lead_id)).where(of_leads).distinct()))
        session.connection().execute(
            update(Delivery)
            .where(of_leads, col(Delivery.state) == DeliveryState.PROCESSED)
            .values(waiting | {"center_text": text})
        )
        session.connection().execute(update(Delivery).where(of_leads).values(lead_id=None))
        rows = _rows_of(session, [id for id in batch if id not in brought], text)
        removing.remove(session, batch)
        deliveries.put_aside(session, rows)


def _rows_of(session: Session, leads: Sequence[int], text: str) -> list[dict[str, Any]]:
    """Return leads of spreadsheets as columns of deliveries that `parsing.from_row` reads."""
    if not leads:
        return []
    imports = _imports_of(session, leads)
    query = select(Lead, LeadOrigin).join(
        LeadOrigin, col(LeadOrigin.lead_id) == col(Lead.id), isouter=True
    )
    found = session.execute(
        query.where(among(session, col(Lead.id), leads)).order_by(col(Lead.id))
    ).all()
    rows = []
    for lead, origin in found:
        said: dict[str, Any] = {
            name: value for name in _FIELDS if (value := getattr(lead, name, None)) is not None
        } | {"center": text}
        if lead.is_test:
            said["is_test"] = True
        if origin is not None:
            known = {name: getattr(origin, name) for name in new_lead.ORIGIN}
            said["origin"] = {name: one for name, one in known.items() if one is not None}
            said["answers"] = origin.answers
        rows.append(
            {
                "body": encode(said),
                "center_text": text,
                "leadgen_id": lead.leadgen_id,
                "import_id": imports.get(lead.id or 0),
            }
        )
    return rows


def _imports_of(session: Session, leads: Sequence[int]) -> dict[int, int | None]:
    """Return the import that each lead came in by."""
    query = select(col(LeadEvent.lead_id), col(LeadEvent.import_id)).where(
        among(session, col(LeadEvent.lead_id), leads), col(LeadEvent.kind) == EventKind.CREATED
    )
    found = session.connection().execute(query)
    return {row.lead_id: row.import_id for row in found}
