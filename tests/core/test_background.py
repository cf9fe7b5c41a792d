"""Who runs the jobs: a thread of the server, a process of its own, a request that was answered."""

import asyncio
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest

from backend.core import background, times
from backend.core.background import Schedule, Worker
from backend.core.intake import deliveries, processing
from backend.core.jobs import JOBS, Job, Work
from backend.core.leads import search
from backend.core.reports import rollup
from backend.fastapi_app import create_app, tofa
from backend.models import Form, Lead, Source
from tests.core.intake.arrivals import flat, leads, notify, states, work_off
from tests.graph_host import FORM, GraphHost, make_lead
from tests.servers import ADAPTERS, Client, WSGIServer
from tests.told import signed
from tests.waiting import PATIENCE, wait_until
from tests.world import SECRET_KEY, World, settings_for

ROOT = Path(__file__).resolve().parents[2]
PATH = "/leads/meta-webhook/"
SECRET = "app_secret_demo"


def in_the_background(
    world: World, jobs: Sequence[Job] = JOBS, woken: threading.Event | None = None
) -> Worker:
    settings = settings_for(world.settings.database_url, background_work=True)
    return Worker(world.db, settings, jobs, woken)


class Waits(threading.Event):
    """Remembers how long the worker means to wait each time that there is nothing to do."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.seconds.append(timeout)
        return super().wait(timeout)


class Clock:
    """A clock that only the test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(background, "time", SimpleNamespace(monotonic=lambda: self.now))


def test_a_thread_works_off_what_comes(world: World) -> None:
    own = in_the_background(world)
    own.start()
    try:
        flat(world.db)
        wait_until(lambda: states(world.db) == {"processed": 1})
    finally:
        own.stop()
    assert "tofa-work" not in {thread.name for thread in threading.enumerate()}
    flat(world.db)
    own.wake()
    assert states(world.db) == {"processed": 1, "received": 1}


def test_it_need_not_wait_when_it_is_woken(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("POLL", "PATIENCE"):
        monkeypatch.setattr(background, name, 10 * PATIENCE)
    woken = Waits()
    own = in_the_background(world, [job for job in JOBS if not job.every], woken)
    own.start()
    try:
        wait_until(lambda: woken.seconds)
        flat(world.db)
        own.wake()
        wait_until(lambda: states(world.db) == {"processed": 1})
    finally:
        own.end()
    wait_until(lambda: "tofa-work" not in {thread.name for thread in threading.enumerate()})
    assert woken.seconds[0] > PATIENCE


def test_a_job_that_rests_leaves_time_to_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, started = Clock(monkeypatch), []

    def run(_work: Work) -> int:
        started.append(clock.now)
        clock.now += 0.05
        return 4

    class Woken(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            clock.now += timeout or 0.0
            if len(started) >= 4:
                own.end()
            return False

    jobs = [Job("totals", every=20, run=run, full=4, rest=9)]
    own = in_the_background(world, jobs, Woken())
    own.run()
    gaps = [later - earlier for earlier, later in pairwise(started)]
    assert gaps == pytest.approx([0.5] * 3)


def test_a_job_has_its_turn_when_those_before_it_have_nothing_to_do(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, left, ran = Clock(monkeypatch), {"first": 2, "second": 3, "once": 0}, []

    def work_off(name: str) -> Callable[[Work], int]:
        def run(_work: Work) -> int:
            ran.append(name)
            left[name] -= min(left[name], 1)
            return int(left[name] > 0)

        return run

    jobs = [
        Job("first", every=0, run=work_off("first")),
        Job("once", every=math.inf, run=work_off("once")),
        Job("second", every=10, run=work_off("second")),
    ]
    schedule = Schedule(jobs)
    work = Work(world.db, world.settings)
    done = [schedule.run_next(work) for _ in range(5)]
    assert done == [1, 1, 1, 0, 0]
    assert ran == [
        "first",
        "first",
        "once",
        "second",
        "first",
        "second",
        "first",
        "second",
        "first",
    ]
    assert schedule.next_due() == clock.now + 10
    clock.now += 10
    schedule.run_next(work)
    assert ran[-2:] == ["first", "second"]


def test_the_table_of_jobs(world: World) -> None:
    """Every name once, and what may take minutes only where it is needed."""
    names = [job.name for job in JOBS]
    assert len(set(names)) == len(names)
    with_token = settings_for(world.settings.database_url, meta_access_token="EAAtoken")
    alone = [job for job in JOBS if job.alone]
    assert [job.name for job in alone] == ["outbox", "backfill", "forms"]
    assert [job.name for job in alone if job.when(world.settings)] == ["outbox"]
    assert all(job.when(with_token) for job in alone)


def test_an_error_does_not_end_it(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(background, "AFTER_ERROR", 0.05)
    right, failures = processing.run_once, [LookupError("the moon"), OSError("the disk")]

    def fail_first(*given: object, **more: object) -> int:
        if failures:
            raise failures.pop()
        return right(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(processing, "run_once", fail_first)
    flat(world.db)
    own = in_the_background(world)
    own.start()
    try:
        wait_until(lambda: states(world.db) == {"processed": 1})
    finally:
        own.stop()
    assert caplog.text.count("The background work failed") == 2


def test_the_settings_may_leave_it_to_others(world: World) -> None:
    own = Worker(world.db, world.settings)
    flat(world.db)
    own.start()
    own.wake()
    own.after_response()
    assert "tofa-work" not in {thread.name for thread in threading.enumerate()}
    assert states(world.db) == {"received": 1}
    own.stop()


def test_a_server_works_from_its_start_to_its_end(world: World) -> None:
    """By its lifespan, and so under whatever starts it."""
    url = world.settings.database_url

    async def live() -> None:
        app = create_app(settings_for(url, background_work=True))
        async with app.router.lifespan_context(app):
            notify(world.db, 11)
            tofa(app).worker.wake()
            await asyncio.to_thread(
                wait_until, lambda: states(world.db) == {"processed": 1, "received": 1}
            )

    asyncio.run(live())
    assert states(world.db) == {"processed": 1, "received": 1}
    assert "tofa-work" not in {thread.name for thread in threading.enumerate()}


# After a response

ON_WSGI = pytest.mark.parametrize(
    ("adapter", "database"),
    [(name, "sqlite") for name, made in ADAPTERS.items() if made.server is WSGIServer],
    indirect=["database"],
)


@ON_WSGI
def test_without_a_thread_the_request_itself_works_once_it_is_answered(
    serve: Callable[..., Client], adapter: str, world: World
) -> None:
    client = serve(background_work=True, meta_app_secret=SECRET)
    assert client.post(PATH, **signed(SECRET, 11)).json() == {"status": "success"}
    wait_until(lambda: states(world.db) == {"processed": 1, "received": 1})


@ON_WSGI
def test_the_answer_does_not_wait_for_the_work(
    serve: Callable[..., Client],
    adapter: str,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    right = processing.run_once

    def wait_for_the_answer(*given: object, **more: object) -> int:
        assert answered.wait(PATIENCE)
        return right(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(processing, "run_once", wait_for_the_answer)
    client = serve(background_work=True, meta_app_secret=SECRET)
    assert client.post(PATH, **signed(SECRET, 11)).status == 200
    # Others are answered meanwhile, and none of them begins to work too.
    assert client.get("/centers/").status == 200
    answered.set()
    wait_until(lambda: states(world.db) == {"processed": 1, "received": 1})


@pytest.mark.slow
def test_a_slice_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "SLICE_SECONDS", 1000.0)
    for phone in range(25):
        flat(world.db, phone_number=f"98480{phone:05}")
    own = in_the_background(world)
    # Other jobs may be due by now, and have their turns as well.
    before = 0
    for _ in range(10):
        own.after_response()
        processed = states(world.db).get("processed", 0)
        assert before <= processed <= before + 10
        before = processed
    assert before == 25
    monkeypatch.setattr(background, "SLICE_SECONDS", -1.0)
    for phone in range(3):
        flat(world.db, phone_number=f"98481{phone:05}")
    own.wake()
    own.after_response()
    assert states(world.db)["processed"] in (25, 26)


def test_a_request_that_has_only_written_looks_for_little(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[str] = []

    def job(name: str, every: float) -> Job:
        def run(_: Work) -> int:
            looked.append(name)
            return 0

        return Job(name, every=every, run=run)

    def looked_after_a_write() -> list[str]:
        looked.clear()
        with world.db.write() as session:
            session.add(Lead(created_time=times.now()))
        own.after_response()
        return looked

    monkeypatch.setattr(background, "LOOK_EVERY", 1000.0)
    own = in_the_background(world, [job("timed", 1e-9), job("woken", 0)])
    own.after_response()
    assert looked == ["timed", "woken"]
    assert looked_after_a_write() == ["timed"]
    own.wake()
    assert looked_after_a_write() == ["timed", "woken"]
    assert looked_after_a_write() == ["timed"]
    monkeypatch.setattr(background, "LOOK_EVERY", 0.0)
    assert looked_after_a_write() == ["timed", "woken"]


def catch_up(world: World) -> None:
    """Or there would be more to do than deliveries."""
    with world.db.write() as session:
        search.fill(session)
        while rollup.refresh(session, world.settings.zone):
            pass


def test_no_more_often_than_needed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    own = in_the_background(world)
    catch_up(world)
    looks: list[object] = []
    right = processing.run_once

    def count(*given: object, **more: object) -> int:
        looks.append(more)
        return right(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(processing, "run_once", count)
    for _ in range(20):
        own.after_response()
    assert len(looks) == 1
    own.wake()
    own.after_response()
    assert len(looks) == 2
    monkeypatch.setattr(background, "SLICE_EVERY", 0.0)
    own.wake()
    own.after_response()
    own.after_response()
    assert len(looks) == 4


def test_without_a_thread_the_forms_are_read_too(world: World) -> None:
    """A notification that was lost is made up for on every host."""
    yesterday = time.time() - 24 * 3600
    with GraphHost({FORM: [make_lead(number, yesterday) for number in range(3)]}) as host:
        settings = settings_for(
            world.settings.database_url,
            background_work=True,
            meta_access_token="EAAtoken",
            meta_graph_url=host.url,
        )
        with world.db.write() as session:
            session.add(Form(id=FORM, questions=[], mapping={}))
        catch_up(world)
        own = Worker(world.db, settings)
        own.after_response()
        assert states(world.db) == {"received": 3}
        own.after_response()
        assert states(world.db) == {"processed": 3}
        for _ in range(3):
            own.wake()
            own.after_response()
        own.stop()
        # And what Meta says of the form, once; it has no page here.
        asked = [asked.path.removeprefix("/v26.0/") for asked in host.asked]
        assert asked == [f"{FORM}/leads", "me/accounts", "me", FORM, FORM]


def is_behind(world: World) -> bool:
    with world.db.read() as session:
        return rollup.is_behind(session)


def test_days_are_added_up_but_not_at_every_change(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch)
    own = in_the_background(world)
    for _ in range(2):
        own.wake()
        own.after_response()
    assert not is_behind(world)
    flat(world.db)
    for _ in range(2):
        own.wake()
        own.after_response()
    assert states(world.db) == {"processed": 1}
    assert is_behind(world)
    clock.now += 20
    own.wake()
    own.after_response()
    assert not is_behind(world)


def test_leads_that_come_one_by_one_are_indexed_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_behind() -> bool:
        with world.db.read() as session:
            return search.is_behind(session)

    clock = Clock(monkeypatch)
    own = in_the_background(world)
    for _ in range(2):
        own.wake()
        own.after_response()
    for number in (1, 2, 3):
        flat(world.db, phone_number=f"984802233{number}")
        own.wake()
        own.after_response()
        assert states(world.db) == {"processed": number}
        assert is_behind()
    clock.now += 1
    own.wake()
    own.after_response()
    assert not is_behind()


def test_a_thread_adds_up_days_too(world: World) -> None:
    own = in_the_background(world)
    own.start()
    wait_until(lambda: not is_behind(world))
    own.stop()


def test_after_an_error_or_a_hang_requests_are_spared(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    calls = []

    def fail(*_: object, **__: object) -> int:
        calls.append(1)
        raise LookupError("the moon")

    monkeypatch.setattr(processing, "run_once", fail)
    own = in_the_background(world)
    for _ in range(5):
        own.wake()
        own.after_response()
    assert len(calls) == 1
    assert "the moon" in caplog.text


def test_a_host_that_hangs_is_asked_ever_more_rarely(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, takes, asked = Clock(monkeypatch), [5.0], []

    def hang(*_: object, **__: object) -> int:
        asked.append(clock.now)
        clock.now += takes[0]
        return 1

    monkeypatch.setattr(processing, "run_once", hang)
    own = in_the_background(world)

    def serve(seconds: int) -> list[float]:
        asked.clear()
        for _ in range(seconds):
            own.wake()
            own.after_response()
            clock.now += 1.0
        return [round(later - earlier) for earlier, later in pairwise(asked)]

    gaps = serve(1500)
    assert gaps[:4] == [35, 65, 125, 245]
    assert set(gaps[4:]) == {305}
    takes[0] = 0.5
    serve(400)
    takes[0] = 5.0
    assert serve(40)[0] == 35, "it has answered meanwhile"


# A process of its own


def command(world: World, *options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "backend", "work", *options],
        cwd=ROOT,
        env={
            **os.environ,
            "DATABASE_URL": world.settings.database_url,
            "SECRET_KEY": SECRET_KEY,
            "BACKGROUND_WORK": "false",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow
def test_once(world: World) -> None:
    for phone in range(40):
        flat(world.db, phone_number=f"98480{phone:05}")
    out, err = command(world, "--once").communicate(timeout=PATIENCE)
    assert (out, err) == ("Processed 40 deliveries.\n", "")
    assert states(world.db) == {"processed": 40}
    assert not is_behind(world)
    assert command(world, "--once").communicate(timeout=PATIENCE)[0] == "Processed 0 deliveries.\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.slow
def test_a_signal_ends_it_between_two_batches(world: World, number: signal.Signals) -> None:
    with command(world) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("Processing")
        flat(world.db)
        wait_until(lambda: states(world.db) == {"processed": 1})
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, out, err) == (0, "", "")


@pytest.mark.slow
def test_two_processes_share_the_work(world: World) -> None:
    for start in range(0, 300, 10):
        notify(world.db, *range(start + 1000, start + 1010))
    both = [command(world, "--once") for _ in range(2)]
    done = [int(one.communicate(timeout=PATIENCE)[0].split()[1]) for one in both]
    # Without a token the leads themselves are left alone.
    assert sum(done) == 30
    assert states(world.db) == {"processed": 30, "received": 300}
    assert work_off(world.db, world.settings) == 0
    assert leads(world.db) == []


def test_work_until_done_ends_while_deliveries_come_in(world: World) -> None:
    def come_in(work: Work) -> int:
        flat(work.db, phone_number=f"98480{len(came):05}", full_name=f"Child {len(came)}")
        came.append(1)
        return 0

    came: list[int] = []
    flat(world.db)
    # Its leads are deliveries of their own, which come after it.
    two = [{"phone_number": f"984801000{n}", "nearest_center": "TOFA Tellapur"} for n in (1, 2)]
    with world.db.write() as session:
        deliveries.keep(session, Source.FLAT, json.dumps(two))
    jobs = [Job("inflow", every=0, run=come_in), *JOBS]
    assert Worker(world.db, world.settings, jobs).run_until_done() == 4
    assert states(world.db) == {"processed": 4, "received": len(came)}
