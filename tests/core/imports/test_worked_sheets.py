"""A sheet of leads that were worked on elsewhere keeps its state, and an undo takes it back."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlmodel import col, select

from backend.core.imports import plan, upload
from backend.core.intake import center_aliases, processing
from backend.core.leads import changes
from backend.models import Comment, Lead, LeadEvent, LeadOrigin, Status, User
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import (
    LEADER,
    TELLAPUR,
    commit_it,
    planned,
    sheet,
    show,
    undo,
    verdicts,
    why,
)
from tests.dump import dump
from tests.world import LEAD, World

HEADER = (
    "Created Time,First Name,Last Name,Mobile,Lead Status,Remarks,Next follow-up,Lost reason,"
    "Owner,Lead Source,Campaign,DOB,nearest_tofa"
)
# What an import leaves, and the marks of days to be totalled again.
_OF_IMPORTS = ("import", "importrow", "changedday", "retentionmark")
CREATED = datetime(2026, 11, 1, 4, 30, tzinfo=UTC)
FULL = (
    "2026-11-01 10:00,Naira,Probe,7013013071,Demo scheduled,wants evenings,2026-12-09 16:30,,"
    f"{LEAD},Facebook,Diwali,2015-05-14,{TELLAPUR}"
)


def row(name: str, phone: str, **cells: str) -> str:
    said = {"status": "", "remarks": "", "next": "", "lost": "", "owner": ""} | cells
    rest = ",".join(said[key] for key in ("status", "remarks", "next", "lost", "owner"))
    center = cells.get("center", TELLAPUR)
    return f"2026-11-01 10:00,{name},Probe,{phone},{rest},,,,{center}"


def lead(world: World, phone: str) -> Lead:
    with world.db.read() as session:
        found = session.scalars(select(Lead).where(col(Lead.phone_key) == phone)).one()
        session.expunge(found)
        return found


def history(world: World, lead_id: int | None) -> list[tuple[str, dict[str, Any], int | None]]:
    with world.db.read() as session:
        query = select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id)
        found = session.scalars(query.order_by(col(LeadEvent.id)))
        return [(one.kind, json.loads(one.data), one.import_id) for one in found]


def comments(world: World, lead_id: int | None) -> list[tuple[str, int | None]]:
    with world.db.read() as session:
        query = select(Comment).where(col(Comment.lead_id) == lead_id).order_by(col(Comment.id))
        return [(one.text, one.user_id) for one in session.scalars(query)]


def answers(world: World, lead_id: int | None) -> dict[str, str]:
    with world.db.read() as session:
        origin = session.get(LeadOrigin, lead_id)
        return origin.answers if origin is not None else {}


def check_full(world: World, import_id: int, user_id: int | None = 1) -> None:
    found = lead(world, "+917013013071")
    assert (found.player_name, found.status, found.campaign, found.source, found.owner_id) == (
        "Naira Probe", Status.TRIAL_SCHEDULED, "Diwali", "upload", 1
    )  # fmt: skip
    assert str(found.birth_date) == "2015-05-14"
    assert found.next_followup_date == datetime(2026, 12, 9, 11, tzinfo=UTC)
    # When it was called is unknown: its own time stands for that, and no report counts today.
    assert (found.called_at, found.trialled_at) == (CREATED, CREATED)
    assert (found.joined_at, found.lost_at) == (None, None)
    assert comments(world, found.id) == [("wants evenings", user_id)]
    assert answers(world, found.id) == {"Lead Status": "Demo scheduled", "Lead Source": "Facebook"}
    lines = history(world, found.id)
    assert [kind for kind, *_ in lines] == ["created", "status", "follow_up", "comment"]
    assert lines[1][1] == {"from": "New", "to": "Trial Scheduled"}
    assert {import_id for *_, import_id in lines} == {import_id}


def test_a_plan_and_its_undo(world: World) -> None:
    before = dump(world.db, *_OF_IMPORTS)
    import_id = planned(world, FULL, header=HEADER)
    assert dump(world.db, *_OF_IMPORTS) == before
    shown = show(world, import_id)
    assert shown["statuses"] == [{"text": "Demo scheduled", "status": "Trial Scheduled", "rows": 1}]
    assert shown["doubts"] == {}
    assert shown["fields"]["first_name"] == ["First Name"]
    commit_it(world, import_id)
    check_full(world, import_id)
    assert undo(world, import_id)["leads_removed"] == 1
    assert dump(world.db, *_OF_IMPORTS) == before


def test_an_upload_in_one_step(world: World) -> None:
    before = dump(world.db, *_OF_IMPORTS)
    content = sheet(FULL, header=HEADER)
    answer = upload.upload(world.db, world.settings, LEADER, "leads.csv", content)
    assert answer == {"status": "success", "leads_added": 1}
    check_full(world, 1)
    assert show(world, 1)["statuses"][0]["status"] == "Trial Scheduled"
    undo(world, 1)
    assert dump(world.db, *_OF_IMPORTS) == before


def test_a_row_that_waits_for_its_center_keeps_its_state(world: World) -> None:
    before = dump(world.db, *_OF_IMPORTS, "delivery", "centeralias")
    import_id = planned(world, FULL.replace(TELLAPUR, "TOFA Mars"), header=HEADER)
    commit_it(world, import_id)
    with world.db.write() as session:
        center_aliases.add(session, LEADER, "TOFA Mars", 1)
    processing.run_once(world.db, world.settings)
    check_full(world, import_id, None)
    undo(world, import_id)
    assert dump(world.db, *_OF_IMPORTS, "delivery", "centeralias") == before


def test_what_people_have_done_here_is_not_overwritten(world: World) -> None:
    """The row joins the lead: its state is told in the history, with the answers."""
    first = planned(world, row("Ved", "7013013072", status="Called"), header=HEADER)
    commit_it(world, first)
    with world.db.write() as session:
        said = LeadChange(status="Joined", comment="paid")
        lead_id = lead(world, "+917013013072").id or 0
        changes.update(session, LEADER, lead_id, said, world.settings.zone)
    again = row("Ved", "7013013072", status="Not interested", remarks="no", owner="Nobody Known")
    second = planned(world, again.replace("11-01", "11-02"), header=HEADER)
    commit_it(world, second)
    found = lead(world, "+917013013072")
    assert (found.status, found.lost_at, found.lost_reason) == ("Joined", None, None)
    assert comments(world, found.id) == [("paid", 1)]
    kind, data, import_id = history(world, found.id)[-1]
    assert (kind, import_id) == ("repeat_enquiry", second)
    assert data["answers"] == {
        "Lead Status": "Not interested", "Remarks": "no", "Owner": "Nobody Known"
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "status", "reached"),
    [
        ("Fresh", "New", []),
        ("RNR", "Called", ["called_at"]),
        ("trial done", "Trial Scheduled", ["called_at", "trialled_at"]),
        ("Won", "Joined", ["called_at", "trialled_at", "joined_at"]),
        ("Lost", "Dead/Not Interested", ["called_at", "lost_at"]),
    ],
)
def test_how_far_a_lead_came(world: World, text: str, status: str, reached: list[str]) -> None:
    commit_it(world, planned(world, row("Ved", "7013013072", status=text), header=HEADER))
    found = lead(world, "+917013013072")
    stages = {name: getattr(found, name) for name in
              ("called_at", "trialled_at", "joined_at", "lost_at")}  # fmt: skip
    assert found.status == status
    assert {name: at for name, at in stages.items() if at} == dict.fromkeys(reached, CREATED)


def test_a_status_that_is_unknown_is_told_and_kept(world: World) -> None:
    rows = [row(f"P{at}", f"70130130{at}", status="Gold plan") for at in range(80, 83)]
    import_id = planned(world, *rows, row("Q", "7013013090", status="Ringing"), header=HEADER)
    shown = show(world, import_id)
    assert shown["statuses"] == [
        {"text": "Gold plan", "status": None, "rows": 3},
        {"text": "Ringing", "status": "Called", "rows": 1},
    ]
    assert shown["doubts"] == {"unknown_status": 3}
    assert verdicts(world, import_id)[0][2] == [why("unknown_status", status="Gold plan")]
    commit_it(world, import_id)
    found = lead(world, "+917013013080")
    assert found.status == "New"
    assert answers(world, found.id) == {"Lead Status": "Gold plan"}


def test_a_person_decides_what_a_status_stands_for(world: World) -> None:
    chosen = json.dumps({" gold PLAN": "Joined", "Ringing": ""})
    rows = [row("P", "7013013080", status="Gold plan"), row("Q", "7013013090", status="Ringing")]
    made = plan.make(
        world.db, world.settings, LEADER, "leads.csv", sheet(*rows, header=HEADER), statuses=chosen
    )
    assert made["statuses"] == [
        {"text": "Gold plan", "status": "Joined", "rows": 1},
        {"text": "Ringing", "status": None, "rows": 1},
    ]
    commit_it(world, made["id"])
    assert lead(world, "+917013013080").status == "Joined"
    assert lead(world, "+917013013090").status == "New"


@pytest.mark.parametrize("cell", ["soon", "31/31/2026"])
def test_a_next_date_that_can_not_be_read_is_kept_as_an_answer(world: World, cell: str) -> None:
    import_id = planned(world, row("P", "7013013080", next=cell), header=HEADER)
    reason = why("unreadable_cell", column="Next follow-up")
    assert verdicts(world, import_id)[0][2] == [reason]
    assert show(world, import_id)["doubts"] == {"unreadable_cell": 1}
    commit_it(world, import_id)
    found = lead(world, "+917013013080")
    assert (found.next_followup_date, answers(world, found.id)) == (None, {"Next follow-up": cell})


def test_a_reason_that_is_not_allowed_is_an_answer(world: World) -> None:
    rows = [
        row("P", "7013013080", status="Lost", lost="too far"),
        row("Q", "7013013081", status="Lost", lost="moved to Pune"),
    ]
    commit_it(world, planned(world, *rows, header=HEADER))
    near, far = lead(world, "+917013013080"), lead(world, "+917013013081")
    assert (near.lost_reason, far.lost_reason) == ("Location/distance", None)
    assert answers(world, far.id)["Lost reason"] == "moved to Pune"


@pytest.mark.parametrize(
    ("text", "is_found"),
    [("Asha Lead", True), ("ASHA  LEAD", True), (LEAD.upper(), True), ("Nobody", False)],
)
def test_an_owner_is_a_user_or_an_answer(world: World, text: str, is_found: bool) -> None:
    with world.db.write() as session:
        session.get_one(User, 1).full_name = "Asha Lead"
    commit_it(world, planned(world, row("P", "7013013080", owner=text), header=HEADER))
    found = lead(world, "+917013013080")
    assert found.owner_id == (1 if is_found else None)
    assert answers(world, found.id) == ({} if is_found else {"Owner": text})


def test_unassigned_is_nobody(world: World) -> None:
    commit_it(world, planned(world, row("P", "7013013080", owner="Unassigned"), header=HEADER))
    found = lead(world, "+917013013080")
    assert (found.owner_id, answers(world, found.id)) == (None, {})


def test_several_remarks_are_one_comment(world: World) -> None:
    header = "phone,Remarks,Feedback,nearest_tofa"
    commit_it(world, planned(world, f"7013013080,called,liked it,{TELLAPUR}", header=header))
    found = lead(world, "+917013013080")
    assert comments(world, found.id) == [("Remarks: called\nFeedback: liked it", 1)]


def test_a_lead_that_was_changed_since_keeps_its_comment(world: World) -> None:
    import_id = planned(world, FULL, header=HEADER)
    commit_it(world, import_id)
    found = lead(world, "+917013013071")
    with world.db.write() as session:
        said = LeadChange(status="Trial Scheduled", comment="seen")
        changes.update(session, LEADER, found.id or 0, said, world.settings.zone)
    assert undo(world, import_id)["leads_removed"] == 0
    assert [text for text, _ in comments(world, found.id)] == ["wants evenings", "seen"]
