"""Find the leads that others were merged into, for the rows of an import: in bulk."""

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from backend.core.database.bulk_insert import among, batches
from backend.core.leads.match_keys import EMAIL
from backend.models import Lead, LeadMerge, LeadPhone


def find(
    session: Session, leads: Collection[int], emails: Sequence[str]
) -> Iterator[tuple[Any, ...]]:
    """Yield the merges into leads with the households of these, and those of leads with an email.

    Each with its household's key, the lead, whether that is a test, and the name and traits of the
    lead that was merged.
    """
    rows_of = session.connection().execute
    if not rows_of(select(exists().where(col(LeadMerge.name_key).is_not(None)))).scalar():
        return
    columns = (
        col(LeadMerge.current_id), col(Lead.is_test), col(LeadMerge.name_key),
        col(LeadMerge.player_age_category), col(LeadMerge.birth_date), col(LeadMerge.leadgen_id),
    )  # fmt: skip
    merges = col(LeadMerge.current_id) == col(Lead.id)
    for batch in batches(leads):
        of_leads = among(session, col(Lead.id), batch), col(LeadMerge.name_key).is_not(None)
        own = select(col(Lead.phone_key), *columns).join_from(Lead, LeadMerge, merges)
        further = (
            select(col(LeadPhone.phone_key), *columns)
            .join_from(Lead, LeadMerge, merges)
            .join(LeadPhone, col(LeadPhone.lead_id) == col(Lead.id))
        )
        for query in (own, further):
            for row in rows_of(query.where(*of_leads)):
                yield tuple(row)
    for some in batches(emails):
        by_email = select(col(LeadMerge.email_key), *columns).join_from(Lead, LeadMerge, merges)
        for key, *rest in rows_of(by_email.where(among(session, col(LeadMerge.email_key), some))):
            yield f"{EMAIL}{key}", *rest
