"""The demo academy's age categories, and sources of leads that its people add."""

from sqlmodel import Session

from backend.core.leads import choice_editing
from backend.models import ChoiceKind
from backend.schemas.choices import NewChoice

AGES = ("U7", "U9", "U11", "U13", "U15")
SOURCES = ("Walk-in", "Referral", "School visit")


def add(session: Session) -> None:
    """Add the lists for all centers."""
    for kind, texts in ((ChoiceKind.AGE_GROUP, AGES), (ChoiceKind.SOURCE, SOURCES)):
        for text in texts:
            choice_editing.add(session, NewChoice(kind=kind, text=text))
