"""The backfill: what it reads, what it keeps, and where the next one begins."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlmodel import col

from backend.core import times
from backend.core.intake import deliveries, retry_policy
from backend.core.intake.meta import backfill, circuit_breaker, watermark
from backend.core.reasons import Reason, ReasonCode, two_columns
from backend.core.settings import Settings
from backend.models import Delivery, DeliveryState, Form, Lead, LeadOrigin, Pause, Source
from tests import graph_host
from tests.graph_host import FIRST_CREATED, FIRST_LEAD, FORM, Behaviour, GraphHost, make_lead
from tests.told import graph_error
from tests.world import World, settings_for

OTHER_FORM = "700000000000008"


@pytest.fixture
def host() -> Iterator[GraphHost]:
    with GraphHost() as started:
        yield started


def settings(world: World, host: GraphHost, **given: Any) -> Settings:
    defaults = {"meta_access_token": "EAAtoken", "meta_graph_url": host.url}
    return settings_for(world.settings.database_url, **(defaults | given))


def know(world: World, *forms: str) -> None:
    with world.db.write() as session:
        session.add_all(Form(id=id, questions=[], mapping={}) for id in forms)


def kept(world: World) -> list[Delivery]:
    with world.db.read() as session:
        return list(session.scalars(select(Delivery).order_by(col(Delivery.leadgen_id))))


def form(world: World, id: str = FORM) -> Form:
    with world.db.read() as session:
        found = session.get(Form, id)
    assert found is not None
    return found


def since(host: GraphHost) -> list[int]:
    """Where each read of a form began."""
    return [json.loads(asked.query["filtering"])[0]["value"] for asked in host.asked]


def at(number: int) -> datetime:
    return datetime.fromtimestamp(FIRST_CREATED + number, UTC)


@pytest.fixture(autouse=True)
def autumn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The host's leads are of the last hours."""
    monkeypatch.setattr(times, "now", lambda: at(7200))


def test_leads_are_kept_as_they_were_answered(world: World, host: GraphHost) -> None:
    host.forms[FORM] = [make_lead(number) for number in range(150)]
    know(world, FORM)
    report = backfill.run(world.db, settings(world, host))
    assert str(report) == "1 form read, 150 leads, 150 of them new"
    found = kept(world)
    assert [json.loads(one.fetched or "") for one in found] == host.forms[FORM]
    for one in found:
        assert (one.source, one.state, one.form_id) == (
            Source.BACKFILL,
            DeliveryState.RECEIVED,
            FORM,
        )
        assert json.loads(one.body) == {"leadgen_id": one.leadgen_id}
        assert one.due_at == times.now()


def test_the_first_read_goes_as_far_back_as_meta_keeps(world: World, host: GraphHost) -> None:
    host.forms[FORM] = []
    know(world, FORM)
    backfill.run(world.db, settings(world, host))
    assert since(host) == [FIRST_CREATED + 7200 - 90 * 24 * 3600]
    assert form(world).backfilled_until is None, "nothing was seen"


def test_the_next_read_begins_before_the_newest_lead(world: World, host: GraphHost) -> None:
    host.forms[FORM] = [make_lead(0), make_lead(5)]
    know(world, FORM)
    made = settings(world, host)
    backfill.run(world.db, made)
    assert form(world).backfilled_until == at(5), "the newest lead, and never now"
    host.forms[FORM].append(make_lead(6))
    report = backfill.run(world.db, made)
    assert since(host)[1] == FIRST_CREATED + 5 - 600
    assert str(report) == "1 form read, 3 leads, 1 of them new"
    assert form(world).backfilled_until == at(6)


def test_a_notification_does_not_move_the_watermark(world: World, host: GraphHost) -> None:
    """Those before it may have been lost."""
    host.forms[FORM] = [make_lead(0), make_lead(3000)]
    know(world, FORM)
    with world.db.write() as session:
        found = session.get(Form, FORM)
        assert found is not None
        found.newest_lead_at = at(3000)
    backfill.run(world.db, settings(world, host))
    assert len(kept(world)) == 2


@pytest.mark.parametrize(
    "trouble",
    [graph_host.broken, graph_host.error(10), graph_host.error(190), graph_host.throttle(1)],
    ids=["500", "permission", "token", "throttled"],
)
def test_a_read_that_is_cut_short(world: World, host: GraphHost, trouble: Behaviour) -> None:
    """The pages begin with the newest lead: what is older would never be read again."""
    host.forms[FORM] = [make_lead(number) for number in range(250)]
    know(world, FORM)
    made = settings(world, host)
    left: list[Behaviour | None] = [None, trouble]
    host.behaviour = lambda _asked: left.pop(0) if left else None
    (read,) = backfill.run(world.db, made).forms
    assert (read.leads, read.new) == (100, 100)
    assert read.problem is not None
    assert form(world).backfilled_until is None
    with world.db.write() as session:
        session.connection().exec_driver_sql("DELETE FROM pause")
    backfill.run(world.db, made)
    assert len(kept(world)) == 250
    assert form(world).backfilled_until == at(249)


@pytest.mark.parametrize(
    ("trouble", "reason", "wait"),
    [
        (graph_host.throttle(7), "throttled", 420),
        (graph_host.throttle(0), "throttled", retry_policy.FIRST_PAUSE),
        (graph_host.error(190), "token_expired", 900),
    ],
)
def test_an_error_pauses_for_all(
    world: World, host: GraphHost, trouble: Behaviour, reason: str, wait: float
) -> None:
    know(world, FORM, OTHER_FORM)
    made = settings(world, host)
    host.always(trouble)
    report = backfill.run(world.db, made)
    assert len(host.asked) == len(report.forms) == 1
    assert report.stopped is not None
    assert report.stopped.text.startswith("Reading from Meta is paused: Meta answered with error ")
    with world.db.read() as session:
        pause = circuit_breaker.current(session, made)
        assert pause is not None
        assert (pause.reason, pause.until) == (reason, times.now() + timedelta(seconds=wait))


@pytest.mark.parametrize("trouble", [graph_host.error(10), graph_host.broken])
def test_one_form_does_not_stop_the_others(
    world: World, host: GraphHost, trouble: Behaviour
) -> None:
    host.forms[OTHER_FORM] = [make_lead(0)]
    know(world, FORM, OTHER_FORM)
    host.behaviour = lambda asked: trouble if FORM in asked.path else None
    report = backfill.run(world.db, settings(world, host))
    assert {read.form_id: read.new for read in report.forms} == {FORM: 0, OTHER_FORM: 1}
    assert len(kept(world)) == 1


def test_while_it_is_paused_nothing_is_asked(world: World, host: GraphHost) -> None:
    know(world, FORM)
    made = settings(world, host)
    with world.db.write() as session:
        until = times.now() + timedelta(minutes=1)
        circuit_breaker.pause(session, made, graph_error("throttled"), until)
    report = backfill.run(world.db, made)
    assert str(report.stopped and report.stopped.text) == (
        "Reading from Meta is paused: Meta answered with status 503"
    )
    assert host.asked == []


def test_without_a_token_nothing_is_asked(world: World, host: GraphHost) -> None:
    know(world, FORM)
    made = settings(world, host, meta_access_token="")
    assert backfill.run(world.db, made).stopped == Reason(ReasonCode.NO_TOKEN)
    assert backfill.run_if_due(world.db, made) is None
    assert host.asked == []


def test_the_forms_that_are_known(world: World) -> None:
    know(world, "3")
    with world.db.write() as session:
        deliveries.announce(
            session, [{"source": "meta", "body": "{}", "leadgen_id": "1", "form_id": "2"}]
        )
        deliveries.announce(
            session, [{"source": "meta", "body": "{}", "leadgen_id": "2", "form_id": "3"}]
        )
        session.add(
            Delivery(
                source=Source.META,
                state=DeliveryState.DISMISSED,
                received_at=at(0),
                body="",
                form_id="5",
            )
        )
        session.add(LeadOrigin(lead_id=1, form_id="1", answers={}))
        session.add(LeadOrigin(lead_id=2, form_id="../4", answers={}))
    with world.db.read() as session:
        assert watermark.known_forms(session) == ["1", "2", "3"]


def test_what_was_announced_is_not_kept_twice(world: World, host: GraphHost) -> None:
    """Failed deliveries, and those waiting to be fetched, get their leads."""
    host.forms[FORM] = [make_lead(number) for number in range(5)]
    states = [
        DeliveryState.FAILED,
        DeliveryState.RETRYING,
        DeliveryState.DISMISSED,
        DeliveryState.PROCESSED,
    ]
    with world.db.write() as session:
        for number, state in enumerate(states):
            session.add(
                Delivery(
                    source=Source.META,
                    state=state,
                    received_at=at(number),
                    body="{}",
                    leadgen_id=str(FIRST_LEAD + number),
                    form_id=FORM,
                    attempts=5,
                    held_by="someone",
                    claimed_until=at(9000),
                )
            )
    report = backfill.run(world.db, settings(world, host))
    assert str(report) == "1 form read, 5 leads, 1 of them new"
    found = kept(world)
    assert [one.state for one in found] == [
        "received",
        "received",
        "dismissed",
        "processed",
        "received",
    ]
    assert [one.fetched is not None for one in found] == [True, True, False, False, True]
    for one in found[:2]:
        assert (one.attempts, one.due_at, one.held_by) == (0, times.now(), None)
    assert found[2].held_by == "someone"


def test_since_takes_the_place_of_the_watermark(world: World, host: GraphHost) -> None:
    host.forms[FORM] = [make_lead(0), make_lead(1000), make_lead(2000)]
    know(world, FORM)
    made = settings(world, host)
    backfill.run(world.db, made, since=at(1500))
    assert len(kept(world)) == 1
    assert form(world).backfilled_until is None, "what is before it is not read yet"
    backfill.run(world.db, made, since=at(-100_000_000))
    assert since(host)[1] == FIRST_CREATED - 100_000_000
    assert len(kept(world)) == 3
    assert form(world).backfilled_until == at(2000)


def test_a_form_that_is_not_known_yet(world: World, host: GraphHost) -> None:
    host.forms[FORM] = [make_lead(0)]
    report = backfill.run(world.db, settings(world, host), form_id=FORM)
    assert [(read.form_id, read.new) for read in report.forms] == [(FORM, 1)]
    assert form(world).backfilled_until == at(0)


@pytest.mark.parametrize("created", ["2099-01-01T00:00:00+0000", "soon", None, 7])
def test_an_invalid_created_time(world: World, host: GraphHost, created: object) -> None:
    host.always(graph_host.answer({"data": [make_lead(1) | {"created_time": created}]}))
    backfill.run(world.db, settings(world, host), form_id=FORM)
    assert len(kept(world)) == 1
    with world.db.read() as session:
        found = session.get(Form, FORM)
    assert found is None or found.backfilled_until == times.now()


def test_it_ends_in_time(world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backfill, "LONGEST_RUN", 0.0)
    host.forms[FORM] = [make_lead(number) for number in range(250)]
    know(world, FORM, OTHER_FORM)
    report = backfill.run(world.db, settings(world, host))
    assert report.forms == []
    assert report.stopped == Reason(ReasonCode.OUT_OF_TIME)


def test_it_ends_after_the_given_time(world: World, host: GraphHost) -> None:
    host.forms[FORM] = [make_lead(number) for number in range(250)]
    know(world, FORM)
    report = backfill.run_if_due(world.db, settings(world, host), longest=0.001)
    assert report is not None
    assert len(host.asked) <= 1


def test_one_of_many_workers_does_it(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.forms[FORM] = [make_lead(0)]
    know(world, FORM)
    made = settings(world, host)
    reports: list[backfill.Report | None] = []
    gate = threading.Barrier(4)

    def work() -> None:
        gate.wait()
        reports.append(backfill.run_if_due(world.db, made))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(host.asked) == 1
    (report,) = filter(None, reports)
    with world.db.read() as session:
        marker = backfill.last(session)
    assert marker is not None
    assert two_columns.decode(marker.reason, marker.details) == report.reason
    assert marker.until == times.now() + timedelta(minutes=15)

    monkeypatch.setattr(times, "now", lambda: at(7200 + 899))
    assert backfill.run_if_due(world.db, made) is None
    # It is not due for a year, by a clock that ran ahead: it is due.
    with world.db.write() as session:
        found = session.get(Pause, "backfill")
        assert found is not None
        found.until = at(365 * 24 * 3600)
    assert backfill.run_if_due(world.db, made) is not None
    assert backfill.run_if_due(world.db, made) is None

    monkeypatch.setattr(times, "now", lambda: at(7200 + 899 + 901))
    host.always(graph_host.error(10))
    assert backfill.run_if_due(world.db, made) is not None
    with world.db.read() as session:
        marker = session.get(Pause, "backfill")
    assert marker is not None
    assert marker.reason == "problems"
    said = two_columns.message(marker.reason, marker.details)
    assert f"form {FORM}: Meta answered with error 10" in str(said)


def test_a_run_that_fails_is_reported_too(
    world: World, host: GraphHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    know(world, FORM)

    def fail(*_: object) -> None:
        raise LookupError("the moon")

    monkeypatch.setattr(deliveries, "announce", fail)
    host.forms[FORM] = [make_lead(0)]
    with pytest.raises(LookupError):
        backfill.run_if_due(world.db, settings(world, host))
    with world.db.read() as session:
        marker = backfill.last(session)
    assert marker is not None
    assert (marker.reason, marker.details) == ("crashed", None)


def test_they_become_leads(world: World, host: GraphHost) -> None:
    """Without being fetched once more, and each once, whatever came before."""
    from backend.core.intake import processing

    host.forms[FORM] = [make_lead(number) for number in range(20)]
    made = settings(world, host)
    for _ in range(2):
        backfill.run(world.db, made, form_id=FORM)
        while processing.run_once(world.db, made):
            pass
    assert all(asked.path.endswith("/leads") for asked in host.asked)
    with world.db.read() as session:
        query = select(col(Lead.leadgen_id)).where(col(Lead.leadgen_id).is_not(None))
        found = sorted(id or "" for id in session.scalars(query))
    assert found == [str(FIRST_LEAD + number) for number in range(20)]
