"""The further numbers of leads, apart from the one that is a lead's `phone_key`.

They are from the text of a lead's phone, and from the enquiries that have joined it.
"""

from collections.abc import Collection, Iterable

import orjson
from sqlalchemy import delete, insert, select, update
from sqlmodel import Session, col

from backend.core import phones
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


def add(session: Session, numbers: Iterable[Number], import_id: int | None = None) -> bool:
    """Add the numbers of enquiries to the leads that they have joined.

    Undoing the import `import_id` removes those that no other enquiry has given. Return whether
    any number was new.
    """
    has_new = False
    for batch in batches(sorted(set(numbers))):
        leads = {lead for lead, _ in batch}
        known = _known(session, leads)
        new = sorted({*batch} - known.keys())
        if new:
            has_new = True
            _insert(session, new, import_id)
            search.index_again(session, sorted({lead for lead, _ in new}))
        # A number that two have given stays when one of them is undone.
        others = known.keys() & {*batch}
        _share(session, [one for one in others if known[one] not in (None, import_id)])
    return has_new


def _known(session: Session, leads: Collection[int]) -> dict[Number, int | None]:
    """Return all numbers of leads, with the import that has added each."""
    own = select(col(Lead.id), col(Lead.phone_key)).where(among(session, col(Lead.id), leads))
    query = select(col(LeadPhone.lead_id), col(LeadPhone.phone_key), col(LeadPhone.import_id))
    further = query.where(among(session, col(LeadPhone.lead_id), leads))
    rows_of = session.connection().execute
    known: dict[Number, int | None] = {(id, key): None for id, key in rows_of(own) if id and key}
    return known | {(lead, key): import_id for lead, key, import_id in rows_of(further)}


def _insert(session: Session, numbers: Iterable[Number], import_id: int | None) -> None:
    rows = [{"lead_id": lead, "phone_key": key, "import_id": import_id} for lead, key in numbers]
    session.connection().execute(insert(LeadPhone), rows)


def _share(session: Session, numbers: Iterable[Number]) -> None:
    """Note that numbers of an import were given otherwise, too."""
    change = update(LeadPhone).values(import_id=None)
    for lead, key in numbers:
        own = (col(LeadPhone.lead_id) == lead, col(LeadPhone.phone_key) == key)
        session.connection().execute(change.where(*own))


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
