"""People, centers, and what a new installation does first."""

from playwright.sync_api import Route, expect
from sqlalchemy import delete

from backend.models import (
    AssignmentRule,
    AssignmentShare,
    CallingRules,
    Center,
    Lead,
    Role,
    User,
    UserCenterLink,
)
from backend.schemas.assignment import Conditions
from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, error_of, opened
from tests.world import EPOCH, LEAD, MEMBER, OBSERVER, PASSWORD, World

pytestmark = ONE_SERVER


def test_people_and_centers(visit: Open, world: World) -> None:
    page = visit("settings")
    page.get_by_role("button", name="Add center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill("Kompally")
    page.get_by_label("Name in forms").fill("TOFA Kompally")
    page.get_by_role("button", name="Save", exact=True).click()
    # It has a line among the opening hours, too.
    centers = page.locator(".panel", has=page.get_by_role("heading", name="Centers", exact=True))
    centers.get_by_role("button", name="Kompally").click()
    opened(page)
    page.get_by_label("New alias").fill("Kompalli")
    page.locator("dialog").get_by_role("button", name="Add", exact=True).click()
    expect(page.locator("dialog")).to_contain_text("Kompalli")
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    page.get_by_role("button", name="Add person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa.example")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Kompally").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(error_of(page, "password")).to_have_text("Use at least 8 characters")
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_role("button", name="Save", exact=True).click()
    row = page.locator("tr", has_text="Kavya Reddy")
    expect(row).to_contain_text("Kompally")
    row.get_by_role("button").click()
    page.get_by_label("Disable this account").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(row).to_contain_text("Disabled")


def test_another_email_takes_ones_own_password(visit: Open, world: World) -> None:
    page = visit("settings")
    row = page.locator("tr", has_text=MEMBER)
    row.get_by_role("button").click()
    opened(page)
    dialog = page.locator("dialog")
    email = dialog.get_by_label("Email", exact=True)
    expect(email).to_have_value(MEMBER)
    # That of the form comes first; parts below it have their own.
    own = dialog.locator("form").first.get_by_label("Your own password")
    expect(own).to_have_count(0)
    email.fill(OBSERVER)
    own.fill(PASSWORD)
    dialog.get_by_role("button", name="Save", exact=True).first.click()
    expect(dialog.get_by_role("alert")).to_have_text("Email already registered")
    email.fill("new@tofa.example")
    check_accessibility(page)
    dialog.get_by_role("button", name="Save", exact=True).first.click()
    expect(dialog).to_have_count(0)
    expect(page.locator("tr", has_text="new@tofa.example")).to_contain_text("Tellapur")
    with world.db.read() as session:
        assert session.get_one(User, 2).email == "new@tofa.example"


def test_errors_appear_at_their_fields(visit: Open) -> None:
    """At its field; what no field has, as a sentence above the button."""
    page = visit("settings")
    page.get_by_role("button", name="Add person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa")
    page.get_by_label("Password").fill("short")
    page.get_by_label("Show").check()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.get_by_role("button", name="Save", exact=True).click()
    # A team member of no center would see no leads.
    expect(page.locator("fieldset small")).to_have_text("Choose at least one center")
    page.get_by_label("Tellapur").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(error_of(page, "password")).to_have_text("Use at least 8 characters")
    expect(page.locator("[name=password]")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_label("Email").fill(LEAD)
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text("Email already registered")
    expect(page.locator("[name=password]")).not_to_have_attribute("aria-invalid", "true")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Add center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill(" ")
    page.get_by_label("Name in forms").fill("TOFA Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(error_of(page, "display_name")).to_have_text("Enter a name")
    page.get_by_label("Name", exact=True).fill("Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(
        "Center with meta tag 'TOFA Tellapur' already exists"
    )


def test_an_error_of_no_field_is_shown_in_full(visit: Open) -> None:
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
    page.get_by_role("button", name="Add person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa.example")
    page.get_by_label("Password").fill("a field of green grass")
    page.get_by_label("Tellapur").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_have_text(sentence)
    expect(error_of(page, "password")).to_have_text("Enter a password")


def test_a_new_installation_starts_with_onboarding(visit: Open, world: World) -> None:
    with world.db.write() as session:
        for table in (Lead, UserCenterLink, Center):
            session.connection().execute(delete(table))
    page = visit()
    expect(page.get_by_role("heading", name="Get started")).to_be_visible()
    expect(page.get_by_text("/leads/meta-webhook/")).to_have_count(2)
    expect(page.get_by_text("/leads/meta-webhook/?token=")).to_be_visible()
    page.get_by_role("button", name="Check connection").click()
    expect(page.get_by_text("META_VERIFY_TOKEN is not set on the server")).to_be_visible()
    page.get_by_role("button", name="Add center").click()
    opened(page)
    page.get_by_label("Name", exact=True).fill("Tellapur")
    page.get_by_label("Name in forms").fill("TOFA Tellapur")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".step.done").first).to_contain_text("Add a center")


def test_someone_who_leaves_hands_over_their_leads(visit: Open, world: World) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).owner_id = 2
        colleague = User(
            email="ravi@x.example",
            email_key="ravi@x.example",
            hashed_password="",
            full_name="Ravi",
            role=Role.TEAM_MEMBER,
        )
        session.add(colleague)
        session.flush()
        session.add(UserCenterLink(user_id=colleague.id or 0, center_id=1))
    page = visit("settings")
    row = page.locator("tr", has_text="tellapur@tofa.example")
    row.get_by_role("button").click()
    opened(page)
    heirs = page.get_by_role("group", name="Give their open leads to")
    expect(heirs).to_have_count(0)
    page.get_by_label("Disable this account").check()
    # Who works only at another center couldn't own them.
    expect(heirs.locator("label")).to_have_text(["Admin", "Ravi"])
    check_accessibility(page)
    heirs.get_by_label("Admin").check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 lead of Tellapur reassigned")).to_be_visible()
    expect(row).to_contain_text("Disabled")
    with world.db.read() as session:
        assert session.get_one(Lead, 1).owner_id == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 lead")).to_be_visible()
    expect(row).not_to_contain_text("Disabled")
    # It's said once.
    expect(page.get_by_text("Undone (")).to_have_count(0)
    with world.db.read() as session:
        assert session.get_one(Lead, 1).owner_id == 2


def test_the_rules_share_out_the_leads_of_someone_who_leaves(visit: Open, world: World) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).owner_id = 2
        session.add(CallingRules(place=0, week=[[["00:00", "23:59"]]] * 7))
        conditions = Conditions().model_dump(mode="json")
        session.add(
            AssignmentRule(id=1, center_id=1, position=1, conditions=conditions, since=EPOCH)
        )
        session.flush()
        session.add(AssignmentShare(rule_id=1, user_id=1, weight=1))
    page = visit("settings")
    row = page.locator("tr", has_text="tellapur@tofa.example")
    row.get_by_role("button").click()
    opened(page)
    heirs = page.get_by_role("group", name="Give their open leads to")
    page.get_by_label("Disable this account").check()
    expect(heirs.locator("label")).to_have_count(2)
    heirs.get_by_label("People who are present, by the assignment rules").check()
    expect(heirs.locator("label")).to_have_count(1)
    check_accessibility(page)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 lead of Tellapur reassigned")).to_be_visible()
    with world.db.read() as session:
        assert session.get_one(Lead, 1).owner_id == 1
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Undone for 1 lead")).to_be_visible()
    with world.db.read() as session:
        assert session.get_one(Lead, 1).owner_id == 2
