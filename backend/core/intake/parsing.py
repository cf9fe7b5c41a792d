"""What a delivery says: a lead to be matched, or what is missing before it can be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

import orjson
from sqlmodel import Session

from backend.core import times
from backend.core.intake import center_names, field_mapping, forms
from backend.core.intake.bodies.submission import Submission
from backend.core.intake.field_mapping import Mapped
from backend.core.intake.meta import notifications
from backend.core.intake.reason_texts import Reason, ReasonCode
from backend.core.leads.matching import Candidate
from backend.core.settings import Settings
from backend.models import Source

Origin = dict[str, str | bool | None]
# Returns the id of the center that a text names, or None for an unknown one.
FindCenter = Callable[[str], int | None]
_ORIGIN_TEXTS = (
    "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "platform",
)  # fmt: skip
# In characters: the longest text that is kept of Meta's own about an advert.
_LONGEST_ORIGIN = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a person must do before the delivery can become a lead."""

    reason: ReasonCode
    center_text: str | None = None
    cause: Reason | None = None


@dataclass(frozen=True, slots=True)
class _Came:
    """From where and when a lead came, and Meta's ids of it."""

    source: str
    created: datetime
    leadgen_id: str | None = None
    origin: Origin = field(default_factory=dict)


def read(
    session: Session,
    settings: Settings,
    source: str,
    body: str,
    fetched: Mapping[str, Any] | None,
    received_at: datetime,
) -> Candidate | Waiting:
    """Read a lead of Meta or a row of a spreadsheet; `fetched` is what the Graph API answered."""
    if fetched is not None:
        return from_graph(session, settings, source, fetched, received_at)
    return from_row(session, settings, orjson.loads(body), received_at)


def from_graph(
    session: Session,
    settings: Settings,
    source: str,
    lead: Mapping[str, Any],
    received_at: datetime,
) -> Candidate | Waiting:
    """Read a lead as the Graph API returns it."""
    created = _created(lead.get("created_time"), settings, received_at)
    form_id = notifications.as_id(lead.get("form_id"))
    came = _Came(
        source,
        # No lead was made after it came in: a form would seem to bring leads for years.
        min(created, received_at),
        notifications.as_id(lead.get("id")),
        _origin(lead) | ({"form_id": form_id} if form_id is not None else {}),
    )
    answers = field_mapping.read_field_data(lead.get("field_data"))
    delivery = _of_form(session, came, form_id, answers, hold=False)
    if isinstance(delivery, Waiting):
        # A team lead who maps the form's questions at this moment would miss this delivery.
        delivery = _of_form(session, came, form_id, answers, hold=True)
    return delivery


def _of_form(
    session: Session,
    came: _Came,
    form_id: str | None,
    answers: Sequence[tuple[str, str]],
    *,
    hold: bool,
) -> Candidate | Waiting:
    """Read the answers to a form of Meta's; `hold` keeps its mapping as it is meanwhile."""
    questions = [question for question, _ in answers]
    own = forms.own_mapping(session, form_id, questions, hold=hold)
    mapped = field_mapping.map_answers(answers, own)
    if form_id is not None and not mapped.is_test:
        forms.saw_lead(session, form_id, came.created)
    return _candidate(partial(center_names.find, session), mapped, came)


def from_flat(
    session: Session, value: Mapping[str, Any], received_at: datetime
) -> Candidate | Waiting:
    """Read a lead in the flat form of the academy's own pages, which must have a phone."""
    find_center = partial(center_names.find, session)
    return from_submission(Submission.of(value), received_at, find_center=find_center)


def from_submission(
    said: Submission,
    received_at: datetime,
    own: Mapping[str, str] | None = None,
    find_center: FindCenter | None = None,
) -> Candidate | Waiting:
    """Read what a form has posted; `own` is its mapping, by folded question.

    Without `find_center` the candidate has its `center_tag` instead of its center.
    """
    mapped = said.map(own or {})
    if "phone" not in mapped.fields:
        return Waiting(ReasonCode.NO_PHONE)
    return _candidate(find_center, mapped, _Came(Source.FLAT, received_at))


def from_row(
    session: Session, settings: Settings, row: Mapping[str, Any], received_at: datetime
) -> Candidate | Waiting:
    """Read a row of a spreadsheet: fields of `Candidate` by name, and `center`, the text for it.

    `created_time` is ISO 8601. What is missing or null is not known.
    """
    fields = {name: str(row[name]) for name in field_mapping.FIELDS if row.get(name) is not None}
    answers = {str(name): str(text) for name, text in (row.get("answers") or {}).items()}
    mapped = Mapped(fields, answers, bool(row.get("is_test")))
    came = _Came(
        Source.UPLOAD,
        _created(row.get("created_time"), settings, received_at),
        notifications.as_id(row.get("leadgen_id")),
        dict(row.get("origin") or {}),
    )
    return _candidate(partial(center_names.find, session), mapped, came)


def unknown_center(tag: str) -> Waiting:
    """Return that no center has this name."""
    return Waiting(ReasonCode.UNKNOWN_CENTER, tag)


def _candidate(find_center: FindCenter | None, mapped: Mapped, came: _Came) -> Candidate | Waiting:
    fields = mapped.fields
    tag = fields.get("center")
    center_id = find_center(tag) if tag and find_center else None
    # Meta's own test leads name no center and no phone: they are stored apart, without work.
    if not mapped.is_test:
        if "phone" not in fields and "email" not in fields:
            return Waiting(ReasonCode.NO_CONTACT)
        if tag is None:
            return Waiting(ReasonCode.NO_CENTER)
        if find_center and center_id is None:
            return unknown_center(tag)
    return Candidate(
        created_time=came.created,
        center_id=center_id,
        center_tag=None if find_center else tag,
        source=came.source,
        player_name=fields.get("player_name"),
        player_age_category=fields.get("player_age_category"),
        phone=fields.get("phone"),
        email=fields.get("email"),
        address=fields.get("address"),
        leadgen_id=came.leadgen_id,
        is_test=mapped.is_test,
        origin=came.origin,
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
