"""Forms, Meta's and the academy's own: what their questions mean.

Meta's have numbers as ids. The others are `webhook`, or `webhook:` with the id that they send.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.error_text import listed
from backend.core.errors import FormNotFound, Invalid
from backend.core.intake import deliveries, field_mapping
from backend.core.intake.bodies.submission import FORM
from backend.models import Delivery, Form
from backend.schemas.intake import LONGEST_QUESTION, MOST_QUESTIONS, FormOut


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


def is_own(form_id: str) -> bool:
    """Return whether a form is one of the academy's own, and not Meta's."""
    return form_id.partition(":")[0] == FORM


def known_mapping(session: Session, form_id: str) -> Mapping[str, str]:
    """Return the mapping that a team lead has set, by folded question, if there is any."""
    found = session.scalar(select(col(Form.mapping)).where(col(Form.id) == form_id))
    return found or {}


def saw_lead(session: Session, form_id: str, created: datetime) -> None:
    """Store the newest `created_time` (UTC) of the form's leads, however they came."""
    form = _of(session, form_id)
    if form.newest_lead_at is None or created > form.newest_lead_at:
        form.newest_lead_at = created


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


def _of(session: Session, form_id: str) -> Form:
    form = session.get(Form, form_id)
    if form is None:
        form = Form(id=form_id, mapping={}, questions=[])
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
    }
