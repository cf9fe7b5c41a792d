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
from backend.core.leads.match_keys import MatchKeys, Traits
from backend.core.leads.matching import Near
from backend.models import Delivery, EventKind, Lead

# Thousands may have one phone: the leads of the same name are told apart by their traits alone, and
# of all others there is one row. The ids first, so that each is looked up by an index.
_NEAR = """SELECT min(id) AS id, same_name, age, born, has_leadgen_id FROM (
    SELECT id, name_key = %s AS same_name,
        CASE WHEN name_key = %s THEN player_age_category END AS age,
        CASE WHEN name_key = %s THEN CAST(birth_date AS text) END AS born,
        name_key = %s AND leadgen_id IS NOT NULL AS has_leadgen_id
    FROM lead WHERE is_test = %s AND {}) AS of_household
    GROUP BY same_name, age, born, has_leadgen_id"""
_BY_PHONE = """id IN (SELECT id FROM lead WHERE phone_key IN ({0})
    UNION ALL SELECT lead_id FROM leadphone WHERE phone_key IN ({0}))"""
# Without a phone another name is no sibling: it isn't looked for. `coalesce` keeps the databases
# from reading every lead without an email by an index, where the other condition leaves few.
_BY_EMAIL = """coalesce(phone_key, '') = '' AND email_key = %s AND name_key = %s
    AND NOT EXISTS (SELECT 1 FROM leadphone WHERE lead_id = lead.id)"""
_NONE = """SELECT 0 AS id, false AS same_name, '' AS age, '' AS born, false AS has_leadgen_id
    WHERE false"""
_ENQUIRIES = """SELECT data FROM leadevent WHERE lead_id = %s AND kind = %s AND {}(data, %s) > 0"""


def nearest(keys: MatchKeys, *, is_test: bool) -> pipeline.Step:
    """Return the query for the leads of a household, whose rows `near` reads."""
    given = (*(keys.name,) * 4, is_test)
    if numbers := keys.phone.numbers:
        return _by_phone(len(numbers)), (*given, *numbers, *numbers)
    if keys.email is not None:
        return _NEAR.format(_BY_EMAIL), (*given, keys.email, keys.name)
    return _NONE, ()


@lru_cache(maxsize=16)
def _by_phone(many: int) -> str:
    return _NEAR.format(_BY_PHONE.format(", ".join(["%s"] * many)))


def near(rows: Iterable[Sequence[Any]]) -> list[Near]:
    """Return the leads of a household as `nearest` has found them."""
    return [
        Near(lead, bool(same_name), Traits.of(age, born, has_leadgen_id))
        for lead, same_name, age, born, has_leadgen_id in rows
    ]


def has_repeat_enquiry(session: Session, lead_id: int, at: datetime) -> bool:
    """Return whether a lead's history has a repeat enquiry of exactly this time."""
    find = "instr" if session.get_bind().dialect.name == "sqlite" else "strpos"
    as_kept = encode({"at": at})[1:-1]
    query = _ENQUIRIES.format(find), (lead_id, EventKind.REPEAT_ENQUIRY.value, as_kept)
    (found,) = pipeline.run(session, query)
    # The text that was found may be part of an answer.
    times = [orjson.loads(data).get("at") for (data,) in found]
    return any(isinstance(text, str) and datetime.fromisoformat(text) == at for text in times)


def find_by_leadgen_id(session: Session, leadgen_id: str) -> int | None:
    """Return the lead that a lead of Meta's has become or joined."""
    own = session.scalar(select(col(Lead.id)).where(col(Lead.leadgen_id) == leadgen_id))
    return own or session.scalar(
        select(col(Delivery.lead_id)).where(col(Delivery.leadgen_id) == leadgen_id)
    )
