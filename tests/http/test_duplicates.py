"""Possible duplicates: listed until someone marks them as not duplicates."""

import pytest

from backend.core import times
from backend.core.leads import duplicates
from backend.models import Lead
from tests.servers import Client
from tests.shape import check_error
from tests.world import MEMBER, World

PATH = "/leads/duplicates/"


@pytest.fixture
def ids(world: World) -> list[int]:
    """Leads with one email, each but the last with its own phone; and pairs that aren't listed."""
    rows = [
        ("+919848000111", "a@example.com", False),
        ("+919848000211", "a@example.com", False),
        (None, "a@example.com", False),
        # A household; another email; none; a test; no email at all.
        ("+919848000111", "a@example.com", False),
        ("+919848000411", "b@example.com", False),
        ("+919848000511", None, False),
        ("+919848000611", "a@example.com", True),
        ("+919848000711", "nan", False),
        ("+919848000811", "nan", False),
    ]
    with world.db.write() as session:
        made = [
            Lead(
                created_time=times.now(),
                player_name=f"Child {place}",
                phone=phone,
                email=email and email.upper(),
                phone_key=phone,
                email_key=email,
                is_test=is_test,
                center_id=1,
            )
            for place, (phone, email, is_test) in enumerate(rows)
        ]
        session.add_all(made)
        session.flush()
        return [lead.id or 0 for lead in made]


def pairs(lead: Client, query: str = "") -> list[tuple[int, int]]:
    answer = lead.get(f"{PATH}{query}")
    assert answer.status == 200, answer.body
    return [(one["first"]["id"], one["second"]["id"]) for one in answer.json()]


def test_the_pairs(lead: Client, ids: list[int]) -> None:
    a, b, c, d, *_ = ids
    assert pairs(lead) == [(c, d), (b, d), (b, c), (a, c), (a, b)]
    one = lead.get(PATH).json()[0]
    assert list(one) == ["email", "first", "second", "reasons"]
    assert one["email"] == "A@EXAMPLE.COM"
    assert one["reasons"] == [{"code": "same_email", "message": "Same email, another phone"}]
    assert one["first"].pop("created_time").endswith("Z")
    assert one["first"] == {
        "id": c, "player_name": "Child 2", "phone": None, "status": "New", "center_id": 1,
        "phone_shown": None,
    }  # fmt: skip


def test_page_by_page(lead: Client, ids: list[int]) -> None:
    every = pairs(lead)
    seen = []
    query = "?limit=2"
    while page := pairs(lead, query):
        seen += page
        first, second = page[-1]
        query = f"?limit=2&before_second_id={second}&before_first_id={first}"
    assert seen == every


def test_a_verdict_is_remembered(lead: Client, ids: list[int]) -> None:
    a, b, c, d, *_ = ids
    for first, second in ((a, b), (b, a), (d, c)):
        answer = lead.post(PATH, json={"first_id": first, "second_id": second})
        assert (answer.status, answer.json()) == (200, {"status": "updated"})
    assert pairs(lead) == [(b, d), (b, c), (a, c)]


def test_an_email_of_too_many_is_nobodys(lead: Client, world: World) -> None:
    def add(many: int) -> None:
        with world.db.write() as session:
            now = times.now()
            session.add_all(
                Lead(created_time=now, center_id=1, email="na@na.com", email_key="na@na.com")
                for _ in range(many)
            )

    add(duplicates.MOST_OF_ONE_KEY)
    most = duplicates.MOST_OF_ONE_KEY * (duplicates.MOST_OF_ONE_KEY - 1) // 2
    assert len(pairs(lead, "?limit=500")) == most
    add(1)
    assert pairs(lead) == []


def test_what_is_no_pair(lead: Client, ids: list[int]) -> None:
    missing = lead.post(PATH, json={"first_id": ids[0], "second_id": 2_000_000})
    assert (missing.status, missing.json()) == (404, {"detail": "Lead not found"})
    for wrong, told in (
        ({"first_id": 1, "second_id": 1}, "Choose two different leads"),
        ({"first_id": 1}, "Second lead: choose a lead"),
        ({"first_id": 0, "second_id": 1}, "First lead: choose a lead"),
    ):
        answer = lead.post(PATH, json=wrong)
        check_error(answer)
        assert (answer.status, answer.json()["detail"]) == (422, told)


def test_a_short_page_says_where_the_next_one_begins(
    lead: Client, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    every = pairs(lead)
    for step, most in ((1, 2), (2, 2), (3, 9)):
        monkeypatch.setattr(duplicates, "STEP", step)
        monkeypatch.setattr(duplicates, "MOST", most)
        seen: list[tuple[int, int]] = []
        query, requests = "?limit=2", 0
        while query:
            answer = lead.get(f"{PATH}{query}")
            seen += [(one["first"]["id"], one["second"]["id"]) for one in answer.json()]
            link = answer.headers.get("link", "")
            query = link.partition("<")[2].partition(">")[0]
            requests += 1
        assert seen == every
        assert requests > len(every) // 2


def test_only_pairs_that_a_person_sees(client: Client, world: World, ids: list[int]) -> None:
    a, b, *_ = ids
    with world.db.write() as session:
        session.get_one(Lead, b).center_id = 2
    client.token = world.token(MEMBER)
    assert (a, b) not in pairs(client)
    assert pairs(client) == [(ids[2], ids[3]), (a, ids[2])]
    answer = client.post(PATH, json={"first_id": a, "second_id": b})
    assert (answer.status, answer.json()) == (404, {"detail": "Lead not found"})


def test_a_verdict_follows_a_merge(lead: Client, ids: list[int]) -> None:
    a, b, c, *_ = ids
    lead.post(PATH, json={"first_id": b, "second_id": c})
    assert (b, c) not in pairs(lead)
    versions = {
        "version": lead.get(f"/leads/{a}").json()["version"],
        "other_version": lead.get(f"/leads/{b}").json()["version"],
    }
    done = lead.post(f"/leads/{a}/merge", json={"other_id": b, **versions})
    assert done.status == 200, done.body
    assert (a, c) not in pairs(lead)
    assert lead.post(PATH, json={"first_id": b, "second_id": a}).status == 422
    lead.post(f"/leads/merges/{done.json()['id']}/undo")
    assert (a, c) in pairs(lead)
    assert (b, c) not in pairs(lead)
