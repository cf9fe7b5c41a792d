"""Possible duplicates, for a person to judge: pairs of leads that `likeness` finds alike.

A page begins at the newest leads, or after the last pair of the page before. Each request looks at
a limited number of leads, and for each of them only at those with the same key: where few are
alike, a page has few pairs, or none, and still says where the next one begins.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, cast

from sqlalchemy import select, text
from sqlmodel import Session, col

from backend.core import phones, times
from backend.core.access import Person, visible_to
from backend.core.database import rows, upsert
from backend.core.database.bulk_insert import among, batches
from backend.core.database.rows import written
from backend.core.leads import likeness, merged
from backend.core.leads.likeness import Known
from backend.models import Lead, LeadPhone, NotDuplicate
from backend.schemas.duplicates import (
    DuplicateFilter,
    DuplicatePair,
    LikelyReason,
    NotDuplicates,
    Page,
    PossibleDuplicate,
)

# An email or a number of more leads than this is a filler, such as `na@na.com` or the academy's own
# number, and so is a name with a birth date: ten thousand leads would be fifty million pairs.
MOST_OF_ONE_KEY = 20
# How many leads are looked at together, and at most in one request.
STEP = 2_000
MOST = 20_000

_SHOWN = ("id", "created_time", "player_name", "phone", "status", "center_id")

# `b` is a newer lead, of those looked at, and `a` an older one with the same key.
_FEW = """(SELECT count(*) FROM (SELECT 1 FROM lead WHERE lead.{0} = b.{0}
    LIMIT {1} + 1) AS found) <= {1}"""
# Old databases have emails such as `NaN`.
_BY_EMAIL = """SELECT a.id, b.id FROM lead b JOIN lead a ON a.email_key = b.email_key
    WHERE b.id > :after AND b.id < :before AND a.id < b.id AND b.email_key LIKE '%@%' AND {}"""
_BY_NAME = """SELECT a.id, b.id FROM lead b JOIN lead a
    ON a.birth_date = b.birth_date AND a.name_key = b.name_key AND a.center_id = b.center_id
    WHERE b.id > :after AND b.id < :before AND a.id < b.id AND b.name_key <> ''
    AND a.birth_date IS NOT NULL AND b.birth_date IS NOT NULL
    AND (SELECT count(*) FROM (SELECT 1 FROM lead WHERE lead.birth_date = b.birth_date
    AND lead.name_key = b.name_key LIMIT {0} + 1) AS found) <= {0}"""
# By the table of either number.
_BY_PHONE = """SELECT a.{older}, b.{newer} FROM {newer_table} b
    JOIN {older_table} a ON a.phone_key = b.phone_key
    WHERE b.{newer} > :after AND b.{newer} < :before AND a.{older} < b.{newer} AND {few}"""
_HOLDERS = {"lead": "id", "leadphone": "lead_id"}


def _candidates() -> str:
    """Return the query for the pairs that have a key in common."""
    few = _FEW.format("phone_key", MOST_OF_ONE_KEY)
    by_phone = (
        _BY_PHONE.format(
            older=older, newer=newer, older_table=older_table, newer_table=newer_table, few=few
        )
        for newer_table, newer in _HOLDERS.items()
        for older_table, older in _HOLDERS.items()
    )
    by_email = _BY_EMAIL.format(_FEW.format("email_key", MOST_OF_ONE_KEY))
    return " UNION ".join((by_email, _BY_NAME.format(MOST_OF_ONE_KEY), *by_phone))


_CANDIDATES = text(_candidates())

Ids = tuple[int, int]


class _Place(NamedTuple):
    """Where a page begins: before this pair, by the newer lead and then by the older one."""

    second: int
    first: int

    @property
    def before(self) -> int:
        """The id that the newer lead of each pair on the page is less than."""
        return self.second + 1 if self.first else self.second


def list_page(session: Session, person: Person, wanted: DuplicateFilter) -> Page:
    """Return pairs that nobody has judged, by the id of the newer lead, the newest first.

    Pairs are left out if the person can't see both leads.
    """
    place = _begin(session, wanted)
    found: list[DuplicatePair] = []
    for _ in range(MOST // STEP):
        after = _after(session, place.before)
        found += _pairs(session, person, after, place)
        if len(found) > wanted.limit:
            last = found[wanted.limit - 1]
            end = {"second": last["second"]["id"], "first": last["first"]["id"]}
            return Page(found[: wanted.limit], _Place(**end))
        if after == 0:
            return Page(found, None)
        place = _Place(after + 1, 0)
    return Page(found, place)


def _begin(session: Session, wanted: DuplicateFilter) -> _Place:
    if wanted.before_second_id is not None:
        return _Place(wanted.before_second_id, wanted.before_first_id or 0)
    newest = select(col(Lead.id)).order_by(col(Lead.id).desc()).limit(1)
    return _Place((session.connection().scalar(newest) or 0) + 1, 0)


def _after(session: Session, before: int) -> int:
    """Return the id that so many leads before an id come after, or 0 if there are fewer."""
    ids = select(col(Lead.id)).where(col(Lead.id) < before).order_by(col(Lead.id).desc())
    return session.connection().scalar(ids.offset(STEP).limit(1)) or 0


def _pairs(session: Session, person: Person, after: int, place: _Place) -> list[DuplicatePair]:
    """Return the pairs whose newer lead comes after an id and, if at the place, before that."""
    bounds = {"after": after, "before": place.before}
    found = session.connection().execute(_CANDIDATES, bounds)
    ids = sorted(((second, first) for first, second in found), reverse=True)
    ids = [pair for pair in ids if pair < place]
    leads = _Leads(session, person, {id for pair in ids for id in pair})
    marked = judged(session, leads.ids)
    return [
        pair
        for second, first in ids
        if (first, second) not in marked and (pair := leads.pair(first, second)) is not None
    ]


class _Leads:
    """Those of some leads that a person can see: what is compared, and what is shown."""

    def __init__(self, session: Session, person: Person, ids: Iterable[int]) -> None:
        self._rows: dict[int, dict[str, Any]] = {}
        further: dict[int, list[str]] = {}
        for batch in batches(sorted(ids)):
            numbers = select(col(LeadPhone.lead_id), col(LeadPhone.phone_key))
            same = among(session, col(LeadPhone.lead_id), batch)
            for lead, number in session.connection().execute(numbers.where(same)):
                further.setdefault(lead, []).append(number)
            query = select(
                *(_shown(name) for name in _SHOWN), col(Lead.email), col(Lead.is_test),
                col(Lead.name_key), col(Lead.email_key), col(Lead.phone_key),
                col(Lead.phone_extension),
                col(Lead.player_age_category), col(Lead.birth_date),
            ).where(among(session, col(Lead.id), batch), visible_to(person))  # fmt: skip
            for row in rows.fetch(session, query):
                row["known"] = _known(row, further.get(row["id"], []))
                self._rows[row["id"]] = row

    @property
    def ids(self) -> set[int]:
        return {*self._rows}

    def pair(self, first: int, second: int) -> DuplicatePair | None:
        """Return two leads as a pair, if both are known and alike."""
        one, other = self._rows.get(first), self._rows.get(second)
        if one is None or other is None or one["is_test"] != other["is_test"]:
            return None
        reasons = likeness.reasons(one["known"], other["known"])
        if not reasons:
            return None
        said = [{"code": code.value, "message": likeness.TEXTS[code]} for code in reasons]
        return {
            "email": other["email"],
            "first": _as_shown(one),
            "second": _as_shown(other),
            "reasons": cast(list[LikelyReason], said),
        }


def _shown(name: str) -> Any:
    column = getattr(Lead, name)
    return written(column).label(name) if name == "created_time" else column


def _as_shown(row: dict[str, Any]) -> PossibleDuplicate:
    number = row["phone_key"]
    shown = number and phones.shown(number, row["phone_extension"])
    kept = {name: row[name] for name in _SHOWN}
    return cast(PossibleDuplicate, {**kept, "phone_shown": shown})


def _known(row: dict[str, Any], further: Sequence[str]) -> Known:
    numbers = {*further, row["phone_key"]} - {None}
    email = row["email_key"]
    return Known(
        row["name_key"],
        frozenset(numbers),
        email if email and "@" in email else None,
        row["player_age_category"],
        row["birth_date"],
        row["center_id"],
    )


def judged(session: Session, leads: set[int]) -> set[Ids]:
    """Return the pairs of leads that were marked as not duplicates, including before a merge."""
    now = {**{id: id for id in leads}, **merged.parts(session, leads)}
    found: set[Ids] = set()
    for batch in batches(sorted(now)):
        query = select(col(NotDuplicate.first_id), col(NotDuplicate.second_id)).where(
            among(session, col(NotDuplicate.first_id), batch)
        )
        for first, second in session.connection().execute(query):
            if second in now:
                one, other = sorted((now[first], now[second]))
                found.add((one, other))
    return found


def judge(session: Session, by: Person, two: NotDuplicates) -> None:
    """Note that two leads are not duplicates. Raises `LeadNotFound` and `Invalid`."""
    now = merged.two(session, by, two.first_id, ("second_id", two.second_id))
    first_id, second_id = sorted(now)
    statement = upsert.insert(session, NotDuplicate).values(
        first_id=first_id, second_id=second_id, user_id=by.id, at=times.now()
    )
    session.connection().execute(statement.on_conflict_do_nothing())
