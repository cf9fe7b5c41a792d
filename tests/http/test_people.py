"""The report on people over HTTP: whose work counts, and who sees it."""

import csv
import io
from datetime import datetime, timedelta
from urllib.parse import urlencode

from backend.models import Lead
from tests.servers import Client
from tests.world import AHEAD, DISABLED, LEAD, MEMBER, OBSERVER, OTHER_MEMBER, World

REPORT = "/reports/people"


def as_(client: Client, world: World, email: str) -> Client:
    other = Client(client.port)
    other.token = world.token(email)
    return other


def numbers(client: Client, query: str = "") -> dict[str, dict[str, int]]:
    """Return what is not nothing of each person, by name."""
    answer = client.get(f"{REPORT}{query}")
    assert answer.status == 200, answer.body
    return {
        one["full_name"]: {
            name: value for name, value in one.items() if value and not name.startswith(("u", "fu"))
        }
        for one in answer.json()["people"]
    }


def test_who_did_what(lead: Client, world: World, clock: list[datetime]) -> None:
    with world.db.write() as session:
        session.get_one(Lead, 1).created_time = clock[0] - timedelta(minutes=3)
    member = as_(lead, world, MEMBER)
    assert numbers(lead) == {"Gachibowli": {}, "Tellapur": {}}
    called = {"outcome": "spoke", "status": "Trial Scheduled", "trial_at": AHEAD}
    call = member.post("/leads/1/calls/", json=called).json()["id"]
    clock[0] += timedelta(minutes=1)
    lead.patch("/leads/1", json={"trial_outcome": "attended", "owner_id": 2})
    lead.put("/leads/2?status=Joined")
    told = numbers(lead)
    assert told["Tellapur"] == {
        "attempts": 1, "conversations": 1, "trial": 1, "called": 1, "within_5m": 1,
        "within_1h": 1, "first_call_average_s": 180, "first_call_median_s": 180, "owned": 1,
        "no_next_step": 1,
    }  # fmt: skip
    # To join straight away is to have been at a trial.
    assert {name: told["Admin"][name] for name in ("trial", "attended", "joined", "called")} == {
        "trial": 1, "attended": 2, "joined": 1, "called": 1,
    }  # fmt: skip
    # Someone has worked on the lead since: what stands is still theirs, but for the attempt.
    lead.patch("/leads/1", json={"status": "Called"})
    assert member.post(f"/leads/1/calls/{call}/undo").status == 200
    assert numbers(lead)["Tellapur"].keys() >= {"trial", "called"}
    assert "attempts" not in numbers(lead)["Tellapur"]
    assert numbers(lead, "?center_id=2")["Admin"]["attended"] == 1
    assert "attended" not in numbers(lead, "?from=2020-01-01&to=2020-02-01").get("Admin", {})


def test_what_is_undone_does_not_count(lead: Client, world: World) -> None:
    member = as_(lead, world, MEMBER)
    call = member.post("/leads/1/calls/", json={"outcome": "spoke", "status": "Joined"}).json()
    assert numbers(lead)["Tellapur"]["joined"] == 1
    assert member.post(f"/leads/1/calls/{call['id']}/undo").status == 200
    assert numbers(lead)["Tellapur"] == {}
    change = lead.post("/leads/bulk", json={"ids": [1, 2], "status": "Trial Scheduled"}).json()
    assert numbers(lead)["Admin"]["trial"] == 2
    assert lead.post(f"/leads/bulk/{change['id']}/undo").json()["restored"] == 2
    # The undo isn't anybody's work either.
    assert numbers(lead) == {"Gachibowli": {}, "Tellapur": {}}


def test_who_sees_whom(client: Client, world: World) -> None:
    lead, member, other, observer = (
        as_(client, world, email) for email in (LEAD, MEMBER, OTHER_MEMBER, OBSERVER)
    )
    member.post("/leads/1/calls/", json={"outcome": "no_answer"})
    other.post("/leads/2/calls/", json={"outcome": "no_answer"})
    lead.post("/leads/1/calls/", json={"outcome": "spoke"})
    assert set(numbers(lead)) == {"Admin", "Gachibowli", "Tellapur"}
    # Members see themselves, whichever center they ask for.
    assert set(numbers(member)) == set(numbers(member, "?center_id=2")) == {"Tellapur"}
    assert numbers(member, "?center_id=2") == {"Tellapur": {}}
    assert set(numbers(other)) == {"Gachibowli"}
    # An observer sees who worked on the leads of their centers, and nobody else.
    assert set(numbers(observer)) == {"Admin", "Tellapur"}
    assert numbers(observer, "?center_id=2") == {}
    assert as_(client, world, DISABLED).get(REPORT).status == 401
    assert client.get(REPORT).status == 401
    assert lead.get(f"{REPORT}?from=x").status == 422
    rows = [*csv.reader(io.StringIO(lead.get(f"{REPORT}.csv").body.decode("utf-8-sig")))]
    assert [row[0] for row in rows] == ["Person", "Admin", "Gachibowli", "Tellapur"]
    assert rows[2][1:3] == ["1", "0"]
    mine = csv.reader(io.StringIO(member.get(f"{REPORT}.csv").body.decode("utf-8-sig")))
    assert [row[0] for row in mine] == ["Person", "Tellapur"]
    assert lead.get(f"{REPORT}.xlsx").body.startswith(b"PK")
    assert observer.get(f"{REPORT}.csv").status == 403


def test_lists_by_what_someone_did(client: Client, world: World) -> None:
    lead, member, observer = (as_(client, world, email) for email in (LEAD, MEMBER, OBSERVER))
    lead.post("/leads/1/calls/", json={"outcome": "no_answer"})
    lead.patch("/leads/2", json={"status": "Trial Scheduled", "owner_id": 3})

    def ids(who: Client, **query: object) -> list[int]:
        page = who.get(f"/leads/?{urlencode(query)}")
        assert page.status == 200, page.body
        return sorted(one["id"] for one in page.json()["leads"])

    assert ids(lead, did="attempt", did_by=1) == ids(lead, did="attempt", did_by="me") == [1]
    assert ids(lead, did="conversation", did_by=1) == []
    assert ids(lead, did="called", did_by=1) == [1, 2]
    assert ids(lead, did="trial", did_by=1, did_from="2020-01-01", did_to="2020-01-02") == []
    assert ids(lead, did="trial", did_by=1, center_id=2) == [2]
    assert ids(lead, did="trial", did_by=2) == []
    # Without a person, it's what anyone tried since a day.
    assert member.post("/leads/1/calls/", json={"outcome": "spoke"}).status == 200
    assert ids(lead, did="conversation", did_from="2020-01-01") == [1]
    assert ids(lead, did="conversation", did_from="2020-01-01", did_to="2020-01-02") == []
    assert ids(lead, did="attempt", did_from="2020-01-01", center_id=2) == []
    # A lead of another center is in no list, no matter who worked on it.
    assert ids(member, did="called", did_by=1) == ids(observer, did="called", did_by=1) == [1]
    assert ids(lead, work="no_next_step") == [2]
    assert ids(lead, work="open") == [1, 2]
    wrong = ("did=trial", "did=attempt", "did=trial&did_from=2026-01-01",
             "did_by=1", "did=trial&did_by=x", "did=trial&did_by=0", "did=sang",
             "did=trial&did_by=1&did_from=x", "work=x", "did_from=2026-01-01")  # fmt: skip
    for query in wrong:
        assert lead.get(f"/leads/?{query}").status == 422, query
