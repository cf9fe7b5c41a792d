"""Large jobs when the server has no room for them: the web app waits and tries again."""

import re

from playwright.sync_api import Route, expect

from tests.browser.conftest import ONE_SERVER, Open, choose
from tests.browser.test_imports import sheet
from tests.world import World

pytestmark = ONE_SERVER

BUSY = "Other large imports and exports are running. Try again in a few seconds"


class Refusing:
    """Answers the first requests with 503, and lets the others through."""

    def __init__(self, times: int) -> None:
        self.times, self.requests = times, 0

    def __call__(self, route: Route) -> None:
        self.requests += 1
        if self.requests > self.times:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "0"}, json={"detail": BUSY})


def test_an_export_waits_for_its_turn(visit: Open, world: World) -> None:
    page = visit("leads", errors=("status of 503",))
    busy = Refusing(2)
    page.route("**/leads/export.csv*", busy)
    page.locator(".row").first.wait_for()
    with page.expect_download() as download:
        choose(page, "Export", "Export as CSV")
    expect(page.get_by_text("The server is busy. Trying again…")).to_be_visible()
    assert "Zoë Khan" in download.value.path().read_text(encoding="utf-8-sig")
    assert busy.requests == 3


def test_an_import_waits_for_its_turn(visit: Open, world: World) -> None:
    page = visit("imports", errors=("status of 503",))
    planning, committing = Refusing(1), Refusing(1)
    page.route(
        re.compile("/imports/$"),
        lambda route: planning(route) if route.request.method == "POST" else route.continue_(),
    )
    page.route("**/imports/*/commit", committing)
    page.locator("input[type=file]").set_input_files(sheet("Asha,9848500001,TOFA Tellapur\n"))  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="New 1")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("Import complete")).to_be_visible()
    assert (planning.requests, committing.requests) == (2, 2)


def test_it_says_so_when_no_turn_comes(visit: Open) -> None:
    page = visit("leads", errors=("status of 503",))
    busy = Refusing(99)
    page.route("**/leads/export.csv*", busy)
    page.locator(".row").first.wait_for()
    choose(page, "Export", "Export as CSV")
    expect(page.get_by_text(BUSY)).to_be_visible()
    assert busy.requests == 5


def test_other_requests_are_not_sent_again(visit: Open) -> None:
    page = visit("leads", errors=("status of 503",))
    busy = Refusing(99)
    page.route("**/users/", busy)
    page.goto(page.url.replace("#/leads", "#/settings"))
    expect(page.get_by_role("alert")).to_contain_text(BUSY)
    assert busy.requests == 1
