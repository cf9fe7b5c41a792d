"""Find the leads that exist already for one incoming lead.

`backend.core.imports.existing_leads` does the same for the rows of an import, in bulk.
"""

from datetime import datetime

import orjson
from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.database import pipeline
from backend.core.database.json_columns import encode
from backend.core.leads import match_keys
from backend.core.leads.match_keys import MatchKeys
from backend.models import Delivery, EventKind, Lead

# Thousands may have one phone: a lead of the same name comes first, and then the oldest.
_BY_PHONE = """SELECT id, name_key FROM lead WHERE phone_key = %s AND is_test = %s
    ORDER BY name_key <> %s, id LIMIT 1"""
# Without a phone another name is no sibling: it isn't looked for. `coalesce` keeps the databases
# from reading every lead without an email by an index, where the other condition leaves few.
_BY_EMAIL = """SELECT id, name_key FROM lead WHERE coalesce(phone_key, '') = '' AND email_key = %s
    AND is_test = %s AND name_key = %s ORDER BY id LIMIT 1"""
_BY_TEXT = """SELECT id, name_key FROM lead WHERE phone_key IS NULL AND coalesce(email_key, '') = ''
    AND phone = %s AND is_test = %s AND name_key = %s ORDER BY id LIMIT 1"""
_NONE = "SELECT 0 AS id, '' AS name_key WHERE false"
_ENQUIRIES = """SELECT data FROM leadevent WHERE lead_id = %s AND kind = %s AND {}(data, %s) > 0"""


def nearest(keys: MatchKeys, *, is_test: bool) -> pipeline.Step:
    """Return the query for the nearest lead of a household: its id and its name's key."""
    if keys.phone is not None:
        return _BY_PHONE, (keys.phone, is_test, keys.name)
    if keys.email is not None:
        return _BY_EMAIL, (keys.email, is_test, keys.name)
    if keys.household:
        text = keys.household.removeprefix(match_keys.TEST).removeprefix(match_keys.TEXT)
        return _BY_TEXT, (text, is_test, keys.name)
    return _NONE, ()


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
