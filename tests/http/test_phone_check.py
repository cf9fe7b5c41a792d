"""What is read from a phone while someone types it, and how lists and leads show phones."""

from urllib.parse import quote

import pytest

from tests.servers import Client

NOTHING: dict[str, object] = {
    "e164": None,
    "shown": None,
    "extension": None,
    "others": [],
    "others_shown": [],
    "issue": None,
    "message": None,
}


@pytest.mark.parametrize(
    ("phone", "read"),
    [
        ("", {}),
        ("9848000001", {"e164": "+919848000001", "shown": "+91 98480 00001"}),
        ("+971 50 123 4567 (Dad)", {"e164": "+971501234567", "shown": "+971 50 123 4567"}),
        (
            "040-23456789 ext 12 / 9848000001",
            {
                "e164": "+914023456789",
                "shown": "+91 40 2345 6789 ext. 12",
                "extension": "12",
                "others": ["+919848000001"],
                "others_shown": ["+91 98480 00001"],
            },
        ),
        ("98480", {"issue": "too_short", "message": "The phone number is too short"}),
        ("9848000001234", {"issue": "too_long", "message": "The phone number is too long"}),
        ("ask", {"issue": "no_digits", "message": "No phone number"}),
    ],
)
def test_a_phone_is_checked(lead: Client, phone: str, read: dict[str, object]) -> None:
    answer = lead.get(f"/leads/phone-check?phone={quote(phone)}")
    assert (answer.status, answer.json()) == (200, NOTHING | read)


def test_a_phone_is_needed(lead: Client) -> None:
    answer = lead.get("/leads/phone-check")
    assert (answer.status, answer.json()["detail"]) == (422, "Phone: enter a phone number")


def test_lists_the_queue_and_the_lead_show_one_format(lead: Client) -> None:
    new = {"player_name": "Tara Khan", "center_id": 1, "phone": "040-23456789 ext 12, 9848000777"}
    id = lead.post("/leads/", json=new).json()["lead"]["id"]
    unread = {"player_name": "Zia Khan", "center_id": 1, "phone": "9.17013E+11"}
    lead.post("/leads/", json=unread)
    phone = {
        "phone": new["phone"],
        "phone_e164": "+914023456789",
        "phone_extension": "12",
        "phone_shown": "+91 40 2345 6789 ext. 12",
        "phone_issue": None,
    }
    told = lead.get(f"/leads/{id}").json()
    assert phone.items() <= told.items()
    assert (told["phones"], told["phones_shown"]) == (["+919848000777"], ["+91 98480 00777"])
    for path in ("/leads/", "/leads/next"):
        last, listed = lead.get(path).json()["leads"][:2]
        assert phone.items() <= listed.items()
        assert [last["phone_issue"], last["phone_shown"]] == ["digits_lost", None]
