"""Small things that get in the way on a long day, each on a page that is loaded once."""

from datetime import timedelta

from playwright.sync_api import Route, expect
from sqlmodel import select

from backend.core import times
from backend.models import Attempt, Lead
from tests.browser.conftest import ONE_SERVER, Open, lead_of, turn
from tests.world import LEAD, MEMBER, World

pytestmark = ONE_SERVER

UNREACHABLE = "Can't reach the server. Nothing was lost. Try again."


def test_calls_by_keyboard_alone(visit: Open, world: World, leads: None) -> None:
    page = visit("", email=MEMBER)
    name = page.get_by_role("article").get_by_role("heading", level=2)
    first = name.inner_text()
    # Saving nothing says so.
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_have_text(
        "Choose an outcome or a follow-up, or type a comment."
    )
    # Not interested: the reason is next, by its first letters, and Enter saves.
    page.keyboard.press("5")
    expect(page.get_by_label("Reason")).to_be_focused()
    page.keyboard.press("Enter")
    expect(name).to_have_text(first)
    page.keyboard.type("Kid")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Saved: {first}")).to_be_visible()
    lost = lead_of(world, first)
    assert (lost.status, lost.lost_reason) == ("Dead/Not Interested", "Kid lost interest")
    # The message is over no button, whichever part of it is pressed.
    expect(page.locator(".toast").first).to_be_visible()
    covered = """() => {
      const messages = document.querySelector(".toasts");
      const at = (one) => {
        const { left, top, width, height } = one.getBoundingClientRect();
        return document.elementFromPoint(left + width / 2, top + height / 2);
      };
      const inputs = "main :is(a, button, select, input)";
      const all = document.querySelectorAll(`${inputs}, .side :is(nav a, button)`);
      const covered = [...all].filter((one) => at(one)?.closest(".toasts"));
      // What is scrolled under the header is hidden anyway.
      messages.style.visibility = "hidden";
      const seen = covered.filter((one) => one.contains(at(one)));
      messages.style.visibility = "";
      return seen.map((one) => one.textContent);
    }"""
    assert page.evaluate(covered) == []
    page.set_viewport_size({"width": 360, "height": 640})
    page.evaluate("scrollTo(0, 0)")
    box = page.locator(".toast").last.bounding_box()
    top = page.locator("main select").first.bounding_box()
    assert box is not None
    assert top is not None
    assert box["y"] + box["height"] <= top["y"]
    page.get_by_role("button", name="Save and next").scroll_into_view_if_needed()
    assert page.evaluate(covered) == []
    # The help names the keys.
    page.set_viewport_size({"width": 1280, "height": 800})
    page.keyboard.press("?")
    expect(page.locator("dialog")).to_contain_text("Ctrl Enter")


def test_what_is_typed_before_a_dialog_is_there_is_no_shortcut(
    visit: Open, world: World, leads: None
) -> None:
    """Its module may take a while to load; `n` would be a call that nobody has made."""
    page = visit("", email=MEMBER)
    expect(page.get_by_role("button", name="No answer")).to_be_visible()
    late: list[Route] = []
    page.route("**/shell/palette.js*", lambda route: late.append(route))
    with page.expect_request("**/shell/palette.js*"):
        page.keyboard.press("Control+k")
    for key in ("n", "5", "Enter", "a"):
        page.keyboard.press(key)
    late[0].continue_()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("combobox")).to_be_focused()
    assert page.url.endswith(("/", "#/", "#/next"))
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("button", name="Not interested")).to_have_attribute(
        "aria-pressed", "false"
    )
    with world.db.read() as session:
        assert session.scalars(select(Attempt)).all() == []
    # Afterwards they are shortcuts again.
    page.keyboard.press("5")
    expect(page.get_by_label("Reason")).to_be_focused()


def test_links_that_were_cut_off_lead_to_a_way_on(visit: Open, leads: None) -> None:
    unknown = "Not found, or you don't have access"
    page = visit("lead/%E0%A4%A", email=MEMBER, errors=("422", "404"))
    for link in ("lead/%E0%A4%A", "lead/abc", "lead/99999999999999999999", "lead/9999"):
        turn(page, link)
        expect(page.get_by_text(unknown)).to_be_visible()
        expect(page.get_by_text("such as 12")).to_have_count(0)
    page.get_by_role("link", name="Go to leads").click()
    expect(page.locator(".row").first).to_be_visible()
    turn(page, "%E0%A4%A")
    expect(page.get_by_text(unknown)).to_be_visible()


def test_a_list_and_its_filters(visit: Open, world: World, leads: None) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).is_test = True
    page = visit("leads?q=zo", email=MEMBER)
    expect(page.locator(".row")).to_contain_text("Test")
    # A status that is chosen while the search still waits for another letter.
    page.evaluate(
        """() => {
          const field = document.querySelector("[data-search]");
          field.value = "player 00";
          field.dispatchEvent(new Event("input", { bubbles: true }));
          const status = document.querySelector("[aria-label='Any status']");
          status.value = "Joined";
          status.dispatchEvent(new Event("change", { bubbles: true }));
        }"""
    )
    expect(page.locator(".row").first).to_contain_text("Player 002")
    assert "status=Joined" in page.url
    assert "q=player" in page.url


def test_reports_that_are_opened_without_a_connection(visit: Open, leads: None) -> None:
    page = visit("leads", email=LEAD)
    expect(page.locator(".row").first).to_be_visible()
    page.context.set_offline(True)
    turn(page, "reports")
    # Each part of the page says so.
    expect(page.get_by_text(UNREACHABLE).first).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator(".chart canvas")).to_be_visible()


def test_a_server_that_answers_again_is_noticed(visit: Open, leads: None) -> None:
    """The browser has a network all the time, so it tells nothing."""
    page = visit("leads", email=LEAD, errors=("ERR_CONNECTION_REFUSED",))
    expect(page.locator(".row").first).to_be_visible()
    for path in ("**/reports/*", "**/healthz"):
        page.route(path, lambda route: route.abort("connectionrefused"))
    turn(page, "reports")
    # Each part of the page says so.
    expect(page.get_by_text(UNREACHABLE).first).to_be_visible()
    with page.expect_event("requestfailed", lambda request: request.url.endswith("/healthz")):
        expect(page.locator(".offline")).to_be_visible()
    page.unroute_all()
    expect(page.locator(".chart canvas")).to_be_visible()
    expect(page.locator(".offline")).to_have_count(0)


def test_a_trial_that_was_missed_and_another_reason(visit: Open, world: World) -> None:
    with world.db.write() as session:
        lead = session.get_one(Lead, 1)
        lead.status, lead.trial_at = "Trial Scheduled", times.now() - timedelta(hours=3)
    page = visit("lead/1", email=MEMBER)
    page.get_by_role("button", name="Didn't come").click()
    page.get_by_role("button", name="Not interested").click()
    page.get_by_label("Reason").select_option("Other")
    page.get_by_label("What was the reason?").fill("Moved to Pune")
    page.get_by_role("button", name="Save", exact=True).click()
    history = page.locator(".history")
    expect(history).to_contain_text("Didn't come")
    expect(history).to_contain_text("What was the reason?: – → Moved to Pune")
    noted = lead_of(world, "Zoë Khan")
    assert (noted.trial_outcome, noted.attended_at) == ("no_show", None)
    assert (noted.lost_reason, noted.lost_reason_text) == ("Other", "Moved to Pune")
    turn(page, "board")
    expect(page.locator(".mini")).to_contain_text("Moved to Pune")
