"""What arrives from outside: unrecognised centers, deliveries, and the order of the panels."""

import gzip
import re

import pytest
from playwright.sync_api import Page, Route, expect
from sqlmodel import select

from backend.core import times
from backend.models import CenterAlias, Delivery, DeliveryState, Form, Lead, Source
from tests.browser.conftest import ONE_SERVER, Open, drawn, opened, turn
from tests.servers import Client
from tests.world import EPOCH, World

pytestmark = ONE_SERVER


def test_an_unrecognised_center_is_matched_once(visit: Open, world: World, client: Client) -> None:
    for number in range(2):
        flat = {"phone_number": f"984850000{number}", "nearest_center": "Tella (old)"}
        assert client.post("/leads/meta-webhook/", json=flat).status == 200
    page = visit("intake")
    expect(page.get_by_text("2 waiting")).to_be_visible()
    page.locator(".attention select").select_option(label="Tellapur")
    page.get_by_role("button", name="Match").click()
    expect(page.get_by_text("Retrying 2 deliveries")).to_be_visible()
    with world.db.read() as session:
        assert session.scalars(select(CenterAlias)).one().text == "Tella (old)"
    page.locator("tbody a").first.click()
    expect(page.locator("dialog")).to_contain_text("Tella (old)")


def test_a_delivery_is_dismissed(visit: Open, world: World, client: Client) -> None:
    client.post("/leads/meta-webhook/", json={"full_name": "No phone"})
    page = visit("intake?state=waiting")
    page.locator("tbody a").first.click()
    opened(page)
    page.get_by_label("Reason for dismissing").fill("A test of the form")
    page.get_by_role("button", name="Dismiss").last.click()
    expect(page.get_by_text("No deliveries")).to_be_visible()


# What each panel requests, in the order in which the panels stand on the page.
PANELS = ("/deliveries/health", "/deliveries/unknown-centers/", "/leads/duplicates/", "/forms/")


@pytest.fixture
def panels(world: World, client: Client) -> None:
    """Give every panel something to show."""
    flat = {"phone_number": "9848500001", "nearest_center": "Tella (old)"}
    assert client.post("/leads/meta-webhook/", json=flat).status == 200
    with world.db.write() as session:
        session.add(Form(id="77", questions=["who?"], mapping={}))
        session.add(
            Lead(
                created_time=EPOCH,
                player_name="Zoe K.",
                phone="+919848500009",
                phone_key="+919848500009",
                email="parent1@example.com",
                email_key="parent1@example.com",
                center_id=1,
            )
        )


def order(page: Page) -> list[str]:
    """Return the headings of the panels, from the top of the page to its end."""
    shown = page.locator("main :is(dt, h2, summary)")
    expect(shown.filter(has_text="Forms")).to_be_visible()
    tops = [(one.bounding_box() or {"y": -1.0})["y"] for one in shown.all()]
    assert tops == sorted(tops)
    return [text.split()[0] for text in shown.all_inner_texts()]


# The orders in which the answers arrive: as the panels stand, reversed, and mixed.
ARRIVALS = ((0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (2, 0, 3, 1))


def test_panels_have_one_order(visit: Open, panels: None) -> None:
    page = visit("leads")
    held: dict[str, Route] = {}
    page.route(
        re.compile(f":\\d+({'|'.join(PANELS)})"),
        lambda route: held.update({route.request.url: route}),
    )
    for arrival in ARRIVALS:
        held.clear()
        turn(page, "leads")
        page.locator(".row").first.wait_for()
        turn(page, "intake")
        expect(page.locator("tbody tr")).to_have_count(1)
        for number in arrival:
            (url,) = (one for one in held if PANELS[number] in one)
            with page.expect_response(url):
                held[url].continue_()
            drawn(page)
        assert order(page) == [
            "Meta", "Oldest", "Failed", "Last", "Unrecognised", "Possible", "Forms",
        ], arrival  # fmt: skip


def test_show_more_says_what_went_wrong(visit: Open, world: World) -> None:
    with world.db.write() as session:
        for number in range(60):
            session.add(
                Delivery(
                    source=Source.FLAT,
                    state=DeliveryState.WAITING,
                    received_at=times.now(),
                    body="{}",
                    reason="no_phone",
                    attempts=number,
                )
            )
    page = visit("intake", errors=("status of 500",))
    rows = page.locator("tbody tr")
    expect(rows).to_have_count(50)
    more = re.compile(r"/deliveries/\?.*before=")
    page.route(more, lambda route: route.fulfill(status=500, json={"detail": "Out of order"}))
    page.get_by_role("button", name="Show more").click()
    expect(page.get_by_role("alert")).to_contain_text("Out of order")
    expect(rows).to_have_count(50)
    page.unroute(more)
    page.get_by_role("button", name="Try again").click()
    expect(rows).to_have_count(60)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_can_not_be_read_is_shown_with_the_reason(
    visit: Open, world: World, client: Client
) -> None:
    sent = gzip.compress(b"Call me, please", mtime=0)
    assert client.post("/leads/meta-webhook/", body=sent).status == 422
    page = visit("intake?state=waiting")
    expect(page.get_by_text("Not readable")).to_be_visible()
    page.locator("tbody a").first.click()
    opened(page)
    dialog = page.locator("dialog")
    expect(dialog).to_contain_text("it is neither JSON nor a form")
    expect(dialog.locator("pre")).to_have_text("Call me, please")


def test_the_questions_of_an_own_form_are_mapped(visit: Open, world: World, client: Client) -> None:
    said = {"whose": "Zoya", "question 8": "98485 00001", "nearest_center": "TOFA Tellapur"}
    for more in ({}, {"form_id": "trial-page"}):
        assert client.post("/leads/meta-webhook/", json=said | more).status == 200
    page = visit("intake")
    page.locator("summary", has_text="Forms").click()
    expect(page.get_by_role("heading", name="Your own forms")).to_be_visible()
    form = page.locator("form.mapping").filter(has_text="Your own form trial-page")
    form.get_by_label("whose").select_option("player_name")
    form.get_by_label("question 8").select_option("phone")
    form.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    with world.db.read() as session:
        mapping = session.get_one(Form, "webhook:trial-page").mapping
    assert (mapping["whose"], mapping["question 8"]) == ("player_name", "phone")
