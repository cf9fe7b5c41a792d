"""Forms, Meta's and the academy's own: what their questions mean, and their centers.

Meta's have numbers as ids. The others are `webhook`, or `webhook:` with the id that they send.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import func, select
from sqlmodel import Session, col

from backend.core import times
from backend.core.database import pipeline, upsert
from backend.core.error_text import listed
from backend.core.errors import FormNotFound, Invalid, PageNotFound
from backend.core.intake import center_aliases, deliveries, field_mapping
from backend.core.intake.bodies.submission import FORM
from backend.core.reasons import ReasonCode
from backend.models import Delivery, DeliveryState, Form, Page
from backend.schemas.intake import LONGEST_QUESTION, MOST_QUESTIONS, FormOut, PageOut


def own_mapping(
    session: Session, form_id: str | None, questions: Sequence[str], *, hold: bool = False
) -> Mapping[str, str]:
    """Return the mapping that a team lead has set, by folded question; stores new questions.

    With `hold` no one can change it until the transaction ends.
    """
    if form_id is None:
        return {}
    form = _of(session, form_id)
    if hold:
        session.flush()
        session.refresh(form, with_for_update=True)
    known = (question.replace("\0", "")[:LONGEST_QUESTION] for question in questions)
    asked = list(dict.fromkeys([*form.questions, *known]))[:MOST_QUESTIONS]
    if asked != form.questions:
        form.questions = asked
    return form.mapping


def box_texts(session: Session, form_id: str | None) -> Mapping[str, str]:
    """Return what the form's consent boxes say, by their keys; empty where it isn't known yet."""
    form = session.get(Form, form_id) if form_id is not None else None
    return (form.boxes if form is not None else None) or {}


def is_own(form_id: str) -> bool:
    """Return whether a form is one of the academy's own, and not Meta's."""
    return form_id.partition(":")[0] == FORM


def known_mapping(session: Session, form_id: str) -> Mapping[str, str]:
    """Return the mapping that a team lead has set, by folded question, if there is any."""
    query = "SELECT CAST(mapping AS text) FROM form WHERE id = %s", (form_id,)
    (rows,) = pipeline.run(session, query)
    return orjson.loads(rows[0][0]) if rows else {}


def saw_lead(session: Session, form_id: str, created: datetime) -> None:
    """Store the newest `created_time` (UTC) of the form's leads, however they came."""
    form = _of(session, form_id)
    if form.newest_lead_at is None or created > form.newest_lead_at:
        form.newest_lead_at = created


def known_center(session: Session, form_id: str) -> int | None:
    """Return the center that a person has set for a form, if that isn't archived."""
    form = session.get(Form, form_id)
    return None if form is None else center_aliases.if_open(session, form.center_id)


def own_center(session: Session, form_id: str | None, page_id: str | None) -> int | None:
    """Return the center for leads that don't name one: the form's own, or its page's.

    An archived one counts for nothing. The page of a form is remembered, if `page_id` names it.
    """
    form = None if form_id is None else _of(session, form_id)
    if form is not None:
        if page_id is not None and page_id != form.page_id:
            form.page_id = page_id
            new = upsert.insert(session, Page).values(id=page_id).on_conflict_do_nothing()
            session.connection().execute(new)
        page_id = form.page_id
        if (own := center_aliases.if_open(session, form.center_id)) is not None:
            return own
    if page_id is None:
        return None
    of_page = session.scalar(select(col(Page.center_id)).where(col(Page.id) == page_id))
    return center_aliases.if_open(session, of_page)


def list_all(session: Session) -> list[FormOut]:
    """Return the forms that any lead has come from."""
    return [_out(form) for form in session.scalars(select(Form).order_by(col(Form.id)))]


def set_mapping(session: Session, form_id: str, wanted: Mapping[str, str]) -> FormOut:
    """Set which field each question fills, and process the form's open deliveries again.

    An empty text for a field keeps the question as an answer. A form of the academy's own needs no
    delivery before. Raises `FormNotFound`, and `Invalid` for a field that no lead has.
    """
    form = session.get(Form, form_id, with_for_update=True)
    if form is None and not is_own(form_id):
        raise FormNotFound
    form = form or _of(session, form_id)
    for name in wanted.values():
        if name not in (*field_mapping.FIELDS, field_mapping.ANSWER):
            msg = f"Choose {listed(field_mapping.FIELDS)}, or leave the field empty"
            raise Invalid.at("body", "mapping", msg=msg)
    form.mapping = {field_mapping.fold(question): name for question, name in wanted.items()}
    session.flush()
    deliveries.reopen(session, col(Delivery.form_id) == form_id)
    return _out(form)


def set_center(session: Session, form_id: str, center_id: int | None) -> FormOut:
    """Set the center for leads that don't name one, and process the waiting ones again.

    None: they wait for a person. Raises `FormNotFound`, `CenterNotFound` and `CenterArchived`.
    """
    form = session.get(Form, form_id, with_for_update=True)
    if form is None:
        raise FormNotFound
    if center_id is not None:
        center_aliases.check_open(session, center_id)
    form.center_id = center_id
    session.flush()
    reopen_without_center(session, col(Delivery.form_id) == form_id)
    return _out(form)


def list_pages(session: Session) -> list[PageOut]:
    """Return the pages that any lead has come from."""
    query = (
        select(col(Page.id), col(Page.center_id), func.count(col(Form.id)))
        .join(Form, col(Form.page_id) == col(Page.id), isouter=True)
        .group_by(col(Page.id), col(Page.center_id))
        .order_by(col(Page.id))
    )
    found = session.connection().execute(query)
    return [{"id": id, "center_id": center, "forms": forms} for id, center, forms in found]


def set_page_center(session: Session, page_id: str, center_id: int | None) -> PageOut:
    """Do the same for all forms of a page that have no center of their own.

    Raises `PageNotFound`, `CenterNotFound` and `CenterArchived`.
    """
    page = session.get(Page, page_id, with_for_update=True)
    if page is None:
        raise PageNotFound
    # A delivery that starts to wait at this moment holds its form. The forms are locked before the
    # names, as everywhere.
    of_page = select(col(Form.id)).where(col(Form.page_id) == page_id).order_by(col(Form.id))
    ids = list(session.scalars(of_page.with_for_update()))
    if center_id is not None:
        center_aliases.check_open(session, center_id)
    page.center_id = center_id
    session.flush()
    reopen_without_center(session, col(Delivery.form_id).in_(ids))
    return next(one for one in list_pages(session) if one["id"] == page_id)


def reopen_without_center(session: Session, *conditions: Any) -> int:
    """Process the deliveries again that name no center. Returns how many."""
    return deliveries.reopen(
        session,
        col(Delivery.state) == DeliveryState.WAITING,
        col(Delivery.reason) == ReasonCode.NO_CENTER,
        *conditions,
    )


def _of(session: Session, form_id: str) -> Form:
    form = session.get(Form, form_id)
    if form is None:
        form = Form(id=form_id, mapping={}, questions=[], seen_at=times.now())
        session.add(form)
        session.flush()
    return form


def _out(form: Form) -> FormOut:
    return {
        "id": form.id,
        "questions": [
            {"question": question, "field": field_mapping.field_of(question, form.mapping)}
            for question in form.questions
        ],
        "mapping": form.mapping,
        "newest_lead_at": form.newest_lead_at,
        "center_id": form.center_id,
        "page_id": form.page_id,
        "name": form.name,
        "status": form.status,
    }
