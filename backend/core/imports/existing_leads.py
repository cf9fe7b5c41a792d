"""What is here already, as far as the rows of an import must know: looked up in bulk, each once."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among, batches
from backend.core.intake import deliveries
from backend.models import Delivery, DeliveryState, EventKind, Lead, LeadEvent, Source

# What tells a household that goes by no phone, or is one of Meta's tests, from the others.
_EMAIL, _TEXT, _TEST = "email:", "text:", "test:"


def household(
    phone_key: str | None, email_key: str | None, phone: str | None, is_test: bool
) -> str:
    """By what leads belong together: a phone; without one an email; without both the phone's text.

    Tests of Meta's are a world of their own.
    """
    key = phone_key
    if key is None:
        key = f"{_TEXT}{phone}" if email_key is None else f"{_EMAIL}{email_key}"
    return f"{_TEST}{key}" if is_test else key


class Here:
    """What is known so far. Rows that have been decided are added to it by whoever decides.

    A lead is its id, or less than 0 the number of the row that makes it. There is an entry for
    each row of a file: dicts of plain values cost neither much memory nor any garbage collection.
    """

    def __init__(self, made: Mapping[int, int] | None = None, import_id: int | None = None) -> None:
        """`made` are the rows of which an import, `import_id`, has made leads already, by lead."""
        self._made = made or {}
        self._import_id = import_id
        # Of leads of Meta, the lead that each has become or joined.
        self.ids: dict[str, int] = {}
        # Of leads of Meta, those that a person has discarded.
        self.put_away: set[str] = set()
        # The oldest lead of each household; 0 where it is known that there is none.
        self._oldest: dict[str, int] = {}
        # Of each household and player's name, the lead.
        self._twins: dict[str, int] = {}
        # When each lead came in for the first time that is known, and the other times.
        self._came: dict[int, datetime] = {}
        self._came_again: set[tuple[int, datetime]] = set()
        # What waits in the ledger, by the text for its center.
        self._waiting: dict[str, set[str]] = {}

    def oldest(self, household: str) -> int | None:
        """The oldest lead of a household that was looked up."""
        return self._oldest[household] or None

    def twin(self, household: str, name_key: str) -> int | None:
        """The lead of the same player."""
        return self._twins.get(f"{household}\0{name_key}")

    def add(self, household: str, name_key: str, lead: int, at: datetime | None) -> None:
        """A lead is here from now on, behind those of its household that are here already."""
        self._oldest[household] = self._oldest.get(household) or lead
        self._twins.setdefault(f"{household}\0{name_key}", lead)
        self.came_in(lead, at)

    def came_in(self, lead: int, at: datetime | None) -> bool:
        """Notes that a lead came in at a time; False where it is known to have come in then."""
        if at is None:
            return True
        first = self._came.setdefault(lead, at)
        if first is at:
            return True
        if first == at or (lead, at) in self._came_again:
            return False
        self._came_again.add((lead, at))
        return True

    def waits(self, center: str | None, body: str) -> bool:
        """Whether the very same row waits for its center already."""
        return body in self._waiting.get(center or "", ())

    def look_up(
        self,
        session: Session,
        households: Iterable[str],
        leadgen_ids: Collection[str],
        centers: Collection[str],
    ) -> None:
        """Learns of what is asked for, where it is not known yet."""
        new = dict.fromkeys((one for one in households if one not in self._oldest), 0)
        self._oldest |= new
        self._look_up_leads(session, new)
        self._look_up_ids(session, [id for id in leadgen_ids if id not in self.ids])
        self._look_up_waiting(session, [text for text in centers if text not in self._waiting])

    def _look_up_leads(self, session: Session, wanted: Iterable[str]) -> None:
        keys: dict[str, set[str]] = {"": set(), _EMAIL: set(), _TEXT: set()}
        for one in wanted:
            key = one.removeprefix(_TEST)
            kind = next((kind for kind in (_EMAIL, _TEXT) if key.startswith(kind)), "")
            keys[kind].add(key.removeprefix(kind))
        columns = {"": col(Lead.phone_key), _EMAIL: col(Lead.email_key), _TEXT: col(Lead.phone)}
        blank = [columns[""].is_(None), columns[_EMAIL].is_(None)]
        conditions = {"": [], _EMAIL: blank[:1], _TEXT: blank}
        query = select(
            col(Lead.id),
            columns[""],
            columns[_EMAIL],
            columns[_TEXT],
            col(Lead.name_key),
            col(Lead.is_test),
            col(Lead.created_time),
        ).order_by(col(Lead.id))
        found: list[int] = []
        for kind, column in columns.items():
            for batch in batches(keys[kind]):
                wanted_now = query.where(*conditions[kind], among(session, column, batch))
                for (
                    id,
                    phone_key,
                    email_key,
                    phone,
                    name,
                    is_test,
                    created,
                ) in session.connection().execute(wanted_now):
                    one = household(phone_key, email_key, phone, is_test)
                    if id is not None and one in self._oldest:
                        self.add(one, name, self._known_as(id), created)
                        found.append(id)
        self._look_up_history(session, found)

    def _known_as(self, lead_id: int) -> int:
        """A lead that the import has made goes by its row, as in the plan."""
        row = self._made.get(lead_id)
        return lead_id if row is None else -row

    def _look_up_history(self, session: Session, leads: list[int]) -> None:
        """When each of the leads asked again."""
        query = select(col(LeadEvent.lead_id), col(LeadEvent.data)).where(
            col(LeadEvent.kind) == EventKind.REPEAT_ENQUIRY
        )
        for batch in batches(leads):
            same = among(session, col(LeadEvent.lead_id), batch)
            for lead, data in session.connection().execute(query.where(same)):
                at = orjson.loads(data).get("at")
                if isinstance(at, str):
                    self.came_in(self._known_as(lead), datetime.fromisoformat(at))

    def _look_up_ids(self, session: Session, leadgen_ids: list[str]) -> None:
        lead = select(col(Lead.leadgen_id), col(Lead.id))
        delivery = select(col(Delivery.leadgen_id), col(Delivery.lead_id), col(Delivery.state))
        for batch in batches(leadgen_ids):
            connection = session.connection()
            of_delivery = among(session, col(Delivery.leadgen_id), batch)
            for leadgen_id, of, state in connection.execute(delivery.where(of_delivery)):
                assert leadgen_id is not None
                if of is not None:
                    self.ids[leadgen_id] = self._known_as(of)
                elif state == DeliveryState.DISMISSED:
                    self.put_away.add(leadgen_id)
            of_lead = among(session, col(Lead.leadgen_id), batch)
            for leadgen_id, of in connection.execute(lead.where(of_lead)):
                assert leadgen_id is not None
                assert of is not None
                self.ids[leadgen_id] = self._known_as(of)

    def _look_up_waiting(self, session: Session, centers: list[str]) -> None:
        query = select(col(Delivery.center_text), col(Delivery.body)).where(
            col(Delivery.state) == DeliveryState.WAITING,
            col(Delivery.reason) == deliveries.UNKNOWN_CENTER,
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
