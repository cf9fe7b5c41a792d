"""The web app on a phone: bytes, seconds until a lead can be called, frames of a long list.

Measured in the system's Chromium through its protocol. Without a Chromium there are no figures.
"""

import json
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from benchmarks import many
from benchmarks.academy import Academy
from benchmarks.databases import Databases
from benchmarks.figures import Figure, Plan
from benchmarks.processes import ROOT
from benchmarks.servers import Server, serve
from tests.chromium import WHOLE, launch

LEADS = 10_000
# With fewer leads, the call queue might be empty.
FEWEST = 200
OPENINGS = 7
# A slow phone: Lighthouse's "slow 4G", and a CPU that is four times slower.
NETWORK = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": 1.6e6 / 8,
    "uploadThroughput": 750e3 / 8,
}
SLOWER = 4
WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 360, "height": 800}

# The bounds (see docs/benchmarks.md) in KB, seconds, ms, and percent of frames.
WEIGHT, USABLE, LATE, MOST = 300.0, 1.5, 5.0, 50.0
# In ms. At sixty frames per second, a longer frame means that one was missed.
MISSED = 34.0
# Scrolling speed in pixels per second, as with a free-spinning wheel, and pixels per event.
PACE, FLICK = 10_000, 50_000
# In seconds: after this long without a request, the page has finished loading.
QUIET = 0.5
# Timeouts for Chromium in ms, on a machine with other load.
PATIENCE = 60_000

_INSIDE = Path(__file__).with_suffix(".js")
_PAGES = ROOT / "backend" / "web" / "app" / "pages"


@dataclass(frozen=True, slots=True)
class Visit:
    """An open page, and its requests."""

    page: Page
    cdp: CDPSession
    sizes: list[float]
    asked: set[str]

    def settle(self) -> float:
        """Wait until there are no more requests. Return the bytes so far, including headers."""
        known, since = -1, time.monotonic()
        last = since + PATIENCE / 1000
        while self.asked or time.monotonic() - since < QUIET:
            if known != len(self.sizes):
                known, since = len(self.sizes), time.monotonic()
            assert time.monotonic() < last, f"{len(self.asked)} requests are still open"
            self.page.wait_for_timeout(50)
        return sum(self.sizes)

    def slow_down(self) -> None:
        self.cdp.send("Network.emulateNetworkConditions", NETWORK)
        self.cdp.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})


def run(plan: Plan, databases: Databases) -> Iterator[Figure]:
    if WHOLE is None:
        print("page: Chromium was not found", file=sys.stderr)
        return
    floors: dict[int, dict[str, Any]] = {}
    with sync_playwright() as playwright:
        browser = launch(playwright.chromium, WHOLE)
        for kind in plan.databases:
            url = databases.create_with_tables(kind)
            leads = max(plan.size(LEADS), FEWEST)
            made = many.fill(url, leads)
            for name in plan.servers:
                with serve(name, url) as server:
                    visitor = _Visitor(browser, server, made)
                    title = f"{kind}, {name}"
                    yield from _weights(visitor, title)
                    yield from _openings(visitor, title, plan.rounds(OPENINGS))
                    if kind == plan.databases[0]:
                        yield from _scrolling(visitor, title, leads, floors)
            databases.drop(url)
        browser.close()


class _Visitor:
    """A signed-in team lead, each time with an empty cache."""

    def __init__(self, browser: Browser, server: Server, made: Academy) -> None:
        self._browser = browser
        self._token = json.dumps(made.token)
        self.home = f"http://127.0.0.1:{server.port}/"

    @contextmanager
    def arrive(self, viewport: Any, **options: Any) -> Iterator[BrowserContext]:
        context = self._browser.new_context(
            viewport=viewport, locale="en-GB", timezone_id="Asia/Kolkata", **options
        )
        context.set_default_timeout(PATIENCE)
        context.add_init_script(f"localStorage.setItem('tofa.token', {self._token})")
        context.add_init_script(path=_INSIDE)
        try:
            yield context
        finally:
            context.close()

    def open(self, context: BrowserContext) -> Visit:
        page = context.new_page()
        cdp = context.new_cdp_session(page)
        sizes: list[float] = []
        asked: set[str] = set()

        def finished(told: Any) -> None:
            sizes.append(told["encodedDataLength"])
            asked.discard(told["requestId"])

        cdp.on("Network.requestWillBeSent", lambda told: asked.add(told["requestId"]))
        cdp.on("Network.loadingFinished", finished)
        cdp.on("Network.loadingFailed", lambda told: asked.discard(told["requestId"]))
        cdp.send("Network.enable")
        return Visit(page, cdp, sizes, asked)


def _weights(visitor: _Visitor, title: str) -> Iterator[Figure]:
    with visitor.arrive(WIDE) as context:
        visit = visitor.open(context)
        visit.page.goto(f"{visitor.home}#/next")
        visit.page.locator("main h1").wait_for()
        first = visit.settle()
    # Without a service worker, which would answer for files of later pages.
    with visitor.arrive(WIDE, service_workers="block") as context:
        visit = visitor.open(context)
        visit.page.goto(f"{visitor.home}#/next")
        visit.page.locator("main h1").wait_for()
        every = visit.settle()
        lead = visit.page.evaluate(
            "fetch('/leads/?limit=1', { headers: { authorization: "
            "`Bearer ${localStorage.getItem('tofa.token')}` } })"
            ".then((answer) => answer.json()).then((page) => page.leads[0].id)"
        )
        for path in sorted(_PAGES.glob("*.js")):
            place = f"lead/{lead}" if path.stem == "lead" else path.stem
            visit.page.evaluate("(place) => { location.hash = `#/${place}`; }", place)
            visit.page.locator("main h1").wait_for()
            every = visit.settle()
    yield Figure(f"{title}, call queue: weight", first / 1e3, "KB", bound=WEIGHT)
    yield Figure(f"{title}, every page: weight", every / 1e3, "KB", bound=WEIGHT)


def _openings(visitor: _Visitor, title: str, rounds: int) -> Iterator[Figure]:
    """Measure with a cold cache, and with a warm cache filled by a first visit."""
    found: dict[str, list[float]] = {"cold": [], "warm": []}
    for _ in range(rounds):
        with visitor.arrive(NARROW) as context:
            for taken in found.values():
                visit = visitor.open(context)
                visit.slow_down()
                visit.page.goto(f"{visitor.home}#/next")
                taken.append(visit.page.evaluate("() => bench.usable"))
                visit.settle()
                visit.page.close()
    for cache, taken in found.items():
        seconds = statistics.median(taken) / 1e3
        yield Figure(f"{title}, call queue: usable, {cache} cache", seconds, "s", bound=USABLE)


def _scrolling(
    visitor: _Visitor, title: str, leads: int, floors: dict[int, dict[str, Any]]
) -> Iterator[Figure]:
    """Measure scrolling. `floors` has a list without scripts, measured once for all servers."""
    for slower in (1, SLOWER):
        ours = _scroll(visitor, leads, slower)
        if slower not in floors:
            floors[slower] = _scroll(visitor, leads, slower, frozen=True)
        floor = floors[slower]
        what = f"{title}, {leads:,} leads" + (f", {slower} times slower" if slower > 1 else "")
        # A list that freezes for seconds has few frames, so compare the time instead.
        late = ("time in frames over 34 ms, %", _time_late, "", LATE)
        for name, measure, unit, bound in (
            ("frames over 34 ms, %", _late, "", LATE) if slower == 1 else late,
            ("p99 of frames", _most, "ms", MOST),
            ("longest frame", _longest, "ms", None),
        ):
            one, least = measure(ours["frames"]), measure(floor["frames"])
            if slower == 1:
                yield Figure(f"{what}: {name}", one, unit, least, bound=bound)
            else:
                ratio = one / least if least else float(one > 0)
                yield Figure(
                    f"{what}: {name}", one, unit, least, ratio, None if bound is None else 1.0
                )
        for name in ("back", "blank", "moved"):
            yield Figure(f"{what}: {_WRONG[name]}", ours[name], "", floor[name], bound=0)


# What `bench.end` of page.js counts.
_WRONG = {
    "back": "frames that jump back",
    "blank": "frames without a row",
    "moved": "rows that moved",
}


def _late(frames: list[float]) -> float:
    return 100 * sum(frame > MISSED for frame in frames) / len(frames)


def _time_late(frames: list[float]) -> float:
    return 100 * sum(frame for frame in frames if frame > MISSED) / sum(frames)


def _most(frames: list[float]) -> float:
    return statistics.quantiles(frames, n=100)[-1]


def _longest(frames: list[float]) -> float:
    return max(frames)


def _scroll(visitor: _Visitor, leads: int, slower: int, *, frozen: bool = False) -> dict[str, Any]:
    """Scroll from the first lead to the last. Return what `bench.end` in page.js reports."""
    with visitor.arrive(WIDE) as context:
        visit = visitor.open(context)
        visit.page.goto(f"{visitor.home}#/leads")
        visit.page.locator(".rows .row").first.wait_for()
        visit.settle()
        if frozen:
            visit.page.evaluate("(many) => bench.freeze(many)", leads)
            visit.page.wait_for_timeout(500)
        visit.cdp.send("Emulation.setCPUThrottlingRate", {"rate": slower})
        x, y = visit.page.evaluate("() => bench.record()")
        far = min(FLICK, leads * 100)
        turn = {"x": x, "y": y, "yDistance": -far, "speed": PACE, "gestureSourceType": "mouse"}
        while True:
            visit.cdp.send("Input.synthesizeScrollGesture", turn)
            if visit.page.evaluate("() => bench.left()") <= 1:
                # More leads are requested before the end is reached.
                visit.settle()
                if visit.page.evaluate("() => bench.left()") <= 1:
                    break
        visit.cdp.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        found: dict[str, Any] = visit.page.evaluate("() => bench.end()")
        return found
