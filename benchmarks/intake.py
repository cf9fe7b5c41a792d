"""No lead is lost: a storm of notifications, killed processes, and the speed of storing them."""

import random
import sqlite3
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg

from backend.api.application import Application
from backend.api.messages import Head
from backend.core.settings import load
from benchmarks import academy, notifications
from benchmarks.databases import Databases, file_of
from benchmarks.figures import Figure, Plan
from benchmarks.notifications import PATH, SECRET, Line, Meta
from benchmarks.rig import Faults, check, rig
from benchmarks.servers import serve

# Typical numbers of workers. SQLite has one writer at a time, and one worker keeps it busy.
WORKERS = {
    ("sqlite", "fastapi"): 1,
    ("sqlite", "flask"): 1,
    ("postgresql", "fastapi"): 2,
    ("postgresql", "flask"): 2,
}
LEADS = 5_000
KILLS = 50
# In seconds: between two kills, and how long processing may take at the end.
BETWEEN = 1.5
LONGEST = 600.0
# For the rates: connections at once, and the duration of the measurement in seconds.
CONNECTIONS = 16
MEASURED = 10.0
# The threads that call `Exchange.answer`: the least that anyio has for it.
THREADS = 8
SLOWEST_ACKNOWLEDGEMENT = 200.0
LEAST_RATE = 500.0
# The leads of a storm of throttles, and how long it may take in seconds.
THROTTLED = 1_000
SLOWEST_STORM = 180.0


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    # At a small size, the claims of a killed worker expire sooner than in production.
    faults = Faults() if plan.share == 1 else Faults(hang=0, claim=2.0)
    for kind in plan.databases:
        for name in plan.servers:
            what, leads = f"{kind}, {name}", plan.size(LEADS)
            yield from _storm(what, storm(databases, kind, name, leads, faults=faults))
            killed = storm(databases, kind, name, leads, plan.size(KILLS), faults)
            wrong = len(killed.wrong)
            yield Figure(f"{what}, wrong after {killed.kills} kills", wrong, "", bound=0)
            each = 1e3 / rate(databases, kind, name, plan.share * MEASURED)
            bound = 1e3 / LEAST_RATE if kind == "sqlite" else None
            yield Figure(f"{what}, one notification stored", each, "ms", bound=bound)
        yield throttled(databases, kind, plan)
        yield durable(databases, kind, plan)


@dataclass(frozen=True, slots=True)
class Result:
    """The result of a storm: what is wrong, and how long each acknowledgement took, in seconds."""

    wrong: list[str]
    seconds: list[float]
    kills: int = 0


def storm(
    databases: Databases,
    kind: str,
    name: str,
    leads: int,
    kills: int = 0,
    faults: Faults = Faults(),  # noqa: B008  frozen
    between: float = BETWEEN,
) -> Result:
    """Send notifications of so many leads, each one to five times, to a whole installation.

    With `kills`, processes are killed that many times, `between` seconds apart, while notifications
    are sent.
    """
    chance = random.Random(leads)
    made = academy.build(databases.create_with_tables(kind))
    posts = list(notifications.batches(leads, chance))
    with rig(name, made.url, faults, workers=WORKERS[kind, name]) as running:
        meta = Meta(lambda: running.server.port)
        sending = threading.Thread(target=meta.send, args=(posts,))
        sending.start()
        while running.kills < kills:
            time.sleep(between * chance.uniform(0.2, 1.8))
            running.kill_one(chance)
            if not sending.is_alive():
                # Everything has been sent already: send it again, as Meta does.
                sending = threading.Thread(target=meta.send, args=(posts[-20:],))
                sending.start()
        sending.join()
        left = running.wait_until_done(LONGEST)
    wrong = check(made.url, meta.acknowledged)
    if left:
        wrong.append(f"{left} deliveries were not processed")
    if meta.acknowledged != set(range(leads)):
        wrong.append(f"{leads - len(meta.acknowledged)} leads were never acknowledged")
    if not kills and meta.failed:
        wrong.append(f"{meta.failed} notifications were refused")
    for line in wrong:
        print(f"{kind}, {name}: {line}")
    databases.drop(made.url)
    return Result(wrong, meta.seconds, kills)


def _storm(what: str, result: Result) -> Iterator[Figure]:
    # Duplicated, since quantiles need at least two values.
    centiles = statistics.quantiles(result.seconds * 2, n=100, method="inclusive")
    yield Figure(f"{what}, wrong after the storm", len(result.wrong), "", bound=0)
    yield Figure(f"{what}, acknowledgement, median", centiles[49] * 1e3, "ms")
    yield Figure(
        f"{what}, acknowledgement, p99", centiles[98] * 1e3, "ms", bound=SLOWEST_ACKNOWLEDGEMENT
    )


def throttled(databases: Databases, kind: str, plan: Plan) -> Figure:
    """Measure how long leads take while one answer in twenty is a throttle that names no time."""
    leads = plan.size(THROTTLED)
    made = academy.build(databases.create_with_tables(kind))
    posts = list(notifications.batches(leads, random.Random(leads)))
    faults = Faults(hang=0, throttle=1 / 20, fail=0, names_time=False)
    with rig("fastapi", made.url, faults, workers=WORKERS[kind, "fastapi"]) as running:
        meta = Meta(lambda: running.server.port)
        started = time.perf_counter()
        meta.send(posts)
        left = running.wait_until_done(LONGEST)
        seconds = time.perf_counter() - started
    wrong = check(made.url, meta.acknowledged)
    databases.drop(made.url)
    if left or wrong:
        print(f"{kind}: {left} deliveries were not processed; {wrong}")
        seconds = LONGEST
    return Figure(f"{kind}, {leads} leads while Meta throttles", seconds, "s", bound=SLOWEST_STORM)


def rate(databases: Databases, kind: str, name: str, seconds: float) -> float:
    """Measure the time of one acknowledged notification, over persistent connections."""
    made = academy.build(databases.create_with_tables(kind))
    given = {"META_APP_SECRET": SECRET, "BACKGROUND_WORK": "false"}
    with serve(name, made.url, **given) as server:
        lines = [Line(lambda: server.port) for _ in range(CONNECTIONS)]
        posts = [notifications.request(notifications.body([number])) for number in range(1000)]

        def send(thread: int, number: int) -> None:
            assert lines[thread].ask(posts[number % len(posts)]) == 200

        found = per_second(send, CONNECTIONS, seconds)
        for line in lines:
            line.close()
    databases.drop(made.url)
    return found


def durable(databases: Databases, kind: str, plan: Plan) -> Figure:
    """Compare the API, from the bytes of a request to those of its response, with plain commits."""
    made = academy.build(databases.create_with_tables(kind))
    bare = academy.build(databases.create_with_tables(kind))
    given = {key.lower(): value for key, value in academy.environment(made.url).items()}
    app = Application(load(**given, meta_app_secret=SECRET, background_work=False))
    app.start()
    heads = []
    for number in range(1000):
        content = notifications.body([number])
        lines = notifications.request(content).partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        headers = {name.lower(): value for name, value in (line.split(": ") for line in lines)}
        heads.append((Head("POST", PATH.encode(), b"", headers, "127.0.0.1"), content))

    def keep(_thread: int, number: int) -> None:
        head, content = heads[number % len(heads)]
        assert app.receive(head).answer(content).status == 200

    ours, floor = [], []
    with _commits(bare.url, heads[0][1].decode()) as commit:
        for _ in range(plan.rounds(5)):
            ours.append(1 / per_second(keep, THREADS, plan.share * MEASURED / 2))
            floor.append(1 / per_second(commit, 1, plan.share * MEASURED / 2))
    app.close()
    ratio = statistics.median(mine / its for mine, its in zip(ours, floor, strict=True))
    times = statistics.median(ours) * 1e3, statistics.median(floor) * 1e3
    return Figure(
        f"{kind}, stored by the API, and a plain commit", times[0], "ms", times[1], ratio, 2
    )


@contextmanager
def _commits(url: str, body: str) -> Iterator[Callable[[int, int], None]]:
    """Return a function that commits one row into a table without indexes, with the driver only."""
    if url.startswith("sqlite:"):
        db = sqlite3.connect(file_of(url), isolation_level=None, check_same_thread=False)
        with closing(db):
            for pragma in ("journal_mode = WAL", "synchronous = FULL"):
                db.execute(f"PRAGMA {pragma}")
            db.execute("CREATE TABLE bare (id INTEGER PRIMARY KEY, body TEXT)")
            yield lambda _thread, _number: _commit(db, body)
    else:
        with psycopg.connect(url) as connection:
            connection.execute("CREATE TABLE bare (id serial PRIMARY KEY, body text)")
            connection.commit()

            def commit(_thread: int, _number: int) -> None:
                connection.execute("INSERT INTO bare (body) VALUES (%s)", (body,))
                connection.commit()

            yield commit


def _commit(db: sqlite3.Connection, body: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    db.execute("INSERT INTO bare (body) VALUES (?)", (body,))
    db.execute("COMMIT")


def per_second(do: Callable[[int, int], None], threads: int, seconds: float) -> float:
    """Return how often per second so many threads call a function with their number and a count."""
    counts = [0] * threads
    faults: list[Exception] = []
    ends = time.perf_counter() + seconds

    def work(thread: int) -> None:
        try:
            while time.perf_counter() < ends or not counts[thread]:
                do(thread, counts[thread] * threads + thread)
                counts[thread] += 1
        except Exception as error:  # noqa: BLE001  raised below, in the caller's thread
            faults.append(error)

    started = time.perf_counter()
    running = [threading.Thread(target=work, args=(thread,)) for thread in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.perf_counter() - started)
