"""What a delivery says: a lead to be placed, or what is missing before it can be."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlmodel import Session

from backend.core import times
from backend.core.intake import center_names, deliveries, field_mapping, forms
from backend.core.intake.meta import notifications
from backend.core.leads.matching import Candidate
from backend.core.settings import Settings
from backend.models import Source
from backend.schemas.leads import FlatLead

Origin = dict[str, str | bool | None]
# The id of the center that a text means, or None for an unknown one.
FindCenter = Callable[[str], int | None]
_ORIGIN_TEXTS = (
    "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "platform",
)  # fmt: skip
# In characters: what an answer of Meta's own about an advert may have.
_LONGEST_ORIGIN = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person must do before the delivery can become a lead."""

    reason: str
    note: str
    center_text: str | None = None


def read(
    session: Session,
    settings: Settings,
    source: str,
    body: str,
    fetched: Mapping[str, Any] | None,
    received_at: datetime,
) -> Candidate | Waiting:
    """A delivery that is not a notification; `fetched` is what the Graph API told of it."""
    if fetched is not None:
        return from_graph(session, settings, source, fetched, received_at)
    value = orjson.loads(body)
    if source == Source.UPLOAD:
        return from_row(session, settings, value, received_at)
    return from_flat(session, value, received_at)


def from_graph(
    session: Session,
    settings: Settings,
    source: str,
    lead: Mapping[str, Any],
    received_at: datetime,
) -> Candidate | Waiting:
    """A lead as the Graph API tells it."""
    # No lead is made after it came in, whatever it says: a form would look alive for years.
    created = min(_created(lead.get("created_time"), settings, received_at), received_at)
    leadgen_id, form_id = (
        notifications.as_id(lead.get("id")),
        notifications.as_id(lead.get("form_id")),
    )
    origin = _origin(lead)
    if form_id is not None:
        origin["form_id"] = form_id
    answers = field_mapping.read_field_data(lead.get("field_data"))
    questions = [question for question, _ in answers]

    def understand(*, hold: bool) -> Candidate | Waiting:
        own = forms.own_mapping(session, form_id, questions, hold=hold)
        mapped = field_mapping.map_answers(answers, own)
        if form_id is not None and not mapped.is_test:
            forms.saw_lead(session, form_id, created)
        find = partial(center_names.find, session)
        return _candidate(find, source, mapped, created, leadgen_id, origin)

    delivery = understand(hold=False)
    # A mapping that is set at this moment must not pass by what is about to wait for it.
    return delivery if isinstance(delivery, Candidate) else understand(hold=True)


def from_flat(
    session: Session, value: Mapping[str, Any], received_at: datetime
) -> Candidate | Waiting:
    """A lead in the flat form of the academy's own pages, which must have a phone."""
    form = FlatLead.model_validate(value)
    return from_form(value, form, received_at, partial(center_names.find, session))


def from_form(
    value: Mapping[str, Any],
    form: FlatLead,
    received_at: datetime,
    find_center: FindCenter | None = None,
) -> Candidate | Waiting:
    """The same, of which the form is read already.

    Without `find_center` the candidate has its `center_tag` instead of its center.
    """
    known = form.__dict__
    said = [(name, text) for name, text in known.items() if text is not None]
    # By the names of the form and by no others: what else it says is an answer.
    more = [
        (name, str(text))
        for name, text in value.items()
        if name not in known and isinstance(text, str | int | float)
    ]
    own = dict.fromkeys(
        {field_mapping.fold(name) for name, _ in more} - known.keys(), field_mapping.ANSWER
    )
    mapped = field_mapping.map_answers([*said, *more], own)
    if "phone" not in mapped.fields:
        return Waiting("no_phone", "There is no phone")
    return _candidate(find_center, Source.FLAT, mapped, received_at)


def from_row(
    session: Session, settings: Settings, row: Mapping[str, Any], received_at: datetime
) -> Candidate | Waiting:
    """A row of a spreadsheet: fields of `Candidate` by their names, and `center`, the text for it.

    `created_time` is ISO 8601. What is missing or null is not known.
    """
    fields = {name: str(row[name]) for name in field_mapping.FIELDS if row.get(name) is not None}
    answers = {str(name): str(text) for name, text in (row.get("answers") or {}).items()}
    return _candidate(
        partial(center_names.find, session),
        Source.UPLOAD,
        field_mapping.Mapped(fields, answers, bool(row.get("is_test"))),
        _created(row.get("created_time"), settings, received_at),
        leadgen_id=notifications.as_id(row.get("leadgen_id")),
        origin=dict(row.get("origin") or {}),
    )


def unknown_center(tag: str) -> Waiting:
    return Waiting(deliveries.UNKNOWN_CENTER, "No one knows this center", tag)


def _candidate(
    find_center: FindCenter | None,
    source: str,
    mapped: field_mapping.Mapped,
    created: datetime,
    leadgen_id: str | None = None,
    origin: Origin | None = None,
) -> Candidate | Waiting:
    fields = mapped.fields
    tag = fields.get("center")
    center_id = find_center(tag) if tag and find_center else None
    # Meta's own test leads name no center and no phone: they are kept apart, and keep nobody busy.
    if not mapped.is_test:
        if "phone" not in fields and "email" not in fields:
            return Waiting("no_contact", "There is neither a phone nor an email")
        if tag is None:
            return Waiting("no_center", "No center is named")
        if find_center and center_id is None:
            return unknown_center(tag)
    return Candidate(
        created_time=created,
        center_id=center_id,
        center_tag=None if find_center else tag,
        source=source,
        player_name=fields.get("player_name"),
        player_age_category=fields.get("player_age_category"),
        phone=fields.get("phone"),
        email=fields.get("email"),
        address=fields.get("address"),
        leadgen_id=leadgen_id,
        is_test=mapped.is_test,
        origin=origin or {},
        answers=dict(mapped.answers),
    )


def _origin(lead: Mapping[str, Any]) -> Origin:
    found: Origin = {}
    for name in _ORIGIN_TEXTS:
        value = lead.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            found[name] = str(value).replace("\0", "")[:_LONGEST_ORIGIN]
    if isinstance(lead.get("is_organic"), bool):
        found["is_organic"] = lead["is_organic"]
    return found


def _created(value: object, settings: Settings, otherwise: datetime) -> datetime:
    try:
        return times.read_iso(str(value), settings.zone)
    except ValueError:
        return otherwise
