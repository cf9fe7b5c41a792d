"""How the leads of the example academy came in: Meta's form, deliveries, and spreadsheets."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import orjson
from sqlmodel import Session

from backend.core.access import Person
from backend.core.centers import CENTER_COLUMN
from backend.core.db import Database
from backend.core.demo.names import CHILDREN, FAMILIES
from backend.core.imports import columns, plan, store
from backend.core.imports.row_matching import count
from backend.core.imports.rows import Row, Verdict
from backend.core.intake import deliveries, field_mapping, forms, parsing, reason_texts
from backend.core.intake.meta.graph_errors import read_error
from backend.core.leads import matching, new_lead
from backend.core.settings import Settings
from backend.models import (
    Center,
    DeliveryState,
    Import,
    ImportState,
    Lead,
    LeadEvent,
    LeadOrigin,
    Source,
)

FORM = "1190480422338001"
# Who asks for it would train there; there is no such center.
UNKNOWN_CENTER = "TOFA Nallagandla"
UNKNOWN = 6
# Deliveries and spreadsheets are shown of the last days; who looks further back finds leads alone.
DAYS = 10

CAMPAIGNS = ("Summer camp", "Monsoon trials", "Weekend batches", "School tie-up")
_ADS = ("Video: a goal at sunset", "Carousel: four grounds", "Photo: coach and children")
_QUESTIONS: dict[str, tuple[str, ...]] = {
    "has_your_child_played_before?": ("never", "at school", "at another academy"),
    "which_days_suit_you?": ("weekends", "weekday evenings", "any"),
}
_HEADER = (
    *("created_time", "player_name", "player_age_category", "phone", "email"),
    *("address_and_pincode", CENTER_COLUMN),
)
# The spreadsheet that waits to be committed: name, age, phone, center.
_FAIR = (
    ("Aarush Bhat", "U9", "+91 98481 10021", "TOFA Tellapur"),
    ("Anvi Bhat", "U7", "+91 98481 10021", "TOFA Tellapur"),
    ("Kiaan Mehta", "U11", "+91 98481 10022", "tofa gachibowli"),
    ("Myra Joshi", "U9", "+91 98481 10023", "TOFA Miyapur"),
    ("Vivaan Goud", "U13", "+91 98481 10024", UNKNOWN_CENTER),
    ("Inaya Shaik", "U7", "+91 98481 10025", "TOFA Kompally"),
    ("Reyaan Das", "U11", "", "TOFA Kompally"),
    ("Prisha Nair", "U9", "+91 98481 10026", "TOFA Gachibowli"),
)


_CHECK = {"full_name": "Form check", "nearest_center": "TOFA Tellapur"}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A row of the ledger, in the making."""

    at: datetime
    source: Source
    body: dict[str, Any]
    columns: dict[str, Any]


def tell_of_adverts(session: Session, rng: Random, leads: Sequence[Lead]) -> dict[int, str]:
    """Gives each of Meta's leads its advert and answers. Tells by lead what Meta says of it."""
    told: dict[int, str] = {}
    for lead in (lead for lead in leads if lead.source == Source.META):
        assert lead.id is not None
        campaign = rng.randrange(len(CAMPAIGNS))
        lead.leadgen_id = f"42810{rng.randrange(10**10):010}"
        origin: dict[str, Any] = {
            "platform": rng.choice(("ig", "ig", "fb")),
            "form_id": FORM,
            "ad_id": f"1202{campaign}5",
            "ad_name": rng.choice(_ADS),
            "adset_name": "Parents within 8 km",
            "campaign_id": f"1202{campaign}",
            "campaign_name": CAMPAIGNS[campaign],
            "is_organic": False,
        }
        asked = _asked(session, lead)
        given = asked | {name: rng.choice(texts) for name, texts in _QUESTIONS.items()}
        field_data = [{"name": name, "values": [text]} for name, text in given.items() if text]
        mapped = field_mapping.map_answers(field_mapping.read_field_data(field_data), {})
        session.add(LeadOrigin(lead_id=lead.id, answers=dict(mapped.answers), **origin))
        lead.campaign = new_lead.campaign_of(origin)
        whole = {"id": lead.leadgen_id, "created_time": lead.created_time, **origin}
        told[lead.id] = orjson.dumps({**whole, "field_data": field_data}).decode()
        forms.own_mapping(session, FORM, list(given))
        forms.saw_lead(session, FORM, lead.created_time)
    return told


def tell_of_deliveries(
    session: Session,
    rng: Random,
    leads: Sequence[Lead],
    told: dict[int, str],
    by: Person,
    now: datetime,
) -> None:
    """The ledger of the last days: what became a lead, and what did not; `by` puts one away."""
    came = [lead for lead in leads if now - lead.created_time < timedelta(days=DAYS)]
    found = [
        *(_done(session, lead, told) for lead in came if lead.source in (Source.META, Source.FLAT)),
        *_unknown(session, rng, now),
        *_failed(rng, now),
    ]
    check = _waiting(session, now - timedelta(hours=3), _CHECK)
    for one in sorted([*found, check], key=lambda one: one.at):
        id = _keep(session, one)
        if one is check:
            deliveries.dismiss(session, by, id, "Our own check of the form")


def tell_of_spreadsheets(
    session: Session, uploads: Sequence[tuple[Lead, LeadEvent]], by: int, now: datetime
) -> None:
    """The spreadsheets of the last days, by which these leads were made, with that line of each."""
    header = columns.usual(_HEADER)
    recent = [one for one in uploads if now - one[1].at < timedelta(days=DAYS)]
    for at, of_day in groupby(sorted(recent, key=lambda one: one[1].at), lambda one: one[1].at):
        brought = list(of_day)
        made = Import(
            state=ImportState.COMMITTED,
            filename=f"leads {at:%d-%m-%Y}.csv",
            created_at=at,
            created_by=by,
            columns=list(header.names),
            mapping=header.mapping,
            totals={},
            rows_done=len(brought),
            rows_total=len(brought),
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        rows = list(_rows(session, brought))
        made.totals = count(row for row, _ in rows)
        store.add_done_rows(session, made.id, rows)
        for _, line in brought:
            line.import_id = made.id


def plan_the_fair(db: Database, settings: Settings, by: Person, now: datetime) -> None:
    """A spreadsheet that somebody has planned and is yet to commit: it changes no lead."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for number, (name, age, phone, center) in enumerate(_FAIR):
        came = now - timedelta(hours=20, minutes=number * 7)
        address = f"Flat {number + 1}04, Hyderabad"
        writer.writerow((came.isoformat(timespec="seconds"), name, age, phone, "", address, center))
    plan.make(db, settings, by, "school fair.csv", text.getvalue().encode())


def _done(session: Session, lead: Lead, told: dict[int, str]) -> _Delivery:
    """The delivery that a lead came by."""
    assert lead.id is not None
    became = {
        "state": DeliveryState.PROCESSED,
        "lead_id": lead.id,
        "reason": matching.Verdict.CREATE,
        "attempts": 1,
    }
    if lead.source == Source.FLAT:
        return _Delivery(lead.created_time, Source.FLAT, _asked(session, lead), became)
    more = {"leadgen_id": lead.leadgen_id, "form_id": FORM, "fetched": told[lead.id]}
    notice = _notice(lead.leadgen_id or "", lead.created_time)
    return _Delivery(lead.created_time, Source.META, notice, became | more)


def _unknown(session: Session, rng: Random, now: datetime) -> Iterator[_Delivery]:
    """Who lives where there is no center, or a new one."""
    for number in range(UNKNOWN):
        at = now - timedelta(hours=2 + 17 * number, minutes=rng.randrange(60))
        child, family = rng.choice(CHILDREN), rng.choice(FAMILIES)
        asked = {
            "full_name": f"{child} {family}",
            "phone_number": f"+91 98482 {rng.randrange(10**5):05}",
            "player_age_category": rng.choice(("U7", "U9", "U11")),
            "nearest_center": UNKNOWN_CENTER,
        }
        yield _waiting(session, at, asked)


def _waiting(session: Session, at: datetime, asked: dict[str, Any]) -> _Delivery:
    found = parsing.from_flat(session, asked, at)
    assert isinstance(found, parsing.Waiting)
    waits = {"reason": found.reason, "center_text": found.center_text}
    return _Delivery(
        at, Source.FLAT, asked, {"state": DeliveryState.WAITING, "attempts": 1, **waits}
    )


def _failed(rng: Random, now: datetime) -> Iterator[_Delivery]:
    """What Meta would not tell: one is tried again, and one was given up."""
    for state, error, tries, hours in (
        (DeliveryState.RETRYING, {"code": 2}, 4, 1),
        (DeliveryState.FAILED, {"code": 100, "error_subcode": 33}, 5, 40),
    ):
        at = now - timedelta(hours=hours)
        leadgen_id = f"42811{rng.randrange(10**10):010}"
        found = read_error(error, 400, {})
        noted = {
            "state": state,
            **reason_texts.columns(found.kind, found.cause),
            "attempts": tries,
            "leadgen_id": leadgen_id,
            "form_id": FORM,
            "due_at": now + timedelta(minutes=20) if state == DeliveryState.RETRYING else None,
        }
        yield _Delivery(at, Source.META, _notice(leadgen_id, at), noted)


def _keep(session: Session, one: _Delivery) -> int:
    body = orjson.dumps(one.body).decode()
    return deliveries.keep(
        session, one.source, body, **({"received_at": one.at, "due_at": None} | one.columns)
    )


def _notice(leadgen_id: str, at: datetime) -> dict[str, Any]:
    told = {"leadgen_id": leadgen_id, "form_id": FORM, "created_time": int(at.timestamp())}
    return {"field": "leadgen", "value": told}


def _asked(session: Session, lead: Lead) -> dict[str, Any]:
    """What a form asks of everybody."""
    return {
        "full_name": lead.player_name,
        "phone_number": lead.phone,
        "email_address": lead.email,
        "player_age_category": lead.player_age_category,
        "address_and_pincode": lead.address,
        "nearest_center": _tag(session, lead),
    }


def _rows(
    session: Session, brought: Sequence[tuple[Lead, LeadEvent]]
) -> Iterator[tuple[Row, int | None]]:
    """The rows of a spreadsheet, and the lead that each has become."""
    phones: set[str | None] = set()
    for number, (lead, _) in enumerate(brought, 2):
        said = (lead.player_age_category, lead.phone, lead.email, lead.address)
        row = Row(number, lead.created_time, lead.player_name, *said, _tag(session, lead), None)
        row.verdict = Verdict.SIBLING if lead.phone in phones else Verdict.CREATE
        phones.add(lead.phone)
        yield row, lead.id


def _tag(session: Session, lead: Lead) -> str:
    center = session.get(Center, lead.center_id)
    assert center is not None
    return center.meta_tag_name
