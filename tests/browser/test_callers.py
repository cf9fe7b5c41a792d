"""Two callers at work, one by touch on a phone and one by keyboard, while everything interferes.

Leads come in, a colleague comments on the leads that are on the screen, answers are lost and the
network goes away. Each outcome has to land on the lead that was on the screen, once.
`--calls 30` records as many outcomes with each.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Locator, Page, Response, Route, expect
from sqlmodel import col, select

from backend.models import Attempt, Comment, UserCenterLink
from tests.browser.conftest import ONE_SERVER, PATIENCE, VISITOR, begin, drawn, turn
from tests.servers import Client
from tests.waiting import wait_until
from tests.world import LEAD, MEMBER, OTHER_MEMBER, TELLAPUR, World

pytestmark = [ONE_SERVER, pytest.mark.slow]

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}
# By turns: the outcome, the keys for it, and the buttons. No more than three of either.
OUTCOMES = (
    ("no_answer", ("n",), ("No answer",)),
    ("spoke", ("s", "2", "Enter"), ("Spoke", "Called", "Save and next")),
    ("busy", ("b",), ("Busy",)),
    ("call_back", ("l", "w", "Enter"), ("Asked to call back", "Tomorrow", "Save and next")),
    ("switched_off", ("o",), ("Switched off",)),
)
# By turns, at numbers that have no common divisor with the outcomes.
LOST, CHANGED, OFFLINE = 4, 3, 7
ALL_WAIT_FOR_PEOPLE = """() => Object.keys(localStorage)
    .filter((one) => one.includes(" send/"))
    .every((one) => JSON.parse(localStorage[one]).values.state)"""


@dataclass(slots=True)
class Caller:
    """A person with a browser, who notes which lead was on the screen for each outcome."""

    page: Page
    by_touch: bool = False
    recorded: list[tuple[int, str]] = field(default_factory=list)

    @property
    def name(self) -> Locator:
        return self.page.get_by_role("article").get_by_role("heading", level=2)

    @property
    def ignored(self) -> Locator:
        """What says that a key was pressed as a colleague's lead gave way to another one."""
        return self.page.get_by_text("Nothing was recorded")

    def shown(self) -> int:
        link = self.name.get_by_role("link").get_attribute("href")
        assert link is not None
        return int(link.rpartition("/")[2])

    def record(self, number: int) -> None:
        """Record an outcome of the lead on the screen, and wait for the next name."""
        outcome, keys, buttons = OUTCOMES[number % len(OUTCOMES)]
        lead = self.shown()
        if len(keys) > 1:
            self.page.get_by_label("Comment").fill(f"Said by {lead}")
            self.page.keyboard.press("Escape")
        for one in buttons if self.by_touch else keys:
            self._press(one)
        while self._is_asked(lead) and not self.ignored.is_visible():
            if self._was_called():
                self._press("Skip" if self.by_touch else "x")
                expect(self.name.get_by_role("link")).not_to_have_attribute(
                    "href", f"#/lead/{lead}"
                )
                self.record(number)
                return
            with self.page.expect_request("**/calls/"):
                self._press("Save and next" if self.by_touch else "Enter")
            drawn(self.page)
        if self.ignored.is_visible():
            expect(self.ignored).to_be_hidden()
            self.record(number)
            return
        self.recorded.append((lead, outcome))
        expect(self.name).to_be_focused()
        expect(self.name).to_be_in_viewport()

    def _was_called(self) -> bool:
        """Return whether a colleague has called the lead meanwhile, as the card says."""
        said = self.page.locator(".meanwhile").inner_text()
        return any(buttons[0] in said for _, _, buttons in OUTCOMES)

    def _press(self, one: str) -> None:
        if self.by_touch:
            self.page.get_by_role("article").get_by_role("button", name=one).first.tap()
        else:
            self.page.keyboard.press(one)

    def _is_asked(self, lead: int) -> bool:
        """Wait for the next name. Return whether a colleague was faster, which asks once more."""
        self.page.wait_for_function(
            """(lead) => {
              const isNext = document.querySelector("article h2 a")?.hash !== `#/lead/${lead}`;
              const isBusy = document.querySelector(".outcome .primary:disabled");
              const isIgnored = document.body.textContent.includes("Nothing was recorded");
              const isAsked = document.querySelector(".outcome [role=alert]");
              return isNext || isIgnored || (!isBusy && isAsked);
            }""",
            arg=lead,
        )
        return self.shown() == lead


@contextmanager
def leads_coming_in(client: Client) -> Iterator[threading.Semaphore]:
    """Send a lead to the webhook for each release, beside whatever the test does.

    Those that came last are to be called first.
    """
    due, is_over = threading.Semaphore(0), threading.Event()

    def send() -> None:
        for number in itertools.count():
            due.acquire()
            if is_over.is_set():
                return
            lead = {"phone_number": f"98490{number:05}", "nearest_center": "TOFA Tellapur"}
            client.post("/leads/meta-webhook/", json=lead)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield due
    finally:
        is_over.set()
        due.release()
        thread.join()


def lose_answers(page: Page) -> None:
    """Carry out every fourth change, and lose the answer."""
    changes = itertools.count(1)

    def answer(route: Route) -> None:
        is_change = route.request.method in ("POST", "PATCH")
        if is_change and "/claim" not in route.request.url and next(changes) % LOST == 0:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/leads/*", answer)
    page.route("**/leads/*/calls/", answer)


def test_every_outcome_lands_on_the_lead_that_was_on_the_screen(
    browser: Browser,
    client: Client,
    world: World,
    leads: None,
    pytestconfig: pytest.Config,
) -> None:
    with world.db.write() as session:
        session.add(UserCenterLink(user_id=3, center_id=TELLAPUR))
    home, people = f"http://127.0.0.1:{client.port}/", (MEMBER, OTHER_MEMBER)
    contexts = [browser.new_context(**VISITOR | PHONE), browser.new_context(**VISITOR)]
    callers = []
    for context, email in zip(contexts, people, strict=True):
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        begin(page, home, email)
        with page.expect_response(posted("/claim")):
            page.goto(f"{home}#/next")
        lose_answers(page)
        callers.append(Caller(page, by_touch=email == MEMBER))
    with leads_coming_in(client) as due:
        for number in range(pytestconfig.getoption("--calls")):
            for context, caller in zip(contexts, callers, strict=True):
                is_offline = number % OFFLINE >= OFFLINE - 2
                if is_offline or number % OFFLINE > 0 or number == 0:
                    context.set_offline(is_offline)
                else:
                    # The lead on the screen is claimed as soon as there is a network again.
                    with caller.page.expect_response(posted("/claim")):
                        context.set_offline(False)
                    drawn(caller.page)
                if number % CHANGED == 0:
                    theirs = {"comment": "Rang from the office"}
                    token = world.token(LEAD)
                    client.patch(f"/leads/{caller.shown()}", json=theirs, token=token)
                due.release(3)
                caller.record(number)
    for context, caller in zip(contexts, callers, strict=True):
        context.set_offline(False)
        decide(caller.page)
    with world.db.read() as session:
        made = session.scalars(select(Attempt).where(col(Attempt.undone_at).is_(None))).all()
        ours = col(Comment.text).startswith("Said by")
        comments = session.scalars(select(Comment).where(ours)).all()
    for user_id, caller in zip((2, 3), callers, strict=True):
        own = Counter((one.lead_id, one.outcome) for one in made if one.user_id == user_id)
        assert own == Counter(caller.recorded)
    assert all(one.text == f"Said by {one.lead_id}" for one in comments)
    outcomes = [outcome for caller in callers for _, outcome in caller.recorded]
    assert len(comments) == sum(one in ("spoke", "call_back") for one in outcomes)
    for context in contexts:
        context.close()


def posted(end: str) -> Callable[[Response], bool]:
    """Return the condition that a response answers a POST to such a path."""
    return lambda one: one.request.method == "POST" and one.url.endswith(end)


def decide(page: Page) -> None:
    """Save what waits because a colleague was faster."""
    page.wait_for_function(ALL_WAIT_FOR_PEOPLE)
    page.unroute_all()
    turn(page, "outbox")
    review = page.get_by_role("button", name="Review").first
    empty = page.get_by_text("Everything has been sent")
    expect(review.or_(empty)).to_be_visible()
    while not empty.is_visible():
        review.click()
        with page.expect_response(posted("/calls/")) as saved:
            page.get_by_role("button", name="Save", exact=False).last.click()
        assert saved.value.ok, saved.value.text()
        wait_until(lambda: page.evaluate(ALL_WAIT_FOR_PEOPLE))
        turn(page, "outbox")
        expect(review.or_(empty)).to_be_visible()
