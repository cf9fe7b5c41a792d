"""An erasure leaves nothing of a person, and reports as they were."""

import secrets
import sqlite3
import threading
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event
from sqlmodel import SQLModel, col, select

from backend.core.access import Person
from backend.core.db import Database
from backend.core.errors import Forbidden, LeadNotFound
from backend.core.imports import undo, upload
from backend.core.intake import center_changes, center_merging
from backend.core.leads import adding, bulk_edit, merging, search
from backend.core.leads.matching import Candidate
from backend.core.privacy import erasing, finishing, person_export
from backend.core.privacy.columns import COLUMNS, OWN, erased
from backend.core.reports import figures, rollup
from backend.models import (
    Attempt,
    Comment,
    Delivery,
    DeliveryState,
    ErasedLead,
    Lead,
    LeadMerge,
    Source,
)
from backend.schemas.leads import LeadsChange
from backend.schemas.merging import MergeLeads
from backend.schemas.reports import ReportFilter
from tests import postgres
from tests.core.privacy.planted import MARK, columns_of_texts, is_there, plant
from tests.dump import dump
from tests.waiting import PATIENCE, wait_until
from tests.world import (
    EPOCH,
    GACHIBOWLI,
    LEAD,
    LEAD_OF_GACHIBOWLI,
    LEAD_OF_TELLAPUR,
    TELLAPUR,
    World,
    settings_for,
)

LEADER = Person(1, LEAD, "team_lead")
# What docs/privacy.md tells an operator of PostgreSQL.
OPERATORS = ("VACUUM FULL", "SELECT pg_switch_wal()", "CHECKPOINT")
# How many others are connected to this database.
OTHERS = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
MEMBER = Person(4, "", "team_member", (GACHIBOWLI,))


def erase(world: World, lead_id: int = LEAD_OF_TELLAPUR, **given: Any) -> dict[str, Any]:
    settings = settings_for(world.settings.database_url, **given)
    with world.db.write() as session:
        erased = erasing.erase(
            session, settings, LEADER, lead_id, at_once=bool(given.get("erasure_at_once"))
        )
    return dict(erased)


def finish(db: Database) -> None:
    while finishing.run_next(db):
        pass
    finishing.clean_file(db)


def report(world: World, *, refreshed: bool = False) -> Any:
    zone = world.settings.zone
    wanted = ReportFilter.model_validate({"from": str(EPOCH.date()), "to": str(EPOCH.date())})
    if refreshed:
        with world.db.write() as session:
            while rollup.refresh(session, zone):
                pass
    with world.db.read() as session:
        return figures.show(session, LEADER, wanted, zone)


def test_every_column_of_texts_says_how_it_is_erased() -> None:
    there = {(table.name, column.name) for table, column in columns_of_texts()}
    assert [one for one in sorted(there) if erased(*one) is None] == []
    named = {(table, name) for table, names in COLUMNS.items() for name in names if name != "*"}
    assert named <= there


def test_every_table_of_leads_is_known() -> None:
    tables = SQLModel.metadata.tables.values()
    # A claim and a waiting lead are ids and a time, and the database removes them with the lead.
    # Alerts and messages have ids and codes, and go with it as well.
    others = {
        *("delivery", "importrow", "erasedlead"),
        *("leadclaim", "waitinglead", "alert", "outboxmessage"),
    }
    assert {table.name for table in tables if "lead_id" in table.c} == {*OWN} | others


@pytest.mark.slow
def test_nothing_planted_is_found_after_an_erasure(world: World) -> None:
    keep_deleted_pages(world)
    tokens = plant(world)
    with world.db.write() as session:
        search.fill(session)
    before = [report(world), report(world, refreshed=True)]
    found = everything(world)
    assert [one for one in tokens if one not in found] == []
    erase(world, erasure_at_once=True)
    assert not is_there(world)
    assert [report(world), report(world, refreshed=True)] == before
    finish(world.db)
    found = everything(world)
    assert [one for one in (*tokens, MARK, "9848000001", "zoe khan") if one in found] == []
    assert report(world) == before[0]
    assert len(tokens) > len({table.name for table, _ in columns_of_texts()})


def keep_deleted_pages(world: World) -> None:
    """Let SQLite leave what is deleted in its pages, which some builds of it overwrite."""
    if not world.db.is_sqlite(world.db.url):
        return
    world.db.engine.dispose()

    @event.listens_for(world.db.engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA secure_delete = OFF")


def everything(world: World) -> str:
    """A dump of the database, in lower case, and on SQLite all of its files."""
    texts = [str(dump(world.db))]
    if world.db.is_sqlite(world.db.url):
        file = Path(world.db.url.database or "")
        with closing(sqlite3.connect(file)) as connection:
            texts += connection.iterdump()
        files = [*file.parent.glob(f"{file.name}*")]
        assert file in files
        texts += [path.read_bytes().decode("latin-1") for path in files]
    return "\n".join(texts).lower()


@pytest.mark.parametrize(("erased_at", "refreshed"), [(0, True), (1, False), (1, True)])
def test_an_erasure_and_a_merge_of_centers_in_any_order(
    world: World, erased_at: int, refreshed: bool
) -> None:
    """Before a merge or after it, with its undo: reports are those without an erasure."""
    with world.db.write() as session:
        for outcome, undone_at in (("spoke", None), ("busy", None), ("spoke", EPOCH)):
            call = Attempt(
                lead_id=LEAD_OF_TELLAPUR,
                user_id=LEADER.id,
                at=EPOCH,
                outcome=outcome,
                changes={},
                undone_at=undone_at,
            )
            session.add(call)
    reports: list[Any] = []
    changes: list[int] = []
    for erases in (False, True):
        for step in range(4):
            if erases and step == erased_at:
                erase(world)
            if step % 2:
                center_changes.undo(world.db, LEADER, changes.pop())
            else:
                merged = center_merging.merge(world.db, LEADER, TELLAPUR, GACHIBOWLI)
                assert merged["moved"] == (0 if erases and step >= erased_at else 1)
                changes.append(merged["id"])
            reports.append(report(world, refreshed=refreshed))
    before, after = reports[:4], reports[4:]
    assert (before[0]["calls"]["attempts"], before[0]["calls"]["conversations"]) == (2, 1)
    assert before == after
    assert before[0] == before[2] != before[1] == before[3]


def test_restricted_data_is_kept_until_its_time_is_over(world: World) -> None:
    plant(world)
    done = erase(world)
    finish(world.db)
    with world.db.read() as session:
        kept = session.get_one(ErasedLead, done["id"])
        assert kept.snapshot is not None
        assert kept.snapshot["lead"][0]["email"] == "parent1@example.com"
        assert session.scalar(select(Delivery.id).where(col(Delivery.body) != "")) is None
    with world.db.write() as session:
        session.get_one(ErasedLead, done["id"]).destroy_at = EPOCH
    finish(world.db)
    with world.db.read() as session:
        kept = session.get_one(ErasedLead, done["id"])
        assert (kept.snapshot, kept.destroyed_at is None) == (None, False)


def test_a_lead_goes_with_those_that_were_merged_into_it(world: World) -> None:
    with world.db.write() as session:
        wanted = MergeLeads.model_validate(
            {"other_id": LEAD_OF_GACHIBOWLI, "version": 0, "other_version": 0}
        )
        merging.merge(session, LEADER, LEAD_OF_TELLAPUR, wanted)
    # By the id of the lead that was merged.
    done = erase(world, LEAD_OF_GACHIBOWLI)
    assert done["lead_id"] == LEAD_OF_TELLAPUR
    with world.db.read() as session:
        assert session.scalars(select(Lead.id)).all() == []
        assert session.scalars(select(LeadMerge.id)).all() == []
        kept = session.get_one(ErasedLead, done["id"]).snapshot
        assert kept is not None
        assert kept["leadmerge"][0]["snapshot"]["lead"]["player_name"] == "Arjun Rao"
    # Its id is given to no other lead.
    with world.db.write() as session:
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Tara", phone="9848000099")
        assert adding.add(session, new, "IN").lead_id > LEAD_OF_GACHIBOWLI


def test_who_may_erase_what(world: World) -> None:
    settings = world.settings
    with pytest.raises(LeadNotFound), world.db.write() as session:
        erasing.erase(session, settings, MEMBER, LEAD_OF_TELLAPUR, at_once=False)
    with pytest.raises(Forbidden), world.db.write() as session:
        erasing.erase(session, settings, LEADER, LEAD_OF_TELLAPUR, at_once=True)
    assert is_there(world)


def test_an_undo_of_a_bulk_change_leaves_an_erased_lead_out(world: World) -> None:
    wanted = LeadsChange.model_validate({"ids": [1, 2], "status": "Called"})
    with world.db.write() as session:
        change = bulk_edit.change(session, LEADER, wanted, world.settings.zone)["id"]
    assert change is not None
    erase(world)
    with world.db.write() as session:
        assert bulk_edit.undo(session, world.settings, LEADER, change) == {
            "restored": 1,
            "kept": [],
        }


def test_an_import_can_be_undone_without_an_erased_lead(world: World) -> None:
    sheet = b"phone,player_name,nearest_tofa\n" + b"".join(
        b"984800010%d,Child %d,TOFA Tellapur\n" % (number, number) for number in (1, 2)
    )
    upload.upload(world.db, world.settings, LEADER, "two.csv", sheet)
    erase(world, 3)
    undone = undo.undo(world.db, LEADER, 1)
    assert (undone["leads_removed"], undone["kept"]) == (1, [])


def test_two_erase_one_lead(world: World) -> None:
    done: list[object] = []

    def run() -> None:
        try:
            done.append(erase(world)["lead_id"])
        except LeadNotFound:
            done.append(None)

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert sorted(done, key=str) == [LEAD_OF_TELLAPUR, None, None]


@pytest.mark.new_database
@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_what_postgresql_keeps_is_gone_as_documented(
    world: World, postgres_server: postgres.Server
) -> None:
    """The worker's vacuum frees the rows; what pages and the log still have, an operator removes.

    The statements are those of docs/privacy.md.
    """
    name = f"Zed{secrets.token_hex(8)}"
    tokens = [*plant(world), MARK, "9848000001", name.lower()]
    with world.db.write() as session:
        session.add(Comment(lead_id=LEAD_OF_TELLAPUR, user_id=1, text=name, timestamp=EPOCH))
        search.fill(session)
    with psycopg.connect(world.settings.database_url, autocommit=True) as operator:
        (oid,) = operator.execute(
            "SELECT oid::text FROM pg_database WHERE datname = current_database()"
        ).fetchone() or ("",)
        operator.execute("ALTER SYSTEM SET wal_recycle = off")
        operator.execute("SELECT pg_reload_conf()")
        operator.execute("CHECKPOINT")
        data = postgres_server.folder / "data"
        assert left(data / "base" / oid, tokens) == {*tokens}
        erase(world, erasure_at_once=True)
        # A connection tells the statistics what it has deleted at its end, if not before: that
        # must not come after the vacuum.
        world.db.engine.dispose()
        wait_until(lambda: operator.execute(OTHERS).fetchone() == (0,))
        finish(world.db)
        dead = (
            "SELECT count(*) FROM pg_stat_user_tables"
            " WHERE n_dead_tup > 0 AND relname IN ('lead', 'comment', 'leadorigin', 'consent')"
        )
        operator.execute("SELECT pg_stat_clear_snapshot()")
        assert operator.execute(dead).fetchone() == (0,)
        world.db.engine.dispose()
        for statement in OPERATORS:
            operator.execute(statement)
        assert left(data / "base" / oid, tokens) == set()
        # The log is that of all databases of the server.
        assert left(data / "pg_wal", [name.lower()]) == set()


def left(folder: Path, tokens: list[str]) -> set[str]:
    """Return the texts that are in files of PostgreSQL."""
    files = [path.read_bytes().decode("latin-1").lower() for path in folder.glob("*[0-9A-F]")]
    assert files
    return {one for one in tokens if any(one in text for text in files)}


def test_the_file_is_rewritten_once(world: World) -> None:
    assert finishing.clean_file(world.db) == 0
    erase(world, erasure_days=0)
    while finishing.run_next(world.db):
        pass
    assert [finishing.clean_file(world.db) for _ in range(2)] == [1, 0]


def test_someone_without_a_lead_is_erased_by_adding_one(world: World) -> None:
    body = '{"phone_number": "9848099001", "full_name": "Priya Rao", "x": "waits"}'
    kind = 'text/plain; name="Priya Rao.txt"'
    with world.db.write() as session:
        for state in (DeliveryState.WAITING, DeliveryState.DISMISSED):
            one = Delivery(source="webhook", state=state, body=body, received_at=EPOCH)
            one.content_type = kind
            session.add(one)
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Priya Rao", phone="98480 99001")
        added = adding.add(session, new, "IN").lead_id
    erase(world, added)
    finish(world.db)
    with world.db.read() as session:
        found = session.exec(select(Delivery)).all()
        assert [(one.body, one.content_type) for one in found] == [("", None)] * 2
        assert {one.state for one in found} == {"dismissed"}


def test_a_comment_on_another_lead_that_has_the_phone_goes(world: World) -> None:
    texts = ("Her aunt is at +91 98480-99001", "Write to PRIYA@parent.example", "Call 98480 99002")
    with world.db.write() as session:
        new = Candidate(EPOCH, 1, Source.MANUAL, player_name="Priya Rao", phone="98480 99001")
        added = adding.add(session, replace(new, email="priya@parent.example"), "IN").lead_id
        other = LEAD_OF_GACHIBOWLI
        session.add_all(Comment(text=text, lead_id=other, user_id=1) for text in texts)
        session.add(Comment(text="Her own: 9848099001", lead_id=added, user_id=1))
    copies = person_export.collect(world.db, LEADER, added)["copies"]
    assert [one["text"] for one in copies["comment"]] == [*texts[:2]]
    erase(world, added)
    finish(world.db)
    with world.db.read() as session:
        left = session.scalars(select(col(Comment.text)).order_by(col(Comment.id))).all()
    assert left[-3:] == ["[erased]", "[erased]", texts[2]]
