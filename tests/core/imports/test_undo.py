"""An undo takes back what an import did, but for what someone has worked on since."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, cast
from zoneinfo import ZoneInfo

import orjson
import pytest
from sqlalchemy import event
from sqlmodel import Session

from backend.core import times
from backend.core.errors import Conflict, ImportNotFound
from backend.core.intake import center_aliases, deliveries, processing, webhook, webhook_access
from backend.core.intake.webhook import Posted
from backend.core.leads import adding, changes, consents, matching, search
from backend.core.leads.consents import Box
from backend.core.rate_limits import Throttle
from backend.models import Comment, Delivery, Lead, NotDuplicate
from backend.schemas.imports import Undone
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import (
    HEADER,
    LEADER,
    committed,
    planned,
    row,
    show,
    undo,
    upload,
    verdicts,
)  # fmt: skip
from tests.dump import dump
from tests.waiting import check_it_waits
from tests.world import World

ZOE = "+919848000001"
DAY = "2025-12-05"
CHANGED_SINCE = {
    "code": "lead_changed_since", "message": "Someone has changed this lead since the import"
}  # fmt: skip
# What an undo puts back as it was.
OF_LEADS = ("lead", "leadevent", "leadorigin", "comment", "notduplicate")


def kept(world: World) -> dict[str, object]:
    everything = dump(world.db)
    return {name: everything[name] for name in OF_LEADS}


def change(session: Session, lead_id: int, status: str, comment: str | None = None) -> None:
    said = LeadChange(status=status, comment=comment)
    changes.update(session, LEADER, lead_id, said, ZoneInfo("UTC"))


def place(session: Session, name: str, phone: str, leadgen_id: str | None = None) -> int:
    candidate = matching.Candidate(
        created_time=times.now(), center_id=1, source="webhook", player_name=name, phone=phone,
        leadgen_id=leadgen_id,
    )  # fmt: skip
    return adding.add(session, candidate, "IN").lead_id


@pytest.mark.parametrize("how", ["upload", "commit"])
def test_it_is_as_it_was(world: World, how: str) -> None:
    with world.db.write() as session:
        change(session, 1, "Dead/Not Interested")
        change(session, 2, "Called")
    before = kept(world)
    header = f"id,{HEADER},Why?"
    rows = [
        f"l:1,{row('A', '9848000100')},Fun",
        f"l:2,{row('Zoë Khan', ZOE)},",
        f",{row('Arjun Rao', '9848000002')},",
        f",{row('Tara', ZOE)},",
        f",{row('Tara', ZOE, at=DAY)},",
    ]
    if how == "upload":
        assert upload(world, *rows, header=header)["leads_added"] == 2
    else:
        committed(world, *rows, header=header)
    assert kept(world) != before
    assert undo(world, 1) == {
        "state": "undone", "leads_removed": 2, "leads_restored": 2, "kept": []
    }  # fmt: skip
    assert kept(world) == before
    assert show(world, 1)["state"] == "undone"
    # Nothing of it is known any more, Meta's ids included.
    again = verdicts(world, planned(world, *rows, header=header))
    assert [verdict for _, verdict, *_ in again] == ["create", "join", "join", "sibling", "join"]


def test_only_what_is_done_can_be_undone_and_once(world: World) -> None:
    import_id = planned(world, row("A", "1"))
    with pytest.raises(Conflict, match="This import is planned"):
        undo(world, import_id)
    with pytest.raises(ImportNotFound):
        undo(world, 99)
    upload(world, row("A", "1"))
    undo(world, 2)
    before = dump(world.db)
    with pytest.raises(Conflict, match="This import is undone"):
        undo(world, 2)
    assert dump(world.db) == before


def called(session: Session) -> None:
    change(session, 3, "Called")


def commented(session: Session) -> None:
    # As an older version of this program did it, without a line of history.
    session.add(Comment(text="Hi", timestamp=times.now(), user_id=1, lead_id=3))


def repeat_enquiry(session: Session) -> None:
    assert place(session, "A", "9848000100") == 3


def told_by_meta(session: Session) -> None:
    deliveries.keep(session, "meta", "{}", leadgen_id="7", state="processed", lead_id=3)


def judged(session: Session) -> None:
    session.add(NotDuplicate(first_id=1, second_id=3, user_id=1, at=times.now()))


@pytest.mark.parametrize("work_on", [called, commented, repeat_enquiry, told_by_meta, judged])
def test_a_new_lead_that_someone_has_worked_on(
    world: World, work_on: Callable[[Session], None]
) -> None:
    committed(world, row("A", "9848000100"), row("B", "9848000101"))
    with world.db.write() as session:
        work_on(session)
    before = kept(world)
    assert undo(world, 1) == {
        "state": "undone", "leads_removed": 1, "leads_restored": 0,
        "kept": [{"lead_id": 3, "row": 2, **CHANGED_SINCE}],
    }  # fmt: skip
    after = kept(world)
    assert [line[0] for line in dump(world.db)["lead"]] == [1, 2, 3]
    assert [lead for lead in before["lead"] if lead[0] != 4] == after["lead"]  # type: ignore[attr-defined]
    assert after["comment"] == before["comment"]


def test_a_lead_that_it_touched_and_someone_has_worked_on(world: World) -> None:
    with world.db.write() as session:
        for id in (1, 2):
            change(session, id, "Dead/Not Interested", "Before")
    committed(world, row("Zoë Khan", ZOE), row("Arjun Rao", "9848000002"))
    with world.db.write() as session:
        change(session, 1, "Called")
    before = dump(world.db)["leadevent"]
    answer = undo(world, 1)
    assert answer["kept"] == [{"lead_id": 1, "row": 2, **CHANGED_SINCE}]
    assert answer["leads_restored"] == 1
    assert {line[0]: line[7] for line in dump(world.db)["lead"]} == {
        1: "Called", 2: "Dead/Not Interested"
    }  # fmt: skip
    after = dump(world.db)["leadevent"]
    assert [line for line in before if line[1] == 1] == [line for line in after if line[1] == 1]


def test_a_later_import_is_work_too(world: World) -> None:
    committed(world, row("A", "9848000100"))
    committed(world, row("A", "9848000100"))
    assert [one["lead_id"] for one in undo(world, 1)["kept"]] == [3]


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_whoever_is_at_work_on_a_lead_is_waited_for(world: World) -> None:
    """On SQLite nobody else writes anyway."""
    with world.db.write() as session:
        change(session, 1, "Dead/Not Interested")
    committed(world, row("A", "9848000100"), row("B", "9848000101"), row("Zoë Khan", ZOE))
    with ThreadPoolExecutor(1) as pool:
        with world.db.write() as session:
            change(session, 3, "Called")
            change(session, 1, "Joined")
            session.flush()
            running: list[Future[Undone]] = []
            check_it_waits(
                world.db,
                lambda: running.append(pool.submit(undo, world, 1)),
                lambda: running[0].done(),
            )
        answer = running[0].result()
    assert (answer["leads_removed"], answer["leads_restored"]) == (1, 0)
    assert [one["lead_id"] for one in answer["kept"]] == [1, 3]
    assert {line[0]: line[7] for line in dump(world.db)["lead"]} == {
        1: "Joined", 2: "New", 3: "Called"
    }  # fmt: skip


def test_nothing_of_it_is_left_in_the_index_of_the_search(world: World) -> None:
    committed(world, row("A", "9848000100"))
    with world.db.write() as session:
        assert search.fill(session) == 3
    undo(world, 1)
    with world.db.read() as session:
        left = session.connection().exec_driver_sql("SELECT count(*) FROM leadsearch").scalar()
    assert left == 2


def test_the_later_import_goes_first(world: World) -> None:
    before = kept(world)
    committed(world, row("A", "9848000100"))
    committed(world, row("A", "9848000100"))
    assert undo(world, 2)["leads_restored"] == 1
    assert undo(world, 1)["leads_removed"] == 1
    assert kept(world) == before


def test_what_still_waits_waits_no_more(world: World) -> None:
    committed(world, row("A", "9848000100", "TOFA Mars"), row("B", "1"))
    assert undo(world, 1)["leads_removed"] == 1
    with world.db.read() as session:
        delivery = session.get(Delivery, 1)
    assert delivery is not None
    assert (delivery.state, delivery.reason) == ("dismissed", "import_undone")
    assert delivery.details is None
    with world.db.write() as session:
        assert center_aliases.add(session, LEADER, "TOFA Mars", 1) == 0
    assert processing.run_once(world.db, world.settings) == 0
    assert len(dump(world.db)["lead"]) == 2


def test_a_worker_that_has_it_in_its_hands_is_not_waited_for(world: World) -> None:
    committed(world, row("A", "9848000100", "TOFA Mars"))
    with world.db.write() as session:
        center_aliases.add(session, LEADER, "TOFA Mars", 1)
    with world.db.write() as session:
        (claimed,) = processing.claim(session, "someone", 10, fetching=False)
    undo(world, 1)
    with world.db.read() as session:
        delivery = session.get(Delivery, claimed.id)
    assert delivery is not None
    assert (delivery.held_by, delivery.state) == (None, "dismissed")


def let_through(world: World) -> None:
    with world.db.write() as session:
        center_aliases.add(session, LEADER, "TOFA Mars", 1)
    while processing.run_once(world.db, world.settings):
        pass


def test_what_waited_and_has_become_a_lead(world: World) -> None:
    """Leads that its waiting deliveries created or changed belong to the import too."""
    with world.db.write() as session:
        change(session, 1, "Dead/Not Interested")
    before = kept(world)
    committed(world, row("A", "9848000100", "TOFA Mars"), row("Zoë Khan", ZOE, "TOFA Mars"))
    let_through(world)
    assert [line[7] for line in dump(world.db)["lead"]] == ["New"] * 3
    assert undo(world, 1) == {
        "state": "undone", "leads_removed": 1, "leads_restored": 1, "kept": []
    }  # fmt: skip
    assert kept(world) == before


def test_what_waited_and_was_worked_on(world: World) -> None:
    committed(world, row("A", "9848000100", "TOFA Mars"), row("Zoë Khan", ZOE, "TOFA Mars"))
    let_through(world)
    with world.db.write() as session:
        change(session, 1, "Called")
        called(session)
    assert [one["lead_id"] for one in undo(world, 1)["kept"]] == [1, 3]


def test_what_waited_for_two_imports(world: World) -> None:
    before = kept(world)
    for at in ("", DAY):
        committed(world, row("A", "9848000100", "TOFA Mars", at=at))
    let_through(world)
    assert undo(world, 2)["leads_restored"] == 1
    assert undo(world, 1)["leads_removed"] == 1
    assert kept(world) == before


def test_what_waited_and_is_known_when_it_goes_through_is_nobody_s(world: World) -> None:
    header = f"id,{HEADER}"
    committed(world, f"l:1,{row('B', '9848000102', 'TOFA Mars')}", header=header)
    with world.db.write() as session:
        place(session, "B", "9848000102", "1")
    let_through(world)
    assert undo(world, 1) == {
        "state": "undone", "leads_removed": 0, "leads_restored": 0, "kept": []
    }  # fmt: skip
    assert [line[0] for line in dump(world.db)["lead"]] == [1, 2, 3]


def test_no_other_lead_gets_the_id(world: World) -> None:
    """A link, and a call that waits to be sent, would be about another child."""
    rows = [row("A", "9848000100", at=DAY)]
    committed(world, *rows)
    second = committed(world, *rows)
    assert verdicts(world, second)[0][3] == 3
    undo(world, 1)
    assert [verdicts(world, id)[0][3] for id in (1, second)] == [None, None]
    with world.db.write() as session:
        assert place(session, "B", "9848000101") == 4
    third = committed(world, row("C", "9848000102"))
    assert verdicts(world, third)[0][3] == 5
    undo(world, third)
    form = {"full_name": "D", "phone_number": "9848000103", "nearest_center": "TOFA Tellapur"}
    posted = Posted(orjson.dumps(form), {}, webhook_access.token(world.settings), "192.0.2.1")
    answer = webhook.receive(world.db, world.settings, Throttle(world.db), posted)
    assert cast(dict[str, Any], answer)["lead_id"] == 6


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_however_many_leads_there_are(world: World) -> None:
    """With more of them than fit into the memory of a query, each is looked up by its index."""
    import_id = committed(world, row("A", "9848000100"))
    with world.db.write() as session:
        connection = session.connection()
        connection.exec_driver_sql(
            "INSERT INTO lead (id, created_time, status) "
            "SELECT n, now(), 'New' FROM generate_series(1000, 40000) AS n"
        )
        connection.exec_driver_sql(
            "INSERT INTO importrow (import_id, number, verdict, data, lead_id) "
            f"SELECT {import_id}, n, 'join', '', n FROM generate_series(1000, 40000) AS n"
        )
    forgets: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, given: Any, *_: Any) -> None:
        if statement.startswith("UPDATE importrow"):
            forgets.append((statement, given))

    event.listen(world.db.engine, "before_cursor_execute", note)
    assert undo(world, import_id)["leads_removed"] == 1
    event.remove(world.db.engine, "before_cursor_execute", note)
    ((statement, given),) = forgets
    with world.db.write() as session:
        connection = session.connection()
        connection.exec_driver_sql("SET LOCAL work_mem = '64kB'")
        connection.exec_driver_sql("ANALYZE importrow")
        lines = connection.exec_driver_sql(f"EXPLAIN {statement}", given)
        plan = "\n".join(lines.scalars())
    assert "ix_importrow_lead_id" in plan


def test_without_a_lead_of_its_own(world: World) -> None:
    with world.db.read() as session:
        assert session.get(Lead, 3) is None
    committed(world, row("Nobody", ""))
    assert undo(world, 1) == {
        "state": "undone", "leads_removed": 0, "leads_restored": 0, "kept": []
    }  # fmt: skip


def test_the_consent_of_a_lead_goes_with_it(world: World) -> None:
    id = committed(world, row("A", "9848000100"))
    ((_, _, _, made),) = verdicts(world, id)
    assert made is not None
    with world.db.write() as session:
        box = Box("whatsapp", granted=True, source="backfill", at=times.now())
        consents.add_missing(session, made, [box])
    assert undo(world, id)["leads_removed"] == 1
    assert dump(world.db)["consent"] == []
