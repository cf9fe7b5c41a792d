"""The web app in the field: it opens without a network, and what is recorded is sent once."""

import http.client
import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from sqlmodel import col, select

from backend.core import times
from backend.core.accounts import sessions
from backend.models import Attempt, Comment
from tests.browser.conftest import (
    ONE_SERVER,
    PATIENCE,
    VISITOR,
    Open,
    begin,
    check_accessibility,
    choose,
    lead_of,
    opened,
    settled,
    sign_in,
    turn,
)
from tests.chromium import WHOLE, launch, watched
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, MEMBER, OTHER_MEMBER, World

pytestmark = ONE_SERVER

WAITING = re.compile("waiting for a connection")
READY = "navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"


@pytest.fixture
def phone(browser: Browser) -> Iterator[BrowserContext]:
    """Return a browser of its own, where the web app can be installed."""
    context = phone_of(browser)
    yield context
    context.close()


def phone_of(browser: Browser) -> BrowserContext:
    context = watched(browser.new_context(**VISITOR | {"service_workers": "allow"}))
    context.set_default_timeout(PATIENCE)
    return context


def opens(phone: BrowserContext, home: str, path: str = "next", email: str = MEMBER) -> Page:
    page = phone.new_page()
    begin(page, home, email)
    page.goto(f"{home}#/{path}")
    page.get_by_role("navigation").wait_for()
    page.wait_for_function(READY)
    # What is loaded after the first page as well: without a network it can't be.
    settled(page)
    return page


def name_of(page: Page) -> Locator:
    return page.get_by_role("article").get_by_role("heading", level=2)


def calls(world: World) -> list[Attempt]:
    with world.db.read() as session:
        return list(session.scalars(select(Attempt).order_by(col(Attempt.id))))


def comments(world: World) -> list[Comment]:
    with world.db.read() as session:
        return list(session.scalars(select(Comment)))


def are_sent(world: World, many: int) -> bool:
    return len(calls(world)) == many


def kept_names(page: Page) -> list[str]:
    keys = page.evaluate("Object.keys(localStorage)")
    return sorted(re.sub(r"^tofa\.draft \S+ \d+ ", "", one) for one in keys if "draft" in one)


def test_twenty_outcomes_without_a_network(
    phone: BrowserContext, client: Client, world: World, leads: None
) -> None:
    page = opens(phone, f"http://127.0.0.1:{client.port}/")
    expect(name_of(page)).to_be_visible()
    began = times.now()
    phone.set_offline(True)
    # It opens, with its own queue.
    page.reload()
    expect(page.get_by_text("You're offline")).to_be_visible()
    called: list[str] = []
    for number in range(20):
        name = name_of(page).inner_text()
        assert name not in called
        called.append(name)
        if number % 5 == 4:
            page.get_by_label("Comment").fill(f"Said {number}")
            page.get_by_role("button", name="Asked to call back").click()
            page.get_by_role("button", name="Save and next").click()
        else:
            page.keyboard.press("nbou"[number % 4])
        # The next name is in view, and read out.
        expect(name_of(page)).not_to_have_text(name)
        expect(name_of(page)).to_be_focused()
        expect(name_of(page)).to_be_in_viewport()
        if number == 11:
            page.reload()
            expect(page.get_by_text("12 changes waiting for a connection")).to_be_visible()
    expect(page.get_by_text("20 changes waiting for a connection")).to_be_visible()
    disputed = [lead_of(world, called[number]).id for number in (3, 9, 14)]
    for id in disputed:
        theirs = {"comment": "Rang them from the office"}
        assert client.patch(f"/leads/{id}", json=theirs, token=world.token(LEAD)).status == 200
    phone.set_offline(False)
    expect(page.get_by_text("3 changes to review")).to_be_visible()
    expect(page.get_by_text(WAITING)).to_have_count(0)
    ids = [lead_of(world, name).id for name in called]
    sent = calls(world)
    assert [one.lead_id for one in sent] == [id for id in ids if id not in disputed]
    assert len(sent) == 17
    assert all(began <= one.at <= times.now() for one in sent)
    with world.db.read() as session:
        said = Counter(session.scalars(select(col(Comment.text))))
    assert said == {"Said 4": 1, "Said 19": 1, "Rang them from the office": 3}
    # Each of the three asks, and shows what happened meanwhile.
    page.get_by_role("link", name="Show").click()
    entries = page.locator("main .list li")
    expect(entries).to_have_count(3)
    check_accessibility(page)
    for number in range(1, 4):
        page.get_by_role("button", name="Review").first.click()
        expect(page.locator(".meanwhile")).to_contain_text("Rang them from the office")
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_text("Saved", exact=True).first).to_be_visible()
        wait_until(partial(are_sent, world, 17 + number))
        turn(page, "outbox")
    expect(page.get_by_role("heading", name="Everything has been sent")).to_be_visible()
    assert Counter(one.lead_id for one in calls(world)) == Counter(ids)
    assert [one.lead_id for one in calls(world)][17:] == disputed
    # The answer to the last one may come after the page has been left.
    wait_until(lambda: kept_names(page) == ["copy/queue", "copy/session"])


def losing_answers(page: Page) -> list[str]:
    """Let the server carry out calls and edits, and lose its answers; return the keys it got."""
    keys: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method not in ("POST", "PATCH"):
            route.fallback()
            return
        keys.append(route.request.headers["idempotency-key"])
        route.fetch()
        route.abort("connectionreset")

    page.route(re.compile(r"/leads/\d+(/calls/)?$"), lose)
    return keys


@pytest.mark.parametrize("is_secure", [True, False])
def test_an_answer_that_is_lost(visit: Open, world: World, leads: None, is_secure: bool) -> None:
    page = visit("next", email=MEMBER, errors=("ERR_CONNECTION_RESET",))
    if not is_secure:
        # What a browser lacks at an address with neither HTTPS nor localhost.
        page.add_init_script(
            "for (const one of ['locks', 'serviceWorker', 'storage'])"
            " Object.defineProperty(navigator, one, { value: undefined });"
            "crypto.randomUUID = undefined;"
        )
        page.reload()
    keys = losing_answers(page)
    first = name_of(page).inner_text()
    page.keyboard.press("n")
    expect(page.get_by_text(f"Saved on this device: {first}")).to_be_visible()
    second = name_of(page).inner_text()
    page.keyboard.press("2")
    page.get_by_label("Comment").fill("Only once")
    page.get_by_role("button", name="Save and next").click()
    expect(page.get_by_text(f"Saved on this device: {second}")).to_be_visible()
    expect(page.get_by_text("2 changes wait")).to_be_visible()
    page.unroute_all(behavior="wait")
    # By itself, or as soon as someone wishes.
    turn(page, "outbox")
    expect(page.get_by_role("heading", name="Everything has been sent")).to_be_visible()
    assert len(keys) >= 2
    assert [one.lead_id for one in calls(world)] == [lead_of(world, first).id]
    with world.db.read() as session:
        assert session.scalars(select(col(Comment.text))).all() == ["Only once"]


def test_a_proxy_whose_server_is_gone(visit: Open, world: World, leads: None) -> None:
    """It answers itself, such as while a new version is deployed. That's as good as no answer."""
    page = visit("next", email=MEMBER, errors=("status of 502",))
    name_of(page).wait_for()
    settled(page)
    page.route(
        re.compile("/(leads|users|healthz|reports)"),
        lambda route: route.fulfill(status=502, content_type="text/html", body="Bad Gateway"),
    )
    page.keyboard.press("n")
    expect(page.get_by_text("1 change waiting for a connection")).to_be_visible()
    turn(page, "leads")
    expect(page.get_by_text("You're offline")).to_be_visible()
    page.unroute_all(behavior="wait")
    # Everything goes on by itself.
    expect(page.locator(".row").first).to_be_visible()
    expect(page.get_by_text(WAITING)).to_have_count(0)
    assert len(calls(world)) == 1


def test_two_changes_of_one_lead_follow_each_other(
    visit: Open, world: World, client: Client
) -> None:
    page = visit("lead/1", email=MEMBER)
    expect(page.get_by_text("If nobody answers")).to_be_visible()
    settled(page)
    page.context.set_offline(True)
    page.get_by_role("button", name="No answer").click()
    expect(page.get_by_text("Saved on this device").first).to_be_visible()
    page.get_by_role("button", name="Busy").click()
    expect(page.get_by_text("2 changes waiting for a connection")).to_be_visible()
    page.get_by_label("Address").fill("7 Hill Road")
    page.get_by_role("button", name="Save details").click()
    expect(page.get_by_text("3 changes waiting for a connection")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text(WAITING)).to_have_count(0)
    assert [one.outcome for one in calls(world)] == ["no_answer", "busy"]
    lead = lead_of(world, "Zoë Khan")
    assert (lead.attempts, lead.address) == (2, "7 Hill Road")
    expect(page.get_by_text("needs you")).to_have_count(0)


def online_after_the_session(page: Page, world: World, user_id: int) -> None:
    """Give a page its connection back once its person's sessions have ended; it asks who it is."""
    with world.db.write() as session:
        sessions.end_all(session, user_id)
    page.context.set_offline(False)
    opened(page)


def recorded_offline(visit: Open) -> tuple[Page, str]:
    """Record an outcome without a network; return the page and the lead's name."""
    page = visit("next", email=MEMBER)
    expect(name_of(page)).to_be_visible()
    page.context.set_offline(True)
    first = name_of(page).inner_text()
    page.keyboard.press("n")
    expect(page.get_by_text("1 change waiting for a connection")).to_be_visible()
    return page, first


def test_what_is_recorded_can_be_taken_back(visit: Open, world: World, leads: None) -> None:
    page, first = recorded_offline(visit)
    page.get_by_role("button", name="Undo").click()
    expect(name_of(page)).to_have_text(first)
    expect(page.get_by_text(WAITING)).to_have_count(0)
    page.keyboard.press("b")
    page.get_by_role("link", name="Show").click()
    expect(page.locator("main .list li")).to_contain_text("Busy")
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("heading", name="Everything has been sent")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You're offline")).to_have_count(0)
    assert calls(world) == []


def test_what_was_sent_meanwhile_is_undone(visit: Open, world: World, leads: None) -> None:
    """The message of a change that was kept stays for a while: its undo still undoes."""
    page, first = recorded_offline(visit)
    page.context.set_offline(False)
    expect(page.get_by_text("1 change waiting for a connection")).to_have_count(0)
    assert [one.undone_at for one in calls(world)] == [None]
    page.keyboard.press("z")
    expect(page.get_by_text(f"Undone (Saved on this device: {first})")).to_be_visible()
    expect(name_of(page)).to_have_text(first)
    assert [one.undone_at is None for one in calls(world)] == [False]


def test_what_another_tab_has_sent_stays(visit: Open, world: World, leads: None) -> None:
    page, _ = recorded_offline(visit)
    # Another tab has the answer, and this one finds the change gone.
    page.evaluate(
        "Object.keys(localStorage).filter((one) => one.includes('send/'))"
        ".forEach((one) => localStorage.removeItem(one))"
    )
    page.keyboard.press("z")
    expect(page.get_by_text("This has already been sent")).to_be_visible()
    expect(page.get_by_text("Undone")).to_have_count(0)


def test_nothing_is_sent_in_the_name_of_someone_else(
    visit: Open, world: World, client: Client, leads: None
) -> None:
    page, first = recorded_offline(visit)
    online_after_the_session(page, world, 2)
    expect(page.locator("[name=username]")).to_have_value(MEMBER)
    sign_in(page, OTHER_MEMBER)
    expect(
        page.get_by_text("Your account").or_(page.get_by_role("navigation")).first
    ).to_be_visible()
    expect(page.get_by_text(WAITING)).to_have_count(0)
    assert calls(world) == []
    # The queue of the first person isn't here any more; what they recorded is, for them alone.
    mine = page.evaluate("Object.keys(localStorage).filter((one) => one.includes(' 2 '))")
    assert [one.split(" ")[-1].split("/")[0] for one in mine] == ["send"]
    choose(page, "Your account", "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(page, MEMBER)
    wait_until(lambda: len(calls(world)) == 1)
    assert (calls(world)[0].lead_id, calls(world)[0].user_id) == (lead_of(world, first).id, 2)


@pytest.mark.parametrize("is_other_tab", [False, True])
def test_two_callers_share_a_device(
    visit: Open, world: World, leads: None, is_other_tab: bool
) -> None:
    """Each has outcomes that wait; each is sent in their own name, and none is lost."""
    page, first = recorded_offline(visit)
    second = name_of(page).inner_text()
    page.get_by_label("Comment").fill("Said at the gate")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2 changes waiting for a connection")).to_be_visible()
    online_after_the_session(page, world, 2)
    if is_other_tab:
        tab = page.context.new_page()
        tab.goto(page.url)
        opened(tab)
    else:
        tab = page
    sign_in(tab, OTHER_MEMBER)
    expect(name_of(tab)).to_have_text("Arjun Rao")
    expect(name_of(page)).to_have_text("Arjun Rao")
    for one in (tab, page):
        expect(one.get_by_text(WAITING)).to_have_count(0)
        expect(one.get_by_text("Said at the gate")).to_have_count(0)
    page.context.set_offline(True)
    tab.keyboard.press("b")
    expect(tab.get_by_text("1 change waiting for a connection")).to_be_visible()
    online_after_the_session(tab, world, 3)
    sign_in(tab, MEMBER)
    wait_until(lambda: comments(world) and calls(world))
    (call,), (comment,) = calls(world), comments(world)
    assert (call.lead_id, call.user_id) == (lead_of(world, first).id, 2)
    assert (comment.lead_id, comment.user_id) == (lead_of(world, second).id, 2)
    assert comment.text == "Said at the gate"
    choose(tab, "Your account", "Sign out")
    expect(tab.get_by_role("button", name="Sign in")).to_be_visible()
    sign_in(tab, OTHER_MEMBER)
    wait_until(lambda: len(calls(world)) == 2)
    assert (calls(world)[1].user_id, calls(world)[1].outcome) == (3, "busy")
    expect(tab.get_by_text(WAITING)).to_have_count(0)
    if is_other_tab:
        tab.close()


# Lets a test say when a request has taken too long.
TIMEOUTS = """() => {
    window.timeouts = [];
    AbortSignal.timeout = () => {
        const one = new AbortController();
        window.timeouts.push(one);
        return one.signal;
    };
}"""


def test_signing_in_again_takes_its_time(visit: Open, world: World, leads: None) -> None:
    """However long it takes, what was saved is sent then, and the page isn't offline."""
    page = visit("next", email=MEMBER)
    first = name_of(page).inner_text()
    page.evaluate(TIMEOUTS)
    with world.db.write() as session:
        sessions.end_all(session, 2)
    page.keyboard.press("n")
    opened(page)
    page.evaluate("window.timeouts.forEach((one) => one.abort())")
    sign_in(page, MEMBER)
    expect(page.get_by_text(f"Saved: {first}")).to_be_visible()
    assert [one.lead_id for one in calls(world)] == [lead_of(world, first).id]


def test_signing_out_removes_the_copies(
    phone: BrowserContext, client: Client, world: World, leads: None
) -> None:
    page = opens(phone, f"http://127.0.0.1:{client.port}/")
    expect(name_of(page)).to_be_visible()
    wait_until(lambda: kept_names(page) == ["copy/queue", "copy/session"])
    phone.set_offline(True)
    page.keyboard.press("n")
    expect(page.get_by_text("1 change waiting for a connection")).to_be_visible()
    choose(page, "Your account", "Sign out")
    opened(page)
    page.get_by_role("button", name="Delete and sign out").click()
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert kept_names(page) == []
    phone.set_offline(False)
    assert calls(world) == []


class Deployments(BaseHTTPRequestHandler):
    """A proxy below `/crm` whose versions of the web app follow each other."""

    port = 0
    real = ""
    suffix = "a"

    def forward(self) -> None:
        path = self.path.removeprefix("/crm")
        now = f"~{self.real}{self.suffix}/"
        asked = path.replace(now, f"~{self.real}/")
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        server = http.client.HTTPConnection("127.0.0.1", self.port)
        skipped = ("connection", "accept-encoding", "if-none-match")
        headers = {name: one for name, one in self.headers.items() if name.lower() not in skipped}
        server.request(self.command, asked, body or None, headers)
        answer = server.getresponse()
        content = answer.read()
        server.close()
        if path in ("/", "/sw.js"):
            content = content.replace(self.real.encode(), f"{self.real}{self.suffix}".encode())
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("transfer-encoding", "content-length", "connection", "etag"):
                self.send_header(name, value)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PATCH = forward  # noqa: N815  as the server calls them

    def log_message(self, *_: object) -> None:
        """Log nothing."""


@pytest.fixture
def deployments(client: Client) -> Iterator[tuple[str, Callable[[str], None]]]:
    """Return an address of the web app, and a function that deploys another version there."""
    found = re.search(rb"~(\w+)/", client.get("/").body)
    assert found is not None
    given: dict[str, Any] = {"port": client.port, "real": found[1].decode()}
    handler = type("Deployed", (Deployments,), given)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def deploy(suffix: str) -> None:
        handler.suffix = suffix  # type: ignore[attr-defined]

    yield f"http://127.0.0.1:{server.server_port}/crm/", deploy
    server.shutdown()
    thread.join()
    server.server_close()


def version_of(page: Page) -> str:
    scripts = page.evaluate("[...document.scripts].map((one) => one.src)")
    (found,) = {re.findall(r"~\w+?(\w)/", one)[0] for one in scripts}
    return str(found)


def caches(page: Page) -> list[str]:
    found: list[str] = page.evaluate("caches.keys()")
    return [one[-1] for one in found]


def test_a_new_version_arrives(
    phone: BrowserContext,
    deployments: tuple[str, Callable[[str], None]],
    world: World,
    leads: None,
) -> None:
    home, deploy = deployments
    page = opens(phone, home)
    assert (version_of(page), caches(page)) == ("a", ["a"])
    page.get_by_label("Comment").fill("Typed before")
    deploy("b")
    # An open page goes on with its own files, whatever the server has by now.
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    update = "navigator.serviceWorker.getRegistration().then((one) => one.update())"
    with page.expect_event("console", lambda one: one.text == "taken over"):
        page.evaluate(
            "navigator.serviceWorker.addEventListener('controllerchange', "
            "() => console.log('taken over'))"
        )
        page.evaluate(update)
    assert caches(page) == ["a", "b"]
    expect(page.get_by_label("Comment")).to_have_value("Typed before")
    # The next page is of the new version, and what was typed is still there.
    turn(page, "leads")
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    assert version_of(page) == "b"
    turn(page, "next")
    expect(page.get_by_label("Comment")).to_have_value("Typed before")
    # Of each version that a page may have come from, all files are of that version.
    assert not [one for one in asked if "/reports.js" in one]
    # Without a server the newest one opens; with one, a page never depends on an old worker.
    deploy("c")
    page.reload()
    expect(name_of(page)).to_be_visible()
    assert version_of(page) == "c"
    phone.set_offline(True)
    page.reload()
    expect(name_of(page)).to_be_visible()
    phone.set_offline(False)
    page.evaluate(update)
    page.wait_for_function("caches.keys().then((all) => all.length === 2)")
    assert caches(page)[-1] == "c"
    scope = page.evaluate("navigator.serviceWorker.getRegistration().then((one) => one.scope)")
    assert scope == home


def test_versions_never_mix(
    phone: BrowserContext, deployments: tuple[str, Callable[[str], None]], world: World
) -> None:
    home, deploy = deployments
    page = opens(phone, home)
    deploy("b")
    # A file of the old version that nobody has used yet isn't on the server any more.
    turn(page, "reports")
    page.wait_for_function("() => document.scripts[0].src.includes('b/')")
    expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    assert version_of(page) == "b"


@pytest.fixture
def whole_phone(browser: Browser) -> Iterator[BrowserContext]:
    """Return a `phone` that can say what keeps it from installing: the headless shell can't."""
    with closing(launch(browser.browser_type, WHOLE)) as whole:
        yield phone_of(whole)


def test_it_can_be_installed(whole_phone: BrowserContext, client: Client, world: World) -> None:
    home = f"http://127.0.0.1:{client.port}/"
    page = opens(whole_phone, home)
    manifest = page.locator("link[rel=manifest]").evaluate("(one) => one.href")
    told = json.loads(client.get(manifest.removeprefix(home[:-1])).body)
    resolve = "([to, from]) => new URL(to, from).href"
    assert page.evaluate(resolve, [told["start_url"], manifest]) == home
    assert page.evaluate(resolve, [told["scope"], manifest]) == home
    for icon in told["icons"]:
        address = page.evaluate(resolve, [icon["src"], manifest])
        answer = client.get(address.removeprefix(home[:-1]))
        assert (answer.status, answer.headers["content-type"].split(";")[0]) == (200, icon["type"])
    session = whole_phone.new_cdp_session(page)
    found = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Nothing is installed from such a browser, whatever the web app.
    assert [one["errorId"] for one in found] == ["in-incognito"]
