"""Lists of lost reasons, age categories and sources over HTTP: edited, chosen from, removed."""

from typing import Any

import pytest
from sqlmodel import col, select

from backend.models import AuditEvent, Lead
from backend.schemas.choices import MOST, OTHER_REASON, REASONS
from tests.servers import Client, Upload
from tests.world import MEMBER, OBSERVER, OTHER_MEMBER, World

CHOICES = "/choices/"
LOST = {"status": "Dead/Not Interested"}
TARA = {"player_name": "Tara", "phone": "9848000077", "center_id": 1}


def person(client: Client, world: World, email: str) -> Client:
    other = Client(client.port)
    other.token = world.token(email)
    return other


@pytest.fixture
def member(client: Client, world: World) -> Client:
    return person(client, world, MEMBER)


def add(lead: Client, kind: str, text: str, center_id: int | None = None) -> int:
    answer = lead.post(CHOICES, json={"kind": kind, "text": text, "center_id": center_id})
    assert answer.status == 200, answer.body
    id: int = answer.json()["id"]
    return id


def lists(client: Client) -> dict[tuple[str, int | None], list[str]]:
    """Return the texts of all lists that a person sees."""
    return {
        (one["kind"], one["center_id"]): [entry["text"] for entry in one["entries"]]
        for one in client.get(CHOICES).json()["lists"]
    }


def ids(client: Client, kind: str, center_id: int | None = None) -> dict[str, int]:
    (found,) = [
        one
        for one in client.get(CHOICES).json()["lists"]
        if (one["kind"], one["center_id"]) == (kind, center_id)
    ]
    return {one["text"]: one["id"] for one in found["entries"]}


def events(world: World, *names: str) -> list[tuple[str, str | None, int | None, str | None]]:
    with world.db.read() as session:
        query = select(AuditEvent).order_by(col(AuditEvent.id))
        return [
            (one.event, one.subject, one.subject_id, one.data)
            for one in session.scalars(query)
            if one.event.startswith(names)
        ]


def test_a_list_is_edited_and_chosen_from(lead: Client, member: Client, world: World) -> None:
    usual = {"id": None, "text": "Expensive fee"}
    shown = member.get(CHOICES).json()["lists"]
    assert [(one["kind"], one["center_id"], one["own"]) for one in shown] == [
        ("lost_reason", None, False), ("age_group", None, False), ("source", None, False),
    ]  # fmt: skip
    assert shown[0]["entries"][0] == usual
    assert lists(member)["lost_reason", None] == list(REASONS)
    # The first change begins with what counted so far.
    moved = add(lead, "lost_reason", "Moved away")
    assert lists(member)["lost_reason", None] == [*REASONS[:-1], "Moved away", OTHER_REASON]
    said = LOST | {"lost_reason": "Moved away"}
    assert member.patch("/leads/1", json=said).json()["lost_reason"] == "Moved away"
    renamed = lead.patch(f"{CHOICES}{moved}", json={"text": "Left the city"})
    assert renamed.json() == {"id": moved, "text": "Left the city"}
    # The lead keeps its text, is found by it, and is saved with it.
    assert member.get("/leads/1").json()["lost_reason"] == "Moved away"
    assert member.patch("/leads/1", json=said | {"comment": "Hi"}).status == 200
    found = member.get("/leads/?lost_reason=Moved+away").json()["leads"]
    assert [one["id"] for one in found] == [1]
    assert lead.delete(f"{CHOICES}{moved}").json() == {"id": moved, "text": "Left the city"}
    assert lists(member)["lost_reason", None] == list(REASONS)
    again = lead.patch(f"{CHOICES}{moved}", json={"text": "x"})
    assert (again.status, again.json()["detail"]) == (
        404, "This entry was not found. It may have been removed",
    )  # fmt: skip
    # What a client with an older list sends is taken, and what never was in one isn't.
    for text in ("Left the city", "Moved away", "Coaching quality"):
        assert member.patch("/leads/1", json={"lost_reason": text}).status == 200
    refused = member.patch("/leads/1", json={"lost_reason": "Rain"})
    assert refused.status == 422
    assert refused.json()["detail"].endswith("Kid lost interest or Other")
    assert events(world, "choice") == [
        ("choice_added", "choice", moved, '{"kind":"lost_reason","text":"Moved away"}'),
        (
            "choice_changed", "choice", moved,
            '{"kind":"lost_reason","text":"Left the city","was":"Moved away"}',
        ),
        ("choice_removed", "choice", moved, '{"kind":"lost_reason","text":"Left the city"}'),
    ]  # fmt: skip


def test_the_list_of_a_center_replaces_that_of_all(lead: Client, world: World) -> None:
    own = {"kind": "lost_reason", "center_id": 2, "own": True}
    started = lead.post("/choices/own", json=own).json()
    assert [(one["kind"], one["center_id"], one["own"]) for one in started["lists"]][:2] == [
        ("lost_reason", None, False), ("lost_reason", 2, True),
    ]  # fmt: skip
    add(lead, "lost_reason", "Pool too cold", 2)
    first = ids(lead, "lost_reason", 2)["Expensive fee"]
    assert lead.delete(f"{CHOICES}{first}").status == 200
    assert lists(lead)["lost_reason", 2] == [*REASONS[1:-1], "Pool too cold", OTHER_REASON]
    assert lists(lead)["lost_reason", None] == list(REASONS)
    tellapur, gachibowli = person(lead, world, MEMBER), person(lead, world, OTHER_MEMBER)
    assert ("lost_reason", 2) not in lists(tellapur)
    assert ("lost_reason", 2) in lists(gachibowli)
    said = {"lost_reason": "Pool too cold"}
    assert gachibowli.patch("/leads/2", json=LOST | said).status == 200
    assert tellapur.patch("/leads/1", json=LOST | said).status == 422
    # A list that is the center's own has its order.
    order = [*ids(lead, "lost_reason", 2).values()][:-1][::-1]
    turned = lead.post("/choices/order", json=own | {"ids": order})
    assert turned.status == 200
    assert lists(lead)["lost_reason", 2] == ["Pool too cold", *REASONS[-2:0:-1], OTHER_REASON]
    for wrong in (order[1:], [*order, 1], [order[0], *order[:-1]]):
        answer = lead.post("/choices/order", json=own | {"ids": wrong})
        assert (answer.status, answer.json()["detail"]) == (
            409, "Someone else changed this list. Reload it, then change the order",
        )  # fmt: skip
    back = lead.post("/choices/own", json=own | {"own": False}).json()
    assert [one["center_id"] for one in back["lists"]] == [None] * 3
    assert gachibowli.get("/leads/2").json()["lost_reason"] == "Pool too cold"
    assert events(world, "choices_", "choice_list") == [
        (
            "choice_list_changed", None, None,
            '{"center_id":2,"kind":"lost_reason","own":true}',
        ),
        ("choices_ordered", None, None, '{"center_id":2,"kind":"lost_reason"}'),
        (
            "choice_list_changed", None, None,
            '{"center_id":2,"kind":"lost_reason","own":false}',
        ),
    ]  # fmt: skip


def test_leads_are_renamed_with_an_entry(lead: Client, member: Client) -> None:
    add(lead, "age_group", "Under 9", 2)
    group = add(lead, "age_group", "U9")
    path = f"{CHOICES}{group}/leads"
    assert lead.patch(f"{CHOICES}{group}", json={"text": "Juniors"}).status == 200
    # The other lead's center has a list of its own.
    assert lead.get(f"{CHOICES}leads?kind=age_group&was=U9").json() == {"leads": 1}
    assert lead.get(f"{CHOICES}leads?kind=age_group&center_id=2&was=U9").json() == {"leads": 1}
    assert lead.get(f"{CHOICES}leads?kind=age_group&center_id=2&was=U8").json() == {"leads": 0}
    renamed = lead.post(path, json={"was": "U9"}).json()
    assert (renamed["changed"], renamed["left"]) == (1, 0)
    assert member.get("/leads/1").json()["player_age_category"] == "Juniors"
    assert lead.get("/leads/2").json()["player_age_category"] == "U9"
    (line,) = [one for one in member.get("/leads/1/history").json() if one["kind"] == "edited"]
    assert line["data"] == {"player_age_category": {"from": "U9", "to": "Juniors"}}
    undone = lead.post(f"/leads/bulk/{renamed['id']}/undo").json()
    assert undone == {"restored": 1, "kept": []}
    assert member.get("/leads/1").json()["player_age_category"] == "U9"
    again = lead.post(path, json={"was": "Juniors"}).json()
    assert (again["changed"], again["left"]) == (0, 0)


def test_what_says_how_a_lead_came_in_is_not_renamed(lead: Client) -> None:
    for kind, was in (("source", "meta"), ("lost_reason", OTHER_REASON)):
        entry = add(lead, kind, "Something")
        assert lead.post(f"{CHOICES}{entry}/leads", json={"was": was}).status == 422
    assert lead.post("/choices/99/leads", json={"was": "x"}).status == 404


def test_a_lead_that_is_added_by_hand_has_a_source(lead: Client, member: Client) -> None:
    refused = member.post("/leads/", json=TARA | {"source": "Walk-in"})
    assert (refused.status, refused.json()["detail"]) == (422, "Source: choose manual")
    add(lead, "source", "Walk-in")
    add(lead, "source", "School visit")
    made = member.post("/leads/", json=TARA | {"source": "Walk-in"}).json()["lead"]
    assert made["source"] == "Walk-in"
    (line,) = member.get(f"/leads/{made['id']}/history").json()
    assert line["data"] == {"source": "Walk-in"}
    path = f"/leads/{made['id']}"
    assert member.patch(path, json={"source": "School visit"}).json()["source"] == "School visit"
    options = member.get("/leads/filter-options").json()
    assert options["sources"] == ["School visit", "Walk-in"]
    for query in ("source=School+visit", "source=Walk-in,School visit"):
        found = member.get(f"/leads/?{query.replace(' ', '%20')}").json()["leads"]
        assert [one["id"] for one in found] == [made["id"]]
    days = lead.get("/reports/").json()["days"]
    assert [(one["source"], one["leads"]) for one in days if one["source"]] == [("School visit", 1)]
    export = lead.get("/leads/export.csv?source=School%20visit").body.decode("utf-8-sig")
    assert "School visit" in export
    assert export.count("\n") == 2
    for given in (None, "manual", ""):
        assert member.patch(path, json={"source": given}).json()["source"] == "manual"
    assert member.patch(path, json={"source": "meta"}).status == 422


def test_the_source_of_a_lead_that_came_in_stays(lead: Client, world: World) -> None:
    add(lead, "source", "Walk-in")
    with world.db.write() as session:
        session.get_one(Lead, 1).source = "meta"
    answer = lead.patch("/leads/1", json={"source": "Walk-in"})
    assert (answer.status, answer.json()["detail"]) == (
        422, "Source: only the source of a lead added by hand can be changed",
    )  # fmt: skip
    assert lead.patch("/leads/1", json={"source": "meta"}).status == 200


def test_ages_take_the_spelling_of_the_list(lead: Client, member: Client) -> None:
    add(lead, "age_group", "Under 9")
    add(lead, "age_group", "Adults")
    form = {"nearest_center": "TOFA Tellapur", "full_name": "Mira"}
    for number, (said, kept) in enumerate(
        [("u-9", "Under 9"), ("ADULTS", "Adults"), ("9 to 11", "9 to 11"), ("Under 9", "Under 9")]
    ):
        phone = f"98480022{number:02}"
        asked = form | {"phone_number": phone, "player_age_category": said}
        id = lead.post("/leads/meta-webhook/", json=asked).json()["lead_id"]
        assert member.get(f"/leads/{id}").json()["player_age_category"] == kept
    made = member.post("/leads/", json=TARA | {"player_age_category": "under 9"}).json()["lead"]
    assert made["player_age_category"] == "Under 9"
    edited = member.patch("/leads/1", json={"player_age_category": "adults"}).json()
    assert edited["player_age_category"] == "Adults"
    other = member.patch("/leads/1", json={"player_age_category": "Ten or so"}).json()
    assert other["player_age_category"] == "Ten or so"
    sheet = (
        "player_name,phone,player_age_category,nearest_tofa\n"
        "Sara,9848003301,U9,TOFA Tellapur\nOmar,9848003302,U13,TOFA Tellapur\n"
    )
    done = lead.post("/leads/upload/", file=Upload("a.csv", sheet.encode()))
    assert done.json()["leads_added"] == 2
    ages = {
        one["player_name"]: one["player_age_category"]
        for one in lead.get("/leads/?limit=200").json()["leads"]
    }
    assert (ages["Sara"], ages["Omar"]) == ("Under 9", "U13")
    assert "Under 9" in member.get("/leads/filter-options").json()["age_categories"]


def test_reasons_are_checked_wherever_a_lead_is_lost(lead: Client, member: Client) -> None:
    add(lead, "lost_reason", "Moved away")
    for reason, status in (("Moved away", 200), (OTHER_REASON, 200), ("Rain", 422)):
        said = LOST | {"lost_reason": reason}
        assert member.patch("/leads/1", json=said).status == status
        assert member.post("/leads/bulk", json=said | {"ids": [1]}).status == status
        call = said | {"outcome": "spoke"}
        assert member.post("/leads/1/calls/", json=call).status == status


def test_a_sheet_has_the_reasons_of_the_list(lead: Client) -> None:
    add(lead, "lost_reason", "Moved away")
    fee = ids(lead, "lost_reason")["Expensive fee"]
    assert lead.delete(f"{CHOICES}{fee}").status == 200
    rows = [("A", "moved away"), ("B", "too far"), ("C", "too expensive"), ("D", "Other")]
    lines = [
        f"{name},984800440{number},TOFA Tellapur,Not interested,{reason}"
        for number, (name, reason) in enumerate(rows)
    ]
    sheet = "\n".join(["player_name,phone,nearest_tofa,status,lost_reason", *lines])
    plan = lead.post("/imports/", file=Upload("a.csv", sheet.encode())).json()
    assert lead.post(f"/imports/{plan['id']}/commit").status == 200
    found = {
        one["player_name"]: one["lost_reason"]
        for one in lead.get("/leads/?limit=200").json()["leads"]
        if len(one["player_name"]) == 1
    }
    assert found == {"A": "Moved away", "B": "Location/distance", "C": None, "D": "Other"}


def test_a_list_has_limits(lead: Client) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"kind": "fee", "text": "x"}, "List: choose lost_reason, age_group or source"),
        ({"kind": "source", "text": " "}, "Name: enter a name"),
        ({"kind": "source", "text": "x" * 101}, "Name: use at most 100 characters"),
        ({"kind": "source", "text": "A, B"}, "Name: enter a source without a comma"),
        ({"kind": "source", "text": "x", "center_id": 99}, "Center: choose a center"),
    ]
    for given, detail in wrong:
        answer = lead.post(CHOICES, json=given)
        assert (answer.status, answer.json()["detail"]) == (422, detail)
    for kind, text in (
        ("source", "Meta"), ("source", "NONE"), ("lost_reason", "other"), ("age_group", "none"),
    ):  # fmt: skip
        assert lead.post(CHOICES, json={"kind": kind, "text": text}).status == 422
    first = add(lead, "source", "  Walk   in ")
    assert ids(lead, "source") == {"Walk in": first}
    for text in ("walk in", "WALK  IN"):
        answer = lead.post(CHOICES, json={"kind": "source", "text": text})
        assert (answer.status, answer.json()["detail"]) == (
            409, "This entry is already in the list. Enter another one",
        )  # fmt: skip
    for number in range(MOST - 1):
        add(lead, "source", f"Source {number}")
    full = lead.post(CHOICES, json={"kind": "source", "text": "One more"})
    assert full.json()["detail"] == f"Name: a list can have at most {MOST} entries"
    taken = lead.patch(f"{CHOICES}{first}", json={"text": "source 1"})
    assert taken.status == 409
    assert lead.patch(f"{CHOICES}{first}", json={"text": "WALK IN"}).json()["text"] == "WALK IN"
    assert lead.patch(f"{CHOICES}{first}", json={}).json()["text"] == "WALK IN"


def test_a_list_keeps_one_entry(lead: Client) -> None:
    own = add(lead, "age_group", "U9", 1)
    kept = lead.delete(f"{CHOICES}{own}")
    assert (kept.status, kept.json()["detail"]) == (
        409, "A list needs at least one entry. You can go back to the default list instead",
    )  # fmt: skip
    everywhere = add(lead, "age_group", "U9")
    assert lead.delete(f"{CHOICES}{everywhere}").status == 200
    # Removed and added again, it is the same entry.
    assert add(lead, "age_group", "u9") == everywhere
    reasons = ids(lead, "lost_reason")
    add(lead, "lost_reason", "Moved away")
    every = [id for id in ids(lead, "lost_reason").values() if id]
    assert [lead.delete(f"{CHOICES}{id}").status for id in every] == [200] * (len(every) - 1) + [
        409
    ]
    assert lead.post("/choices/own", json={"kind": "lost_reason", "own": False}).status == 200
    assert ids(lead, "lost_reason") == reasons


def test_an_observer_reads_and_changes_nothing(lead: Client, world: World) -> None:
    add(lead, "source", "Fair", 2)
    add(lead, "source", "Walk-in", 1)
    observer = person(lead, world, OBSERVER)
    assert lists(observer)["source", 1] == ["Walk-in"]
    assert ("source", 2) not in lists(observer)
    for path in ("/choices/", "/choices/order", "/choices/own", "/choices/1/leads"):
        assert observer.post(path, json={}).status == 403
