"""Find the leads that exist already for the rows of an import, in bulk and each key once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ColumnElement, select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among, batches
from backend.core.intake import deliveries
from backend.core.leads.match_keys import EMAIL, TEST, TEXT, household
from backend.core.leads.matching import NOTHING_EXISTS, Existing
from backend.models import Delivery, DeliveryState, EventKind, Lead, LeadEvent, Source


class _Lookup(NamedTuple):
    """How the households of one kind are looked up: the column, and what else must hold."""

    column: Any
    conditions: Sequence[ColumnElement[bool]]


# By how a household's key begins. A household has an email only where it has no phone, and so on.
_LOOKUPS = {
    "": _Lookup(col(Lead.phone_key), ()),
    EMAIL: _Lookup(col(Lead.email_key), (col(Lead.phone_key).is_(None),)),
    TEXT: _Lookup(col(Lead.phone), (col(Lead.phone_key).is_(None), col(Lead.email_key).is_(None))),
}
# What `_look_up_leads` reads of each lead.
_LEAD = (
    col(Lead.id), col(Lead.phone_key), col(Lead.email_key), col(Lead.phone), col(Lead.is_test),
    col(Lead.name_key), col(Lead.created_time),
)  # fmt: skip


class ExistingLeads:
    """What is known so far of the leads that exist, and of those that earlier rows will make.

    A lead is its id, or less than 0 the number of the row that makes it. There is an entry for each
    row of a file: dicts of plain values take little memory and no garbage collection.
    """

    def __init__(self, made: Mapping[int, int] | None = None, import_id: int | None = None) -> None:
        """Begin with nothing; `made` are the rows that import `import_id` has written, by lead."""
        self._made = made or {}
        self._import_id = import_id
        # By Meta's id, the lead that it has become or joined.
        self._by_leadgen_id: dict[str, int] = {}
        # Meta's ids of deliveries that a person has dismissed.
        self._dismissed: set[str] = set()
        # By household, its oldest lead; 0 where it is known to have none.
        self._oldest: dict[str, int] = {}
        # By household and name, the oldest lead.
        self._same: dict[str, int] = {}
        # By lead, the time of its first known enquiry; and the times of all others.
        self._first_enquiry: dict[int, datetime] = {}
        self._enquiries: set[tuple[int, datetime]] = set()
        # By the text for a center, the rows that wait for it.
        self._waiting: dict[str, set[str]] = {}

    def find(
        self, household: str, name_key: str, leadgen_id: str | None, at: datetime | None
    ) -> Existing:
        """Return what exists for a row whose keys were looked up; `at` is the enquiry's time."""
        known = self._by_leadgen_id.get(leadgen_id) if leadgen_id is not None else None
        oldest = self._oldest[household] if household else 0
        if not oldest:
            return NOTHING_EXISTS if known is None else Existing(known)
        same = self._same.get(f"{household}\0{name_key}")
        has_enquiry = same is not None and at is not None and self._has_enquiry(same, at)
        return Existing(known, same, oldest, has_enquiry)

    def is_dismissed(self, leadgen_id: str) -> bool:
        """Return whether a person has dismissed the delivery with one of Meta's ids."""
        return leadgen_id in self._dismissed

    def is_waiting(self, center: str | None, body: str) -> bool:
        """Return whether exactly this row waits for its center already."""
        return body in self._waiting.get(center or "", ())

    def add(self, household: str, name_key: str, lead: int, at: datetime | None) -> None:
        """Note a lead, as the newest of its household, and its first enquiry."""
        if household:
            self._oldest[household] = self._oldest.get(household) or lead
            self._same.setdefault(f"{household}\0{name_key}", lead)
        self.add_enquiry(lead, at)

    def add_enquiry(self, lead: int, at: datetime | None) -> None:
        """Note the time of an enquiry, if it has one."""
        if at is not None and self._first_enquiry.setdefault(lead, at) != at:
            self._enquiries.add((lead, at))

    def add_leadgen_id(self, leadgen_id: str, lead: int) -> None:
        """Note which lead one of Meta's ids belongs to."""
        self._by_leadgen_id[leadgen_id] = lead

    def look_up(
        self,
        session: Session,
        households: Iterable[str],
        leadgen_ids: Collection[str],
        centers: Collection[str],
    ) -> None:
        """Read from the database what isn't known yet of the rows with these keys."""
        new = dict.fromkeys((one for one in households if one and one not in self._oldest), 0)
        self._oldest |= new
        self._look_up_leads(session, new)
        unknown = [id for id in leadgen_ids if id not in self._by_leadgen_id]
        self._look_up_deliveries(session, unknown)
        self._look_up_leadgen_ids(session, unknown)
        self._look_up_waiting(session, [text for text in centers if text not in self._waiting])

    def _has_enquiry(self, lead: int, at: datetime) -> bool:
        return self._first_enquiry.get(lead) == at or (lead, at) in self._enquiries

    def _look_up_leads(self, session: Session, households: Iterable[str]) -> None:
        found: list[int] = []
        rows_of = session.connection().execute
        for kind, values in _by_kind(households).items():
            lookup = _LOOKUPS[kind]
            query = select(*_LEAD).where(*lookup.conditions).order_by(col(Lead.id))
            for batch in batches(values):
                same = query.where(among(session, lookup.column, batch))
                for id, phone_key, email_key, phone, is_test, name, at in rows_of(same):
                    of = household(phone_key, email_key, phone, is_test)
                    # A phone is looked up for real leads and test leads at once.
                    if id is not None and of in self._oldest:
                        self.add(of, name, self._known_as(id), at)
                        found.append(id)
        self._look_up_history(session, found)

    def _known_as(self, lead_id: int) -> int:
        """Return what a lead is known as: its row if the import has made it, as in the plan."""
        row = self._made.get(lead_id)
        return lead_id if row is None else -row

    def _look_up_history(self, session: Session, leads: list[int]) -> None:
        query = select(col(LeadEvent.lead_id), col(LeadEvent.data)).where(
            col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY
        )
        for batch in batches(leads):
            of_leads = among(session, col(LeadEvent.lead_id), batch)
            for lead, data in session.connection().execute(query.where(of_leads)):
                at = orjson.loads(data).get("at")
                if isinstance(at, str):
                    self.add_enquiry(self._known_as(lead), datetime.fromisoformat(at))

    def _look_up_deliveries(self, session: Session, leadgen_ids: Sequence[str]) -> None:
        query = select(col(Delivery.leadgen_id), col(Delivery.lead_id), col(Delivery.state))
        for batch in batches(leadgen_ids):
            same = among(session, col(Delivery.leadgen_id), batch)
            for leadgen_id, lead, state in session.connection().execute(query.where(same)):
                assert leadgen_id is not None
                if lead is not None:
                    self._by_leadgen_id[leadgen_id] = self._known_as(lead)
                elif state == DeliveryState.DISMISSED:
                    self._dismissed.add(leadgen_id)

    def _look_up_leadgen_ids(self, session: Session, leadgen_ids: Sequence[str]) -> None:
        query = select(col(Lead.leadgen_id), col(Lead.id))
        for batch in batches(leadgen_ids):
            same = among(session, col(Lead.leadgen_id), batch)
            for leadgen_id, lead in session.connection().execute(query.where(same)):
                assert leadgen_id is not None
                assert lead is not None
                self._by_leadgen_id[leadgen_id] = self._known_as(lead)

    def _look_up_waiting(self, session: Session, centers: Sequence[str]) -> None:
        query = select(col(Delivery.center_text), col(Delivery.body)).where(
            col(Delivery.state) == DeliveryState.WAITING,
            col(Delivery.reason).in_(deliveries.UNKNOWN_CENTERS),
            col(Delivery.source) == Source.UPLOAD,
        )
        if self._import_id is not None:
            query = query.where(col(Delivery.import_id).is_distinct_from(self._import_id))
        for center in centers:
            self._waiting.setdefault(center, set())
        for batch in batches(centers):
            same = among(session, col(Delivery.center_text), batch)
            for center_text, body in session.connection().execute(query.where(same)):
                self._waiting[center_text or ""].add(body)


def _by_kind(households: Iterable[str]) -> dict[str, set[str]]:
    """Return the values to look up for each kind of household; test leads are found with them."""
    values: dict[str, set[str]] = {kind: set() for kind in _LOOKUPS}
    for one in households:
        key = one.removeprefix(TEST)
        kind = next((kind for kind in (EMAIL, TEXT) if key.startswith(kind)), "")
        values[kind].add(key.removeprefix(kind))
    return values
