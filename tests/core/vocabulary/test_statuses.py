"""What other tools call our statuses and lost reasons."""

import pytest

from backend.core.vocabulary import statuses
from backend.core.vocabulary.folding import fold
from backend.core.vocabulary.statuses import lost_reason_of, status_of
from backend.models import Status
from backend.schemas.choices import REASONS


@pytest.mark.parametrize(
    ("texts", "status"),
    [
        # Leads Center, HubSpot, Zoho, LeadSquared, TeleCRM, sheets.
        ("Intake, CREATED, NEW, Not Contacted, Prospect, Fresh, yet to call, नया, కొత్త,"
         "Fresh Enquiry, Open - Not Contacted, Not contacted yet, पूछताछ", Status.NEW),
        ("Qualified, IN_PROGRESS, ATTEMPTED_TO_CONTACT, Attempted to Contact, Engaged, RNR,"
         "Follow up, follow-up, Call Back, Interested, Switched Off, फॉलो अप, ఫాలో అప్,"
         "baat ho gayi, phone nahi uthaya, lift cheyaledu,"
         "1st RNR, RNR x 3, RNR (2), RNR-1, DNP 3 times, Not reachable 2 times, SW/OFF,"
         "Follow up 5/12, follow up on 12th Dec, Call later (5 Dec), Call back at 5pm,"
         "2nd call back, 05/12 - follow up,"
         "F/U 05-12-2026 5 pm, Follow up after Dec 5, "
         "Attempt 2, Number busy, Ringing (no answer), Didn't pick the call, Working - Contacted",
         Status.CALLED),
        ("Demo scheduled, Trial booked, trial-done, Demo, Appointment Scheduled, ट्रायल, డెమో",
         Status.TRIAL_SCHEDULED),
        ("join ho gaya, join ayyadu,"
         "Converted, Won, Closed Won, Customer, Enrolled, Admission Done, JOINED, చేరారు, జాయిన్ అయ్యారు",
         Status.JOINED),
        ("interest nahi hai, vaddu,"
         "Lost, Not interested, Junk Lead, UNQUALIFIED, Disqualified, Invalid, wrong number,"
         "Dead/Not Interested, रुचि नहीं, ఆసక్తి లేదు, Not interested now, Junk/Spam, Won't join",
         Status.DEAD),
    ],
)  # fmt: skip
def test_a_status_of_another_tool(texts: str, status: Status) -> None:
    found = {text: status_of(text) for text in texts.split(",")}
    assert found == dict.fromkeys(found, status)


@pytest.mark.parametrize(
    "text",
    [
        "Interested (not now)",
        "Trial - cancelled",
        "5/12",
        "1st",
        "RNR, then not interested",
        "Not interested till 5/12",
        "Joined other academy 2 months",
        "Gold member",
        "",
        "Closed",
        "registered with name",
        "42",
        "?",
    ],
)
def test_a_text_that_is_no_status(text: str) -> None:
    assert status_of(text) is None


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Not interested - fees high", Status.DEAD), ("Not interested (too far)", Status.DEAD),
        ("Closed Lost: price", Status.DEAD), ("Lost – timing issue", Status.DEAD),
        ("Not interested, joined elsewhere", Status.DEAD), ("Called - not interested", Status.DEAD),
        ("Trial done - not interested", Status.DEAD), ("Trial done: joined", Status.JOINED),
        ("Interested - trial booked", Status.TRIAL_SCHEDULED), ("RNR, busy", Status.CALLED),
        ("RNR / switched off", Status.CALLED), ("New | called", Status.CALLED),
        ("Trial booked for 12/12", Status.TRIAL_SCHEDULED), ("Not interested -", Status.DEAD),
    ],
)  # fmt: skip
def test_a_status_and_what_came_of_it(text: str, status: Status) -> None:
    assert status_of(text) is status


@pytest.mark.parametrize(
    "text",
    [
        "Not interested - call back later", "Interested/Not interested", "Trial - cancelled",
        "Joined - discontinued", "Joined - his brother", "Not interested - ask in March",
        "Called - new", "Joined / lost", "Interested - on hold", "Trial done - joined - paid",
    ],
)  # fmt: skip
def test_two_parts_that_do_not_fit(text: str) -> None:
    assert status_of(text) is None


def test_each_text_stands_for_one_status_and_each_of_ours_for_itself() -> None:
    assert [status_of(status) for status in Status] == list(Status)
    seen = [text.strip() for texts in statuses.TEXTS.values() for text in texts.split(",")]
    by_key: dict[str, set[Status | None]] = {}
    for text in seen:
        by_key.setdefault(fold(text), set()).add(status_of(text))
    assert all(len(found) == 1 for found in by_key.values())
    for status, texts in statuses.TEXTS.items():
        assert {status_of(text) for text in texts.split(",")} == {status}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("expensive FEE", "Expensive fee"),
        ("Too expensive", "Expensive fee"),
        ("too far", "Location/distance"),
        ("Location / Distance", "Location/distance"),
        ("others", "Other"),
        ("moved to Pune", None),
        ("", None),
    ],
)
def test_a_lost_reason(text: str, reason: str | None) -> None:
    assert lost_reason_of(text) == reason


def test_each_of_our_reasons_is_itself() -> None:
    assert [lost_reason_of(reason) for reason in REASONS] == list(REASONS)
