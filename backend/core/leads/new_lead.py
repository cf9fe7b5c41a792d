"""The rows that an incoming lead adds: its own, its history, where it comes from, its delivery."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from sqlalchemy import ColumnElement

from backend.core import times
from backend.core.alerts import announcing
from backend.core.alerts.announcing import AlertKind
from backend.core.calling.rules import Standard
from backend.core.calling.targets import NONE, PLAIN, Handling, waited_too_long
from backend.core.database import pipeline
from backend.core.database.json_columns import encode
from backend.core.leads.match_keys import MatchKeys
from backend.core.leads.matching import Candidate, Verdict
from backend.models import EventKind, LeadOrigin, Source, Status

# In characters: it is indexed, and PostgreSQL's indexes take no more than 2,704 bytes.
_LONGEST_CAMPAIGN = 500
# What is known of a lead's form, ad and campaign, each in a column of its own.
ORIGIN = tuple(name for name in LeadOrigin.model_fields if name not in ("lead_id", "answers"))


@dataclass(frozen=True, slots=True)
class Author:
    """The time and author of history events. `import_id` is the import that can undo them."""

    at: datetime
    user_id: int | None = None
    import_id: int | None = None

    def event(self, kind: EventKind, data: Mapping[str, Any]) -> dict[str, Any]:
        """Return the columns of a line of history, but for its lead."""
        return {
            "at": self.at,
            "user_id": self.user_id,
            "kind": kind.value,
            "data": encode(dict(data)),
            "import_id": self.import_id,
        }


@dataclass(frozen=True, slots=True)
class NewLead:
    """A candidate, its keys, and what is written with it.

    `delivery` has columns of `Delivery`, where the lead and its delivery are kept together.
    `waits` is whether it may wait for someone who is changing the lead that it joins, `may_join`
    whether it may join one at all. With `visible`, a condition in SQL, it joins only such leads.
    `handling` says how it is assigned, and by when it is to be called.
    """

    candidate: Candidate
    keys: MatchKeys
    author: Author
    delivery: Mapping[str, Any] | None = None
    waits: bool = True
    may_join: bool = True
    visible: ColumnElement[bool] | None = None
    handling: Handling = PLAIN

    @classmethod
    def of(
        cls,
        candidate: Candidate,
        region: str,
        user_id: int | None = None,
        import_id: int | None = None,
    ) -> Self:
        """Return a lead that may wait; `region` is the country of phones without a code."""
        return cls(candidate, candidate.keys(region), Author(times.now(), user_id, import_id))

    @property
    def by_rule(self) -> Standard | None:
        """By what it is assigned; None if it isn't: a test, or one that was worked on elsewhere."""
        has_work = self.candidate.work is not None
        return None if self.candidate.is_test or has_work else self.handling.standard

    @classmethod
    def delivered(
        cls,
        candidate: Candidate,
        delivery: Mapping[str, Any],
        region: str,
        handling: Handling = PLAIN,
    ) -> Self:
        """Return a lead that is kept together with its delivery, and waits for nobody."""
        return cls(
            candidate,
            candidate.keys(region),
            Author(times.now()),
            delivery,
            waits=False,
            may_join=not delivery.get("is_unverified"),
            handling=handling,
        )

    @property
    def has_phone(self) -> bool:
        """Whether it has a number by which it is matched."""
        return self.keys.phone.e164 is not None

    @property
    def lead(self) -> dict[str, Any]:
        """Return the columns of the lead, but for its center and what follows from that."""
        candidate = self.candidate
        return {
            "created_time": candidate.created_time,
            "player_name": candidate.player_name,
            "player_age_category": candidate.player_age_category,
            "phone": candidate.phone,
            "email": candidate.email,
            "address": candidate.address,
            "status": Status.NEW.value,
            "leadgen_id": candidate.leadgen_id,
            "source": candidate.source,
            "is_test": candidate.is_test,
            "phone_key": self.keys.phone.e164,
            "name_key": self.keys.name,
            "email_key": self.keys.email,
            "campaign": campaign_of(candidate.origin),
            "phone_issue": issue.value if (issue := self.keys.phone.issue) else None,
            "phone_extension": self.keys.phone.extension,
            "birth_date": candidate.birth_date,
        }

    def call_by(self, center_id: int | None, center_tag: str | None = None) -> datetime | None:
        """Return by when it is to be called at a center; None without a target.

        Imports, test leads and enquiries of days ago have none.
        """
        targets = self.handling.targets
        if targets is NONE:
            return None
        candidate, at = self.candidate, self.author.at
        is_measured = (
            self.author.import_id is None
            and candidate.source != Source.UPLOAD
            and not candidate.is_test
            and not waited_too_long(candidate.created_time, at)
        )
        return targets.call_by(at, center_id, center_tag) if is_measured else None

    def with_lead(self, verdict: Verdict) -> list[pipeline.New]:
        """Return the rows that are added with the lead."""
        candidate = self.candidate
        created = self.author.event(EventKind.CREATED, {"source": candidate.source})
        rows: list[pipeline.New] = [("leadevent", created)]
        if candidate.origin or candidate.answers:
            rows.append(("leadorigin", {**candidate.origin, "answers": candidate.answers}))
        rows += [("leadphone", {"phone_key": number}) for number in self.keys.phone.others]
        rows += [box.new for box in candidate.boxes]
        return [*rows, *self._announced(AlertKind.NEW_LEAD), *self._delivery(verdict)]

    def joining(self, *, adds_enquiry: bool = True) -> list[pipeline.New]:
        """Return the rows that are added to the lead that it joins."""
        rows: list[pipeline.New] = []
        if adds_enquiry:
            candidate = self.candidate
            # What was done elsewhere doesn't change the lead: it is told with the answers.
            work = candidate.work.said if candidate.work is not None else {}
            data = repeat_enquiry(
                candidate.source,
                candidate.created_time,
                candidate.said(),
                self.keys.phone.numbers,
                candidate.origin,
                {**candidate.answers, **work},
            )
            rows.append(("leadevent", self.author.event(EventKind.REPEAT_ENQUIRY, data)))
            rows += [box.new for box in candidate.boxes]
            rows += self._announced(AlertKind.REPEAT_ENQUIRY)
        return rows + self._delivery(Verdict.JOIN)

    def _announced(self, kind: AlertKind) -> list[pipeline.New]:
        """Return the row that announces it, but for what an import has brought."""
        if self.author.import_id is not None:
            return []
        return [announcing.with_lead(kind, self.author.user_id)]

    def _delivery(self, verdict: Verdict) -> list[pipeline.New]:
        if self.delivery is None:
            return []
        return [("delivery", {**self.delivery, "reason": verdict.value})]


def repeat_enquiry(
    source: str,
    at: datetime,
    said: Mapping[str, Any],
    numbers: Sequence[str],
    origin: Mapping[str, Any],
    answers: Mapping[str, str],
) -> dict[str, Any]:
    """Return what the line of a repeat enquiry keeps of it.

    `said` has the values of `matching.SAID`, `numbers` are the valid numbers in its phone.
    """
    data = {"source": source, "at": at, **origin, **said}
    if numbers:
        data["phones"] = list(numbers)
    return {**data, "answers": answers} if answers else data


def campaign_of(origin: Mapping[str, Any]) -> str | None:
    """Return the campaign's name as lists and reports show it, cut if it is very long."""
    named = origin.get("campaign_name") or origin.get("campaign_id")
    return str(named)[:_LONGEST_CAMPAIGN] if named else None
