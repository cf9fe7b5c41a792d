"""Nothing that comes in later brings an erased person back, and a new enquiry does."""

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, update
from sqlmodel import col, select

from backend.core import times
from backend.core.errors import Conflict
from backend.core.imports import commit, plan, upload
from backend.core.intake import deliveries, webhook
from backend.core.intake.meta import reconcile
from backend.core.intake.webhook import Posted
from backend.core.leads import adding
from backend.core.leads.matching import Candidate
from backend.core.privacy import finishing
from backend.core.rate_limits import Throttle
from backend.models import Delivery, ErasedKey, Import, ImportRow, Lead, Source
from tests.core.intake.arrivals import LEADS, make_due, notify, states, work_off
from tests.core.privacy.test_erasing import erase, finish
from tests.told import FakeGraph, lead
from tests.world import EPOCH, LEAD_OF_GACHIBOWLI, LEAD_OF_TELLAPUR, SECRET_KEY, World, settings_for

# For tests where the database makes no difference.
ON_SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
PHONE, NAME, EMAIL = "+919848000001", "Zoë Khan", "parent1@example.com"
HEADER = "created_time,phone,player_name,email,nearest_tofa\n"
LINE = "{},{},{},{},TOFA Tellapur\n"


def count(world: World) -> int:
    with world.db.read() as session:
        return session.connection().scalar(select(func.count()).select_from(Lead)) or 0


def everything_stored(world: World) -> str:
    """All texts of deliveries and rows of imports."""
    with world.db.read() as session:
        kept = [str(one.model_dump()) for one in session.scalars(select(Delivery))]
        return str(kept + [one.model_dump_json() for one in session.scalars(select(ImportRow))])


def send(world: World, **said: Any) -> Any:
    body = {"phone_number": PHONE, "full_name": NAME, "nearest_center": "TOFA Tellapur"} | said
    headers = {"content-type": "application/json"}
    posted = Posted(json.dumps(body).encode(), headers, None, "1.2.3.4")
    return webhook.receive(world.db, world.settings, Throttle(world.db), posted)


def test_a_retry_of_the_webhook_brings_nothing(world: World) -> None:
    erase(world)
    answer = send(world)
    assert answer == {
        "status": "success", "message": "Lead created successfully", "lead_id": None,
    }  # fmt: skip
    assert (count(world), states(world.db)) == (LEADS - 1, {"dismissed": 1})
    assert PHONE not in everything_stored(world)
    # Others come in as ever.
    assert send(world, phone_number="9848000055", full_name="Tara")["lead_id"] is not None


def test_an_enquiry_after_the_erasure_is_a_new_lead(world: World) -> None:
    erase(world)
    long_ago = times.now() - timedelta(days=3)
    with world.db.write() as session:
        session.connection().execute(update(ErasedKey).values(at=long_ago))
    assert send(world)["lead_id"] is not None
    assert count(world) == LEADS


def test_another_child_of_the_household_keeps_coming_in(world: World) -> None:
    sibling = Candidate(EPOCH, 1, Source.MANUAL, player_name="Tara Khan", phone=PHONE)
    with world.db.write() as session:
        adding.add(session, sibling, "IN")
    erase(world)
    assert send(world)["lead_id"] is None
    assert send(world, full_name="Arya Khan")["lead_id"] is not None
    assert count(world) == LEADS + 1


def test_a_delivery_that_waited_is_emptied_when_it_is_retried(world: World) -> None:
    body = json.dumps({"phone_number": PHONE, "full_name": NAME, "nearest_center": "Mars"})
    with world.db.write() as session:
        waiting = deliveries.keep(session, Source.FLAT, body)
    work_off(world.db, world.settings)
    assert states(world.db) == {"waiting": 1}
    erase(world)
    # Before the copies were looked for.
    with world.db.write() as session:
        session.get_one(Delivery, waiting).body = body.replace("Mars", "TOFA Tellapur")
        deliveries.retry(session, waiting, all_of_reason=False)
    work_off(world.db, world.settings)
    assert (count(world), states(world.db)) == (LEADS - 1, {"dismissed": 1})
    assert PHONE not in everything_stored(world)


@pytest.mark.parametrize("way", ["notified again", "backfilled", "by its number"])
def test_a_lead_of_meta_stays_away(world: World, way: str) -> None:
    graph, settings = FakeGraph(), settings_for(world.settings.database_url, meta_access_token="t")
    graph.leads["428"] = lead("428", phone_number=PHONE, full_name="Tara Rao")
    graph.leads["429"] = lead("429", phone_number=PHONE, full_name="Tara Rao")
    notify(world.db, "428")
    work_off(world.db, settings, graph)
    with world.db.read() as session:
        own = session.scalars(select(Lead.id).where(Lead.leadgen_id == "428")).one()
    erase(world, own)
    erase(world)
    finish(world.db)
    graph.asked.clear()
    if way == "backfilled":
        sheet = b"id,full_name\nl:428,x\n"
        reconcile.reconcile(world.db, "export.csv", sheet, dry_run=False)
    else:
        notify(world.db, "428" if way == "notified again" else "429")
    work_off(world.db, settings, graph)
    make_due(world.db)
    work_off(world.db, settings, graph)
    # Meta is asked only for the lead that is new.
    assert graph.asked == (["429"] if way == "by its number" else [])
    assert count(world) == LEADS - 1
    kept = everything_stored(world)
    assert [one for one in ("428000", PHONE, "Tara") if one in kept] == []


SAME = LINE.format("2026-11-02T10:00:00+05:30", "98480 00001", NAME, "")
# What an old file may say of the same person.
OLD = {
    "the same": SAME,
    "without a time": LINE.format("", "9848000001", NAME, ""),
    "another name": LINE.format("2026-11-01", "9848000001", "Z. Khan", ""),
    "an email alone": LINE.format("2026-11-01", "", NAME, EMAIL.upper()),
    "another phone": LINE.format("2026-11-01", "9848011111", NAME, EMAIL),
}


@ON_SQLITE
@pytest.mark.parametrize("said", OLD)
def test_an_old_file_brings_nothing(world: World, said: str) -> None:
    erase(world)
    sheet = (HEADER + OLD[said] + LINE.format("2026-11-01", "9848000066", "Ravi", "")).encode()
    answer = upload.upload(world.db, world.settings, None, "old.csv", sheet)
    assert answer == {"status": "success", "leads_added": 1, "already_here": 1}
    assert count(world) == LEADS
    assert NAME not in everything_stored(world)


def test_a_plan_from_before_the_erasure_brings_nothing(world: World) -> None:
    other = LINE.format("2026-11-01", "9848000066", "Ravi", "")
    joins = LINE.format("2026-11-20", "9848000001", NAME, "")
    sibling = LINE.format("2026-11-20", "9848000001", "Z. Khan", "")
    sheet = (HEADER + joins + sibling + other).encode()
    made = plan.make(world.db, world.settings, None, f"{NAME}.csv", sheet)
    erase(world)
    with pytest.raises(Conflict):
        commit.commit(world.db, world.settings, None, made["id"])
    finish(world.db)
    commit.commit(world.db, world.settings, None, made["id"])
    assert count(world) == LEADS
    with world.db.read() as session:
        done = session.get_one(Import, made["id"])
        totals = {name: many for name, many in done.totals.items() if many}
        assert (done.filename, totals) == ("[erased]", {"create": 1})
        rows = session.scalars(select(ImportRow).where(col(ImportRow.import_id) == made["id"]))
        assert [one.number for one in rows] == [4]


@ON_SQLITE
def test_another_key_is_noticed(world: World, caplog: pytest.LogCaptureFixture) -> None:
    other = settings_for(world.settings.database_url, secret_key="another key" * 4)
    kept = settings_for(
        world.settings.database_url, secret_key="another key" * 4, erasure_key=SECRET_KEY
    )
    finishing.check_key(world.db, other.erasure_secret)
    erase(world)
    for one in (world.settings, kept):
        finishing.check_key(world.db, one.erasure_secret)
    assert caplog.messages == []
    finishing.check_key(world.db, other.erasure_secret)
    assert "ERASURE_KEY" in caplog.text
    # An erasure with the new key doesn't bring back those before.
    caplog.clear()
    erase(world, LEAD_OF_GACHIBOWLI, secret_key="another key" * 4)
    finishing.check_key(world.db, other.erasure_secret)
    assert "ERASURE_KEY" in caplog.text


def test_what_others_share_stays(world: World) -> None:
    """A sibling's delivery has the same phone, and another name."""
    sibling = Candidate(EPOCH, 1, Source.MANUAL, player_name="Tara Khan", phone=PHONE)
    with world.db.write() as session:
        adding.add(session, sibling, "IN")
        body = json.dumps({"phone_number": PHONE, "full_name": "Tara Khan"})
        deliveries.keep(session, Source.FLAT, body)
    work_off(world.db, world.settings)
    erase(world, LEAD_OF_TELLAPUR)
    finish(world.db)
    assert "Tara Khan" in everything_stored(world)
