"""The nine parts of the page, walked by hand and by keys, on both servers."""

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import delete
from sqlmodel import col, select

from backend.core import times
from backend.core.leads import match_keys
from backend.models import Center, CenterAlias, Lead, UserCenterLink
from tests.browser.conftest import Open, check_accessibility, sign_in
from tests.servers import Client
from tests.world import LEAD, MEMBER, OBSERVER, PASSWORD, World

pytestmark = pytest.mark.parametrize(
    ("adapter", "database"),
    [("fastapi", "sqlite"), ("flask", "sqlite")],
    indirect=["database"],
    ids=["fastapi", "flask"],
)


@pytest.fixture
def leads(world: World) -> None:
    """Three hundred of Tellapur's, so that a list has pages."""
    now = times.now()
    with world.db.write() as session:
        for number in range(300):
            name, phone = f"Player {number:03}", f"98481{number:05}"
            session.add(
                Lead(
                    created_time=now - timedelta(hours=2 + number),
                    player_name=name,
                    name_key=match_keys.name_key(name),
                    phone=phone,
                    phone_key=match_keys.phone_key(phone, "IN"),
                    status=("New", "Called", "Joined")[number % 3],
                    center_id=1,
                    source="meta",
                    campaign="Summer camp",
                )
            )


def lead_of(world: World, name: str) -> Lead:
    with world.db.read() as session:
        return session.scalars(select(Lead).where(col(Lead.player_name) == name)).one()


def drawn(page: Page) -> None:
    """Wait until all that is to be drawn by now is on the screen."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => setTimeout(done)))")


def choose(page: Page, menu: str, item: str) -> None:
    """What a menu offers, once it stands still."""
    page.get_by_role("button", name=menu).click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.get_by_role("menuitem", name=item).click()


def opened(page: Page) -> None:
    """Waits for a dialog and for its frame: it takes the focus before anybody can see it."""
    expect(page.locator("wa-dialog").last).to_have_js_property("open", True)
    drawn(page)


def turn(page: Page, path: str) -> None:
    """Goes to another page of the page, as a link does."""
    page.goto(re.sub("#.*", f"#/{path}", page.url))


def test_signing_in_and_out(visit: Open, world: World) -> None:
    page = visit("leads", email=None)
    sign_in(page, LEAD, "wrong password")
    expect(page.get_by_role("alert")).to_have_text("Incorrect email or password")
    sign_in(page, LEAD)
    expect(page.get_by_role("heading", name="Leads")).to_be_visible()
    choose(page, "Your account", "Sign out")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_nothing_typed_is_lost_when_a_session_ends(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Wants the morning batch")
    page.evaluate("localStorage.setItem('tofa.token', 'x')")
    page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'tofa.token', newValue: 'x'}))")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    opened(page)
    sign_in(page, MEMBER)
    expect(page.locator(".history .comment")).to_have_text("Wants the morning batch")


def test_being_offline_is_told(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").fill("Not lost")
    page.context.set_offline(True)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("There is no connection").first).to_be_visible()
    expect(page.get_by_label("Comment")).to_have_value("Not lost")
    page.context.set_offline(False)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history .comment")).to_have_text("Not lost")


def test_ones_own_password(visit: Open, world: World) -> None:
    page = visit("", email=MEMBER)
    choose(page, "Your account", "Change password")
    opened(page)
    page.get_by_label("Your password now").fill("not mine")
    page.get_by_label("New password").fill("another seven hills")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Enter the correct password")).to_be_visible()
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Your password is changed")).to_be_visible()


def test_call_next_by_two_keys(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    card = page.get_by_role("article")
    first = card.get_by_role("heading", level=2).inner_text()
    assert card.get_by_role("link", name=f"Call {first}", exact=True).get_attribute("href") in (
        f"tel:{lead_of(world, first).phone}",
    )
    whatsapp = card.get_by_role("link", name=f"WhatsApp {first}").get_attribute("href") or ""
    assert re.fullmatch(r"https://wa\.me/91\d{10}", whatsapp)
    page.keyboard.press("2")
    page.keyboard.press("w")
    page.keyboard.press("Enter")
    expect(card.get_by_role("heading", level=2)).not_to_have_text(first)
    expect(page.get_by_text(f"Noted: {first}")).to_be_visible()
    noted = lead_of(world, first)
    assert noted.status == "Called"
    assert noted.next_followup_date is not None
    assert times.now() < noted.next_followup_date < times.now() + timedelta(days=2)


def test_what_was_passed_over_comes_back(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    page.keyboard.press("x")
    expect(name).not_to_have_text(first)
    second = name.inner_text()
    page.keyboard.press("j")
    expect(name).not_to_have_text(second)
    page.keyboard.press("k")
    expect(name).to_have_text(second)
    page.reload()
    expect(name).to_have_text(first)


def test_a_key_pressed_as_a_card_appears(visit: Open, leads: None) -> None:
    page = visit("", email=MEMBER)
    queue = page.get_by_role("region", name="Whom to call").get_by_role("button")
    expect(queue.nth(2)).to_be_visible()
    names = queue.locator("b").all_inner_texts()
    # The next key comes before the card is painted, and must mean the card that stands there.
    page.evaluate(
        """() => {
          const press = () => document.body.dispatchEvent(
            new KeyboardEvent("keydown", { key: "x", bubbles: true }));
          const seen = new MutationObserver(() => { seen.disconnect(); press(); });
          seen.observe(document.querySelector("main"), { childList: true, subtree: true });
          press();
        }"""
    )
    expect(page.get_by_role("article").get_by_role("heading", level=2)).to_have_text(names[2])


def test_two_note_at_once(visit: Open, world: World, client: Client) -> None:
    page = visit("", email=MEMBER)
    card = page.get_by_role("article")
    expect(card.get_by_text("Nothing has happened yet")).to_be_visible()
    page.get_by_label("Comment").fill("No answer")
    theirs = {"comment": "Calls back on Monday", "status": "Called"}
    assert client.patch("/leads/1", json=theirs, token=world.token(LEAD)).status == 200
    page.get_by_role("button", name="Save, and next").click()
    expect(page.get_by_role("alert")).to_contain_text("Somebody else has noted something")
    expect(card.locator(".history")).to_contain_text("Calls back on Monday")
    expect(page.get_by_label("Comment")).to_have_value("No answer")
    page.get_by_role("button", name="Save, and next").click()
    expect(page.get_by_text("Noted: Zoë Khan")).to_be_visible()
    lines = client.get("/leads/1/history", token=world.token(LEAD)).json()
    assert [line["data"]["text"] for line in lines if line["kind"] == "comment"] == [
        "No answer", "Calls back on Monday",
    ]  # fmt: skip


def test_what_a_status_asks_for(visit: Open, world: World) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("article").wait_for()
    page.keyboard.press("3")
    page.get_by_label("Trial", exact=True).fill("2026-12-05T16:30")
    page.get_by_label("Comment").fill("Brings his own ball")
    page.get_by_role("button", name="Save, and next").click()
    expect(page.get_by_text("Nobody to call now")).to_be_visible()
    lead = lead_of(world, "Zoë Khan")
    assert (lead.status, str(lead.trial_at)) == ("Trial Scheduled", "2026-12-05 11:00:00+00:00")


def test_leads_by_filter_and_search(visit: Open, world: World, leads: None) -> None:
    page = visit("leads")
    rows = page.locator(".row")
    expect(rows.first).to_contain_text("Player 000")
    page.get_by_label("Any status").select_option("Joined")
    expect(rows.first).to_contain_text("Player 002")
    assert "status=Joined" in page.url
    page.keyboard.press("/")
    page.keyboard.type("player 299")
    expect(rows).to_have_count(1)
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_label("Search name").fill("nobody like this")
    expect(page.get_by_text("No leads here")).to_be_visible()
    page.get_by_role("button", name="Show all").click()
    expect(rows.first).to_contain_text("Player 000")


def test_leads_are_sorted_by_the_name_of_a_column(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?status=New")
    rows = page.locator(".row")
    expect(rows.first).to_contain_text("Player 000")
    page.get_by_role("button", name="Came in").click()
    expect(page.get_by_role("columnheader", name="Came in")).to_have_attribute(
        "aria-sort", "ascending"
    )
    expect(rows.first).to_contain_text("Zoë Khan")
    assert "sort=created" in page.url


def test_everything_is_found_from_one_field(visit: Open, world: World, leads: None) -> None:
    page = visit("figures")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="A name, a phone")
    expect(field).to_be_focused()
    field.fill("player 123")
    option = page.get_by_role("option", name="Player 123")
    expect(option).to_have_attribute("aria-selected", "true")
    check_accessibility(page)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Player 123", level=1)).to_be_visible()
    page.keyboard.press("Control+k")
    field.fill("boa")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Board", level=1)).to_be_visible()


def test_what_is_seldom_is_behind_more_on_a_phone(visit: Open, world: World) -> None:
    page = visit("", width=360)
    choose(page, "More", "Settings")
    expect(page.get_by_role("heading", name="Settings", level=1)).to_be_visible()


def test_the_filter_on_a_phone(visit: Open, leads: None) -> None:
    page = visit("leads", width=360)
    page.get_by_role("button", name="Filter").click()
    page.get_by_label("Any status").select_option("Joined")
    expect(page.locator(".row").first).to_contain_text("Player 002")
    expect(page.get_by_role("button", name="Filter")).to_have_text("Filter 1")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    check_accessibility(page)


def test_scrolling_to_the_end(visit: Open, world: World, leads: None) -> None:
    page = visit("leads?sort=-created")
    box = page.locator(".rows")
    expect(page.locator(".row").first).to_be_visible()
    oldest = re.compile("Zoë Khan|Arjun Rao")
    for _ in range(100):
        height = box.evaluate("box => box.scrollTop = box.scrollHeight")
        # Until there is more of the list, or it ends there.
        page.wait_for_function(
            "([height, oldest]) => document.querySelector('.rows').scrollHeight > height"
            " || RegExp(oldest).test(document.querySelector('.rows').textContent)",
            arg=[height, oldest.pattern],
        )
        if page.locator(".row", has_text=oldest).count():
            break
    expect(page.locator(".row").last).to_contain_text(oldest)
    # What is out of sight is not in the page.
    assert page.locator(".row").count() < 60


def test_many_at_once_with_one_undo(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    for name in ("Player 000", "Player 001"):
        page.get_by_label(f"Choose {name}").check()
    page.get_by_label("Status", exact=True).select_option("Joined")
    page.get_by_role("button", name="Change them").click()
    expect(page.get_by_text("2 leads changed")).to_be_visible()
    assert lead_of(world, "Player 001").status == "Joined"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("2 leads are as they were")).to_be_visible()
    assert (lead_of(world, "Player 000").status, lead_of(world, "Player 001").status) == (
        "New", "Called",
    )  # fmt: skip


def test_a_lead_by_hand_and_the_list_as_a_file(visit: Open, world: World, leads: None) -> None:
    page = visit("leads", email=MEMBER)
    page.get_by_role("button", name="Add a lead").first.click()
    opened(page)
    page.get_by_label("Player", exact=True).fill("Tara Bose")
    page.get_by_label("Phone", exact=True).fill("+91 98485 00000")
    page.locator("wa-dialog").get_by_role("button", name="Add a lead").click()
    expect(page.get_by_role("heading", name="Tara Bose")).to_be_visible()
    page.get_by_role("link", name="Leads").click()
    page.get_by_label("Search name").fill("bose")
    expect(page.locator(".row")).to_have_count(1)
    with page.expect_download() as download:
        choose(page, "Export", "This list as CSV")
    text = download.value.path().read_text(encoding="utf-8-sig")
    assert download.value.suggested_filename == "leads.csv"
    assert "Tara Bose" in text
    assert len(text.splitlines()) == 2


def test_only_ones_own_centers_are_offered(visit: Open) -> None:
    member, lead = visit("leads", email=MEMBER), visit("leads")
    for page, offered in ((member, ["Tellapur"]), (lead, ["Tellapur", "Gachibowli"])):
        page.get_by_role("button", name="Add a lead").first.click()
        options = page.locator("wa-dialog").get_by_label("Center").get_by_role("option")
        expect(options).to_have_text(offered)
        page.keyboard.press("Escape")
        expect(page.get_by_label("All centers")).to_have_count(len(offered) - 1)
        turn(page, "lead/1")
        expect(page.get_by_label("Center").get_by_role("option")).to_have_text(offered)


def test_the_board_by_keys_and_by_hand(visit: Open, world: World, leads: None) -> None:
    page = visit("board", email=MEMBER)
    new, called = page.get_by_label("New", exact=True), page.get_by_label("Called", exact=True)
    expect(new.get_by_role("heading")).to_have_text("New 101")
    card = new.locator(".mini", has_text="Player 000")
    card.focus()
    page.keyboard.press("]")
    expect(called.locator(".mini").first).to_contain_text("Player 000")
    expect(new.get_by_role("heading")).to_have_text("New 100")
    new.locator(".mini").first.drag_to(called)
    expect(called.get_by_role("heading")).to_have_text("Called 102")
    card = called.locator(".mini", has_text="Player 000")
    card.focus()
    page.keyboard.press("]")
    opened(page)
    page.get_by_label("Trial", exact=True).fill("2026-12-05T16:30")
    page.get_by_role("button", name="Move").click()
    expect(page.locator("wa-dialog")).to_have_count(0)
    assert lead_of(world, "Player 000").trial_at is not None
    trials = page.get_by_label("Trial scheduled", exact=True)
    expect(trials.locator(".mini", has_text="Player 000")).to_be_focused()


def test_the_focus_goes_with_a_card_unless_it_went_elsewhere(visit: Open, leads: None) -> None:
    page = visit("board", email=MEMBER)
    held: list[Route] = []
    page.route(re.compile(r"/leads/\d+$"), lambda route: held.append(route))
    called = page.get_by_label("Called", exact=True)
    for name, goes_on in (("Player 000", False), ("Player 003", True)):
        card = page.locator(".mini", has_text=name)
        card.focus()
        with page.expect_request(lambda request: request.method == "PATCH"):
            page.keyboard.press("]")
        if goes_on:
            page.keyboard.press("j")
        here = page.locator(":focus").inner_text()
        held.pop().continue_()
        expect(called.locator(".mini").first).to_contain_text(name)
        drawn(page)
        assert page.locator(":focus").inner_text() == here
        assert (name in here) is not goes_on


def test_why_a_lead_is_lost(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_role("button", name="Not interested").click()
    page.get_by_label("Reason").select_option("Age not suitable")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".history")).to_contain_text("Age not suitable")
    assert lead_of(world, "Zoë Khan").lost_reason == "Age not suitable"


def test_two_edit_at_once(visit: Open, world: World, client: Client) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Player").fill("Zoe K.")
    page.get_by_label("Address").fill("2 Hill Road")
    token = world.token(LEAD)
    theirs = {"player_name": "Zoë Khan Ali", "email": "ali@example.com"}
    assert client.patch("/leads/1", json=theirs, token=token).status == 200
    page.get_by_role("button", name="Save the details").click()
    dialog = page.locator("wa-dialog")
    expect(dialog).to_contain_text("Zoë Khan Ali")
    dialog.get_by_label("Theirs").check()
    dialog.get_by_role("button", name="Go on").click()
    page.get_by_role("button", name="Save the details").click()
    expect(page.get_by_text("Saved")).to_be_visible()
    now = client.get("/leads/1", token=token).json()
    assert (now["player_name"], now["email"], now["address"]) == (
        "Zoë Khan Ali", "ali@example.com", "2 Hill Road",
    )  # fmt: skip


def sheet(rows: str) -> dict[str, Any]:
    text = f"player_name,phone,branch\n{rows}"
    return {"name": "leads.csv", "mimeType": "text/csv", "buffer": text.encode()}


def test_an_import_from_the_file_to_its_undo(visit: Open, world: World) -> None:
    page = visit("imports")
    rows = "Asha,9848500001,TOFA Tellapur\nRavi,9848500002,TOFA Mars\nNobody,,TOFA Tellapur\n"
    page.locator("input[type=file]").set_input_files(sheet(rows))  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Rejected 1")).to_be_visible()
    expect(page.get_by_role("button", name="New 1")).to_be_visible()
    expect(page.get_by_role("button", name="Unknown center 1")).to_be_visible()
    page.get_by_role("button", name="Rejected 1").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    expect(page.locator("tbody")).to_contain_text("No phone or email")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the rejected rows").click()
    assert "Nobody" in download.value.path().read_text(encoding="utf-8-sig")
    page.get_by_role("button", name="Commit this plan").click()
    expect(page.get_by_text("The import is done")).to_be_visible()
    assert lead_of(world, "Asha").status == "New"
    page.get_by_role("button", name="Undo this import").click()
    expect(page.get_by_text("Undone: 1 leads are taken out")).to_be_visible()


def test_a_file_whose_columns_are_not_the_usual_ones(visit: Open, world: World) -> None:
    page = visit("imports")
    text = "kid,number,where\nAsha,9848500001,TOFA Tellapur\n"
    file = {"name": "own.csv", "mimeType": "text/csv", "buffer": text.encode()}
    page.locator("input[type=file]").set_input_files(file)  # type: ignore[arg-type]
    expect(page.get_by_role("alert")).to_contain_text("no column for the center")
    for column, field in (("kid", "Phone"), ("number", "Phone"), ("where", "Center")):
        page.get_by_label(column).select_option(field)
    page.get_by_role("button", name="Plan with these columns").click()
    expect(page.get_by_role("alert")).to_contain_text("Mapping: choose only one column for phone")
    # What was chosen stays: one of the three is to be put right.
    expect(page.get_by_label("number")).to_have_value("phone")
    page.get_by_label("kid").select_option("Player")
    page.get_by_role("button", name="Plan with these columns").click()
    expect(page.get_by_role("button", name="New 1")).to_be_visible()


def test_an_unknown_center_is_said_once(visit: Open, world: World, client: Client) -> None:
    for number in range(2):
        flat = {"phone_number": f"984850000{number}", "nearest_center": "Tella (old)"}
        assert client.post("/leads/meta-webhook/", json=flat).status == 200
    page = visit("captures")
    expect(page.get_by_text("2 waiting")).to_be_visible()
    page.get_by_role("button", name="Remember").click()
    expect(page.get_by_text("2 sent through again")).to_be_visible()
    with world.db.read() as session:
        assert session.scalars(select(CenterAlias)).one().text == "Tella (old)"
    page.locator("tbody a").first.click()
    expect(page.locator("wa-dialog")).to_contain_text("Tella (old)")


def test_a_delivery_is_put_away(visit: Open, world: World, client: Client) -> None:
    client.post("/leads/meta-webhook/", json={"full_name": "No phone"})
    page = visit("captures?state=waiting")
    page.locator("tbody a").first.click()
    opened(page)
    page.get_by_label("Why it is put away").fill("A test of the form")
    page.get_by_role("button", name="Put away").last.click()
    expect(page.get_by_text("Nothing here")).to_be_visible()


def test_figures_lead_to_their_leads(visit: Open, world: World, leads: None) -> None:
    page = visit("figures")
    expect(page.locator(".chart canvas")).to_be_visible()
    called = page.get_by_role("link", name=re.compile("^not yet"))
    expect(called).to_be_visible()
    counted = int(re.findall(r"\d+", called.inner_text())[0])
    called.click()
    expect(page.locator(".row").first).to_be_visible()
    query = page.url.partition("?")[2]
    listed = page.evaluate(
        """async (query) => (await (await fetch(`/leads/?${query}&limit=200`, {
            headers: { authorization: `Bearer ${localStorage.getItem("tofa.token")}` },
        })).json())""",
        query,
    )
    assert listed["next"] is not None or len(listed["leads"]) == counted
    assert counted > 200


def test_people_and_centers(visit: Open, world: World) -> None:
    page = visit("settings")
    page.get_by_role("button", name="Add a center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill("Kompally")
    page.get_by_label("Name in forms").fill("TOFA Kompally")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Kompally").click()
    opened(page)
    page.get_by_label("Another name").fill("Kompalli")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("wa-dialog")).to_contain_text("Kompalli")
    page.keyboard.press("Escape")
    expect(page.locator("wa-dialog")).to_have_count(0)
    page.get_by_role("button", name="Add a person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa.example")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Kompally").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#field-password-more")).to_have_text("Use at least 8 characters")
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("tr", has_text="Kavya Reddy")
    expect(row).to_contain_text("Kompally")
    row.get_by_role("button").click()
    page.get_by_label("Disabled").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row).to_contain_text("disabled")


def test_what_is_wrong_is_told_where_it_is(visit: Open) -> None:
    """At its field; what no field has, as a sentence above the button."""
    page = visit("settings")
    page.get_by_role("button", name="Add a person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa")
    page.get_by_label("Password").fill("short")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#field-password-more")).to_have_text("Use at least 8 characters")
    expect(page.locator("#field-password")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Email").fill(LEAD)
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Email already registered")
    expect(page.locator("#field-password")).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill(" ")
    page.get_by_label("Name in forms").fill("TOFA Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#field-display_name-more")).to_have_text("Enter a name")
    page.get_by_label("Name", exact=True).fill("Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(
        "Center with meta tag 'TOFA Tellapur' already exists"
    )


def test_a_fault_of_no_field_that_is_shown_is_told_in_full(visit: Open) -> None:
    page = visit("settings")
    faults = [
        {"type": "missing", "loc": ["body", "password"], "msg": "Enter a password"},
        {"type": "same", "loc": ["body"], "msg": "Choose two different leads"},
    ]
    sentence = "Password: enter a password. Choose two different leads."

    def refuse(route: Route) -> None:
        route.fulfill(status=422, json={"detail": sentence, "errors": faults})

    page.route("**/users/", lambda route: (
        refuse(route) if route.request.method == "POST" else route.continue_()
    ))  # fmt: skip
    page.get_by_role("button", name="Add a person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa.example")
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(page.locator("#field-password-more")).to_have_text("Enter a password")


def test_the_servers_own_words_are_shown(visit: Open) -> None:
    """Of an answer without any, such as a proxy's, the page says itself that it failed."""
    page = visit("leads", errors=("status of 502", "status of 503"))
    busy = "The server is busy: try again in a moment"
    page.route("**/users/", lambda route: route.fulfill(status=503, json={"detail": busy}))
    page.goto(page.url.replace("#/leads", "#/settings"))
    expect(page.get_by_text(busy)).to_be_visible()
    page.route("**/users/", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("That didn't work. Nothing was lost: try again.")).to_be_visible()


def test_an_empty_crm_says_what_to_do_first(visit: Open, world: World) -> None:
    with world.db.write() as session:
        for table in (Lead, UserCenterLink, Center):
            session.connection().execute(delete(table))
    page = visit()
    expect(page.get_by_role("heading", name="First steps")).to_be_visible()
    expect(page.get_by_text("/leads/meta-webhook/")).to_be_visible()
    page.get_by_role("button", name="Check the connection").click()
    expect(page.get_by_text("META_VERIFY_TOKEN is not set on the server")).to_be_visible()
    page.get_by_role("button", name="Add a center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill("Tellapur")
    page.get_by_label("Name in forms").fill("TOFA Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".step.done").first).to_contain_text("Make a center")


def test_an_observer_changes_nothing(visit: Open, world: World) -> None:
    page = visit("lead/1", email=OBSERVER)
    expect(page.get_by_role("heading", name="Zoë Khan")).to_be_visible()
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    expect(page.get_by_role("navigation")).not_to_contain_text("Settings")
    turn(page, "leads")
    expect(page.locator(".row").first).to_be_visible()
    expect(page.get_by_role("button", name="Add a lead")).to_have_count(0)


def test_a_dialog_is_closed_before_it_is_open(visit: Open) -> None:
    page = visit("leads")
    page.get_by_role("heading", name="Leads").wait_for()
    for _ in range(3):
        # Escape comes as soon as it is drawn, and before it opens.
        page.evaluate(
            """() => new Promise((done) => {
              const press = (key) => document.body.dispatchEvent(
                new KeyboardEvent("keydown", { key, bubbles: true }));
              const seen = new MutationObserver(() => {
                if (!document.querySelector("wa-dialog")) return;
                seen.disconnect();
                press("Escape");
                setTimeout(done, 300);
              });
              seen.observe(document.body, { childList: true, subtree: true });
              press("?");
            })"""
        )
        assert page.locator("wa-dialog").count() == 0
    page.keyboard.press("?")
    expect(page.locator("wa-dialog")).to_contain_text("search")
    page.keyboard.press("Escape")
    expect(page.locator("wa-dialog")).to_have_count(0)


def test_the_keys_are_shown(visit: Open) -> None:
    page = visit("leads")
    page.get_by_role("heading", name="Leads").wait_for()
    page.keyboard.press("?")
    expect(page.locator("wa-dialog")).to_contain_text("search")
    page.keyboard.press("Escape")
    expect(page.locator("wa-dialog")).to_have_count(0)


# Each page, and what is there once it has read what it shows.
PAGES = {
    "next": ".queue button",
    "leads": ".row",
    "lead/1": ".panel",
    "board": ".mini",
    "figures": ".chart canvas",
    "imports": ".empty",
    "captures": ".totals",
    "settings": "tbody tr",
    "start": ".step",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_every_page_can_be_used_by_all(
    visit: Open, world: World, leads: None, width: int, dark: bool
) -> None:
    page = visit(width=width, dark=dark)
    for name, shown in PAGES.items():
        turn(page, name)
        page.locator("main h1").wait_for()
        page.locator(f"main {shown}").first.wait_for()
        expect(page.locator("[aria-busy=true]")).to_have_count(0)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        check_accessibility(page)


def test_a_page_that_still_reads_can_be_used_by_all(visit: Open, leads: None) -> None:
    page = visit()
    asked = re.compile("/(leads|imports|captures|users)/")
    held: list[Route] = []
    is_slow = False
    page.route(asked, lambda route: held.append(route) if is_slow else route.continue_())
    for name, shown in PAGES.items():
        is_slow = True
        turn(page, name)
        page.locator("main :is(h1, [aria-busy=true])").first.wait_for()
        check_accessibility(page)
        is_slow = False
        while held:
            held.pop().continue_()
        page.locator(f"main {shown}").first.wait_for()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_what_stands_over_a_page_can_be_used_by_all(
    visit: Open, world: World, width: int, dark: bool
) -> None:
    page = visit("settings", width=width, dark=dark)
    page.get_by_role("button", name="Your account").click()
    expect(page.get_by_role("menuitem", name="Change password")).to_be_focused()
    check_accessibility(page)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add a person").click()
    expect(page.get_by_label("Name")).to_be_focused()
    box = page.locator("wa-dialog").get_by_role("dialog").bounding_box()
    assert box is not None
    assert 0 <= box["x"] <= width - box["width"]
    check_accessibility(page)


def test_the_first_page_asks_for_nothing_twice(visit: Open) -> None:
    page = visit("", email=MEMBER)
    page.get_by_role("article").wait_for()
    address = page.url
    # What the page still asks for after it is drawn is not asked for by the page that comes next.
    page.goto("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.partition("//")[2]))
    page.goto(address)
    page.get_by_role("article").wait_for()
    page.wait_for_load_state("networkidle")
    for path in ("/users/me", "/centers/", "/leads/next"):
        assert sum(path in url for url in asked) == 1, path
    # Its icon the browser asks for by itself, besides.
    twice = {url for url in asked if asked.count(url) > 1 and not url.endswith("/icon.svg")}
    assert twice == set()


def test_a_menu_by_keys(visit: Open) -> None:
    page = visit("leads")
    account = page.get_by_role("button", name="Your account")
    account.focus()
    page.keyboard.press("Enter")
    expect(account).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Sign out")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    expect(account).to_be_focused()
    account.click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    # A letter goes to what it begins, and is no key of the page meanwhile.
    page.keyboard.type("k")
    page.keyboard.press("Enter")
    expect(page.locator("wa-dialog")).to_contain_text("search")
    page.keyboard.press("Escape")
    expect(page.locator("wa-dialog")).to_have_count(0)
    expect(account).to_be_focused()
    account.click()
    expect(page.get_by_role("menuitem").first).to_be_visible()
    page.get_by_role("heading", name="Leads").click()
    expect(page.get_by_role("menuitem")).to_have_count(0)


def test_a_dialog_keeps_the_focus_and_gives_it_back(visit: Open) -> None:
    page = visit("settings")
    opener = page.get_by_role("button", name="Add a person")
    opener.click()
    name = page.get_by_label("Name")
    expect(name).to_be_focused()
    # A click beside it does not throw away what was typed.
    name.fill("Kavya")
    page.mouse.click(5, 5)
    expect(name).to_have_value("Kavya")
    page.locator("wa-dialog").get_by_role("button", name="Close").click()
    expect(page.locator("wa-dialog")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_question_that_has_to_be_answered_stays(visit: Open, world: World) -> None:
    page = visit("lead/1", email=MEMBER)
    page.get_by_label("Comment").wait_for()
    page.evaluate("localStorage.setItem('tofa.token', 'x')")
    page.evaluate("dispatchEvent(new StorageEvent('storage', {key: 'tofa.token', newValue: 'x'}))")
    page.get_by_label("Comment").fill("Wants the morning batch")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#field-username")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Your session has ended")).to_be_visible()
    expect(page.locator("wa-dialog").get_by_role("button", name="Close")).to_have_count(0)


def test_a_dialog_opens_before_its_library_is_there(visit: Open) -> None:
    held: list[Route] = []
    asked: list[bool] = []

    def hold(route: Route) -> None:
        if asked:
            route.continue_()
        else:
            held.append(route)

    page = visit("leads", email=None)
    page.route(re.compile("/webawesome/"), hold)
    page.reload()
    sign_in(page, LEAD)
    page.get_by_role("button", name="Add a lead").first.click()
    drawn(page)
    asked.append(True)
    for route in held:
        route.continue_()
    expect(page.get_by_label("Player", exact=True)).to_be_visible()


def test_a_dialog_without_its_library_says_so(visit: Open) -> None:
    page = visit("leads", email=None)
    page.route(re.compile("/webawesome/"), lambda route: route.fulfill(status=404))
    page.reload()
    sign_in(page, LEAD)
    page.get_by_role("button", name="Add a lead").first.click()
    expect(page.get_by_text("There is no connection to the server")).to_be_visible()
    page.unroute(re.compile("/webawesome/"))
    page.get_by_role("button", name="Add a lead").first.click()
    expect(page.get_by_label("Player", exact=True)).to_be_visible()


def test_the_first_page_does_not_wait_for_its_components(visit: Open) -> None:
    page = visit("leads", email=None)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.get_by_role("button", name="Sign in").wait_for()
    # The button may be there before the frame that shows it.
    page.wait_for_function("performance.getEntriesByName('first-contentful-paint').length > 0")
    painted = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    page.evaluate(
        "Promise.all(['wa-dialog', 'wa-dropdown']"
        ".map(name => customElements.whenDefined(name))).then(() => true)"
    )
    first = page.evaluate(
        "Math.min(...performance.getEntriesByType('resource')"
        ".filter(one => one.name.includes('/webawesome/')).map(one => one.startTime))"
    )
    assert any("/webawesome/" in url for url in asked)
    assert painted <= first
