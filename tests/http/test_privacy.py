"""A person's data over HTTP: contact, consents, a copy of everything, and the erasure."""

import csv
import io
from typing import Any

from tests.servers import Client
from tests.world import LEAD_OF_TELLAPUR, MEMBER, OBSERVER, World

LEAD = f"/leads/{LEAD_OF_TELLAPUR}"
PHONE = "+919848000001"


def events(lead: Client) -> list[str]:
    return [one["event"] for one in lead.get("/audit/").json()]


def ids(lead: Client, path: str) -> list[int]:
    return [one["id"] for one in lead.get(path).json()["leads"]]


def test_do_not_contact(lead: Client, world: World) -> None:
    assert ids(lead, "/leads/next") == [1, 2]
    found = lead.put(f"{LEAD}/contact", json={"do_not_contact": True}, token=world.token(MEMBER))
    assert found.json()["do_not_contact"] is True
    assert lead.get("/leads/next").json()["counts"]["new"] == 1
    assert ids(lead, "/leads/next") == [2]
    for query, there in (("", False), ("?contact=any", True), ("?contact=refused", True)):
        assert ("(+91) 98480 00001" in lead.get(f"/leads/export.csv{query}").body.decode()) is there
    assert ids(lead, "/leads/") == [2, 1]
    assert ids(lead, "/leads/?contact=refused") == [1]
    assert ids(lead, "/leads/?contact=allowed") == [2]
    for _ in range(2):
        lead.put(f"{LEAD}/contact", json={"do_not_contact": False})
    assert ids(lead, "/leads/next") == [1, 2]
    kinds = [one["kind"] for one in lead.get(f"{LEAD}/history").json()]
    assert kinds == ["contact_allowed", "do_not_contact"]
    assert events(lead).count("contact_changed") == 3
    assert lead.put(f"{LEAD}/contact", json={"do_not_contact": 1}).status == 422


def test_consents(lead: Client, world: World) -> None:
    member = world.token(MEMBER)
    given = {"text": "You may take photos", "channel": "paper", "version": "2026-06"}
    for key in ("photos", "messages", "offers"):
        sent = given | {"key": key, "granted": key != "offers", "at": "2026-11-03T10:00:00"}
        assert lead.post(f"{LEAD}/consents", json=sent, token=member).status == 200
    (messages, _, photos) = lead.get(LEAD).json()["consents"]
    assert photos == given | {
        "key": "photos", "granted": True, "source": "manual", "at": "2026-11-03T04:30:00Z",
        "form_id": None, "id": photos["id"], "withdrawn_at": None,
    }  # fmt: skip
    one = f"{LEAD}/consents/{photos['id']}/withdraw"
    assert lead.post(one, token=world.token(OBSERVER)).status == 403
    assert lead.post(one, token=member).status == 200
    assert lead.post(one, token=member).status == 404
    found = lead.post(f"{LEAD}/consents/withdraw", token=member).json()
    withdrawn = {each["key"]: each["withdrawn_at"] is not None for each in found["consents"]}
    assert withdrawn == {"photos": True, "messages": True, "offers": False}
    assert found["do_not_contact"] is True
    assert messages["withdrawn_at"] is None
    told = [each["event"] for each in lead.get("/audit/?event=consent_withdrawn").json()]
    assert len(told) == 2
    later = given | {"key": "photos", "at": "2999-01-01"}
    assert lead.post(f"{LEAD}/consents", json=later).status == 422


def test_a_copy_of_everything(lead: Client) -> None:
    lead.patch(LEAD, json={"comment": "=1+1 prefers evenings"})
    answer = lead.get(f"{LEAD}/data.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="lead-1.json"'
    found: dict[str, Any] = answer.json()
    assert found["held"]["lead"][0]["phone_key"] == PHONE
    assert found["held"]["comment"][0]["text"] == "=1+1 prefers evenings"
    assert {"lead", "comment", "leadevent"} == found["held"].keys()
    text = lead.get(f"{LEAD}/data.csv").body.decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert rows[0] == ["part", "row", "field", "value"]
    assert ["comment", "1", "text", "'=1+1 prefers evenings"] in rows
    assert lead.get("/leads/99/data.json").status == 404
    assert events(lead).count("person_exported") == 2


def test_an_erasure(lead: Client) -> None:
    report = lead.get("/reports/?from=2026-11-01&to=2026-11-05").body
    assert lead.post(f"{LEAD}/erase", json={"at_once": True}).status == 403
    erased = lead.post(f"{LEAD}/erase", json={"at_once": False}).json()
    assert (erased["lead_id"], erased["destroyed_at"]) == (LEAD_OF_TELLAPUR, None)
    for path in (LEAD, f"{LEAD}/history", f"{LEAD}/data.json"):
        assert lead.get(path).status == 404
    assert ids(lead, "/leads/") == ids(lead, "/leads/next") == [2]
    assert ids(lead, "/leads/?q=zo") == []
    assert b"Zo" not in lead.get("/leads/my_leads").body + lead.get("/leads/export.csv").body
    assert lead.get("/reports/?from=2026-11-01&to=2026-11-05").body == report
    assert lead.get("/erasures/").json() == [erased]
    assert lead.get(f"/erasures/?before={erased['id']}").json() == []
    refused = lead.post(f"/erasures/{erased['id']}/destroy")
    assert (refused.status, "ERASURE_AT_ONCE" in refused.json()["detail"]) == (403, True)
    assert lead.post(f"{LEAD}/erase", json={"at_once": False}).status == 404
    assert "lead_erased" in events(lead)
