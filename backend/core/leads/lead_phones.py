"""The further numbers of leads, besides the one that is a lead's `phone_key`.

They are from the text of a lead's phone, and from the enquiries that have joined it.
"""

from collections.abc import Collection, Iterable

import orjson
from sqlalchemy import case, delete, select
from sqlmodel import Session, col

from backend.core import phones
from backend.core.database import upsert
from backend.core.database.bulk_insert import among, batches
from backend.core.leads import search
from backend.models import EventKind, Lead, LeadEvent, LeadPhone

# A lead and one of its numbers.
Number = tuple[int, str]


def of(session: Session, lead_id: int) -> list[str]:
    """Return a lead's further numbers, in alphabetical order."""
    query = select(col(LeadPhone.phone_key)).where(col(LeadPhone.lead_id) == lead_id)
    return list(session.connection().scalars(query.order_by(col(LeadPhone.phone_key))))


def of_many(session: Session, leads: Collection[int]) -> dict[int, list[str]]:
    """Return the further numbers of those leads that have any, in alphabetical order."""
    query = select(col(LeadPhone.lead_id), col(LeadPhone.phone_key)).where(
        among(session, col(LeadPhone.lead_id), leads)
    )
    found: dict[int, list[str]] = {}
    for lead, number in session.connection().execute(query.order_by(col(LeadPhone.phone_key))):
        found.setdefault(lead, []).append(number)
    return found


def add(session: Session, numbers: Iterable[Number], import_id: int | None = None) -> None:
    """Add the numbers of enquiries to the leads that they have joined.

    Undoing the import `import_id` removes those that no other enquiry has given.
    """
    for batch in batches(sorted(set(numbers))):
        own = _own_numbers(session, {lead for lead, _ in batch})
        further = [one for one in batch if one not in own]
        if further:
            _insert(session, further, import_id)
            search.index_again(session, sorted({lead for lead, _ in further}))


def _own_numbers(session: Session, leads: Collection[int]) -> set[Number]:
    """Return the `phone_key` of each lead."""
    query = select(col(Lead.id), col(Lead.phone_key)).where(among(session, col(Lead.id), leads))
    return {(id, key) for id, key in session.connection().execute(query) if id and key}


def _insert(session: Session, numbers: Iterable[Number], import_id: int | None) -> None:
    rows = [{"lead_id": lead, "phone_key": key, "import_id": import_id} for lead, key in numbers]
    statement = upsert.insert(session, LeadPhone).values(rows)
    # A number that two have given stays when one of them is undone.
    again = statement.excluded.import_id
    shared = case((col(LeadPhone.import_id) == again, again))
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=["lead_id", "phone_key"], set_={"import_id": shared}
        )
    )


def change(session: Session, lead: Lead, before: str | None, region: str) -> None:
    """Give a lead the keys of its phone, which was edited: `before` is the text before.

    The numbers of that text go, unless an enquiry that has joined the lead gave them, too.
    """
    assert lead.id is not None
    new = phones.read(lead.phone, region)
    lead.phone_key, lead.phone_extension = new.e164, new.extension
    lead.phone_issue = new.issue.value if new.issue else None
    kept = {*new.others, *(number for _, number in _stated(session, [lead.id]))} - {new.e164}
    gone = ({*phones.read(before, region).numbers} - kept) | {*new.numbers[:1]}
    if gone:
        own = (col(LeadPhone.lead_id) == lead.id, col(LeadPhone.phone_key).in_(gone))
        session.connection().execute(delete(LeadPhone).where(*own))
    missing = kept - {*of(session, lead.id)}
    if missing:
        _insert(session, [(lead.id, number) for number in sorted(missing)], None)


def take_back(session: Session, import_id: int, leads: Collection[int]) -> None:
    """Remove the numbers that an import has added to leads, whose lines of history are gone."""
    for batch in batches(sorted(leads)):
        own = (col(LeadPhone.import_id) == import_id, among(session, col(LeadPhone.lead_id), batch))
        query = select(col(LeadPhone.lead_id), col(LeadPhone.phone_key)).where(*own)
        added = {(lead, number) for lead, number in session.connection().execute(query)}
        if not added:
            continue
        changed = sorted({lead for lead, _ in added})
        kept = added & _stated(session, changed)
        session.connection().execute(delete(LeadPhone).where(*own))
        if kept:
            _insert(session, sorted(kept), None)
        search.index_again(session, changed)


def _stated(session: Session, leads: Collection[int]) -> set[Number]:
    """Return the numbers that the repeat enquiries of leads have given."""
    query = select(col(LeadEvent.lead_id), col(LeadEvent.data)).where(
        col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY,
        among(session, col(LeadEvent.lead_id), leads),
    )
    return {
        (lead, number)
        for lead, data in session.connection().execute(query)
        for number in orjson.loads(data).get("phones", ())
    }
