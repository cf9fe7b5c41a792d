"""The demo academy's WhatsApp texts."""

from sqlmodel import Session

from backend.core.leads import message_texts
from backend.models import Status
from backend.schemas.message_texts import NewMessageText

_TEXTS = (
    NewMessageText(
        label="Sorry we missed you",
        message="Hello, this is {caller} from {center}. We tried to call you about football "
        "training for {name}. When is a good time to talk?",
    ),
    NewMessageText(
        label="Trial reminder",
        status=Status.TRIAL_SCHEDULED,
        message="Hello, a reminder of {name}'s free trial at {center} on {trial}. Please bring "
        "sports shoes and a bottle of water. See you there! {caller}",
    ),
    NewMessageText(
        label="Welcome",
        status=Status.JOINED,
        message="Welcome to {center}, {name}! We're happy to have you in the team. {caller}",
    ),
)


def add(session: Session) -> None:
    """Add the texts for all centers."""
    for text in _TEXTS:
        message_texts.create(session, text)
