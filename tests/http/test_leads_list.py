"""The list of leads: filters, search, pages, files; and one lead with what is done to it."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from sqlmodel import col, select

from backend.core import phones, times
from backend.core.leads import match_keys, search
from backend.models import Center, Lead, UserCenterLink
from tests.servers import Client
from tests.world import AHEAD, LEAD, MEMBER, OBSERVER, OTHER_MEMBER, TELLAPUR, World

ZONE = ZoneInfo("Asia/Kolkata")
NAMES = ("Meera Iyer", "Aarav O’Brien", "Zoë de la Cruz", "Nikhil D'Souza", "Ananya Rao")


@pytest.fixture
def leads(world: World) -> list[int]:
    """Fifty leads of two centers, an hour apart, the newest first; some with all that there is."""
    now = times.now().replace(microsecond=0)
    with world.db.write() as session:
        made = []
        for number in range(50):
            name = f"{NAMES[number % 5]} {number}"
            phone, email = f"98481 {number:05}", f"p{number}@example.com"
            lead = Lead(
                created_time=now - timedelta(hours=number),
                player_name=name,
                name_key=match_keys.name_key(name),
                player_age_category=("U9", "U11", None)[number % 3],
                phone=phone,
                phone_key=phones.read(phone, "IN").e164,
                email=email,
                email_key=email,
                status=("New", "Called", "Joined", "Dead/Not Interested")[number % 4],
                center_id=1 + number % 2,
                source=("meta", "webhook")[number % 2],
                campaign="Summer, early" if number % 5 == 0 else None,
                is_test=number == 7,
                next_followup_date=now + timedelta(days=number - 25) if number % 3 == 0 else None,
                called_at=now - timedelta(hours=number, minutes=-3) if number % 4 else None,
            )
            made.append(lead)
        session.add_all(made)
        session.flush()
        return [lead.id or 0 for lead in made]


def listed(client: Client, query: str = "") -> list[int]:
    answer = client.get(f"/leads/?{query}")
    assert answer.status == 200, answer.body
    return [lead["id"] for lead in answer.json()["leads"]]


# Each query, and which of the fifty leads it lists, by their numbers.
FILTERS: dict[str, Callable[[int], bool]] = {
    "status=New": lambda n: n % 4 == 0,
    "status=New,Called": lambda n: n % 4 in (0, 1),
    "center_id=2": lambda n: n % 2 == 1,
    "source=meta&status=Joined": lambda n: n % 4 == 2,
    "age_category=U9&age_category=none": lambda n: n % 3 in (0, 2),
    "age_category=U9,U11": lambda n: False,
    "campaign=Summer,%20early": lambda n: n % 5 == 0,
    "campaign=Summer": lambda n: False,
    "campaign=": lambda n: True,
    "campaign=none": lambda n: n % 5 != 0,
    "campaign=Camp&campaign=Summer,+early&source=meta": lambda n: n % 10 == 0,
    "source=webhook,hand&center_id=2,1": lambda n: n % 2 == 1,
    "source=none": lambda n: False,
    "status=Rang,%20no%20answer": lambda n: False,
    "test=yes": lambda n: n == 7,
    "test=no&limit=200": lambda n: n != 7,
    "due=none": lambda n: n % 3 != 0,
    "due=overdue": lambda n: n % 3 == 0 and n < 25 and n % 4 < 2,
    "due=any": lambda n: n % 3 == 0 and n % 4 < 2,
    "first_call=5m": lambda n: n % 4 != 0,
    "first_call=1h": lambda n: False,
    "first_call=none": lambda n: n % 4 == 0,
    "reached=called": lambda n: n % 4 != 0,
    "q=meera": lambda n: n % 5 == 0,
    "q=zoe%20cruz": lambda n: n % 5 == 2,
    "q=O%E2%80%99BRIEN": lambda n: n % 5 == 1,
    "q=0984810004": lambda n: 40 <= n < 50,
    "q=%2B91%2098481-00012": lambda n: n == 12,
    "q=00033": lambda n: n == 33,
    "q=%2B%E0%A5%AF%E0%A5%A7%2098481-00012": lambda n: n == 12,
    "q=p49@": lambda n: n == 49,
    "q=ya": lambda n: n % 5 == 4,
    "q=%25": lambda n: False,
    "q=nobody": lambda n: False,
}


@pytest.mark.parametrize("indexed", [False, True], ids=["not yet indexed", "indexed"])
def test_filters(lead: Client, world: World, leads: list[int], indexed: bool) -> None:
    if indexed:
        with world.db.write() as session:
            assert search.fill(session) == len(leads) + 2
    for query, wanted in FILTERS.items():
        expected = [id for number, id in enumerate(leads) if wanted(number)]
        found = [id for id in listed(lead, f"limit=100&{query}") if id in leads]
        assert found == expected, query


def test_pages_have_each_lead_once(lead: Client, leads: list[int]) -> None:
    for sort, expected in (("-created", leads), ("created", leads[::-1])):
        seen: list[int] = []
        after = ""
        for _ in range(20):
            page = lead.get(f"/leads/?limit=7&sort={sort}{after}").json()
            seen += [one["id"] for one in page["leads"]]
            if page["next"] is None:
                break
            after = f"&after={page['next']}"
        assert [id for id in seen if id in leads] == expected
        assert len(seen) == len(set(seen)) == len(leads) + 2


def test_what_is_wrong_with_a_query(lead: Client) -> None:
    for query in (
        "after=x", "after=20260101T000000000000-", "after=20260101T000000000000-99999999999999",
        "after=20260101T000000000000-0", "center_id=x", "created_from=soon", "limit=0",
        "limit=201", "sort=phone", "due=never", "center_id=99999999999",
    ):  # fmt: skip
        answer = lead.get(f"/leads/?{query}")
        assert answer.status == 422, query
        assert answer.json()["errors"][0]["loc"] == ["query", query.partition("=")[0]]


def test_days_are_those_of_the_zone(lead: Client, world: World) -> None:
    """The two leads of the academy came at 04:30 UTC, which is ten in the morning."""
    assert sorted(listed(lead, "created_from=2026-11-02&created_to=2026-11-02")) == [1, 2]
    assert listed(lead, "created_from=2026-11-03&created_to=2026-11-03") == []
    assert sorted(listed(lead, "created_from=2026-11-02T10:00&created_to=2026-11-03")) == [1, 2]
    assert listed(lead, "created_from=2026-11-02T10:01&created_to=2026-11-03") == []


def test_only_ones_own_centers(
    serve: Callable[..., Client], world: World, leads: list[int]
) -> None:
    client = serve(observers_export=True)
    for email in (MEMBER, OBSERVER):
        client.token = world.token(email)
        mine = client.get("/leads/?limit=200").json()["leads"]
        assert {one["center_id"] for one in mine} == {TELLAPUR}
        assert len(mine) == 26
        assert client.get("/leads/?center_id=2").json()["leads"] == []
        assert client.get("/leads/?q=aarav").json()["leads"] != []
        assert all(one["center_id"] == 1 for one in client.get("/leads/?q=98481").json()["leads"])
        rows = list(
            csv.reader(io.StringIO(client.get("/leads/export.csv").body.decode("utf-8-sig")))
        )
        assert len(rows) == 1 + 26


def test_the_list_as_a_file(lead: Client, leads: list[int]) -> None:
    answer = lead.get("/leads/export.csv?q=meera&status=New")
    assert answer.headers["content-disposition"] == 'attachment; filename="leads.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["Player"] for row in rows] == [
        "Meera Iyer 0",
        "Meera Iyer 20",
        "Meera Iyer 40",
    ]
    answer = lead.get("/leads/export.xlsx?q=meera&status=New")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.body)).active
    assert [row[2].value for row in sheet.iter_rows()][1:] == [row["Player"] for row in rows]


def test_two_who_edit_at_once(client: Client, world: World) -> None:
    client.token = world.token(MEMBER)
    shown = client.get("/leads/1")
    tag = shown.headers["etag"]
    assert (
        client.patch("/leads/1", json={"player_name": "Zoe"}, headers={"If-Match": tag}).status
        == 200
    )
    second = client.patch("/leads/1", json={"email": "x@y.example"}, headers={"If-Match": tag})
    assert second.status == 412
    assert client.get("/leads/1").json()["email"] == "parent1@example.com"
    newer = client.get("/leads/1").headers["etag"]
    assert newer != tag
    done = client.patch("/leads/1", json={"email": "x@y.example"}, headers={"If-Match": newer})
    assert (done.status, done.json()["email"]) == (200, "x@y.example")
    assert client.get("/leads/?q=x@y").json()["leads"][0]["id"] == 1


@pytest.mark.parametrize(
    ("tag", "status"),
    [
        ("*", 200),
        ("", 200),
        ('"{now}"', 200),
        ('W/"{now}"', 200),
        ('"1", "{now}"', 200),
        ('"{then}", "{now}"', 200),
        ('"{then}"', 412),
        ('"{then}", "x"', 412),
        ("x", 412),
        ('"', 412),
        ('"\u0663"', 412),
        ('"99999999999999999999999"', 412),
        ('"-1"', 412),
    ],
)
def test_tags_of_what_was_seen(client: Client, world: World, tag: str, status: int) -> None:
    client.token = world.token(MEMBER)
    then, now = (
        client.patch("/leads/1", json={"comment": text}).json()["version"] for text in ("A", "B")
    )
    sent = tag.format(then=then, now=now).encode().decode("latin-1")
    told = client.patch("/leads/1", json={"email": "x@y.example"}, headers={"If-Match": sent})
    assert told.status == status
    shown = client.get("/leads/1")
    assert (shown.json()["email"] == "x@y.example") == (status == 200)
    assert shown.headers["etag"] == f'"{shown.json()["version"]}"'


def test_an_old_status_with_a_comma(lead: Client, world: World) -> None:
    with world.db.write() as session:
        session.add(Lead(created_time=times.now(), status="Rang, no answer", center_id=1))
    assert len(listed(lead, "status=Rang,%20no%20answer")) == 1
    assert lead.get("/leads/counts").json()["statuses"]["Rang, no answer"] == 1


def test_an_edit_and_its_history(client: Client, world: World) -> None:
    client.token = world.token(MEMBER)
    told = client.patch(
        "/leads/1",
        json={
            "status": "Trial Scheduled",
            "trial_at": "2026-12-05T16:30:00",
            "next_followup_date": AHEAD[:10],
            "phone": " 98480 12345 ",
            "comment": "Likes goalkeeping",
        },
    ).json()
    assert (told["status"], told["trial_at"]) == ("Trial Scheduled", "2026-12-05T11:00:00Z")
    assert (told["next_followup_date"][4:], told["phone"]) == ("-01-04T18:30:00Z", "98480 12345")
    assert told["phone_e164"] == "+919848012345"
    assert told["called_at"] is not None
    lines = client.get("/leads/1/history").json()
    assert [line["kind"] for line in lines] == ["comment", "edited", "trial", "follow_up", "status"]
    assert {line["who"] for line in lines} == {"Tellapur"}
    assert lines[0]["data"]["text"] == "Likes goalkeeping"
    assert lines[1]["data"] == {"phone": {"from": "+919848000001", "to": "98480 12345"}}
    older = client.get(f"/leads/1/history?before={lines[2]['id']}").json()
    assert [line["kind"] for line in older] == ["follow_up", "status"]
    assert client.patch("/leads/1", json={"trial_at": None}).json()["trial_at"] is None
    for born in ("2017-08-20", None):
        assert client.patch("/leads/1", json={"birth_date": born}).json()["birth_date"] == born


@pytest.mark.parametrize(
    ("json", "status"),
    [
        ({"status": "Sold"}, 422),
        ({"phone": None, "email": " "}, 422),
        ({"phone": "\u200b", "email": "\u2060"}, 422),
        ({"center_id": 2}, 404),
        ({"center_id": 99}, 404),
        ({"trial_at": "soon"}, 422),
        ({"comment": "x" * 10_001}, 422),
        ({"lost_reason": "Because"}, 422),
    ],
)
def test_edits_that_are_refused(
    client: Client, world: World, json: dict[str, Any], status: int
) -> None:
    client.token = world.token(MEMBER)
    before = client.get("/leads/1").body
    assert client.patch("/leads/1", json=json | {"player_name": "Changed"}).status == status
    assert client.get("/leads/1").body == before


def test_a_household(lead: Client, world: World) -> None:
    new = {"player_name": "Tara Khan", "phone": "09848000001", "center_id": 1}
    added = lead.post("/leads/", json=new).json()
    assert (added["joined"], added["lead"]["source"]) == (False, "manual")
    assert [one["player_name"] for one in added["lead"]["household"]] == ["Zoë Khan"]
    again = lead.post("/leads/", json=new | {"player_name": "TARA  khan", "comment": "Rang"}).json()
    assert (again["joined"], again["lead"]["id"]) == (True, added["lead"]["id"])
    kinds = [line["kind"] for line in lead.get(f"/leads/{again['lead']['id']}/history").json()]
    assert kinds == ["comment", "repeat_enquiry", "created"]
    for none in ({}, {"phone": "  "}, {"phone": "", "email": " "}, {"phone": "\u200b"}):
        assert lead.post("/leads/", json={"player_name": "No", "center_id": 1} | none).status == 422


def test_a_phone_in_another_s_place_when_a_lead_is_added(lead: Client) -> None:
    for said in ({"email": "98480 22360"}, {"player_name": "Tara Khan 98480 22360"}):
        new = {"player_name": "Tara Khan", "center_id": 1} | said
        added = lead.post("/leads/", json={"email": "t@example.com"} | new).json()
        assert added["phone_issue"] is None
        assert added["lead"]["phone"] == "98480 22360"
        assert added["lead"]["player_name"] == "Tara Khan"


def test_a_name_that_nobody_sees_is_none(lead: Client) -> None:
    new = {"player_name": "\u200b\u00a0", "phone": "09848000077", "center_id": 1}
    refused = lead.post("/leads/", json=new)
    assert (refused.status, refused.json()["detail"]) == (422, "Player: enter the player's name")
    assert lead.patch("/leads/1", json={"player_name": "\u200b"}).json()["player_name"] is None
    assert lead.get("/leads/my_leads").json()[0]["player_name"] == "Unknown"


def test_a_player_who_is_a_lead_of_another_center(client: Client, world: World) -> None:
    """Nothing tells that: it is a lead of its own, and team leads find both."""
    client.token = world.token(OTHER_MEMBER)
    new = {"player_name": "Zoe Khan", "phone": "9848000001", "center_id": 2}
    added = client.post("/leads/", json=new).json()
    assert (added["lead"]["id"], added["joined"], added["lead"]["household"]) == (3, False, [])
    again = client.post("/leads/", json=new).json()
    assert (again["lead"]["id"], again["joined"]) == (3, True)
    client.token = world.token(MEMBER)
    assert client.get("/leads/1/history").json() == []
    assert client.get("/leads/3").status == 404
    client.token = world.token(LEAD)
    pairs = client.get("/leads/duplicates/").json()
    assert [(pair["first"]["id"], pair["second"]["id"]) for pair in pairs] == [(1, 3)]


def test_many_at_once_and_its_undo(client: Client, world: World, leads: list[int]) -> None:
    client.token = world.token(MEMBER)
    # Those of the other center are left alone.
    some = leads[:6]
    before = {id: client.get(f"/leads/{id}").json() for id in some[::2]}
    change = {"status": "Dead/Not Interested", "lost_reason": "Other", "next_followup_date": None}
    done = client.post("/leads/bulk", json={"ids": some, **change})
    assert done.json()["changed"] == 3
    client.patch(f"/leads/{some[0]}", json={"comment": "Mine"})
    other = world.token(OTHER_MEMBER)
    assert client.post(f"/leads/bulk/{done.json()['id']}/undo", token=other).status == 404
    undone = client.post(f"/leads/bulk/{done.json()['id']}/undo").json()
    assert undone == {"restored": 2, "kept": [some[0]]}
    for id in some[2::2]:
        now = client.get(f"/leads/{id}").json()
        assert now | {"version": 0} == before[id] | {"version": 0}
    assert client.get(f"/leads/{some[0]}").json()["lost_reason"] == "Other"
    assert client.post(f"/leads/bulk/{done.json()['id']}/undo").status == 409


@pytest.mark.slow
def test_pages_while_leads_come_and_change(lead: Client, world: World, leads: list[int]) -> None:
    """What stands where it stood is shown once, whatever comes in and moves meanwhile."""
    now = times.now().replace(microsecond=0)
    with world.db.write() as session:
        for one in session.scalars(select(Lead)):
            # All came in the same moment, and a third each are due in one.
            one.created_time = now
            one.next_followup_date = now + timedelta(hours=(one.id or 0) % 3)
    for sort in ("-created", "created", "due", "-due"):
        seen: list[int] = []
        moved: set[int] = set()
        after = ""
        while True:
            page = lead.get(f"/leads/?limit=7&sort={sort}{after}").json()
            seen += [one["id"] for one in page["leads"]]
            if page["next"] is None or len(moved) == 20:
                break
            after = f"&after={page['next']}"
            moved.add(leads[len(moved)])
            far = {"next_followup_date": (now + timedelta(days=len(moved))).isoformat()}
            assert lead.patch(f"/leads/{leads[len(moved) - 1]}", json=far).status == 200
            new = {"player_name": f"{sort} {len(moved)}", "email": "a@b.example", "center_id": 1}
            assert lead.post("/leads/", json=new).status == 200
        assert page["next"] is None
        assert sorted(id for id in seen if id in leads and id not in moved) == sorted(
            {*leads} - moved
        )
        if not sort.endswith("due"):
            assert len(seen) == len(set(seen))


@pytest.mark.parametrize("centers", [300, 450])
@pytest.mark.parametrize(
    ("adapter", "database"),
    [("flask", "sqlite"), ("fastapi", "postgresql")],
    indirect=["database"],
)
def test_lists_of_many_things(client: Client, world: World, centers: int) -> None:
    """A database takes only so many values at once, and joins only so many queries."""
    with world.db.write() as session:
        for number in range(centers):
            session.add(Center(display_name="x", meta_tag_name=f"x{number}", city=""))
        session.flush()
        every = session.scalars(select(col(Center.id)).where(col(Center.id) != 1)).all()
        session.add_all(UserCenterLink(user_id=2, center_id=id or 0) for id in every)
    letters = ",".join(["New", *(chr(0x4E00 + number) for number in range(240))])
    statuses = f"status={quote(letters)}"
    ids = f"center_id={','.join(map(str, range(1, 120)))}"
    texts = "&".join(f"campaign={number}" for number in range(98)) + "&age_category=none"
    for email in (MEMBER, LEAD):
        client.token = world.token(email)
        for query in (statuses, ids, f"{statuses}&{ids}", f"{statuses}&{ids}&q=zo&sort=created"):
            assert 1 in listed(client, query), query[:80]
        for query in (texts, f"{texts}&{statuses}&{ids}&source=a,b,c&reached=called"):
            assert listed(client, query) == []
        for path in ("next", "filter-options", "counts", "export.csv"):
            assert client.get(f"/leads/{path}").status == 200
        assert client.get("/reports/").status == 200


def test_whom_to_call_now(client: Client, world: World) -> None:
    now = times.now()
    with world.db.write() as session:
        session.connection().execute(Lead.__table__.delete())  # type: ignore[attr-defined]

        def add(name: str, **given: Any) -> None:
            session.add(Lead(player_name=name, center_id=given.pop("center_id", 1),
                             created_time=given.pop("created_time", now), **given))  # fmt: skip

        day = timedelta(days=1)
        add("old", created_time=now - 3 * day)
        add("older", created_time=now - 4 * day)
        add("fresh", created_time=now - timedelta(minutes=9))
        add("test", is_test=True)
        add("overdue", status="Called", next_followup_date=now - 2 * day)
        add("joined", status="Joined", next_followup_date=now - 2 * day)
        add("later", status="Called", next_followup_date=now + 2 * day)
        add("trial", status="Trial Scheduled", trial_at=now, next_followup_date=now - 3 * day)
        add("elsewhere", center_id=2)
        add("how was it", status="Trial Scheduled", trial_at=now - 2 * day)
        add("said", status="Joined", trial_at=now - 2 * day)
        add("another day", status="Trial Scheduled", trial_at=now + 2 * day)
        add("not forgotten", status="Called", created_time=now - day)
        add("never answers", status="Called", unreachable_since=now - day)
    client.token = world.token(MEMBER)
    told = client.get("/leads/next").json()
    assert [(one["player_name"], one["why"]) for one in told["leads"]] == [
        ("trial", "trial"), ("overdue", "overdue"), ("how was it", "overdue"), ("fresh", "new"),
        ("older", "new"), ("old", "new"), ("not forgotten", "no_next_step"),
    ]  # fmt: skip
    assert told["counts"] == {
        "trial": 1, "overdue": 3, "due": 0, "new": 3, "no_next_step": 1,
    }  # fmt: skip
    assert told["unreachable"] == client.get("/leads/counts").json()["unreachable"] == 1
    skipped = f"{told['leads'][0]['id']},{told['leads'][1]['id']}"
    rest = client.get(f"/leads/next?skip={skipped}&limit=2").json()["leads"]
    assert [one["player_name"] for one in rest] == ["how was it", "fresh"]
    assert client.get("/leads/next?skip=a").status == 422


def test_an_index_that_lags_is_never_wrong(lead: Client, world: World, leads: list[int]) -> None:
    with world.db.write() as session:
        while search.fill(session, 7):
            pass
        assert not search.is_behind(session)
    lead.patch(f"/leads/{leads[3]}", json={"player_name": "Wholly Different"})
    assert listed(lead, "q=different") == [leads[3]]
    assert leads[3] not in listed(lead, "q=nikhil")
    with world.db.write() as session:
        assert search.fill(session) == 1
        assert all(session.scalars(select(col(Lead.search_indexed))))
    assert listed(lead, "q=different") == [leads[3]]
    assert leads[3] not in listed(lead, "q=nikhil")


def test_phones_that_can_not_be_read(lead: Client, world: World) -> None:
    """They are flagged in the answer, on the lead, and by a filter of every list."""
    new = {"player_name": "Tara", "center_id": TELLAPUR}
    made = {}
    for phone in ("9.17013E+11", "12345", "ask at the office", "98480 22338"):
        added = lead.post("/leads/", json=new | {"phone": phone}).json()
        assert added["joined"] is False
        assert added["phone_issue"] == added["lead"]["phone_issue"]
        assert (added["lead"]["phone_issue"] is None) == (added["lead"]["phone_message"] is None)
        made[added["phone_issue"]] = added["lead"]["id"]
    assert [*made] == ["digits_lost", "too_short", "no_digits", None]
    unread = [id for issue, id in made.items() if issue]
    assert listed(lead, "phone_issue=any") == unread[::-1]
    assert listed(lead, "phone_issue=any&sort=created") == unread
    assert listed(lead, "phone_issue=too_short&phone_issue=no_digits") == unread[:0:-1]
    assert listed(lead, "phone_issue=none&q=tara") == [made[None]]
    assert listed(lead, "phone_issue=not_valid") == []
    refused = lead.get("/leads/?phone_issue=too_short&phone_issue=bogus")
    assert refused.status == 422
    assert refused.json()["errors"][0]["loc"] == ["query", "phone_issue"]
    assert "digits_lost" in refused.json()["detail"]
    options = lead.get("/leads/filter-options").json()
    assert options["phone_issues"] == ["no_digits", "digits_lost", "too_short"]
    exported = lead.get("/leads/export.csv?phone_issue=digits_lost").body.decode()
    assert ("ask at the office" in exported, "9.17013E+11" in exported) == (False, True)
    # Without a number the email tells, and the answer still says what was entered.
    for joined in (False, True):
        mail = new | {"phone": "x", "email": "t@x.example"}
        answer = lead.post("/leads/", json=mail).json()
        assert (answer["joined"], answer["phone_issue"]) == (joined, "no_digits")
    assert listed(lead, "q=9.17013E%2B11") == [made["digits_lost"]]


def test_the_numbers_of_a_lead(lead: Client, world: World) -> None:
    new = {"player_name": "Tara", "center_id": TELLAPUR, "player_age_category": "U9"}
    first = lead.post("/leads/", json=new | {"phone": "98480 22338 / 98480 22339 ext. 5"}).json()
    assert (first["lead"]["phone_e164"], first["lead"]["phones"]) == (
        "+919848022338", ["+919848022339"]
    )  # fmt: skip
    id = first["lead"]["id"]
    again = lead.post("/leads/", json=new | {"phone": "9848022340 or 9848022339"}).json()
    assert (again["joined"], again["lead"]["phones"]) == (True, ["+919848022339", "+919848022340"])
    line = lead.get(f"/leads/{id}/history").json()[0]["data"]
    assert (line["phone"], line["player_age_category"]) == ("9848022340 or 9848022339", "U9")
    sibling = lead.post("/leads/", json=new | {"phone": "9848022340", "player_name": "Zoya"}).json()
    doubt = lead.post(
        "/leads/", json=new | {"phone": "9848022339", "player_age_category": "U13"}
    ).json()
    assert (sibling["joined"], doubt["joined"]) == (False, False)
    household = lead.get(f"/leads/{id}").json()["household"]
    assert [one["id"] for one in household] == [sibling["lead"]["id"], doubt["lead"]["id"]]
    assert listed(lead, "q=22340") == [sibling["lead"]["id"], id]
    edited = lead.patch(f"/leads/{id}", json={"phone": "9848022341"}).json()
    assert (edited["phone_e164"], edited["phones"]) == (
        "+919848022341", ["+919848022339", "+919848022340"]
    )  # fmt: skip


def test_impossible_dates_are_refused(client: Client, world: World) -> None:
    """A next call on an earlier day, and years that someone mistyped; nothing else is changed."""
    client.token = world.token(MEMBER)
    closer, later = "use a date closer to today", "choose today or a later day"
    today = times.now().astimezone(ZONE).date()
    wrong = [
        ("next_followup_date", f"{today - timedelta(days=1)}T23:59", f"Next follow-up: {later}"),
        ("next_followup_date", "0026-12-05T10:00", f"Next follow-up: {closer}"),
        ("next_followup_date", "2206-12-05T10:00", f"Next follow-up: {closer}"),
        ("trial_at", "0026-12-05T10:00", f"Trial: {closer}"),
        ("trial_at", "2206-12-05T10:00", f"Trial: {closer}"),
    ]
    for name, value, text in wrong:
        given = {"comment": "Keen", name: value}
        calls = {**given, "outcome": "spoke"}
        for answer in (
            client.patch("/leads/1", json=given),
            client.post("/leads/1/calls/", json=calls),
            client.post("/leads/bulk", json={name: value, "ids": [1]}),
        ):
            assert (answer.status, answer.json()["detail"]) == (422, text)
    assert client.get("/leads/1/history").json() == []
    # What was in the past already stays as it is, and earlier today may be saved late.
    with world.db.write() as session:
        session.get_one(Lead, 1).next_followup_date = datetime(2025, 1, 1, tzinfo=UTC)
    assert client.patch("/leads/1", json={"next_followup_date": "2025-01-01T00:00Z"}).status == 200
    assert client.patch("/leads/1", json={"next_followup_date": f"{today}"}).status == 200
    assert client.patch("/leads/1", json={"trial_at": "2025-01-01T00:00Z"}).status == 200


@pytest.mark.parametrize("key", ["98480 22338", "none", "+", "+999999999999999999999"])
def test_a_key_that_is_no_number(lead: Client, world: World, key: str) -> None:
    """A script may give a lead any key; it's shown as it is, and hides no other lead."""
    with world.db.write() as session:
        session.get_one(Lead, 1).phone_key = key
    found = lead.get("/leads/").json()["leads"]
    assert {one["id"]: one["phone_shown"] for one in found}[1] == key
    for path in ("/leads/1", "/leads/next", "/leads/duplicates/", "/leads/export.csv"):
        assert lead.get(path).status == 200, path
