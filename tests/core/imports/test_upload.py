"""The upload in one step: what it answers, and what is kept of it."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import phones, times
from backend.core.centers import CENTER_COLUMN
from backend.core.errors import BadRequest
from backend.core.imports import steps
from backend.core.imports.existing_leads import ExistingLeads
from backend.core.imports.upload import upload as upload_file
from backend.core.leads import adding, changes, matching
from backend.core.reasons import PHONE_ISSUES
from backend.models import Lead
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import HEADER, LEADER, row, sheet, show, upload, verdicts, why
from tests.dump import dump
from tests.world import World

ZOE = "+919848000001"
DAY = "2025-12-05"


def unreadable(phone: str) -> str:
    """What an answer says of a phone that can't be read."""
    issue = phones.read(phone, "IN").issue
    assert issue is not None
    return f"{PHONE_ISSUES[issue]}. The phone is kept as it is and matches no lead"


def test_an_upload(world: World) -> None:
    answer = upload(
        world,
        row("A", "1", at=DAY),
        row("B", "9848000102", "tofa  gachibowli", at="x"),
        row("C", "", "x"),
        row("Zoë Khan", ZOE),
        row("Tara", ZOE),
    )
    assert answer == {
        "status": "success",
        "leads_added": 3,
        "already_here": 1,
        "warnings": [
            {"row": 2, "reason": unreadable("1")},
            {"row": 3, "reason": "The date can't be read; the time of the import is used instead"},
        ],
        "rejected": [{"row": 4, "reason": "No phone or email"}],
    }
    shown = show(world, 1)
    assert (shown["state"], shown["rows_done"], shown["rows_total"]) == ("committed", 5, 5)
    assert shown["totals"] == {
        "create": 2, "sibling": 1, "join": 1, "known": 0, "waiting": 0, "reject": 1
    }  # fmt: skip
    # A new lead is itself what is kept of its row.
    assert verdicts(world, 1) == [
        (4, "reject", [why("no_contact")], None),
        (5, "join", [why("same_phone_and_name", lead_id=1)], 1),
    ]


def test_a_long_file_is_added_by_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        row("C", "9848000103", at="2025-12-07"),
        row("None", "9848000104"),
        row("B", "9848000102", at="2025-12-06"),
        row("c", "9848000103", at="2025-12-05"),
    ]
    short = upload(world, *rows[:1])
    monkeypatch.setattr(steps, "MOST", 3)
    answer = upload(world, *rows)
    assert (short["leads_added"], answer["leads_added"], answer["already_here"]) == (1, 2, 2)
    with world.db.read() as session:
        leads = session.scalars(select(col(Lead.player_name)).order_by(col(Lead.id)))
        assert [*leads][-3:] == ["C", "B", "None"]
    assert [number for number, *_ in verdicts(world, 2)] == [2, 5]


def test_the_same_file_again_adds_nothing(world: World) -> None:
    rows = [
        row("A", "9848000100", at=DAY),
        row("a", "98480-00100", at="2025-12-06"),
        row("B", "", at=DAY, email="b@x.example"),
        row("C", "NA", at=DAY),
        row("Nobody", ""),
    ]
    assert upload(world, *rows)["leads_added"] == 3
    with world.db.write() as session:
        dead = LeadChange(status="Dead/Not Interested")
        changes.update(session, LEADER, 3, dead, world.settings.zone)
    before = dump(world.db)
    answer = upload(world, *rows)
    assert (answer["leads_added"], answer["already_here"]) == (0, 4)
    assert len(answer["rejected"]) == 1
    # Nor does it bring a dead lead back to life.
    assert dump(world.db) == before


def test_a_file_that_grows(world: World) -> None:
    rows = [row("A", f"98480001{n:02}", at=DAY) for n in range(5)]
    upload(world, *rows[:3])
    answer = upload(world, *rows)
    assert (answer["leads_added"], answer["already_here"]) == (2, 3)


def test_a_center_that_no_one_knows(world: World) -> None:
    before = dump(world.db)
    test = "<test lead: dummy data>"
    rows = (("A", "TOFA Tellapur"), ("B", "Y"), ("C", "X"), ("D", "Y"), (test, "Z"))
    answer = upload(world, *(row(name, "1", center) for name, center in rows), row("E", "", "W"))
    assert answer == {
        "status": "error",
        "message": "Unknown Centers Found",
        "unknown_tags": ["Y", "X"],
    }
    assert dump(world.db) == before


def test_a_test_of_meta_s_needs_no_center(world: World) -> None:
    test = "<test lead: dummy data for full_name>"
    assert upload(world, row(test, "1", test))["leads_added"] == 1
    with world.db.read() as session:
        lead = session.scalars(select(Lead).where(col(Lead.id) == 3)).one()
    assert (lead.is_test, lead.center_id) == (True, None)


def test_meta_s_leads_come_in_once(world: World) -> None:
    header = f"id\tphone_number\t{CENTER_COLUMN}"
    first = [f"l:{n}\tp:{n}\tTOFA Tellapur" for n in (1, 2, 1)]
    answer = upload(world, *first, header=header)
    assert (answer["leads_added"], answer["already_here"]) == (2, 1)
    answer = upload(world, *first, "l:3\tp:3\tTOFA Tellapur", "\tp:4\tTOFA Tellapur", header=header)
    assert (answer["leads_added"], answer["already_here"]) == (2, 3)
    with world.db.read() as session:
        ids = session.scalars(select(col(Lead.leadgen_id)).where(col(Lead.id) > 2).order_by("id"))
        assert list(ids) == ["1", "2", "3", None]


def test_a_lead_that_comes_in_another_way_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program adds the lead without a lock: the upload checks again."""
    look_up = ExistingLeads.look_up
    calls: list[list[str]] = []

    def late(self: ExistingLeads, session: Session, *keys: Any, **more: Any) -> None:
        look_up(self, session, *keys, **more)
        _, leadgen_ids, *_ = keys
        calls.append([*leadgen_ids])
        if len(calls) == 1:
            raise IntegrityError("", None, LookupError())

    monkeypatch.setattr(ExistingLeads, "look_up", late)
    answer = upload(world, f"l:1,{row('A', '9848000100')}", header=f"id,{HEADER}")
    assert answer == {"status": "success", "leads_added": 1}
    assert calls == [["1"], ["1"]]


def test_one_household_with_the_webhook(world: World) -> None:
    with world.db.write() as session:
        candidate = matching.Candidate(
            created_time=times.now(), center_id=1, source="webhook", player_name="A",
            phone="098480 00100",
        )  # fmt: skip
        adding.add(session, candidate, "IN")
    assert upload(world, row("a", "+91 98480 00100"))["already_here"] == 1


@pytest.mark.parametrize("text", ["", "a\0b", "phone,email\n1,2\n", "Branch,phone\nTOFA,1\n"])
def test_a_file_that_can_not_be_read(world: World, text: str) -> None:
    before = dump(world.db)
    with pytest.raises(BadRequest):
        upload_file(world.db, world.settings, LEADER, "leads.csv", text.encode())
    assert dump(world.db) == before


def test_with_a_mapping(world: World) -> None:
    content = sheet("TOFA Tellapur,9848000100,Zoya", header="Branch,phone,Whose")
    mapping = {"Whose": "player_name"}
    answer = upload_file(world.db, world.settings, None, "leads.csv", content, mapping=mapping)
    assert answer == {"status": "success", "leads_added": 1}
    with world.db.read() as session:
        lead = session.get(Lead, 3)
    assert lead is not None
    assert lead.player_name == "Zoya"


def test_progress_is_told(world: World) -> None:
    told: list[tuple[int, int]] = []
    rows = [row("A", f"98480{n:05}") for n in range(2500)]
    upload_file(
        world.db, world.settings, None, "leads.csv", sheet(*rows),
        lambda *so_far: told.append(so_far),
    )  # fmt: skip
    assert told[:2] == [(1000, 0), (2000, 0)]
    placed = told[2:]
    assert placed[-1] == (2500, 2500)
    assert placed == sorted({*placed})
