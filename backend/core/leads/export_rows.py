"""The rows of an export, in columns that people and an import read.

Leads are read in batches by their ids, each in a short unit of work: a million need no more memory
than ten thousand, and no connection is held meanwhile. Each lead is in the rows once, as it was
when its batch was read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select
from sqlmodel import col

from backend.core import phones
from backend.core.database.bulk_insert import among
from backend.core.db import Database
from backend.core.leads import lead_phones
from backend.models import Comment, Lead, Outcome, Source

# Each is known to an import by its name (`backend.core.vocabulary.synonyms`), apart from the
# extension, the further phones, the trial and the calls.
COLUMNS = (
    "Meta lead ID",
    "Received at",
    "Player",
    "Age category",
    "Phone",
    "Email",
    "Address",
    "Nearest TOFA center",
    "Status",
    "Next follow-up",
    "Phone extension",
    "Further phones",
    "Owner",
    "Lost reason",
    "Source",
    "Campaign",
    "Trial",
    "Last comment",
    "Attempts",
    "Last call",
    "Last outcome",
)
# As the web app calls them.
_SOURCES: dict[str | None, str] = {
    Source.META: "Meta",
    Source.BACKFILL: "Meta",
    Source.FLAT: "Website",
    Source.UPLOAD: "Spreadsheet",
    Source.MANUAL: "Added manually",
}
_OUTCOMES: dict[str | None, str] = {
    Outcome.SPOKE: "Spoke",
    Outcome.NO_ANSWER: "No answer",
    Outcome.BUSY: "Busy",
    Outcome.SWITCHED_OFF: "Switched off",
    Outcome.WRONG_NUMBER: "Wrong number",
    Outcome.CALL_BACK: "Asked to call back",
    Outcome.WHATSAPP: "WhatsApp sent",
}
# How many leads are read in one unit of work.
BATCH = 2000


class Numbers(str):
    """Valid phones, as people write them: no program can run digits."""

    __slots__ = ()


# Times are those of the settings' zone, without an offset.
Row = tuple[str | datetime, ...]
# The text for each center or owner, by its id.
Names = dict[int | None, str]


def read_rows(
    db: Database, wanted: Sequence[ColumnElement[bool]], tags: Names, owners: Names, zone: ZoneInfo
) -> Iterator[Row]:
    query = (
        select(
            col(Lead.id), col(Lead.leadgen_id), col(Lead.created_time), col(Lead.player_name),
            col(Lead.player_age_category), col(Lead.phone_key), col(Lead.phone), col(Lead.email),
            col(Lead.address), col(Lead.center_id), col(Lead.status),
            col(Lead.next_followup_date), col(Lead.phone_extension), col(Lead.owner_id),
            col(Lead.lost_reason), col(Lead.source), col(Lead.campaign), col(Lead.trial_at),
            col(Lead.lost_reason_text),
            col(Lead.phone_issue), col(Lead.attempts), col(Lead.last_attempt_at),
            col(Lead.last_outcome),
        )
        .where(*wanted)
        .order_by(col(Lead.id))
        .limit(BATCH)
    )  # fmt: skip
    last: int | None = 0
    while True:
        batch = _batch(db, query.where(col(Lead.id) > last))
        if not batch.leads:
            return
        for lead in batch.leads:
            yield (
                f"l:{lead.leadgen_id}" if lead.leadgen_id else "",
                _received(lead, zone),
                lead.player_name or "",
                lead.player_age_category or "",
                # What a phone can't be read from is kept as it was typed.
                _numbers([lead.phone_key]) if lead.phone_key else lead.phone or "",
                lead.email or "",
                lead.address or "",
                tags.get(lead.center_id, ""),
                lead.status,
                _time(lead.next_followup_date, zone),
                lead.phone_extension or "",
                _numbers(batch.further.get(lead.id, ())),
                owners.get(lead.owner_id, ""),
                ": ".join(filter(None, (lead.lost_reason, lead.lost_reason_text))),
                _SOURCES.get(lead.source, lead.source or ""),
                lead.campaign or "",
                _time(lead.trial_at, zone),
                batch.comments.get(lead.id, ""),
                str(lead.attempts or ""),
                _time(lead.last_attempt_at, zone),
                _OUTCOMES.get(lead.last_outcome, lead.last_outcome or ""),
            )
        last = batch.leads[-1].id


def _numbers(e164: Sequence[str]) -> Numbers:
    return Numbers(", ".join(map(phones.shown, e164)))


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some leads, and what other tables have of them: their further numbers, the last comment."""

    leads: Sequence[Any]
    further: Mapping[int, Sequence[str]]
    comments: Mapping[int, str]


def _batch(db: Database, query: Select[*tuple[Any, ...]]) -> _Batch:
    with db.read() as session:
        found = session.connection().execute(query).all()
        ids = [lead.id for lead in found]
        said = (
            select(col(Comment.lead_id), col(Comment.text))
            .where(among(session, col(Comment.lead_id), ids))
            .order_by(col(Comment.timestamp), col(Comment.id))
        )
        # The last one of each lead stays.
        comments = {one.lead_id or 0: one.text for one in session.connection().execute(said)}
        return _Batch(found, lead_phones.of_many(session, ids), comments)


def _received(lead: Any, zone: ZoneInfo) -> str | datetime:
    """Return when a lead was received; as exact as an import needs it to know the row again."""
    if lead.phone_issue and lead.created_time and lead.created_time.microsecond:
        return str(lead.created_time.astimezone(zone).isoformat())
    return _time(lead.created_time, zone)


def _time(time: datetime | None, zone: ZoneInfo) -> str | datetime:
    """Return a time as the zone's clock shows it, or as a text if that is outside the calendar."""
    if time is None:
        return ""
    try:
        return time.astimezone(zone).replace(microsecond=0, tzinfo=None)
    except OverflowError:
        # On the first or last day of the calendar, which only UTC still has.
        return time.isoformat()
