"""The queries for the leads of many households at once, by their numbers and emails."""

from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among
from backend.core.leads.match_keys import EMAIL, TEST
from backend.models import Lead, LeadPhone

# What is read of each lead, after the key that it was looked up by.
_LEAD = (
    col(Lead.id), col(Lead.is_test), col(Lead.name_key), col(Lead.created_time),
    col(Lead.player_age_category), col(Lead.birth_date), col(Lead.leadgen_id),
)  # fmt: skip


def by_kind(households: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the numbers and the emails to look up; test leads are found with them."""
    numbers: dict[str, None] = {}
    emails: dict[str, None] = {}
    for one in households:
        key = one.removeprefix(TEST)
        kind = emails if key.startswith(EMAIL) else numbers
        kind[key.removeprefix(EMAIL)] = None
    return list(numbers), list(emails)


def by_number(session: Session, numbers: Sequence[str], *, has_further: bool) -> Sequence[Any]:
    """Return the leads that have one of the numbers, with that, the oldest first.

    `has_further` is whether any lead has further numbers.
    """
    rows_of = session.connection().execute
    own = select(col(Lead.phone_key), *_LEAD).where(among(session, col(Lead.phone_key), numbers))
    found = list(rows_of(own))
    if has_further:
        further = select(col(LeadPhone.phone_key), *_LEAD).join_from(
            LeadPhone, Lead, col(Lead.id) == col(LeadPhone.lead_id)
        )
        found += rows_of(further.where(among(session, col(LeadPhone.phone_key), numbers)))
    return sorted(found, key=itemgetter(1))


def by_email(session: Session, emails: Sequence[str]) -> Sequence[Any]:
    """Return the leads without any number that have one of the emails, the oldest first."""
    query = select(col(Lead.email_key), *_LEAD).where(
        among(session, col(Lead.email_key), emails),
        col(Lead.phone_key).is_(None),
        ~exists().where(col(LeadPhone.lead_id) == col(Lead.id)),
    )
    return session.connection().execute(query.order_by(col(Lead.id))).all()
