"""Leads with everything that can belong to one, and what a merge does to them."""

from datetime import UTC, date, datetime
from typing import Any

from hypothesis import strategies as st
from sqlmodel import Session, select

from backend.core import times
from backend.core.access import Person
from backend.core.intake import deliveries
from backend.core.leads import adding, changes, matching, merging, search, unmerging
from backend.models import ImportRow, Lead, LeadPhone, Status
from backend.schemas.merging import MergeLeads, Unmerged
from tests.dump import dump
from tests.world import LEAD, World

LEADER = Person(1, LEAD, "team_lead")
NUMBERS = [f"+9198480100{number:02}" for number in range(6)]
DAYS = [datetime(2026, 11, day, 9, tzinfo=UTC) for day in (2, 3, 4)]
# Changed by the background jobs, and the record of the merge itself.
ASIDE = ("leadmerge", "changedday", "dailytotal", "totalledday")


@st.composite
def described(draw: st.DrawFn) -> dict[str, Any]:
    """What a lead has, of everything that a merge chooses or moves."""

    def maybe(*values: Any) -> Any:
        return draw(st.sampled_from([None, *values]))

    # The member works only at the first center.
    center_id = draw(st.sampled_from([1, 2]))
    return {
        "created_time": draw(st.sampled_from(DAYS)),
        "player_name": maybe("Zoë Khan", "Zoe K", "Tara", "."),
        "player_age_category": maybe("U9", "U11"),
        "birth_date": maybe(date(2017, 1, 2), date(2018, 3, 4)),
        "email": maybe("a@example.com", "b@example.com"),
        "address": maybe("1 Lake Road"),
        "status": draw(st.sampled_from([*Status, "Warm"])),
        "lost_reason": maybe("Other"),
        "next_followup_date": maybe(*DAYS),
        "trial_at": maybe(*DAYS),
        "owner_id": maybe(*((1, 2) if center_id == 1 else (1,))),
        "called_at": maybe(*DAYS),
        "joined_at": maybe(*DAYS),
        "campaign": maybe("Monsoon"),
        "source": draw(st.sampled_from(["meta", "manual", "upload"])),
        "center_id": center_id,
        "phone": maybe(*NUMBERS),
        "further": draw(st.lists(st.sampled_from(NUMBERS), unique=True, max_size=3)),
        "has_leadgen_id": draw(st.booleans()),
        "has_origin": draw(st.booleans()),
        "comments": draw(st.integers(0, 2)),
        "deliveries": draw(st.integers(0, 2)),
        "rows": draw(st.integers(0, 2)),
    }


def add(session: Session, wanted: dict[str, Any]) -> int:
    """Add a lead that matches no other, and what belongs to it; return its id."""
    now = times.now()
    own = dict(wanted)
    further, has_leadgen_id, has_origin, comments, sent, rows = (
        own.pop(name)
        for name in ("further", "has_leadgen_id", "has_origin", "comments", "deliveries", "rows")
    )
    candidate = matching.Candidate(
        created_time=own["created_time"],
        center_id=own["center_id"],
        source=own["source"],
        player_name=f"Only {now.isoformat()}",
        email="only@example.com",
        leadgen_id=f"l{now.timestamp()}" if has_leadgen_id else None,
        origin={"form_id": "7", "campaign_name": "Monsoon"} if has_origin else {},
        answers={"Why?": "Fun"} if has_origin else {},
    )
    id = adding.add(session, candidate, "IN").lead_id
    lead = session.get_one(Lead, id)
    for name, value in own.items():
        setattr(lead, name, value)
    lead.phone_key = own["phone"]
    lead.name_key = (own["player_name"] or "").strip(".").casefold()
    lead.email_key = own["email"]
    session.flush()
    for number in further:
        if number != lead.phone_key:
            session.add(LeadPhone(lead_id=id, phone_key=number, import_id=len(further)))
    for number in range(comments):
        changes.add_comment(session, lead, f"Comment {number}", 1, now)
    for _ in range(sent):
        deliveries.keep(session, "webhook", "{}", state="processed", lead_id=id)
    for _ in range(rows):
        session.add(
            ImportRow(import_id=1, number=_free(session), verdict="join", lead_id=id, data="{}")
        )
        session.flush()
    session.flush()
    return id


def _free(session: Session) -> int:
    return 1 + max(session.exec(select(ImportRow.number)), default=0)


def merge(
    world: World, this: int, other: int, fields: dict[str, str] | None = None, by: Person = LEADER
) -> int:
    """Merge a lead into another as its page does; return the id of the merge."""
    with world.db.write() as session:
        found = merging.preview(session, by, this, other)
        wanted = MergeLeads.model_validate(
            {
                "other_id": other,
                "fields": fields or {},
                "version": found["this"]["version"],
                "other_version": found["other"]["version"],
            }
        )
        return merging.merge(session, by, this, wanted)["id"]


def unmerge(world: World, merge_id: int, by: Person = LEADER) -> Unmerged:
    with world.db.write() as session:
        return unmerging.unmerge(session, by, merge_id)


def everything(world: World) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows, once the background jobs have filled the index of the search."""
    with world.db.write() as session:
        search.fill(session)
    return dump(world.db, *ASIDE)


def indexed(world: World) -> list[Any]:
    """Return the ids in the index of the search."""
    with world.db.read() as session:
        column = "rowid" if session.get_bind().dialect.name == "sqlite" else "lead_id"
        query = f"SELECT {column} FROM leadsearch ORDER BY 1"
        return [id for (id,) in session.connection().exec_driver_sql(query)]
