"""Add the demo leads' origins: a form on Meta, deliveries, and imported spreadsheets."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any

import orjson
from sqlmodel import Session, select

from backend.core.access import Person
from backend.core.centers import CENTER_COLUMN
from backend.core.db import Database
from backend.core.demo.names import CHILDREN, FAMILIES
from backend.core.imports import columns, plan, store
from backend.core.imports.row_matching import count
from backend.core.imports.rows import Row, Verdict
from backend.core.intake import deliveries, field_mapping, forms, parsing
from backend.core.intake.meta.graph_errors import read_error
from backend.core.leads import matching, new_lead
from backend.core.reasons import two_columns
from backend.core.settings import Settings
from backend.models import (
    Center,
    Consent,
    DeliveryState,
    Form,
    Import,
    ImportState,
    Lead,
    LeadEvent,
    LeadOrigin,
    Source,
)

FORM = "1190480422338001"
# A center that some parents ask for, and that doesn't exist.
UNKNOWN_CENTER = "TOFA Nallagandla"
# How many deliveries ask for it.
UNKNOWN = 6
# How many days back the demo has deliveries and imports. Older leads have only their history.
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
# The rows of the planned import: name, age, phone, center.
_SCHOOL_FAIR = (
    ("Aarush Bhat", "U9", "+91 98481 10021", "TOFA Tellapur"),
    ("Anvi Bhat", "U7", "+91 98481 10021", "TOFA Tellapur"),
    ("Kiaan Mehta", "U11", "+91 98481 10022", "tofa gachibowli"),
    ("Myra Joshi", "U9", "+91 98481 10023", "TOFA Miyapur"),
    ("Vivaan Goud", "U13", "+91 98481 10024", UNKNOWN_CENTER),
    ("Inaya Shaik", "U7", "+91 98481 10025", "TOFA Kompally"),
    ("Reyaan Das", "U11", "", "TOFA Kompally"),
    ("Prisha Nair", "U9", "+91 98481 10026", "TOFA Gachibowli"),
)

_BOX_KEY, _BOX = "whatsapp_ok", "TOFA may write to me on WhatsApp about trial classes"
_TEST_ENQUIRY = {"full_name": "Form check", "nearest_center": "TOFA Tellapur"}


@dataclass(frozen=True, slots=True)
class _Delivery:
    """A delivery to add."""

    at: datetime
    source: Source
    body: dict[str, Any]
    columns: dict[str, Any]


def add_adverts(session: Session, rng: Random, leads: Sequence[Lead]) -> dict[int, str]:
    """Add the advert and answers of each lead from Meta. Return Meta's JSON by lead id."""
    fetched: dict[int, str] = {}
    tags = _tags(session)
    questions: list[str] = []
    of_meta = [lead for lead in leads if lead.source == Source.META]
    for lead in of_meta:
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
        answers = _answers(lead, tags)
        answers |= {name: rng.choice(texts) for name, texts in _QUESTIONS.items()}
        field_data = [{"name": name, "values": [text]} for name, text in answers.items() if text]
        mapped = field_mapping.map_answers(field_mapping.read_field_data(field_data), {})
        session.add(LeadOrigin(lead_id=lead.id, answers=dict(mapped.answers), **origin))
        lead.campaign = new_lead.campaign_of(origin)
        lead_data = {"id": lead.leadgen_id, "created_time": lead.created_time, **origin}
        fetched[lead.id] = orjson.dumps({**lead_data, "field_data": field_data}).decode()
        questions = list(answers)
        session.add(
            Consent(
                lead_id=lead.id,
                key=_BOX_KEY,
                text=_BOX,
                granted=lead.id % 4 != 0,
                source=Source.META,
                at=lead.created_time,
                form_id=FORM,
            )
        )
    if of_meta:
        forms.own_mapping(session, FORM, questions)
        forms.saw_lead(session, FORM, max(lead.created_time for lead in of_meta))
    _name_form(session, min((lead.created_time for lead in leads), default=None))
    return fetched


def _name_form(session: Session, first: datetime | None) -> None:
    form = session.get(Form, FORM)
    if form is not None:
        form.name, form.status = "Free trial class", "ACTIVE"
        form.created_at = form.seen_at = form.read_at = first
        form.boxes = {_BOX_KEY: _BOX}


def add_deliveries(
    session: Session,
    rng: Random,
    leads: Sequence[Lead],
    fetched: dict[int, str],
    team_lead: Person,
    now: datetime,
) -> None:
    """Add recent deliveries: processed, waiting, failed, and one that the team lead dismisses."""
    recent = [lead for lead in leads if now - lead.created_time < timedelta(days=DAYS)]
    sources = (Source.META, Source.FLAT)
    tags = _tags(session)
    all_deliveries = [
        *(_processed(lead, fetched, tags) for lead in recent if lead.source in sources),
        *_unknown(session, rng, now),
        *_failed(rng, now),
    ]
    dismissed = _waiting(session, now - timedelta(hours=3), _TEST_ENQUIRY)
    for delivery in sorted([*all_deliveries, dismissed], key=lambda one: one.at):
        id = _keep(session, delivery)
        if delivery is dismissed:
            deliveries.dismiss(session, team_lead, id, "We tested the form")


def add_imports(
    session: Session, uploads: Sequence[tuple[Lead, LeadEvent]], by: int, now: datetime
) -> None:
    """Add the recent imports that created these leads. Each lead comes with its history event."""
    header = columns.usual(_HEADER)
    recent = [one for one in uploads if now - one[1].at < timedelta(days=DAYS)]
    for at, of_day in groupby(sorted(recent, key=lambda one: one[1].at), lambda one: one[1].at):
        imported = list(of_day)
        made = Import(
            state=ImportState.COMMITTED,
            filename=f"leads {at:%d-%m-%Y}.csv",
            created_at=at,
            created_by=by,
            columns=list(header.names),
            mapping=header.mapping,
            totals={},
            rows_done=len(imported),
            rows_total=len(imported),
        )
        session.add(made)
        session.flush()
        assert made.id is not None
        rows = list(_rows(session, imported))
        made.totals = count(row for row, _ in rows)
        store.add_done_rows(session, made.id, rows)
        for _, event in imported:
            event.import_id = made.id


def plan_school_fair(db: Database, settings: Settings, by: Person, now: datetime) -> None:
    """Plan the import of a spreadsheet from a school fair, without committing it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(_HEADER)
    for number, (name, age, phone, center) in enumerate(_SCHOOL_FAIR):
        at = now - timedelta(hours=20, minutes=number * 7)
        address = f"Flat {number + 1}04, Hyderabad"
        writer.writerow((at.isoformat(timespec="seconds"), name, age, phone, "", address, center))
    plan.make(db, settings, by, "school fair.csv", text.getvalue().encode())


def _processed(lead: Lead, fetched: dict[int, str], tags: Mapping[int | None, str]) -> _Delivery:
    """Return the delivery that brought a lead."""
    assert lead.id is not None
    outcome = {
        "state": DeliveryState.PROCESSED,
        "lead_id": lead.id,
        "reason": matching.Verdict.CREATE,
        "attempts": 1,
    }
    if lead.source == Source.FLAT:
        return _Delivery(lead.created_time, Source.FLAT, _answers(lead, tags), outcome)
    meta = {"leadgen_id": lead.leadgen_id, "form_id": FORM, "fetched": fetched[lead.id]}
    change = _change(lead.leadgen_id or "", lead.created_time)
    return _Delivery(lead.created_time, Source.META, change, outcome | meta)


def _unknown(session: Session, rng: Random, now: datetime) -> Iterator[_Delivery]:
    """Return the deliveries that name the unknown center."""
    for number in range(UNKNOWN):
        at = now - timedelta(hours=2 + 17 * number, minutes=rng.randrange(60))
        child, family = rng.choice(CHILDREN), rng.choice(FAMILIES)
        answers = {
            "full_name": f"{child} {family}",
            "phone_number": f"+91 98482 {rng.randrange(10**5):05}",
            "player_age_category": rng.choice(("U7", "U9", "U11")),
            "nearest_center": UNKNOWN_CENTER,
        }
        yield _waiting(session, at, answers)


def _waiting(session: Session, at: datetime, answers: dict[str, Any]) -> _Delivery:
    parsed = parsing.from_flat(session, answers, at)
    assert isinstance(parsed, parsing.Waiting)
    outcome = {
        "state": DeliveryState.WAITING,
        "attempts": 1,
        "reason": parsed.reason,
        "center_text": parsed.center_text,
    }
    return _Delivery(at, Source.FLAT, answers, outcome)


def _failed(rng: Random, now: datetime) -> Iterator[_Delivery]:
    """Return two deliveries that Meta's API refused: one is retrying, one has failed."""
    for state, error, attempts, hours in (
        (DeliveryState.RETRYING, {"code": 2}, 4, 1),
        (DeliveryState.FAILED, {"code": 100, "error_subcode": 33}, 5, 40),
    ):
        at = now - timedelta(hours=hours)
        leadgen_id = f"42811{rng.randrange(10**10):010}"
        found = read_error(error, 400, {})
        outcome = {
            "state": state,
            **two_columns.columns(found.kind, found.cause),
            "attempts": attempts,
            "leadgen_id": leadgen_id,
            "form_id": FORM,
            "due_at": now + timedelta(minutes=20) if state == DeliveryState.RETRYING else None,
        }
        yield _Delivery(at, Source.META, _change(leadgen_id, at), outcome)


def _keep(session: Session, delivery: _Delivery) -> int:
    body = orjson.dumps(delivery.body).decode()
    columns = {"received_at": delivery.at, "due_at": None} | delivery.columns
    return deliveries.keep(session, delivery.source, body, **columns)


def _change(leadgen_id: str, at: datetime) -> dict[str, Any]:
    """Return one change of a notification from Meta."""
    value = {"leadgen_id": leadgen_id, "form_id": FORM, "created_time": int(at.timestamp())}
    return {"field": "leadgen", "value": value}


def _answers(lead: Lead, tags: Mapping[int | None, str]) -> dict[str, Any]:
    """Return a lead's answers to the questions that every form has."""
    return {
        "full_name": lead.player_name,
        "phone_number": lead.phone,
        "email_address": lead.email,
        "player_age_category": lead.player_age_category,
        "address_and_pincode": lead.address,
        "nearest_center": tags[lead.center_id],
    }


def _rows(
    session: Session, imported: Sequence[tuple[Lead, LeadEvent]]
) -> Iterator[tuple[Row, int | None]]:
    """Return the rows of a spreadsheet, each with the id of the lead it created."""
    phones: set[str | None] = set()
    tags = _tags(session)
    for number, (lead, _) in enumerate(imported, 2):
        cells = (lead.player_age_category, lead.phone, lead.email, lead.address)
        row = Row(number, lead.created_time, lead.player_name, *cells, tags[lead.center_id], None)
        row.verdict = Verdict.SIBLING if lead.phone in phones else Verdict.CREATE
        phones.add(lead.phone)
        yield row, lead.id


def _tags(session: Session) -> dict[int | None, str]:
    return {center.id: center.meta_tag_name for center in session.scalars(select(Center))}
