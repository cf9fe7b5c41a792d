"""What the React app does, in a real browser, from its own origin and in four time zones."""

import threading
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from backend.models import Lead
from tests.chromium import running
from tests.servers import Client
from tests.world import EPOCH, LEAD, LEAD_OF_TELLAPUR, PASSWORD, TELLAPUR, World

HERE = Path(__file__).parent
ZONES = ("Asia/Kolkata", "UTC", "Asia/Dubai", "America/New_York")
SERVERS = [("fastapi", "sqlite"), ("flask", "sqlite")]
HEADER = "created_time,player_name,phone,_which_is_the_nearest_tofa_center_to_you?"
DAY = date(2026, 12, 5)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    yield from running("what the React app does")


class Files(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    """Another origin than the API's, as the app's own server is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=HERE))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def client(serve: Callable[..., Client], origin: str) -> Client:
    """Served with that origin in the settings."""
    return serve(cors_origins=origin)


@pytest.fixture
def page(browser: Browser, origin: str, zone: str) -> Iterator[Page]:
    context = browser.new_context(timezone_id=zone, locale="en-GB")
    page = context.new_page()
    page.goto(f"{origin}/react.html")
    yield page
    context.close()


@pytest.mark.parametrize(("adapter", "database"), SERVERS, indirect=["database"])
@pytest.mark.parametrize("zone", ZONES)
def test_a_day_s_work(page: Page, client: Client, world: World) -> None:
    with world.db.write() as session:
        # One that a form has sent without a name, and a site of old without anything.
        session.add(Lead(created_time=EPOCH, phone="9848000077", center_id=TELLAPUR))
        session.add(Lead(created_time=EPOCH, status="", center_id=TELLAPUR))
    base = f"http://127.0.0.1:{client.port}"
    assert page.evaluate("given => signIn(...given)", [base, LEAD, PASSWORD]) == "team_lead"

    page.evaluate(
        "given => update(...given)", [LEAD_OF_TELLAPUR, "Called", str(DAY), "Comes on Saturday"]
    )
    expect(page.locator("#said")).to_have_text("updated")
    page.evaluate("search('')")
    # The day that was typed, wherever the browser is.
    expect(page.locator("li")).to_have_text(
        [
            f"Zoë Khan | {DAY:%d/%m/%Y} | Called",
            "Arjun Rao | - | New",
            "Unknown | - | New",
            "Unknown | - | ",
        ]
    )
    page.evaluate("search('UNKN')")
    expect(page.locator("li")).to_have_count(2)
    page.evaluate("given => update(...given)", [LEAD_OF_TELLAPUR, "Joined", "", ""])
    page.evaluate("search('zoë')")
    expect(page.locator("li")).to_have_text([f"Zoë Khan | {DAY:%d/%m/%Y} | Joined"])

    page.evaluate("upload", f"{HEADER}\n{DAY},Tara,9848000088,TOFA Tellapur")
    expect(page.locator("#said")).to_have_text("1 leads added")
    page.evaluate("upload", f"{HEADER}\n{DAY},Tara,9848000089,TOFA Mars")
    expect(page.locator("#said")).to_have_text("Unknown: TOFA Mars")


@pytest.mark.parametrize(("adapter", "database"), SERVERS, indirect=["database"])
@pytest.mark.parametrize("zone", ZONES[:1])
def test_errors_are_shown_as_sentences(page: Page, client: Client) -> None:
    base = f"http://127.0.0.1:{client.port}"
    error = page.locator("#error")
    page.evaluate("given => signIn(...given)", [base, LEAD, "not the password"])
    expect(error).to_have_text("Incorrect email or password")
    page.evaluate("given => signIn(...given)", [base, LEAD, PASSWORD])
    page.evaluate("update(1, 'Perhaps', 'soon', '')")
    expect(error).to_contain_text("Status: ")
    page.evaluate("update(999, 'Called', '', '')")
    expect(error).to_have_text("Lead not found")
    page.evaluate("upload('nothing useful')")
    expect(error).to_contain_text("center")
    user = {"email": "a@b.example", "password": "short", "full_name": "A", "role": "observer"}
    page.evaluate("user => addUser(user)", {**user, "center_ids": []})
    expect(error).to_have_text("Password: use at least 8 characters")
    page.evaluate("user => addUser(user)", user)
    expect(error).to_contain_text("Centers: ")
