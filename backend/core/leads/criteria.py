"""Which leads a list has: a filter is parsed once, and used by every list, count and export."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_, func, literal_column, or_, true
from sqlmodel import col

from backend.core.access import Person, visible_to
from backend.core.database.rows import by_hand, epoch
from backend.core.error_text import listed
from backend.core.errors import Invalid
from backend.core.leads import owner_filter, search, trial_filter, work_filter
from backend.core.leads.call_filter import Calls
from backend.core.leads.contact import allowed
from backend.core.leads.filter_times import moment, start_of_day
from backend.core.leads.owner_filter import IS_OWNED
from backend.core.leads.work_filter import Done
from backend.core.phones import PhoneIssue
from backend.models import Lead, Source, Status
from backend.schemas.fields import MAX_ID
from backend.schemas.leads import LeadFilter

NONE = "none"
# Any of the values that a column can have.
ANY = "any"
_ISSUES = (*PhoneIssue, ANY, NONE)
_TEXTS = {
    "campaign": Lead.campaign,
    "age_category": Lead.player_age_category,
    "lost_reason": Lead.lost_reason,
    "phone_issue": Lead.phone_issue,
}
# How far a lead came, by the time when it first did.
REACHED_AT = {
    "called": "called_at",
    "trial": "trialled_at",
    "attended": "attended_at",
    "joined": "joined_at",
    "lost": "lost_at",
}
REACHED = {stage: getattr(Lead, name) for stage, name in REACHED_AT.items()}
# In seconds from the lead to its first call: from, and up to.
_FIRST_CALL: dict[str, tuple[int | None, int | None]] = {
    "5m": (None, 300),
    "1h": (300, 3600),
    "1d": (3600, 86400),
    "later": (86400, None),
}
# A span that overlaps those above, which together are all leads.
_OVERLAPPING: dict[str, tuple[int | None, int | None]] = {"hour": (None, 3600)}
# SQLite uses the index over these leads only for the index's own words.
IS_TEST: ColumnElement[bool] = literal_column("lead.is_test")
FIRST_CALLS = (*_FIRST_CALL, NONE)


@dataclass(frozen=True, slots=True)
class LeadCriteria:
    """What the leads of a list have in common; whatever is empty or None is not asked for.

    Several values of one field are alternatives. `texts` has the values by field; `NONE` among
    `sources` and `texts`, and None among `centers` and `owners`, is a lead without one. For
    `owners` see `owner_filter`. `created_from`, and `created_to` and `due_until`, which are
    themselves left out, are in UTC, as is `trial_now`. `words` are looked for.
    """

    statuses: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    centers: tuple[int | None, ...] = ()
    created_from: datetime | None = None
    created_to: datetime | None = None
    due: str | None = None
    due_until: datetime | None = None
    reached: str | None = None
    first_call: str | None = None
    test: str = "any"
    contact: str | None = None
    calls: Calls | None = None
    owners: tuple[int | None, ...] = ()
    missed: str | None = None
    work: str | None = None
    done: Done | None = None
    trial: str | None = None
    trial_now: datetime | None = None
    words: tuple[str, ...] = ()

    @classmethod
    def parse(cls, wanted: LeadFilter, zone: ZoneInfo, now: datetime) -> Self:
        """Return the criteria of a filter; its days are days in the `zone`. Raises `Invalid`."""
        begin, end = wanted.created_from, wanted.created_to
        return cls(
            statuses=_statuses(wanted.status),
            sources=_listed(wanted.source),
            texts={
                name: given for name in _TEXTS if (given := _texts_of(getattr(wanted, name), name))
            },
            centers=_centers(wanted.center_id),
            created_from=moment("created_from", begin, zone) if begin else None,
            created_to=moment("created_to", end, zone, ends=True) if end else None,
            due=wanted.due,
            due_until=_due_until(wanted.due, zone, now),
            reached=wanted.reached,
            first_call=wanted.first_call,
            test=wanted.test,
            contact=wanted.contact,
            calls=Calls.parse(wanted, zone, now),
            owners=owner_filter.parse(wanted.owner),
            missed=wanted.missed,
            work=wanted.work,
            done=work_filter.parse(wanted, zone),
            trial=wanted.trial,
            trial_now=now if wanted.trial else None,
            words=tuple(search.words(wanted.q)),
        )

    @property
    def has_due_date(self) -> bool | None:
        """Return whether leads with a next date are asked for, or without; None is both."""
        return None if self.due is None else self.due != NONE

    @property
    def has_last_call(self) -> bool | None:
        """Return whether leads that someone has called are asked for, or others; None is both."""
        return None if self.calls is None else self.calls.has_last_call

    @property
    def is_by_history(self) -> bool:
        """Return whether it is asked how far a lead came, how soon or how often: without an index.

        Where few leads meet it, those of attempts have one: see `indexed`.
        """
        of_calls = (self.first_call, self.calls)
        asked = (self.reached, self.trial, *of_calls, self.work, self.done, self.missed)
        return any(one is not None for one in asked)

    @property
    def is_owned(self) -> bool:
        """Return whether only leads with an owner are asked for."""
        return bool(self.owners) and None not in self.owners

    @property
    def size(self) -> int:
        """Return about how many values the conditions have."""
        chosen = (self.statuses, self.sources, self.centers, self.owners)
        lists = (*chosen, *self.texts.values())
        return len(lists) + sum(map(len, lists))

    def conditions(
        self, person: Person, *further: ColumnElement[bool], in_order: bool = True
    ) -> list[ColumnElement[bool]]:
        """Return the conditions of the leads that a person may see and that meet the criteria.

        With `in_order` the leads are read in the order of an index that says nothing of their
        center. `further` conditions come before the search, which takes the most time.
        """
        of_words = [search.matching(self.words)] if self.words else []
        seen = visible_to(person, in_order=in_order)
        owned = [owner_filter.of_owners(self.owners, person.id)] if self.owners else []
        worked = work_filter.conditions(self.work, self._of_done(person), self.missed)
        return [seen, *self._conditions(in_order=in_order), *owned, *worked, *further, *of_words]

    def _of_done(self, person: Person) -> ColumnElement[bool] | None:
        if self.done is None:
            return None
        return work_filter.of_done(self.done, REACHED.get(self.done.what), person.id)

    def of_times(self) -> Iterator[ColumnElement[bool]]:
        """Yield the conditions on the times that leads came in, and that they are due."""
        if self.created_from is not None or self.created_to is not None:
            yield and_(true(), *self._created())
        if self.due is not None and self.has_due_date:
            yield _due(self.due, self.due_until)

    def _created(self) -> Iterator[ColumnElement[bool]]:
        if self.created_from is not None:
            yield col(Lead.created_time) >= self.created_from
        if self.created_to is not None:
            yield col(Lead.created_time) < self.created_to

    def _conditions(self, *, in_order: bool) -> Iterator[ColumnElement[bool]]:
        if self.statuses:
            yield col(Lead.status).in_(self.statuses)
        if self.sources:
            yield _one_of(Lead.source, self.sources)
        for name, given in self.texts.items():
            yield _one_of(_TEXTS[name], given)
        if self.centers:
            yield _of_centers(self.centers, in_order=in_order)
        yield from self._created()
        yield from self._by_work()

    def _by_work(self) -> Iterator[ColumnElement[bool]]:
        """Yield what is asked about the work on a lead, and whether it is a test."""
        if self.due is not None:
            yield _due(self.due, self.due_until)
        if self.reached is not None:
            yield col(REACHED[self.reached]).is_not(None)
        if self.first_call is not None:
            yield first_call(self.first_call)
        if self.test == "yes":
            yield IS_TEST
        elif self.test == "no":
            yield col(Lead.is_test).is_(False)
        if self.contact in ("allowed", "refused"):
            yield allowed() if self.contact == "allowed" else ~allowed()
        yield from self._of_trial()
        if self.calls is not None:
            yield from self.calls.conditions()

    def indexed(self, person: Person) -> Iterator[ColumnElement[bool]]:
        """Yield those conditions that are counted quickly if few leads meet them."""
        if (by_person := self._of_done(person)) is not None:
            yield by_person
        if self.is_owned:
            yield and_(IS_OWNED, owner_filter.of_owners(self.owners, person.id))
        if self.sources and not {Source.UPLOAD, NONE} & {*self.sources}:
            # SQLite uses the index only for the index's own words.
            not_uploaded: ColumnElement[bool] = literal_column("lead.source <> 'upload'")
            yield and_(col(Lead.source).in_(self.sources), not_uploaded)
        for column, given in self.indexed_texts():
            yield col(column).in_(given)
        if self.test == "yes":
            yield IS_TEST
        yield from self._indexed_by_work()

    def _indexed_by_work(self) -> Iterator[ColumnElement[bool]]:
        if self.calls is not None:
            yield from self.calls.indexed()
        yield from work_filter.indexed(self.work, self.missed)
        if self.trial in trial_filter.HAS_INDEX and self.trial_now is not None:
            yield trial_filter.trial(self.trial, self.trial_now)

    def unindexed(self) -> Iterator[ColumnElement[bool]]:
        """Yield those conditions that few leads may meet, and that have no index."""
        if self.contact == "refused":
            yield ~allowed()
        if self.calls is not None:
            yield from self.calls.unindexed()
        if self.trial not in (None, trial_filter.NONE, *trial_filter.HAS_INDEX):
            yield from self._of_trial()

    def _of_trial(self) -> Iterator[ColumnElement[bool]]:
        if self.trial and self.trial_now:
            yield trial_filter.trial(self.trial, self.trial_now)

    def indexed_texts(self) -> Iterator[tuple[Any, tuple[str, ...]]]:
        """Yield the columns of texts that have an index, each with the values asked for."""
        for name, given in self.texts.items():
            if NONE not in given:
                yield _TEXTS[name], given


def _texts_of(given: Iterable[str], name: str) -> tuple[str, ...]:
    """Return the values of a field; an issue of the phone can be `ANY`. Raises `Invalid`."""
    values = tuple(one for one in given if one)
    if name != "phone_issue":
        return values
    if not {*values} <= {*_ISSUES}:
        raise Invalid.at("query", name, type="enum", msg=f"Choose {listed(_ISSUES)}")
    return tuple(PhoneIssue) if ANY in values else values


def _listed(text: str | None) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(",") if part.strip())


def _statuses(text: str | None) -> tuple[str, ...]:
    """Return the statuses of a list, and the whole text: an old status may have a comma."""
    given = _listed(text)
    return given if len(given) < 2 else (*given, text or "")


def _centers(text: str | None) -> tuple[int | None, ...]:
    """Return ids of centers, None for leads without one. Raises `Invalid`."""
    given = _listed(text)
    ids = tuple(int(one) if one.isascii() and one.isdigit() else None for one in given)
    if ids.count(None) != given.count(NONE) or any(id > MAX_ID for id in ids if id is not None):
        raise Invalid.at("query", "center_id", msg="Use center ids, separated by commas")
    return ids


def _due_until(due: str | None, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the next dates that are asked for end."""
    if due == "overdue":
        return now
    days = {"today": 1, "week": 7}.get(due or "")
    return None if days is None else start_of_day(now, zone, days)


def _due(due: str, until: datetime | None) -> ColumnElement[bool]:
    """Return the condition on the next date: only open leads are due."""
    at = col(Lead.next_followup_date)
    if due == NONE:
        return at.is_(None)
    # SQLite uses the partial index only if the query has the same condition.
    open_ = and_(at.is_not(None), col(Lead.status).not_in((Status.JOINED, Status.DEAD)))
    return open_ if until is None else and_(open_, at < until)


def _of_centers(ids: tuple[int | None, ...], *, in_order: bool) -> ColumnElement[bool]:
    center = by_hand(col(Lead.center_id)) if in_order else col(Lead.center_id)
    known = center.in_([id for id in ids if id is not None])
    return or_(known, center.is_(None)) if None in ids else known


def _one_of(column: Any, given: tuple[str, ...]) -> ColumnElement[bool]:
    known = col(column).in_(given)
    return or_(known, col(column).is_(None)) if NONE in given else known


def value(column: Any) -> ColumnElement[Any]:
    """Return what a column is grouped by: a text `none` counts as nothing, as in a filter."""
    return func.nullif(col(column), NONE)


def waited(model: Any = Lead) -> ColumnElement[int]:
    """Return the whole seconds from a lead to its first call, null if it was not called."""
    return epoch(col(model.called_at)) - epoch(col(model.created_time))


def first_call(within: str, seconds: ColumnElement[int] | None = None) -> ColumnElement[bool]:
    """Return whether the first call came so soon; `seconds` are those `waited`, where known."""
    if within == NONE:
        return (col(Lead.called_at) if seconds is None else seconds).is_(None)
    seconds = waited() if seconds is None else seconds
    at_least, below = (_FIRST_CALL | _OVERLAPPING)[within]
    found = []
    if at_least is not None:
        found.append(seconds >= at_least)
    if below is not None:
        found.append(seconds < below)
    return and_(*found)
