"""A commit does what the plan says, or says what has changed since, and does nothing."""

import json
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, select, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import bulk_insert
from backend.core.db import Database
from backend.core.errors import Conflict, ImportNotFound
from backend.core.imports import commit, store, writer
from backend.core.intake import center_aliases, deliveries, processing
from backend.core.leads import adding, changes, matching
from backend.models import Center, Delivery, Lead, LeadEvent, LeadOrigin
from backend.schemas.imports import ImportFilter
from backend.schemas.leads import LeadChange
from tests.core.imports.sheets_of import (
    HEADER,
    LEADER,
    commit_it,
    committed,
    in_steps_of,
    planned,
    row,
    show,
    undo,
    verdicts,
    why,
)  # fmt: skip
from tests.dump import dump
from tests.waiting import check_it_waits
from tests.world import World

ZOE = "+919848000001"
DAY = "2025-12-05T10:00:00+00:00"
NOW = datetime(2025, 12, 7, 10, tzinfo=UTC)
WAITING = {"body": "{}", "center_text": "TOFA Mars", "leadgen_id": None}
OTHER = matching.Candidate(
    created_time=NOW, center_id=1, source="webhook", player_name="Other", phone="9848000999"
)


@pytest.fixture(autouse=True)
def _now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(times, "now", lambda: NOW)


def change(world: World, lead_id: int, status: str) -> None:
    with world.db.write() as session:
        said = LeadChange(status=status)
        changes.update(session, LEADER, lead_id, said, world.settings.zone)


def history(world: World, lead_id: int) -> list[tuple[str, Any, int | None, int | None]]:
    with world.db.read() as session:
        query = (
            select(LeadEvent).where(col(LeadEvent.lead_id) == lead_id).order_by(col(LeadEvent.id))
        )
        return [
            (one.kind, json.loads(one.data), one.user_id, one.import_id)
            for one in session.scalars(query)
        ]


def lead(world: World, lead_id: int) -> Lead:
    with world.db.read() as session:
        found = session.get(Lead, lead_id)
        assert found is not None
        return found


def test_a_commit(world: World) -> None:
    change(world, 1, "Dead/Not Interested")
    rows = [
        row("New", "98480 00100", at=DAY, email="A@x.example"),
        row("Zoë Khan", ZOE, at=DAY),
        row("Tara", ZOE),
        row("tara", ZOE, at=DAY),
        row("Lost", "9848000101", "TOFA Mars", at=DAY),
        row("Nobody", ""),
    ]
    import_id = planned(world, *rows)
    shown = commit_it(world, import_id)
    assert shown["state"] == "committed"
    assert shown == show(world, import_id)
    assert [found for *_, found in verdicts(world, import_id)] == [3, 1, 4, 4, None, None]

    new, sibling = lead(world, 3), lead(world, 4)
    assert new.model_dump() == {
        "id": 3, "created_time": datetime(2025, 12, 5, 10, tzinfo=UTC), "player_name": "New",
        "player_age_category": None, "phone": "98480 00100", "email": "A@x.example",
        "address": None, "status": "New", "next_followup_date": None, "center_id": 1,
        "leadgen_id": None, "source": "upload", "is_test": False, "phone_key": "+919848000100",
        "name_key": "new", "email_key": "a@x.example", "search_indexed": False,
        "do_not_contact": False, "attempts": 0, "unanswered": 0,
        **dict.fromkeys(
            ("campaign", "lost_reason", "trial_at", "called_at", "trialled_at", "joined_at",
             "attended_at", "trial_outcome", "lost_reason_text",
             "lost_at", "phone_issue", "phone_extension", "birth_date", "owner_id",
             "last_attempt_at", "last_outcome", "tries_since", "unreachable_since", "wrong_phone",
             "call_by", "handed_over_at")
        ),
    }  # fmt: skip
    assert (sibling.player_name, sibling.created_time) == ("Tara", NOW)
    made = ("created", {"source": "upload"}, 1, import_id)

    def asked(**said: str) -> Any:
        known = {"source": "upload", "at": "2025-12-05T10:00:00Z", "phones": [ZOE]}
        return ("repeat_enquiry", known | {"phone": ZOE} | said, 1, import_id)

    assert history(world, 3) == [made]
    assert history(world, 4) == [made, asked(player_name="tara")]
    reopened = {"from": "Dead/Not Interested", "to": "New"}
    (asked_again, status) = history(world, 1)[1:]
    assert asked_again == asked(player_name="Zoë Khan")
    assert status == ("status", reopened, 1, import_id)
    assert lead(world, 1).status == "New"
    (waiting,) = dump(world.db)["delivery"]
    assert (waiting[1], waiting[2], waiting[9]) == ("upload", "waiting", "TOFA Mars")


def test_it_is_done_once(world: World) -> None:
    import_id = committed(world, row("A", "1"))
    before = dump(world.db)
    with pytest.raises(Conflict, match="This import is committed"):
        commit_it(world, import_id)
    with pytest.raises(ImportNotFound):
        commit_it(world, 99)
    assert dump(world.db) == before


def test_two_commits_at_once(world: World) -> None:
    import_id = planned(world, *(row("A", f"98480001{n:02}") for n in range(50)))

    def run(_: int) -> str:
        try:
            return commit_it(world, import_id)["state"]
        except Conflict:
            return "refused"

    with ThreadPoolExecutor(3) as pool:
        assert sorted(pool.map(run, range(3))) == ["committed", "refused", "refused"]
    assert len(dump(world.db)["lead"]) == 52


def test_what_has_changed_since_is_told_and_planned_anew(world: World) -> None:
    rows = [
        row("A", "9848000100"),
        row("B", "9848000101"),
        row("C", "9848000102", "TOFA Kompally"),
        row("D", "9848000103"),
        row("Zoë Khan", ZOE),
    ]
    import_id = planned(world, *rows)
    with world.db.write() as session:
        for name, phone in (("a", "98480 00100"), ("Other", "9848000103")):
            candidate = matching.Candidate(
                created_time=NOW, center_id=1, source="webhook", player_name=name, phone=phone
            )
            adding.add(session, candidate, "IN")
        session.add(Center(display_name="K", meta_tag_name="TOFA Kompally", city="Hyderabad"))
    before = dump(world.db, "import", "importrow")
    with pytest.raises(commit.PlanChanged) as refused:
        commit_it(world, import_id)
    assert "Rows 2, 4, 5: review" in str(refused.value.detail)
    assert dump(world.db, "import", "importrow") == before
    assert show(world, import_id)["state"] == "planned"
    assert show(world, import_id)["totals"] == {
        "create": 2, "sibling": 1, "join": 2, "known": 0, "waiting": 0, "reject": 0
    }  # fmt: skip
    assert verdicts(world, import_id) == [
        (
            2,
            "join",
            [why("same_phone_and_name", lead_id=3), why("outcome_changed", before="create")],
            3,
        ),
        (3, "create", [], None),
        (4, "create", [why("outcome_changed", before="waiting")], None),
        (
            5,
            "sibling",
            [why("same_phone_other_name", lead_id=4), why("outcome_changed", before="create")],
            None,
        ),
        (6, "join", [why("same_phone_and_name", lead_id=1)], 1),
    ]
    assert commit_it(world, import_id)["state"] == "committed"
    assert [found for *_, found in verdicts(world, import_id)] == [3, 5, 6, 7, 1]


def test_a_date_that_can_not_be_read_is_told_of_a_new_plan_too(world: World) -> None:
    rows = [
        row("A", "9848000100", at="soon"),
        row("B", "9848000101", "TOFA Kompally", at="soon"),
        row("C", "9848000102", "TOFA Mars", at="soon"),
    ]
    import_id = planned(world, *rows)
    committed(world, row("a", "9848000100"))
    with world.db.write() as session:
        session.add(Center(display_name="K", meta_tag_name="TOFA Kompally", city="Hyderabad"))
    with pytest.raises(commit.PlanChanged, match="Rows 2, 3: "):
        commit_it(world, import_id)
    late = why("unreadable_date")
    assert [reasons for _, _, reasons, _ in verdicts(world, import_id)] == [
        [why("same_phone_and_name", lead_id=3), late, why("outcome_changed", before="create")],
        [late, why("outcome_changed", before="waiting")],
        [why("unknown_center", center="TOFA Mars"), late],
    ]
    assert commit_it(world, import_id)["state"] == "committed"


def test_many_changes_are_counted(world: World) -> None:
    rows = [row("A", f"98480001{n:02}") for n in range(60)]
    import_id = planned(world, *rows)
    committed(world, *rows)
    with pytest.raises(commit.PlanChanged, match=r"Rows 2, 3, .*, 51 and 10 more: "):
        commit_it(world, import_id)


def test_what_does_not_touch_the_plan_does_not_matter(world: World) -> None:
    import_id = planned(world, row("Zoë Khan", ZOE), row("A", "9848000100"))
    change(world, 1, "Called")
    committed(world, row("B", "9848000101"))
    assert commit_it(world, import_id)["state"] == "committed"


def test_a_dead_lead_is_reopened_once(world: World) -> None:
    change(world, 1, "Dead/Not Interested")
    import_id = committed(world, *(row("Zoë Khan", ZOE, at=f"2025-12-0{n}") for n in (1, 2, 3)))
    kinds = [kind for kind, *_, by in history(world, 1) if by == import_id]
    assert sorted(kinds) == ["repeat_enquiry"] * 3 + ["status"]


def test_the_id_of_a_lead_of_meta_s_that_joined_is_known(world: World) -> None:
    header = f"id,{HEADER}"
    with world.db.write() as session:
        deliveries.announce(session, [{"source": "meta", "body": "{}", "leadgen_id": "9"}])
    import_id = committed(
        world, f"l:8,{row('Zoë Khan', ZOE)}", f"l:9,{row('Zoë Khan', ZOE, at=DAY)}", header=header
    )
    with world.db.write() as session:
        for leadgen_id in ("8", "9"):
            candidate = matching.Candidate(
                created_time=NOW, center_id=1, source="meta", leadgen_id=leadgen_id, phone="1"
            )
            assert adding.add(session, candidate, "IN") == matching.Placed(
                1, matching.Verdict.KNOWN
            )
    with world.db.read() as session:
        kept = {
            one.leadgen_id: (one.state, one.lead_id) for one in session.scalars(select(Delivery))
        }
    # The second was announced, and is still to be fetched: then it is known.
    assert kept == {"8": ("processed", 1), "9": ("received", 1)}
    assert len([kind for kind, *_, by in history(world, 1) if by == import_id]) == 2


def test_where_a_lead_of_meta_s_comes_from_is_kept(world: World) -> None:
    header = f"id,ad_id,campaign_name,is_organic,{HEADER},Why?"
    committed(world, f"l:8,ag:12,Autumn,true,{row('A', '1')},Fun", header=header)
    with world.db.read() as session:
        origin = session.get(LeadOrigin, 3)
    assert origin is not None
    told = origin.model_dump(exclude_none=True)
    assert told == {
        "lead_id": 3, "ad_id": "12", "campaign_name": "Autumn", "is_organic": True,
        "answers": {"Why?": "Fun"},
    }  # fmt: skip


def test_what_waits_goes_through_once_its_center_is_known(world: World) -> None:
    header = f"id,ad_id,{HEADER},Why?"
    rows = [
        f"l:8,ag:12,{row('A', '98480 00100', 'TOFA Mars', at=DAY)},Fun",
        f",,{row('B' * 900, '9848000101', 'tofa  mars')},",
    ]
    import_id = committed(world, *rows, header=header)
    assert show(world, import_id)["totals"]["waiting"] == 2
    with world.db.write() as session:
        assert center_aliases.add(session, LEADER, "TOFA MARS", 2) == 2
    while processing.run_once(world.db, world.settings):
        pass
    first, second = lead(world, 3), lead(world, 4)
    assert (first.phone, first.leadgen_id, first.center_id) == ("98480 00100", "8", 2)
    assert first.created_time == datetime(2025, 12, 5, 10, tzinfo=UTC)
    assert second.player_name == "B" * 900
    with world.db.read() as session:
        origin = session.get(LeadOrigin, 3)
    assert origin is not None
    assert (origin.ad_id, origin.answers) == ("12", {"Why?": "Fun"})
    again = planned(world, *rows, header=header)
    assert [verdict for _, verdict, *_ in verdicts(world, again)] == ["known", "join"]


def test_a_lead_of_meta_s_that_waits_already_is_kept_beside(world: World) -> None:
    """A delivery has its id, and may never get more than that."""
    with world.db.write() as session:
        deliveries.keep(session, "meta", "{}", leadgen_id="8", state="failed", reason="missing")
    header = f"id,{HEADER}"
    committed(
        world,
        f"l:8,{row('A', '9848000100', 'TOFA Mars')}",
        f"l:9,{row('B', '9848000101', 'TOFA Mars')}",
        f"l:9,{row('B', '9848000101', 'TOFA Mars')}",
        header=header,
    )
    with world.db.write() as session:
        center_aliases.add(session, LEADER, "TOFA Mars", 1)
    while processing.run_once(world.db, world.settings):
        pass
    assert [lead(world, id).leadgen_id for id in (3, 4)] == ["8", "9"]
    assert len(dump(world.db)["lead"]) == 4


def test_a_center_that_becomes_known_while_rows_are_put_aside(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_id = planned(world, row("A", "1", "TOFA Mars"))
    monkeypatch.setattr(center_aliases, "find", lambda *_: 1)
    before = dump(world.db)
    # Looked at once more, no row is another one.
    with pytest.raises(Conflict, match="The data changed during the commit, and nothing was added"):
        commit_it(world, import_id)
    assert dump(world.db) == before


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_nothing_is_placed_while_a_plan_is_committed(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On SQLite nobody else writes anyway."""
    import_id = planned(world, *(row("A", f"98480001{n:02}") for n in range(4)))
    with ThreadPoolExecutor(1) as pool:
        running: list[Future[matching.Placed]] = []

        def place() -> matching.Placed:
            with world.db.write() as session:
                candidate = matching.Candidate(
                    created_time=NOW, center_id=1, source="webhook", player_name="A",
                    phone="9848000103",
                )  # fmt: skip
                return adding.add(session, candidate, "IN")

        write = writer.Writer.write

        def slowly(self: writer.Writer, session: Session, batch: Any) -> None:
            if not running:
                check_it_waits(
                    world.db,
                    lambda: running.append(pool.submit(place)),
                    lambda: running[0].done(),
                )
            write(self, session, batch)

        monkeypatch.setattr(writer.Writer, "write", slowly)
        commit_it(world, import_id)
        assert running[0].result().verdict is matching.Verdict.JOIN


def test_how_far_it_is_can_be_read_meanwhile(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By any process: nothing of it is kept in this one."""
    other = World(world.settings, Database(world.settings.url))
    in_steps_of(monkeypatch, 2)
    import_id = planned(world, *(row("A", f"98480001{n:02}") for n in range(5)))
    planned(world, row("B", "1"))
    seen: list[tuple[Any, ...]] = []

    def look(_done: int, _total: int) -> None:
        shown = show(other, import_id)
        seen.append((shown["state"], shown["rows_done"], shown["rows_total"]))
        with other.db.read() as session:
            listed = store.list_page(session, ImportFilter())
        assert [one["state"] for one in listed] == ["planned", shown["state"]]

    commit.commit(world.db, world.settings, LEADER, import_id, look)
    # The number of the first row is 2, so that the first step has only one.
    assert seen == [("committing", 1, 5), ("committing", 3, 5), ("committed", 5, 5)]
    shown = show(other, import_id)
    assert (shown["state"], shown["rows_done"]) == ("committed", 5)
    other.db.close()


@pytest.mark.parametrize("error", [LookupError, IntegrityError("", None, LookupError())])
def test_one_that_fails_is_a_plan_again(
    world: World, monkeypatch: pytest.MonkeyPatch, error: Exception, tmp_path: Path
) -> None:
    import_id = planned(world, row("A", "1"))

    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(store, "set_leads", fail)
    files = sorted(tmp_path.iterdir())
    with pytest.raises((LookupError, Conflict)):
        commit_it(world, import_id)
    assert show(world, import_id)["state"] == "planned"
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize("batch", [1, 3])
def test_the_batches_of_a_commit(world: World, monkeypatch: pytest.MonkeyPatch, batch: int) -> None:
    """A row may join one of an earlier step; and the numbers of rows may have gaps."""
    in_steps_of(monkeypatch, batch)
    monkeypatch.setattr(bulk_insert, "BATCH", batch)
    rows = [row("ABC"[n % 3], f"98480001{n % 4:02}", at=f"2025-12-{n + 1:02}") for n in range(15)]
    import_id = committed(world, *rows[:7], "", "", "", "", *rows[7:])
    found = verdicts(world, import_id)
    assert len(found) == 15
    by_key = {(n % 3, n % 4): lead_id for n, (*_, lead_id) in enumerate(found)}
    assert len(set(by_key.values())) == 12
    assert None not in by_key.values()


def test_a_lead_of_meta_s_that_is_announced_at_the_same_moment(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one wins, the other one gets an error, and nothing is half done."""
    import_id = planned(world, f"l:8,{row('A', '1')}", header=f"id,{HEADER}")
    set_leads = store.set_leads

    def twice(session: Session, *given: Any) -> None:
        set_leads(session, *given)
        session.add(Lead(created_time=NOW, leadgen_id="8"))
        session.flush()

    monkeypatch.setattr(store, "set_leads", twice)
    before = dump(world.db)
    with pytest.raises(Conflict, match="The data changed during the commit, and nothing was added"):
        commit_it(world, import_id)
    assert dump(world.db) == before


def test_another_lead_to_join_is_a_change(world: World) -> None:
    first = committed(world, row("A", "9848000100"))
    import_id = planned(world, row("A", "9848000100"))
    undo(world, first)
    committed(world, row("B", "9848000101"), row("A", "9848000100"))
    with pytest.raises(commit.PlanChanged, match="Row 2: "):
        commit_it(world, import_id)
    ((_, _, reasons, lead_id),) = verdicts(world, import_id)
    same = why("same_phone_and_name", lead_id=lead_id)
    assert reasons == [same, why("outcome_changed", before="join")]
    assert commit_it(world, import_id)["state"] == "committed"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_each_row_of_the_import_is_changed_by_its_number(world: World) -> None:
    """Reading all rows for each one takes minutes for 20,000."""
    changes: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, sql: str, given: Any, *_others: Any) -> None:
        if sql.startswith("UPDATE importrow"):
            changes.append((sql, given[0] if isinstance(given, list) else given))

    event.listen(world.db.engine, "before_cursor_execute", note)
    committed(world, row("Zoya", "9848000101"), row("Tara", "9848000102"))
    event.remove(world.db.engine, "before_cursor_execute", note)
    assert changes
    with world.db.read() as session:
        for sql, given in changes:
            lines = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", given)
            assert ["(import_id=? AND number=?)" in line[-1] for line in lines] == [True]


@pytest.mark.parametrize(
    ("happens", "reads"),
    [
        (lambda session: None, 1),
        (lambda session: session.add(Center(display_name="K", meta_tag_name="K", city="H")), 2),
        (lambda session: deliveries.put_aside(session, [WAITING]), 2),
        (lambda session: adding.add(session, OTHER, "IN"), 2),
    ],
    ids=["nothing", "a center", "a delivery", "a lead"],
)
def test_rows_are_decided_ahead_if_something_has_changed(
    world: World, happens: Callable[[Session], object], reads: int
) -> None:
    import_id = planned(world, row("A", "9848000100"), row("B", "9848000101"))
    with world.db.write() as session:
        happens(session)
    read: list[str] = []

    def note(_connection: Any, _cursor: Any, sql: str, *_others: Any) -> None:
        if "FROM importrow" in sql and "BETWEEN" in sql:
            read.append(sql)

    event.listen(world.db.engine, "before_cursor_execute", note)
    assert commit_it(world, import_id)["state"] == "committed"
    event.remove(world.db.engine, "before_cursor_execute", note)
    assert len(read) == reads


def test_what_leaves_no_trace_is_seen_as_rows_are_written(world: World) -> None:
    """A delivery with one of Meta's ids is dismissed: nobody sees that before the rows' turn."""
    with world.db.write() as session:
        deliveries.put_aside(session, [WAITING | {"leadgen_id": "428"}])
    rows = [row("A", "9848000100") + ",", row("B", "9848000101") + ",l:428"]
    import_id = planned(world, *rows, header=f"{HEADER},id")
    with world.db.write() as session:
        session.connection().execute(update(Delivery).values(state="dismissed"))
    before = dump(world.db, "import", "importrow")
    with pytest.raises(commit.PlanChanged, match="Row 3: "):
        commit_it(world, import_id)
    assert dump(world.db, "import", "importrow") == before
    assert [verdict for _, verdict, *_ in verdicts(world, import_id)] == ["create", "known"]
