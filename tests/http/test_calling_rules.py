"""Opening hours, holidays and retry plans, as team leads set them and callers get them."""

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from backend.core import times
from backend.models import AuditEvent, CallingRules
from tests.servers import Client
from tests.world import LEAD, MEMBER, World

ZONE = ZoneInfo("Asia/Kolkata")
RULES = "/calling-rules/"
OF_CENTER = "/centers/1/calling-rules"
USUAL = [[{"opens": "10:00", "closes": "20:00"}]] * 7


def today() -> datetime:
    return times.now().astimezone(ZONE)


def hours(opens: str, closes: str) -> dict[str, str]:
    return {"opens": opens, "closes": closes}


def next_try(client: Client, lead_id: int = 1) -> datetime:
    told: str = client.get(f"/leads/{lead_id}/calls/").json()["next_try"]
    return datetime.fromisoformat(told).astimezone(ZONE)


def test_hours_and_plans_are_for_all_or_for_one(lead: Client, world: World) -> None:
    assert lead.get(RULES).json() == {
        "week": USUAL, "retry_plan": ["1h", "4h", "1d"], "centers": [], "holidays": [],
        "first_call_minutes": None, "follow_up_minutes": None,
    }  # fmt: skip
    night = [[hours("22:00", "22:30")]] * 7
    told = lead.patch(RULES, json={"week": night, "retry_plan": ["2d"]}).json()
    assert (told["week"], told["retry_plan"]) == (night, ["2d"])
    assert next_try(lead).date() == today().date() + timedelta(days=2)
    assert next_try(lead).time() == time(22)
    early = [[hours("06:00", "06:15"), hours("07:00", "07:15")], *[[]] * 6]
    told = lead.patch(OF_CENTER, json={"week": early}).json()
    none = {"first_call_minutes": None, "follow_up_minutes": None}
    assert told["centers"] == [{"center_id": 1, "week": early, "retry_plan": None, **none}]
    assert (next_try(lead).weekday(), next_try(lead).time()) == (0, time(7))
    assert next_try(lead, 2).time() == time(22)
    # What a center has no longer, it has from all; what nobody has set, from the settings.
    assert lead.patch(OF_CENTER, json={"week": None}).json()["centers"] == []
    assert lead.patch(RULES, json={"week": None}).json()["week"] == USUAL
    assert lead.patch(RULES, json={}).json()["retry_plan"] == ["2d"]
    assert lead.patch("/centers/99/calling-rules", json={}).status == 404
    with world.db.read() as session:
        events = [
            (one.subject, one.subject_id, one.data)
            for one in session.scalars(select(AuditEvent).order_by(col(AuditEvent.id)))
            if one.event == "calling_rules_changed"
        ]
        assert len(session.scalars(select(CallingRules)).all()) == 2
    assert events[:2] == [
        (None, None, '{"fields":["retry_plan","week"]}'), ("center", 1, '{"fields":["week"]}'),
    ]  # fmt: skip


def test_holidays_are_left_out(lead: Client, world: World) -> None:
    begin = today().date()
    days = [begin + timedelta(days=number) for number in range(30)]
    told = lead.post(
        "/holidays/", json={"label": "Diwali", "first_day": str(days[0]), "last_day": str(days[2])}
    ).json()
    assert told == {
        "id": 1, "label": "Diwali", "first_day": str(days[0]), "last_day": str(days[2]),
        "center_id": None,
    }  # fmt: skip
    one_day = {"label": "Floor repair", "first_day": str(days[4]), "center_id": 1}
    assert lead.post("/holidays/", json=one_day).json()["last_day"] == str(days[4])
    assert next_try(lead).date() == days[3]
    own = [one["day"] for one in lead.get("/opening-hours/?center_id=1").json()]
    assert own == [str(day) for day in days[3:18] if day != days[4]]
    shared = lead.get("/opening-hours/").json()
    assert [one["day"] for one in shared] == [str(day) for day in days[3:17]]
    begins = datetime.combine(days[3], time(10), ZONE)
    assert datetime.fromisoformat(shared[0]["begins"]) == begins
    assert datetime.fromisoformat(shared[0]["ends"]) - begins == timedelta(hours=10)
    assert lead.get("/opening-hours/?center_id=99").status == 404
    # People see the holidays of their own centers, and those of all.
    elsewhere = {"label": "Local", "first_day": str(days[5]), "center_id": 2}
    assert lead.post("/holidays/", json=elsewhere).status == 200
    assert len(lead.get(RULES).json()["holidays"]) == 3
    lead.token = world.token(MEMBER)
    assert [one["label"] for one in lead.get(RULES).json()["holidays"]] == [
        "Diwali", "Floor repair"
    ]  # fmt: skip
    lead.token = world.token(LEAD)
    assert lead.delete("/holidays/1").json() == told
    assert lead.delete("/holidays/1").status == 404
    with world.db.read() as session:
        (removed,) = [
            one for one in session.scalars(select(AuditEvent)) if one.event == "holiday_removed"
        ]
    assert "Diwali" in str(removed.data)


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("PATCH", RULES, {"week": USUAL[:6]}, "Opening hours: "),
    ("PATCH", RULES, {"week": [[]] * 7}, "Opening hours: open on at least one day"),
    ("PATCH", RULES, {"week": [[hours("20:00", "10:00")], *USUAL[1:]]},
     "Opening hours: make each time later than the one before it"),
    ("PATCH", RULES, {"week": [[hours("10:00", "13:00"), hours("12:00", "20:00")], *USUAL[1:]]},
     "Opening hours: make each time later than the one before it"),
    ("PATCH", RULES, {"week": [[hours("24:00", "25:00")], *USUAL[1:]]},
     "Opens: enter a time such as 10:00"),
    ("PATCH", OF_CENTER, {"retry_plan": []}, "Next tries: use waits such as 30m, 4h and 1d"),
    ("PATCH", OF_CENTER, {"retry_plan": ["soon"]}, "Next tries: use waits such as 30m, 4h and 1d"),
    ("POST", "/holidays/", {"label": "Diwali"}, "First day: enter a date such as 2026-12-05"),
    ("POST", "/holidays/", {"label": "", "first_day": "2026-12-05"}, "Name: enter a name"),
    ("POST", "/holidays/", {"label": "x", "first_day": "2026-12-05", "last_day": "2026-12-04"},
     "Choose a last day within a year of the first"),
    ("POST", "/holidays/", {"label": "x", "first_day": "2026-12-05", "last_day": "2028-12-04"},
     "Choose a last day within a year of the first"),
    ("POST", "/holidays/", {"label": "x", "first_day": "2026-12-05", "center_id": 99},
     "Center: choose a center"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "text"), WRONG)
def test_what_makes_no_sense_is_refused(
    lead: Client, method: str, path: str, body: dict[str, Any], text: str
) -> None:
    answer = lead.request(method, path, json=body)
    assert answer.status == 422
    assert answer.json()["detail"].startswith(text), answer.json()
    shown = lead.get(RULES).json()
    assert (shown["week"], shown["centers"], shown["holidays"]) == (USUAL, [], [])
