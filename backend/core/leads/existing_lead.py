"""Find the leads that exist already for one incoming lead.

`backend.core.imports.existing_leads` does the same for the rows of an import, in bulk.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.database import pipeline
from backend.core.database.json_columns import encode
from backend.core.leads import merged
from backend.core.leads.match_keys import MatchKeys, Traits
from backend.core.leads.matching import Candidate, Near
from backend.models import Delivery, EventKind, Lead, read_day

# SQLite keeps anything in a column of days, also bytes that are no text: it can't return those.
_BORN = """CASE WHEN substr(CAST(birth_date AS text), 1, 10) LIKE '____-__-__'
    THEN CAST(birth_date AS text) END"""
# Thousands may have one phone: the leads of the same name are told apart by their traits alone, and
# of all others there is one row. The ids first, so that each is looked up by an index.
_NEAR = f"""SELECT min(id) AS id, same_name, age, born, has_leadgen_id FROM (
    SELECT id, name_key = %s AS same_name,
        CASE WHEN name_key = %s THEN player_age_category END AS age,
        CASE WHEN name_key = %s THEN {_BORN} END AS born,
        {{}} AS has_leadgen_id
    FROM lead WHERE is_test = %s AND {{}}) AS of_household
    GROUP BY same_name, age, born, has_leadgen_id"""  # noqa: S608  our own text
# It matters only to a lead without a name that has an id itself. A delivery keeps a second id.
_HAS_ID = """name_key = '' AND (leadgen_id IS NOT NULL OR EXISTS (SELECT 1 FROM delivery
    WHERE delivery.lead_id = lead.id AND delivery.leadgen_id IS NOT NULL))"""
_BY_PHONE = """id IN (SELECT id FROM lead WHERE phone_key IN ({0})
    UNION ALL SELECT lead_id FROM leadphone WHERE phone_key IN ({0}))"""
# Without a phone another name is no sibling: it isn't looked for. `coalesce` keeps the databases
# from reading every lead without an email by an index, where the other condition leaves few.
_BY_EMAIL = """coalesce(phone_key, '') = '' AND email_key = %s AND name_key = %s
    AND NOT EXISTS (SELECT 1 FROM leadphone WHERE lead_id = lead.id)"""
# Nearly all enquiries have one number, which no lead has: this takes the database half the time.
# The id 0 stands for a lead that has it as a further number.
_MOST = 50
_QUICK = f"""SELECT id, name_key = %s AS same_name, player_age_category AS age,
        {_BORN} AS born, false AS has_leadgen_id
    FROM lead WHERE phone_key = %s AND is_test = %s
    UNION ALL SELECT 0, false, NULL, NULL, false FROM leadphone WHERE phone_key = %s
    LIMIT %s"""  # noqa: S608  our own text
_NONE = """SELECT 0 AS id, false AS same_name, '' AS age, '' AS born, false AS has_leadgen_id
    WHERE false"""
_ENQUIRIES = """SELECT data FROM leadevent
    WHERE lead_id = %s AND kind IN (%s, %s) AND {}(data, %s) > 0"""
# A lead that was merged into another is found by its own name and traits.
_MERGED = """SELECT current_id AS id, true AS same_name, player_age_category AS age,
        CAST(birth_date AS text) AS born, leadgen_id IS NOT NULL AS has_leadgen_id
    FROM leadmerge WHERE name_key = %s
    AND EXISTS (SELECT 1 FROM lead WHERE id = current_id AND is_test = %s) AND {}"""
_MERGED_BY_PHONE = """current_id IN (SELECT id FROM lead WHERE phone_key IN ({0})
    UNION ALL SELECT lead_id FROM leadphone WHERE phone_key IN ({0}))"""
_BY_EMAIL = f"{_BY_EMAIL} UNION ALL {_MERGED.format('email_key = %s')}"


def first(candidate: Candidate, keys: MatchKeys) -> pipeline.Step:
    """Return the query that says whether a household has leads, and mostly which: `is_whole`."""
    numbers = keys.phone.numbers
    if len(numbers) != 1 or (candidate.leadgen_id is not None and not keys.name):
        return nearest(candidate, keys)
    return _QUICK, (keys.name, *numbers, candidate.is_test, *numbers, _MOST + 1)


def is_whole(rows: Sequence[Sequence[Any]]) -> bool:
    """Return whether the rows of `first` are those that `nearest` finds."""
    return len(rows) <= _MOST and all(id for id, *_ in rows)


def nearest(candidate: Candidate, keys: MatchKeys) -> pipeline.Step:
    """Return the query for the leads of a candidate's household, whose rows `near` reads."""
    by_id = candidate.leadgen_id is not None and not keys.name
    given = (*(keys.name,) * 3, candidate.is_test)
    if numbers := keys.phone.numbers:
        return _query(len(numbers), by_id=by_id), (*given, *numbers, *numbers)
    if keys.households:
        by_email = (keys.email, keys.name, keys.name, candidate.is_test, keys.email)
        return _query(0, by_id=by_id), (*given, *by_email)
    return _NONE, ()


@lru_cache(maxsize=32)
def _query(numbers: int, *, by_id: bool) -> str:
    """Return the query by so many numbers, or by the email."""
    condition = _BY_PHONE.format(", ".join(["%s"] * numbers)) if numbers else _BY_EMAIL
    return _NEAR.format(_HAS_ID if by_id else "false", condition)


def near(rows: Iterable[Sequence[Any]]) -> list[Near]:
    """Return the leads of a household as `nearest` has found them."""
    return [
        Near(lead, bool(same_name), Traits.of(age, read_day(born), has_leadgen_id))
        for lead, same_name, age, born, has_leadgen_id in rows
    ]


def has_repeat_enquiry(session: Session, lead_id: int, at: datetime) -> bool:
    """Return whether a lead's history has a repeat enquiry of exactly this time."""
    find = "instr" if session.get_bind().dialect.name == "sqlite" else "strpos"
    as_kept = encode({"at": at})[1:-1]
    kinds = (EventKind.REPEAT_ENQUIRY.value, EventKind.MERGED.value)
    query = _ENQUIRIES.format(find), (lead_id, *kinds, as_kept)
    (found,) = pipeline.run(session, query)
    # The text that was found may be part of an answer.
    times = [orjson.loads(data).get("at") for (data,) in found]
    return any(isinstance(text, str) and datetime.fromisoformat(text) == at for text in times)


def find_by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """Return the lead that a lead of Meta's has become or joined, or was merged into."""
    own = session.scalar(select(col(Lead.id)).where(col(Lead.leadgen_id) == leadgen_id))
    return (
        own
        or merged.by_leadgen_id(session, leadgen_id)
        or session.scalar(
            select(col(Delivery.lead_id)).where(col(Delivery.leadgen_id) == leadgen_id)
        )
    )


def near_by_merges(session: Session, keys: MatchKeys, *, is_test: bool) -> list[Near]:
    """Return leads of a household, by number, that another lead of the name was merged into.

    Their traits are those of that other lead. By email, `nearest` finds them.
    """
    if not (numbers := keys.phone.numbers):
        return []
    condition = _MERGED_BY_PHONE.format(", ".join(["%s"] * len(numbers)))
    query = _MERGED.format(condition), (keys.name, is_test, *numbers, *numbers)
    (rows,) = pipeline.run(session, query)
    return near(rows)
