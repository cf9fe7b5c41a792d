"""What a plan says of each row, and that it changes nothing."""

import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session

from backend.core import times
from backend.core.centers import CENTER_COLUMN
from backend.core.database import bulk_insert
from backend.core.errors import BadRequest, Conflict
from backend.core.imports import household_queries, plan, store
from backend.core.intake import deliveries
from backend.core.reasons import TEXTS, ReasonCode
from backend.models import Import, ImportRow, ImportState, Lead
from tests.core.imports.sheets_of import (
    HEADER,
    LEADER,
    committed,
    planned,
    row,
    sheet,
    show,
    upload,
    verdicts,
    why,
)  # fmt: skip
from tests.dump import dump
from tests.waiting import PATIENCE
from tests.world import World

# The first lead of the world, who lives in Tellapur.
ZOE = "+919848000001"
DAY = "2025-12-05T10:00:00Z"
IMPORTS = ("import", "importrow")


def test_each_verdict(world: World) -> None:
    before = dump(world.db, *IMPORTS)
    import_id = planned(
        world,
        row("New", "9848000100", at=DAY),
        row("ZOE  khan", "098480 00001", at=DAY),
        row("Tara Khan", "9848000001", at=DAY),
        row("tara khan", "+91-98480-00001", at="2025-12-06"),
        row("New", "9848000100", at=DAY),
        row("Lost", "9848000101", "TOFA Mars", at=DAY),
        row("Nobody", "", at=DAY),
        row("Homeless", "1", "", at=DAY),
        row("Late", "9848000102", at="soon"),
        row("Sister", "9848000100", at="soon"),
    )
    assert verdicts(world, import_id) == [
        (2, "create", [], None),
        (3, "join", [why("same_phone_and_name", lead_id=1)], 1),
        (4, "sibling", [why("same_phone_other_name", lead_id=1)], None),
        (5, "join", [why("same_phone_and_name", row=4)], None),
        (6, "join", [why("same_lead_and_time", row=2)], None),
        (7, "waiting", [why("unknown_center", center="TOFA Mars")], None),
        (8, "reject", [why("no_contact")], None),
        (9, "reject", [why("no_center")], None),
        (10, "create", [why("unreadable_date")], None),
        (11, "sibling", [why("same_phone_other_name", row=2), why("unreadable_date")], None),
    ]
    shown = show(world, import_id)
    assert shown["totals"] == {
        "create": 2, "sibling": 2, "join": 3, "known": 0, "waiting": 1, "reject": 2
    }  # fmt: skip
    assert (shown["rows_done"], shown["rows_total"]) == (10, 10)
    assert shown["mapping"][CENTER_COLUMN] == "center"
    assert dump(world.db, *IMPORTS) == before


def test_the_time_at_which_a_lead_came_tells_whether_it_asks_again(world: World) -> None:
    with world.db.read() as session:
        lead = session.get(Lead, 1)
        assert lead is not None
        came = lead.created_time
    again = came + timedelta(days=1)
    rows = [row("Zoë Khan", ZOE, at=at.isoformat()) for at in (came, again, again)]
    reasons = [
        [why("same_lead_and_time", lead_id=1)],
        [why("same_phone_and_name", lead_id=1)],
        [why("same_lead_and_time", lead_id=1)],
    ]
    import_id = planned(world, *rows)
    assert [reason for _, _, reason, _ in verdicts(world, import_id)] == reasons
    committed(world, *rows)
    # Now its history has that other time as well.
    for reason in verdicts(world, planned(world, *rows)):
        assert reason[2] == reasons[0]


def test_without_a_phone_the_email_and_the_name_tell(world: World) -> None:
    rows = [
        row("Asha", "", email="a@x.example"),
        row("ASHA", "", email="A@X.example"),
        row("Tara", "", email="a@x.example"),
        row("Asha", "9848000100", email="a@x.example"),
        row("Asha", "NA"),
        row("Asha", "na"),
        row("Asha", "NA"),
    ]
    expected = ["create", "join", "create", "create", "create", "create", "create"]
    import_id = committed(world, *rows)
    assert [verdict for _, verdict, *_ in verdicts(world, import_id)] == expected
    # A phone that can't be read matches nothing, not even itself.
    again = [verdict for _, verdict, *_ in verdicts(world, planned(world, *rows))]
    assert again == ["join"] * 4 + ["create"] * 3


def test_leads_of_meta_s(world: World) -> None:
    header = f"id,full_name,phone_number,{CENTER_COLUMN}"

    def meta(id: int, name: str, phone: str, center: str = "TOFA Tellapur") -> str:
        return f"l:{id},{name},p:{phone},{center}"

    with world.db.write() as session:
        for leadgen_id, state, lead_id in (
            ("501", "processed", 2),
            ("502", "dismissed", None),
            ("503", "retrying", None),
        ):
            deliveries.keep(
                session, "meta", "{}", leadgen_id=leadgen_id, state=state, lead_id=lead_id
            )
    rows = [
        meta(1, "A", "9848000100"),
        meta(1, "B", "9848000101"),
        meta(2, "A", "9848000100"),
        meta(2, "C", "9848000102"),
        meta(501, "D", "9848000103"),
        meta(502, "E", "9848000104"),
        meta(503, "F", "9848000105"),
        meta(1, "A", "9848000100", "TOFA Mars"),
    ]
    import_id = committed(world, *rows, header=header)
    assert verdicts(world, import_id) == [
        (2, "create", [], 3),
        (3, "known", [why("meta_lead_exists", leadgen_id="1", row=2)], 3),
        (4, "join", [why("same_phone_and_name", row=2)], 3),
        (5, "known", [why("meta_lead_exists", leadgen_id="2", row=2)], 3),
        (6, "known", [why("meta_lead_exists", leadgen_id="501", lead_id=2)], 2),
        (7, "known", [why("meta_lead_dismissed", leadgen_id="502")], None),
        (8, "create", [], 4),
        (9, "known", [why("meta_lead_exists", leadgen_id="1", row=2)], 3),
    ]
    again = planned(world, *rows, header=header)
    assert {verdict for _, verdict, *_ in verdicts(world, again)} == {"known"}


def test_tests_of_meta_s_are_a_world_of_their_own(world: World) -> None:
    test = "<test lead: dummy data for full_name>"
    rows = [
        row(test, ZOE, "TOFA Mars", at=DAY),
        row(test, ZOE, "TOFA Mars", at="2025-12-06"),
        row("Tara", ZOE),
        row("Zoë Khan", ZOE),
    ]
    found = verdicts(world, planned(world, *rows))
    assert [verdict for _, verdict, *_ in found] == ["create", "join", "sibling", "join"]


def test_what_waits_in_the_ledger_waits_once(world: World) -> None:
    rows = [row("A", "9848000100", "TOFA Mars", at=DAY), row("B", "1", "TOFA Venus")]
    committed(world, *rows)
    found = verdicts(world, planned(world, *rows, row("C", "1", "TOFA Venus")))
    assert [verdict for _, verdict, *_ in found] == ["known", "known", "waiting"]
    assert found[0][2] == [why("already_waiting", center="TOFA Mars")]


def test_a_mapping(world: World) -> None:
    header = "Branch,Mobile,Whose"
    content = sheet("TOFA Tellapur,9848000100,Zoya", header=header)
    made = plan.make(world.db, world.settings, LEADER, "x.csv", content, '{"Whose": "player_name"}')
    assert made["columns"] == ["Branch", "Mobile", "Whose"]
    assert made["mapping"] == {"Branch": "center", "Mobile": "phone", "Whose": "player_name"}
    assert made["proposed"] == ["Branch", "Mobile"]
    assert made["totals"]["create"] == 1


@pytest.mark.parametrize("batch", [1, 2, 7])
def test_the_batches_do_not_matter(
    world: World, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """A row knows of those before it, whether they are in its batch or not."""
    rows = [
        row("ABC"[n % 3], f"98480001{n % 4:02}", at="soon" if n == 3 else DAY) for n in range(20)
    ]
    whole = verdicts(world, planned(world, *rows))
    monkeypatch.setattr(bulk_insert, "BATCH", batch)
    monkeypatch.setattr(bulk_insert, "BATCH", batch)
    import_id = planned(world, *rows)
    assert verdicts(world, import_id) == whole
    committed(world, *rows)
    assert len(dump(world.db)["lead"]) == 2 + sum(v in ("create", "sibling") for _, v, *_ in whole)


def test_each_key_is_looked_up_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    by_number = household_queries.by_number

    def count(session: Session, numbers: Sequence[str], **given: bool) -> Any:
        looked_up.extend(numbers)
        return by_number(session, numbers, **given)

    monkeypatch.setattr(household_queries, "by_number", count)
    monkeypatch.setattr(bulk_insert, "BATCH", 2)
    planned(world, *(row("A", f"984800010{n % 2}") for n in range(6)))
    assert looked_up == ["+919848000100", "+919848000101"]


# How far it is, and what is left of one that did not come to its end


def test_progress_can_be_read_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int, int | None]] = []

    def look(_done: int, _total: int) -> None:
        with world.db.read() as session:
            (one,) = store.list_page(session, plan_filter())
            seen.append((one["state"], one["rows_done"], one["rows_total"]))

    monkeypatch.setattr(bulk_insert, "BATCH", 2)
    content = sheet(*(row("A", f"98480001{n:02}") for n in range(5)))
    plan.make(world.db, world.settings, LEADER, "x.csv", content, progress=look)
    assert seen == [("planning", 2, 5), ("planning", 4, 5), ("planning", 5, 5)]


def shown_as(code: ReasonCode) -> dict[str, str]:
    return {"code": code.value, "message": TEXTS[code]}


def plan_filter() -> Any:
    from backend.schemas.imports import ImportFilter

    return ImportFilter()


@pytest.mark.parametrize("text", ["", "a\0b", "phone,email\n1,2\n"])
def test_a_file_that_can_not_be_read_leaves_nothing(world: World, text: str) -> None:
    before = dump(world.db)
    with pytest.raises(BadRequest):
        plan.make(world.db, world.settings, LEADER, "x.csv", text.encode())
    assert dump(world.db) == before


def test_a_file_that_breaks_in_its_midst_leaves_nothing(world: World) -> None:
    before = dump(world.db)
    content = sheet(*(row("A", f"98480001{n:02}") for n in range(50)), '2026,"open')
    with pytest.raises(BadRequest, match="quotation mark"):
        plan.make(world.db, world.settings, LEADER, "x.csv", content)
    assert dump(world.db) == before


def test_a_plan_that_fails_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    add_rows = store.add_rows
    calls: list[int] = []

    def fail(session: Session, import_id: int, batch: Sequence[Any]) -> None:
        calls.append(import_id)
        if len(calls) == 2:
            raise LookupError
        add_rows(session, import_id, batch)

    monkeypatch.setattr(store, "add_rows", fail)
    monkeypatch.setattr(bulk_insert, "BATCH", 2)
    with pytest.raises(LookupError):
        planned(world, *(row("A", f"98480001{n:02}") for n in range(5)))
    shown = show(world, calls[0])
    assert (shown["state"], shown["problem"]) == ("failed", shown_as(ReasonCode.PLANNING_FAILED))
    assert dump(world.db)["importrow"] == []


def test_a_plan_whose_server_has_died(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = times.now()
    with world.db.write() as session:
        for minutes in (3, 1):
            begun = Import(
                state=ImportState.PLANNING, filename="x.csv", created_at=now, columns=[],
                mapping={}, totals={}, worked_at=now - timedelta(minutes=minutes),
            )  # fmt: skip
            session.add(begun)
            session.flush()
            session.add(ImportRow(import_id=begun.id or 0, number=2, verdict="create", data="{}"))
    assert [show(world, id)["state"] for id in (1, 2)] == ["failed", "planning"]
    stopped = shown_as(ReasonCode.PLANNING_STOPPED)
    assert [show(world, id)["problem"] for id in (1, 2)] == [stopped, None]
    assert upload(world, row("A", "1"))["leads_added"] == 1
    assert len(dump(world.db)["importrow"]) == 2
    planned(world, row("A", "1"))
    assert [show(world, id)["problem"] for id in (1, 2)] == [stopped, None]
    assert {line[:2] for line in dump(world.db)["importrow"]} == {(2, 2), (4, 2)}


def test_a_plan_that_was_given_up_is_never_half_a_plan(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its server stood still for so long that it was taken for dead, and went on."""
    monkeypatch.setattr(bulk_insert, "BATCH", 2)
    rows = [row("A", f"98480001{n:02}") for n in range(5)]

    def stand_still(done: int, _total: int) -> None:
        if done != 2:
            return
        with world.db.write() as session:
            session.get_one(Import, 1).worked_at = times.now() - 2 * store.DEAD_AFTER
        assert planned(world, *rows) == 2

    with pytest.raises(Conflict, match="stopped during planning"):
        plan.make(
            world.db, world.settings, LEADER, "x.csv", sheet(*rows), progress=stand_still
        )  # fmt: skip
    assert show(world, 1)["state"] == "failed"
    assert {line[0] for line in dump(world.db)["importrow"]} == {2}
    assert len(dump(world.db)["importrow"]) == 5


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_a_plan_that_goes_on_at_this_moment_is_not_given_up(world: World) -> None:
    """On SQLite nobody else writes anyway."""
    with world.db.write() as session:
        late = times.now() - 2 * store.DEAD_AFTER
        session.add(
            Import(
                state=ImportState.PLANNING,
                filename="x.csv",
                created_at=late,
                columns=[],
                mapping={},
                totals={},
                worked_at=late,
            )
        )
    with world.db.write() as session, ThreadPoolExecutor(1) as pool:
        found = store.still_planned(session, 1)
        assert pool.submit(planned, world, row("A", "1")).result(PATIENCE) == 2
        found.worked_at = times.now()
    assert show(world, 1)["state"] == "planning"


def test_a_lead_that_is_old(world: World) -> None:
    """Its phone may be on many leads; the oldest one of the name is the one that stands."""
    with world.db.write() as session:
        session.add_all(
            Lead(
                created_time=datetime(2026, 1, 1, tzinfo=UTC), player_name=name, phone="x",
                phone_key="+919848000100", name_key=name, center_id=1,
            )
            for name in ("b", "a", "a")
        )  # fmt: skip
    found = verdicts(world, planned(world, row("A", "9848000100"), row("C", "9848000100")))
    assert [(verdict, lead) for _, verdict, _, lead in found] == [("join", 4), ("sibling", None)]
    assert found[1][2] == [why("same_phone_other_name", lead_id=3)]


def test_deliveries_are_left_alone(world: World) -> None:
    with world.db.write() as session:
        deliveries.keep(session, "meta", "{}", leadgen_id="7", state="received")
    before = dump(world.db)["delivery"]
    header = f"id,phone_number,{CENTER_COLUMN}"
    planned(world, "l:7,p:1,TOFA Tellapur", "l:8,p:2,TOFA Mars", header=header)
    assert dump(world.db)["delivery"] == before


def test_what_is_far_too_long_for_an_index(world: World) -> None:
    chance = random.Random(1)
    digits = "".join(chance.choice("0123456789") for _ in range(100_000))
    rows = [
        f",{row('A', '', email=f'{digits[:30_000]}@x.example')}",
        f",{row('B', digits)}",
        f"f:{digits},{row('C', '1')}",
    ]
    header = f"form_id,{HEADER}"
    committed(world, *rows, header=header)
    again = planned(world, *rows, header=header)
    assert [verdict for _, verdict, *_ in verdicts(world, again)] == ["join", "create", "create"]
