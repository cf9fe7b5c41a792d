"""Reports compared with a count of the leads; onboarding; changing centers and their aliases."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from backend.core.access import Person
from backend.core.reports import figures
from backend.models import Lead
from backend.schemas.reports import ReportFilter
from tests.servers import Client
from tests.world import MEMBER, World, settings_for

KOLKATA = ZoneInfo("Asia/Kolkata")


def add_leads(world: World, rng: Random) -> list[Lead]:
    start = datetime(2026, 3, 1, tzinfo=UTC)
    leads = []
    for number in range(300):
        created = start + timedelta(seconds=rng.randrange(40 * 86400))
        reached = rng.randrange(5)
        called = created + timedelta(seconds=rng.choice((10, 299, 301, 3601, 86401, 10**6)))
        lead = Lead(
            created_time=created,
            player_name=f"N{number}",
            center_id=1 + number % 2,
            source=rng.choice(("meta", "webhook", None)),
            campaign=rng.choice(("Summer", "Camp", None)),
            is_test=number % 29 == 0,
            called_at=called if reached else None,
            trialled_at=called if reached > 1 else None,
            attended_at=called if reached == 3 or (reached == 2 and number % 2) else None,
            joined_at=called if reached == 3 else None,
            lost_at=called if reached == 4 else None,
            lost_reason=rng.choice(("Other", None)) if reached == 4 else None,
        )
        leads.append(lead)
    with world.db.write() as session:
        session.add_all(leads)
    return leads


@pytest.mark.parametrize("seed", [1, 2])
def test_figures_match_a_count(lead: Client, world: World, seed: int) -> None:
    leads = add_leads(world, Random(seed))
    told = lead.get("/reports/?from=2026-03-10&to=2026-03-20").json()
    days = {one.player_name: str(one.created_time.astimezone(KOLKATA).date()) for one in leads}
    within = [one for one in leads if "2026-03-10" <= days[one.player_name] <= "2026-03-20"]
    cohort = [one for one in within if not one.is_test]
    assert len(cohort) > 50
    assert (told["from"], told["to"]) == ("2026-03-10", "2026-03-20")
    assert {(day["day"], day["source"]): day["leads"] for day in told["days"]} == Counter(
        (str(one.created_time.astimezone(KOLKATA).date()), one.source) for one in cohort
    )
    counts = [sum(getattr(one, f"{name}_at") is not None for one in cohort)
              for name in ("called", "trialled", "attended", "joined", "lost")]  # fmt: skip
    assert [stage["count"] for stage in told["funnel"]] == [len(cohort), *counts]
    waits = [(one.called_at - one.created_time).total_seconds() for one in cohort if one.called_at]
    buckets = {"5m": (0, 300), "1h": (300, 3600), "1d": (3600, 86400), "later": (86400, 1e9)}
    assert {one["within"]: one["count"] for one in told["first_call"]} == {
        name: sum(low <= wait < high for wait in waits) for name, (low, high) in buckets.items()
    } | {"none": len(cohort) - len(waits)}
    assert told["first_call_average_s"] == pytest.approx(sum(waits) / len(waits), abs=1)
    for of, name in (("centers", "center_id"), ("campaigns", "campaign")):
        assert {one[name]: (one["leads"], one["joined"]) for one in told[of]} == {
            key: (sum(getattr(x, name) == key for x in cohort),
                  sum(getattr(x, name) == key and x.joined_at is not None for x in cohort))
            for key in {getattr(x, name) for x in cohort}
        }  # fmt: skip
    assert {one["reason"]: one["count"] for one in told["reasons"]} == Counter(
        one.lost_reason for one in cohort if one.lost_at
    )


def test_days_on_which_clocks_change(world: World) -> None:
    """In Berlin, 29 March 2026 has 23 hours."""
    berlin = ZoneInfo("Europe/Berlin")
    moments = [datetime(2026, 3, 28, 22, tzinfo=UTC) + timedelta(hours=hour) for hour in range(60)]
    with world.db.write() as session:
        session.add_all(Lead(created_time=at, center_id=1) for at in moments)
    settings = settings_for(world.settings.database_url, timezone="Europe/Berlin")
    wanted = ReportFilter.model_validate({"from": "2026-03-28", "to": "2026-03-31"})
    with world.db.read() as session:
        told = figures.show(session, Person(1, "", "team_lead"), wanted, settings.zone)
    assert {one["day"]: one["leads"] for one in told["days"]} == Counter(
        str(at.astimezone(berlin).date()) for at in moments
    )


def test_only_your_centers(client: Client, world: World) -> None:
    add_leads(world, Random(3))
    client.token = world.token(MEMBER)
    told = client.get("/reports/?from=2026-03-01&to=2026-04-30").json()
    assert [one["center_id"] for one in told["centers"]] == [1]
    assert client.get("/reports/?from=2026-03-01&to=2026-04-30&center_id=2").json()["centers"] == []
    assert sum(client.get("/leads/counts").json()["statuses"].values()) == 145 + 1 - 1


@pytest.mark.parametrize("query", ["from=x", "to=2026-13-01", "from=2026-03-02&to=2026-03-01",
                                   "from=2000-01-01&to=2026-01-01", "from=0001-01-01",
                                   "to=0001-01-05", "to=9999-12-31"])  # fmt: skip
def test_invalid_days(lead: Client, query: str) -> None:
    assert lead.get(f"/reports/?{query}").status == 422


def test_onboarding(client: Client, world: World, lead: Client) -> None:
    told = lead.get("/onboarding/").json()
    assert (told["centers"], told["people"], told["leads"], told["imports"]) == (2, 5, True, False)
    assert told["meta"] == {
        "webhook_path": "/leads/meta-webhook/",
        "verify_token": None,
        "app_secret": False,
        "access_token": False,
        "last_delivery_at": None,
    }
    assert told["webhook"]["is_open"] is True
    checked = lead.post("/onboarding/meta-check").json()
    assert not checked["ok"]
    assert [one["name"] for one in checked["checks"]] == [
        "verify_token",
        "app_secret",
        "access_token",
    ]


def test_aliases(lead: Client) -> None:
    assert lead.get("/centers/1/aliases").json() == []
    assert lead.post("/centers/1/aliases", json={"text": " Tella  Pur"}).status == 200
    assert [one["text"] for one in lead.get("/centers/1/aliases").json()] == ["Tella  Pur"]
    assert lead.delete("/centers/2/aliases?text=tella%20pur").status == 404
    assert lead.delete("/centers/1/aliases?text=tella%20pur").json() == {"status": "updated"}
    assert lead.get("/centers/1/aliases").json() == []
    assert lead.get("/centers/9/aliases").status == 404


def test_changing_a_center(lead: Client) -> None:
    told = lead.patch("/centers/1", json={"city": "Secunderabad", "location": None}).json()
    assert (told["city"], told["meta_tag_name"]) == ("Secunderabad", "TOFA Tellapur")
    taken = lead.patch("/centers/1", json={"meta_tag_name": "TOFA Gachibowli"})
    assert (taken.status, taken.json()) == (
        400, {"detail": "Center with meta tag 'TOFA Gachibowli' already exists"},
    )  # fmt: skip
    assert lead.patch("/centers/9", json={}).status == 404
