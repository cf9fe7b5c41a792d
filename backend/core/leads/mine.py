"""The list of all the leads that a person may see, as it always was."""

from typing import cast

from sqlalchemy import select
from sqlmodel import Session, col

from backend.core import rows
from backend.core.access import Person, visible_to
from backend.core.rows import written
from backend.models import Lead
from backend.schemas.leads import LeadOut


def list_mine(session: Session, person: Person) -> list[LeadOut]:
    """All leads that a person may see, oldest first, as they are answered."""
    query = (
        select(
            col(Lead.id),
            written(col(Lead.created_time)).label("created_time"),
            col(Lead.player_name),
            col(Lead.player_age_category),
            col(Lead.phone),
            col(Lead.email),
            col(Lead.address),
            col(Lead.status),
            written(col(Lead.next_followup_date)).label("next_followup_date"),
            col(Lead.center_id),
        )
        .where(visible_to(person))
        .order_by(col(Lead.id))
    )
    return cast(list[LeadOut], rows.fetch(session, query))
