"""What a page asks for before it is all there: once, for one person, and for that page alone."""

import re
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from backend.core.accounts import sessions
from tests.browser.conftest import ONE_SERVER, Open, settled, sign_in, turn, until
from tests.servers import Client
from tests.world import MEMBER, OTHER_MEMBER, PASSWORD, World

pytestmark = ONE_SERVER

ALWAYS = ("/users/me", "/centers/", "/choices/")
QUEUE = "/leads/next"
# The leads that were skipped, as the page keeps them.
LONG_AGO = """() => {
    const key = Object.keys(localStorage).find((one) => one.endsWith(" skipped"));
    localStorage[key] = localStorage[key].replace(/"at":"20../g, '"at":"2001');
}"""


class Requests(list[Request]):
    """What a page asks of the API, in order."""

    def __init__(self, page: Page) -> None:
        page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if "/web/" not in request.url and not request.is_navigation_request():
            self.append(request)

    def counts(self) -> Counter[str]:
        return Counter(urlsplit(one.url).path for one in self)

    def of(self, path: str) -> list[Request]:
        return [one for one in self if urlsplit(one.url).path == path]


def hold_the_app(page: Page) -> list[Route]:
    """Hold back the file that draws the page, so that only the early requests are sent."""
    held: list[Route] = []
    page.route("**/app.js", lambda route: held.append(route))
    return held


def let_go(page: Page, held: list[Route]) -> None:
    for route in held:
        route.continue_()
    page.unroute("**/app.js")


def answers(page: Page, asked: Requests, many: int) -> None:
    """Wait until so many requests were made and answered, while the app is held back."""
    until(page, lambda: len(asked) >= many)
    for one in asked:
        response = one.response()
        assert response is not None
        response.finished()


def token_of(page: Page, email: str) -> str:
    """Sign in as in another tab. Return the token."""
    token: str = page.evaluate(
        """async (form) => {
            const body = new URLSearchParams(form);
            const answer = await fetch("token", { method: "POST", body });
            return (await answer.json()).access_token;
        }""",
        {"username": email, "password": PASSWORD},
    )
    return token


@pytest.mark.parametrize(
    ("place", "queue"),
    [
        ("", ["limit=30"]),
        ("#/next", ["limit=30"]),
        ("#/next?view=center", ["view=center&limit=30"]),
        ("#/leads", []),
        ("#/security", []),
    ],
)
def test_each_is_asked_for_once_and_before_the_app_is_there(
    visit: Open, client: Client, leads: None, place: str, queue: list[str]
) -> None:
    page = visit("security", email=MEMBER)
    settled(page)
    page.goto("about:blank")
    asked, held = Requests(page), hold_the_app(page)
    page.goto(f"http://127.0.0.1:{client.port}/{place}", wait_until="commit")
    answers(page, asked, 3 + len(queue))
    let_go(page, held)
    page.get_by_role("navigation").wait_for()
    settled(page)
    assert [asked.counts()[path] for path in ALWAYS] == [1, 1, 1]
    assert [urlsplit(one.url).query for one in asked.of(QUEUE)] == queue


def test_it_is_what_the_app_itself_would_send(visit: Open, leads: None) -> None:
    page = visit("next", email=MEMBER)
    settled(page)
    asked = Requests(page)
    page.reload()
    settled(page)
    # The queue is read again as it was at first.
    page.get_by_label("Whose leads").select_option("center")
    page.get_by_label("Whose leads").select_option("")
    until(page, lambda: len(asked.of(QUEUE)) == 3)
    early, _, again = asked.of(QUEUE)
    assert (early.url, early.method) == (again.url, again.method)
    assert early.all_headers() == again.all_headers()


def test_nobody_else_gets_what_was_asked_for_someone(visit: Open, leads: None) -> None:
    """Another tab has signed in as someone else while the page was loading."""
    page = visit("next", email=MEMBER)
    settled(page)
    token = token_of(page, OTHER_MEMBER)
    # Wherever a lead of the first person is drawn, and however briefly.
    page.add_init_script(
        "new MutationObserver(() => { if (document.body?.textContent.includes('Player'))"
        " sessionStorage.setItem('shown', '1'); })"
        ".observe(document, { subtree: true, childList: true, characterData: true })"
    )
    asked, held = Requests(page), hold_the_app(page)
    page.reload(wait_until="commit")
    answers(page, asked, 4)
    page.evaluate("(token) => localStorage.setItem('tofa.token', token)", token)
    asked.clear()
    # The page is loaded again, and asks for the other person.
    with page.expect_request("**/users/me"):
        let_go(page, held)
    page.get_by_role("navigation").wait_for()
    settled(page)
    assert {one.headers["authorization"] for one in asked} == {f"Bearer {token}"}
    assert page.evaluate("sessionStorage.getItem('shown')") is None


def test_a_new_session_of_the_same_person_asks_again(visit: Open, leads: None) -> None:
    page = visit("next", email=MEMBER)
    settled(page)
    token = token_of(page, MEMBER)
    asked, held = Requests(page), hold_the_app(page)
    page.reload(wait_until="commit")
    answers(page, asked, 4)
    page.evaluate("(token) => localStorage.setItem('tofa.token', token)", token)
    asked.clear()
    let_go(page, held)
    expect(page.get_by_role("article")).to_be_visible()
    settled(page)
    assert [len(asked.of(path)) for path in (*ALWAYS, QUEUE)] == [1, 1, 1, 1]
    assert {one.headers["authorization"] for one in asked} == {f"Bearer {token}"}


def test_a_session_that_has_ended_asks_for_the_password(
    visit: Open, world: World, leads: None
) -> None:
    page = visit("next", email=MEMBER)
    settled(page)
    with world.db.write() as session:
        sessions.end_all(session, 2)
    asked, held = Requests(page), hold_the_app(page)
    page.reload(wait_until="commit")
    # The refusals are there before anyone can be told of them.
    answers(page, asked, 4)
    let_go(page, held)
    expect(page.get_by_text("Your session has expired")).to_be_visible()
    sign_in(page, MEMBER)
    expect(page.get_by_role("article")).to_be_visible()
    settled(page)
    # Anyone may read the centers.
    assert [len(asked.of(path)) for path in (*ALWAYS, QUEUE)] == [2, 1, 2, 2]


def test_what_was_asked_for_another_page_is_dropped(visit: Open, leads: None) -> None:
    """The queue that was read at the start isn't shown when someone comes to it later."""
    page = visit("next", email=MEMBER)
    settled(page)
    asked, held = Requests(page), hold_the_app(page)
    page.reload(wait_until="commit")
    answers(page, asked, 4)
    page.evaluate("location.hash = '#/leads'")
    let_go(page, held)
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    settled(page)
    assert len(asked.of(QUEUE)) == 1
    turn(page, "next")
    expect(page.get_by_role("article")).to_be_visible()
    settled(page)
    assert len(asked.of(QUEUE)) == 2


def test_another_view_of_the_queue_is_asked_for_again(visit: Open, leads: None) -> None:
    page = visit("next?view=center", email=MEMBER)
    settled(page)
    asked = Requests(page)
    page.get_by_label("Whose leads").select_option("")
    settled(page)
    assert [urlsplit(one.url).query for one in asked.of(QUEUE)] == ["limit=30"]


def test_leads_that_were_skipped_are_left_out_by_the_only_request(visit: Open, leads: None) -> None:
    page = visit("next", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    settled(page)
    asked = Requests(page)
    page.reload()
    expect(page.get_by_role("article")).to_be_visible()
    settled(page)
    (queue,) = asked.of(QUEUE)
    assert urlsplit(queue.url).query.startswith("skip=")
    # After some hours none is skipped any more, and what kept them goes.
    page.evaluate(LONG_AGO)
    page.reload()
    expect(name).to_have_text(first)
    settled(page)
    assert page.evaluate("Object.keys(localStorage).filter((one) => /skipped/.test(one))") == []


def test_a_module_that_needs_a_newer_app_loads_the_page_again(visit: Open, leads: None) -> None:
    """A page of an older version may ask for one, where no service worker refuses it."""
    page = visit("next", email=MEMBER)
    settled(page)
    newer = 'import { $more } from "../app.js"; export default $more;'
    page.route(
        "**/pages/leads.js",
        lambda route: route.fulfill(content_type="text/javascript", body=newer),
        times=1,
    )
    with page.expect_request("**/users/me"):
        turn(page, "leads")
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()


def test_who_needs_a_second_factor_is_asked_to_set_it_up(visit: Open, leads: None) -> None:
    """Also if the refusal is there before anyone can be told of it."""
    page = visit("next", email=MEMBER)
    settled(page)
    page.route(
        "**/leads/next*",
        lambda route: route.fulfill(
            status=403, headers={"x-second-factor": "setup"}, json={"detail": "Set it up"}
        ),
    )
    asked, held = Requests(page), hold_the_app(page)
    page.reload(wait_until="commit")
    answers(page, asked, 4)
    let_go(page, held)
    expect(page).to_have_url(re.compile(r"#/security$"))
