"""What the Streamlit app does: it reads the list into pandas, and prints what it gets."""

import io

import pandas

from backend.models import Lead
from tests.servers import Client, Upload
from tests.world import EPOCH, LEAD, PASSWORD, TELLAPUR, World


def test_a_day_s_work(client: Client, world: World) -> None:
    with world.db.write() as session:
        session.add(Lead(created_time=EPOCH, center_id=TELLAPUR))
    signed = client.post("/token", form={"username": LEAD, "password": PASSWORD}).json()
    client.token = signed["access_token"]
    client.put("/leads/1?status=Called&next_date=2026-12-05&comment=Comes")
    leads = pandas.DataFrame(client.get("/leads/my_leads").json())
    assert list(leads.columns) == [
        "id", "created_time", "player_name", "player_age_category", "phone", "email", "address",
        "status", "next_followup_date", "center_id",
    ]  # fmt: skip
    # The client prints this text unchanged.
    assert leads["next_followup_date"].fillna("").tolist() == ["2026-12-05T00:00:00", "", ""]
    assert leads["created_time"].tolist() == ["2026-11-02T10:00:00"] * 3
    created = pandas.to_datetime(leads["created_time"])
    assert created.dt.tz is None
    assert leads["player_name"].str.lower().tolist() == ["zoë khan", "arjun rao", "unknown"]
    assert leads.groupby("status").size().to_dict() == {"Called": 1, "New": 2}
    assert leads[leads["phone"].str.contains("9848000001")]["id"].tolist() == [1]


def test_what_it_saves_can_be_uploaded_again(lead: Client) -> None:
    leads = pandas.DataFrame(lead.get("/leads/my_leads").json())
    leads["_which_is_the_nearest_tofa_center_to_you?"] = "TOFA Tellapur"
    file = io.StringIO()
    leads.rename(columns={"address": "address_and_pincode"}).to_csv(file, index=False)
    content = file.getvalue().encode()
    answer = lead.post("/leads/upload/", file=Upload("leads.csv", content))
    # The same leads, with the same times.
    assert answer.json() == {"status": "success", "leads_added": 0, "already_here": 2}


def test_an_error_is_shown_as_text(client: Client) -> None:
    answer = client.post("/token", form={"username": LEAD, "password": "wrong"})
    assert answer.body.decode() == '{"detail":"Incorrect email or password"}'
