"""`python -m tests.browser.shots [FOLDER]` draws the pages of the example academy as PNGs.

Each one in light and dark, wide and narrow. The clocks of the server and the browser stand still,
so that a picture changes only if the page does.
"""

import itertools
import json
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import func, select
from sqlmodel import Session, col
from werkzeug.serving import WSGIRequestHandler, make_server

from backend.core import auth, times
from backend.core.accounts import sessions
from backend.core.accounts.sessions import Origin
from backend.core.db import Database
from backend.core.demo import academy
from backend.core.lifecycle import startup
from backend.core.lifecycle.migrate import upgrade
from backend.core.settings import Settings
from backend.flask_app import create_app
from backend.models import Import, ImportState, Lead, LeadEvent, LeadOrigin
from tests.browser import palette
from tests.chromium import WHOLE, launch
from tests.world import settings_for

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images" / "page"
# A Friday morning in Hyderabad: there are calls to make, and trials in the afternoon.
NOW = datetime(2026, 11, 20, 5, 50, tzinfo=UTC)

# The address of each page; `{lead}` and `{plan}` are looked up in the example.
PAGES = {
    "next": "next",
    "leads": "leads",
    "duplicates": "duplicates",
    "board": "board",
    "lead": "lead/{lead}",
    "reports": "reports",
    "live": "live",
    "imports": "imports/{plan}",
    "intake": "intake",
    "settings": "settings",
    "audit": "audit",
    "onboarding": "onboarding",
    "security": "security",
    "outbox": "outbox",
    "actions": "actions",
}
# Getting started is for an installation that has nothing yet.
OF_THE_EMPTY = ("onboarding",)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
WIDTHS = {"wide": 1280, "narrow": 360}


def main(arguments: list[str]) -> int:
    if WHOLE is None:
        sys.stderr.write("There is no Chromium: see docs/web-app.md\n")
        return 1
    folder = Path(arguments[0]) if arguments else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        browser = launch(playwright.chromium, WHOLE)
        for name, is_filled in (("example", True), ("empty", False)):
            names = [page for page in PAGES if (page in OF_THE_EMPTY) != is_filled]
            with served_academy(f"sqlite:///{place}/{name}.db", is_filled=is_filled) as (
                home,
                token,
                ids,
            ):
                places = {page: PAGES[page].format(**ids) for page in names}
                _draw(browser, home, token, places, folder)
        browser.close()
    drawn = sorted(folder.glob("*.png"))
    size = sum(path.stat().st_size for path in drawn) / 1e6
    sys.stdout.write(f"{len(drawn)} pictures in {folder}, {size:.1f} MB\n")
    return 0


@contextmanager
def served_academy(url: str, *, is_filled: bool) -> Iterator[tuple[str, str, dict[str, int]]]:
    """Serve an academy at `NOW`: yields its address, a team lead's token, and what to look at."""
    settings = settings_for(url)
    db = Database(settings.url)
    if is_filled:
        upgrade(db, settings)
        with db.write() as session:
            academy.fill(session, settings.zone, NOW)
    else:
        startup.prepare(db, settings)
    email = academy.TEAM_LEAD if is_filled else settings.admin_email
    clock, times.now = times.now, lambda: NOW
    # The library of tokens reads the real clock.
    token = _token(db, settings, email, until=clock() + timedelta(days=1))
    try:
        if is_filled:
            academy.plan_a_spreadsheet(db, settings, NOW)
        with db.read() as session:
            ids = _ids(session) if is_filled else {}
        with _served(settings) as home:
            yield home, token, ids
    finally:
        times.now = clock
        db.close()


def _token(db: Database, settings: Settings, email: str, until: datetime) -> str:
    phone = "Mozilla/5.0 (Linux; Android 10; K) Chrome/144.0.0.0 Mobile Safari/537.36"
    laptop = "Mozilla/5.0 (X11; Linux x86_64) Chrome/144.0.0.0 Safari/537.36"
    with db.write() as session:
        user = auth.find(session, email)
        assert user is not None
        sessions.start(session, settings, user, Origin("198.51.100.24", phone))
        started = sessions.start(session, settings, user, Origin("203.0.113.7", laptop))
    started = replace(started, ends_at=until)
    return auth.issue_token(settings, user.email, user.role, user.token_version, started)


def _ids(session: Session) -> dict[str, int]:
    """Return the lead with the longest history in a household with answers, and the plan."""
    shared = select(col(Lead.phone_key)).group_by(col(Lead.phone_key)).having(func.count() > 1)
    lead = session.scalar(
        select(col(Lead.id))
        .join(LeadOrigin, col(LeadOrigin.lead_id) == col(Lead.id))
        .join(LeadEvent, col(LeadEvent.lead_id) == col(Lead.id))
        .where(col(Lead.phone_key).in_(shared))
        .group_by(col(Lead.id))
        .order_by(func.count().desc(), col(Lead.id))
        .limit(1)
    )
    plan = session.scalar(select(col(Import.id)).where(col(Import.state) == ImportState.PLANNED))
    assert lead is not None
    assert plan is not None
    return {"lead": lead, "plan": plan}


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any, **__: Any) -> None:
        """Log nothing."""


@contextmanager
def _served(settings: Settings) -> Iterator[str]:
    app = create_app(settings)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["tofa"].close()


def _draw(browser: Browser, home: str, token: str, places: dict[str, str], folder: Path) -> None:
    blank = browser.new_page()
    for theme, (size, width) in itertools.product(THEMES, WIDTHS.items()):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme=theme,
            reduced_motion="reduce",
            locale="en-GB",
            timezone_id="Asia/Kolkata",
        )
        context.add_init_script(f"localStorage.setItem('tofa.token', {json.dumps(token)})")
        context.clock.set_fixed_time(NOW)
        for name, place in places.items():
            page = context.new_page()
            page.goto(f"{home}#/{place}")
            _settle(page)
            drawn = page.screenshot(animations="disabled")
            (folder / f"{name}-{theme}-{size}.png").write_bytes(palette.reduce(blank, drawn))
            page.close()
        context.close()
    blank.close()


def _settle(page: Page) -> None:
    """Wait until the page is drawn, with everything that it loads."""
    page.locator("main h1").first.wait_for()
    page.wait_for_load_state("networkidle")
    page.locator("[aria-busy=true]").first.wait_for(state="detached")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
