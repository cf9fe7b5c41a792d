"""A person is invited, chooses a password, and is signed in; another one gets a new password."""

from playwright.sync_api import expect

from tests.browser.conftest import ONE_SERVER, Open, check_accessibility, opened
from tests.world import PASSWORD, World

pytestmark = ONE_SERVER


def test_an_invitation(visit: Open, world: World) -> None:
    page = visit("settings")
    page.get_by_role("button", name="Add person").click()
    opened(page)
    page.get_by_label("Name").fill("Kavya Reddy")
    page.get_by_label("Email").fill("kavya@tofa.example")
    page.get_by_label("Tellapur").check()
    page.get_by_role("button", name="Save", exact=True).click()
    link = page.locator("dialog code")
    expect(link).to_contain_text("#/set-password/")
    address = link.inner_text()
    assert address.startswith(page.url.partition("#")[0])
    asked: list[str] = []
    theirs = visit(address.partition("#/")[2], email=None, width=360)
    theirs.on("request", lambda request: asked.append(request.url))
    expect(theirs.get_by_text("Kavya Reddy · kavya@tofa.example")).to_be_visible()
    check_accessibility(theirs)
    theirs.get_by_label("New password").fill("kavya123")
    theirs.get_by_role("button", name="Save and sign in").click()
    expect(theirs.locator("small.wrong")).to_contain_text("Choose a password")
    theirs.get_by_label("New password").fill("nine green hills")
    theirs.get_by_role("button", name="Save and sign in").click()
    theirs.get_by_role("navigation").wait_for()
    token = address.rpartition("/")[2]
    assert token not in theirs.url
    assert not any(token in one for one in asked), "no access log may see it"
    theirs.goto(address)
    theirs.reload()
    expect(theirs.get_by_role("alert")).to_contain_text("This link has expired or was already used")


def test_a_new_password_for_someone(visit: Open, world: World) -> None:
    page = visit("settings")
    page.locator("tr", has_text="tellapur@tofa.example").get_by_role("button").click()
    opened(page)
    form = page.locator("form", has=page.get_by_role("button", name="Get a link"))
    form.get_by_label("Your own password").fill("wrong")
    form.get_by_role("button").click()
    expect(form.locator("small.wrong")).to_have_text("Enter the correct password")
    form.get_by_label("Your own password").fill(PASSWORD)
    form.get_by_role("button").click()
    expect(page.locator("dialog code")).to_contain_text("#/set-password/")
    page.get_by_role("button", name="Unlock sign-in").click()
    expect(page.get_by_text("Tellapur can sign in again")).to_be_visible()
    page.get_by_label("Role").select_option("observer")
    own = page.locator("form", has=page.get_by_label("Role")).get_by_label("Your own password")
    own.fill(PASSWORD)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("tr", has_text="tellapur@tofa.example")).to_contain_text("Observer")
