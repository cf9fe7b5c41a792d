"""The web app below a path prefix, such as https://example.com/crm/, behind a proxy.

The `visit` fixture fails a test that requests anything outside of the prefix.
"""

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, choose, opened, sign_in, turn
from tests.browser.test_every_page import PAGES
from tests.browser.test_imports import sheet
from tests.servers import Client
from tests.world import LEAD, World

pytestmark = ONE_SERVER

PREFIX = "/crm"


class Proxy(BaseHTTPRequestHandler):
    """Forwards what is below the prefix to a server that knows nothing of it."""

    port = 0

    def forward(self) -> None:
        path = self.path.removeprefix(PREFIX)
        if path == self.path or not path.startswith("/"):
            self.send_error(404)
            return
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        server = http.client.HTTPConnection("127.0.0.1", self.port)
        headers = {
            name: value for name, value in self.headers.items() if name.lower() != "connection"
        }
        server.request(self.command, path, body or None, headers)
        answer = server.getresponse()
        content = answer.read()
        server.close()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = forward  # noqa: N815  as the server calls them

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def home(client: Client) -> Iterator[str]:
    """Return the address of the web app behind the proxy."""
    handler = type("PortProxy", (Proxy,), {"port": client.port})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}{PREFIX}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def visit(home: str, visit: Open) -> Open:
    """Close the pages before the proxy: they may still be reading when a test ends."""
    return visit


def test_every_page_below_a_prefix(visit: Open, world: World, leads: None, home: str) -> None:
    page = visit("next", email=None, home=home)
    sign_in(page, LEAD)
    for name, shown in PAGES.items():
        turn(page, name)
        page.locator(f"main {shown}").first.wait_for()
        assert page.url == f"{home}#/{name}"
    page.reload()
    # Still signed in: the token is kept for this prefix.
    page.locator(f"main {shown}").first.wait_for()
    keys = page.evaluate("Object.keys(localStorage).sort()")
    copies = [f"tofa.draft {PREFIX}/ 1 copy/{name}" for name in ("queue", "session")]
    assert keys == ["tofa.device", *copies, f"tofa.token {PREFIX}/"]


def test_files_in_and_out_below_a_prefix(visit: Open, world: World, home: str) -> None:
    page = visit("imports", home=home)
    page.locator("input[type=file]").set_input_files(sheet("Asha,9848500001,TOFA Tellapur\n"))  # type: ignore[arg-type]
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Import complete")).to_be_visible()
    turn(page, "leads")
    page.locator(".row").first.wait_for()
    with page.expect_download() as download:
        choose(page, "Export", "Export as CSV")
    assert "Asha" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Add lead").first.click()
    opened(page)
    page.get_by_label("Player", exact=True).fill("Tara Bose")
    page.get_by_label("Phone", exact=True).fill("+91 98485 00000")
    page.locator("dialog").get_by_role("button", name="Add lead").click()
    expect(page.get_by_role("heading", name="Tara Bose")).to_be_visible()


def test_the_webhook_address_has_the_prefix(visit: Open, home: str) -> None:
    page = visit("onboarding", home=home)
    address = page.locator(".copy code").first
    expect(address).to_have_text(f"{home}leads/meta-webhook/")


def test_signing_in_again_below_a_prefix(visit: Open, home: str) -> None:
    page = visit("leads", home=home)
    choose(page, "Your account", "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert page.url.startswith(home)


def test_the_api_documentation_below_a_prefix(visit: Open, home: str) -> None:
    page = visit("leads", home=home)
    page.goto(f"{home}docs")
    expect(page.get_by_role("heading", name="TOFA CRM")).to_be_visible()
    expect(page.locator(".opblock").first).to_be_visible()
