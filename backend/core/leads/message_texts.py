"""The WhatsApp texts that team leads edit: for all centers, or for one of them.

A text of a center replaces the one of the same name for all centers. An archived text is offered no
more, and stays for the history of those who got it.
"""

from sqlalchemy import ColumnElement, select
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col

from backend.core import times
from backend.core.access import Person, for_all_or_visible_to
from backend.core.errors import Conflict, Invalid, MessageTextNotFound
from backend.models import Center, MessageText
from backend.schemas.message_texts import MessageTextChange, MessageTextOut, NewMessageText

_NOT_EMPTY = ("label", "message")


class LabelTaken(Conflict):
    """Another text for the same center has this name."""

    detail = "Another text for the same center has this name. Choose another name"


def seen_by(person: Person) -> ColumnElement[bool]:
    """Return the condition for the texts that a person can use: for all, or for their centers."""
    return for_all_or_visible_to(person, MessageText.center_id)


def list_all(session: Session, person: Person) -> list[MessageTextOut]:
    """Return the texts that a person can use, including archived ones, by name."""
    query = select(MessageText).where(seen_by(person))
    texts = session.scalars(query).all()
    return [show(one) for one in sorted(texts, key=lambda one: (fold(one.label), one.id))]


def create(session: Session, new: NewMessageText) -> MessageTextOut:
    """Add a text. Raises `LabelTaken`, and `Invalid` for an unknown center."""
    text = MessageText(**new.model_dump())
    session.add(text)
    return _save(session, text)


def change(session: Session, text_id: int, given: MessageTextChange) -> MessageTextOut:
    """Change the given fields. Raises `MessageTextNotFound`, `LabelTaken` and `Invalid`."""
    text = _to_change(session, text_id)
    for name in given.model_fields_set:
        value = getattr(given, name)
        if value is not None or name not in _NOT_EMPTY:
            setattr(text, name, value)
    return _save(session, text)


def archive(session: Session, text_id: int) -> MessageTextOut:
    """Offer a text no more; archived twice, it keeps its first time."""
    text = _to_change(session, text_id)
    text.archived_at = text.archived_at or times.now()
    return _save(session, text)


def restore(session: Session, text_id: int) -> MessageTextOut:
    """Offer an archived text again. Raises `MessageTextNotFound` and `LabelTaken`."""
    text = _to_change(session, text_id)
    text.archived_at = None
    return _save(session, text)


def find(session: Session, person: Person, text_id: int) -> MessageText | None:
    """Return a text that a person can use, archived or not, or None."""
    query = select(MessageText).where(col(MessageText.id) == text_id, seen_by(person))
    return session.scalars(query).one_or_none()


def fold(label: str) -> str:
    """Return a name for comparison: capitals and spaces make no difference."""
    return " ".join(label.split()).casefold()


def show(text: MessageText) -> MessageTextOut:
    """Return a text as the API shows it."""
    assert text.id is not None
    return {
        "id": text.id,
        "label": text.label,
        "message": text.message,
        "status": text.status,
        "center_id": text.center_id,
        "archived": text.archived_at is not None,
    }


def _to_change(session: Session, text_id: int) -> MessageText:
    text = session.get(MessageText, text_id, with_for_update=True)
    if text is None:
        raise MessageTextNotFound
    return text


def _save(session: Session, text: MessageText) -> MessageTextOut:
    with session.no_autoflush:
        if text.center_id is not None and session.get(Center, text.center_id) is None:
            raise Invalid.at("body", "center_id", msg="Choose a center")
    is_offered = text.archived_at is None
    text.key = f"{text.center_id or 0} {fold(text.label)}" if is_offered else None
    try:
        session.flush()
    except IntegrityError as error:
        raise LabelTaken from error
    return show(text)
