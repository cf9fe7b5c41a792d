"""Find the leads that exist already for the rows of an import, in bulk and each key once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import exists, select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among, batches
from backend.core.imports import household_queries, merged_leads
from backend.core.imports.rows import Row
from backend.core.intake import deliveries
from backend.core.leads import matching
from backend.core.leads.match_keys import EMAIL, TEST, Traits
from backend.core.leads.matching import NOTHING_EXISTS, Existing, Near
from backend.models import (
    Delivery,
    DeliveryState,
    EventKind,
    Lead,
    LeadEvent,
    LeadMerge,
    LeadPhone,
    Source,
)

# Larger than any id: what a row will make is newer than what exists.
_NEWER = 2**40
# Of another lead of a household nothing but its age counts.
_NO_TRAITS = Traits()


# The time, name, age category and phone of a row.
RowText = tuple[datetime | None, str | None, str | None, str | None]


class ExistingLeads:
    """What is known so far of the leads that exist, and of those that earlier rows will make.

    A lead is its id, or less than 0 the number of the row that makes it. There is an entry for each
    row of a file: dicts of plain values take little memory and no garbage collection.
    """

    def __init__(
        self,
        made: Mapping[int, int] | None = None,
        leads: Mapping[int, int] | None = None,
        import_id: int | None = None,
    ) -> None:
        """Begin with nothing known.

        `made` are the rows that import `import_id` has written by their leads, `leads` the leads
        by their rows.
        """
        self._made, self._leads = made or {}, leads or {}
        self._import_id = import_id
        # By Meta's id, the lead that it has become or joined.
        self._by_leadgen_id: dict[str, int] = {}
        # Meta's ids of deliveries that a person has dismissed.
        self._dismissed: set[str] = set()
        # By household, its oldest lead; 0 where it is known to have none.
        self._oldest: dict[str, int] = {}
        # By household and name, the oldest lead; and all others of those few that have more.
        self._same: dict[str, int] = {}
        self._others: dict[str, list[int]] = {}
        # By lead, what tells it from others of its household and name; each value is there once.
        self._traits: dict[int, Traits] = {}
        self._known_traits: dict[Traits, Traits] = {}
        # By household and name, the leads that others of that name were merged into.
        self._merged: dict[str, list[Near]] = {}
        # By lead, the time of its first known enquiry; and the times of all others.
        self._first_enquiry: dict[int, datetime] = {}
        self._enquiries: set[tuple[int, datetime]] = set()
        # By the text for a center, the rows that wait for it.
        self._waiting: dict[str, set[str]] = {}
        # By what a row without any key says, the lead that the same row of another file has made.
        self._same_row: dict[RowText, int] = {}

    def find(
        self,
        households: Sequence[str],
        name_key: str,
        traits: Traits,
        leadgen_id: str | None,
        at: datetime | None,
    ) -> Existing:
        """Return what exists for a row whose keys were looked up; `at` is the enquiry's time."""
        known = self._by_leadgen_id.get(leadgen_id) if leadgen_id is not None else None
        if not any(map(self._oldest.__getitem__, households)):
            return NOTHING_EXISTS if known is None else Existing(known)
        near = list(self._near(households, name_key))
        existing = matching.compare(near, traits, has_name=bool(name_key), age=self._age)
        same = existing.same
        has_enquiry = same is not None and at is not None and self._has_enquiry(same, at)
        return existing._replace(known=known, has_enquiry=has_enquiry)

    def _near(self, households: Iterable[str], name_key: str) -> Iterator[Near]:
        """Yield the oldest lead of each household, and all of the same name."""
        for one in households:
            if oldest := self._oldest[one]:
                yield Near(oldest, False, _NO_TRAITS)
            for lead in self._of_name(f"{one}\0{name_key}"):
                yield Near(lead, True, self._traits[lead])
            yield from self._merged.get(f"{one}\0{name_key}", ())

    def _of_name(self, key: str) -> Sequence[int]:
        lead = self._same.get(key)
        return () if lead is None else (lead, *self._others.get(key, ()))

    def _age(self, lead: int) -> int:
        """Return a number that is smaller the older a lead is."""
        return lead if lead > 0 else self._leads.get(-lead, _NEWER - lead)

    def find_row(self, row: Row) -> int | None:
        """Return the lead that exactly this row of an earlier file has made, if no key tells it.

        Without a time, or with one of Meta's ids, a row is none that was there before.
        """
        return self._same_row.get(_text_of(row))

    def is_dismissed(self, leadgen_id: str) -> bool:
        """Return whether a person has dismissed the delivery with one of Meta's ids."""
        return leadgen_id in self._dismissed

    def is_waiting(self, center: str | None, body: str) -> bool:
        """Return whether exactly this row waits for its center already."""
        return body in self._waiting.get(center or "", ())

    def add(
        self,
        households: Sequence[str],
        name_key: str,
        traits: Traits,
        lead: int,
        at: datetime | None,
    ) -> None:
        """Note a lead, as the newest of its households, and its first enquiry."""
        if households:
            self._traits.setdefault(lead, self._known_traits.setdefault(traits, traits))
        for household in households:
            self._oldest[household] = self._oldest.get(household) or lead
            key = f"{household}\0{name_key}"
            if self._same.setdefault(key, lead) != lead:
                self._others.setdefault(key, []).append(lead)
        self.add_enquiry(lead, at)

    def join(self, households: Sequence[str], name_key: str, lead: int) -> None:
        """Note that a lead is of more households, by the numbers of an enquiry that joins it."""
        for household in households:
            key = f"{household}\0{name_key}"
            if lead not in self._of_name(key):
                oldest = self._oldest[household] or lead
                self._oldest[household] = min(oldest, lead, key=self._age)
                if self._same.setdefault(key, lead) != lead:
                    self._others.setdefault(key, []).append(lead)

    def add_enquiry(self, lead: int, at: datetime | None) -> None:
        """Note the time of an enquiry, if it has one; also as an export has it, in seconds."""
        if at is None:
            return
        if self._first_enquiry.setdefault(lead, at) != at:
            self._enquiries.add((lead, at))
        if at.microsecond:
            self._enquiries.add((lead, at.replace(microsecond=0)))

    def add_leadgen_id(self, leadgen_id: str, lead: int) -> None:
        """Note which lead one of Meta's ids belongs to."""
        self._by_leadgen_id[leadgen_id] = lead
        if (traits := self._traits.get(lead)) is not None and not traits.has_leadgen_id:
            self._traits[lead] = traits._replace(has_leadgen_id=True)

    def look_up(
        self,
        session: Session,
        households: Iterable[str],
        leadgen_ids: Collection[str],
        centers: Collection[str],
        without_keys: Collection[Row] = (),
    ) -> None:
        """Read from the database what isn't known yet of the rows with these keys."""
        new = dict.fromkeys((one for one in households if one and one not in self._oldest), 0)
        self._oldest |= new
        self._look_up_leads(session, new)
        unknown = [id for id in leadgen_ids if id not in self._by_leadgen_id]
        self._look_up_deliveries(session, unknown)
        self._look_up_leadgen_ids(session, unknown)
        self._look_up_waiting(session, [text for text in centers if text not in self._waiting])
        self._look_up_rows(session, without_keys)

    def _has_enquiry(self, lead: int, at: datetime) -> bool:
        return self._first_enquiry.get(lead) == at or (lead, at) in self._enquiries

    def _look_up_leads(self, session: Session, households: Iterable[str]) -> None:
        found: dict[int, bool] = {}
        numbers, emails = household_queries.by_kind(households)
        has_further = session.connection().scalar(select(exists(select(col(LeadPhone.lead_id)))))
        for batch in batches(numbers):
            leads = household_queries.by_number(session, batch, has_further=bool(has_further))
            found |= self._add_found(leads, "")
        for batch in batches(emails):
            found |= self._add_found(household_queries.by_email(session, batch), EMAIL)
        found |= dict.fromkeys(self._look_up_merges(session, found, emails), True)
        self._look_up_ids(session, [lead for lead, is_named in found.items() if not is_named])
        self._look_up_history(session, list(found))

    def _add_found(self, leads: Iterable[Any], kind: str) -> dict[int, bool]:
        """Note leads, each with the number or email by which it was found, the oldest first.

        Return the ids of those that are of a household in question, and whether they have a name.
        """
        found: dict[int, bool] = {}
        for key, id, is_test, name, at, age, born, leadgen_id in leads:
            household = f"{TEST if is_test else ''}{kind}{key}"
            # A key is looked up for real leads and test leads at once.
            if household in self._oldest:
                traits = Traits.of(age, born, leadgen_id)
                self.add((household,), name, traits, self._known_as(id), at)
                found[id] = bool(name)
        return found

    def _look_up_ids(self, session: Session, nameless: Sequence[int]) -> None:
        """Note which leads without a name a delivery with one of Meta's ids has joined."""
        for batch in batches(nameless):
            joined = select(col(Delivery.lead_id)).where(
                among(session, col(Delivery.lead_id), batch), col(Delivery.leadgen_id).is_not(None)
            )
            for id in session.connection().scalars(joined):
                lead = self._known_as(id or 0)
                self._traits[lead] = self._traits[lead]._replace(has_leadgen_id=True)

    def _look_up_merges(
        self, session: Session, found: Collection[int], emails: Sequence[str]
    ) -> list[int]:
        """Note leads by those that were merged into them: what is like one of these is a repeat.

        Return their ids.
        """
        leads: list[int] = []
        for key, lead, is_test, name, *traits in merged_leads.find(session, found, emails):
            household = f"{TEST if is_test else ''}{key}"
            if household in self._oldest:
                known = self._known_as(lead)
                self._oldest[household] = self._oldest[household] or known
                near = Near(known, True, Traits.of(*traits))
                self._merged.setdefault(f"{household}\0{name}", []).append(near)
                leads.append(lead)
        return leads

    def _known_as(self, lead_id: int) -> int:
        """Return what a lead is known as: its row if the import has made it, as in the plan."""
        row = self._made.get(lead_id)
        return lead_id if row is None else -row

    def _look_up_history(self, session: Session, leads: list[int]) -> None:
        query = select(col(LeadEvent.lead_id), col(LeadEvent.data)).where(
            col(LeadEvent.kind).in_((EventKind.REPEAT_ENQUIRY, EventKind.MERGED))
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
        own = select(col(Lead.leadgen_id), col(Lead.id))
        merged = select(col(LeadMerge.leadgen_id), col(LeadMerge.current_id))
        for batch in batches(leadgen_ids):
            for query, column in ((merged, LeadMerge.leadgen_id), (own, Lead.leadgen_id)):
                same = query.where(among(session, col(column), batch))
                for leadgen_id, lead in session.connection().execute(same):
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

    def _look_up_rows(self, session: Session, without_keys: Collection[Row]) -> None:
        query = select(
            col(Lead.id), col(Lead.created_time), col(Lead.player_name),
            col(Lead.player_age_category), col(Lead.phone),
        ).where(col(Lead.phone_issue).is_not(None))  # fmt: skip
        times = {row.created_time for row in without_keys if row.created_time}
        for batch in batches(times, 500):
            same = query.where(col(Lead.created_time).in_(batch))
            newest_first = same.order_by(col(Lead.id).desc())
            for id, at, name, age, phone in session.connection().execute(newest_first):
                # Two rows of one file are two leads.
                if id is not None and id not in self._made:
                    self._same_row[at, name, age, phone] = id


def _text_of(row: Row) -> RowText:
    return row.created_time, row.player_name, row.player_age_category, row.phone
