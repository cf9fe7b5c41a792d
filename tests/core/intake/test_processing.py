"""Deliveries become leads: each exactly once, with any workers and any failures."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from math import ceil
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from backend.core import times
from backend.core.db import Database
from backend.core.intake import deliveries, processing, retry_policy
from backend.core.intake.meta import circuit_breaker, graph_client
from backend.models import Delivery, LeadOrigin, Source
from tests.core.intake.arrivals import (
    all_deliveries,
    delivery,
    events,
    flat,
    leads,
    make_due,
    notify,
    states,
    with_token,
    work_off,
)
from tests.told import FORM, FakeGraph, graph_error, lead, notification
from tests.waiting import wait_until
from tests.world import TELLAPUR, World

ROOT = Path(__file__).resolve().parents[3]


def test_a_notification_becomes_leads(world: World) -> None:
    id = notify(world.db, 11, "12", 11)
    assert work_off(world.db, with_token(world)) == 3
    told, first, second = all_deliveries(world.db)
    assert (told.id, told.state, told.reason) == (id, "processed", "announced")
    assert told.details == '{"announced":2,"new":2}'
    assert [first.leadgen_id, second.leadgen_id] == ["11", "12"]
    for one in (first, second):
        assert (one.parent_id, one.form_id, one.state, one.reason) == (
            id,
            FORM,
            "processed",
            "create",
        )
        assert (one.due_at, one.held_by, one.claimed_until) == (None, None, None)
    assert json.loads(first.fetched or "")["platform"] == "ig"
    made = leads(world.db)
    assert [one.id for one in made] == [first.lead_id, second.lead_id]
    assert [one.leadgen_id for one in made] == ["11", "12"]
    assert made[0].created_time == datetime(2026, 8, 20, 8, 49, 14, tzinfo=UTC)
    assert (made[0].player_name, made[0].center_id, made[0].source) == (
        "Child 11",
        TELLAPUR,
        "meta",
    )
    assert [(line.kind, line.data) for line in events(world.db, made[0].id or 0)] == [
        ("created", '{"source":"meta"}')
    ]


def test_the_origin_of_a_lead_is_stored(world: World) -> None:
    notify(world.db, 11)
    told = lead("11", shoe_size="4") | {"campaign_name": "Sum\0mer", "ad_name": None}
    work_off(world.db, with_token(world), FakeGraph({"11": told}))
    with world.db.read() as session:
        origin = session.get_one(LeadOrigin, 3)
    assert (origin.form_id, origin.platform, origin.is_organic) == (FORM, "ig", False)
    assert (origin.ad_id, origin.ad_name) == ("120210000000000000", None)
    assert origin.campaign_name == "Summer"
    assert origin.answers == {"shoe_size": "4"}


def test_the_same_lead_is_fetched_and_made_once(world: World) -> None:
    told = FakeGraph()
    for _ in range(3):
        notify(world.db, 11, 12)
        work_off(world.db, with_token(world), told)
    assert sorted(told.asked) == ["11", "12"]
    assert len(leads(world.db)) == 2
    assert [len(events(world.db, one.id or 0)) for one in leads(world.db)] == [1, 1]


def test_notifications_of_other_things_are_ignored(world: World) -> None:
    with world.db.write() as session:
        body = {"object": "instagram", "entry": []}
        id = deliveries.keep(session, "meta", json.dumps(body))
    work_off(world.db, with_token(world))
    assert (delivery(world.db, id).state, delivery(world.db, id).reason) == ("processed", "ignored")


def test_unreadable_notifications_fail_visibly(world: World) -> None:
    odd = notification(11)
    odd["entry"][0]["changes"].append({"field": "leadgen", "value": {"leadgen_id": None}})
    with world.db.write() as session:
        half = deliveries.keep(session, "meta", json.dumps(odd))
        none = deliveries.keep(session, "meta", "\ufffd not JSON")
    work_off(world.db, with_token(world))
    assert [delivery(world.db, id).state for id in (half, none)] == ["failed", "failed"]
    assert [delivery(world.db, id).reason for id in (half, none)] == ["unreadable", "unreadable"]
    assert delivery(world.db, half).details == (
        '{"code":"unreadable_changes","announced":1,"new":1,"unreadable":1}'
    )
    assert delivery(world.db, none).details is None
    assert [one.leadgen_id for one in leads(world.db)] == ["11"]


def test_without_a_token_notifications_wait_for_one(world: World) -> None:
    notify(world.db, 11)
    flat(world.db)
    assert work_off(world.db, world.settings) == 2
    assert states(world.db) == {"processed": 2, "received": 1}
    assert work_off(world.db, with_token(world)) == 1
    assert states(world.db) == {"processed": 3}


def test_a_lead_without_a_center_waits(world: World) -> None:
    notify(world.db, 11, 12, 13)
    told = {
        "11": lead("11", center="TOFA  Mars"),
        "12": lead("12", center=None),
        "13": lead("13", phone_number="", email=" "),
    }
    work_off(world.db, with_token(world), FakeGraph(told))
    waiting = all_deliveries(world.db)[1:]
    assert [one.state for one in waiting] == ["waiting"] * 3
    assert [one.reason for one in waiting] == ["unknown_center", "no_center", "no_contact"]
    assert [one.center_text for one in waiting] == ["TOFA  Mars", None, None]
    assert all(one.fetched for one in waiting)
    assert leads(world.db) == []


def test_test_leads_of_meta_need_no_work(world: World) -> None:
    notify(world.db, 11, 12)
    dummy = "<test lead: dummy data for {}>".format
    told = {
        id: lead(id, center=dummy("center"), full_name=dummy("full_name"), phone_number=dummy("p"))
        for id in ("11", "12")
    }
    work_off(world.db, with_token(world), FakeGraph(told))
    assert [(one.is_test, one.center_id, one.phone_key) for one in leads(world.db)] == [
        (True, None, None)
    ] * 2


# Errors of the graph host


def test_an_error_is_retried_later(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    notify(world.db, 11)
    told = FakeGraph(errors={"11": graph_error("upstream")})
    settings = with_token(world)
    now = times.now()
    monkeypatch.setattr(times, "now", lambda: now)
    work_off(world.db, settings, told)
    failed = all_deliveries(world.db)[1]
    assert (failed.state, failed.reason, failed.attempts) == ("retrying", "upstream", 1)
    assert failed.details == '{"code":"graph_status","status":503}'
    assert failed.due_at is not None
    assert now < failed.due_at <= now + timedelta(seconds=2)
    assert work_off(world.db, settings, told) == 0
    make_due(world.db)
    work_off(world.db, settings, told)
    assert all_deliveries(world.db)[1].attempts == 2
    del told.errors["11"]
    make_due(world.db)
    work_off(world.db, settings, told)
    assert (all_deliveries(world.db)[1].state, len(leads(world.db))) == ("processed", 1)


def test_after_the_last_try_it_has_failed(world: World) -> None:
    """One that is missing, or not allowed, as long as one whose permission is missing."""
    notify(world.db, 11)
    told = FakeGraph(errors={"11": graph_error("missing")})
    tries = retry_policy.TABLE["permission"].tries
    assert tries is not None
    for _ in range(tries + 2):
        work_off(world.db, with_token(world), told)
        make_due(world.db)
    assert len(told.asked) == tries == retry_policy.TABLE["missing"].tries
    assert (all_deliveries(world.db)[1].state, all_deliveries(world.db)[1].due_at) == (
        "failed",
        None,
    )


def test_an_expired_token_pauses_and_loses_nothing(world: World) -> None:
    notify(world.db, *range(11, 16))
    expired = graph_error("token_expired")
    told = FakeGraph(errors=dict.fromkeys(map(str, range(11, 16)), expired))
    settings = with_token(world)
    work_off(world.db, settings, told)
    asked = len(told.asked)
    assert states(world.db) == {"processed": 1, "retrying": 5}
    assert {one.attempts for one in all_deliveries(world.db)[1:]} == {0}
    # No requests to Meta for a while; deliveries that don't need Meta are processed.
    flat(world.db)
    assert work_off(world.db, settings, told) == 1
    assert len(told.asked) == asked
    renewed = with_token(world).model_copy(
        update={"meta_access_token": type(settings.meta_access_token)("renewed")}
    )
    assert work_off(world.db, renewed, FakeGraph()) == 5
    assert states(world.db) == {"processed": 7}


@pytest.mark.parametrize(("at_once", "most"), [(1, 1), (4, 8)])
def test_a_worker_that_is_told_to_wait_stops_asking(
    world: World, caplog: pytest.LogCaptureFixture, at_once: int, most: int
) -> None:
    """Not even for the rest of what is claimed; and one line in the log says so."""
    notify(world.db, *range(11, 41))
    told = FakeGraph(errors=dict.fromkeys(map(str, range(11, 41)), graph_error("throttled", 600.0)))
    settings = with_token(world)
    processing.run_once(world.db, settings, told)
    processing.run_once(world.db, settings, told, at_once=at_once)
    assert 1 <= len(told.asked) <= most
    assert states(world.db) == {"processed": 1, "retrying": 30}
    assert {one.attempts for one in all_deliveries(world.db)[1:]} == {0}
    assert caplog.text.count("No lead is read from Meta until") == 1


def test_a_delivery_that_fails_does_not_hold_up_the_others(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    with world.db.write() as session:
        odd = deliveries.keep(session, Source.UPLOAD, "not a row")
    good = flat(world.db)
    work_off(world.db, world.settings)
    failed = delivery(world.db, odd)
    assert (failed.state, failed.reason, failed.attempts) == ("retrying", "error", 1)
    assert delivery(world.db, good).state == "processed"
    assert f"Delivery {odd} can't be processed" in caplog.text
    for _ in range(5):
        make_due(world.db)
        work_off(world.db, world.settings)
    assert delivery(world.db, odd).state == "failed"


# Claims


def test_a_claim_lasts_longer_than_a_batch() -> None:
    """Even when each fetch runs into its deadline, and is half as long again in ending."""
    rounds = ceil(processing.BATCH / processing.AT_ONCE)
    assert rounds * graph_client.DEADLINE * 1.5 < processing.CLAIM.total_seconds()


def test_what_is_claimed_is_left_alone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    id = flat(world.db)
    with world.db.write() as session:
        (held,) = processing.claim(session, "first", 10, fetching=True)
    assert work_off(world.db, world.settings) == 0
    # The claim runs out: another one takes it, and the first one is too late.
    later = times.now() + processing.CLAIM + timedelta(seconds=1)
    monkeypatch.setattr(times, "now", lambda: later)
    assert work_off(world.db, world.settings) == 1
    assert processing.settle(world.db, world.settings, "first", held) is None
    assert len(leads(world.db)) == 1
    assert (delivery(world.db, id).state, delivery(world.db, id).attempts) == ("processed", 2)


def test_a_clock_that_ran_ahead_holds_up_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A year ahead for a while: what came, was claimed and paused then goes on at once."""
    right, settings = times.now(), with_token(world)
    monkeypatch.setattr(times, "now", lambda: right + timedelta(days=365))
    flat(world.db)
    notify(world.db, 11)
    with world.db.write() as session:
        assert len(processing.claim(session, "who dies", 1, fetching=True)) == 1
        circuit_breaker.pause(
            session, settings, graph_error("throttled"), times.now() + timedelta(hours=1)
        )
    monkeypatch.setattr(times, "now", lambda: right)
    assert work_off(world.db, settings) == 3
    assert states(world.db) == {"processed": 3}


def test_a_worker_whose_claim_has_ended_writes_nothing(world: World) -> None:
    """Its claim ended half-way: the lead and its history are rolled back with it."""
    flat(world.db)
    with world.db.write() as session:
        (held,) = processing.claim(session, "first", 10, fetching=True)
    with world.db.write() as session:
        session.execute(update(Delivery).values(held_by="second"))
    assert processing.settle(world.db, world.settings, "first", held) is None
    assert leads(world.db) == []


def test_a_retry_ends_the_claim_of_a_worker(world: World) -> None:
    id = flat(world.db, nearest_center="Mars")
    work_off(world.db, world.settings)
    with world.db.write() as session:
        session.execute(update(Delivery).values(state="retrying", due_at=times.now()))
    with world.db.write() as session:
        (held,) = processing.claim(session, "first", 10, fetching=True)
    with world.db.write() as session:
        assert deliveries.retry(session, id, all_of_reason=False) == 1
    assert processing.settle(world.db, world.settings, "first", held) is None
    assert delivery(world.db, id).state == "received"


def test_the_oldest_comes_first(world: World) -> None:
    ids = [flat(world.db, phone_number=f"98480{i:05}") for i in range(5)]
    with world.db.write() as session:
        session.execute(update(Delivery).where(col(Delivery.id) == ids[0]).values(state="retrying"))
        assert [one.id for one in processing.claim(session, "a", 2, fetching=True)] == ids[1:3]
        assert [one.id for one in processing.claim(session, "b", 9, fetching=True)] == [
            ids[0], *ids[3:],
        ]  # fmt: skip


DIE = """
import os, sys
from datetime import timedelta
from backend.core.intake import processing
from backend.core.db import Database
from tests.told import FakeGraph
from tests.waiting import wait_until
from tests.world import settings_for
settings = settings_for(sys.argv[1], meta_access_token="token")
processing.CLAIM = timedelta(seconds=float(sys.argv[2]))
place = getattr(processing, sys.argv[3])
def die(*arguments, **given):
    if sys.argv[3] == "note":
        place(*arguments, **given)
    os._exit(9)
setattr(processing, sys.argv[3], die)
processing.run_once(Database(settings.url), settings, FakeGraph())
"""


@pytest.mark.parametrize("where", ["settle", "note"])
@pytest.mark.slow
def test_a_worker_that_dies_loses_nothing(world: World, where: str) -> None:
    """Between the claim and the lead, and between the lead and the commit."""
    with world.db.write() as session:
        deliveries.announce(
            session, [{"source": "meta", "body": "{}", "leadgen_id": str(id)} for id in (11, 12)]
        )
    flat(world.db)
    world.db.close()
    seconds = 3.0
    died = subprocess.run(
        [sys.executable, "-c", DIE, world.settings.database_url, str(seconds), where],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert died.returncode == 9
    assert leads(world.db) == []
    if where == "settle":
        assert {one.held_by is None for one in all_deliveries(world.db)} == {False}
    settings = with_token(world)
    done: list[int] = []

    def all_are_done() -> bool:
        done.append(work_off(world.db, settings))
        return sum(done) >= 3

    wait_until(all_are_done)
    assert [one.attempts for one in all_deliveries(world.db)] == [2, 2, 2]
    assert len(leads(world.db)) == 3
    assert states(world.db) == {"processed": 3}


@pytest.mark.slow
def test_many_workers_at_once(world: World) -> None:
    """300 leads, each announced twice, and four workers: 300 leads, each fetched once."""
    ids = [str(id) for id in range(1000, 1300)]
    for start in range(0, 300, 20):
        notify(world.db, *ids[start : start + 20])
        notify(world.db, *reversed(ids[start : start + 20]))
    settings, told = with_token(world), FakeGraph()
    databases = [Database(world.settings.url, 2) for _ in range(4)]
    with ThreadPoolExecutor(4) as threads:
        done = sum(threads.map(lambda db: work_off(db, settings, told), databases))
    for db in databases:
        db.close()
    # One may have found nothing due while another was at the last notifications.
    done += work_off(world.db, settings, told)
    assert done == 330
    assert states(world.db) == {"processed": 330}
    assert sorted(told.asked) == ids
    assert sorted(one.leadgen_id or "" for one in leads(world.db)) == ids


def test_the_same_child_in_many_ways_at_once(world: World) -> None:
    """Other Meta ids, times and ways in, but one phone and one name: one lead, many enquiries."""
    child = {"full_name": "Zoë Khan", "phone_number": "9848022338"}
    told = FakeGraph(
        {
            str(id): lead(str(id), created_time=f"2026-08-20T08:49:{id}+0000", **child)
            for id in range(11, 31)
        }
    )
    notify(world.db, *range(11, 31))
    processing.run_once(world.db, with_token(world), told)
    for _ in range(10):
        flat(world.db, full_name="zoe  KHAN")
    databases = [Database(world.settings.url, 2) for _ in range(3)]
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(lambda db: work_off(db, with_token(world), told), databases))
    for db in databases:
        db.close()
    work_off(world.db, with_token(world), told)
    (one,) = leads(world.db)
    kinds = [line.kind for line in events(world.db, one.id or 0)]
    assert sorted(kinds) == ["created"] + ["repeat_enquiry"] * 29
