"""The consent boxes of a lead, as its page shows them."""

from datetime import UTC, datetime

from backend.core.leads import consents
from backend.core.leads.consents import Box
from backend.models import Form, LeadOrigin
from tests.servers import Client
from tests.world import LEAD_OF_GACHIBOWLI, LEAD_OF_TELLAPUR, World

AT = datetime(2026, 11, 2, 4, 30, tzinfo=UTC)


# What a box of a form doesn't have.
NEWER = {"channel": None, "version": None, "withdrawn_at": None}


def test_the_boxes_of_a_lead(lead: Client, world: World) -> None:
    later = AT.replace(hour=5, microsecond=500_000)
    with world.db.write() as session:
        boxes = [
            Box("whatsapp", granted=True, source="meta", at=AT, text="Write to me", form_id="7"),
            Box("offers", granted=False, source="meta", at=AT),
            Box("whatsapp", granted=False, source="backfill", at=later, form_id="7"),
        ]
        consents.add_missing(session, LEAD_OF_TELLAPUR, boxes)
        consents.add_missing(session, LEAD_OF_TELLAPUR, boxes)
    found = lead.get(f"/leads/{LEAD_OF_TELLAPUR}").json()
    assert list(found)[-3:] == ["birth_date", "consents", "owner"]
    key_and_text = {"key": "whatsapp", "text": None}
    assert found["consents"] == [
        key_and_text
        | {"granted": False, "source": "backfill", "at": "2026-11-02T05:30:00.500000Z",
           "form_id": "7", "id": 3} | NEWER,
        {"key": "offers", "text": None, "granted": False, "source": "meta",
         "at": "2026-11-02T04:30:00Z", "form_id": None, "id": 2} | NEWER,
        {"key": "whatsapp", "text": "Write to me", "granted": True, "source": "meta",
         "at": "2026-11-02T04:30:00Z", "form_id": "7", "id": 1} | NEWER,
    ]  # fmt: skip
    assert lead.get(f"/leads/{LEAD_OF_GACHIBOWLI}").json()["consents"] == []


def test_the_form_of_a_lead_has_its_name(lead: Client, world: World) -> None:
    with world.db.write() as session:
        session.add(Form(id="7", name="Trials", questions=[], mapping={}))
        session.add(LeadOrigin(lead_id=LEAD_OF_TELLAPUR, form_id="7", answers={}))
    found = lead.get(f"/leads/{LEAD_OF_TELLAPUR}").json()["origin"]
    assert (found["form_id"], found["form_name"]) == ("7", "Trials")
    (form,) = lead.get("/forms/").json()
    assert (form["name"], form["page_id"], form["status"]) == ("Trials", None, None)
