"""What there is to filter by: what the newest leads have, since to read all would take long."""

from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core.access import Person, visible_to
from backend.models import Lead
from backend.schemas.leads import Choices

# The values of so many of the newest leads are offered, and of campaigns so many.
_NEWEST = 2_000
_MOST = 200


def show(session: Session, person: Person) -> Choices:
    """Those of the newest leads that a person may see, in the order of the alphabet."""
    newest = (
        select(col(Lead.source), col(Lead.campaign), col(Lead.player_age_category))
        .where(visible_to(person))
        .order_by(col(Lead.created_time).desc(), col(Lead.id).desc())
        .limit(_NEWEST)
        .subquery()
    )
    columns: Any = newest.c
    found = [
        _values(session, newest, column)
        for column in (columns.source, columns.campaign, columns.player_age_category)
    ]
    sources, campaigns, ages = found
    return {"sources": sources, "campaigns": campaigns, "age_categories": ages}


def _values(session: Session, newest: Any, column: Any) -> list[str]:
    query = (
        select(column)
        .select_from(newest)
        .where(column.is_not(None))
        .distinct()
        .order_by(column)
        .limit(_MOST)
    )
    return [str(value) for value in session.connection().scalars(query)]
