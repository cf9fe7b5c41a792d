"""What a delivery says: a lead to be matched, or what is missing before it can be."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import orjson
from sqlmodel import Session

from backend.core import dates, times
from backend.core.center_keys import center_key
from backend.core.intake import center_aliases, field_mapping, forms
from backend.core.intake.bodies import likely_names
from backend.core.intake.bodies.submission import Submission
from backend.core.intake.field_mapping import Mapped
from backend.core.intake.meta import consent_boxes, notifications
from backend.core.leads.consents import Box
from backend.core.leads.imported_state import WorkState
from backend.core.leads.matching import Candidate
from backend.core.reasons import Reason, ReasonCode
from backend.core.settings import Settings
from backend.core.vocabulary.phone_codes import NOWHERE
from backend.models import Source

Origin = dict[str, str | bool | None]
_UTC = ZoneInfo("UTC")
_ORIGIN_TEXTS = (
    "ad_id", "ad_name", "adset_id", "adset_name", "campaign_id", "campaign_name", "platform",
)  # fmt: skip
# Any other platform isn't one of Meta's.
_PLATFORMS = frozenset({"fb", "ig"})
# `-- Select your center --`, as a key.
_NO_CHOICE = re.compile(
    r"(?:please )?(?:select|choose|pick)(?: (?:an?|the|your|one|any|nearest|preferred|tofa))*"
    r"(?: (?:option|cent(?:er|re)|branch|location|academy|ground|city|value))?(?: (?:here|below))?"
)
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
    # Where a person has placed it, and the center of its form or page, for one that names none.
    placed: int | None = None
    own_center: int | None = None
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class _Answers:
    """The answers to a form of Meta's, and the region of a phone for which none names a country."""

    form_id: str | None
    page_id: str | None
    answers: Sequence[tuple[str, str]]
    region: str


def read(
    session: Session,
    settings: Settings,
    source: str,
    body: str,
    fetched: Mapping[str, Any] | None,
    received_at: datetime,
    placed: int | None = None,
) -> Candidate | Waiting:
    """Read a lead of Meta or a row of a spreadsheet; `fetched` is what the Graph API answered.

    `placed` is the center at which a person has placed it.
    """
    placed = center_aliases.if_open(session, placed)
    if fetched is not None:
        page_id = notifications.page_of(body)
        return from_graph(session, settings, source, fetched, received_at, placed, page_id)
    return from_row(session, settings, orjson.loads(body), received_at, placed)


def from_graph(
    session: Session,
    settings: Settings,
    source: str,
    lead: Mapping[str, Any],
    received_at: datetime,
    placed: int | None = None,
    page_id: str | None = None,
) -> Candidate | Waiting:
    """Read a lead as the Graph API returns it; `page_id` is the page that announced it."""
    created = _created(lead.get("created_time"), settings, received_at)
    form_id = notifications.as_id(lead.get("form_id"))
    # No lead was made after it came in: a form would seem to bring leads for years.
    created = min(created, received_at)
    came = _Came(
        source,
        created,
        notifications.as_id(lead.get("id")),
        _origin(lead) | ({"form_id": form_id} if form_id is not None else {}),
        placed,
        boxes=consent_boxes.read(lead, source, created, form_id, forms.box_texts(session, form_id)),
    )
    answers = field_mapping.read_field_data(lead.get("field_data"))
    said = _Answers(form_id, page_id, answers, settings.phone_region)
    delivery = _of_form(session, came, said, hold=False)
    if isinstance(delivery, Waiting):
        # A team lead who maps the form's questions at this moment would miss this delivery.
        delivery = _of_form(session, came, said, hold=True)
    return delivery


def _of_form(session: Session, came: _Came, said: _Answers, *, hold: bool) -> Candidate | Waiting:
    """Read the answers to a form of Meta's; `hold` keeps its mapping as it is meanwhile."""
    questions = [question for question, _ in said.answers]
    own = forms.own_mapping(session, said.form_id, questions, hold=hold)
    mapped = field_mapping.map_answers(said.answers, own, said.region)
    if said.form_id is not None and not mapped.is_test:
        forms.saw_lead(session, said.form_id, came.created)
    came = replace(came, own_center=forms.own_center(session, said.form_id, said.page_id))
    return _candidate(center_aliases.Finder(session), mapped, came)


def from_flat(
    session: Session,
    value: Mapping[str, Any],
    received_at: datetime,
    placed: int | None = None,
) -> Candidate | Waiting:
    """Read a lead in the flat form of the academy's own pages, which must have a phone."""
    find_center = center_aliases.Finder(session)
    return from_submission(
        Submission.of(value), received_at, find_center=find_center, placed=placed
    )


def from_submission(
    said: Submission,
    received_at: datetime,
    own: Mapping[str, str] | None = None,
    find_center: center_aliases.Finder | None = None,
    placed: int | None = None,
    region: str = NOWHERE,
    *,
    by_value: bool = False,
) -> Candidate | Waiting:
    """Read what a form has posted; `own` is its mapping, by folded question.

    `region` is the one of a phone for which nothing names a country, `by_value` is as
    `answer_fields.sort` takes it. Without `find_center` the
    candidate has its `center_tag` instead of its center.
    """
    mapped = said.map(own or {}, region, by_value=by_value)
    if "phone" not in mapped.fields:
        return Waiting(ReasonCode.NO_PHONE)
    ad = _ad_of(
        {
            name: text
            for name, text in mapped.answers.items()
            if field_mapping.fold(name) not in (own or {})
        }
    )
    came = _Came(Source.FLAT, received_at, origin=dict(ad.values()), placed=placed)
    rest = {name: text for name, text in mapped.answers.items() if name not in ad}
    return _candidate(find_center, replace(mapped, answers=rest), came, own or {})


def _ad_of(answers: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what answers say of an ad of Meta's, as tools that pass its leads on have it.

    By the question: the column of the lead's origin, and its value.
    """
    found: dict[str, tuple[str, str]] = {}
    for question, text in answers.items():
        name = likely_names.plain(question)
        is_told = name in _ORIGIN_TEXTS and name not in {column for column, _ in found.values()}
        if is_told and len(text) <= _LONGEST_ORIGIN and (name != "platform" or text in _PLATFORMS):
            found[question] = (name, text)
    return found


def from_row(
    session: Session,
    settings: Settings,
    row: Mapping[str, Any],
    received_at: datetime,
    placed: int | None = None,
) -> Candidate | Waiting:
    """Read a row of a spreadsheet: fields of `Candidate` by name, and `center`, the text for it.

    `created_time` is ISO 8601. What is missing or null is not known. `work` is as
    `leads.imported_state.WorkState.of` takes it.
    """
    fields = {name: str(row[name]) for name in field_mapping.FIELDS if row.get(name) is not None}
    answers = {str(name): str(text) for name, text in (row.get("answers") or {}).items()}
    mapped = Mapped(fields, answers, bool(row.get("is_test")))
    came = _Came(
        Source.UPLOAD,
        _created(row.get("created_time"), settings, received_at),
        notifications.as_id(row.get("leadgen_id")),
        dict(row.get("origin") or {}),
        placed,
    )
    found = _candidate(center_aliases.Finder(session), mapped, came)
    if isinstance(found, Waiting):
        return found
    return replace(found, work=WorkState.of(row.get("work")))


def unknown_center(tag: str) -> Waiting:
    """Return that no center has this name."""
    return Waiting(ReasonCode.UNKNOWN_CENTER, tag)


def _candidate(
    find_center: center_aliases.Finder | None,
    mapped: Mapped,
    came: _Came,
    own: Mapping[str, str] | None = None,
) -> Candidate | Waiting:
    """Return the lead that a form says.

    `own` is the mapping of one of the academy's own forms. If that asks for the center by another
    name, an answer that is a center's name says it.
    """
    fields = mapped.fields
    tag = fields.get("center")
    if tag is not None and (not (key := center_key(tag)) or _NO_CHOICE.fullmatch(key)):
        tag = None  # a dash, characters that nobody sees, or what a list shows before a choice
    center_id = _center(find_center, tag, came)
    if find_center and own is not None and tag is None and center_id is None:
        center_id = find_center.among(
            text
            for name, text in mapped.answers.items()
            # The parents' city has a field of its own.
            if field_mapping.fold(name) not in own and field_mapping.field_of(name, {}) is None
        )
    # Meta's own test leads name no center and no phone: they are stored apart, without work.
    if not mapped.is_test:
        if "phone" not in fields and "email" not in fields:
            return Waiting(ReasonCode.NO_CONTACT)
        if tag is None and center_id is None:
            return Waiting(ReasonCode.NO_CENTER)
        if find_center and tag is not None and center_id is None:
            return unknown_center(tag)
    answers = dict(mapped.answers)
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
        birth_date=_birth_date(fields, answers),
        origin=_with_campaign(came.origin, fields, answers),
        answers=answers,
        alias_key=find_center.alias_key if find_center else None,
        boxes=came.boxes,
    )


def _center(find_center: center_aliases.Finder | None, tag: str | None, came: _Came) -> int | None:
    """Return the center: where a person placed it, what its answers name, or its form's own."""
    if came.placed is not None:
        return came.placed
    if tag is None:
        return came.own_center
    return find_center(tag) if find_center else None


def _with_campaign(origin: Origin, fields: Mapping[str, str], answers: dict[str, str]) -> Origin:
    """Return the origin with the campaign that a form names, if Meta hasn't named one."""
    named = fields.get("campaign")
    if named is None:
        return origin
    if origin.get("campaign_name") or origin.get("campaign_id"):
        answers.setdefault("campaign", named)
        return origin
    return origin | {"campaign_name": named}


def _birth_date(fields: Mapping[str, str], answers: dict[str, str]) -> date | None:
    """Return the date of birth; a text that isn't one date for certain is kept as an answer."""
    text = fields.get("birth_date")
    if text is None:
        return None
    # Meta's own question is month first in some languages, and day first in others.
    orders = () if text.isdecimal() else (dates.DAY_FIRST, dates.MONTH_FIRST)
    read = {dates.read(text, order, _UTC) for order in orders}
    born = {one.date() if isinstance(one, datetime) else one for one in read}
    day = born.pop() if len(born) == 1 else None
    if day is None or day > times.now().date():
        answers.setdefault("date_of_birth", text)
        return None
    return day


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
